//! A virtual staff card ◇ (simulated / 模擬).
//!
//! Name and short identifiers as in the public guideline; the rest is a layout of our own. The card checks
//! its PIN and pads nothing: like the real ones it takes a block that is padded already.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

use jushin_pki::der::{Writer, tag};
use zeroize::Zeroizing;

use super::directory::{CertificateEntry, KeyEntry, KeyName, ObjectDirectory, PinEntry};
use super::{APPLICATION_PREFIX, StaffPin};
use crate::apdu::{Chain, ChainError, ChainLink, Command, CommandBytes, Response, StatusWord};
use crate::jpki::FileId;
use crate::transport::{CardTransport, TransportError};
use crate::virtual_card::RawRsa;

/// Answer to reset of a contactless card as PC/SC part 3 builds it.
const ATR: [u8; 13] = [0x3B, 0x88, 0x80, 0x01, 0x00, 0x00, 0x05, 0xE0, 0xB3, 0x81, 0xA1, 0x00, 0x7F];
/// Wrong PINs that block one. How many a real card allows is not known.
const TRIES: u8 = 3;
/// Longest chain of commands: one padded block.
const LONGEST_CHAIN: usize = 256;

/// Where a virtual card keeps what its directory names. A client that walks the directory sees no difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StaffLayout {
    /// The numbers that the guideline gives as examples: key named by its file (tag 81), PIN 96.
    #[default]
    Guideline,
    /// Numbers like those seen on cards of one issuer: key named by a reference (tag 84), PIN 88.
    Issuer,
}

/// A key with its certificates and PIN.
#[derive(Clone)]
pub struct StaffKey {
    /// RSA-2048, PKCS#8 DER.
    pub private_key: Zeroizing<Vec<u8>>,
    /// Its certificate, DER.
    pub certificate: Vec<u8>,
    /// The certificate of the CA that issued it, DER.
    pub ca_certificate: Vec<u8>,
    /// Its PIN, 4 to 16 bytes.
    pub pin: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for StaffKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key with a certificate of {} bytes", self.certificate.len())
    }
}

/// What a [`VirtualStaffCard`] is made of.
#[derive(Clone, Debug)]
pub struct StaffPersonalisation {
    /// The application for authentication, if it has one.
    pub authentication: Option<StaffKey>,
    /// The application for signing documents, if it has one.
    pub signature: Option<StaffKey>,
    /// Where things are.
    pub layout: StaffLayout,
    /// Serial number of the card, 16 characters of ASCII.
    pub serial: [u8; 16],
}

/// A staff card that cannot be made. Whoever personalises is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StaffPersonalisationError {
    /// A private key that is no RSA-2048 key in PKCS#8.
    #[error("a staff card's key is RSA-2048 in PKCS#8")]
    Key,
    /// A PIN of another form.
    #[error("a staff card's PIN has 4 to 16 bytes, not {0}")]
    Pin(usize),
}

/// What an application is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Authentication,
    Signature,
}

/// A simulated staff card.
pub struct VirtualStaffCard {
    applications: Vec<Application>,
    selected: Option<usize>,
    current: Option<FileId>,
    chain: Chain,
    was_reset: bool,
    signatures: u32,
}

struct Application {
    name: [u8; 16],
    purpose: Purpose,
    files: BTreeMap<FileId, Vec<u8>>,
    key: RawRsa,
    key_name: KeyName,
    pin_reference: u8,
    pin: Zeroizing<Vec<u8>>,
    tries_left: u8,
    verified: bool,
    key_set: bool,
}

impl VirtualStaffCard {
    /// Makes a card.
    ///
    /// # Errors
    ///
    /// [`StaffPersonalisationError`].
    pub fn new(personalisation: &StaffPersonalisation) -> Result<Self, StaffPersonalisationError> {
        let mut applications = Vec::new();
        // Signing comes first, so that a reader that takes the first application meets the wrong one.
        for (key, purpose) in [
            (&personalisation.signature, Purpose::Signature),
            (&personalisation.authentication, Purpose::Authentication),
        ] {
            if let Some(key) = key {
                applications.push(Application::new(key, purpose, personalisation)?);
            }
        }
        Ok(Self {
            applications,
            selected: None,
            current: None,
            chain: Chain::new(LONGEST_CHAIN),
            was_reset: false,
            signatures: 0,
        })
    }

