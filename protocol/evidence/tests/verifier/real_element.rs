//! The software element itself: what it writes, driven through its one door, is what the verifier accepts.

use std::sync::Arc;

use crate::support::token::{Stated, token};
use crate::support::world::{
    MORNING, RECORD_COUNTER, extension, key, millisecond_clock, sign_as_platform, sign_es256,
};
use crate::support::{Desk, Form, first, world};
use jushin_crypto::AwsLc;
use jushin_evidence::Authentication;
use jushin_pki::{Crypto, Suite};
use jushin_secure_element::client::ElementClient;
use jushin_secure_element::exchange::{Begin, CardCertificate};
use jushin_secure_element::{Build, Element, InstitutionKeyOrigin, ManualTicker, MemoryNvm};
use jushin_statement::{
    Activation, Alg, Anchor, AuthenticationForm, Binding, Bundle, CardChallenge, CertificateRequest,
    Challenge, Class, ElementKind, Embedded, Evidence, Hash, HolderCheck, Id16, Injection, InjectionKind,
    Object, Pairing, Purpose, Signed, Status, TickSpec, TickStamp1, UnixMillis, Visits,
};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

/// A real element beside a terminal that knows the true time.
struct Counter {
    client: ElementClient<Element>,
    ticker: ManualTicker,
    now: i64,
    bundle: Bundle,
    binding: Binding,
    terminal: crate::support::world::Key,
}

impl Counter {
    fn enrolled(tick: TickSpec) -> Self {
        let ticker = ManualTicker::new();
        let build = Build {
            platform_key: world().binding.key.spki().to_vec(),
            card_cas: vec![world().card_ca.key().spki().to_vec()],
            model: "test".into(),
            firmware: "1".into(),
            tick,
            institution_key: InstitutionKeyOrigin::Injected,
            keyed_card_id: false,
        };
        let random = Box::new(ChaCha20Rng::seed_from_u64(1));
        let nvm = Box::new(MemoryNvm::new());
        let element = Element::new(build, nvm, Box::new(ticker.clone()), random, Arc::new(AwsLc)).unwrap();
        let mut client = ElementClient::new(element);
        let signed = client.request_certificate(Hash::of(b"n")).unwrap();
        let request: CertificateRequest = signed.parse().unwrap().object().unwrap();
        let id = Id16::of_spki(&request.device_key);
        let terminal = key(jushin_pki::KeyKind::P256);
        let mut binding = Desk::new(Form::Demo).binding;
        (binding.element, binding.terminal_key) = (id, Hash::of(terminal.spki()));
        let mut counter = Self {
            client,
            ticker,
            now: MORNING + 1,
            bundle: Bundle::of(Visits::Full(Vec::new())),
            binding,
            terminal,
        };
        counter.certify(&request, tick);
        counter.boot();
        counter.install(&request);
        counter
    }

    fn certify(&mut self, request: &CertificateRequest, tick: TickSpec) {
        let description = extension(ElementKind::Software, tick, true);
        let certificate =
            world().element_certificate_for(&world().demo_ca, &request.device_key, &description);
        self.bundle.certificates = vec![certificate.der().into(), world().cv.as_bytes().as_slice().into()];
    }

    fn install(&mut self, request: &CertificateRequest) {
        let injection = Injection {
            element: self.binding.element,
            kind: InjectionKind::InstitutionKey,
            epoch: 0,
            keep: 0,
            value: world().institution_pkcs8.clone().into(),
            certificate: Some(world().cv.as_bytes().as_slice().into()),
        };
        let signed = sign_as_platform(&injection, &world().binding);
        let sealed = AwsLc
            .seal(&request.sealing_key, b"jushin/1/inject", &self.binding.element.0, signed.as_bytes())
            .unwrap();
        self.client.inject(&sealed, Hash::of(b"inject")).unwrap();
        let binding = sign_as_platform(&self.binding, &world().binding);
        let ack = self.client.bind(&binding).unwrap();
        self.bundle.bindings.push(binding);
        self.bundle.records.push(ack);
    }

    fn boot(&mut self) {
        loop {
            let booted = self.client.boot().unwrap();
            let again = booted.is_due_again();
            self.bundle.records.extend(booted.last_record);
            self.bundle.records.push(booted.boot);
            if !again {
                let pairing = Pairing { element: self.binding.element, cycle: booted.cycle };
                // Only a bound element is to be paired; the first boot comes before the binding.
                let _ = self.client.pair(self.terminal.spki(), &sign_es256(&pairing, &self.terminal));
                return;
            }
        }
    }

    fn restart(&mut self) {
        self.client.transport().power_off();
        self.client.transport().power_on().unwrap();
        self.boot();
    }

    fn wait(&mut self, millis: u64) {
        self.now += i64::try_from(millis).unwrap();
        self.ticker.advance(millis);
    }

