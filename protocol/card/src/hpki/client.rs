//! The reader's side of a staff card.

use alloc::vec::Vec;

use jushin_pki::{Certificate, KeyUsage};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::directory::{CertificateEntry, KeyEntry, KeyName, ObjectDirectory, PinEntry};
use super::{APPLICATION_PREFIX, DirectoryError, OBJECT_DIRECTORY, StaffPin};
use crate::apdu::{Command, CommandError, Header, Response, StatusWord};
use crate::client::{CardError, Next, NotToBeSigned, SIGNATURE_1, Session, Step};
use crate::jpki::{FileId, SHA256_DIGEST_INFO};

/// Why a staff card is of no use, by who is at fault.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StaffCardError {
    /// The holder: no card of the health-care PKI.
    #[error("the card has no application of the health-care PKI ({status})")]
    NotStaff {
        /// What it answered to SELECT.
        status: StatusWord,
    },
    /// The holder: a card, or an application, for signing documents only.
    #[error("the card is for signing; the one for authentication is needed")]
    SigningOnly,
    /// The issuer: no RSA key for authentication with certificate and PIN in the directory.
    #[error("the card's directory lists no key for authentication with certificate and PIN")]
    NoKey,
    /// The issuer: an unreadable directory.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The holder: the PIN is wrong.
    #[error("wrong PIN, {tries_left} tries left")]
    WrongPin {
        /// Tries left; 0 means that this one has blocked it.
        tries_left: u8,
    },
    /// The holder: the PIN was blocked before.
    #[error("the PIN is blocked")]
    PinBlocked,
    /// The session: card pulled out, or a command refused.
    #[error(transparent)]
    Card(#[from] CardError),
}

impl From<CommandError> for StaffCardError {
    fn from(error: CommandError) -> Self {
        Self::Card(error.into())
    }
}

/// Applications of one card that are looked at.
const APPLICATIONS: usize = 8;
/// Longest file that is read.
const LONGEST: usize = 0x4000;
/// Most that one READ BINARY brings.
const CHUNK: usize = 256;
/// Length of an RSA-2048 block and signature.
const MODULUS: usize = 256;

/// A staff card whose key for authentication was found; its application is selected.
#[derive(Debug)]
pub struct StaffCard<'t> {
    session: Session<'t>,
    key: KeyName,
    pin: u8,
    certificate: Vec<u8>,
}

impl<'t> StaffCard<'t> {
    /// Walks the card's applications until one has a key for authentication, with certificate and PIN.
    ///
    /// # Errors
    ///
    /// [`StaffCardError`]; a card with keys for signing only is [`StaffCardError::SigningOnly`].
    pub fn find(mut session: Session<'t>) -> Result<Self, StaffCardError> {
        let mut signing = false;
        for number in 0..APPLICATIONS {
            // P2: the first application of that name, then the next one each time.
            let next = if number == 0 { 0x00 } else { 0x02 };
            let select = Command::new(Header::new(0x00, 0xA4, 0x04, next)).with_data(&APPLICATION_PREFIX)?;
            let selected = session.run(Transmit(select.expecting(256)?))?;
            match selected.status() {
                StatusWord::DONE => {}
                status if number == 0 => return Err(StaffCardError::NotStaff { status }),
                _ => break,
            }
            match authentication(&mut session)? {
                Found::Key(key, pin, certificate) => return Ok(Self { session, key, pin, certificate }),
                Found::SigningOnly => signing = true,
                Found::Nothing => {}
            }
        }
        Err(if signing { StaffCardError::SigningOnly } else { StaffCardError::NoKey })
    }

    /// Its certificate for authentication, DER.
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// VERIFY. Each wrong PIN takes a try.
    ///
    /// # Errors
    ///
    /// [`StaffCardError::WrongPin`], [`StaffCardError::PinBlocked`].
    pub fn verify(&mut self, pin: &StaffPin) -> Result<(), StaffCardError> {
        let verify = Command::new(Header::new(0x00, 0x20, 0x00, self.pin)).with_data(pin.as_bytes())?;
        let answer = self.session.run(Transmit(verify))?;
        match answer.status() {
            StatusWord::DONE => Ok(()),
            StatusWord::METHOD_BLOCKED | StatusWord::REFERENCE_UNUSABLE => Err(StaffCardError::PinBlocked),
            status => Err(status.tries_left().map_or_else(
                || refused("VERIFY", &answer),
                |tries_left| StaffCardError::WrongPin { tries_left },
            )),
        }
    }

    /// RS256 over a statement's Sig_structure and nothing else, after [`verify`](Self::verify).
    ///
    /// # Errors
    ///
    /// [`StaffCardError`].
    pub fn sign(&mut self, to_be_signed: &[u8]) -> Result<Vec<u8>, StaffCardError> {
        if !to_be_signed.starts_with(SIGNATURE_1) {
            return Err(CardError::from(NotToBeSigned(to_be_signed.len())).into());
        }
        let name = match self.key {
            KeyName::File(file) => [[0x81, 0x02], file.0.to_be_bytes()].concat(),
            KeyName::Reference(reference) => [[0x84, 0x02], reference.to_be_bytes()].concat(),
        };
        let set = Command::new(Header::new(0x00, 0x22, 0x41, 0xB6)).with_data(&name)?;
        let answer = self.session.run(Transmit(set))?;
        if !answer.status().is_done() {
            return Err(refused("MANAGE SECURITY ENVIRONMENT", &answer));
        }
        let compute = Command::new(Header::new(0x00, 0x2A, 0x9E, 0x9A))
            .with_data(&padded(to_be_signed))?
            .expecting(65_536)?;
        let answer = self.session.run(Transmit(compute))?;
        if !answer.status().is_done() {
            return Err(refused("COMPUTE DIGITAL SIGNATURE", &answer));
        }
        let signature = answer.into_data();
        if signature.len() != MODULUS {
            let (expected, got) = (MODULUS, signature.len());
            return Err(CardError::Length { step: "COMPUTE DIGITAL SIGNATURE", expected, got }.into());
        }
        Ok(signature.to_vec())
    }
}

