//! What terminal authentication lets whom sign, in each card profile.

use jushin_card::apdu::StatusWord;
use jushin_card::client::{
    Addressing, Challenge, ExternalAuthenticate, GetChallenge, PatientSigned, Pin, SelectApplication,
    Selected, Sign, SignRequest, VerifyCertificate, VerifyPin,
};
use jushin_card::jpki::{Credential, Scheme};
use jushin_card::terminal_auth::{TerminalAuth, card_message};
use jushin_card::virtual_card::{CardKind, OpenedBy};
use jushin_card::{CardError, CardProfile, Session, VirtualReader};
use jushin_pki::Suite;
use sha2::{Digest, Sha256, Sha384};

use crate::support::{self, Institution, WORLD, authentication_key, statement};

const KINDS: [(CardKind, Scheme, Suite); 3] = [
    (CardKind::Jpki, Scheme::Pkcs1DigestInfo, Suite::RsaPkcs1Sha256),
    (CardKind::JpkiPss, Scheme::Pss, Suite::RsaPssSha256),
    (CardKind::JpkiP384, Scheme::P384, Suite::P384Sha384Cose),
];

/// A card in a session, and what it was last asked.
struct Desk<'t> {
    session: Session<'t>,
    card: Selected,
}

impl<'t> Desk<'t> {
    fn new(reader: &'t mut VirtualReader) -> Self {
        let mut session = Session::new(reader);
        let card = session.run(SelectApplication).unwrap();
        Self { session, card }
    }

    fn end(self) {
        self.session.end().unwrap();
    }

    fn challenge(&mut self) -> Challenge {
        self.session.run(GetChallenge::new(&self.card)).unwrap()
    }

    /// Shows the institution's certificate, then its signature, then asks for the card's.
    fn sign(
        &mut self,
        institution: &Institution,
        challenge: Challenge,
        external_authenticate: &[u8],
        request: SignRequest,
    ) -> Result<PatientSigned, CardError> {
        let shown = self.session.run(VerifyCertificate::new(
            &self.card,
            TerminalAuth::Extended,
            &institution.certificate,
        )?)?;
        let accepted =
            self.session.run(ExternalAuthenticate::new(&shown, challenge, external_authenticate)?)?;
        self.session.run(Sign::without_pin(accepted, request))
    }
}

fn reader(kind: CardKind, profile: CardProfile) -> VirtualReader {
    VirtualReader::with(support::card(kind, profile))
}

#[test]
fn profile_a_signs_what_the_host_offers() {
    for (kind, scheme, suite) in KINDS {
        let mut reader = reader(kind, CardProfile::A);
        let mut desk = Desk::new(&mut reader);
        let challenge = desk.challenge();
        let ea = WORLD.institution.external_authenticate(challenge.as_bytes(), None);
        let request = SignRequest::statement(scheme, &statement("presence")).unwrap();
        let signed = desk.sign(&WORLD.institution, challenge, &ea, request).unwrap();
        authentication_key(kind).verify(suite, &statement("presence"), signed.signature()).unwrap();
    }
}

#[test]
fn profile_b_signs_what_the_element_signed_for() {
    for (kind, scheme, suite) in KINDS {
        let mut reader = reader(kind, CardProfile::B);
        let mut desk = Desk::new(&mut reader);
        let challenge = desk.challenge();
        let request = SignRequest::statement(scheme, &statement("presence")).unwrap();
        let ea = WORLD.institution.external_authenticate(challenge.as_bytes(), Some(request.digest()));
        let signed = desk.sign(&WORLD.institution, challenge, &ea, request).unwrap();
        authentication_key(kind).verify(suite, &statement("presence"), signed.signature()).unwrap();
    }
}

