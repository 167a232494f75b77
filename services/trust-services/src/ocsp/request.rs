//! What a relying party asks (RFC 6960 §4.1).

use jushin_pki::der::{NotDer, Reader, tag};

use super::Failure;
use crate::{Serial, oid};

/// Most certificates that one request may name.
const CERTIFICATES_LIMIT: usize = 64;

/// A certificate as a request names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CertificateName<'a> {
    /// CertID as received.
    pub(crate) whole: &'a [u8],
    /// Content of the hash algorithm's OBJECT IDENTIFIER.
    pub(crate) algorithm: &'a [u8],
    /// Hash of the issuer's name.
    pub(crate) name_hash: &'a [u8],
    /// Hash of the issuer's key.
    pub(crate) key_hash: &'a [u8],
    /// The serial; `None` if it is 0 or too long to be one of ours.
    pub(crate) serial: Option<Serial>,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request<'a> {
    /// What is asked, at least one.
    pub(crate) certificates: Vec<CertificateName<'a>>,
    /// Value of the nonce extension: an OCTET STRING of 1 to 128 bytes.
    pub(crate) nonce: Option<&'a [u8]>,
}

impl From<NotDer> for Failure {
    fn from(_: NotDer) -> Self {
        Self::MalformedRequest
    }
}

impl<'a> Request<'a> {
    /// Parses strictly. A signature on the request is not looked at: nothing here depends on who asks.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, Failure> {
        let mut outer = Reader::new(bytes);
        let mut signed = outer.nested(tag::SEQUENCE)?;
        outer.finish()?;
        let mut request = signed.nested(tag::SEQUENCE)?;
        signed.optional(tag::context_constructed(0))?;
        signed.finish()?;

        // The version is DEFAULT v1, so DER never states the only one there is.
        if request.optional(tag::context_constructed(0))?.is_some() {
            return Err(Failure::MalformedRequest);
        }
        request.optional(tag::context_constructed(1))?;
        let mut list = request.nested(tag::SEQUENCE)?;
        let mut certificates = Vec::new();
        while !list.is_empty() {
            let mut single = list.nested(tag::SEQUENCE)?;
            certificates.push(certificate_name(&mut single)?);
            single.optional(tag::context_constructed(0))?;
            single.finish()?;
        }
        let nonce = match request.optional(tag::context_constructed(2))? {
            Some(extensions) => nonce(extensions.content)?,
            None => None,
        };
        request.finish()?;
        if certificates.is_empty() || certificates.len() > CERTIFICATES_LIMIT {
            return Err(Failure::MalformedRequest);
        }
        Ok(Self { certificates, nonce })
    }
}

fn certificate_name<'a>(single: &mut Reader<'a>) -> Result<CertificateName<'a>, Failure> {
    let whole = single.value(tag::SEQUENCE)?;
    let mut name = Reader::new(whole.content);
    let mut algorithm = name.nested(tag::SEQUENCE)?;
    let hash = algorithm.take(tag::OID)?;
    algorithm.optional(tag::NULL)?;
    algorithm.finish()?;
    let name_hash = name.take(tag::OCTET_STRING)?;
    let key_hash = name.take(tag::OCTET_STRING)?;
    let serial = Serial::new(name.unsigned()?);
    name.finish()?;
    Ok(CertificateName { whole: whole.whole, algorithm: hash, name_hash, key_hash, serial })
}

fn nonce(extensions: &[u8]) -> Result<Option<&[u8]>, Failure> {
    let mut outer = Reader::new(extensions);
    let mut list = outer.nested(tag::SEQUENCE)?;
    outer.finish()?;
    let mut nonce = None;
    while !list.is_empty() {
        let mut extension = list.nested(tag::SEQUENCE)?;
        let name = extension.take(tag::OID)?;
        let critical = extension.boolean_or_false()?;
        let value = extension.take(tag::OCTET_STRING)?;
        extension.finish()?;
        if name == oid::OCSP_NONCE.as_bytes() {
            let mut content = Reader::new(value);
            let fits = (1..=128).contains(&content.take(tag::OCTET_STRING)?.len());
            content.finish()?;
            if nonce.replace(value).is_some() || !fits {
                return Err(Failure::MalformedRequest);
            }
        } else if critical {
            return Err(Failure::MalformedRequest);
        }
    }
    Ok(nonce)
}
