//! CRLs (RFC 5280 §5): complete ones, also those partitioned by distribution point as JPKI's are.

use alloc::collections::BTreeSet;

use crate::certificate::Certificate;
use crate::der::{NotDer, Reader, Value, tag};
use crate::moment::Moment;
use crate::signature::{Crypto, Suite};
use crate::{algorithm, extension, oid, time};

use super::{Answer, RevocationError, Status};

/// A parsed CRL. No signature was checked by parsing.
#[derive(Clone, Copy, Debug)]
pub struct Crl<'a> {
    tbs: &'a [u8],
    issuer: &'a [u8],
    this_update: Moment,
    next_update: Option<Moment>,
    revoked: Reader<'a>,
    authority_key_id: Option<&'a [u8]>,
    scope: Option<Scope<'a>>,
    suite: Option<Suite>,
    signature: &'a [u8],
}

/// Of which certificates the list speaks (issuingDistributionPoint).
#[derive(Clone, Copy, Debug, Default)]
struct Scope<'a> {
    /// Content of the DistributionPointName.
    point: Option<&'a [u8]>,
    only_cas: bool,
    /// Attribute certificates, or some reasons only: for us the same as nothing.
    partial: bool,
}

impl<'a> Crl<'a> {
    /// Parses one DER CertificateList and nothing after it.
    ///
    /// # Errors
    ///
    /// [`RevocationError::Malformed`] or [`RevocationError::NotUnderstood`] (delta and indirect lists,
    /// other critical extensions).
    pub fn parse(der: &'a [u8]) -> Result<Self, RevocationError> {
        let mut outer = Reader::new(der);
        let mut list = outer.nested(tag::SEQUENCE)?;
        outer.finish()?;
        let tbs = list.value(tag::SEQUENCE)?;
        let stated = list.value(tag::SEQUENCE)?;
        let signature = list.bit_string_of_octets()?;
        list.finish()?;

        let mut fields = Reader::new(tbs.content);
        if fields.small_unsigned()? != 1 {
            return Err(RevocationError::NotUnderstood { what: "CRL version" });
        }
        if fields.value(tag::SEQUENCE)?.whole != stated.whole {
            return Err(RevocationError::NotUnderstood { what: "second signature algorithm" });
        }
        let issuer = fields.value(tag::SEQUENCE)?.whole;
        let this_update = time::time(&mut fields)?;
        let next_update = match fields.peek() {
            Some(tag::UTC_TIME | tag::GENERALIZED_TIME) => Some(time::time(&mut fields)?),
            _ => None,
        };
        let revoked =
            fields.optional(tag::SEQUENCE)?.map_or(Reader::new(&[]), |list| Reader::new(list.content));
        let extensions = fields.optional(tag::context_constructed(0))?;
        fields.finish()?;

        let mut crl = Self {
            tbs: tbs.whole,
            issuer,
            this_update,
            next_update,
            revoked,
            authority_key_id: None,
            scope: None,
            suite: algorithm::suite(stated)?,
            signature,
        };
        if let Some(extensions) = extensions {
            crl.read_extensions(extensions)?;
        }
        let mut entries = revoked;
        while !entries.is_empty() {
            Entry::take(&mut entries)?;
        }
        Ok(crl)
    }

