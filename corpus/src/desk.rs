//! One element and its terminal: writes records in true time and collects them into a bundle.

use jushin_pki::Certificate;
use jushin_statement::*;

use crate::token::{Stated, token};
use crate::tpm::Attestation;
use crate::world::{
    INSTITUTION, Key, MORNING, RECORD_COUNTER, World, YEAR, extension, millisecond_clock, sign_as_platform,
    sign_es256, world,
};

/// Which element the desk has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Software under the marked CA.
    Demo,
    /// Software under the unmarked CA.
    Software,
    /// An applet.
    Applet,
    /// A TPM.
    Tpm,
    /// An applet that counts records.
    DateStamp,
}

/// One element, its terminal, and everything that they wrote.
#[derive(Clone)]
pub struct Desk {
    /// Which element it is.
    pub form: Form,
    /// The device key, K-dev.
    pub device: Key,
    /// The element's certificate.
    pub certificate: Certificate,
    /// Its name.
    pub element: Id16,
    /// The clock that the certificate describes.
    pub tick: TickSpec,
    /// The true time, milliseconds since 1970.
    pub now: i64,
    boot: i64,
    /// Name of the power cycle.
    pub cycle: Id16,
    boots: u32,
    count: u64,
    /// The monotonic counter.
    pub counter: u64,
    /// Payload hash of the last record or presence.
    pub previous: Hash,
    /// The last record as signed.
    pub last_record: Option<Signed>,
    /// The binding under which the element works.
    pub binding: Binding,
    /// The unlock that the next presence names.
    pub anchor: Hash,
    /// Unlocks, closes and beacons.
    pub anchors: Vec<Embedded<Anchor>>,
    /// All other records.
    pub records: Vec<Signed>,
    /// The history of bindings.
    pub bindings: Vec<Signed>,
    /// The evidence.
    pub visits: Vec<Evidence>,
    /// Which of the two time-stamping authorities serves next.
    pub authority: usize,
    /// How far each authority's clock is off.
    pub off: [i64; 2],
    /// The element's clock runs this many millionths too fast.
    pub fast_ppm: i64,
}

impl Desk {
    /// A desk that was powered on at [`MORNING`] + 1 ms and is locked.
    pub fn new(form: Form) -> Self {
        Self::with_device(form, world().device.clone())
    }

    /// The same with another device key.
    pub fn with_device(form: Form, device: Key) -> Self {
        let world = world();
        let (ca, kind, tick, simulated) = match form {
            Form::Demo => (&world.demo_ca, ElementKind::Software, millisecond_clock(100), true),
            Form::Software => (&world.element_ca, ElementKind::Software, millisecond_clock(100), false),
            Form::Applet => (&world.element_ca, ElementKind::Applet, millisecond_clock(100), false),
            Form::Tpm => (&world.element_ca, ElementKind::Tpm, millisecond_clock(150_000), false),
            Form::DateStamp => (&world.element_ca, ElementKind::Applet, RECORD_COUNTER, false),
        };
        let certificate = world.element_certificate(ca, &device, &extension(kind, tick, simulated));
        let element = Id16::of_spki(device.spki());
        let binding = first_binding(element);
        let mut desk = Self {
            form,
            device,
            certificate,
            element,
            tick,
            now: MORNING + 1,
            boot: MORNING + 1,
            cycle: Id16([0; 16]),
            boots: 0,
            count: 0,
            counter: 0,
            previous: Hash::ZERO,
            last_record: None,
            bindings: vec![sign_as_platform(&binding, &world.binding)],
            binding,
            anchor: Hash::ZERO,
            anchors: Vec::new(),
            records: Vec::new(),
            visits: Vec::new(),
            authority: 0,
            off: [0, 0],
            fast_ppm: 0,
        };
        desk.power_on();
        desk
    }

    /// A desk whose element is unlocked online.
    pub fn unlocked(form: Form) -> Self {
        let mut desk = Self::new(form);
        desk.unlock();
        desk
    }

    /// An unlocked desk with one visit and a close: valid and closed.
    pub fn complete(form: Form) -> Self {
        let mut desk = Self::unlocked(form);
        desk.wait(60_000);
        desk.visit();
        desk.wait(60_000);
        desk.close();
        desk
    }

    /// Lets true time pass.
    pub fn wait(&mut self, millis: i64) {
        self.now += millis;
    }

    /// Begins a new power cycle.
    pub fn power_on(&mut self) {
        self.boots += 1;
        self.boot = self.now;
        self.cycle = Hash::of(&[self.element.0[0], u8::try_from(self.boots).unwrap()]).first16();
        self.count = 0;
        let ticks = Ticks { cycle: self.cycle, count: 0 };
        self.counter += 1;
        let (element, counter, previous) = (self.element, self.counter, self.previous);
        let boot = Boot { element, ticks, counter, pending: None, previous };
        let record = self.sign(&boot);
        self.records.push(record);
    }

    /// Takes one counter value; gives ticks, counter and predecessor.
    pub fn step(&mut self) -> (Ticks, u64, Hash) {
        self.counter += 1;
        self.count += 1;
        let count = if self.tick.kind == TickKind::Date {
            self.count
        } else {
            let elapsed = self.now - self.boot;
            u64::try_from(elapsed + elapsed * self.fast_ppm / 1_000_000).unwrap()
        };
        (Ticks { cycle: self.cycle, count }, self.counter, self.previous)
    }

