//! OCSP responses (RFC 6960 §4.2).

use alloc::vec::Vec;

use crate::certificate::Certificate;
use crate::der::{NotDer, Reader, tag};
use crate::moment::Moment;
use crate::path::{AsOf, PathError, Profile, TrustAnchors, ValidPath, validate};
use crate::signature::{Crypto, Suite};
use crate::{algorithm, oid, spki, time};

use super::crl::{each_extension, enumerated};
use super::ocsp_request::{CertId, IdHash, nonce};
use super::{Answer, RevocationError, Status};

/// A parsed, successful response. No signature was checked by parsing.
#[derive(Clone, Debug)]
pub struct OcspResponse<'a> {
    tbs: &'a [u8],
    responder: ResponderId<'a>,
    produced_at: Moment,
    singles: Vec<Single>,
    nonce: Option<&'a [u8]>,
    suite: Option<Suite>,
    signature: &'a [u8],
    certificates: Vec<&'a [u8]>,
}

#[derive(Clone, Copy, Debug)]
enum ResponderId<'a> {
    Name(&'a [u8]),
    /// SHA-1 of the responder's key.
    Key(&'a [u8]),
}

/// What is said of one certificate. An id by an unknown hash names nobody and is left out.
#[derive(Clone, Debug)]
struct Single {
    id: CertId,
    /// Good, revoked, or not covered.
    status: Status,
    this_update: Moment,
    next_update: Option<Moment>,
}

impl<'a> OcspResponse<'a> {
    /// Whether the bytes begin as an OCSPResponse does; a CRL begins otherwise.
    #[must_use]
    pub fn looks_like(der: &[u8]) -> bool {
        Reader::new(der).nested(tag::SEQUENCE).is_ok_and(|inner| inner.peek() == Some(tag::ENUMERATED))
    }

    /// Parses one DER OCSPResponse and nothing after it.
    ///
    /// # Errors
    ///
    /// [`RevocationError::Malformed`], [`RevocationError::Unsuccessful`] or [`RevocationError::NotUnderstood`].
    pub fn parse(der: &'a [u8]) -> Result<Self, RevocationError> {
        let mut outer = Reader::new(der);
        let mut response = outer.nested(tag::SEQUENCE)?;
        outer.finish()?;
        let status = enumerated(&mut response)?;
        if status != 0 {
            return Err(RevocationError::Unsuccessful { status });
        }
        let mut wrapped = response.nested(tag::context_constructed(0))?;
        response.finish()?;
        let mut bytes = wrapped.nested(tag::SEQUENCE)?;
        wrapped.finish()?;
        if bytes.take(tag::OID)? != oid::OCSP_BASIC.as_bytes() {
            return Err(RevocationError::NotUnderstood { what: "response type" });
        }
        let basic = bytes.take(tag::OCTET_STRING)?;
        bytes.finish()?;
        Self::parse_basic(basic)
    }

    fn parse_basic(der: &'a [u8]) -> Result<Self, RevocationError> {
        let mut outer = Reader::new(der);
        let mut basic = outer.nested(tag::SEQUENCE)?;
        outer.finish()?;
        let tbs = basic.value(tag::SEQUENCE)?;
        let suite = algorithm::suite(basic.value(tag::SEQUENCE)?)?;
        let signature = basic.bit_string_of_octets()?;
        let mut certificates = Vec::new();
        if let Some(wrapped) = basic.optional(tag::context_constructed(0))? {
            let mut wrapped = Reader::new(wrapped.content);
            let mut list = wrapped.nested(tag::SEQUENCE)?;
            wrapped.finish()?;
            while !list.is_empty() {
                certificates.push(list.value(tag::SEQUENCE)?.whole);
            }
        }
        basic.finish()?;

        let mut data = Reader::new(tbs.content);
        if data.peek() == Some(tag::context_constructed(0)) {
            return Err(RevocationError::NotUnderstood { what: "response version" });
        }
        let responder = take_responder(&mut data)?;
        let produced_at = time::generalized(&mut data)?;
        let mut list = data.nested(tag::SEQUENCE)?;
        let mut singles = Vec::new();
        while !list.is_empty() {
            singles.extend(take_single(&mut list)?);
        }
        let nonce = match data.optional(tag::context_constructed(1))? {
            Some(extensions) => nonce(extensions.content)?,
            None => None,
        };
        data.finish()?;
        Ok(Self { tbs: tbs.whole, responder, produced_at, singles, nonce, suite, signature, certificates })
    }

    /// When the responder signed.
    #[must_use]
    pub const fn produced_at(&self) -> Moment {
        self.produced_at
    }

    /// The nonce, if there is one.
    #[must_use]
    pub const fn nonce(&self) -> Option<&'a [u8]> {
        self.nonce
    }

    /// Checks that the response was made for this request.
    ///
    /// # Errors
    ///
    /// [`RevocationError::Nonce`] if it carries another nonce or none.
    pub fn check_nonce(&self, sent: &[u8]) -> Result<(), RevocationError> {
        if self.nonce == Some(sent) { Ok(()) } else { Err(RevocationError::Nonce) }
    }

    /// What the response says of a certificate. Its signature is checked, save where it speaks of another
    /// issuer's certificates only. Of several statements a revocation counts first.
    ///
    /// # Errors
    ///
    /// [`RevocationError::Signature`] or [`RevocationError::Responder`].
    pub fn answer(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        crypto: &dyn Crypto,
    ) -> Result<Answer, RevocationError> {
        self.answer_with(certificate, issuer, crypto, &|_| None)
    }

    /// Whether it says anything of a certificate with this serial number, whoever issued that.
    pub(super) fn holds(&self, serial: &[u8]) -> bool {
        self.singles.iter().any(|single| single.id.serial == serial)
    }

    pub(super) fn answer_with(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        crypto: &dyn Crypto,
        known: &dyn Fn(&Certificate) -> Option<ValidPath>,
    ) -> Result<Answer, RevocationError> {
        let nothing = |status| Answer { status, this_update: self.produced_at, next_update: None };
        let enrolled: Vec<&Single> =
            self.singles.iter().filter(|single| single.id.is_under(issuer)).collect();
        if enrolled.is_empty() {
            return Ok(nothing(Status::NotEnrolled));
        }
        self.check_signature(issuer, crypto, known)?;
        let own = || enrolled.iter().filter(|single| single.id.serial == certificate.serial());
        let revoked = own().find(|single| matches!(single.status, Status::Revoked { .. }));
        Ok(revoked.or_else(|| own().next()).map_or(nothing(Status::NotCovered), |single| Answer {
            status: single.status,
            this_update: single.this_update,
            next_update: single.next_update,
        }))
    }

    fn check_signature(
        &self,
        issuer: &Certificate,
        crypto: &dyn Crypto,
        known: &dyn Fn(&Certificate) -> Option<ValidPath>,
    ) -> Result<(), RevocationError> {
        let suite = self.suite.ok_or(RevocationError::Signature)?;
        if self.responder.is(issuer) {
            let key = crypto.public_key(issuer.spki()).map_err(|_| RevocationError::Signature)?;
            return Ok(key.verify(suite, self.tbs, self.signature)?);
        }
        let delegate = self
            .certificates
            .iter()
            .filter_map(|der| Certificate::parse(der).ok())
            .find(|certificate| self.responder.is(certificate))
            .ok_or(RevocationError::Signature)?;
        let as_of = AsOf::At(self.produced_at);
        let path = match known(&delegate) {
            Some(path) => path.check_time(as_of).map(|()| path)?,
            None => judge(&delegate, issuer, as_of, crypto)?,
        };
        Ok(path.key().verify(suite, self.tbs, self.signature)?)
    }
}

