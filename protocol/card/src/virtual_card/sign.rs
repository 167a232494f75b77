//! COMPUTE DIGITAL SIGNATURE (`80 2A`).

use alloc::vec::Vec;

use sha2::{Digest, Sha256, Sha384};

use super::answer::Answer;
use super::files::File;
use super::keys::CardKey;
use super::raw_rsa;
use super::terminal::Allowed;
use super::{CardKind, OpenedBy, SignatureForm, SignedDigest, VirtualCard};
use crate::apdu::{Command, Response, StatusWord};
use crate::jpki::{Credential, SHA256_DIGEST_INFO};
use crate::terminal_auth::{CardProfile, card_message};

/// What the host offers to be signed.
struct Offer {
    form: SignatureForm,
    /// The digest, or the bytes of [`SignatureForm::Padded`].
    bytes: Vec<u8>,
}

impl VirtualCard {
    pub(super) fn sign(&mut self, command: &Command) -> Answer {
        let header = command.header();
        if header.p1 > 5 {
            return Err(StatusWord::WRONG_PARAMETERS);
        }
        let file = self.referenced(header.p2)?;
        let Some(&File::Key(credential)) = self.files.find(file) else {
            return Err(StatusWord::OUT_OF_ORDER);
        };
        self.current = Some(file);
        let by_institution = credential == Credential::Authentication && self.terminal.allows();
        if !by_institution && !self.pins.is_verified(credential) {
            return Err(StatusWord::NOT_ALLOWED);
        }
        let offer = Offer::read(self.keys.of(credential), header.p1, command.data())?;
        if !by_institution {
            let bytes = offer.bytes.clone();
            return self.compute(credential, OpenedBy::Pin, offer, bytes);
        }
        if self.kind == CardKind::JpkiPss && offer.form != SignatureForm::Pss {
            return Err(StatusWord::WRONG_PARAMETERS);
        }
        // From here on the one signature is used up, whatever becomes of it.
        let allowed = self.terminal.take_allowed().ok_or(StatusWord::NOT_ALLOWED)?;
        let bytes = self.profile.to_be_signed(&allowed, &offer)?;
        self.compute(credential, OpenedBy::Institution(allowed.key_id()), offer, bytes)
    }

    fn compute(
        &mut self,
        credential: Credential,
        opened_by: OpenedBy,
        offer: Offer,
        bytes: Vec<u8>,
    ) -> Answer {
        let signature = self.keys.of(credential).sign(offer.form, &bytes).map_err(|_| StatusWord::FAILED)?;
        self.log.push(SignedDigest {
            credential,
            opened_by,
            form: offer.form,
            offered: offer.bytes,
            signed: bytes,
        });
        Ok(Response::done(signature))
    }
}

impl Offer {
    /// Reads P1 and data: what is padded or hashed how.
    fn read(key: &CardKey, p1: u8, data: &[u8]) -> Result<Self, StatusWord> {
        if !key.is_rsa() {
            return match (p1, data.len()) {
                (0x00, 48) => Ok(Self { form: SignatureForm::P384, bytes: data.to_vec() }),
                (0x00, _) => Err(StatusWord::WRONG_LENGTH),
                _ => Err(StatusWord::WRONG_PARAMETERS),
            };
        }
        let hashed = || Sha256::digest(data).to_vec();
        let (form, bytes) = match (p1, data.len()) {
            (0x00, 1..=raw_rsa::LONGEST) => match digest_in(data) {
                Some(digest) => (SignatureForm::Pkcs1, digest.to_vec()),
                None => (SignatureForm::Padded, data.to_vec()),
            },
            (0x01, 1..) => (SignatureForm::Padded, hashed()),
            (0x02, 32) => (SignatureForm::Pkcs1, data.to_vec()),
            (0x03, 1..) => (SignatureForm::Pkcs1, hashed()),
            (0x04, 32) => (SignatureForm::Pss, data.to_vec()),
            (0x05, 1..) => (SignatureForm::Pss, hashed()),
            _ => return Err(StatusWord::WRONG_LENGTH),
        };
        Ok(Self { form, bytes })
    }
}

/// The digest, if the bytes are a DigestInfo of SHA-256.
fn digest_in(data: &[u8]) -> Option<&[u8]> {
    data.strip_prefix(&SHA256_DIGEST_INFO).filter(|digest| digest.len() == 32)
}

impl CardProfile {
    /// What is signed for an institution, given what its host offers.
    fn to_be_signed(self, allowed: &Allowed, offer: &Offer) -> Result<Vec<u8>, StatusWord> {
        match (self, offer.form) {
            (Self::A, _) => Ok(offer.bytes.clone()),
            // Only what is known to be a digest can be compared, or put into a message.
            (Self::B | Self::C, SignatureForm::Padded) => Err(StatusWord::WRONG_DATA),
            (Self::B, _) => {
                allowed.covers(&offer.bytes)?;
                Ok(offer.bytes.clone())
            }
            (Self::C, form) => {
                let message = card_message(allowed.challenge(), allowed.institution(), &offer.bytes);
                Ok(match form {
                    SignatureForm::P384 => Sha384::digest(message).to_vec(),
                    SignatureForm::Padded | SignatureForm::Pkcs1 | SignatureForm::Pss => {
                        Sha256::digest(message).to_vec()
                    }
                })
            }
        }
    }
}
