//! TS1 and ACT: activation by the service provider (P2, online).

use jushin_statement::{Activation, BindingState, Context, Hash, TickStamp1, TickStamp2, online_anchor_hash};

use super::Element;
use super::memory::{Active, Begins, Phase, Stamp1};
use super::stop::Stop;
use crate::apdu::StatusWord;
use crate::exchange::{Activated, ActivationRequest, One, StampRequest, State};

impl Element {
    pub(super) fn tick_stamp1(&mut self, input: StampRequest) -> Result<One, Stop> {
        self.require_state(&[State::Bound, State::Active])?;
        self.require_booted()?;
        if self.state() == State::Bound {
            self.require_paired()?;
        }
        self.require_usable_key()?;
        let challenge = input.challenge.0;
        let mut journal = self.memory.journal.clone();
        let place = self.place_after(&journal)?;
        if challenge.element != place.element {
            return Err(StatusWord::NotAuthorised.into());
        }
        let record = TickStamp1 {
            element: place.element,
            binding: self.bound()?.hash,
            nonce: challenge.nonce,
            provider_time: challenge.provider_time,
            ticks: place.ticks,
            counter: place.counter,
            previous: place.previous,
        };
        let signed = self.append(&mut journal, place, &record)?;
        let stamp1 = Stamp1 { counter: journal.counter, hash: journal.head };
        self.persist(journal, &[])?;
        self.memory.stamp1 = Some(stamp1);
        Ok(One { signed })
    }

    pub(super) fn activate(&mut self, input: ActivationRequest) -> Result<Activated, Stop> {
        self.require_state(&[State::Bound, State::Active])?;
        let Some(stamp1) = &self.memory.stamp1 else {
            return Err(StatusWord::WrongState.into());
        };
        self.require_usable_key()?;
        let stamp1_hash = stamp1.hash;
        if input.grant.is_some() {
            return Err(StatusWord::Malformed.into());
        }
        if Hash::of(&input.provider_key) != self.bound()?.binding.provider_key {
            return Err(StatusWord::UnknownKey.into());
        }
        let sign1 = input.activation.parse()?;
        self.verify_es256(&input.provider_key, &sign1, Context::Activate)?;
        let activation: Activation = sign1.object()?;
        self.check_activation(&activation, stamp1, input.token)?;

        let policy = self.bound()?.binding.policy;
        let mut journal = self.memory.journal.clone();
        let place = self.place_after(&journal)?;
        let record = TickStamp2 {
            element: place.element,
            activation: activation.id,
            token: input.token,
            activation_hash: sign1.payload_hash(),
            ticks: place.ticks,
            counter: place.counter,
            previous: place.previous,
        };
        let stamp2 = self.append(&mut journal, place, &record)?;
        let anchor = online_anchor_hash(stamp1_hash, input.token, sign1.payload_hash(), journal.head);
        journal.last_anchor = anchor;
        journal.offline_begins = 0;
        journal.admin_failures = 0;
        self.persist(journal, &[])?;
        self.memory.stamp1 = None;
        self.memory.admin = None;
        self.memory.activations.push(activation.id);
        self.memory.phase = Phase::Active(Active {
            anchor,
            begins: Begins::Online(activation.begins.min(policy.begins_online)),
            since: place.ticks.count,
            max_ticks: activation.max_ticks.min(policy.ticks_online),
        });
        Ok(Activated { stamp2, anchor })
    }

    /// P2.7: for this element, this power cycle, this TickStamp1, this token, this binding; once.
    fn check_activation(&self, activation: &Activation, stamp1: &Stamp1, token: Hash) -> Result<(), Stop> {
        let own = activation.element == self.keys()?.element
            && Some(activation.cycle) == self.memory.cycle
            && activation.counter == stamp1.counter
            && activation.stamp == stamp1.hash
            && activation.token == token
            && activation.binding_seq == self.bound()?.binding.seq;
        if !own {
            return Err(StatusWord::NotAuthorised.into());
        }
        if self.memory.activations.contains(&activation.id) {
            return Err(StatusWord::WrongState.into());
        }
        Ok(())
    }

    /// The binding is in use, and covers the institution key that the element has now (another one may
    /// have been injected since).
    pub(super) fn require_usable_key(&self) -> Result<(), Stop> {
        let binding = &self.bound()?.binding;
        if binding.state != BindingState::InUse {
            return Err(StatusWord::NotAuthorised.into());
        }
        match &self.memory.cv {
            Some(cv) if cv.hash == binding.certificate => Ok(()),
            _ => Err(StatusWord::WrongState.into()),
        }
    }
}
