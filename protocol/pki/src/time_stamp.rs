//! Time-stamp requests and tokens (RFC 3161, RFC 5816).

mod attributes;
mod info;
mod request;
mod response;
mod token;

use crate::certificate::BadCertificate;
use crate::der::NotDer;
use crate::path::PathError;
use crate::signature::BadSignature;

pub use info::Accuracy;
pub use request::TimeStampRequest;
pub use response::token_of_response;
pub use token::{TimeStamp, Token};

/// Why a token proves no time. Unless said otherwise, the TSA, or whoever changed the token, is at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeStampError {
    /// Not DER, or not the structure.
    #[error("time-stamp token is malformed: {0}")]
    Malformed(#[from] NotDer),
    /// A certificate in the token is malformed.
    #[error(transparent)]
    Certificate(#[from] BadCertificate),
    /// The TSA refused (PKIStatus, RFC 3161 §2.4.2).
    #[error("the TSA answered with status {status}, not 0 or 1 (granted)")]
    Refused {
        /// PKIStatus.
        status: u64,
    },
    /// A type, version, algorithm or critical extension that is not accepted.
    #[error("the token has a {what} that is not accepted")]
    NotAccepted {
        /// What it is.
        what: &'static str,
    },
    /// The token is over other bytes. Whoever put the token there is at fault.
    #[error("the token is over {found:02x?}, not over {expected:02x?}")]
    Imprint {
        /// What the token is over.
        found: [u8; 32],
        /// What it should be over.
        expected: [u8; 32],
    },
    /// The token is an old one or another's.
    #[error("the token's nonce is not the request's")]
    Nonce,
    /// The signed attributes do not fit the content.
    #[error("signed attribute {which} is missing, doubled or wrong")]
    Attribute {
        /// Which.
        which: &'static str,
    },
    /// The signer's certificate is not in the token.
    #[error("the token lacks its signer's certificate")]
    NoSigner,
    /// The signer's certificate is not the one that was signed over (ESSCertIDv2).
    #[error("the signer's certificate is not the one the token names")]
    OtherSigner,
    /// The signature is not the signer's.
    #[error("the token's signature is not the signer's")]
    Signature,
    /// The signer's certificate is not a TSA's under a trusted CA at the token's time.
    #[error("the TSA's certificate: {0}")]
    Path(#[from] PathError),
}

impl From<BadSignature> for TimeStampError {
    fn from(BadSignature: BadSignature) -> Self {
        Self::Signature
    }
}
