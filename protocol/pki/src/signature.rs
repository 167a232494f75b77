//! Signature suites and the traits that a crypto provider fulfils.

use alloc::sync::Arc;
use alloc::vec::Vec;

use zeroize::Zeroizing;

/// What a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// RSA, 2048 bits, e = 65537.
    Rsa2048,
    /// RSA with another modulus (a TSA's or CA's 3072 or 4096 bits).
    RsaOther,
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
}

/// How a signature is made over a message. `Cose` forms are r‖s, `X509` forms are DER.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Suite {
    /// RSA PKCS#1 v1.5 with SHA-256.
    RsaPkcs1Sha256,
    /// RSA PKCS#1 v1.5 with SHA-384.
    RsaPkcs1Sha384,
    /// RSA PKCS#1 v1.5 with SHA-512.
    RsaPkcs1Sha512,
    /// RSA-PSS with SHA-256, MGF1-SHA-256 and a salt of 32 bytes.
    RsaPssSha256,
    /// ECDSA P-256 with SHA-256, r‖s of 64 bytes.
    P256Sha256Cose,
    /// ECDSA P-256 with SHA-256, DER.
    P256Sha256X509,
    /// ECDSA P-384 with SHA-384, r‖s of 96 bytes.
    P384Sha384Cose,
    /// ECDSA P-384 with SHA-384, DER.
    P384Sha384X509,
}

impl Suite {
    /// Length of the suite's digest in bytes.
    #[must_use]
    pub const fn digest_length(self) -> usize {
        match self {
            Self::RsaPkcs1Sha256 | Self::RsaPssSha256 | Self::P256Sha256Cose | Self::P256Sha256X509 => 32,
            Self::RsaPkcs1Sha384 | Self::P384Sha384Cose | Self::P384Sha384X509 => 48,
            Self::RsaPkcs1Sha512 => 64,
        }
    }

    /// Whether a key of this kind can make such a signature.
    #[must_use]
    pub const fn fits(self, kind: KeyKind) -> bool {
        match self {
            Self::RsaPkcs1Sha256 | Self::RsaPkcs1Sha384 | Self::RsaPkcs1Sha512 | Self::RsaPssSha256 => {
                matches!(kind, KeyKind::Rsa2048 | KeyKind::RsaOther)
            }
            Self::P256Sha256Cose | Self::P256Sha256X509 => matches!(kind, KeyKind::P256),
            Self::P384Sha384Cose | Self::P384Sha384X509 => matches!(kind, KeyKind::P384),
        }
    }
}

/// The signature does not belong to this key and these bytes. The signer, or whoever changed the bytes, is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not fit the key and the bytes")]
pub struct BadSignature;

/// The bytes are no key that we use. Whoever made the certificate is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a key that is accepted here (RSA of 2048 to 4096 bits with e = 65537, P-256 or P-384)")]
pub struct UnusableKey;

/// A private key did not sign: wrong suite for the key, or the device failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key did not sign")]
pub struct SigningFailed;

/// A parsed public key: parse once, verify often.
pub trait PublicKey: Send + Sync {
    /// What it is.
    fn kind(&self) -> KeyKind;

    /// Verifies `signature` over `message`.
    ///
    /// RSA signatures must have exactly the modulus' length and a value below it.
    ///
    /// # Errors
    ///
    /// [`BadSignature`], also when the suite does not fit the key.
    fn verify(&self, suite: Suite, message: &[u8], signature: &[u8]) -> Result<(), BadSignature>;

    /// Verifies `signature` over a message whose digest is `digest` (of the suite's hash).
    ///
    /// # Errors
    ///
    /// [`BadSignature`], also when the digest has another length.
    fn verify_digest(&self, suite: Suite, digest: &[u8], signature: &[u8]) -> Result<(), BadSignature>;
}

/// A key that signs: in memory, or behind a token's door.
pub trait PrivateKey: Send + Sync {
    /// What it is.
    fn kind(&self) -> KeyKind;

    /// Its public half, DER SubjectPublicKeyInfo.
    fn spki(&self) -> &[u8];

    /// Signs `message`.
    ///
    /// # Errors
    ///
    /// [`SigningFailed`].
    fn sign(&self, suite: Suite, message: &[u8]) -> Result<Vec<u8>, SigningFailed>;

    /// Signs a message whose digest is `digest` (of the suite's hash).
    ///
    /// # Errors
    ///
    /// [`SigningFailed`], also when the digest has another length.
    fn sign_digest(&self, suite: Suite, digest: &[u8]) -> Result<Vec<u8>, SigningFailed>;
}

/// A box sealed with HPKE base mode: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM (RFC 9180).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Encapsulated key: uncompressed P-256 point, 65 bytes.
    pub enc: Vec<u8>,
    /// Ciphertext and tag.
    pub ciphertext: Vec<u8>,
}

/// A private key that opens sealed boxes.
pub trait SealingKey: Send + Sync {
    /// Its public half, DER SubjectPublicKeyInfo (P-256).
    fn spki(&self) -> &[u8];

    /// Opens a box.
    ///
    /// # Errors
    ///
    /// [`BadSignature`] if the box was made for another key, info or aad, or was changed.
    fn open(&self, info: &[u8], aad: &[u8], sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, BadSignature>;
}

/// The crypto provider. Always an argument, never a global.
pub trait Crypto: Send + Sync {
    /// Parses a DER SubjectPublicKeyInfo.
    ///
    /// # Errors
    ///
    /// [`UnusableKey`].
    fn public_key(&self, spki: &[u8]) -> Result<Arc<dyn PublicKey>, UnusableKey>;

    /// Makes a new key. [`KeyKind::RsaOther`] makes 3072 bits.
    ///
    /// # Errors
    ///
    /// [`SigningFailed`] if the provider has no randomness.
    fn generate(&self, kind: KeyKind) -> Result<Arc<dyn PrivateKey>, SigningFailed>;

    /// Makes a new key and gives its PKCS#8 too, for whoever must store it.
    ///
    /// # Errors
    ///
    /// [`SigningFailed`] if the provider has no randomness.
    fn generate_stored(&self, kind: KeyKind) -> Result<Zeroizing<Vec<u8>>, SigningFailed>;

    /// Takes a key from PKCS#8.
    ///
    /// # Errors
    ///
    /// [`UnusableKey`].
    fn private_key(&self, pkcs8: &[u8]) -> Result<Arc<dyn PrivateKey>, UnusableKey>;

    /// Takes a P-256 key from PKCS#8 for opening boxes.
    ///
    /// # Errors
    ///
    /// [`UnusableKey`].
    fn sealing_key(&self, pkcs8: &[u8]) -> Result<Arc<dyn SealingKey>, UnusableKey>;

    /// Seals `plaintext` to the P-256 key in `recipient` (DER SubjectPublicKeyInfo).
    ///
    /// # Errors
    ///
    /// [`UnusableKey`] if the recipient is no P-256 key.
    fn seal(
        &self,
        recipient: &[u8],
        info: &[u8],
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<Sealed, UnusableKey>;
}
