//! The card's two keys.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use jushin_pki::{Crypto, KeyKind, PrivateKey, SigningFailed, Suite};

use super::raw_rsa::RawRsa;
use super::{CardKind, Personalisation, PersonalisationError, SignatureForm};
use crate::jpki::Credential;

/// A key that signs digests through the provider, and bare bytes by itself.
pub(super) enum CardKey {
    Rsa { key: Arc<dyn PrivateKey>, raw: Box<RawRsa> },
    P384(Arc<dyn PrivateKey>),
}

impl CardKey {
    fn load(pkcs8: &[u8], wanted: KeyKind, crypto: &dyn Crypto) -> Option<Self> {
        let key = crypto.private_key(pkcs8).ok().filter(|key| key.kind() == wanted)?;
        match wanted {
            KeyKind::Rsa2048 => Some(Self::Rsa { key, raw: Box::new(RawRsa::parse(pkcs8)?) }),
            KeyKind::P384 => Some(Self::P384(key)),
            KeyKind::RsaOther | KeyKind::P256 => None,
        }
    }

    /// Signs a digest, or the bytes of [`SignatureForm::Padded`].
    pub(super) fn sign(&self, form: SignatureForm, bytes: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        match (self, form) {
            (Self::Rsa { raw, .. }, SignatureForm::Padded) => raw.sign_padded(bytes).ok_or(SigningFailed),
            (Self::Rsa { key, .. }, SignatureForm::Pkcs1) => key.sign_digest(Suite::RsaPkcs1Sha256, bytes),
            (Self::Rsa { key, .. }, SignatureForm::Pss) => key.sign_digest(Suite::RsaPssSha256, bytes),
            (Self::P384(key), SignatureForm::P384) => key.sign_digest(Suite::P384Sha384Cose, bytes),
            _ => Err(SigningFailed),
        }
    }

    pub(super) const fn is_rsa(&self) -> bool {
        matches!(self, Self::Rsa { .. })
    }
}

pub(super) struct Keys {
    authentication: CardKey,
    signature: CardKey,
}

impl Keys {
    pub(super) fn load(
        personalisation: &Personalisation,
        crypto: &dyn Crypto,
    ) -> Result<Self, PersonalisationError> {
        let wanted = match personalisation.kind {
            CardKind::Jpki | CardKind::JpkiPss | CardKind::Phone => KeyKind::Rsa2048,
            CardKind::JpkiP384 => KeyKind::P384,
        };
        let load = |credential: Credential| {
            let personal = personalisation.of(credential);
            personal.check(credential)?;
            CardKey::load(&personal.private_key, wanted, crypto).ok_or(PersonalisationError::Key(credential))
        };
        Ok(Self {
            authentication: load(Credential::Authentication)?,
            signature: load(Credential::Signature)?,
        })
    }

    pub(super) const fn of(&self, credential: Credential) -> &CardKey {
        match credential {
            Credential::Authentication => &self.authentication,
            Credential::Signature => &self.signature,
        }
    }
}
