//! The chain of records, and the one write that must come before every answer.

use alloc::vec::Vec;

use jushin_pki::Suite;
use jushin_statement::{Alg, Hash, Id16, Object, Signed, Statement, TickKind, Ticks, sign, to_be_signed};

use super::Element;
use super::memory::{BootDue, Bound, Keys};
use super::stop::Stop;
use crate::apdu::StatusWord;
use crate::nvm::Slot;
use crate::stored::Journal;

/// Where the next record stands: its counter value, ticks, and what came before.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) element: Id16,
    pub(super) counter: u64,
    pub(super) ticks: Ticks,
    pub(super) previous: Hash,
}

impl Element {
    /// The place after everything in `journal`.
    ///
    /// In date mode the ticks count the counter values taken in this cycle, boot being 0.
    pub(super) fn place_after(&mut self, journal: &Journal) -> Result<Place, Stop> {
        let element = self.keys()?.element;
        let counter = journal.counter.checked_add(1).ok_or(StatusWord::Exhausted)?;
        let ticks = self.ticks(counter)?;
        Ok(Place { element, counter, ticks, previous: journal.head })
    }

    /// Ticks as they show in what takes the value `counter`.
    pub(super) fn ticks(&mut self, counter: u64) -> Result<Ticks, Stop> {
        let cycle = self.memory.cycle.ok_or(StatusWord::WrongState)?;
        let count = match self.build.tick.kind {
            TickKind::Date => counter.saturating_sub(self.memory.boot_counter),
            TickKind::Time => self.ticker.ticks().max(self.memory.ticks_shown),
        };
        self.memory.ticks_shown = count;
        Ok(Ticks { cycle, count })
    }

    /// Signs a record and puts it at the end of `journal`. Nothing is stored yet.
    pub(super) fn append<S: Statement>(
        &self,
        journal: &mut Journal,
        place: Place,
        record: &S,
    ) -> Result<Signed, Stop> {
        let signed = self.sign_with_device(record)?;
        journal.counter = place.counter;
        journal.head = record.hash();
        journal.record = Some(signed.clone());
        journal.boot = None;
        Ok(signed)
    }

    /// Signs with the device key.
    pub(super) fn sign_with_device<S: Statement>(&self, statement: &S) -> Result<Signed, Stop> {
        let device = &self.keys()?.device;
        Ok(sign(statement, Alg::Es256, None, |bytes| device.sign(Suite::P256Sha256Cose, bytes))?)
    }

    /// Stores the journal, and the other slots with it, all or nothing. Only after this may anything be
    /// answered.
    pub(super) fn persist(&mut self, journal: Journal, others: &[(Slot, &[u8])]) -> Result<(), Stop> {
        let bytes = journal.encode();
        let mut slots = others.to_vec();
        slots.push((Slot::Journal, &bytes));
        self.nvm.write(&slots)?;
        self.memory.journal = journal;
        Ok(())
    }

    /// No record may come before the boot record of its cycle.
    pub(super) fn require_booted(&self) -> Result<(), Stop> {
        if self.memory.boot == BootDue::No { Ok(()) } else { Err(StatusWord::WrongState.into()) }
    }

    pub(super) fn keys(&self) -> Result<&Keys, Stop> {
        self.memory.keys.as_ref().ok_or(StatusWord::WrongState.into())
    }

    pub(super) fn bound(&self) -> Result<&Bound, Stop> {
        self.memory.bound.as_ref().ok_or(StatusWord::WrongState.into())
    }
}

/// The Sig_structure of a statement that a card is to sign with `alg`.
pub(super) fn for_card<S: Statement>(statement: &S, alg: Alg) -> Vec<u8> {
    to_be_signed(S::CONTEXT, alg, None, &statement.encode())
}
