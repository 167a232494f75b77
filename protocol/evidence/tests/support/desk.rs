//! One element and its terminal: writes records in true time and collects them into a bundle.

use jushin_pki::{Certificate, Moment, Suite};
use jushin_statement::*;
use sha2::{Digest, Sha384};

use super::token::{Stated, token};
use super::tpm::Attestation;
use super::world::{
    Holder, INSTITUTION, Key, MORNING, RECORD_COUNTER, World, YEAR, extension, millisecond_clock,
    sign_as_platform, sign_es256, world,
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

/// Which card is presented, and how it signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Card {
    Rsa,
    Pss,
    P384,
    Second,
}

/// What a test changes before things are signed.
pub struct Edit<'e> {
    pub card: Card,
    /// The context under which the card signs.
    pub context: Context,
    /// The certificate in the evidence, if not the card's own.
    pub certificate: Option<Certificate>,
    pub presence: &'e dyn Fn(&mut Presence),
    pub commit: &'e dyn Fn(&mut Commit),
    pub evidence: &'e dyn Fn(&mut Evidence),
    pub attestation: &'e dyn Fn(&mut Attestation),
}

impl Default for Edit<'_> {
    fn default() -> Self {
        Self {
            card: Card::Rsa,
            context: Context::Presence,
            certificate: None,
            presence: &|_| {},
            commit: &|_| {},
            evidence: &|_| {},
            attestation: &|_| {},
        }
    }
}

#[derive(Clone)]
pub struct Desk {
    pub form: Form,
    pub device: Key,
    pub certificate: Certificate,
    pub element: Id16,
    pub tick: TickSpec,
    pub now: i64,
    boot: i64,
    pub cycle: Id16,
    boots: u32,
    count: u64,
    pub counter: u64,
    pub previous: Hash,
    pub last_record: Option<Signed>,
    pub binding: Binding,
    pub anchor: Hash,
    pub anchors: Vec<Embedded<Anchor>>,
    pub records: Vec<Signed>,
    pub bindings: Vec<Signed>,
    pub visits: Vec<Evidence>,
    /// Which of the two time-stamping authorities serves next.
    pub authority: usize,
    /// How far each authority's clock is off.
    pub off: [i64; 2],
    /// The element's clock runs this many millionths too fast.
    pub fast_ppm: i64,
}

impl Desk {
    pub fn new(form: Form) -> Self {
        Self::with_device(form, world().device.clone())
    }

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

    pub fn wait(&mut self, millis: i64) {
        self.now += millis;
    }

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

    /// Unlocks online, or anchors again.
    pub fn unlock(&mut self) {
        self.unlock_stated(Stated::at);
    }

    pub fn unlock_stated(&mut self, stated: impl Fn(i64) -> Stated) {
        let signer = &world().time_stamper[self.authority];
        let off = self.off[self.authority];
        let anchor = self.anchor_by(|stamp, time| token(stamp, stated(time + off), signer));
        self.anchors.push(Embedded(anchor));
    }

    /// Makes an online anchor with a token of the test's own.
    pub fn anchor_by(&mut self, make_token: impl Fn(&Signed, i64) -> Vec<u8>) -> Anchor {
        let (ticks, counter, previous) = self.step();
        let stamp = TickStamp1 {
            element: self.element,
            binding: self.binding.hash(),
            nonce: Hash::of(&counter.to_be_bytes()),
            provider_time: UnixMillis(u64::try_from(self.now).unwrap()),
            ticks,
            counter,
            previous,
        };
        let stamp1 = self.sign(&stamp);
        self.wait(200);
        let token = make_token(&stamp1, self.now);
        let activation = Activation {
            id: Hash::of(&counter.to_le_bytes()).first16(),
            element: self.element,
            cycle: self.cycle,
            counter,
            stamp: stamp.hash(),
            token: Hash::of(&token),
            binding_seq: self.binding.seq,
            begins: 500,
            max_ticks: u64::MAX,
        };
        let act_s = sign_es256(&activation, &world().provider.key);
        self.wait(200);
        let (ticks, counter, previous) = self.step();
        let second = TickStamp2 {
            element: self.element,
            activation: activation.id,
            token: Hash::of(&token),
            activation_hash: activation.hash(),
            ticks,
            counter,
            previous,
        };
        let stamp2 = self.sign(&second);
        self.anchor = online_anchor_hash(stamp.hash(), Hash::of(&token), activation.hash(), second.hash());
        Anchor::Online { stamp1, token: token.into(), activation: act_s, stamp2 }
    }

    /// Unlocks with the administrator's card.
    pub fn unlock_offline(&mut self) {
        let administrator = world().administrator.clone();
        self.unlock_offline_by(&administrator, Context::AdminActivate);
    }

    pub fn unlock_offline_by(&mut self, administrator: &Holder, context: Context) {
        self.unlock_offline_with(administrator, context, &|_| {});
    }

