//! COMMIT: the card has signed, or the session is given up (P3 step 4).

use alloc::borrow::Cow;
use alloc::vec::Vec;

use jushin_statement::{AuthenticationForm, Commit, CommitOutcome, Hash};

use super::Element;
use super::card_key::{Form, institution_digest};
use super::journal::Place;
use super::memory::{CardIdSession, Pending, Phase};
use super::stop::Stop;
use crate::apdu::StatusWord;
use crate::exchange::{CardSignature, One, State};

impl Element {
    /// Ends the open session. There is no second try: a wrong or late signature is an outcome.
    pub(super) fn commit(&mut self, input: CardSignature) -> Result<One, Stop> {
        self.require_state(&[State::Pending])?;
        let mut journal = self.memory.journal.clone();
        let place = self.place_after(&journal)?;
        let Phase::Pending(active, pending) = &self.memory.phase else {
            return Err(StatusWord::WrongState.into());
        };
        let active = *active;
        let outcome = self.outcome(pending, place.ticks.count, &input.signature)?;
        let signed_by_card = outcome == CommitOutcome::Signed;
        let card_signature = signed_by_card.then(|| Hash::of(&input.signature));
        let record = commit_record(place, outcome, pending.presence, card_signature);
        let card_id = signed_by_card.then(|| CardIdSession {
            card: pending.card.clone(),
            form: Form::of(pending.form),
            built: Vec::new(),
            asked: None,
        });
        let signed = self.append(&mut journal, place, &record)?;
        journal.pending = None;
        self.persist(journal, &[])?;
        self.memory.phase = Phase::Active(active);
        self.memory.card_id = card_id;
        Ok(One { signed })
    }

    fn outcome(&self, pending: &Pending, count: u64, signature: &[u8]) -> Result<CommitOutcome, Stop> {
        let binding = &self.bound()?.binding;
        if signature.is_empty() {
            return Ok(CommitOutcome::Aborted);
        }
        if count.saturating_sub(pending.since) > binding.policy.session_ticks {
            return Ok(CommitOutcome::TooLate);
        }
        let digest = match pending.form {
            AuthenticationForm::OpensState | AuthenticationForm::CoversDigest => {
                Cow::Borrowed(&*pending.given)
            }
            AuthenticationForm::CardBindsInstitution => Cow::Owned(institution_digest(
                pending.card.alg,
                &pending.challenge,
                &binding.institution,
                &pending.given,
            )),
        };
        if pending.card.has_signed(&digest, signature) {
            Ok(CommitOutcome::Signed)
        } else {
            Ok(CommitOutcome::Aborted)
        }
    }
}

/// The `commit` at `place` for the presence whose signed bytes hash to `presence`.
pub(super) fn commit_record(
    place: Place,
    outcome: CommitOutcome,
    presence: Hash,
    card_signature: Option<Hash>,
) -> Commit {
    Commit {
        element: place.element,
        outcome,
        presence,
        card_signature,
        ticks: place.ticks,
        counter: place.counter,
        previous: place.previous,
    }
}
