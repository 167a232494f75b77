//! An element on the bench, with a host that knows the right order of things.

use std::sync::{Arc, Mutex};

use jushin_crypto::AwsLc;
use jushin_pki::{Crypto, Sealed, Suite};
use jushin_secure_element::client::{ElementClient, ElementError};
use jushin_secure_element::exchange::{Activated, Begin, Begun, CardCertificate, Nothing, State};
use jushin_secure_element::{
    Build, Cut, Element, InstitutionKeyOrigin, Instruction, ManualTicker, MemoryNvm, Nvm, PowerCut, Slot,
    StatusWord, command,
};
use jushin_statement::{
    Activation, Administrator, AdministratorKind, AuthenticationForm, Binding, BindingState, Bytes,
    CardChallenge, CertificateRequest, Challenge, Commit, CommitOutcome, Hash, HolderCheck, Id16, Injection,
    InjectionKind, Object, Pairing, Policy, Purpose, Signed, TickKind, TickSpec, TickStamp1, UnixMillis,
};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::actors::{Card, Signer, actors, institution};

/// The element's memory, which the bench can look into.
#[derive(Clone, Default)]
pub struct GlassNvm(pub Arc<Mutex<MemoryNvm>>);

impl GlassNvm {
    pub fn with_cuts(cuts: &[Cut]) -> Self {
        Self(Arc::new(Mutex::new(MemoryNvm::with_cuts(cuts))))
    }

    pub fn writes(&self) -> u64 {
        self.0.lock().unwrap().writes()
    }
}

impl Nvm for GlassNvm {
    fn read(&self, slot: Slot) -> Option<Vec<u8>> {
        self.0.lock().unwrap().read(slot)
    }
    fn write(&mut self, slots: &[(Slot, &[u8])]) -> Result<(), PowerCut> {
        self.0.lock().unwrap().write(slots)
    }
}

pub struct Bench {
    pub client: ElementClient<Element>,
    pub nvm: GlassNvm,
    pub ticker: ManualTicker,
    pub element: Id16,
    pub sealing_key: Vec<u8>,
    pub device_key: Vec<u8>,
    pub cycle: Id16,
    pub activations: u8,
}

pub const TIME: TickSpec = TickSpec { kind: TickKind::Time, tau_us: 100_000, rho_ppm: 100 };
pub const DATE: TickSpec = TickSpec { kind: TickKind::Date, tau_us: 0, rho_ppm: 0 };

pub fn build() -> Build {
    Build {
        platform_key: actors().platform.spki().to_vec(),
        card_cas: vec![actors().card_ca.key().spki().to_vec()],
        model: "bench element".into(),
        firmware: "1".into(),
        tick: TIME,
        institution_key: InstitutionKeyOrigin::Injected,
        keyed_card_id: false,
    }
}

impl Bench {
    pub fn factory() -> Self {
        Self::factory_with(build(), GlassNvm::default())
    }

    pub fn factory_with(build: Build, nvm: GlassNvm) -> Self {
        let ticker = ManualTicker::new();
        let random = ChaCha20Rng::seed_from_u64(7);
        let element = Element::new(
            build,
            Box::new(nvm.clone()),
            Box::new(ticker.clone()),
            Box::new(random),
            Arc::new(AwsLc),
        );
        Self {
            client: ElementClient::new(element.unwrap()),
            nvm,
            ticker,
            element: Id16([0; 16]),
            sealing_key: Vec::new(),
            device_key: Vec::new(),
            cycle: Id16([0; 16]),
            activations: 0,
        }
    }

    /// With keys, booted.
    pub fn keyed() -> Self {
        Self::keyed_with(build())
    }

    pub fn keyed_with(build: Build) -> Self {
        let mut bench = Self::factory_with(build, GlassNvm::default());
        bench.request_certificate().unwrap();
        bench.boot().unwrap();
        bench
    }

    /// With institution key, one pseudonym key (epoch 1) and a binding of seq 1.
    pub fn bound() -> Self {
        Self::bound_with(build())
    }

    pub fn bound_with(build: Build) -> Self {
        let mut bench = Self::keyed_with(build);
        bench.inject(&bench.institution_injection()).unwrap();
        bench.inject(&bench.pseudonym_injection(1, 0)).unwrap();
        bench.bind(&bench.binding(1)).unwrap();
        bench
    }

    pub fn active() -> Self {
        Self::active_with(build())
    }