#[test]
fn profile_c_signs_its_challenge_and_the_institution_with_the_digest() {
    for (kind, scheme, suite) in KINDS {
        let mut reader = reader(kind, CardProfile::C);
        let mut desk = Desk::new(&mut reader);
        let challenge = desk.challenge();
        let rnd = *challenge.as_bytes();
        let ea = WORLD.institution.external_authenticate(&rnd, None);
        let request = SignRequest::statement(scheme, &statement("presence")).unwrap();
        let message = card_message(&rnd, "1312345679", request.digest());
        let signed = desk.sign(&WORLD.institution, challenge, &ea, request).unwrap();
        let key = authentication_key(kind);
        key.verify(suite, &message, signed.signature()).unwrap();
        assert!(key.verify(suite, &statement("presence"), signed.signature()).is_err());
        drop(desk);

        let card = reader.card().unwrap();
        let [entry] = card.signed() else { panic!("one signature") };
        let digest = match kind {
            CardKind::JpkiP384 => Sha384::digest(&message).to_vec(),
            _ => Sha256::digest(&message).to_vec(),
        };
        assert_eq!(entry.signed, digest);
        assert_eq!(entry.opened_by, OpenedBy::Institution(WORLD.institution.certificate.subject_key_id()));
    }
}

#[test]
fn n3_9_a_signature_for_one_card_session_is_refused_in_the_next() {
    for profile in [CardProfile::A, CardProfile::B, CardProfile::C] {
        let mut reader = reader(CardKind::Jpki, profile);
        let request = SignRequest::statement(Scheme::Pkcs1DigestInfo, &statement("presence")).unwrap();
        let covered = (profile == CardProfile::B).then(|| request.digest().to_vec());

        let mut desk = Desk::new(&mut reader);
        let challenge = desk.challenge();
        let ea = WORLD.institution.external_authenticate(challenge.as_bytes(), covered.as_deref());
        desk.sign(&WORLD.institution, challenge, &ea, request.clone()).unwrap();
        desk.end();

        let mut desk = Desk::new(&mut reader);
        let challenge = desk.challenge();
        let refused = desk.sign(&WORLD.institution, challenge, &ea, request);
        assert_eq!(refused.unwrap_err(), CardError::InstitutionRefused, "{profile:?}");
        drop(desk);
        assert_eq!(reader.card().unwrap().signed().len(), 1, "{profile:?}");
    }
}

#[test]
fn n3_10_a_certificate_of_another_institution_does_not_fit_the_elements_signature() {
    for profile in [CardProfile::A, CardProfile::B, CardProfile::C] {
        let mut reader = reader(CardKind::Jpki, profile);
        let request = SignRequest::statement(Scheme::Pkcs1DigestInfo, &statement("presence")).unwrap();
        let covered = (profile == CardProfile::B).then(|| request.digest().to_vec());
        let mut desk = Desk::new(&mut reader);
        let challenge = desk.challenge();
        let ea = WORLD.institution.external_authenticate(challenge.as_bytes(), covered.as_deref());
        let refused = desk.sign(&WORLD.other_institution, challenge, &ea, request);
        assert_eq!(refused.unwrap_err(), CardError::InstitutionRefused, "{profile:?}");
        drop(desk);
        assert!(reader.card().unwrap().signed().is_empty());
    }
}

#[test]
fn n3_15_profile_b_refuses_another_digest_than_the_one_signed_for() {
    for (kind, scheme, _) in KINDS {
        let mut reader = reader(kind, CardProfile::B);
        let mut desk = Desk::new(&mut reader);
        let challenge = desk.challenge();
        let covered = SignRequest::statement(scheme, &statement("presence")).unwrap();
        let ea = WORLD.institution.external_authenticate(challenge.as_bytes(), Some(covered.digest()));
        let other = SignRequest::statement(scheme, &statement("another")).unwrap();
        let refused = desk.sign(&WORLD.institution, challenge, &ea, other);
        assert_eq!(refused.unwrap_err(), CardError::InstitutionRefused, "{kind:?}");
        drop(desk);
        assert!(reader.card().unwrap().signed().is_empty());
    }
}

#[test]
fn profile_b_has_no_second_try_with_the_right_digest_after_a_wrong_one() {
    let mut card = support::card(CardKind::Jpki, CardProfile::B);
    let digest = [0xD1; 32];
    let challenge = authenticated(&mut card, |challenge| {
        WORLD.institution.external_authenticate(challenge, Some(&digest))
    });
    assert_eq!(challenge.len(), 16);
    assert_eq!(status(&mut card, &[&[0x80, 0x2A, 0x02, 0x97, 32][..], &[0; 32], &[0]].concat()), 0x6300);
    assert_eq!(status(&mut card, &[&[0x80, 0x2A, 0x02, 0x97, 32][..], &digest, &[0]].concat()), 0x6982);
}

