//! Why a session with a card went no further.

use super::NotToBeSigned;
use crate::apdu::{CommandError, StatusWord};
use crate::jpki::TokenInfoError;
use crate::transport::TransportError;

/// Why a step did not succeed, by who is at fault.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// Nobody: the card was pulled out, or the reader failed.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// Nobody: the card was reset in mid-session and has forgotten what it was shown.
    #[error("the card was reset during the session")]
    Reset,
    /// The holder: another card than a My Number card, or one without the application.
    #[error("the card has no JPKI application ({status})")]
    NotJpki {
        /// What it answered to SELECT.
        status: StatusWord,
    },
    /// The holder: the PIN is wrong.
    #[error("wrong PIN, {tries_left} tries left")]
    WrongPin {
        /// Tries left; 0 means that this one has blocked it.
        tries_left: u8,
    },
    /// The holder: the PIN was blocked before.
    #[error("the PIN is blocked; the municipality can reset it")]
    PinBlocked,
    /// The institution: the card does not know the CA of its CV certificate.
    #[error("the card does not know the issuer of the CV certificate")]
    UnknownIssuer,
    /// The institution: the card refuses its CV certificate.
    #[error("the card refuses the CV certificate: {status}")]
    CertificateRefused {
        /// What it answered.
        status: StatusWord,
    },
    /// The institution: the signature over the card's challenge does not fit.
    ///
    /// A card of profile B says so only when it is to sign.
    #[error("the card does not accept the institution: its signature fits neither challenge nor digest")]
    InstitutionRefused,
    /// The card refused a step for another reason.
    #[error("the card refused {step}: {status}")]
    Refused {
        /// The step.
        step: &'static str,
        /// What it answered.
        status: StatusWord,
    },
    /// The card: an answer of another length than the step has.
    #[error("the card answered {step} with {got} bytes instead of {expected}")]
    Length {
        /// The step.
        step: &'static str,
        /// What is right.
        expected: usize,
        /// What came.
        got: usize,
    },
    /// The card: a certificate file that does not begin as a DER certificate of 256 to 32767 bytes.
    #[error("the card's certificate file does not begin with a certificate")]
    NoCertificate,
    /// The card: unreadable token information.
    #[error(transparent)]
    TokenInfo(#[from] TokenInfoError),
    /// The caller: bytes that no command can carry.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// The caller: bytes that are nothing to be signed.
    #[error(transparent)]
    NotToBeSigned(#[from] NotToBeSigned),
}