    pub fn unlock_offline_with(
        &mut self,
        administrator: &Holder,
        context: Context,
        edit: &dyn Fn(&mut AdminActivation),
    ) {
        let (ticks, counter, previous) = self.step();
        let mut admin = AdminActivation {
            element: self.element,
            institution: self.binding.institution,
            binding: self.binding.hash(),
            ticks,
            counter,
            nonce: Hash::of(b"sn").first16(),
            claimed: UnixMillis(1),
            last_anchor: self.anchor,
            begins: 200,
            previous,
        };
        edit(&mut admin);
        let payload = admin.encode();
        let message = to_be_signed(context, Alg::Rs256, None, &payload);
        let signature = administrator.key.sign(Suite::RsaPkcs1Sha256, &message).unwrap();
        let signed = Signed::assemble(Alg::Rs256, None, &payload, &signature);
        self.previous = admin.hash();
        self.anchor = signed.imprint();
        let certificate = administrator.certificate.der().into();
        self.anchors.push(Embedded(Anchor::Offline { admin: signed, certificate }));
    }

    pub fn visit(&mut self) -> &Evidence {
        self.visit_with(&Edit::default())
    }

    pub fn visit_with(&mut self, edit: &Edit<'_>) -> &Evidence {
        let (ticks, counter, previous) = self.step();
        let (alg, holder) = card(edit.card);
        let certificate = edit.certificate.clone().unwrap_or_else(|| holder.certificate.clone());
        let blind = Hash::of(&counter.to_be_bytes()).0;
        let nonce = match (&self.last_record, self.form) {
            (Some(record), Form::Tpm) => record.imprint().first16(),
            _ => Hash::of(b"sn").first16(),
        };
        let mut presence = Presence {
            institution: self.binding.institution,
            element: self.element,
            desk: None,
            anchor: self.anchor,
            ticks,
            counter,
            nonce,
            challenge: CardChallenge::new(&[7; 16]).unwrap(),
            form: AuthenticationForm::OpensState,
            certificate: blinded_certificate(&blind, certificate.der()),
            method: HolderCheck::PhotoMachine,
            method_record: Some(Hash::of(b"face")),
            purpose: Purpose::CheckIn,
            consent: None,
            beacon: None,
            previous,
        };
        (edit.presence)(&mut presence);
        self.previous = presence.hash();
        self.wait(1_500);
        let payload = presence.encode();
        let card_signature = card_signature(edit, alg, &holder.key, &presence);
        let digest = Hash::of(&to_be_signed(edit.context, alg, None, &payload));
        let (ticks, counter, previous) = self.step();
        let mut commit = Commit {
            element: self.element,
            outcome: CommitOutcome::Signed,
            presence: digest,
            card_signature: Some(Hash::of(&card_signature)),
            ticks,
            counter,
            previous,
        };
        (edit.commit)(&mut commit);
        let mut evidence = Evidence {
            presence: payload.into(),
            card_alg: alg,
            card_signature: card_signature.into(),
            certificate: certificate.der().into(),
            blind,
            authentication: authentication(&presence).into(),
            commit: self.sign_attested(&commit, edit.attestation),
        };
        (edit.evidence)(&mut evidence);
        self.visits.push(evidence);
        self.visits.last().unwrap()
    }

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

    pub fn certificates(&self) -> Vec<Bytes> {
        vec![self.certificate.der().into(), world().cv.as_bytes().as_slice().into()]
    }

    /// Revocation lists of every CA as of an hour after the last event, with nothing on them.
    pub fn revocation(&self) -> Vec<Bytes> {
        self.revocation_at(self.now + 3_600_000, &[])
    }

    pub fn revocation_at(&self, at: i64, revoked: &[(&Certificate, i64)]) -> Vec<Bytes> {
        let world = world();
        [&world.card_ca, &world.staff_ca].map(|ca| World::crl(ca, at, revoked).into()).to_vec()
    }

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

fn card(card: Card) -> (Alg, &'static Holder) {
    let world = world();
    match card {
        Card::Rsa => (Alg::Rs256, &world.card),
        Card::Pss => (Alg::Ps256, &world.card),
        Card::P384 => (Alg::Es384, &world.card_p384),
        Card::Second => (Alg::Rs256, &world.second_card),
    }
}

fn card_signature(edit: &Edit<'_>, alg: Alg, key: &Key, presence: &Presence) -> Vec<u8> {
    let message = to_be_signed(edit.context, alg, None, &presence.encode());
    let hash = |bytes: &[u8]| match alg {
        Alg::Es384 => Sha384::digest(bytes).to_vec(),
        _ => Hash::of(bytes).0.to_vec(),
    };
    let mut digest = hash(&message);
    if presence.form == AuthenticationForm::CardBindsInstitution {
        let head: [&[u8]; 3] =
            [b"jushin/1/card-ea", presence.challenge.as_bytes(), presence.institution.as_bytes()];
        digest = hash(&[&head.concat()[..], &digest].concat());
    }
    let suite = match alg {
        Alg::Es384 => Suite::P384Sha384Cose,
        Alg::Ps256 => Suite::RsaPssSha256,
        _ => Suite::RsaPkcs1Sha256,
    };
    key.sign_digest(suite, &digest).unwrap()
}

fn authentication(presence: &Presence) -> Vec<u8> {
    let id = world().cv.subject_key_id();
    let message = [&b"jushin/1/ea"[..], presence.challenge.as_bytes(), id.as_bytes()].concat();
    world().institution_key.sign(Suite::RsaPkcs1Sha256, &message).unwrap()
}

/// The moment as a certificate states it.
pub const fn moment(millis: i64) -> Moment {
    Moment(millis)
}
