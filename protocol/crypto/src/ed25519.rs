//! Ed25519 (RFC 8032), for the notes of transparency logs and nothing else.

use std::sync::Arc;

use aws_lc_rs::encoding::{AsBigEndian as _, Curve25519SeedBin};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use jushin_log::{NoteCrypto, SigningKey, VerifyEd25519};
use jushin_pki::{SigningFailed, UnusableKey};
use zeroize::Zeroizing;

use crate::AwsLc;

impl VerifyEd25519 for AwsLc {
    fn verify(&self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        UnparsedPublicKey::new(&ED25519, key).verify(message, signature).is_ok()
    }
}

impl NoteCrypto for AwsLc {
    fn new_seed(&self) -> Option<Vec<u8>> {
        NoteKey::generate_stored().ok().map(|seed| seed.to_vec())
    }

    fn key_of(&self, seed: &[u8]) -> Option<Arc<dyn SigningKey>> {
        Some(Arc::new(NoteKey::from_seed(seed).ok()?))
    }
}

/// A key that signs checkpoints or cosigns them.
pub struct NoteKey {
    pair: Ed25519KeyPair,
    public: [u8; 32],
}

impl core::fmt::Debug for NoteKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("NoteKey")
    }
}

impl NoteKey {
    /// Makes a new key and gives its seed of 32 bytes, for whoever must store it.
    ///
    /// # Errors
    ///
    /// [`SigningFailed`] if the library has no randomness.
    pub fn generate_stored() -> Result<Zeroizing<Vec<u8>>, SigningFailed> {
        let pair = Ed25519KeyPair::generate().map_err(|_| SigningFailed)?;
        let seed = pair.seed().map_err(|_| SigningFailed)?;
        let seed: Curve25519SeedBin<'static> = seed.as_be_bytes().map_err(|_| SigningFailed)?;
        Ok(Zeroizing::new(seed.as_ref().to_vec()))
    }

    /// Takes a key from its seed of 32 bytes.
    ///
    /// # Errors
    ///
    /// [`UnusableKey`].
    pub fn from_seed(seed: &[u8]) -> Result<Self, UnusableKey> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| UnusableKey)?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| UnusableKey)?;
        Ok(Self { pair, public })
    }
}

impl SigningKey for NoteKey {
    fn public(&self) -> [u8; 32] {
        self.public
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        let mut signature = [0; 64];
        // Ed25519 signatures have 64 bytes; another length would be no signature, and verify as none.
        let made = self.pair.sign(message);
        if let Ok(bytes) = <[u8; 64]>::try_from(made.as_ref()) {
            signature = bytes;
        }
        signature
    }
}