    pub fn active_with(build: Build) -> Self {
        let mut bench = Self::bound_with(build);
        bench.pair().unwrap();
        bench.unlock().unwrap();
        bench
    }

    pub fn state(&mut self) -> State {
        self.client.status().unwrap().state
    }

    pub fn counter(&mut self) -> u64 {
        self.client.status().unwrap().counter
    }

    /// Sends any bytes as a command's data; the status word alone.
    pub fn send(&mut self, instruction: Instruction, data: &[u8]) -> StatusWord {
        let answer = self.client.transport().handle(&command(instruction, data).unwrap());
        StatusWord::from_bytes(*answer.last_chunk().unwrap()).unwrap()
    }

    pub fn power_cycle(&mut self) {
        self.client.transport().power_off();
        self.client.transport().power_on().unwrap();
        self.boot().unwrap();
    }

    pub fn boot(&mut self) -> Result<Vec<Signed>, ElementError> {
        let mut records = Vec::new();
        loop {
            let booted = self.client.boot()?;
            let again = booted.is_due_again();
            records.extend(booted.last_record);
            records.push(booted.boot);
            self.cycle = booted.cycle;
            if !again {
                return Ok(records);
            }
        }
    }

    pub fn request_certificate(&mut self) -> Result<CertificateRequest, ElementError> {
        let signed = self.client.request_certificate(Hash::of(b"n"))?;
        let request: CertificateRequest = signed.parse().unwrap().object().unwrap();
        self.element = Id16::of_spki(&request.device_key);
        self.sealing_key = request.sealing_key.to_vec();
        self.device_key = request.device_key.to_vec();
        let key = AwsLc.public_key(&request.device_key).unwrap();
        let sign1 = signed.parse().unwrap();
        let bytes = sign1.to_be_signed(jushin_statement::Context::Enrol);
        key.verify(Suite::P256Sha256Cose, &bytes, sign1.signature).unwrap();
        Ok(request)
    }

    pub fn institution_injection(&self) -> Injection {
        Injection {
            element: self.element,
            kind: InjectionKind::InstitutionKey,
            epoch: 0,
            keep: 0,
            value: actors().institution_key.pkcs8.clone().into(),
            certificate: Some(actors().institution_key.cv.clone().into()),
        }
    }

    pub fn pseudonym_injection(&self, epoch: u64, keep: u64) -> Injection {
        Injection {
            element: self.element,
            kind: InjectionKind::PseudonymKey,
            epoch,
            keep,
            value: Bytes(vec![epoch as u8; 32]),
            certificate: None,
        }
    }

    pub fn seal(&self, signed: &Signed) -> Sealed {
        AwsLc.seal(&self.sealing_key, b"jushin/1/inject", &self.element.0, signed.as_bytes()).unwrap()
    }

    pub fn inject(&mut self, injection: &Injection) -> Result<Vec<u8>, ElementError> {
        self.inject_signed(&actors().platform.sign_named(injection))
    }

    pub fn inject_signed(&mut self, signed: &Signed) -> Result<Vec<u8>, ElementError> {
        let sealed = self.seal(signed);
        self.client.inject(&sealed, Hash::of(b"inject n"))
    }

    pub fn binding(&self, seq: u64) -> Binding {
        Binding {
            id: Id16([seq as u8; 16]),
            seq,
            state: BindingState::InUse,
            from_counter: None,
            element: self.element,
            terminal: Id16([9; 16]),
            terminal_key: Hash::of(actors().terminal.spki()),
            institution: institution(),
            certificate: Hash::of(&actors().institution_key.cv),
            administrators: vec![Administrator {
                kind: AdministratorKind::Hpki,
                key: Hash::of(actors().administrator.key.spki()),
            }],
            provider_key: Hash::of(actors().provider.spki()),
            time_stampers: vec![Hash::of(b"tsa")],
            not_before: UnixMillis(0),
            not_after: UnixMillis(1),
            policy: Policy {
                begins_online: 500,
                ticks_online: 90_000,
                begins_offline: 3,
                ticks_offline: 9_000,
                session_ticks: 100,
                bracket_ms: 10_000,
                methods: 1 << 1 | 1 << 2 | 1 << 3,
            },
        }
    }

    pub fn bind(&mut self, binding: &Binding) -> Result<Signed, ElementError> {
        self.client.bind(&actors().platform.sign_named(binding))
    }