#[test]
fn profiles_b_and_c_sign_no_bytes_that_are_not_known_to_be_a_digest() {
    for profile in [CardProfile::B, CardProfile::C] {
        for p1 in [0x00, 0x01] {
            let mut card = support::card(CardKind::Jpki, profile);
            authenticated(&mut card, |challenge| WORLD.institution.external_authenticate(challenge, None));
            let sign = [&[0x80, 0x2A, p1, 0x97, 32][..], &[0; 32], &[0]].concat();
            assert_eq!(status(&mut card, &sign), 0x6A80, "{profile:?} {p1:02X}");
            assert!(card.signed().is_empty());
        }
    }
}

#[test]
fn a_profile_a_signature_does_not_open_profile_b_and_the_reverse() {
    let mut card = support::card(CardKind::Jpki, CardProfile::B);
    authenticated(&mut card, |challenge| WORLD.institution.external_authenticate(challenge, None));
    assert_eq!(status(&mut card, &[&[0x80, 0x2A, 0x02, 0x97, 32][..], &[0; 32], &[0]].concat()), 0x6300);

    let mut reader = reader(CardKind::Jpki, CardProfile::A);
    let mut desk = Desk::new(&mut reader);
    let challenge = desk.challenge();
    let request = SignRequest::statement(Scheme::Pkcs1DigestInfo, &statement("presence")).unwrap();
    let ea = WORLD.institution.external_authenticate(challenge.as_bytes(), Some(request.digest()));
    assert_eq!(
        desk.sign(&WORLD.institution, challenge, &ea, request).unwrap_err(),
        CardError::InstitutionRefused
    );
}

#[test]
fn the_signature_that_proves_an_injected_key_opens_no_card() {
    let mut card = support::card(CardKind::Jpki, CardProfile::A);
    let answer = attempt(&mut card, |challenge| {
        let message = [&b"jushin/1/ea-test"[..], &Sha256::digest(challenge)].concat();
        WORLD.institution.key.sign(Suite::RsaPkcs1Sha256, &message).unwrap()
    });
    assert_eq!(answer, 0x6300);
}

#[test]
fn a_pss_card_gives_an_institution_pss_only_and_a_pin_both() {
    let mut card = support::card(CardKind::JpkiPss, CardProfile::A);
    authenticated(&mut card, |challenge| WORLD.institution.external_authenticate(challenge, None));
    let sign = |p1: u8| [&[0x80, 0x2A, p1, 0x97, 32][..], &[0; 32], &[0]].concat();
    assert_eq!(status(&mut card, &sign(0x02)), 0x6A86);
    assert_eq!(status(&mut card, &sign(0x04)), 0x9000);
    assert_eq!(status(&mut card, &[&[0x00, 0x20, 0x00, 0x98, 4][..], b"1234"].concat()), 0x9000);
    assert_eq!(status(&mut card, &sign(0x02)), 0x9000);
}

#[test]
fn an_unknown_issuer_and_a_denied_institution_are_told_apart() {
    let mut unknown = reader(CardKind::Jpki, CardProfile::A);
    let mut desk = Desk::new(&mut unknown);
    let show = |desk: &mut Desk<'_>, institution: &Institution| {
        let step =
            VerifyCertificate::new(&desk.card, TerminalAuth::Chained, &institution.certificate).unwrap();
        desk.session.run(step).map(drop).unwrap_err()
    };
    assert_eq!(show(&mut desk, &WORLD.stranger), CardError::UnknownIssuer);

    let mut personalisation = support::personalisation(CardKind::Jpki, CardProfile::A);
    personalisation.denied = vec![WORLD.institution.certificate.subject_key_id()];
    let mut denying = VirtualReader::with(support::card_of(personalisation));
    let mut desk = Desk::new(&mut denying);
    assert_eq!(
        show(&mut desk, &WORLD.institution),
        CardError::CertificateRefused { status: StatusWord::OUT_OF_ORDER }
    );
    let other = &WORLD.other_institution.certificate;
    desk.session.run(VerifyCertificate::new(&desk.card, TerminalAuth::Chained, other).unwrap()).unwrap();
}

