//! CV certificates of institutions, in the layout found on the card's own chains.
//!
//! ```text
//! 7F21 820233
//!   5F4E 820129  issuer key id (16) ‖ subject key id (16) ‖ 90 03 010001 ‖ 91 820100 modulus (256)
//!   5F37 820100  signature: RSA-2048 PKCS#1 v1.5 SHA-256 over the 297 bytes within 5F4E
//! ```
//! It has no dates, no role and one length: 568 bytes. Whose key it is stands in the subject key id.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::signature::{
    BadSignature, Crypto, KeyKind, PrivateKey, PublicKey, SigningFailed, Suite, UnusableKey,
};
use crate::spki;

/// Length of a CV certificate.
pub const LENGTH: usize = 568;
const BODY: usize = 297;
const MODULUS: usize = 256;
const CERTIFICATE_HEADER: [u8; 5] = [0x7F, 0x21, 0x82, 0x02, 0x33];
const BODY_HEADER: [u8; 5] = [0x5F, 0x4E, 0x82, 0x01, 0x29];
const EXPONENT: [u8; 5] = [0x90, 0x03, 0x01, 0x00, 0x01];
const MODULUS_HEADER: [u8; 4] = [0x91, 0x82, 0x01, 0x00];
const SIGNATURE_HEADER: [u8; 5] = [0x5F, 0x37, 0x82, 0x01, 0x00];

/// A key id in a CV certificate.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CvKeyId([u8; 16]);

impl CvKeyId {
    /// Takes 16 bytes as they are.
    #[must_use]
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The key id of an institution: `9`, the ten digits of its code, and a serial.
    ///
    /// Production ids of J-LIS start with `5` and test ids with `6`, so ours is never taken for one.
    ///
    /// # Errors
    ///
    /// [`CvError::InstitutionCode`] if the code is not ten ASCII digits.
    pub fn for_institution(code: &str, serial: [u8; 5]) -> Result<Self, CvError> {
        let digits: [u8; 10] = code.as_bytes().try_into().map_err(|_| CvError::InstitutionCode)?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(CvError::InstitutionCode);
        }
        let mut bytes = [0; 16];
        let (prefix, rest) = bytes.split_at_mut(1);
        let (code, end) = rest.split_at_mut(10);
        prefix.copy_from_slice(b"9");
        code.copy_from_slice(&digits);
        end.copy_from_slice(&serial);
        Ok(Self(bytes))
    }

    /// The institution's ten digits; `None` if the id is not of that form.
    #[must_use]
    pub fn institution(&self) -> Option<&str> {
        let [b'9', rest @ ..] = &self.0 else { return None };
        let (code, _) = rest.split_at_checked(10)?;
        code.iter().all(u8::is_ascii_digit).then(|| core::str::from_utf8(code).ok())?
    }

    /// The 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for CvKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CvKeyId({})", self.0.escape_ascii())
    }
}

/// Why bytes are no CV certificate, or not one of this issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CvError {
    /// Another length. Whoever made or cut it is at fault.
    #[error("CV certificate of {found} bytes, not {LENGTH}")]
    Length {
        /// How many bytes.
        found: usize,
    },
    /// Not the fixed bytes of the layout. Whoever made or changed it is at fault.
    #[error("CV certificate departs from its layout at byte {at}")]
    Layout {
        /// Where.
        at: usize,
    },
    /// The modulus is not a usable one of 2048 bits. Whoever made the key is at fault.
    #[error("the key of a CV certificate must be RSA of 2048 bits with e = 65537")]
    Key,
    /// Issued under another key.
    #[error("issued under {found:?}, not under {expected:?}")]
    Issuer {
        /// The issuer key id in the certificate.
        found: CvKeyId,
        /// The issuer's key id.
        expected: CvKeyId,
    },
    /// The issuer did not sign these bytes.
    #[error("the issuer did not sign this CV certificate")]
    Signature,
    /// Not ten ASCII digits. The caller is at fault.
    #[error("an institution code has ten ASCII digits")]
    InstitutionCode,
    /// The issuer's key failed to sign.
    #[error(transparent)]
    Signing(#[from] SigningFailed),
}

impl From<BadSignature> for CvError {
    fn from(BadSignature: BadSignature) -> Self {
        Self::Signature
    }
}

impl From<UnusableKey> for CvError {
    fn from(UnusableKey: UnusableKey) -> Self {
        Self::Key
    }
}

/// A CV certificate with its bytes. No signature was checked by parsing.
#[derive(Clone, PartialEq, Eq)]
pub struct CvCertificate {
    bytes: [u8; LENGTH],
}

impl CvCertificate {
    /// Parses exactly one.
    ///
    /// # Errors
    ///
    /// [`CvError::Length`], [`CvError::Layout`] or [`CvError::Key`].
    pub fn parse(bytes: &[u8]) -> Result<Self, CvError> {
        let bytes: [u8; LENGTH] = bytes.try_into().map_err(|_| CvError::Length { found: bytes.len() })?;
        for (at, fixed) in [
            (0, &CERTIFICATE_HEADER[..]),
            (5, &BODY_HEADER),
            (42, &EXPONENT),
            (47, &MODULUS_HEADER),
            (307, &SIGNATURE_HEADER),
        ] {
            let found = bytes.iter().skip(at).zip(fixed);
            if let Some((offset, _)) = found.enumerate().find(|(_, (found, fixed))| found != fixed) {
                return Err(CvError::Layout { at: at + offset });
            }
        }
        let certificate = Self { bytes };
        spki::parse(&certificate.spki())?;
        Ok(certificate)
    }

