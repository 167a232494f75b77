//! A hostile card: whatever it answers, the reader's side ends, and takes no more than it asked for.

use std::sync::LazyLock;

use jushin_card::apdu::{CommandBytes, Response};
use jushin_card::client::*;
use jushin_card::jpki::{Credential, Scheme};
use jushin_card::terminal_auth::TerminalAuth;
use jushin_card::{CardError, CardTransport, Session, TransportError};
use jushin_pki::CvCertificate;

use crate::input::Input;
use crate::{fixtures, planted};

/// Most commands that a whole session may take, whatever a card says of its files' lengths.
const MOST: u32 = 700;

static CV: LazyLock<CvCertificate> = LazyLock::new(|| {
    let (_, bytes) = fixtures::TRUST_FILES.iter().find(|(name, _)| name == "ca-i-1.bin").unwrap();
    CvCertificate::parse(bytes).unwrap()
});

/// Answers what the input says; READ BINARY is answered from files that the input lays out.
struct Hostile<'a> {
    input: Input<'a>,
    /// The content of a file, repeated as long as it is read.
    file: &'a [u8],
    answered: u32,
}

impl CardTransport for Hostile<'_> {
    fn transmit(&mut self, command: &CommandBytes) -> Result<Response, TransportError> {
        self.answered += 1;
        if self.input.is_empty() || self.answered > 2 * MOST {
            return Err(TransportError::Removed);
        }
        let bytes = command.as_bytes();
        let answer = match self.input.below(6) {
            0 => self.input.string().to_vec(),
            1 => return Err(TransportError::Reader(String::new())),
            2 => [&vec![0; usize::from(self.input.byte())][..], &[0x90, 0]].concat(),
            _ => match bytes {
                [_, 0xB0, high, low, expected] => self.read(*high, *low, *expected),
                [_, 0x84, ..] => [&[9; 16][..], &[0x90, 0]].concat(),
                [_, 0x2A, _, 0x97, ..] => [&[9; 256][..], &[0x90, 0]].concat(),
                _ => vec![0x90, 0],
            },
        };
        Ok(Response::parse(&answer)?)
    }

    fn was_reset(&mut self) -> bool {
        !self.input.is_empty() && self.input.byte() == 0xFF
    }
}

impl Hostile<'_> {
    fn read(&self, high: u8, low: u8, expected: u8) -> Vec<u8> {
        let at =
            if high & 0x80 != 0 { usize::from(low) } else { usize::from(u16::from_be_bytes([high, low])) };
        let length = if expected == 0 { 256 } else { usize::from(expected) };
        let content = self.file.iter().copied().cycle().skip(at % self.file.len().max(1)).take(length);
        content.chain([0x90, 0]).collect()
    }
}

pub(super) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let choice = input.byte();
    let file = input.string();
    let mut session = Session::new(Hostile { input, file, answered: 0 });
    let _ = visit(&mut session, choice);
    assert!(session.exchanges() <= MOST, "the reader never ends");
}

fn visit(session: &mut Session<'_>, choice: u8) -> Result<(), CardError> {
    let by = if choice & 1 == 0 { Addressing::Select } else { Addressing::ShortIdentifier };
    let form = [TerminalAuth::Extended, TerminalAuth::Chained, TerminalAuth::A2Observed]
        [usize::from(choice >> 1) % 3];
    let scheme =
        [Scheme::Pkcs1DigestInfo, Scheme::Pkcs1Hash, Scheme::Pss, Scheme::P384][usize::from(choice >> 3) % 4];
    let card = session.run(SelectApplication)?;
    if choice & 0x20 != 0 {
        let info = session.run(ReadTokenInfo::new(&card, by))?;
        let _ = (info.is_phone(), info.scheme());
        let _ = session.run(ReadPresence::new(&card, by))?;
        let _ = session.run(ReadTerminalCa::new(&card, by))?;
    }
    if choice & 0x40 != 0 {
        let _ = session.run(TriesLeft::new(&card, Credential::Authentication, by))?;
        let pin = Pin::new(Credential::Authentication, "1234").expect("four digits");
        let holder = session.run(VerifyPin::new(&card, pin, by))?;
        let signed = session.run(Sign::with_pin(&holder, SignRequest::sign_in(scheme, &[0; 32])))?;
        check_signature(&signed);
    }
    let certificate = session.run(ReadCertificate::authentication(&card, by))?;
    check_certificate(certificate.as_bytes());
    let challenge = session.run(GetChallenge::new(&card))?;
    let shown = session.run(VerifyCertificate::new(&card, form, &CV)?)?;
    let accepted = session.run(ExternalAuthenticate::new(&shown, challenge, &[1; 256])?)?;
    let request = SignRequest::statement(scheme, b"\x84\x6ASignature1").expect("begins like one");
    let signed = session.run(Sign::without_pin(accepted, request))?;
    check_signature(&signed);
    planted::fault(certificate.as_bytes().len() > 0x1000, "a whole visit with a very long certificate");
    Ok(())
}

/// A certificate is exactly as long as its own first bytes say.
fn check_certificate(der: &[u8]) {
    let [0x30, 0x82, high, low, ..] = der else { panic!("not the beginning of a certificate") };
    assert_eq!(der.len(), usize::from(u16::from_be_bytes([*high, *low])) + 4);
}

fn check_signature(signed: &PatientSigned) {
    let length = if signed.scheme() == Scheme::P384 { 96 } else { 256 };
    assert_eq!(signed.signature().len(), length, "a signature of another length");
}
