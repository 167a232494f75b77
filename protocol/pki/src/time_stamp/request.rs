//! What is sent to a TSA.

use alloc::vec::Vec;

use crate::der::{Reader, Writer, tag};

use super::TimeStampError;
use super::info::{put_imprint, take_imprint};

/// A request for a token over a SHA-256 digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeStampRequest {
    /// SHA-256 of the bytes to be stamped.
    pub imprint: [u8; 32],
    /// To be repeated in the token; big-endian, leading zeros do not count.
    pub nonce: Option<Vec<u8>>,
    /// Whether the token shall hold the TSA's certificate.
    pub certificate_wanted: bool,
}

impl TimeStampRequest {
    /// A request as ours are: with a nonce, asking for the certificate.
    #[must_use]
    pub fn new(imprint: [u8; 32], nonce: &[u8]) -> Self {
        Self { imprint, nonce: Some(nonce.to_vec()), certificate_wanted: true }
    }

    /// DER TimeStampReq.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.nest(tag::SEQUENCE, |request| {
            request.unsigned(&[1]);
            put_imprint(request, &self.imprint);
            if let Some(nonce) = &self.nonce {
                request.unsigned(nonce);
            }
            if self.certificate_wanted {
                request.true_();
            }
        });
        writer.into_bytes()
    }

    /// Parses a request, as a TSA does. A wanted policy is not looked at.
    ///
    /// # Errors
    ///
    /// [`TimeStampError::Malformed`] or [`TimeStampError::NotAccepted`] (another hash than SHA-256, version
    /// or extension).
    pub fn parse(der: &[u8]) -> Result<Self, TimeStampError> {
        let mut outer = Reader::new(der);
        let mut request = outer.nested(tag::SEQUENCE)?;
        outer.finish()?;
        if request.small_unsigned()? != 1 {
            return Err(TimeStampError::NotAccepted { what: "version" });
        }
        let imprint = take_imprint(&mut request)?;
        request.optional(tag::OID)?;
        let nonce = match request.peek() {
            Some(tag::INTEGER) => Some(request.unsigned()?.to_vec()),
            _ => None,
        };
        let certificate_wanted = request.boolean_or_false()?;
        if !request.is_empty() {
            return Err(TimeStampError::NotAccepted { what: "request extension" });
        }
        Ok(Self { imprint, nonce, certificate_wanted })
    }
}
