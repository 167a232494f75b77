//! Private keys held in memory.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING,
    ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair, RSA_PKCS1_SHA256,
    RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
};
use jushin_pki::{KeyKind, PrivateKey, SigningFailed, Suite, UnusableKey, spki};

use crate::public_key::import;

/// One private key. The library frees its memory zeroised.
pub(crate) struct StoredKey {
    kind: KeyKind,
    spki: Vec<u8>,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    /// The library binds a key pair to one form of signature, so there is one for each.
    Curve {
        cose: EcdsaKeyPair,
        x509: EcdsaKeyPair,
    },
}

impl StoredKey {
    pub(crate) fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, UnusableKey> {
        if let Ok(pair) = RsaKeyPair::from_pkcs8(pkcs8) {
            return Self::new(Pair::Rsa(pair));
        }
        let [p256, p384] = [
            [&ECDSA_P256_SHA256_FIXED_SIGNING, &ECDSA_P256_SHA256_ASN1_SIGNING],
            [&ECDSA_P384_SHA384_FIXED_SIGNING, &ECDSA_P384_SHA384_ASN1_SIGNING],
        ];
        curve_pair(p256, pkcs8).or_else(|| curve_pair(p384, pkcs8)).ok_or(UnusableKey).and_then(Self::new)
    }

    fn new(pair: Pair) -> Result<Self, UnusableKey> {
        let spki: PublicKeyX509Der<'static> = match &pair {
            Pair::Rsa(pair) => pair.public_key().as_der(),
            Pair::Curve { cose, .. } => cose.public_key().as_der(),
        }
        .map_err(|_| UnusableKey)?;
        let spki = spki.as_ref().to_vec();
        let kind = spki::parse(&spki)?.kind();
        Ok(Self { kind, spki, pair })
    }

    fn curve(&self, suite: Suite) -> Result<&EcdsaKeyPair, SigningFailed> {
        match (&self.pair, suite) {
            (Pair::Curve { cose, .. }, Suite::P256Sha256Cose | Suite::P384Sha384Cose) => Ok(cose),
            (Pair::Curve { x509, .. }, Suite::P256Sha256X509 | Suite::P384Sha384X509) => Ok(x509),
            _ => Err(SigningFailed),
        }
    }
}

impl PrivateKey for StoredKey {
    fn kind(&self) -> KeyKind {
        self.kind
    }

    fn spki(&self) -> &[u8] {
        &self.spki
    }

    fn sign(&self, suite: Suite, message: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        if !suite.fits(self.kind) {
            return Err(SigningFailed);
        }
        let random = SystemRandom::new();
        if let (Pair::Rsa(pair), Some(padding)) = (&self.pair, padding(suite)) {
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign(padding, &random, message, &mut signature).map_err(|_| SigningFailed)?;
            return Ok(signature);
        }
        let signature = self.curve(suite)?.sign(&random, message).map_err(|_| SigningFailed)?;
        Ok(signature.as_ref().to_vec())
    }

    fn sign_digest(&self, suite: Suite, digest: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        if !suite.fits(self.kind) {
            return Err(SigningFailed);
        }
        let digest = import(suite, digest).ok_or(SigningFailed)?;
        if let (Pair::Rsa(pair), Some(padding)) = (&self.pair, padding(suite)) {
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign_digest(padding, &digest, &mut signature).map_err(|_| SigningFailed)?;
            return Ok(signature);
        }
        let signature = self.curve(suite)?.sign_digest(&digest).map_err(|_| SigningFailed)?;
        Ok(signature.as_ref().to_vec())
    }
}

fn curve_pair([cose, x509]: [&'static EcdsaSigningAlgorithm; 2], pkcs8: &[u8]) -> Option<Pair> {
    Some(Pair::Curve {
        cose: EcdsaKeyPair::from_pkcs8(cose, pkcs8).ok()?,
        x509: EcdsaKeyPair::from_pkcs8(x509, pkcs8).ok()?,
    })
}

fn padding(suite: Suite) -> Option<&'static dyn RsaEncoding> {
    match suite {
        Suite::RsaPkcs1Sha256 => Some(&RSA_PKCS1_SHA256),
        Suite::RsaPkcs1Sha384 => Some(&RSA_PKCS1_SHA384),
        Suite::RsaPkcs1Sha512 => Some(&RSA_PKCS1_SHA512),
        Suite::RsaPssSha256 => Some(&RSA_PSS_SHA256),
        _ => None,
    }
}