    /// Signs a record as this kind of element does, and makes it the head of the chain.
    pub fn sign<S: Statement>(&mut self, record: &S) -> Signed {
        self.sign_attested(record, &|_| {})
    }

    /// As [`sign`](Self::sign), with what a TPM attests changed before it is signed.
    pub fn sign_attested<S: Statement>(&mut self, record: &S, edit: &dyn Fn(&mut Attestation)) -> Signed {
        let payload = record.encode();
        self.previous = Hash::of(&payload);
        let signed = if self.form == Form::Tpm {
            let link = Record::decode(&payload).unwrap().link();
            let time = u64::try_from(self.now - self.boot).unwrap();
            let mut attestation = Attestation::of(link.counter, time.max(link.ticks.count), (self.boots, 0));
            edit(&mut attestation);
            attestation.sign(&payload, &self.device)
        } else {
            sign_es256(record, &self.device)
        };
        self.last_record = Some(signed.clone());
        signed
    }

    /// Closes the chain so far with a time-stamped record.
    pub fn close(&mut self) {
        let signer = &world().time_stamper[self.authority];
        let stated = Stated::at(self.now + 300 + self.off[self.authority]);
        let (ticks, counter, previous) = self.step();
        let close = Close {
            element: self.element,
            nonce: Hash::of(b"close"),
            head: previous,
            lo: 1,
            hi: counter - 1,
            ticks,
            counter,
            previous,
        };
        let close_s = self.sign(&close);
        let token = token(&close_s, stated, signer).into();
        self.anchors.push(Embedded(Anchor::Close { close: close_s, token }));
    }

    /// Binds the element again, without telling it.
    pub fn rebind(&mut self, state: BindingState, from_counter: Option<u64>) {
        let seq = self.binding.seq + u64::try_from(self.bindings.len()).unwrap();
        let binding = Binding { seq, state, from_counter, ..self.binding.clone() };
        self.bindings.push(sign_as_platform(&binding, &world().binding));
    }

    /// Changes the binding before the element is unlocked under it.
    pub fn bind(&mut self, change: impl Fn(&mut Binding)) {
        change(&mut self.binding);
        self.bindings = vec![sign_as_platform(&self.binding, &world().binding)];
    }

    /// The element's certificate and the institution's CV certificate.
    pub fn certificates(&self) -> Vec<Bytes> {
        vec![self.certificate.der().into(), world().cv.as_bytes().as_slice().into()]
    }

    /// Revocation lists of every CA as of an hour after the last event, with nothing on them.
    pub fn revocation(&self) -> Vec<Bytes> {
        self.revocation_at(self.now + 3_600_000, &[])
    }

    /// Revocation lists of every CA as of `at`, with these certificates on them.
    pub fn revocation_at(&self, at: i64, revoked: &[(&Certificate, i64)]) -> Vec<Bytes> {
        let world = world();
        [&world.card_ca, &world.staff_ca].map(|ca| World::crl(ca, at, revoked).into()).to_vec()
    }

    /// Everything, as a full bundle.
    pub fn bundle(&self) -> Bundle {
        Bundle {
            visits: Visits::Full(self.visits.clone()),
            anchors: self.anchors.clone(),
            records: self.records.clone(),
            certificates: self.certificates(),
            revocation: self.revocation(),
            bindings: self.bindings.clone(),
            results: Vec::new(),
            proofs: Vec::new(),
        }
    }

    /// The redacted form, with these results.
    pub fn redacted(&self, results: Vec<Signed>) -> Bundle {
        let redact = |evidence: &Evidence| Redacted {
            presence: evidence.presence.clone(),
            commit: evidence.commit.clone(),
        };
        Bundle {
            visits: Visits::Redacted(self.visits.iter().map(redact).collect()),
            revocation: Vec::new(),
            results,
            ..self.bundle()
        }
    }
}

fn first_binding(element: Id16) -> Binding {
    let world = world();
    Binding {
        id: Hash::of(b"binding").first16(),
        seq: 1,
        state: BindingState::InUse,
        from_counter: None,
        element,
        terminal: Hash::of(b"terminal").first16(),
        terminal_key: Hash::of(b"terminal key"),
        institution: InstitutionCode::new(INSTITUTION).unwrap(),
        certificate: Hash::of(world.cv.as_bytes()),
        administrators: vec![Administrator {
            kind: AdministratorKind::Hpki,
            key: Hash::of(world.administrator.key.spki()),
        }],
        provider_key: Hash::of(world.provider.key.spki()),
        time_stampers: world.time_ca.iter().map(|ca| Hash(ca.certificate().sha256())).collect(),
        not_before: UnixMillis(u64::try_from(MORNING - YEAR).unwrap()),
        not_after: UnixMillis(u64::try_from(MORNING + YEAR).unwrap()),
        policy: Policy {
            begins_online: 500,
            ticks_online: 90_000_000,
            begins_offline: 200,
            ticks_offline: 90_000_000,
            session_ticks: 30_000,
            bracket_ms: 10_000,
            methods: 0b1_0110,
        },
    }
}
