//! X.509 certificates (RFC 5280), as the bytes in which they came.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use ::der::asn1::ObjectIdentifier;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::der::{NotDer, Reader, tag};
use crate::extension::{self, BasicConstraints, Extension, KeyUsage, Oids};
use crate::moment::Moment;
use crate::signature::{BadSignature, PublicKey, Suite};
use crate::{algorithm, name, oid, time};

/// The bytes are no certificate as RFC 5280 and DER want it. Whoever made or changed them is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCertificate {
    /// Not DER, or not the structure.
    #[error("certificate is malformed: {0}")]
    Malformed(#[from] NotDer),
    /// Not an X.509 v3 certificate.
    #[error("certificate has version {found}, not 3")]
    Version {
        /// What it says.
        found: u64,
    },
    /// The algorithm under the signature and the one that was signed differ.
    #[error("the signed and the stated signature algorithm differ")]
    AlgorithmsDiffer,
    /// One extension stands twice.
    #[error("an extension stands twice (at {first} and {second} of the list)")]
    DuplicateExtension {
        /// Place of the first.
        first: usize,
        /// Place of the second.
        second: usize,
    },
    /// It ends before it begins.
    #[error("certificate is valid from {not_before} to {not_after}, which is before")]
    Validity {
        /// From.
        not_before: Moment,
        /// To.
        not_after: Moment,
    },
}

/// A parsed certificate with its bytes, which are zeroised when it goes.
///
/// Strict DER throughout, extensions that are understood included; no signature was checked. A clone is the
/// same certificate, not another copy of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate(Arc<Parsed>);

#[derive(PartialEq, Eq)]
struct Parsed {
    der: Zeroizing<Vec<u8>>,
    tbs: Range<usize>,
    serial: Range<usize>,
    issuer: Range<usize>,
    subject: Range<usize>,
    spki: Range<usize>,
    signature: Range<usize>,
    suite: Option<Suite>,
    not_before: Moment,
    not_after: Moment,
    extensions: Vec<Place>,
    known: Known,
}

/// Where an extension stands.
#[derive(Clone, PartialEq, Eq)]
struct Place {
    oid: Range<usize>,
    critical: bool,
    value: Range<usize>,
}

/// Extensions that were decoded.
#[derive(Clone, Default, PartialEq, Eq)]
struct Known {
    key_usage: Option<KeyUsage>,
    basic_constraints: Option<BasicConstraints>,
    authority_key_id: Option<Range<usize>>,
    subject_key_id: Option<Range<usize>>,
    extended_key_usage: Option<Range<usize>>,
    policies: Option<Range<usize>>,
}

impl Certificate {
    /// Parses one DER certificate and nothing after it.
    ///
    /// # Errors
    ///
    /// [`BadCertificate`].
    pub fn parse(der: &[u8]) -> Result<Self, BadCertificate> {
        let part = |part: &[u8]| within(der, part);
        let mut outer = Reader::new(der);
        let mut certificate = outer.nested(tag::SEQUENCE)?;
        outer.finish()?;
        let tbs = certificate.value(tag::SEQUENCE)?;
        let stated = certificate.value(tag::SEQUENCE)?;
        let signature = certificate.bit_string_of_octets()?;
        certificate.finish()?;

        let mut fields = Reader::new(tbs.content);
        let mut version = fields.nested(tag::context_constructed(0))?;
        let found = version.small_unsigned()?.saturating_add(1);
        version.finish()?;
        if found != 3 {
            return Err(BadCertificate::Version { found });
        }
        let serial = fields.unsigned()?;
        let signed = fields.value(tag::SEQUENCE)?;
        if signed.whole != stated.whole {
            return Err(BadCertificate::AlgorithmsDiffer);
        }
        let issuer = fields.value(tag::SEQUENCE)?;
        name::check(issuer)?;
        let mut validity = fields.nested(tag::SEQUENCE)?;
        let not_before = time::time(&mut validity)?;
        let not_after = time::time(&mut validity)?;
        validity.finish()?;
        if not_after < not_before {
            return Err(BadCertificate::Validity { not_before, not_after });
        }
        let subject = fields.value(tag::SEQUENCE)?;
        name::check(subject)?;
        let spki = fields.value(tag::SEQUENCE)?;
        let extensions = match fields.optional(tag::context_constructed(3))? {
            Some(list) => places(der, list.content)?,
            None => Vec::new(),
        };
        fields.finish()?;

        Ok(Self(Arc::new(Parsed {
            tbs: part(tbs.whole),
            serial: part(serial),
            issuer: part(issuer.whole),
            subject: part(subject.whole),
            spki: part(spki.whole),
            signature: part(signature),
            suite: algorithm::suite(stated)?,
            not_before,
            not_after,
            known: known(der, &extensions)?,
            extensions,
            der: Zeroizing::new(der.to_vec()),
        })))
    }

