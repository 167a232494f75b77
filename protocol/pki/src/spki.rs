//! SubjectPublicKeyInfo: the keys that are accepted, in their one DER form.

use alloc::vec::Vec;

use crate::der::{Reader, Writer, tag};
use crate::oid;
use crate::signature::{KeyKind, UnusableKey};

/// The parts of an accepted public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key<'a> {
    /// RSA with e = 65537.
    Rsa {
        /// Modulus, big-endian, without leading zeros.
        modulus: &'a [u8],
    },
    /// P-256.
    P256 {
        /// Uncompressed point, 65 bytes.
        point: &'a [u8],
    },
    /// P-384.
    P384 {
        /// Uncompressed point, 97 bytes.
        point: &'a [u8],
    },
}

impl Key<'_> {
    /// What the key is.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        match self {
            Self::Rsa { modulus } if bits(modulus) == 2_048 => KeyKind::Rsa2048,
            Self::Rsa { .. } => KeyKind::RsaOther,
            Self::P256 { .. } => KeyKind::P256,
            Self::P384 { .. } => KeyKind::P384,
        }
    }
}

const EXPONENT: [u8; 3] = [1, 0, 1];

/// Parses a DER SubjectPublicKeyInfo (RFC 5280 §4.1.2.7, RFC 3279, RFC 5480).
///
/// # Errors
///
/// [`UnusableKey`] if it is not DER, has another algorithm or parameter, an RSA modulus outside 2048 to
/// 4096 bits or even, an exponent other than 65537, or a point that is not uncompressed.
pub fn parse(spki: &[u8]) -> Result<Key<'_>, UnusableKey> {
    parse_der(spki).ok_or(UnusableKey)
}

/// The key without its frame: the bits that OCSP and SHA-1 key ids hash. Empty if it is not DER.
#[must_use]
pub fn key_bits(spki: &[u8]) -> &[u8] {
    let bits = || {
        let mut info = Reader::new(spki).nested(tag::SEQUENCE)?;
        info.take(tag::SEQUENCE)?;
        info.bit_string_of_octets()
    };
    bits().unwrap_or_default()
}

fn parse_der(spki: &[u8]) -> Option<Key<'_>> {
    let mut outer = Reader::new(spki);
    let mut info = outer.nested(tag::SEQUENCE).ok()?;
    outer.finish().ok()?;
    let mut algorithm = info.nested(tag::SEQUENCE).ok()?;
    let bits = info.bit_string_of_octets().ok()?;
    info.finish().ok()?;

    let name = algorithm.take(tag::OID).ok()?;
    if name == oid::RSA_ENCRYPTION.as_bytes() {
        if !algorithm.take(tag::NULL).ok()?.is_empty() {
            return None;
        }
        algorithm.finish().ok()?;
        return rsa(bits);
    }
    if name == oid::EC_PUBLIC_KEY.as_bytes() {
        let curve = algorithm.take(tag::OID).ok()?;
        algorithm.finish().ok()?;
        return match (bits.split_first()?, bits.len()) {
            ((4, _), 65) if curve == oid::P256.as_bytes() => Some(Key::P256 { point: bits }),
            ((4, _), 97) if curve == oid::P384.as_bytes() => Some(Key::P384 { point: bits }),
            _ => None,
        };
    }
    None
}

fn rsa(bits_of_key: &[u8]) -> Option<Key<'_>> {
    let mut outer = Reader::new(bits_of_key);
    let mut key = outer.nested(tag::SEQUENCE).ok()?;
    outer.finish().ok()?;
    let modulus = key.unsigned().ok()?;
    let exponent = key.unsigned().ok()?;
    key.finish().ok()?;
    let odd = modulus.last()? & 1 == 1;
    (odd && (2_048..=4_096).contains(&bits(modulus)) && exponent == EXPONENT).then_some(Key::Rsa { modulus })
}

fn bits(modulus: &[u8]) -> usize {
    match modulus.first() {
        Some(first) => modulus.len() * 8 - first.leading_zeros() as usize,
        None => 0,
    }
}

/// Writes the SubjectPublicKeyInfo of an RSA modulus with e = 65537.
#[must_use]
pub fn from_rsa_modulus(modulus: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.nest(tag::SEQUENCE, |info| {
        info.nest(tag::SEQUENCE, |algorithm| {
            algorithm.put(tag::OID, oid::RSA_ENCRYPTION.as_bytes());
            algorithm.put(tag::NULL, &[]);
        });
        info.bit_string_nest(|key| {
            key.nest(tag::SEQUENCE, |key| {
                key.unsigned(modulus);
                key.unsigned(&EXPONENT);
            });
        });
    });
    writer.into_bytes()
}