    /// Makes one: signs `spki` (RSA-2048) under the issuer's key.
    ///
    /// # Errors
    ///
    /// [`CvError::Key`] if either key is not RSA-2048, or [`CvError::Signing`].
    pub fn issue(
        issuer: &dyn PrivateKey,
        issuer_key_id: CvKeyId,
        subject_key_id: CvKeyId,
        subject_spki: &[u8],
    ) -> Result<Self, CvError> {
        let spki::Key::Rsa { modulus } = spki::parse(subject_spki)? else { return Err(CvError::Key) };
        if modulus.len() != MODULUS || issuer.kind() != KeyKind::Rsa2048 {
            return Err(CvError::Key);
        }
        let body =
            [issuer_key_id.as_bytes(), subject_key_id.as_bytes(), &EXPONENT[..], &MODULUS_HEADER, modulus]
                .concat();
        let signature = issuer.sign(Suite::RsaPkcs1Sha256, &body)?;
        Self::parse(&[&CERTIFICATE_HEADER[..], &BODY_HEADER, &body, &SIGNATURE_HEADER, &signature].concat())
    }

    /// The 568 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; LENGTH] {
        &self.bytes
    }

    /// Key id of the issuer's key.
    #[must_use]
    pub fn issuer_key_id(&self) -> CvKeyId {
        CvKeyId(self.array(10))
    }

    /// Key id of the key in it.
    #[must_use]
    pub fn subject_key_id(&self) -> CvKeyId {
        CvKeyId(self.array(26))
    }

    /// The institution's ten digits; `None` if the subject key id is not of that form.
    #[must_use]
    pub fn institution(&self) -> Option<alloc::string::String> {
        self.subject_key_id().institution().map(Into::into)
    }

    /// Modulus of the key, big-endian.
    #[must_use]
    pub fn modulus(&self) -> [u8; MODULUS] {
        self.array(51)
    }

    /// DER SubjectPublicKeyInfo of the key.
    #[must_use]
    pub fn spki(&self) -> Vec<u8> {
        spki::from_rsa_modulus(&self.modulus())
    }

    /// The signed 297 bytes.
    #[must_use]
    pub fn body(&self) -> [u8; BODY] {
        self.array(10)
    }

    /// The issuer's signature.
    #[must_use]
    pub fn signature(&self) -> [u8; 256] {
        self.array(312)
    }

    /// Checks issuer key id and signature; gives the key, parsed.
    ///
    /// # Errors
    ///
    /// [`CvError::Issuer`], [`CvError::Signature`] or [`CvError::Key`].
    pub fn verify(
        &self,
        authority: &CvAuthority,
        crypto: &dyn Crypto,
    ) -> Result<Arc<dyn PublicKey>, CvError> {
        if self.issuer_key_id() != authority.key_id {
            return Err(CvError::Issuer { found: self.issuer_key_id(), expected: authority.key_id });
        }
        authority.key.verify(Suite::RsaPkcs1Sha256, &self.body(), &self.signature())?;
        Ok(crypto.public_key(&self.spki())?)
    }

    fn array<const N: usize>(&self, at: usize) -> [u8; N] {
        let mut array = [0; N];
        for (to, from) in array.iter_mut().zip(self.bytes.iter().skip(at)) {
            *to = *from;
        }
        array
    }
}

impl fmt::Debug for CvCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CvCertificate({:?}, {LENGTH} bytes)", self.subject_key_id())
    }
}

/// The key under which institutions' CV certificates are issued.
///
/// It is handed on as a CV certificate over itself: issuer and subject key id are one.
#[derive(Clone)]
pub struct CvAuthority {
    key_id: CvKeyId,
    key: Arc<dyn PublicKey>,
}

impl CvAuthority {
    /// From a key id and a DER SubjectPublicKeyInfo (RSA-2048).
    ///
    /// # Errors
    ///
    /// [`CvError::Key`].
    pub fn new(key_id: CvKeyId, spki: &[u8], crypto: &dyn Crypto) -> Result<Self, CvError> {
        let key = crypto.public_key(spki)?;
        if key.kind() == KeyKind::Rsa2048 { Ok(Self { key_id, key }) } else { Err(CvError::Key) }
    }

    /// From the CV certificate over itself.
    ///
    /// # Errors
    ///
    /// [`CvError`], also if it is another's.
    pub fn from_certificate(certificate: &CvCertificate, crypto: &dyn Crypto) -> Result<Self, CvError> {
        let authority = Self::new(certificate.subject_key_id(), &certificate.spki(), crypto)?;
        certificate.verify(&authority, crypto)?;
        Ok(authority)
    }

    /// Its key id.
    #[must_use]
    pub const fn key_id(&self) -> CvKeyId {
        self.key_id
    }

    /// Its key.
    #[must_use]
    pub fn key(&self) -> &dyn PublicKey {
        self.key.as_ref()
    }
}

impl fmt::Debug for CvAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CvAuthority").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}
