//! Reading the application's files.

use alloc::vec::Vec;
use core::fmt;

use jushin_pki::cv::CvKeyId;
use zeroize::Zeroizing;

use super::select::{refused, select_file};
use super::{Addressing, CardError, HolderVerified, Next, Selected, Step};
use crate::apdu::{Command, CommandError, Header, Response};
use crate::jpki::{Credential, FileId, PRESENT, TOKEN_INFO_LENGTH, TokenInfo};

/// Most that one READ BINARY brings.
const CHUNK: usize = 256;

/// A certificate as the card holds it: opaque DER, exactly its own length, zeroised when it goes.
///
/// It names its holder. `Debug` shows the length only.
#[derive(Clone, PartialEq, Eq)]
pub struct CardCertificate(Zeroizing<Vec<u8>>);

impl CardCertificate {
    /// The DER bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The DER bytes, taken out.
    #[must_use]
    pub fn into_bytes(self) -> Zeroizing<Vec<u8>> {
        self.0
    }
}

impl fmt::Debug for CardCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "certificate of {} bytes", self.0.len())
    }
}

/// Reads one certificate: 4 bytes that tell its length, then 256 bytes at a time, then the exact rest.
#[derive(Debug)]
pub struct ReadCertificate(FileReader);

impl ReadCertificate {
    /// The certificate for user authentication. A phone shows it only after [`super::VerifyPin`].
    #[must_use]
    pub fn authentication(_: &Selected, addressing: Addressing) -> Self {
        Self::of(FileId::AUTHENTICATION_CERTIFICATE, addressing)
    }

    /// The certificate for signing, which needs its password.
    #[must_use]
    pub fn signature(_: &HolderVerified, addressing: Addressing) -> Self {
        Self::of(FileId::SIGNATURE_CERTIFICATE, addressing)
    }

    /// The certificate of the CA that issued a credential's certificate.
    #[must_use]
    pub fn ca(_: &Selected, credential: Credential, addressing: Addressing) -> Self {
        Self::of(credential.ca_certificate(), addressing)
    }

    fn of(file: FileId, addressing: Addressing) -> Self {
        Self(FileReader::new(file, addressing, Wanted::Certificate))
    }
}

impl Step for ReadCertificate {
    type Output = CardCertificate;
    fn command(&self) -> Result<Command, CommandError> {
        self.0.command()
    }
    fn receive(self, response: Response) -> Result<Next<Self>, CardError> {
        self.0.receive(response, Self, |content| Ok(CardCertificate(content)))
    }
}

/// Reads EF 0006: what the token calls itself.
#[derive(Debug)]
pub struct ReadTokenInfo(FileReader);

impl ReadTokenInfo {
    /// Reads it.
    #[must_use]
    pub fn new(_: &Selected, addressing: Addressing) -> Self {
        Self(FileReader::new(FileId::TOKEN_INFO, addressing, Wanted::Exactly(TOKEN_INFO_LENGTH)))
    }
}

impl Step for ReadTokenInfo {
    type Output = TokenInfo;
    fn command(&self) -> Result<Command, CommandError> {
        self.0.command()
    }
    fn receive(self, response: Response) -> Result<Next<Self>, CardError> {
        self.0.receive(response, Self, |content| Ok(TokenInfo::parse(&content)?))
    }
}

/// Which certificates a card holds; those of children may lack some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presence {
    /// The one for signing.
    pub signature: bool,
    /// The one for user authentication.
    pub authentication: bool,
}

/// Reads EF 0008: which certificates are present.
#[derive(Debug)]
pub struct ReadPresence(FileReader);

impl ReadPresence {
    /// Reads it.
    #[must_use]
    pub fn new(_: &Selected, addressing: Addressing) -> Self {
        Self(FileReader::new(FileId::PRESENCE, addressing, Wanted::Exactly(3)))
    }
}

impl Step for ReadPresence {
    type Output = Presence;
    fn command(&self) -> Result<Command, CommandError> {
        self.0.command()
    }
    fn receive(self, response: Response) -> Result<Next<Self>, CardError> {
        self.0.receive(response, Self, |content| {
            let present = |at: usize| content.get(at) == Some(&PRESENT);
            Ok(Presence { signature: present(0), authentication: present(1) })
        })
    }
}

/// Reads EF 0016: the key id of the CA whose CV certificates the card takes.
#[derive(Debug)]
pub struct ReadTerminalCa(FileReader);

impl ReadTerminalCa {
    /// Reads it.
    #[must_use]
    pub fn new(_: &Selected, addressing: Addressing) -> Self {
        Self(FileReader::new(FileId::TERMINAL_CA, addressing, Wanted::Exactly(16)))
    }
}

