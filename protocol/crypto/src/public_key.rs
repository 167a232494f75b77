//! Public keys: parsed once, checked often.

use std::sync::OnceLock;

use aws_lc_rs::digest::{Digest, SHA256, SHA384, SHA512};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA384_FIXED,
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RSA_PSS_2048_8192_SHA256, VerificationAlgorithm,
};
use jushin_pki::{BadSignature, KeyKind, PublicKey, Suite, UnusableKey, spki};

/// One public key, with the library's form of it for each suite in use.
pub(crate) struct ParsedKey {
    kind: KeyKind,
    /// What the library takes: SubjectPublicKeyInfo (RSA) or the point (curves).
    encoded: Vec<u8>,
    /// Length of a signature of the key's fixed-length suites.
    signature_length: usize,
    /// By [`place`] of the suite.
    parsed: [OnceLock<Option<ParsedPublicKey>>; 4],
}

impl ParsedKey {
    pub(crate) fn from_spki(spki: &[u8]) -> Result<Self, UnusableKey> {
        let key = spki::parse(spki)?;
        let (encoded, signature_length, first) = match key {
            spki::Key::Rsa { modulus, .. } => (spki.to_vec(), modulus.len(), Suite::RsaPkcs1Sha256),
            spki::Key::P256 { point } => (point.to_vec(), 64, Suite::P256Sha256Cose),
            spki::Key::P384 { point } => (point.to_vec(), 96, Suite::P384Sha384Cose),
        };
        let parsed_key = Self { kind: key.kind(), encoded, signature_length, parsed: Default::default() };
        match parsed_key.for_suite(first) {
            Some(_) => Ok(parsed_key),
            None => Err(UnusableKey),
        }
    }

    fn for_suite(&self, suite: Suite) -> Option<&ParsedPublicKey> {
        if !suite.fits(self.kind) {
            return None;
        }
        self.parsed
            .get(place(suite))?
            .get_or_init(|| ParsedPublicKey::new(algorithm(suite), &self.encoded).ok())
            .as_ref()
    }

    fn length_fits(&self, suite: Suite, signature: &[u8]) -> bool {
        match suite {
            Suite::P256Sha256X509 | Suite::P384Sha384X509 => true,
            _ => signature.len() == self.signature_length,
        }
    }
}

impl PublicKey for ParsedKey {
    fn kind(&self) -> KeyKind {
        self.kind
    }

    fn verify(&self, suite: Suite, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        let key = self.for_suite(suite).ok_or(BadSignature)?;
        if !self.length_fits(suite, signature) {
            return Err(BadSignature);
        }
        key.verify_sig(message, signature).map_err(|_| BadSignature)
    }

    fn verify_digest(&self, suite: Suite, digest: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        let key = self.for_suite(suite).ok_or(BadSignature)?;
        if !self.length_fits(suite, signature) {
            return Err(BadSignature);
        }
        let digest = import(suite, digest).ok_or(BadSignature)?;
        key.verify_digest_sig(&digest, signature).map_err(|_| BadSignature)
    }
}

/// Takes a digest that was made elsewhere.
pub(crate) fn import(suite: Suite, digest: &[u8]) -> Option<Digest> {
    let algorithm = match suite.digest_length() {
        32 => &SHA256,
        48 => &SHA384,
        _ => &SHA512,
    };
    Digest::import_less_safe(digest, algorithm).ok()
}

const fn place(suite: Suite) -> usize {
    match suite {
        Suite::RsaPkcs1Sha256 | Suite::P256Sha256Cose | Suite::P384Sha384Cose => 0,
        Suite::RsaPssSha256 | Suite::P256Sha256X509 | Suite::P384Sha384X509 => 1,
        Suite::RsaPkcs1Sha384 => 2,
        Suite::RsaPkcs1Sha512 => 3,
    }
}

fn algorithm(suite: Suite) -> &'static dyn VerificationAlgorithm {
    match suite {
        Suite::RsaPkcs1Sha256 => &RSA_PKCS1_2048_8192_SHA256,
        Suite::RsaPkcs1Sha384 => &RSA_PKCS1_2048_8192_SHA384,
        Suite::RsaPkcs1Sha512 => &RSA_PKCS1_2048_8192_SHA512,
        Suite::RsaPssSha256 => &RSA_PSS_2048_8192_SHA256,
        Suite::P256Sha256Cose => &ECDSA_P256_SHA256_FIXED,
        Suite::P256Sha256X509 => &ECDSA_P256_SHA256_ASN1,
        Suite::P384Sha384Cose => &ECDSA_P384_SHA384_FIXED,
        Suite::P384Sha384X509 => &ECDSA_P384_SHA384_ASN1,
    }
}