    /// Issuer, DER Name.
    #[must_use]
    pub const fn issuer(&self) -> &'a [u8] {
        self.issuer
    }

    /// As of when the list is right.
    #[must_use]
    pub const fn this_update(&self) -> Moment {
        self.this_update
    }

    /// When the next list was promised.
    #[must_use]
    pub const fn next_update(&self) -> Option<Moment> {
        self.next_update
    }

    /// Serial numbers and times of what is revoked, in the list's order.
    pub fn revoked(&self) -> impl Iterator<Item = (&'a [u8], Moment)> {
        self.entries().map(|entry| (entry.serial, entry.at))
    }

    /// What the list says of a certificate. Its signature is checked, save where it is another issuer's.
    ///
    /// # Errors
    ///
    /// [`RevocationError::Signature`].
    pub fn answer(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        crypto: &dyn Crypto,
    ) -> Result<Answer, RevocationError> {
        let status = if self.is_by(issuer) {
            self.check_signature(issuer, crypto)?;
            self.status_of(certificate)
        } else {
            Status::NotEnrolled
        };
        Ok(Answer { status, this_update: self.this_update, next_update: self.next_update })
    }

    /// Generations of a root share one name, so the key id decides where there is one.
    fn is_by(&self, issuer: &Certificate) -> bool {
        self.issuer == issuer.subject()
            && match (self.authority_key_id, issuer.subject_key_id()) {
                (Some(named), Some(own)) => named == own,
                _ => true,
            }
    }

    fn check_signature(&self, issuer: &Certificate, crypto: &dyn Crypto) -> Result<(), RevocationError> {
        let key = crypto.public_key(issuer.spki()).map_err(|_| RevocationError::Signature)?;
        let may_sign = issuer.key_usage().is_none_or(|usage| usage.contains(extension::KeyUsage::CRL_SIGN));
        match self.suite {
            Some(suite) if may_sign => Ok(key.verify(suite, self.tbs, self.signature)?),
            _ => Err(RevocationError::Signature),
        }
    }

    fn status_of(&self, certificate: &Certificate) -> Status {
        if let Some(entry) = self.entries().find(|entry| entry.serial == certificate.serial()) {
            return Status::Revoked { at: entry.at, reason: entry.reason };
        }
        let younger = certificate.not_before() > self.this_update;
        if younger || !self.scope.is_none_or(|scope| scope.covers(certificate)) {
            return Status::NotCovered;
        }
        Status::Good
    }

    fn entries(&self) -> impl Iterator<Item = Entry<'a>> {
        let mut entries = self.revoked;
        core::iter::from_fn(move || Entry::take(&mut entries).ok())
    }

    fn read_extensions(&mut self, wrapped: Value<'a>) -> Result<(), RevocationError> {
        let mut reader = Reader::new(wrapped.content);
        let list = reader.nested(tag::SEQUENCE)?;
        reader.finish()?;
        each_extension(list, |name, critical, value| {
            if name == oid::AUTHORITY_KEY_ID.as_bytes() {
                self.authority_key_id = extension::authority_key_id(value)?;
            } else if name == oid::ISSUING_DISTRIBUTION_POINT.as_bytes() {
                self.scope = Some(Scope::parse(value)?);
            } else if critical {
                return Err(RevocationError::NotUnderstood { what: "critical CRL extension" });
            }
            Ok(())
        })
    }
}

impl<'a> Scope<'a> {
    fn parse(value: &'a [u8]) -> Result<Self, RevocationError> {
        let mut reader = Reader::new(value);
        let mut fields = reader.nested(tag::SEQUENCE)?;
        reader.finish()?;
        let mut scope = Self::default();
        let mut before = None;
        while !fields.is_empty() {
            let field = fields.any()?;
            // Each field once, in the order of their numbers.
            let number = field.tag & 0x1F;
            if before.is_some_and(|before| number <= before) {
                return Err(NotDer::Content { of: tag::SEQUENCE }.into());
            }
            before = Some(number);
            match field.tag {
                0xA0 => scope.point = Some(field.content),
                0x81 => is_true(field.content)?,
                0x82 => {
                    is_true(field.content)?;
                    scope.only_cas = true;
                }
                0x83 => scope.partial = true,
                0x85 => {
                    is_true(field.content)?;
                    scope.partial = true;
                }
                _ => return Err(RevocationError::NotUnderstood { what: "kind of list (indirect)" }),
            }
        }
        Ok(scope)
    }

    fn covers(&self, certificate: &Certificate) -> bool {
        !self.only_cas && !self.partial && self.point.is_none_or(|point| names_point(certificate, point))
    }
}

/// A BOOLEAN that is FALSE by default stands in DER only if it is TRUE, which is one octet FF.
fn is_true(content: &[u8]) -> Result<(), NotDer> {
    if content == [0xFF] { Ok(()) } else { Err(NotDer::Content { of: tag::BOOLEAN }) }
}

