//! The reader's side over a virtual card: what each step brings, and what its errors say.

use std::sync::{Arc, Mutex};

use jushin_card::apdu::StatusWord;
use jushin_card::client::{
    Addressing, ChangePin, Exchange, ExternalAuthenticate, GetChallenge, NotToBeSigned, Pin, PinForm,
    Presence, ReadCertificate, ReadPresence, ReadTerminalCa, ReadTokenInfo, SelectApplication, Sign,
    SignRequest, TriesLeft, VerifyCertificate, VerifyPin,
};
use jushin_card::jpki::{Credential, Scheme};
use jushin_card::terminal_auth::TerminalAuth;
use jushin_card::virtual_card::{CardKind, Reselecting};
use jushin_card::{CardError, CardProfile, Session, TransportError, VirtualReader};
use jushin_pki::Suite;

use crate::support::{self, PASSWORD, PIN, WORLD, authentication_key, certificate, statement};

fn reader(kind: CardKind) -> VirtualReader {
    VirtualReader::with(support::card(kind, CardProfile::A))
}

fn pin(digits: &str) -> Pin {
    Pin::new(Credential::Authentication, digits).unwrap()
}

#[test]
fn files_come_whole_and_with_nothing_after_them() {
    for addressing in [Addressing::Select, Addressing::ShortIdentifier] {
        let mut session = Session::new(reader(CardKind::Jpki));
        let card = session.run(SelectApplication).unwrap();
        let info = session.run(ReadTokenInfo::new(&card, addressing)).unwrap();
        assert_eq!((info.label.as_str(), info.scheme()), ("JPKIAPICCTOKEN2", Scheme::Pkcs1DigestInfo));
        assert_eq!(
            session.run(ReadPresence::new(&card, addressing)),
            Ok(Presence { signature: true, authentication: true })
        );
        assert_eq!(session.run(ReadTerminalCa::new(&card, addressing)), Ok(WORLD.ca_key_id));
        let read = session.run(ReadCertificate::authentication(&card, addressing)).unwrap();
        assert_eq!(read.as_bytes(), certificate(1590, 0xA0));
        let ca = session.run(ReadCertificate::ca(&card, Credential::Signature, addressing)).unwrap();
        assert_eq!(ca.as_bytes(), certificate(1333, 0xB1));
    }
}

#[test]
fn a_certificate_of_1590_bytes_costs_nine_commands_and_seven_by_short_identifier() {
    for (addressing, commands) in [(Addressing::Select, 9), (Addressing::ShortIdentifier, 7)] {
        let mut session = Session::new(reader(CardKind::Jpki));
        let card = session.run(SelectApplication).unwrap();
        session.run(ReadCertificate::authentication(&card, addressing)).unwrap();
        assert_eq!(session.exchanges(), 1 + commands);
    }
}

#[test]
fn a_check_in_without_pin_takes_15_commands_and_the_card_closes_behind_it() {
    for (form, commands) in
        [(TerminalAuth::Extended, 15), (TerminalAuth::Chained, 18), (TerminalAuth::A2Observed, 16)]
    {
        let mut reader = reader(CardKind::Jpki);
        let mut session = Session::new(&mut reader);
        let card = session.run(SelectApplication).unwrap();
        session.run(ReadCertificate::authentication(&card, Addressing::Select)).unwrap();
        let challenge = session.run(GetChallenge::new(&card)).unwrap();
        let signature = WORLD.institution.external_authenticate(challenge.as_bytes(), None);
        let shown = session
            .run(VerifyCertificate::new(&card, form, &WORLD.institution.certificate).unwrap())
            .unwrap();
        let accepted =
            session.run(ExternalAuthenticate::new(&shown, challenge, &signature).unwrap()).unwrap();
        let request = SignRequest::statement(Scheme::Pkcs1DigestInfo, &statement("presence")).unwrap();
        let signed = session.run(Sign::without_pin(accepted, request)).unwrap();
        authentication_key(CardKind::Jpki)
            .verify(Suite::RsaPkcs1Sha256, &statement("presence"), signed.signature())
            .unwrap();
        assert_eq!(session.end(), Ok(commands), "{form:?}");
    }
}

#[test]
fn every_scheme_verifies_under_the_cards_key() {
    for (kind, scheme, suite) in [
        (CardKind::Jpki, Scheme::Pkcs1DigestInfo, Suite::RsaPkcs1Sha256),
        (CardKind::Jpki, Scheme::Pkcs1Hash, Suite::RsaPkcs1Sha256),
        (CardKind::Phone, Scheme::Pkcs1DigestInfo, Suite::RsaPkcs1Sha256),
        (CardKind::JpkiPss, Scheme::Pss, Suite::RsaPssSha256),
        (CardKind::JpkiP384, Scheme::P384, Suite::P384Sha384Cose),
    ] {
        let mut session = Session::new(reader(kind));
        let card = session.run(SelectApplication).unwrap();
        let holder = session.run(VerifyPin::new(&card, pin(PIN), Addressing::Select)).unwrap();
        let request = SignRequest::sign_in(scheme, &[9; 32]);
        let signed = session.run(Sign::with_pin(&holder, request)).unwrap();
        let message = [&b"jushin/1/sign-in"[..], &[9; 32]].concat();
        authentication_key(kind).verify(suite, &message, signed.signature()).unwrap();
    }
}

