//! Terminal authentication and a signature without PIN, through `pcscd`.

use jushin_card::apdu::StatusWord;
use jushin_card::client::{
    Addressing, ExternalAuthenticate, GetChallenge, InstitutionAccepted, ReadCertificate, SelectApplication,
    Sign, SignRequest, VerifyCertificate,
};
use jushin_card::jpki::Scheme;
use jushin_card::terminal_auth::{TerminalAuth, card_message, external_authenticate_message};
use jushin_card::{CardError, CardProfile, Session, TransportError};
use jushin_crypto::AwsLc;
use jushin_devices::pcsc::Readers;
use jushin_pki::cv::CvCertificate;
use jushin_pki::{Certificate, Crypto, Suite};
use jushin_trust_services::KeyMedium;

use super::reader::{Served, first};

/// Begins as the bytes to be signed of a statement do.
const STATEMENT: &[u8] = b"\x84\x6aSignature1 over a visit";

/// An institution that the card accepts.
struct Institution {
    medium: KeyMedium,
    certificate: CvCertificate,
}

impl Institution {
    fn of(card: &Served) -> Self {
        let medium = KeyMedium::parse(&card.text("institution.key")).unwrap();
        let certificate = CvCertificate::parse(&medium.cv_certificate).unwrap();
        Self { medium, certificate }
    }

    /// What the element answers to a challenge.
    fn answer(&self, challenge: &[u8], covered: Option<&[u8]>) -> Vec<u8> {
        let subject = self.certificate.subject_key_id();
        let message = external_authenticate_message(challenge, subject, covered);
        let key = AwsLc.private_key(&self.medium.pkcs8).unwrap();
        key.sign(Suite::RsaPkcs1Sha256, &message).unwrap()
    }
}

/// What came of one visit at the reader.
struct Visit {
    certificate: Certificate,
    challenge: Vec<u8>,
    signature: Vec<u8>,
    exchanges: u32,
}

fn check_in(
    institution: &Institution,
    form: TerminalAuth,
    profile: CardProfile,
    request: &SignRequest,
) -> Result<Visit, CardError> {
    let readers = Readers::open().unwrap();
    let mut session = Session::new(readers.connect(&first()).unwrap());
    let card = session.run(SelectApplication)?;
    let certificate = session.run(ReadCertificate::authentication(&card, Addressing::Select))?;
    let shown = session.run(VerifyCertificate::new(&card, form, &institution.certificate)?)?;
    let challenge = session.run(GetChallenge::new(&card))?;
    let rnd = challenge.as_bytes().to_vec();
    let covered = matches!(profile, CardProfile::B).then(|| request.digest());
    let answer = institution.answer(&rnd, covered);
    let accepted: InstitutionAccepted =
        session.run(ExternalAuthenticate::new(&shown, challenge, &answer)?)?;
    let signed = session.run(Sign::without_pin(accepted, request.clone()))?;
    Ok(Visit {
        certificate: Certificate::parse(certificate.as_bytes()).unwrap(),
        challenge: rnd,
        signature: signed.signature().to_vec(),
        exchanges: session.end()?,
    })
}

/// How often each way is gone: once, or many times in `cargo xtask soak`.
fn rounds() -> u32 {
    if std::env::var_os("JUSHIN_SOAK").is_some() { 2_000 } else { 3 }
}

#[test]
fn a_card_in_a_reader_signs_for_an_institution_without_pin() {
    let request = SignRequest::statement(Scheme::Pkcs1DigestInfo, STATEMENT).unwrap();
    for (argument, profile) in [("A", CardProfile::A), ("B", CardProfile::B), ("C", CardProfile::C)] {
        let card = Served::start(&["--profile", argument]);
        let institution = Institution::of(&card);
        for (form, most) in [(TerminalAuth::Extended, 15), (TerminalAuth::Chained, 18)] {
            for _ in 0..rounds() {
                let visit = check_in(&institution, form, profile, &request).unwrap();
                let key = AwsLc.public_key(visit.certificate.spki()).unwrap();
                let verdict = if matches!(profile, CardProfile::C) {
                    let code = institution.medium.institution.to_string();
                    let message = card_message(&visit.challenge, &code, request.digest());
                    key.verify(Suite::RsaPkcs1Sha256, &message, &visit.signature)
                } else {
                    key.verify(Suite::RsaPkcs1Sha256, STATEMENT, &visit.signature)
                };
                assert_eq!(verdict, Ok(()), "profile {argument}, {form:?}");
                assert!(visit.exchanges <= most, "{} APDUs, profile {argument}, {form:?}", visit.exchanges);
            }
        }
    }
}

#[test]
fn another_institutions_answer_opens_nothing() {
    let card = Served::start(&[]);
    let institution = Institution::of(&card);
    let readers = Readers::open().unwrap();
    let mut session = Session::new(readers.connect(&first()).unwrap());
    let selected = session.run(SelectApplication).unwrap();
    let shown = session
        .run(VerifyCertificate::new(&selected, TerminalAuth::Extended, &institution.certificate).unwrap());
    let challenge = session.run(GetChallenge::new(&selected)).unwrap();
    let of_before = institution.answer(&[0; 16], None);
    let refusal = session.run(ExternalAuthenticate::new(&shown.unwrap(), challenge, &of_before).unwrap());
    assert_eq!(refusal.unwrap_err(), CardError::InstitutionRefused);
}

#[test]
fn a_pin_of_before_is_forgotten_when_the_next_program_connects() {
    use jushin_card::client::{Pin, VerifyPin};
    use jushin_card::jpki::Credential;

    let _card = Served::start(&[]);
    let readers = Readers::open().unwrap();
    let mut session = Session::new(readers.connect(&first()).unwrap());
    let selected = session.run(SelectApplication).unwrap();
    let pin = Pin::new(Credential::Authentication, "1234").unwrap();
    let holder = session.run(VerifyPin::new(&selected, pin, Addressing::Select)).unwrap();
    let request = SignRequest::sign_in(Scheme::Pkcs1DigestInfo, &[7; 32]);
    session.run(Sign::with_pin(&holder, request.clone())).unwrap();
    drop(session);

    let mut session = Session::new(readers.connect(&first()).unwrap());
    let _selected = session.run(SelectApplication).unwrap();
    let refusal = session.run(Sign::with_pin(&holder, request)).unwrap_err();
    assert_eq!(
        refusal,
        CardError::Refused { step: "COMPUTE DIGITAL SIGNATURE", status: StatusWord::NOT_ALLOWED }
    );
}

#[test]
fn a_card_pulled_within_a_session_is_an_ordinary_event() {
    let mut card = Served::start(&[]);
    let readers = Readers::open().unwrap();
    let mut session = Session::new(readers.connect(&first()).unwrap());
    session.run(SelectApplication).unwrap();
    card.pull();
    let refusal = session.run(SelectApplication).unwrap_err();
    assert_eq!(refusal, CardError::Transport(TransportError::Removed));
}