    /// The certificate as received.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// SHA-256 of the certificate as received.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.der()).into()
    }

    /// The signed part as received.
    #[must_use]
    pub fn tbs(&self) -> &[u8] {
        self.part(&self.0.tbs)
    }

    /// Serial number, big-endian, without leading zeros.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        self.part(&self.0.serial)
    }

    /// Issuer, DER Name.
    #[must_use]
    pub fn issuer(&self) -> &[u8] {
        self.part(&self.0.issuer)
    }

    /// Subject, DER Name.
    #[must_use]
    pub fn subject(&self) -> &[u8] {
        self.part(&self.0.subject)
    }

    /// The subject's last common name, if it is text.
    #[must_use]
    pub fn common_name(&self) -> Option<&str> {
        name::last_text(self.subject(), &oid::COMMON_NAME)
    }

    /// First moment of validity.
    #[must_use]
    pub fn not_before(&self) -> Moment {
        self.0.not_before
    }

    /// Last second of validity, which still belongs to it.
    #[must_use]
    pub fn not_after(&self) -> Moment {
        self.0.not_after
    }

    /// DER SubjectPublicKeyInfo as received.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        self.part(&self.0.spki)
    }

    /// Suite of the issuer's signature; `None` for an algorithm that is not accepted.
    #[must_use]
    pub fn suite(&self) -> Option<Suite> {
        self.0.suite
    }

    /// The issuer's signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        self.part(&self.0.signature)
    }

    /// Checks the issuer's signature and nothing else.
    ///
    /// # Errors
    ///
    /// [`BadSignature`], also for an algorithm that is not accepted or does not fit the key.
    pub fn signed_by(&self, issuer: &dyn PublicKey) -> Result<(), BadSignature> {
        issuer.verify(self.0.suite.ok_or(BadSignature)?, self.tbs(), self.signature())
    }

    /// All extensions in their order.
    pub fn extensions(&self) -> impl Iterator<Item = Extension<'_>> {
        self.0.extensions.iter().map(|place| Extension {
            oid: self.part(&place.oid),
            critical: place.critical,
            value: self.part(&place.value),
        })
    }

    /// One extension.
    #[must_use]
    pub fn extension(&self, oid: &ObjectIdentifier) -> Option<Extension<'_>> {
        self.extensions().find(|extension| extension.oid == oid.as_bytes())
    }

    /// Key usage.
    #[must_use]
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.0.known.key_usage
    }

    /// Basic constraints.
    #[must_use]
    pub fn basic_constraints(&self) -> Option<BasicConstraints> {
        self.0.known.basic_constraints
    }

    /// Key id of the issuer's key.
    #[must_use]
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        self.0.known.authority_key_id.as_ref().map(|place| self.part(place))
    }

    /// Key id of the subject's key.
    #[must_use]
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        self.0.known.subject_key_id.as_ref().map(|place| self.part(place))
    }

    /// Extended key usage.
    #[must_use]
    pub fn extended_key_usage(&self) -> Option<Oids<'_>> {
        let place = self.0.known.extended_key_usage.as_ref()?;
        Oids::parse(self.part(place), false).ok()
    }

    /// Certificate policies.
    #[must_use]
    pub fn policies(&self) -> Option<Oids<'_>> {
        let place = self.0.known.policies.as_ref()?;
        Oids::parse(self.part(place), true).ok()
    }

    /// Whether subject and issuer are one name.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.subject() == self.issuer()
    }

    fn part(&self, range: &Range<usize>) -> &[u8] {
        self.0.der.get(range.clone()).unwrap_or_default()
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({} bytes)", self.0.der.len())
    }
}

/// Where `part`, a slice of `whole`, stands in it.
fn within(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr().saturating_sub(whole.as_ptr().addr());
    start..start + part.len()
}

fn places(der: &[u8], list: &[u8]) -> Result<Vec<Place>, BadCertificate> {
    let mut reader = Reader::new(list);
    let mut entries = reader.nested(tag::SEQUENCE)?;
    reader.finish()?;
    let mut places: Vec<Place> = Vec::with_capacity(12);
    while !entries.is_empty() {
        let mut entry = entries.nested(tag::SEQUENCE)?;
        let oid = entry.take(tag::OID)?;
        let critical = entry.boolean_or_false()?;
        let value = entry.take(tag::OCTET_STRING)?;
        entry.finish()?;
        let second = places.len();
        if let Some(first) = places.iter().position(|place| der.get(place.oid.clone()) == Some(oid)) {
            return Err(BadCertificate::DuplicateExtension { first, second });
        }
        places.push(Place { oid: within(der, oid), critical, value: within(der, value) });
    }
    if places.is_empty() { Err(NotDer::Short { needed: 1 }.into()) } else { Ok(places) }
}

fn known(der: &[u8], extensions: &[Place]) -> Result<Known, NotDer> {
    let mut known = Known::default();
    for place in extensions {
        let oid = der.get(place.oid.clone()).unwrap_or_default();
        let value = der.get(place.value.clone()).unwrap_or_default();
        if oid == oid::KEY_USAGE.as_bytes() {
            known.key_usage = Some(KeyUsage::parse(value)?);
        } else if oid == oid::BASIC_CONSTRAINTS.as_bytes() {
            known.basic_constraints = Some(BasicConstraints::parse(value)?);
        } else if oid == oid::AUTHORITY_KEY_ID.as_bytes() {
            known.authority_key_id = extension::authority_key_id(value)?.map(|id| within(der, id));
        } else if oid == oid::SUBJECT_KEY_ID.as_bytes() {
            known.subject_key_id = Some(within(der, extension::subject_key_id(value)?));
        } else if oid == oid::EXTENDED_KEY_USAGE.as_bytes() {
            Oids::parse(value, false)?;
            known.extended_key_usage = Some(place.value.clone());
        } else if oid == oid::CERTIFICATE_POLICIES.as_bytes() {
            Oids::parse(value, true)?;
            known.policies = Some(place.value.clone());
        }
    }
    Ok(known)
}
