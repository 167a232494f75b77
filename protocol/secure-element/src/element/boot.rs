//! BOOT and PAIR: the start of a power cycle.

use jushin_statement::{Boot, Context, Hash, Pairing};

use super::Element;
use super::memory::BootDue;
use super::stop::Stop;
use crate::apdu::StatusWord;
use crate::exchange::{Booted, Nothing, PairRequest, State};

impl Element {
    /// Releases the last record again and writes the boot record.
    ///
    /// Power can go again between the boot record's write and its answer. The slots hold two records
    /// then, and both must come out before the older one may be overwritten: so the first BOOT of the
    /// next cycle only releases them, and that a second one comes shows that they have arrived.
    pub(super) fn boot(&mut self, _: Nothing) -> Result<Booted, Stop> {
        let cycle = self.memory.cycle.ok_or(StatusWord::WrongState)?;
        let mut journal = self.memory.journal.clone();
        match self.memory.boot {
            BootDue::No => return Err(StatusWord::WrongState.into()),
            BootDue::ReleaseAgain => {
                let boot = journal.boot.ok_or(StatusWord::Failed)?;
                self.memory.boot = BootDue::Write;
                return Ok(Booted { last_record: journal.record, boot, cycle });
            }
            BootDue::Write => {}
        }
        let counter = journal.counter.checked_add(1).ok_or(StatusWord::Exhausted)?;
        self.memory.boot_counter = counter;
        let place = self.place_after(&journal)?;
        let last_record = journal.boot.take().or_else(|| journal.record.take());
        let record = Boot {
            element: place.element,
            ticks: place.ticks,
            counter: place.counter,
            pending: journal.pending.take(),
            previous: place.previous,
        };
        let boot = self.append(&mut journal, place, &record)?;
        journal.record.clone_from(&last_record);
        journal.boot = Some(boot.clone());
        self.persist(journal, &[])?;
        self.memory.boot = BootDue::No;
        Ok(Booted { last_record, boot, cycle })
    }

    /// P1.7: the bound terminal signs this cycle's TickNonce.
    pub(super) fn pair(&mut self, input: PairRequest) -> Result<Nothing, Stop> {
        self.require_state(&[State::Bound])?;
        let terminal_key = Hash::of(&input.terminal_key);
        if terminal_key != self.bound()?.binding.terminal_key {
            return Err(StatusWord::NotAuthorised.into());
        }
        let sign1 = input.pairing.parse()?;
        self.verify_es256(&input.terminal_key, &sign1, Context::Pair)?;
        let pairing: Pairing = sign1.object()?;
        if pairing.element != self.keys()?.element || Some(pairing.cycle) != self.memory.cycle {
            return Err(StatusWord::NotAuthorised.into());
        }
        self.memory.paired = Some(terminal_key);
        Ok(Nothing {})
    }

    /// Paired in this cycle with the terminal of the present binding.
    pub(super) fn require_paired(&self) -> Result<(), Stop> {
        let paired = self.memory.paired == Some(self.bound()?.binding.terminal_key);
        if paired { Ok(()) } else { Err(StatusWord::NotAuthorised.into()) }
    }
}