/// Judges the certificate of a responder that signs in `issuer`'s place (RFC 6960 §4.2.2.2). The path depends
/// on the two certificates alone, so whoever checks many responses may keep it; its dates are judged with
/// each response.
///
/// # Errors
///
/// [`PathError`].
pub fn responder_path(
    certificate: &Certificate,
    issuer: &Certificate,
    crypto: &dyn Crypto,
) -> Result<ValidPath, PathError> {
    judge(certificate, issuer, AsOf::Unjudged, crypto)
}

fn judge(
    certificate: &Certificate,
    issuer: &Certificate,
    as_of: AsOf,
    crypto: &dyn Crypto,
) -> Result<ValidPath, PathError> {
    let anchors = TrustAnchors::from_certificates([issuer.clone()], crypto)?;
    validate(certificate, &[], &anchors, &Profile::ocsp_responder(), as_of, crypto)
}

impl ResponderId<'_> {
    fn is(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Name(name) => certificate.subject() == *name,
            Self::Key(hash) => IdHash::Sha1.of(spki::key_bits(certificate.spki())) == *hash,
        }
    }
}

fn take_responder<'a>(data: &mut Reader<'a>) -> Result<ResponderId<'a>, NotDer> {
    if let Some(name) = data.optional(tag::context_constructed(1))? {
        let mut name = Reader::new(name.content);
        let value = name.value(tag::SEQUENCE)?;
        name.finish()?;
        return Ok(ResponderId::Name(value.whole));
    }
    let mut key = data.nested(tag::context_constructed(2))?;
    let hash = key.take(tag::OCTET_STRING)?;
    key.finish()?;
    Ok(ResponderId::Key(hash))
}

fn take_single(list: &mut Reader<'_>) -> Result<Option<Single>, RevocationError> {
    let mut single = list.nested(tag::SEQUENCE)?;
    let id = CertId::take(&mut single)?;
    let status = take_status(&mut single)?;
    let this_update = time::generalized(&mut single)?;
    let next_update = match single.optional(tag::context_constructed(0))? {
        Some(wrapped) => {
            let mut wrapped = Reader::new(wrapped.content);
            let next = time::generalized(&mut wrapped)?;
            wrapped.finish()?;
            Some(next)
        }
        None => None,
    };
    if let Some(extensions) = single.optional(tag::context_constructed(1))? {
        let mut reader = Reader::new(extensions.content);
        let extensions = reader.nested(tag::SEQUENCE)?;
        reader.finish()?;
        each_extension(extensions, |_, critical, _| {
            let what = "critical extension of an answer";
            if critical { Err(RevocationError::NotUnderstood { what }) } else { Ok(()) }
        })?;
    }
    single.finish()?;
    Ok(id.map(|id| Single { id, status, this_update, next_update }))
}

fn take_status(single: &mut Reader<'_>) -> Result<Status, NotDer> {
    let value = single.any()?;
    match (value.tag, value.content) {
        (0x80, []) => Ok(Status::Good),
        (0x82, []) => Ok(Status::NotCovered),
        (0xA1, content) => {
            let mut info = Reader::new(content);
            let at = time::generalized(&mut info)?;
            let reason = match info.optional(tag::context_constructed(0))? {
                Some(wrapped) => {
                    let mut wrapped = Reader::new(wrapped.content);
                    let reason = enumerated(&mut wrapped)?;
                    wrapped.finish()?;
                    Some(reason)
                }
                None => None,
            };
            info.finish()?;
            Ok(Status::Revoked { at, reason })
        }
        _ => Err(NotDer::Content { of: value.tag }),
    }
}
