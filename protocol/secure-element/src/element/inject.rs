//! INJECT: the element takes a secret that the platform has signed and sealed to it (P1 steps 3 and 4).

use alloc::vec::Vec;

use jushin_pki::{KeyKind, Sealed};
use jushin_statement::{Bytes, Context, Hash, Injection, InjectionKind, Object, Sign1};
use zeroize::{Zeroize, Zeroizing};

use super::Element;
use super::institution_key::CvIdentity;
use super::stop::Stop;
use crate::apdu::StatusWord;
use crate::exchange::{Injected, SealedInjection, State};
use crate::nvm::Slot;
use crate::stored::{Format1, Institution, PseudonymKey, Secret};

/// How many card CA keys can come after the first ones.
const MAX_CARD_CAS: usize = 16;
/// How many epochs of pseudonym keys are held at once.
const MAX_EPOCHS: usize = 16;

impl Element {
    /// The box alone would let any host plant keys of its own, so what is inside must be signed.
    pub(super) fn inject(&mut self, input: SealedInjection) -> Result<Injected, Stop> {
        self.require_state(&[State::Keyed, State::Bound])?;
        let keys = self.keys()?;
        let element = keys.element;
        let sealed = Sealed { enc: input.encapsulated.0, ciphertext: input.ciphertext.0 };
        let opened = keys.sealing.open(b"jushin/1/inject", &element.0, &sealed)?;
        let sign1 = Sign1::parse(&opened)?;
        self.verify_platform(&sign1, Context::Inject)?;
        let injection = Wiped(sign1.object::<Injection>()?);
        if injection.0.element != element {
            return Err(StatusWord::NotAuthorised.into());
        }
        let test_signature = match injection.0.kind {
            InjectionKind::InstitutionKey => {
                self.take_institution_key(&injection.0, input.nonce)?;
                self.test_signature(input.nonce)?
            }
            InjectionKind::PseudonymKey => {
                self.take_pseudonym_key(&injection.0)?;
                Vec::new()
            }
            InjectionKind::CardCa => {
                self.take_card_ca(&injection.0.value)?;
                Vec::new()
            }
        };
        Ok(Injected { test_signature: test_signature.into() })
    }

    /// The CV certificate must be over the key that comes with it, or over the one made here; and once
    /// bound, over one of the bound institution.
    fn take_institution_key(&mut self, injection: &Injection, nonce: Hash) -> Result<(), Stop> {
        let certificate = injection.certificate.as_ref().ok_or(StatusWord::Malformed)?;
        let cv = CvIdentity::parse(certificate)?;
        if cv.could_authenticate(nonce) {
            return Err(StatusWord::Malformed.into());
        }
        let stored = self.nvm.read(Slot::Institution).map(Zeroizing::new);
        let mut institution = match stored {
            Some(bytes) => Institution::decode(&bytes).map_err(|_| StatusWord::Failed)?,
            None => Institution::default(),
        };
        if !injection.value.is_empty() {
            institution.key = Some(Secret::from(&*injection.value));
        }
        let pkcs8 = institution.key.as_ref().ok_or(StatusWord::WrongState)?;
        let key = self.crypto.private_key(&pkcs8.0)?;
        if key.kind() != KeyKind::Rsa2048 || key.spki() != cv.spki {
            return Err(StatusWord::UnknownKey.into());
        }
        if self.memory.bound.as_ref().is_some_and(|bound| bound.binding.institution != cv.institution) {
            return Err(StatusWord::UnknownKey.into());
        }
        institution.certificate = Some(certificate.clone());
        let bytes = Zeroizing::new(institution.encode());
        self.nvm.write(&[(Slot::Institution, &bytes)])?;
        self.memory.institution_key = Some(key);
        self.memory.cv = Some(cv);
        Ok(())
    }

    /// Epochs below `keep` are erased, and never come back by a box that is sent again.
    fn take_pseudonym_key(&mut self, injection: &Injection) -> Result<(), Stop> {
        let mut pseudonyms = self.memory.pseudonyms.clone();
        if injection.epoch < injection.keep.max(pseudonyms.keep) {
            return Err(StatusWord::WrongState.into());
        }
        pseudonyms.keep = pseudonyms.keep.max(injection.keep);
        pseudonyms.keys.retain(|key| key.epoch >= pseudonyms.keep && key.epoch != injection.epoch);
        if pseudonyms.keys.len() >= MAX_EPOCHS {
            return Err(StatusWord::Exhausted.into());
        }
        pseudonyms.keys.push(PseudonymKey { epoch: injection.epoch, key: Secret::from(&*injection.value) });
        pseudonyms.keys.sort_by_key(|key| key.epoch);
        let bytes = Zeroizing::new(pseudonyms.encode());
        self.nvm.write(&[(Slot::Pseudonyms, &bytes)])?;
        self.memory.pseudonyms = pseudonyms;
        Ok(())
    }

    /// A further generation of the card CA.
    fn take_card_ca(&mut self, spki: &Bytes) -> Result<(), Stop> {
        if !matches!(self.crypto.public_key(spki)?.kind(), KeyKind::Rsa2048 | KeyKind::RsaOther) {
            return Err(StatusWord::Malformed.into());
        }
        let mut card_cas = self.memory.card_cas.clone();
        if card_cas.keys.contains(spki) {
            return Ok(());
        }
        if card_cas.keys.len() >= MAX_CARD_CAS {
            return Err(StatusWord::Exhausted.into());
        }
        card_cas.format = Format1;
        card_cas.keys.push(spki.clone());
        self.nvm.write(&[(Slot::CardCas, &card_cas.encode())])?;
        self.memory.card_cas = card_cas;
        Ok(())
    }
}

/// Overwrites the secret inside when dropped.
struct Wiped(Injection);

impl Drop for Wiped {
    fn drop(&mut self) {
        self.0.value.0.zeroize();
    }
}
