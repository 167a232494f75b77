//! Whether a certificate was revoked, as far as given data can say.
//!
//! An answer is one of four, never a bare yes or no, and carries the times of the data it rests on.
//! What follows from missing data is the caller's policy.

mod crl;
mod ocsp_request;
mod ocsp_response;
mod over;

use crate::certificate::Certificate;
use crate::der::NotDer;
use crate::moment::Moment;
use crate::path::{PathError, ValidPath};
use crate::signature::{BadSignature, Crypto};

pub use crl::Crl;
pub use ocsp_request::{CertId, IdHash, OcspRequest};
pub use ocsp_response::{OcspResponse, responder_path};
pub use over::{StatusOver, status_over};

/// What revocation data say of one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Covered, and not revoked as of the data's time.
    Good,
    /// Revoked (or on hold, which counts the same).
    Revoked {
        /// Since when.
        at: Moment,
        /// Reason code (RFC 5280 §5.3.1), if given.
        reason: Option<u8>,
    },
    /// The data are of the certificate's issuer, but say nothing of this certificate: it is younger than
    /// the list, out of its scope, or unknown to the responder.
    NotCovered,
    /// The data are of another issuer, whose certificates alone they speak of.
    NotEnrolled,
}

/// A status with the times of the data it rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: Status,
    /// As of when it is known to be right.
    pub this_update: Moment,
    /// When newer data were promised.
    pub next_update: Option<Moment>,
}

/// Why data give no answer. Whoever made or changed them is at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RevocationError {
    /// Not DER, or not the structure.
    #[error("revocation data are malformed: {0}")]
    Malformed(#[from] NotDer),
    /// The responder gave an error instead of an answer (RFC 6960 §4.2.1).
    #[error("the responder answered with status {status}, not 0 (successful)")]
    Unsuccessful {
        /// OCSPResponseStatus.
        status: u8,
    },
    /// A type, version or critical extension that is not understood.
    #[error("revocation data have a {what} that is not understood")]
    NotUnderstood {
        /// What is not understood.
        what: &'static str,
    },
    /// The issuer did not sign it.
    #[error("neither the issuer nor a responder of its signed the revocation data")]
    Signature,
    /// The certificate of the responder does not let it answer.
    #[error("the responder's certificate does not let it answer: {0}")]
    Responder(#[from] PathError),
    /// The response is an old one or another's: its nonce is not the request's.
    #[error("the response does not carry the request's nonce")]
    Nonce,
}

impl From<BadSignature> for RevocationError {
    fn from(BadSignature: BadSignature) -> Self {
        Self::Signature
    }
}

/// Asks any revocation data, a CRL or an OCSP response, about a certificate.
///
/// `issuer` is the certificate of the CA that issued `certificate`.
///
/// # Errors
///
/// [`RevocationError`].
pub fn answer(
    data: &[u8],
    certificate: &Certificate,
    issuer: &Certificate,
    crypto: &dyn Crypto,
) -> Result<Answer, RevocationError> {
    RevocationData::parse(data)?.answer_with(certificate, issuer, crypto, &|_| None)
}

/// Revocation data, parsed once for any number of certificates. No signature was checked by parsing.
#[derive(Clone, Debug)]
pub enum RevocationData<'a> {
    /// Of an OCSP responder.
    Ocsp(OcspResponse<'a>),
    /// A list.
    Crl(Crl<'a>),
}

impl<'a> RevocationData<'a> {
    /// Parses a CRL or an OCSP response.
    ///
    /// # Errors
    ///
    /// [`RevocationError`].
    pub fn parse(data: &'a [u8]) -> Result<Self, RevocationError> {
        if OcspResponse::looks_like(data) {
            OcspResponse::parse(data).map(Self::Ocsp)
        } else {
            Crl::parse(data).map(Self::Crl)
        }
    }

    /// Whether asking about this certificate can find anything: a response that does not hold its serial
    /// number says nothing of it, a list may by its silence.
    #[must_use]
    pub fn may_speak_of(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Ocsp(response) => response.holds(certificate.serial()),
            Self::Crl(_) => true,
        }
    }

    /// As [`answer`], but first asks `known` for the path that [`responder_path`] found for this certificate
    /// of a responder under this issuer. Without one it is judged anew.
    ///
    /// # Errors
    ///
    /// [`RevocationError`].
    pub fn answer_with(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        crypto: &dyn Crypto,
        known: &dyn Fn(&Certificate) -> Option<ValidPath>,
    ) -> Result<Answer, RevocationError> {
        match self {
            Self::Ocsp(response) => response.answer_with(certificate, issuer, crypto, known),
            Self::Crl(list) => list.answer(certificate, issuer, crypto),
        }
    }
}
