//! The numbers of an RSA private key in PKCS#8 (RFC 5208, 5; RFC 8017, A.1.2).

use jushin_pki::der::{Reader, tag};

/// The numbers needed to compute with the key, big-endian.
pub(super) struct RsaNumbers<'a> {
    pub(super) modulus: &'a [u8],
    pub(super) p: &'a [u8],
    pub(super) q: &'a [u8],
    /// d mod (p − 1).
    pub(super) d_p: &'a [u8],
    /// d mod (q − 1).
    pub(super) d_q: &'a [u8],
    /// q⁻¹ mod p.
    pub(super) q_inverse: &'a [u8],
}

impl<'a> RsaNumbers<'a> {
    /// Reads them; `None` if the bytes are not such a key.
    pub(super) fn parse(pkcs8: &'a [u8]) -> Option<Self> {
        let mut info = Reader::new(pkcs8).nested(tag::SEQUENCE).ok()?;
        let _version = info.take(tag::INTEGER).ok()?;
        let _algorithm = info.take(tag::SEQUENCE).ok()?;
        let mut key = Reader::new(info.take(tag::OCTET_STRING).ok()?).nested(tag::SEQUENCE).ok()?;
        let _version = key.take(tag::INTEGER).ok()?;
        let modulus = key.unsigned().ok()?;
        let (_e, _d) = (key.unsigned().ok()?, key.unsigned().ok()?);
        Some(Self {
            modulus,
            p: key.unsigned().ok()?,
            q: key.unsigned().ok()?,
            d_p: key.unsigned().ok()?,
            d_q: key.unsigned().ok()?,
            q_inverse: key.unsigned().ok()?,
        })
    }
}