    /// The answer to reset.
    #[must_use]
    pub const fn atr(&self) -> &'static [u8] {
        &ATR
    }

    /// How many signatures it has made.
    #[must_use]
    pub const fn signatures(&self) -> u32 {
        self.signatures
    }

    /// Power-off and power-on: nothing selected, nothing verified. Tries left stay.
    pub fn reset(&mut self) {
        self.leave();
        self.chain.clear();
        self.was_reset = true;
    }

    /// Takes one command and answers it.
    pub fn handle(&mut self, command: &[u8]) -> Vec<u8> {
        let answer = match Command::parse(command) {
            Ok(command) => self.receive(command),
            Err(_) => {
                self.chain.clear();
                Err(StatusWord::WRONG_LENGTH)
            }
        };
        answer.unwrap_or_else(Response::status_only).to_bytes()
    }

    fn receive(&mut self, command: Command) -> Answer {
        let header = command.header();
        if header.without_chaining().class != 0 {
            self.chain.clear();
            return Err(StatusWord::UNKNOWN_CLASS);
        }
        if header.is_chained() && header.instruction != 0x2A {
            self.chain.clear();
            return Err(StatusWord::CHAINING_NOT_SUPPORTED);
        }
        match self.chain.take(command) {
            Ok(ChainLink::More) => done(),
            Ok(ChainLink::Whole(command)) => self.dispatch(&command),
            Err(ChainError::Broken { .. }) => Err(StatusWord::LAST_OF_CHAIN_EXPECTED),
            Err(ChainError::TooLong { .. }) => Err(StatusWord::WRONG_LENGTH),
        }
    }

    fn dispatch(&mut self, command: &Command) -> Answer {
        match command.header().instruction {
            0xA4 => self.select(command),
            0xB0 => self.read_binary(command),
            0x20 => self.application()?.verify(command),
            0x22 => self.application()?.set_key(command),
            0x2A => {
                let answer = self.application()?.sign(command)?;
                self.signatures += 1;
                Ok(answer)
            }
            _ => Err(StatusWord::UNKNOWN_INSTRUCTION),
        }
    }

    fn application(&mut self) -> Result<&mut Application, StatusWord> {
        self.selected.and_then(|number| self.applications.get_mut(number)).ok_or(StatusWord::OUT_OF_ORDER)
    }

    fn select(&mut self, command: &Command) -> Answer {
        match (command.header().p1, command.header().p2) {
            (0x04, p2 @ (0x00 | 0x02 | 0x0C)) => self.select_application(command.data(), p2),
            (0x02, 0x00 | 0x0C) => {
                let name = command.data().try_into().map_err(|_| StatusWord::WRONG_LENGTH)?;
                let file = FileId(u16::from_be_bytes(name));
                if !self.application()?.files.contains_key(&file) {
                    return Err(StatusWord::NOT_FOUND);
                }
                self.current = Some(file);
                done()
            }
            _ => Err(StatusWord::WRONG_PARAMETERS),
        }
    }

    /// By the whole name or its beginning: the first that fits, or (P2 = 02) the next after the selected one.
    fn select_application(&mut self, name: &[u8], p2: u8) -> Answer {
        let from = match (p2, self.selected) {
            (0x02, Some(selected)) => selected + 1,
            _ => 0,
        };
        let fits = |application: &Application| {
            name.len() >= APPLICATION_PREFIX.len() && application.name.starts_with(name)
        };
        let found = self.applications.iter().enumerate().skip(from).find(|(_, one)| fits(one));
        let Some((number, application)) = found else { return Err(StatusWord::NOT_FOUND) };
        let information = [&[0x6F, 0x12, 0x84, 0x10][..], &application.name].concat();
        self.leave();
        self.selected = Some(number);
        if p2 == 0x0C { done() } else { Ok(Response::done(information)) }
    }

    fn leave(&mut self) {
        self.selected = None;
        self.current = None;
        for application in &mut self.applications {
            application.verified = false;
            application.key_set = false;
        }
    }

    fn read_binary(&mut self, command: &Command) -> Answer {
        let header = command.header();
        let current = self.current;
        let application = self.application()?;
        let (file, offset) = match header.p1 {
            p1 @ 0x81..=0x9E => {
                (application.short(p1 & 0x1F).ok_or(StatusWord::NOT_FOUND)?, usize::from(header.p2))
            }
            0x00..=0x7F => (current.ok_or(StatusWord::NO_FILE_SELECTED)?, usize::from(header.parameters())),
            _ => return Err(StatusWord::WRONG_PARAMETERS),
        };
        let content = application.files.get(&file).ok_or(StatusWord::NOT_FOUND)?;
        if content.is_empty() {
            return Err(StatusWord::WRONG_FILE_KIND);
        }
        let length = command.expected().ok_or(StatusWord::WRONG_LENGTH)?;
        let rest = content.get(offset..).filter(|rest| !rest.is_empty()).ok_or(StatusWord::PAST_THE_END)?;
        let length = usize::try_from(length).unwrap_or(256).min(256).min(rest.len());
        let part = rest.get(..length).unwrap_or_default().to_vec();
        self.current = Some(file);
        Ok(Response::done(part))
    }
}