/// The whole block that the card raises to its exponent: 00 01 FF … 00, DigestInfo (RFC 8017, 9.2).
fn padded(to_be_signed: &[u8]) -> Vec<u8> {
    let info = [&SHA256_DIGEST_INFO[..], &Sha256::digest(to_be_signed)].concat();
    let mut block = [&[0x00, 0x01][..], &[0xFF; MODULUS]].concat();
    block.truncate(MODULUS - info.len() - 1);
    block.push(0x00);
    block.extend_from_slice(&info);
    block
}

/// What the selected application has.
enum Found {
    Key(KeyName, u8, Vec<u8>),
    SigningOnly,
    Nothing,
}

fn authentication(session: &mut Session<'_>) -> Result<Found, StaffCardError> {
    let directory = ObjectDirectory::parse(&read(session, Name::Short(OBJECT_DIRECTORY))?)?;
    let (Some(keys), Some(certificates), Some(pins)) =
        (directory.private_keys, directory.certificates, directory.pins)
    else {
        return Ok(Found::Nothing);
    };
    let keys = KeyEntry::parse_all(&read(session, Name::File(keys))?)?;
    let mut signing = keys.iter().any(|key| key.non_repudiation);
    let certificates = CertificateEntry::parse_all(&read(session, Name::File(certificates))?)?;
    let pins = PinEntry::parse_all(&read(session, Name::File(pins))?)?;
    for key in keys.into_iter().filter(|key| key.signs && !key.non_repudiation) {
        let Some(entry) = certificates.iter().find(|entry| entry.id == key.id) else { continue };
        let Some(pin) = pins.iter().find(|pin| Some(&pin.id) == key.pin.as_ref()) else { continue };
        let certificate = certificate(&read(session, Name::File(entry.file))?)?;
        // The directory is the card's word; the certificate is its issuer's.
        let usage = Certificate::parse(&certificate).ok().and_then(|certificate| certificate.key_usage());
        if usage.is_some_and(|usage| usage.contains(KeyUsage::NON_REPUDIATION)) {
            signing = true;
            continue;
        }
        return Ok(Found::Key(key.name, pin.reference, certificate));
    }
    Ok(if signing { Found::SigningOnly } else { Found::Nothing })
}

/// The certificate at the beginning of its file, which may be longer.
fn certificate(file: &[u8]) -> Result<Vec<u8>, StaffCardError> {
    let whole = jushin_pki::der::Reader::new(file).any().map_err(DirectoryError::from)?.whole;
    Ok(whole.to_vec())
}

/// How a file is addressed.
#[derive(Clone, Copy)]
enum Name {
    Short(u8),
    File(FileId),
}

/// Reads a file to its end.
fn read(session: &mut Session<'_>, name: Name) -> Result<Zeroizing<Vec<u8>>, StaffCardError> {
    let mut first = match name {
        Name::Short(short) => 0x80 | short,
        Name::File(file) => {
            let select =
                Command::new(Header::new(0x00, 0xA4, 0x02, 0x0C)).with_data(&file.0.to_be_bytes())?;
            let answer = session.run(Transmit(select))?;
            if !answer.status().is_done() {
                return Err(refused("selecting a file", &answer));
            }
            0x00
        }
    };
    let mut content = Zeroizing::new(Vec::new());
    while content.len() < LONGEST {
        let [high, low] = u16::try_from(content.len()).unwrap_or(u16::MAX).to_be_bytes();
        let header = Header::new(0x00, 0xB0, first | high, low);
        first = 0x00;
        let answer = session.run(Transmit(Command::new(header).expecting(256)?))?;
        match answer.status() {
            StatusWord::DONE | END_OF_FILE => content.extend_from_slice(answer.data()),
            // The file ended with the part before.
            StatusWord::PAST_THE_END if !content.is_empty() => break,
            _ => return Err(refused("reading a file", &answer)),
        }
        if answer.data().len() < CHUNK {
            break;
        }
    }
    Ok(content)
}

/// 6282: fewer bytes than asked for, because the file ends there.
const END_OF_FILE: StatusWord = StatusWord(0x6282);

fn refused(step: &'static str, response: &Response) -> StaffCardError {
    CardError::Refused { step, status: response.status() }.into()
}

/// One command whose answer is looked at by whoever sent it.
struct Transmit(Command);

impl Step for Transmit {
    type Output = Response;

    fn command(&self) -> Result<Command, CommandError> {
        Ok(self.0.clone())
    }

    fn receive(self, response: Response) -> Result<Next<Self>, CardError> {
        Ok(Next::Done(response))
    }
}
