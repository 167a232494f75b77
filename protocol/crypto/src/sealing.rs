//! Sealed boxes: HPKE base mode (RFC 9180), DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.

use aws_lc_rs::encoding::{AsBigEndian, AsDer, EcPrivateKeyBin, PublicKeyX509Der};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use jushin_pki::{BadSignature, Sealed, SealingKey, UnusableKey};
use rustls::crypto::aws_lc_rs::hpke::DH_KEM_P256_HKDF_SHA256_AES_256;
use rustls::crypto::hpke::{EncapsulatedSecret, Hpke, HpkePrivateKey, HpkePublicKey};
use zeroize::Zeroizing;

pub(crate) fn seal(point: &[u8], info: &[u8], aad: &[u8], plaintext: &[u8]) -> Result<Sealed, UnusableKey> {
    let (enc, ciphertext) = DH_KEM_P256_HKDF_SHA256_AES_256
        .seal(info, aad, plaintext, &HpkePublicKey(point.to_vec()))
        .map_err(|_| UnusableKey)?;
    Ok(Sealed { enc: enc.0, ciphertext })
}

/// A P-256 key that opens boxes.
pub(crate) struct BoxKey {
    spki: Vec<u8>,
    scalar: HpkePrivateKey,
}

impl BoxKey {
    pub(crate) fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, UnusableKey> {
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8).map_err(|_| UnusableKey)?;
        let spki: PublicKeyX509Der<'static> = pair.public_key().as_der().map_err(|_| UnusableKey)?;
        let scalar: EcPrivateKeyBin<'static> = pair.private_key().as_be_bytes().map_err(|_| UnusableKey)?;
        Ok(Self { spki: spki.as_ref().to_vec(), scalar: HpkePrivateKey::from(scalar.as_ref().to_vec()) })
    }
}

impl SealingKey for BoxKey {
    fn spki(&self) -> &[u8] {
        &self.spki
    }

    fn open(&self, info: &[u8], aad: &[u8], sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, BadSignature> {
        DH_KEM_P256_HKDF_SHA256_AES_256
            .open(&EncapsulatedSecret(sealed.enc.clone()), info, aad, &sealed.ciphertext, &self.scalar)
            .map(Zeroizing::new)
            .map_err(|_| BadSignature)
    }
}
