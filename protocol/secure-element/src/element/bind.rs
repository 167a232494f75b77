//! BIND: the element takes a binding of the platform (P1 steps 6 and 8).

use alloc::vec::Vec;

use jushin_pki::Suite;
use jushin_statement::{Alg, Binding, BindingAck, BindingState, Context, KeyHint, Object, Sign1};

use super::Element;
use super::memory::{Bound, Phase};
use super::stop::Stop;
use crate::apdu::StatusWord;
use crate::exchange::{One, State};
use crate::nvm::Slot;
use crate::stored::{Format1, Institution, Pseudonyms, StoredBinding};

impl Element {
    pub(super) fn bind(&mut self, input: One) -> Result<One, Stop> {
        self.require_state(&[State::Keyed, State::Bound, State::Active])?;
        self.require_booted()?;
        let sign1 = input.signed.parse()?;
        self.verify_platform(&sign1, Context::Binding)?;
        // Decoding checks nb ≤ na, and that from-mc is set in states 2 and 3.
        let binding: Binding = sign1.object()?;
        self.check_binding(&binding)?;

        let mut journal = self.memory.journal.clone();
        let place = self.place_after(&journal)?;
        let bound = Bound { hash: sign1.payload_hash(), binding };
        let ack = BindingAck {
            element: place.element,
            binding: bound.hash,
            seq: bound.binding.seq,
            ticks: place.ticks,
            counter: place.counter,
            previous: place.previous,
        };
        let signed = self.append(&mut journal, place, &ack)?;
        let stored = StoredBinding { format: Format1, payload: sign1.payload.into() }.encode();
        let mut slots: Vec<(Slot, &[u8])> = Vec::from([(Slot::Binding, &*stored)]);
        let (no_key, no_pseudonyms);
        let retired = bound.binding.state == BindingState::Retired;
        if retired {
            no_key = Institution::default().encode();
            no_pseudonyms =
                Pseudonyms { keep: self.memory.pseudonyms.keep, ..Pseudonyms::default() }.encode();
            slots.extend([(Slot::Institution, &*no_key), (Slot::Pseudonyms, &*no_pseudonyms)]);
        }
        self.persist(journal, &slots)?;

        if retired {
            self.memory.institution_key = None;
            self.memory.cv = None;
            self.memory.pseudonyms.keys.clear();
        }
        self.memory.bound = Some(bound);
        self.memory.phase = Phase::Locked;
        self.memory.stamp1 = None;
        self.memory.admin = None;
        Ok(One { signed })
    }

    /// P1.6: for this element, newer than the one it has, and over its own CV certificate.
    fn check_binding(&self, binding: &Binding) -> Result<(), Stop> {
        if binding.element != self.keys()?.element {
            return Err(StatusWord::NotAuthorised.into());
        }
        if self.memory.bound.as_ref().is_some_and(|bound| binding.seq <= bound.binding.seq) {
            return Err(StatusWord::WrongState.into());
        }
        let own = self.memory.cv.as_ref().ok_or(StatusWord::UnknownKey)?;
        if binding.certificate != own.hash || binding.institution != own.institution {
            return Err(StatusWord::UnknownKey.into());
        }
        Ok(())
    }

    /// A signature of the platform's pinned key, ES256.
    pub(super) fn verify_platform(&self, sign1: &Sign1<'_>, context: Context) -> Result<(), Stop> {
        if sign1.key != Some(KeyHint::of_spki(&self.build.platform_key)) {
            return Err(StatusWord::UnknownKey.into());
        }
        self.verify_es256(&self.build.platform_key, sign1, context)
    }

    /// A signature of the key in `spki`, ES256.
    pub(super) fn verify_es256(&self, spki: &[u8], sign1: &Sign1<'_>, context: Context) -> Result<(), Stop> {
        if sign1.alg != Alg::Es256 {
            return Err(StatusWord::WrongSignature.into());
        }
        let key = self.crypto.public_key(spki)?;
        Ok(key.verify(Suite::P256Sha256Cose, &sign1.to_be_signed(context), sign1.signature)?)
    }
}
