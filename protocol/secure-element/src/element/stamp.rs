//! STAMP, CLOSE and STATUS.

use jushin_statement::{Close, Hash, Stamp, StampSubject, TickKind};

use super::Element;
use super::stop::Stop;
use crate::apdu::StatusWord;
use crate::exchange::{Budget, CloseRequest, Nothing, One, StampInput, State, Status};

impl Element {
    /// P4: a tick stamp over a message, with an activation of this cycle only.
    pub(super) fn stamp(&mut self, input: StampInput) -> Result<One, Stop> {
        self.require_state(&[State::Active])?;
        if input.context.0 == StampSubject::Heartbeat && input.message != Hash::ZERO {
            return Err(StatusWord::Malformed.into());
        }
        let active = self.active()?;
        let mut journal = self.memory.journal.clone();
        let place = self.place_after(&journal)?;
        self.require_budget(&active, place.ticks.count)?;
        let record = Stamp {
            element: place.element,
            anchor: active.anchor,
            context: input.context,
            message: input.message,
            ticks: place.ticks,
            counter: place.counter,
            previous: place.previous,
        };
        let signed = self.append(&mut journal, place, &record)?;
        self.persist(journal, &[])?;
        Ok(One { signed })
    }

    /// P6: states the head of the chain over the platform's nonce. A retired element does so once.
    pub(super) fn close(&mut self, input: CloseRequest) -> Result<One, Stop> {
        self.require_state(&[State::Bound, State::Active, State::Retired])?;
        self.require_booted()?;
        let mut journal = self.memory.journal.clone();
        if journal.closed_for_ever {
            return Err(StatusWord::WrongState.into());
        }
        let last = input.last.unwrap_or(journal.counter);
        if last != journal.counter || input.first > last {
            return Err(StatusWord::Malformed.into());
        }
        let place = self.place_after(&journal)?;
        let record = Close {
            element: place.element,
            nonce: input.nonce,
            head: place.previous,
            lo: input.first,
            hi: last,
            ticks: place.ticks,
            counter: place.counter,
            previous: place.previous,
        };
        let signed = self.append(&mut journal, place, &record)?;
        journal.closed_for_ever = self.state() == State::Retired;
        self.persist(journal, &[])?;
        Ok(One { signed })
    }

    pub(super) fn status(&mut self, _: Nothing) -> Result<Status, Stop> {
        Ok(Status {
            state: self.state(),
            counter: self.memory.journal.counter,
            head: self.memory.journal.head,
            budget: self.budget(),
            binding_seq: self.memory.bound.as_ref().map(|bound| bound.binding.seq),
            tpm_nonce: None,
        })
    }

    fn budget(&mut self) -> Option<Budget> {
        let active = self.active().ok()?;
        let begins = self.begins_left(&active).ok()?;
        let now = match self.build.tick.kind {
            TickKind::Date => self.memory.ticks_shown,
            TickKind::Time => self.ticker.ticks().max(self.memory.ticks_shown),
        };
        let ticks = active.max_ticks.saturating_sub(now.saturating_sub(active.since));
        Some(Budget { begins, ticks })
    }
}