type Answer = Result<Response, StatusWord>;

fn done() -> Answer {
    Ok(Response::status_only(StatusWord::DONE))
}

/// Files that both layouts have.
const OBJECT_DIRECTORY: FileId = FileId(0x5031);
const CARD_INFORMATION: FileId = FileId(0x5032);

impl Application {
    fn new(
        key: &StaffKey,
        purpose: Purpose,
        personalisation: &StaffPersonalisation,
    ) -> Result<Self, StaffPersonalisationError> {
        // Our layout ◇: directories 13 to 15, PIN 16, key 17, certificates 18 and 19; or the other one.
        let [pins, keys, certificates] = [0x13, 0x14, 0x15].map(FileId);
        let (pin_file, key_file, certificate, ca_certificate) = match personalisation.layout {
            StaffLayout::Guideline => (FileId(0x16), FileId(0x17), FileId(0x18), FileId(0x19)),
            StaffLayout::Issuer => (FileId(0x08), FileId(0x0C), FileId(0x16), FileId(0x1A)),
        };
        let (key_name, pin_reference) = match personalisation.layout {
            StaffLayout::Guideline => (KeyName::File(key_file), 0x96),
            StaffLayout::Issuer => (KeyName::Reference(key_file.0), 0x88),
        };
        let (number, label) = match purpose {
            Purpose::Signature => (1, "HPKI signing (simulated)"),
            Purpose::Authentication => (2, "HPKI authentication (simulated)"),
        };
        if !StaffPin::has_form(&key.pin) {
            return Err(StaffPersonalisationError::Pin(key.pin.len()));
        }
        let id = [0x45, number];
        let pin_id = [0x50, number];
        let key_entry = KeyEntry {
            id: id.to_vec(),
            pin: Some(pin_id.to_vec()),
            signs: true,
            non_repudiation: purpose == Purpose::Signature,
            name: key_name,
        };
        let own = CertificateEntry { id: id.to_vec(), file: certificate };
        let ca = CertificateEntry { id: [0x43, number].to_vec(), file: ca_certificate };
        let pin_entry = PinEntry { id: pin_id.to_vec(), reference: pin_reference };
        let directory =
            ObjectDirectory { private_keys: Some(keys), certificates: Some(certificates), pins: Some(pins) };
        let files = BTreeMap::from([
            (OBJECT_DIRECTORY, directory.write()),
            (CARD_INFORMATION, card_information(label, &personalisation.serial)),
            (pins, pin_entry.write("PIN", pin_file)),
            (keys, key_entry.write(label, key_file)),
            (certificates, [ca.write("CA", true), own.write(label, false)].concat()),
            (certificate, key.certificate.clone()),
            (ca_certificate, key.ca_certificate.clone()),
            (pin_file, Vec::new()),
            (key_file, Vec::new()),
        ]);
        Ok(Self {
            name: application_name(number),
            purpose,
            files,
            key: RawRsa::parse(&key.private_key).ok_or(StaffPersonalisationError::Key)?,
            key_name,
            pin_reference,
            pin: key.pin.clone(),
            tries_left: TRIES,
            verified: false,
            key_set: false,
        })
    }

    /// The file of a short identifier.
    fn short(&self, short: u8) -> Option<FileId> {
        match short {
            0x11 => Some(OBJECT_DIRECTORY),
            0x12 => Some(CARD_INFORMATION),
            _ => Some(FileId(u16::from(short))).filter(|file| self.files.contains_key(file)),
        }
    }