#[test]
fn tokens_say_which_scheme_to_ask_for() {
    for (kind, scheme) in
        [(CardKind::Jpki, -257), (CardKind::JpkiPss, -37), (CardKind::JpkiP384, -35), (CardKind::Phone, -257)]
    {
        let mut session = Session::new(reader(kind));
        let card = session.run(SelectApplication).unwrap();
        let info = session.run(ReadTokenInfo::new(&card, Addressing::ShortIdentifier)).unwrap();
        assert_eq!((info.scheme().cose_number(), info.is_phone()), (scheme, kind == CardKind::Phone));
    }
}

#[test]
fn a_phone_refuses_its_certificate_before_the_pin() {
    let mut session = Session::new(reader(CardKind::Phone));
    let card = session.run(SelectApplication).unwrap();
    assert_eq!(
        session.run(ReadCertificate::authentication(&card, Addressing::Select)),
        Err(CardError::Refused { step: "reading a file", status: StatusWord::NOT_ALLOWED })
    );
    session.run(VerifyPin::new(&card, pin(PIN), Addressing::Select)).unwrap();
    session.run(ReadCertificate::authentication(&card, Addressing::Select)).unwrap();
}

#[test]
fn the_signing_certificate_and_key_open_with_the_password() {
    let mut session = Session::new(reader(CardKind::Jpki));
    let card = session.run(SelectApplication).unwrap();
    let password = Pin::new(Credential::Signature, PASSWORD).unwrap();
    let holder = session.run(VerifyPin::new(&card, password, Addressing::ShortIdentifier)).unwrap();
    let read = session.run(ReadCertificate::signature(&holder, Addressing::Select)).unwrap();
    assert_eq!(read.as_bytes().len(), 1758);
    let request = SignRequest::statement(Scheme::Pkcs1Hash, &statement("consent")).unwrap();
    assert_eq!(session.run(Sign::with_pin(&holder, request)).unwrap().signature().len(), 256);
}

#[test]
fn wrong_pins_count_down_to_blocked() {
    let mut session = Session::new(reader(CardKind::Jpki));
    let card = session.run(SelectApplication).unwrap();
    let wrong = || VerifyPin::new(&card, pin("0000"), Addressing::Select);
    for tries_left in [2, 1, 0] {
        assert_eq!(session.run(wrong()).unwrap_err(), CardError::WrongPin { tries_left });
        let asked = session.run(TriesLeft::new(&card, Credential::Authentication, Addressing::Select));
        assert_eq!(asked, Ok(tries_left));
    }
    assert_eq!(session.run(wrong()).unwrap_err(), CardError::PinBlocked);
    let other = session.run(TriesLeft::new(&card, Credential::Signature, Addressing::ShortIdentifier));
    assert_eq!(other, Ok(5));
}

#[test]
fn a_changed_pin_is_the_one_that_counts() {
    let mut session = Session::new(reader(CardKind::Jpki));
    let card = session.run(SelectApplication).unwrap();
    let holder = session.run(VerifyPin::new(&card, pin(PIN), Addressing::Select)).unwrap();
    session.run(ChangePin::new(&holder, pin("9876"))).unwrap();
    let card = session.run(SelectApplication).unwrap();
    assert_eq!(
        session.run(VerifyPin::new(&card, pin(PIN), Addressing::Select)).unwrap_err(),
        CardError::WrongPin { tries_left: 2 }
    );
    session.run(VerifyPin::new(&card, pin("9876"), Addressing::Select)).unwrap();
}

#[test]
fn what_is_no_pin_never_reaches_the_card() {
    assert_eq!(Pin::new(Credential::Authentication, "12345").unwrap_err(), PinForm::Authentication(5));
    assert_eq!(Pin::new(Credential::Signature, "abc123").unwrap_err(), PinForm::Signature(6));
}

#[test]
fn bytes_that_are_no_statement_are_not_signed() {
    for foreign in [&b"\x16\x03\x01 a TLS transcript"[..], b"0\x82 a certificate", b""] {
        assert_eq!(SignRequest::statement(Scheme::Pss, foreign).unwrap_err(), NotToBeSigned(foreign.len()));
    }
}