    fn unlock(&mut self) {
        let challenge = Challenge {
            nonce: Hash::of(b"provider"),
            provider_time: UnixMillis(1),
            element: self.binding.element,
        };
        let stamp1 = self.client.tick_stamp1(&challenge).unwrap();
        self.wait(200);
        let bytes = token(&stamp1, Stated::at(self.now), &world().time_stamper[0]);
        let parsed = stamp1.parse().unwrap();
        let stamp: TickStamp1 = parsed.object().unwrap();
        let activation = Activation {
            id: Hash::of(&stamp.counter.to_be_bytes()).first16(),
            element: self.binding.element,
            cycle: stamp.ticks.cycle,
            counter: stamp.counter,
            stamp: parsed.payload_hash(),
            token: Hash::of(&bytes),
            binding_seq: self.binding.seq,
            begins: 400,
            max_ticks: 80_000_000,
        };
        let signed = sign_es256(&activation, &world().provider.key);
        let provider = world().provider.key.spki();
        let activated = self.client.activate(provider, activation.token, &signed, None).unwrap();
        self.bundle.anchors.push(Embedded(Anchor::Online {
            stamp1,
            token: bytes.into(),
            activation: signed,
            stamp2: activated.stamp2,
        }));
    }

    fn unlock_offline(&mut self) {
        let request = self.client.build_admin_activation(UnixMillis(1)).unwrap();
        let administrator = &world().administrator;
        let signature = administrator.key.sign(Suite::RsaPkcs1Sha256, &request.to_be_signed).unwrap();
        let certificate = administrator.certificate.der();
        self.client.put_admin_activation(&signature, certificate, None).unwrap();
        let admin = jushin_secure_element::client::signed_admin_activation(&request.to_be_signed, &signature)
            .unwrap();
        self.bundle.anchors.push(Embedded(Anchor::Offline { admin, certificate: certificate.into() }));
    }

    fn visit(&mut self) {
        let card = &world().card;
        let begun = self
            .client
            .begin(&Begin {
                desk: None,
                challenge: CardChallenge::new(&[1; 16]).unwrap(),
                form: AuthenticationForm::OpensState,
                card_alg: Alg::Rs256,
                certificate: CardCertificate::new(card.certificate.der().to_vec()),
                method: HolderCheck::PhotoMachine,
                method_record: Some(Hash::of(b"face")),
                purpose: Purpose::CheckIn,
                consent: None,
                beacon: None,
            })
            .unwrap();
        self.wait(1_500);
        let signature = card.key.sign(Suite::RsaPkcs1Sha256, &begun.to_be_signed).unwrap();
        let commit = self.client.commit(&signature).unwrap();
        let presence = jushin_secure_element::client::payload_of(&begun.to_be_signed).unwrap();
        let Visits::Full(visits) = &mut self.bundle.visits else { panic!("full") };
        visits.push(Evidence {
            presence: presence.into(),
            card_alg: Alg::Rs256,
            card_signature: signature.into(),
            certificate: card.certificate.der().into(),
            blind: *begun.blind.as_bytes(),
            authentication: begun.ea_signature.clone(),
            commit,
        });
    }

    fn close(&mut self) {
        let close: Signed = self.client.close(Hash::of(b"platform"), 1, None).unwrap();
        let bytes = token(&close, Stated::at(self.now + 100), &world().time_stamper[1]);
        self.bundle.anchors.push(Embedded(Anchor::Close { close, token: bytes.into() }));
    }

    fn finished(mut self) -> Bundle {
        let mut desk = Desk::new(Form::Demo);
        desk.now = self.now;
        self.bundle.revocation = desk.revocation();
        Bundle::decode(&self.bundle.encode()).unwrap()
    }
}

#[test]
fn a_visit_through_the_real_element_is_valid() {
    for (tick, class) in [(millisecond_clock(100), Class::Tight), (RECORD_COUNTER, Class::Date)] {
        let mut counter = Counter::enrolled(tick);
        counter.restart();
        counter.unlock();
        counter.wait(600_000);
        counter.visit();
        counter.wait(600_000);
        counter.close();
        let found = first(&counter.finished());
        assert_eq!(
            (found.status, found.class),
            (Status::Valid, class),
            "{:?} {:?}",
            found.reasons,
            found.checks
        );
        assert!(found.checks.all_passed() && found.simulated);
        assert_eq!(found.authentication, Authentication::Fits);
    }
}

#[test]
fn a_day_with_a_power_cut_and_an_offline_unlock_is_valid_throughout() {
    let mut counter = Counter::enrolled(millisecond_clock(100));
    counter.restart();
    counter.unlock();
    counter.visit();
    counter.visit();
    counter.wait(600_000);
    counter.restart();
    counter.unlock_offline();
    counter.visit();
    counter.wait(600_000);
    counter.restart();
    counter.unlock();
    counter.visit();
    counter.close();
    let report = crate::support::report(&counter.finished());
    assert_eq!(report.visits.len(), 4);
    for visit in report.visits {
        assert_eq!((visit.status, &visit.reasons[..]), (Status::Valid, &[][..]), "{:?}", visit.checks);
    }
}