impl Step for ReadTerminalCa {
    type Output = CvKeyId;
    fn command(&self) -> Result<Command, CommandError> {
        self.0.command()
    }
    fn receive(self, response: Response) -> Result<Next<Self>, CardError> {
        self.0.receive(response, Self, |content| {
            let bytes: [u8; 16] = content[..].try_into().map_err(|_| length(16, content.len()))?;
            Ok(CvKeyId::new(bytes))
        })
    }
}

/// How much of a file is read.
#[derive(Debug, Clone, Copy)]
enum Wanted {
    Exactly(usize),
    /// As much as the DER head says: `30 82 LL LL`, hence at least 256 bytes after it.
    Certificate,
}

/// Length of the DER head of a certificate.
const HEAD: usize = 4;
/// READ BINARY addresses offsets of 15 bits.
const LONGEST: usize = 0x7FFF;

#[derive(Debug)]
struct FileReader {
    file: FileId,
    addressing: Addressing,
    wanted: Wanted,
    /// The file is the card's current one.
    current: bool,
    content: Zeroizing<Vec<u8>>,
}

impl FileReader {
    fn new(file: FileId, addressing: Addressing, wanted: Wanted) -> Self {
        Self { file, addressing, wanted, current: false, content: Zeroizing::default() }
    }

    fn command(&self) -> Result<Command, CommandError> {
        let expected = u32::try_from(self.next_chunk()).unwrap_or(u32::MAX);
        match (self.current, self.addressing, self.file.short()) {
            (false, Addressing::ShortIdentifier, Some(short)) => {
                Command::new(Header::new(0x00, 0xB0, 0x80 | short, 0x00)).expecting(expected)
            }
            (false, _, _) => select_file(self.file),
            (true, _, _) => {
                let [high, low] = u16::try_from(self.content.len()).unwrap_or(u16::MAX).to_be_bytes();
                Command::new(Header::new(0x00, 0xB0, high, low)).expecting(expected)
            }
        }
    }

    /// Bytes to ask for now.
    fn next_chunk(&self) -> usize {
        match (self.wanted, self.content.is_empty()) {
            // Together with SELECT EF the head comes alone; by short identifier a whole chunk costs no more.
            (Wanted::Certificate, true) if self.addressing == Addressing::Select => HEAD,
            (Wanted::Certificate, true) => CHUNK,
            (Wanted::Certificate, false) => self.missing(self.certificate_length().unwrap_or(0)),
            (Wanted::Exactly(length), _) => self.missing(length),
        }
    }

    fn missing(&self, length: usize) -> usize {
        length.saturating_sub(self.content.len()).min(CHUNK)
    }

    fn certificate_length(&self) -> Option<usize> {
        match self.content[..] {
            [0x30, 0x82, high, low, ..] => {
                let length = HEAD + usize::from(u16::from_be_bytes([high, low]));
                (HEAD + CHUNK..=LONGEST).contains(&length).then_some(length)
            }
            _ => None,
        }
    }

    fn receive<S: Step>(
        mut self,
        response: Response,
        again: impl FnOnce(Self) -> S,
        done: impl FnOnce(Zeroizing<Vec<u8>>) -> Result<S::Output, CardError>,
    ) -> Result<Next<S>, CardError> {
        if !response.status().is_done() {
            return Err(refused("reading a file", &response));
        }
        let was_select = !self.current && self.addressing == Addressing::Select;
        let asked = self.next_chunk();
        self.current = true;
        if was_select {
            return Ok(Next::Command(again(self)));
        }
        if response.data().len() != asked {
            return Err(length(asked, response.data().len()));
        }
        self.append(response.data());
        let whole = match self.wanted {
            Wanted::Exactly(length) => length,
            Wanted::Certificate => self.certificate_length().ok_or(CardError::NoCertificate)?,
        };
        if self.content.len() < whole {
            return Ok(Next::Command(again(self)));
        }
        done(self.content).map(Next::Done)
    }

    /// Appends without leaving a copy behind in memory that was given back.
    fn append(&mut self, part: &[u8]) {
        if self.content.capacity() < self.content.len() + part.len() {
            let room = self.certificate_length().unwrap_or(CHUNK).max(self.content.len() + part.len());
            let mut grown = Zeroizing::new(Vec::with_capacity(room));
            grown.extend_from_slice(&self.content);
            self.content = grown;
        }
        self.content.extend_from_slice(part);
    }
}

fn length(expected: usize, got: usize) -> CardError {
    CardError::Length { step: "reading a file", expected, got }
}
