//! OCSP requests (RFC 6960 §4.1).

use alloc::vec::Vec;

use ::der::asn1::ObjectIdentifier;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use crate::certificate::Certificate;
use crate::der::{NotDer, Reader, Writer, tag};
use crate::{oid, spki};

use super::RevocationError;
use super::crl::each_extension;

/// Which hash names the issuer in a [`CertId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdHash {
    /// SHA-1, the one that every responder knows. It identifies, it protects nothing.
    Sha1,
    /// SHA-256.
    Sha256,
}

/// How OCSP names a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertId {
    /// The hash of the next two.
    pub hash: IdHash,
    /// Hash of the issuer's DER Name.
    pub issuer_name_hash: Vec<u8>,
    /// Hash of the issuer's key, without the frame of SubjectPublicKeyInfo.
    pub issuer_key_hash: Vec<u8>,
    /// Serial number, big-endian, without leading zeros.
    pub serial: Vec<u8>,
}

impl CertId {
    /// Names a certificate.
    #[must_use]
    pub fn new(certificate: &Certificate, issuer: &Certificate, hash: IdHash) -> Self {
        Self {
            hash,
            issuer_name_hash: hash.of(issuer.subject()),
            issuer_key_hash: hash.of(spki::key_bits(issuer.spki())),
            serial: certificate.serial().to_vec(),
        }
    }

    /// Whether the named issuer is this one.
    #[must_use]
    pub fn is_under(&self, issuer: &Certificate) -> bool {
        self.issuer_name_hash == self.hash.of(issuer.subject())
            && self.issuer_key_hash == self.hash.of(spki::key_bits(issuer.spki()))
    }

    pub(crate) fn put(&self, writer: &mut Writer) {
        writer.nest(tag::SEQUENCE, |id| {
            id.nest(tag::SEQUENCE, |algorithm| {
                algorithm.put(tag::OID, self.hash.oid().as_bytes());
                algorithm.put(tag::NULL, &[]);
            });
            id.put(tag::OCTET_STRING, &self.issuer_name_hash);
            id.put(tag::OCTET_STRING, &self.issuer_key_hash);
            id.unsigned(&self.serial);
        });
    }

    /// `None` for a hash that is not known: then it names nobody.
    pub(super) fn take(reader: &mut Reader<'_>) -> Result<Option<Self>, NotDer> {
        let mut id = reader.nested(tag::SEQUENCE)?;
        let mut algorithm = id.nested(tag::SEQUENCE)?;
        let name = algorithm.take(tag::OID)?;
        if !algorithm.is_empty() {
            algorithm.take(tag::NULL)?;
        }
        algorithm.finish()?;
        let issuer_name_hash = id.take(tag::OCTET_STRING)?.to_vec();
        let issuer_key_hash = id.take(tag::OCTET_STRING)?.to_vec();
        let serial = id.unsigned()?.to_vec();
        id.finish()?;
        let hash = [IdHash::Sha1, IdHash::Sha256].into_iter().find(|hash| hash.oid().as_bytes() == name);
        Ok(hash.map(|hash| Self { hash, issuer_name_hash, issuer_key_hash, serial }))
    }
}

impl IdHash {
    pub(super) fn of(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => Sha1::digest(bytes).to_vec(),
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
        }
    }

    const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Sha1 => oid::SHA1,
            Self::Sha256 => oid::SHA256,
        }
    }
}

/// A question to a responder. Unsigned: what it asks is no secret, and the answer is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OcspRequest {
    /// The certificates in question.
    pub ids: Vec<CertId>,
    /// To be repeated in the response (RFC 9654: 32 bytes).
    pub nonce: Option<Vec<u8>>,
}

impl OcspRequest {
    /// Asks for one certificate.
    #[must_use]
    pub fn new(certificate: &Certificate, issuer: &Certificate, hash: IdHash, nonce: Option<&[u8]>) -> Self {
        Self { ids: alloc::vec![CertId::new(certificate, issuer, hash)], nonce: nonce.map(<[u8]>::to_vec) }
    }

    /// DER OCSPRequest.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.nest(tag::SEQUENCE, |request| {
            request.nest(tag::SEQUENCE, |tbs| {
                tbs.nest(tag::SEQUENCE, |list| {
                    for id in &self.ids {
                        list.nest(tag::SEQUENCE, |one| id.put(one));
                    }
                });
                if let Some(nonce) = &self.nonce {
                    tbs.nest(tag::context_constructed(2), |extensions| {
                        extensions.nest(tag::SEQUENCE, |list| put_nonce(list, nonce));
                    });
                }
            });
        });
        writer.into_bytes()
    }

    /// Parses a request, as a responder does. A signature is not looked at.
    ///
    /// # Errors
    ///
    /// [`RevocationError::Malformed`] or [`RevocationError::NotUnderstood`].
    pub fn parse(der: &[u8]) -> Result<Self, RevocationError> {
        let mut outer = Reader::new(der);
        let mut request = outer.nested(tag::SEQUENCE)?;
        outer.finish()?;
        let mut tbs = request.nested(tag::SEQUENCE)?;
        request.optional(tag::context_constructed(0))?;
        request.finish()?;
        if tbs.optional(tag::context_constructed(0))?.is_some() {
            return Err(RevocationError::NotUnderstood { what: "request version" });
        }
        tbs.optional(tag::context_constructed(1))?;
        let mut list = tbs.nested(tag::SEQUENCE)?;
        let mut ids = Vec::new();
        while !list.is_empty() {
            let mut one = list.nested(tag::SEQUENCE)?;
            let id = CertId::take(&mut one)?;
            one.optional(tag::context_constructed(0))?;
            one.finish()?;
            ids.push(id.ok_or(RevocationError::NotUnderstood { what: "hash in a certificate id" })?);
        }
        let nonce = match tbs.optional(tag::context_constructed(2))? {
            Some(extensions) => nonce(extensions.content)?.map(<[u8]>::to_vec),
            None => None,
        };
        tbs.finish()?;
        Ok(Self { ids, nonce })
    }
}

pub(crate) fn put_nonce(list: &mut Writer, nonce: &[u8]) {
    list.nest(tag::SEQUENCE, |extension| {
        extension.put(tag::OID, oid::OCSP_NONCE.as_bytes());
        let mut value = Writer::new();
        value.put(tag::OCTET_STRING, nonce);
        extension.put(tag::OCTET_STRING, &value.into_bytes());
    });
}

/// The nonce among extensions; others must not be critical.
pub(super) fn nonce(extensions: &[u8]) -> Result<Option<&[u8]>, RevocationError> {
    let mut reader = Reader::new(extensions);
    let list = reader.nested(tag::SEQUENCE)?;
    reader.finish()?;
    let mut nonce = None;
    each_extension(list, |name, critical, value| {
        if name == oid::OCSP_NONCE.as_bytes() {
            let mut value = Reader::new(value);
            nonce = Some(value.take(tag::OCTET_STRING)?);
            value.finish()?;
        } else if critical {
            return Err(RevocationError::NotUnderstood { what: "critical OCSP extension" });
        }
        Ok(())
    })?;
    Ok(nonce)
}
