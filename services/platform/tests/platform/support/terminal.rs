//! A terminal: a software element, a terminal key, and what each talks to the platform about.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use jushin_crypto::AwsLc;
use jushin_pki::{Crypto as _, KeyKind, PrivateKey, Sealed as Box_, Suite};
use jushin_platform::KeyName;
use jushin_secure_element::client::{ElementClient, payload_of};
use jushin_secure_element::exchange::{Begin, Begun, Booted, CardCertificate};
use jushin_secure_element::{Build, Element, InstitutionKeyOrigin, ManualTicker, Nvm, PowerCut, Slot};
use jushin_statement::cbor::{Reader, Writer};
use jushin_statement::{
    Alg, Appointment, AuthenticationForm, Batch, Binding, CardChallenge, CertificateRequest, Challenge,
    Commit, Evidence, Field as _, Hash, Hello, HolderCheck, Id16, Object as _, Pairing, Presence, Purpose,
    Sealed, Signed, Unlock, seal_aad, sign,
};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;

use super::keys::{Holder, OUTSIDE};
use super::{MODEL, World, code};

pub(crate) const TERMINAL: Id16 = Id16([7; 16]);

pub(crate) struct Terminal {
    pub(crate) element: ElementClient<Element>,
    pub(crate) ticker: ManualTicker,
    pub(crate) key: Arc<dyn PrivateKey>,
    pub(crate) id: Id16,
    pub(crate) binding_seq: u64,
    pub(crate) boot: Option<Booted>,
    evidence_key: Vec<u8>,
    memory: OpenMemory,
}

/// The element's memory, open to a thief: a software element can be cloned.
#[derive(Clone, Default)]
struct OpenMemory(Arc<Mutex<HashMap<Slot, Vec<u8>>>>);

impl Nvm for OpenMemory {
    fn read(&self, slot: Slot) -> Option<Vec<u8>> {
        self.0.lock().unwrap().get(&slot).cloned()
    }

    fn write(&mut self, slots: &[(Slot, &[u8])]) -> Result<(), PowerCut> {
        let mut memory = self.0.lock().unwrap();
        memory.extend(slots.iter().map(|(slot, bytes)| (*slot, bytes.to_vec())));
        Ok(())
    }
}

/// A check-in as the terminal holds it before it is sealed.
#[derive(Clone)]
pub(crate) struct CheckIn {
    pub(crate) evidence: Evidence,
    pub(crate) counter: u64,
    pub(crate) evid: Hash,
}

impl Terminal {
    pub(crate) fn new(world: &World, seed: u64) -> Self {
        let build = Build {
            platform_key: world.platform.public_key(KeyName::Bind),
            card_cas: vec![OUTSIDE.card_ca.certificate().spki().to_vec()],
            model: MODEL.to_owned(),
            firmware: "1".to_owned(),
            tick: world.tick,
            institution_key: InstitutionKeyOrigin::Injected,
            keyed_card_id: false,
        };
        let ticker = ManualTicker::new();
        let random = Box::new(ChaCha20Rng::seed_from_u64(seed));
        let memory = OpenMemory::default();
        let nvm = Box::new(memory.clone());
        let element = Element::new(build, nvm, Box::new(ticker.clone()), random, Arc::new(AwsLc)).unwrap();
        Self {
            element: ElementClient::new(element),
            ticker,
            key: AwsLc.generate(KeyKind::P256).unwrap(),
            id: Id16([0; 16]),
            binding_seq: 0,
            boot: None,
            evidence_key: world.platform.public_key(KeyName::Evidence),
            memory,
        }
    }

    /// A terminal that is enrolled and unlocked.
    pub(crate) async fn ready(world: &World) -> Self {
        let mut terminal = Self::enrolled(world).await;
        terminal.unlock(world).await;
        terminal
    }

    /// A terminal that is enrolled.
    pub(crate) async fn enrolled(world: &World) -> Self {
        let mut terminal = Self::new(world, 1);
        let request = terminal.request(world).await;
        world.posted("/v1/enrolment/elements", request.0.0).await;
        terminal.boot = Some(terminal.element.boot().unwrap());
        terminal.inject(world).await;
        world.posted("/v1/enrolment/terminals", terminal.appointment(&OUTSIDE.administrator)).await;
        terminal.bind(world).await;
        terminal
    }

    /// A certificate request over a fresh nonce.
    pub(crate) async fn request(&mut self, world: &World) -> Signed {
        let mut body = Writer::new();
        body.text(code().as_str());
        let nonce = world.posted("/v1/enrolment/nonce", body.into_bytes()).await;
        let nonce = Hash::read(&mut Reader::new(&nonce).unwrap()).unwrap();
        self.request_over(nonce)
    }