/// Whether the certificate's CRL distribution points name this one, byte for byte.
fn names_point(certificate: &Certificate, wanted: &[u8]) -> bool {
    let Some(extension) = certificate.extension(&oid::CRL_DISTRIBUTION_POINTS) else { return false };
    let Ok(mut points) = Reader::new(extension.value).nested(tag::SEQUENCE) else { return false };
    while let Ok(mut point) = points.nested(tag::SEQUENCE) {
        if point.take(tag::context_constructed(0)) == Ok(wanted) {
            return true;
        }
    }
    false
}

/// One revoked certificate.
#[derive(Clone, Copy, Debug)]
struct Entry<'a> {
    serial: &'a [u8],
    at: Moment,
    reason: Option<u8>,
}

impl<'a> Entry<'a> {
    fn take(list: &mut Reader<'a>) -> Result<Self, RevocationError> {
        let mut fields = list.nested(tag::SEQUENCE)?;
        let serial = fields.unsigned()?;
        let at = time::time(&mut fields)?;
        let mut reason = None;
        if let Some(extensions) = fields.optional(tag::SEQUENCE)? {
            each_extension(Reader::new(extensions.content), |name, critical, value| {
                if name == oid::REASON_CODE.as_bytes() {
                    let mut value = Reader::new(value);
                    reason = Some(enumerated(&mut value)?);
                    value.finish()?;
                } else if critical {
                    return Err(RevocationError::NotUnderstood { what: "critical extension of an entry" });
                }
                Ok(())
            })?;
        }
        fields.finish()?;
        Ok(Self { serial, at, reason })
    }
}

pub(super) fn enumerated(reader: &mut Reader<'_>) -> Result<u8, NotDer> {
    match reader.take(tag::ENUMERATED)? {
        [value] if *value < 0x80 => Ok(*value),
        _ => Err(NotDer::Content { of: tag::ENUMERATED }),
    }
}

/// Shows every extension of a list to `look`: name, whether critical, value. The list is not empty, and no
/// name comes twice (RFC 5280 §4.2): of two, one reader might take the first and another the last.
pub(super) fn each_extension<'a>(
    mut list: Reader<'a>,
    mut look: impl FnMut(&'a [u8], bool, &'a [u8]) -> Result<(), RevocationError>,
) -> Result<(), RevocationError> {
    let mut seen = BTreeSet::new();
    loop {
        let mut extension = list.nested(tag::SEQUENCE)?;
        let name = extension.take(tag::OID)?;
        let critical = extension.boolean_or_false()?;
        let value = extension.take(tag::OCTET_STRING)?;
        extension.finish()?;
        if !seen.insert(name) {
            return Err(NotDer::Content { of: tag::SEQUENCE }.into());
        }
        look(name, critical, value)?;
        if list.is_empty() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distribution_point_has_one_form() {
        let cases: [(&[u8], bool); 7] = [
            (&[0x30, 3, 0x81, 1, 0xFF], true),
            (&[0x30, 4, 0xA0, 2, 0xA0, 0], true),
            (&[0x30, 3, 0x81, 1, 0x00], false), // FALSE is left out
            (&[0x30, 3, 0x81, 1, 0x01], false), // TRUE is FF
            (&[0x30, 2, 0x81, 0], false),
            (&[0x30, 6, 0x82, 1, 0xFF, 0x81, 1, 0xFF], false), // order
            (&[0x30, 8, 0xA0, 2, 0xA0, 0, 0xA0, 2, 0xA0, 0], false), // twice
        ];
        for (bytes, accepted) in cases {
            assert_eq!(Scope::parse(bytes).is_ok(), accepted, "{bytes:02x?}");
        }
    }

    #[test]
    fn extensions_are_there_and_none_comes_twice() {
        const ONE: [u8; 9] = [0x30, 7, 6, 1, 0x29, 4, 2, 5, 0];
        const OTHER: [u8; 9] = [0x30, 7, 6, 1, 0x2A, 4, 2, 5, 0];
        let accepted = |bytes: &[u8]| each_extension(Reader::new(bytes), |_, _, _| Ok(())).is_ok();
        assert!(accepted(&ONE));
        assert!(accepted(&[ONE, OTHER].concat()));
        assert!(!accepted(&[]));
        assert!(!accepted(&[ONE, ONE].concat()));
    }
}
