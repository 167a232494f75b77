//! Terminal authentication, the reader's side. See [`crate::terminal_auth`].

use alloc::vec::Vec;
use core::fmt;

use jushin_pki::cv::CvCertificate;

use super::select::refused;
use super::{CardError, Next, Selected, Step};
use crate::apdu::{Command, CommandError, Header, Response, StatusWord};
use crate::terminal_auth::TerminalAuth;

/// Length of the challenge that is asked for.
const CHALLENGE: u32 = 16;

/// GET CHALLENGE: 16 random bytes of the card.
#[derive(Debug)]
pub struct GetChallenge(());

/// RND.ICC, fresh from the card. [`ExternalAuthenticate`] uses it up.
#[derive(PartialEq, Eq)]
pub struct Challenge([u8; CHALLENGE as usize]);

impl Challenge {
    /// The bytes, for the secure element.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "challenge of {} bytes", self.0.len())
    }
}

impl GetChallenge {
    /// Asks for a challenge; the one before becomes void.
    #[must_use]
    pub const fn new(_: &Selected) -> Self {
        Self(())
    }
}

impl Step for GetChallenge {
    type Output = Challenge;

    fn command(&self) -> Result<Command, CommandError> {
        Command::new(Header::new(0x00, 0x84, 0x00, 0x00)).expecting(CHALLENGE)
    }

    fn receive(self, response: Response) -> Result<Next<Self>, CardError> {
        if !response.status().is_done() {
            return Err(refused("GET CHALLENGE", &response));
        }
        let got = response.data().len();
        let challenge = response.data().try_into().map_err(|_| CardError::Length {
            step: "GET CHALLENGE",
            expected: 16,
            got,
        })?;
        Ok(Next::Done(Challenge(challenge)))
    }
}

/// Commands of one step that all must be answered with 9000 and nothing else.
#[derive(Debug)]
struct Sequence {
    commands: Vec<Command>,
    sent: usize,
}

impl Sequence {
    fn command(&self) -> Result<Command, CommandError> {
        // There always is one: a step is over after its last command.
        self.commands.get(self.sent).cloned().ok_or(CommandError::NoHeader(0))
    }

    /// The sequence without the command that was just answered; `None` if that was the last.
    fn advance(mut self) -> Option<Self> {
        self.sent += 1;
        (self.sent < self.commands.len()).then_some(self)
    }
}

/// Shows the institution's CV certificate to the card.
#[derive(Debug)]
pub struct VerifyCertificate {
    sequence: Sequence,
    form: TerminalAuth,
}

/// The card has taken the institution's certificate. Made by [`VerifyCertificate`] only.
///
/// Proves nothing yet about who is at the other end; it serves for any number of challenges.
#[derive(Debug)]
pub struct CertificateAccepted {
    form: TerminalAuth,
}

impl VerifyCertificate {
    /// Shows `certificate`.
    ///
    /// # Errors
    ///
    /// None in practice, see [`TerminalAuth::verify_certificate`].
    pub fn new(_: &Selected, form: TerminalAuth, certificate: &CvCertificate) -> Result<Self, CommandError> {
        Ok(Self { sequence: Sequence { commands: form.verify_certificate(certificate)?, sent: 0 }, form })
    }
}

impl Step for VerifyCertificate {
    type Output = CertificateAccepted;

    fn command(&self) -> Result<Command, CommandError> {
        self.sequence.command()
    }

    fn receive(self, response: Response) -> Result<Next<Self>, CardError> {
        match response.status() {
            StatusWord::DONE => Ok(match self.sequence.advance() {
                Some(sequence) => Next::Command(Self { sequence, ..self }),
                None => Next::Done(CertificateAccepted { form: self.form }),
            }),
            StatusWord::REFERENCE_NOT_FOUND => Err(CardError::UnknownIssuer),
            status => Err(CardError::CertificateRefused { status }),
        }
    }
}

/// EXTERNAL AUTHENTICATE: answers the card's challenge with the element's signature.
#[derive(Debug)]
pub struct ExternalAuthenticate(Sequence);

/// The card lets this institution have one signature. Made by [`ExternalAuthenticate`] only.
///
/// A card of profile B has only noted the signature, and judges it when it is to sign.
#[derive(Debug)]
pub struct InstitutionAccepted(());

impl ExternalAuthenticate {
    /// Answers `challenge`, over which the element made `signature` (256 bytes).
    ///
    /// # Errors
    ///
    /// [`CommandError`] if the signature is longer than any command.
    pub fn new(
        shown: &CertificateAccepted,
        challenge: Challenge,
        signature: &[u8],
    ) -> Result<Self, CommandError> {
        let Challenge(_used_up) = challenge;
        Ok(Self(Sequence { commands: shown.form.external_authenticate(signature)?, sent: 0 }))
    }
}

impl Step for ExternalAuthenticate {
    type Output = InstitutionAccepted;

    fn command(&self) -> Result<Command, CommandError> {
        self.0.command()
    }

    fn receive(self, response: Response) -> Result<Next<Self>, CardError> {
        match response.status() {
            StatusWord::DONE => Ok(match self.0.advance() {
                Some(sequence) => Next::Command(Self(sequence)),
                None => Next::Done(InstitutionAccepted(())),
            }),
            StatusWord::AUTHENTICATION_FAILED => Err(CardError::InstitutionRefused),
            _ => Err(refused("EXTERNAL AUTHENTICATE", &response)),
        }
    }
}
