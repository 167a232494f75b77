//! BEGIN: a patient's card is on the reader (P3 step 2).

use alloc::vec::Vec;

use jushin_statement::{
    Alg, AuthenticationForm, CommitOutcome, Hash, Id16, Object, Presence, Purpose, blinded_certificate,
};

use super::Element;
use super::card_key::given_digest;
use super::commit::commit_record;
use super::journal::for_card;
use super::memory::{Active, Begins, CardKey, Pending, Phase};
use super::stop::Stop;
use crate::apdu::StatusWord;
use crate::exchange::{Begin, Begun, Blind, State};

impl Element {
    /// Takes a counter value for the session, and one more before it if a session is still open.
    ///
    /// Both are stored in one write, so a refused BEGIN leaves an open session open.
    pub(super) fn begin(&mut self, input: Begin) -> Result<Begun, Stop> {
        self.require_state(&[State::Active, State::Pending])?;
        if (input.purpose == Purpose::CheckInAndConsent) != input.consent.is_some() {
            return Err(StatusWord::Malformed.into());
        }
        let mut active = self.active()?;
        let mut journal = self.memory.journal.clone();
        let abort_place = self.place_after(&journal)?;
        self.require_budget(&active, abort_place.ticks.count)?;
        if self.begins_left(&active)? == 0 {
            return Err(StatusWord::Exhausted.into());
        }
        let binding = &self.bound()?.binding;
        if 1_u64.checked_shl(input.method as u32).is_none_or(|bit| binding.policy.methods & bit == 0) {
            return Err(StatusWord::NotAuthorised.into());
        }
        let institution = binding.institution;
        let card = self.card_key(input.certificate.as_bytes(), input.card_alg)?;

        let abort = match &self.memory.phase {
            Phase::Pending(_, pending) => {
                let record = commit_record(abort_place, CommitOutcome::Aborted, pending.presence, None);
                Some(self.append(&mut journal, abort_place, &record)?)
            }
            _ => None,
        };
        let place = self.place_after(&journal)?;
        let blind = Blind::new(self.random_bytes());
        let presence = Presence {
            institution,
            element: place.element,
            desk: input.desk,
            anchor: active.anchor,
            ticks: place.ticks,
            counter: place.counter,
            nonce: Id16(self.random_bytes()),
            challenge: input.challenge,
            form: input.form,
            certificate: blinded_certificate(blind.as_bytes(), input.certificate.as_bytes()),
            method: input.method,
            method_record: input.method_record,
            purpose: input.purpose,
            consent: input.consent,
            beacon: input.beacon,
            previous: place.previous,
        };
        let (pending, to_be_signed) = open_session(&presence, card);
        let covered = (input.form == AuthenticationForm::CoversDigest).then_some(&*pending.given);
        let ea_signature = self.external_authenticate(&presence.challenge, covered)?;

        journal.counter = place.counter;
        journal.head = presence.hash();
        journal.pending = Some(place.counter);
        match &mut active.begins {
            Begins::Online(left) => *left = left.saturating_sub(1),
            Begins::Offline => journal.offline_begins += 1,
        }
        self.persist(journal, &[])?;
        self.memory.phase = Phase::Pending(active, pending);
        Ok(Begun { abort, ea_signature: ea_signature.into(), to_be_signed: to_be_signed.into(), blind })
    }

    /// The activation, whether or not a session is open.
    pub(super) fn active(&self) -> Result<Active, Stop> {
        match &self.memory.phase {
            Phase::Locked => Err(StatusWord::WrongState.into()),
            Phase::Active(active) | Phase::Pending(active, _) => Ok(*active),
        }
    }

    /// Check-ins that the activation still allows.
    pub(super) fn begins_left(&self, active: &Active) -> Result<u64, Stop> {
        match active.begins {
            Begins::Online(left) => Ok(left),
            Begins::Offline => self.offline_begins_left(),
        }
    }

    /// The activation's ticks are not used up at tick `count`.
    pub(super) fn require_budget(&self, active: &Active, count: u64) -> Result<(), Stop> {
        if count.saturating_sub(active.since) <= active.max_ticks {
            Ok(())
        } else {
            Err(StatusWord::Exhausted.into())
        }
    }
}

fn open_session(presence: &Presence, card: CardKey) -> (Pending, Vec<u8>) {
    let alg: Alg = card.alg;
    let to_be_signed = for_card(presence, alg);
    let pending = Pending {
        presence: Hash::of(&to_be_signed),
        given: given_digest(alg, &to_be_signed),
        card,
        form: presence.form,
        since: presence.ticks.count,
        challenge: presence.challenge.clone(),
    };
    (pending, to_be_signed)
}
