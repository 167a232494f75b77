//! The provider itself: which key goes to which module.

use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    RsaKeyPair,
};
use jushin_pki::{
    Crypto, KeyKind, PrivateKey, PublicKey, Sealed, SealingKey, SigningFailed, UnusableKey, spki,
};
use zeroize::Zeroizing;

use crate::private_key::StoredKey;
use crate::public_key::ParsedKey;
use crate::sealing::{self, BoxKey};

/// aws-lc as the crypto provider.
#[derive(Clone, Copy, Debug, Default)]
pub struct AwsLc;

impl Crypto for AwsLc {
    fn public_key(&self, spki: &[u8]) -> Result<Arc<dyn PublicKey>, UnusableKey> {
        Ok(Arc::new(ParsedKey::from_spki(spki)?))
    }

    fn generate(&self, kind: KeyKind) -> Result<Arc<dyn PrivateKey>, SigningFailed> {
        let pkcs8 = self.generate_stored(kind)?;
        self.private_key(&pkcs8).map_err(|UnusableKey| SigningFailed)
    }

    fn generate_stored(&self, kind: KeyKind) -> Result<Zeroizing<Vec<u8>>, SigningFailed> {
        match kind {
            KeyKind::Rsa2048 => generate_rsa(KeySize::Rsa2048),
            KeyKind::RsaOther => generate_rsa(KeySize::Rsa3072),
            KeyKind::P256 => generate_ec(&ECDSA_P256_SHA256_ASN1_SIGNING),
            KeyKind::P384 => generate_ec(&ECDSA_P384_SHA384_ASN1_SIGNING),
        }
    }

    fn private_key(&self, pkcs8: &[u8]) -> Result<Arc<dyn PrivateKey>, UnusableKey> {
        Ok(Arc::new(StoredKey::from_pkcs8(pkcs8)?))
    }

    fn sealing_key(&self, pkcs8: &[u8]) -> Result<Arc<dyn SealingKey>, UnusableKey> {
        Ok(Arc::new(BoxKey::from_pkcs8(pkcs8)?))
    }

    fn seal(
        &self,
        recipient: &[u8],
        info: &[u8],
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<Sealed, UnusableKey> {
        match spki::parse(recipient)? {
            spki::Key::P256 { point } => sealing::seal(point, info, aad, plaintext),
            spki::Key::P384 { .. } | spki::Key::Rsa { .. } => Err(UnusableKey),
        }
    }
}

fn generate_rsa(size: KeySize) -> Result<Zeroizing<Vec<u8>>, SigningFailed> {
    let pair = RsaKeyPair::generate(size).map_err(|_| SigningFailed)?;
    let pkcs8: Pkcs8V1Der<'static> = pair.as_der().map_err(|_| SigningFailed)?;
    Ok(Zeroizing::new(pkcs8.as_ref().to_vec()))
}

fn generate_ec(algorithm: &'static EcdsaSigningAlgorithm) -> Result<Zeroizing<Vec<u8>>, SigningFailed> {
    let pair = EcdsaKeyPair::generate(algorithm).map_err(|_| SigningFailed)?;
    let pkcs8 = pair.to_pkcs8v1().map_err(|_| SigningFailed)?;
    Ok(Zeroizing::new(pkcs8.as_ref().to_vec()))
}
