//! Extensions that are understood (RFC 5280 §4.2).

use core::fmt;

use ::der::asn1::ObjectIdentifier;

use crate::der::{NotDer, Reader, tag};

/// One extension of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension<'a> {
    /// Content octets of its OBJECT IDENTIFIER.
    pub oid: &'a [u8],
    /// Whether whoever does not understand it must refuse the certificate.
    pub critical: bool,
    /// Content of its OCTET STRING.
    pub value: &'a [u8],
}

/// Key usage bits; bit 0 (digitalSignature) is the highest.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyUsage(u16);

impl KeyUsage {
    /// No bit.
    pub const NONE: Self = Self(0);
    /// digitalSignature.
    pub const DIGITAL_SIGNATURE: Self = Self(0x8000);
    /// nonRepudiation, also called contentCommitment.
    pub const NON_REPUDIATION: Self = Self(0x4000);
    /// keyEncipherment.
    pub const KEY_ENCIPHERMENT: Self = Self(0x2000);
    /// keyAgreement.
    pub const KEY_AGREEMENT: Self = Self(0x0800);
    /// keyCertSign.
    pub const KEY_CERT_SIGN: Self = Self(0x0400);
    /// cRLSign.
    pub const CRL_SIGN: Self = Self(0x0200);

    /// The bits of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether any bit is in both.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether all bits of `other` are in this.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub(crate) const fn bits(self) -> u16 {
        self.0
    }

    pub(crate) fn parse(value: &[u8]) -> Result<Self, NotDer> {
        let not_der = NotDer::Content { of: tag::BIT_STRING };
        let mut reader = Reader::new(value);
        let content = reader.take(tag::BIT_STRING)?;
        reader.finish()?;
        let (unused, bits) = match *content {
            [unused, first] => (unused, u16::from(first) << 8),
            [unused, first, second] => (unused, u16::from(first) << 8 | u16::from(second)),
            _ => return Err(not_der),
        };
        // A named bit list ends in a bit that is set (X.690 §11.2.2).
        let last = if content.len() == 2 { bits >> 8 } else { bits & 0xFF };
        if last == 0 || last.trailing_zeros() != u32::from(unused) {
            return Err(not_der);
        }
        Ok(Self(bits))
    }
}

impl fmt::Debug for KeyUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [&str; 9] = [
            "digitalSignature",
            "nonRepudiation",
            "keyEncipherment",
            "dataEncipherment",
            "keyAgreement",
            "keyCertSign",
            "cRLSign",
            "encipherOnly",
            "decipherOnly",
        ];
        let set = NAMES.iter().enumerate().filter(|(bit, _)| self.0 & (0x8000 >> bit) != 0);
        let mut first = true;
        for (_, name) in set {
            if !first {
                f.write_str("+")?;
            }
            first = false;
            f.write_str(name)?;
        }
        if first { f.write_str("none") } else { Ok(()) }
    }
}

/// Whether the subject is a CA, and how many CAs may stand between it and a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BasicConstraints {
    /// Whether the subject is a CA.
    pub ca: bool,
    /// How many CAs may follow; no limit if absent.
    pub path_length: Option<u64>,
}

impl BasicConstraints {
    pub(crate) fn parse(value: &[u8]) -> Result<Self, NotDer> {
        let mut reader = Reader::new(value);
        let mut constraints = reader.nested(tag::SEQUENCE)?;
        reader.finish()?;
        let ca = constraints.boolean_or_false()?;
        let path_length = if constraints.is_empty() { None } else { Some(constraints.small_unsigned()?) };
        constraints.finish()?;
        Ok(Self { ca, path_length })
    }
}

/// The key id of an AuthorityKeyIdentifier.
pub(crate) fn authority_key_id(value: &[u8]) -> Result<Option<&[u8]>, NotDer> {
    let mut reader = Reader::new(value);
    let mut identifier = reader.nested(tag::SEQUENCE)?;
    reader.finish()?;
    let key_id = identifier.optional(tag::context(0))?;
    identifier.optional(tag::context_constructed(1))?;
    identifier.optional(tag::context(2))?;
    identifier.finish()?;
    Ok(key_id.map(|value| value.content))
}

/// The key id of a SubjectKeyIdentifier.
pub(crate) fn subject_key_id(value: &[u8]) -> Result<&[u8], NotDer> {
    let mut reader = Reader::new(value);
    let key_id = reader.take(tag::OCTET_STRING)?;
    reader.finish()?;
    Ok(key_id)
}

/// Content octets of the OBJECT IDENTIFIERs in an ExtKeyUsage or CertificatePolicies.
#[derive(Clone, Copy, Debug)]
pub struct Oids<'a> {
    entries: Reader<'a>,
    /// Each stands first in a SEQUENCE of its own (policies), or bare (key purposes).
    wrapped: bool,
}

impl<'a> Oids<'a> {
    /// Checks the whole list.
    pub(crate) fn parse(value: &'a [u8], wrapped: bool) -> Result<Self, NotDer> {
        let mut reader = Reader::new(value);
        let entries = reader.nested(tag::SEQUENCE)?;
        reader.finish()?;
        let oids = Self { entries, wrapped };
        let mut check = oids;
        if check.entries.is_empty() {
            return Err(NotDer::Short { needed: 1 });
        }
        while !check.entries.is_empty() {
            check.read()?;
        }
        Ok(oids)
    }

    /// Whether it names this one.
    #[must_use]
    pub fn contains(mut self, oid: &ObjectIdentifier) -> bool {
        self.any(|found| found == oid.as_bytes())
    }

    fn read(&mut self) -> Result<&'a [u8], NotDer> {
        let oid = if self.wrapped {
            let mut policy = self.entries.nested(tag::SEQUENCE)?;
            let oid = policy.take(tag::OID)?;
            if !policy.is_empty() {
                policy.take(tag::SEQUENCE)?;
            }
            policy.finish()?;
            oid
        } else {
            self.entries.take(tag::OID)?
        };
        if oid.last().is_none_or(|last| *last >= 0x80) {
            return Err(NotDer::Content { of: tag::OID });
        }
        Ok(oid)
    }
}

impl<'a> Iterator for Oids<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.read().ok()
    }
}