#[test]
fn a_second_signature_needs_a_second_challenge_but_not_the_certificate_again() {
    let mut reader = reader(CardKind::Jpki, CardProfile::A);
    let mut desk = Desk::new(&mut reader);
    let form = TerminalAuth::Extended;
    let certificate = &WORLD.institution.certificate;
    let shown = desk.session.run(VerifyCertificate::new(&desk.card, form, certificate).unwrap()).unwrap();
    for content in ["presence", "card-id"] {
        let challenge = desk.challenge();
        let ea = WORLD.institution.external_authenticate(challenge.as_bytes(), None);
        let accepted = desk.session.run(ExternalAuthenticate::new(&shown, challenge, &ea).unwrap()).unwrap();
        let request = SignRequest::statement(Scheme::Pkcs1Hash, &statement(content)).unwrap();
        desk.session.run(Sign::without_pin(accepted, request)).unwrap();
    }
}

#[test]
fn with_pin_and_terminal_authentication_the_terminals_way_goes_first_and_the_pin_stays() {
    let mut reader = reader(CardKind::Jpki, CardProfile::C);
    let mut desk = Desk::new(&mut reader);
    let pin = Pin::new(Credential::Authentication, support::PIN).unwrap();
    let holder = desk.session.run(VerifyPin::new(&desk.card, pin, Addressing::Select)).unwrap();
    let challenge = desk.challenge();
    let rnd = *challenge.as_bytes();
    let ea = WORLD.institution.external_authenticate(&rnd, None);
    let request = SignRequest::statement(Scheme::Pkcs1DigestInfo, &statement("presence")).unwrap();
    let message = card_message(&rnd, "1312345679", request.digest());
    let key = authentication_key(CardKind::Jpki);
    let signed = desk.sign(&WORLD.institution, challenge, &ea, request.clone()).unwrap();
    key.verify(Suite::RsaPkcs1Sha256, &message, signed.signature()).unwrap();
    let signed = desk.session.run(Sign::with_pin(&holder, request)).unwrap();
    key.verify(Suite::RsaPkcs1Sha256, &statement("presence"), signed.signature()).unwrap();
}

#[test]
fn showing_another_certificate_takes_back_what_was_opened() {
    let mut card = support::card(CardKind::Jpki, CardProfile::A);
    authenticated(&mut card, |challenge| WORLD.institution.external_authenticate(challenge, None));
    let other = WORLD.other_institution.certificate.as_bytes();
    assert_eq!(status(&mut card, &[&[0x00, 0x2A, 0x00, 0xBE, 0, 2, 0x38][..], other].concat()), 0x9000);
    assert_eq!(status(&mut card, &[&[0x80, 0x2A, 0x02, 0x97, 32][..], &[0; 32], &[0]].concat()), 0x6982);
}

fn status(card: &mut jushin_card::VirtualCard, command: &[u8]) -> u16 {
    let answer = card.handle(command);
    u16::from_be_bytes(*answer.last_chunk().unwrap())
}

/// Selects, shows the certificate and answers the challenge; gives the card's answer to the last.
fn attempt(card: &mut jushin_card::VirtualCard, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> u16 {
    let select = [&[0x00, 0xA4, 0x04, 0x0C, 10][..], &jushin_card::jpki::APPLICATION].concat();
    assert_eq!(status(card, &select), 0x9000);
    let certificate = WORLD.institution.certificate.as_bytes();
    let show = [&[0x00, 0x2A, 0x00, 0xBE, 0x00, 0x02, 0x38][..], certificate].concat();
    assert_eq!(status(card, &show), 0x9000);
    let mut challenge = card.handle(&[0x00, 0x84, 0x00, 0x00, 16]);
    challenge.truncate(16);
    status(card, &[&[0x00, 0x82, 0x00, 0x00, 0x00, 0x01, 0x00][..], &sign(&challenge)].concat())
}

fn authenticated(card: &mut jushin_card::VirtualCard, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mut seen = Vec::new();
    let answer = attempt(card, |challenge| {
        seen = challenge.to_vec();
        sign(challenge)
    });
    assert_eq!(answer, 0x9000);
    seen
}