#[test]
fn a_card_pulled_at_any_moment_is_an_ordinary_error() {
    for after in 0..12 {
        let mut reader = reader(CardKind::Jpki);
        reader.pull_after(after);
        let mut session = Session::new(&mut reader);
        let read = session.run(SelectApplication).and_then(|card| {
            let holder = session.run(VerifyPin::new(&card, pin(PIN), Addressing::Select))?;
            session.run(ReadCertificate::authentication(&card, Addressing::Select))?;
            session.run(Sign::with_pin(&holder, SignRequest::sign_in(Scheme::Pss, &[0; 32])))
        });
        assert_eq!(read.unwrap_err(), CardError::Transport(TransportError::Removed), "after {after}");
        assert_eq!(session.exchanges(), after);
        drop(session);

        let card = reader.pull().unwrap();
        assert!(reader.pull().is_none());
        assert!(card.signed().is_empty());
        reader.insert(card);
        Session::new(&mut reader).run(SelectApplication).unwrap();
    }
}

#[test]
fn an_empty_reader_says_that_the_card_is_gone() {
    assert_eq!(
        Session::new(VirtualReader::new()).run(SelectApplication).unwrap_err(),
        CardError::Transport(TransportError::Removed)
    );
}

/// A reader that other programs reach too.
struct Shared(Arc<Mutex<VirtualReader>>);

impl jushin_card::CardTransport for Shared {
    fn transmit(
        &mut self,
        command: &jushin_card::apdu::CommandBytes,
    ) -> Result<jushin_card::apdu::Response, TransportError> {
        self.0.lock().unwrap().transmit(command)
    }
    fn was_reset(&mut self) -> bool {
        self.0.lock().unwrap().was_reset()
    }
}

#[test]
fn a_reset_in_mid_session_is_noticed_before_the_next_command() {
    let reader = Arc::new(Mutex::new(reader(CardKind::Jpki)));
    let mut session = Session::new(Shared(Arc::clone(&reader)));
    let card = session.run(SelectApplication).unwrap();
    reader.lock().unwrap().reset();
    assert_eq!(session.run(GetChallenge::new(&card)).unwrap_err(), CardError::Reset);
    assert_eq!(session.exchanges(), 1);
}

#[test]
fn a_session_dropped_after_an_error_leaves_nothing_open() {
    for reselecting in [Reselecting::Forgets, Reselecting::Remembers] {
        let mut personalisation = support::personalisation(CardKind::Jpki, CardProfile::A);
        personalisation.reselecting = reselecting;
        // Without its reset hint, so that leaving the application alone must do.
        let reader = Arc::new(Mutex::new(VirtualReader::with(support::card_of(personalisation))));
        let mut first = Session::new(Shared(Arc::clone(&reader)));
        let card = first.run(SelectApplication).unwrap();
        let holder = first.run(VerifyPin::new(&card, pin(PIN), Addressing::Select)).unwrap();
        drop(first);

        let mut second = Session::new(Shared(reader));
        second.run(SelectApplication).unwrap();
        assert_eq!(
            second.run(Sign::with_pin(&holder, SignRequest::sign_in(Scheme::Pss, &[0; 32]))).unwrap_err(),
            CardError::Refused { step: "COMPUTE DIGITAL SIGNATURE", status: StatusWord::NOT_ALLOWED }
        );
    }
}

#[test]
fn a_trace_of_a_whole_session_holds_no_pin_and_no_signature() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let mut session = Session::new(reader(CardKind::Jpki)).traced(move |exchange: &Exchange| {
        sink.lock().unwrap().push(format!("{exchange} {exchange:?}"));
    });
    let card = session.run(SelectApplication).unwrap();
    let verify = VerifyPin::new(&card, pin(PIN), Addressing::ShortIdentifier);
    let mut shown = format!("{verify:?}");
    let holder = session.run(verify).unwrap();
    let request = SignRequest::sign_in(Scheme::Pkcs1Hash, &[1; 32]);
    shown += &format!("{request:?}");
    let signed = session.run(Sign::with_pin(&holder, request)).unwrap();
    shown += &format!("{signed:?} {session:?}");
    session.end().unwrap();

    let lines = lines.lock().unwrap();
    assert_eq!(lines.len(), 4);
    assert!(lines[1].starts_with("  2  00 20 00 98 [4] -> [0] 9000 done"), "{}", lines[1]);
    let everything = format!("{shown}{}", lines.concat());
    let signature_start: Vec<_> = signed.signature()[..8].to_vec();
    let as_hex: String = signature_start.iter().map(|byte| format!("{byte:02x}")).collect();
    for secret in [PIN, "31323334", "[49, 50, 51, 52]", &as_hex, &format!("{signature_start:?}")[1..20]] {
        assert!(!everything.to_lowercase().contains(secret), "{secret} in {everything}");
    }
}