    pub(crate) fn request_over(&mut self, nonce: Hash) -> Signed {
        let request = self.element.request_certificate(nonce).unwrap();
        let content: CertificateRequest = request.parse().unwrap().object().unwrap();
        self.id = Id16::of_spki(&content.device_key);
        request
    }

    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/v1/enrolment/elements/{}/{rest}", self.id)
    }

    /// Fetches and injects the secrets, confirms.
    pub(crate) async fn inject(&mut self, world: &World) {
        let boxes = world.got(&self.path("injections")).await;
        let test = self.inject_all(&boxes);
        let path = self.path("injections/ack");
        let reply = world.door.post(&path, "application/octet-stream", test).await.unwrap();
        assert_eq!(reply.status, 204, "{}", String::from_utf8_lossy(&reply.body));
    }

    /// Injects; returns the test signature.
    pub(crate) fn inject_all(&mut self, boxes: &[u8]) -> Vec<u8> {
        let mut reader = Reader::new(boxes).unwrap();
        let mut test = Vec::new();
        for _ in 0..reader.array_of_any().unwrap() {
            reader.array("injection", 3).unwrap();
            let enc = reader.bytes().unwrap().to_vec();
            let ciphertext = reader.bytes().unwrap().to_vec();
            let nonce = Hash::read(&mut reader).unwrap();
            test.extend(self.element.inject(&Box_ { enc, ciphertext }, nonce).unwrap());
        }
        test
    }

    /// An appointment of this terminal's key by a card.
    pub(crate) fn appointment(&self, administrator: &Holder) -> Vec<u8> {
        self.appointment_of(self.key.spki(), administrator)
    }

    /// An appointment of any key.
    pub(crate) fn appointment_of(&self, spki: &[u8], administrator: &Holder) -> Vec<u8> {
        let appointment = Appointment {
            element: self.id,
            terminal: TERMINAL,
            terminal_key: Hash::of(spki),
            institution: code(),
        };
        let signed = sign(&appointment, Alg::Rs256, None, |bytes| {
            administrator.key.sign(Suite::RsaPkcs1Sha256, bytes)
        });
        let mut body = Writer::new();
        body.array(3).bytes(signed.unwrap().as_bytes()).bytes(administrator.certificate.der()).bytes(spki);
        body.into_bytes()
    }

    /// Fetches the newest binding, stores and confirms it.
    pub(crate) async fn bind(&mut self, world: &World) {
        let binding = Signed(world.got(&self.path("binding")).await.into());
        self.binding_seq = binding.parse().unwrap().object::<Binding>().unwrap().seq;
        let ack = self.element.bind(&binding).unwrap();
        world.posted("/v1/enrolment/bindings/ack", ack.0.0).await;
    }

    pub(crate) fn pair(&mut self) {
        let cycle = self.boot.as_ref().unwrap().cycle;
        let pairing = Pairing { element: self.id, cycle };
        let signed =
            sign(&pairing, Alg::Es256, None, |bytes| self.key.sign(Suite::P256Sha256Cose, bytes)).unwrap();
        self.element.pair(self.key.spki(), &signed).unwrap();
    }

    pub(crate) fn hello(&self) -> Vec<u8> {
        Hello { element: self.id, binding_seq: self.binding_seq, last: 1, tpm_nonce: None }.encode()
    }

    /// Pairs and unlocks.
    pub(crate) async fn unlock(&mut self, world: &World) {
        self.pair();
        self.anchor(world).await;
    }

    /// Hello to TickStamp2: an activation or a re-anchor.
    pub(crate) async fn anchor(&mut self, world: &World) {
        let stamp = self.stamp(world).await;
        let unlock = Unlock::decode(&world.posted("/v1/stamps", stamp.0.0).await).unwrap();
        self.pass(world, 50);
        let second = self.activate(world, &unlock);
        world.posted("/v1/anchors", second.0.0).await;
    }

    /// A TickStamp1 over a fresh challenge.
    pub(crate) async fn stamp(&mut self, world: &World) -> Signed {
        let challenge = Challenge::decode(&world.posted("/v1/hello", self.hello()).await).unwrap();
        self.element.tick_stamp1(&challenge).unwrap()
    }

    /// Gives the element the answer; returns the TickStamp2.
    pub(crate) fn activate(&mut self, world: &World, unlock: &Unlock) -> Signed {
        let provider = world.platform.public_key(KeyName::Provider);
        let activated = self.element.activate(&provider, Hash::of(&unlock.token), &unlock.activation, None);
        activated.unwrap().stamp2
    }

    /// Lets time pass for clock and ticks alike.
    pub(crate) fn pass(&self, world: &World, millis: u64) {
        world.clock.advance(millis);
        self.ticker.advance(millis);
    }

    /// A tap: the patient's card signs what the element built.
    pub(crate) fn check_in(&mut self, world: &World) -> CheckIn {
        let begun = self.begin(world);
        let patient = &OUTSIDE.patient;
        let signature = patient.key.sign(Suite::RsaPkcs1Sha256, &begun.to_be_signed).unwrap();
        let commit = self.element.commit(&signature).unwrap();
        let presence = payload_of(&begun.to_be_signed).unwrap().to_vec();
        CheckIn {
            counter: Presence::decode(&presence).unwrap().counter,
            evid: commit.parse().unwrap().payload_hash(),
            evidence: Evidence {
                presence: presence.into(),
                card_alg: Alg::Rs256,
                card_signature: signature.into(),
                certificate: patient.certificate.der().into(),
                blind: *begun.blind.as_bytes(),
                authentication: begun.ea_signature,
                commit,
            },
        }
    }

    /// A session that is given up; returns the record that says so.
    pub(crate) fn give_up(&mut self, world: &World) -> Signed {
        self.begin(world);
        self.element.abort().unwrap()
    }

    fn begin(&mut self, world: &World) -> Begun {
        self.pass(world, 1_000);
        let begin = Begin {
            desk: None,
            challenge: CardChallenge::new(&[9; 8]).unwrap(),
            form: AuthenticationForm::OpensState,
            card_alg: Alg::Rs256,
            certificate: CardCertificate::new(OUTSIDE.patient.certificate.der().to_vec()),
            method: HolderCheck::PhotoMachine,
            method_record: None,
            purpose: Purpose::CheckIn,
            consent: None,
            beacon: None,
        };
        let begun = self.element.begin(&begin).unwrap();
        self.pass(world, 300);
        begun
    }

    /// What the element remembers now.
    pub(crate) fn snapshot(&self) -> HashMap<Slot, Vec<u8>> {
        self.memory.0.lock().unwrap().clone()
    }

    /// Sets the element's memory back to an older content, switches it on and pairs.
    pub(crate) fn roll_back(&mut self, snapshot: HashMap<Slot, Vec<u8>>) {
        *self.memory.0.lock().unwrap() = snapshot;
        self.power_cycle();
    }

    /// Power off and on, boot, pair.
    pub(crate) fn power_cycle(&mut self) {
        self.element.transport().power_on().unwrap();
        self.boot = Some(self.element.boot().unwrap());
        self.pair();
    }

    /// A session that power ends before the card has signed; then boots and pairs.
    pub(crate) fn begin_and_lose_power(&mut self, world: &World) {
        self.begin(world);
        self.power_cycle();
    }

    /// The element's key, PKCS#8, by whoever has read its memory.
    pub(crate) fn stolen_key(&self) -> Vec<u8> {
        let identity = self.memory.read(Slot::Identity).unwrap();
        let mut reader = Reader::new(&identity).unwrap();
        reader.array("identity", 3).unwrap();
        reader.uint().unwrap();
        reader.bytes().unwrap().to_vec()
    }

    /// Another commit of the same session, by whoever has read the element's memory.
    pub(crate) fn fork(&self, check_in: &CheckIn) -> CheckIn {
        let key = AwsLc.private_key(&self.stolen_key()).unwrap();
        let mut commit: Commit = check_in.evidence.commit.parse().unwrap().object().unwrap();
        commit.ticks.count += 1;
        let commit = sign(&commit, Alg::Es256, None, |bytes| key.sign(Suite::P256Sha256Cose, bytes)).unwrap();
        let mut forged = check_in.clone();
        forged.evid = commit.parse().unwrap().payload_hash();
        forged.evidence.commit = commit;
        forged
    }

    /// A batch of one visit.
    pub(crate) fn batch(&self, check_in: &CheckIn) -> Batch {
        let aad = seal_aad(self.id, check_in.counter, check_in.evid);
        self.batch_under(check_in, &aad)
    }

    /// A batch of one visit whose box was sealed under any additional data.
    pub(crate) fn batch_under(&self, check_in: &CheckIn, aad: &[u8]) -> Batch {
        let plain = check_in.evidence.encode();
        let sealed = AwsLc.seal(&self.evidence_key, b"jushin/1/seal", aad, &plain).unwrap();
        let sealed = Sealed {
            counter: check_in.counter,
            evid: check_in.evid,
            enc: sealed.enc.into(),
            ciphertext: sealed.ciphertext.into(),
        };
        let (records, anchors, close) = (Vec::new(), Vec::new(), None);
        Batch { element: self.id, records, anchors, boxes: vec![sealed], close }
    }
}