    fn verify(&mut self, command: &Command) -> Answer {
        let header = command.header();
        if header.p1 != 0 {
            return Err(StatusWord::WRONG_PARAMETERS);
        }
        if header.p2 != self.pin_reference {
            return Err(StatusWord::REFERENCE_NOT_FOUND);
        }
        if command.data().is_empty() {
            return Err(StatusWord::tries_left_of(self.tries_left));
        }
        if self.tries_left == 0 {
            return Err(StatusWord::METHOD_BLOCKED);
        }
        if self.pin[..] == *command.data() {
            self.tries_left = TRIES;
            self.verified = true;
            done()
        } else {
            self.tries_left -= 1;
            self.verified = false;
            Err(StatusWord::tries_left_of(self.tries_left))
        }
    }

    /// MSE SET for a digital signature.
    fn set_key(&mut self, command: &Command) -> Answer {
        if (command.header().p1, command.header().p2) != (0x41, 0xB6) {
            return Err(StatusWord::WRONG_PARAMETERS);
        }
        let named = match (self.key_name, command.data()) {
            (KeyName::File(file), [0x81, 0x02, name @ ..]) => *name == file.0.to_be_bytes(),
            (KeyName::Reference(reference), [0x84, 0x02, name @ ..]) => *name == reference.to_be_bytes(),
            (KeyName::Reference(reference), [0x84, 0x01, name]) => u16::from(*name) == reference,
            _ => false,
        };
        self.key_set = named;
        if named { done() } else { Err(StatusWord::REFERENCE_NOT_FOUND) }
    }

    /// COMPUTE DIGITAL SIGNATURE over a block that is padded already.
    fn sign(&mut self, command: &Command) -> Answer {
        if (command.header().p1, command.header().p2) != (0x9E, 0x9A) {
            return Err(StatusWord::WRONG_PARAMETERS);
        }
        if !self.key_set {
            return Err(StatusWord::OUT_OF_ORDER);
        }
        if !self.verified {
            return Err(StatusWord::NOT_ALLOWED);
        }
        let padded = in_block(command.data()).ok_or(StatusWord::WRONG_DATA)?;
        let signature = self.key.sign_padded(padded).ok_or(StatusWord::WRONG_DATA)?;
        // The application for signing asks for the PIN before every signature.
        if self.purpose == Purpose::Signature {
            self.verified = false;
        }
        Ok(Response::done(signature))
    }
}

/// What stands in a block `00 01 FF … FF 00` of 256 bytes.
fn in_block(block: &[u8]) -> Option<&[u8]> {
    let [0x00, 0x01, rest @ ..] = block else { return None };
    let end = rest.iter().position(|byte| *byte != 0xFF).filter(|end| *end >= 8)?;
    match rest.get(end..)? {
        [0x00, content @ ..] if block.len() == 256 => Some(content),
        _ => None,
    }
}

/// The prefix of the standard, a registration of our own ◇, and the application's number.
fn application_name(number: u8) -> [u8; 16] {
    let mut name = [0; 16];
    for (place, byte) in name.iter_mut().zip(APPLICATION_PREFIX.iter().chain(&[0xF0, 0x51, 0x4D])) {
        *place = *byte;
    }
    if let Some(last) = name.last_mut() {
        *last = number;
    }
    name
}

/// EF.CIAInfo: version 2, serial number, manufacturer, label.
fn card_information(label: &str, serial: &[u8; 16]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.nest(tag::SEQUENCE, |information| {
        information.unsigned(&[1]);
        information.put(tag::OCTET_STRING, serial);
        information.put(tag::UTF8_STRING, b"JUSHIN SIMULATED CARD");
        information.put(tag::context(0), label.as_bytes());
        // authRequired
        information.put(tag::BIT_STRING, &[6, 0x40]);
    });
    writer.into_bytes()
}

impl CardTransport for VirtualStaffCard {
    fn transmit(&mut self, command: &CommandBytes) -> Result<Response, TransportError> {
        Ok(Response::parse(&self.handle(command.as_bytes()))?)
    }

    fn was_reset(&mut self) -> bool {
        core::mem::take(&mut self.was_reset)
    }

    fn reset_hint(&mut self) {
        self.reset();
    }
}

impl fmt::Debug for VirtualStaffCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "virtual staff card ({} signatures)", self.signatures)
    }
}
