//! A crypto provider that somebody else owns.

use std::sync::Arc;

use jushin_pki::{Crypto, KeyKind, PrivateKey, PublicKey, Sealed, SealingKey, SigningFailed, UnusableKey};

/// Hands every call on to the provider that it borrows.
pub(crate) struct Borrowed<'a>(pub(crate) &'a dyn Crypto);

impl Crypto for Borrowed<'_> {
    fn public_key(&self, spki: &[u8]) -> Result<Arc<dyn PublicKey>, UnusableKey> {
        self.0.public_key(spki)
    }

    fn generate(&self, kind: KeyKind) -> Result<Arc<dyn PrivateKey>, SigningFailed> {
        self.0.generate(kind)
    }

    fn generate_stored(&self, kind: KeyKind) -> Result<zeroize::Zeroizing<Vec<u8>>, SigningFailed> {
        self.0.generate_stored(kind)
    }

    fn private_key(&self, pkcs8: &[u8]) -> Result<Arc<dyn PrivateKey>, UnusableKey> {
        self.0.private_key(pkcs8)
    }

    fn sealing_key(&self, pkcs8: &[u8]) -> Result<Arc<dyn SealingKey>, UnusableKey> {
        self.0.sealing_key(pkcs8)
    }

    fn seal(
        &self,
        recipient: &[u8],
        info: &[u8],
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<Sealed, UnusableKey> {
        self.0.seal(recipient, info, aad, plaintext)
    }
}