    pub fn pairing(&self) -> Pairing {
        Pairing { element: self.element, cycle: self.cycle }
    }

    pub fn pair(&mut self) -> Result<(), ElementError> {
        let terminal = &actors().terminal;
        self.client.pair(terminal.spki(), &terminal.sign(&self.pairing()))
    }

    pub fn challenge(&self) -> Challenge {
        Challenge {
            nonce: Hash::of(b"sp"),
            provider_time: UnixMillis(1_780_000_000_000),
            element: self.element,
        }
    }

    pub fn stamp1(&mut self) -> Result<Signed, ElementError> {
        self.client.tick_stamp1(&self.challenge())
    }

    /// The activation that fits `stamp1`; its id is new.
    pub fn activation(&mut self, stamp1: &Signed) -> Activation {
        self.activations += 1;
        let sign1 = stamp1.parse().unwrap();
        let record: TickStamp1 = sign1.object().unwrap();
        let seq = self.client.status().unwrap().binding_seq.unwrap();
        Activation {
            id: Id16([self.activations; 16]),
            element: self.element,
            cycle: record.ticks.cycle,
            counter: record.counter,
            stamp: sign1.payload_hash(),
            token: Hash::of(b"token"),
            binding_seq: seq,
            begins: 400,
            max_ticks: 80_000,
        }
    }

    pub fn activate(&mut self, activation: &Activation) -> Result<Activated, ElementError> {
        self.activate_as(&actors().provider, activation)
    }

    pub fn activate_as(
        &mut self,
        provider: &Signer,
        activation: &Activation,
    ) -> Result<Activated, ElementError> {
        self.client.activate(provider.spki(), activation.token, &provider.sign(activation), None)
    }

    /// TS1 and ACT.
    pub fn unlock(&mut self) -> Result<(Signed, Activated), ElementError> {
        let stamp1 = self.stamp1()?;
        let activation = self.activation(&stamp1);
        Ok((stamp1, self.activate(&activation)?))
    }

    /// ADM-BUILD and ADM-PUT.
    pub fn unlock_offline(&mut self) -> Result<Hash, ElementError> {
        let request = self.client.build_admin_activation(UnixMillis(5))?;
        let administrator = &actors().administrator;
        let signature = administrator.sign(&request.to_be_signed);
        self.client.put_admin_activation(&signature, &administrator.certificate, None)
    }

    pub fn begin(&mut self, card: &Card) -> Result<Begun, ElementError> {
        self.client.begin(&begin(card))
    }

    /// BEGIN, the card signs, COMMIT.
    pub fn check_in(&mut self, card: &Card) -> Result<Commit, ElementError> {
        let begun = self.begin(card)?;
        self.commit(&card.sign(&begun.to_be_signed))
    }

    pub fn commit(&mut self, signature: &[u8]) -> Result<Commit, ElementError> {
        self.client.commit(signature).map(|signed| signed.parse().unwrap().object().unwrap())
    }

    pub fn outcome(&mut self, signature: &[u8]) -> CommitOutcome {
        self.commit(signature).unwrap().outcome
    }

    /// BOOT etc. have no input; their status word with the right empty array.
    pub fn send_nothing(&mut self, instruction: Instruction) -> StatusWord {
        self.send(instruction, &Nothing {}.encode())
    }

    /// A record verifies under the device key.
    pub fn assert_signed(&self, signed: &Signed) {
        let sign1 = signed.parse().unwrap();
        let bytes = sign1.to_be_signed(jushin_statement::Context::Element);
        let key = AwsLc.public_key(&self.device_key).unwrap();
        key.verify(Suite::P256Sha256Cose, &bytes, sign1.signature).unwrap();
    }
}

pub fn challenge(byte: u8) -> CardChallenge {
    CardChallenge::new(&[byte; 16]).unwrap()
}

pub fn begin(card: &Card) -> Begin {
    Begin {
        desk: None,
        challenge: challenge(1),
        form: AuthenticationForm::OpensState,
        card_alg: card.alg,
        certificate: CardCertificate::new(card.certificate.clone()),
        method: HolderCheck::PhotoVisual,
        method_record: Some(Hash::of(b"face")),
        purpose: Purpose::CheckIn,
        consent: None,
        beacon: None,
    }
}

/// The element's reason for refusing.
#[track_caller]
pub fn refusal<T: std::fmt::Debug>(result: Result<T, ElementError>) -> StatusWord {
    result.unwrap_err().status().unwrap()
}
