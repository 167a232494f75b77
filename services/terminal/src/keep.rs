//! What the element gave out is kept before the element is asked for anything more.
//!
//! A journal that cannot be written, its disk full or gone, is tried again first thing, also after the disk is
//! back. Until then the element writes nothing new, so that even a program that dies meanwhile finds the record
//! again: BOOT releases the last one once more, and only the last one.

use jushin_statement::{Anchor, Hash};

use crate::store::{JournalEntry, OwnRecord, StoreError};
use crate::terminal::{Inner, locked};

/// Something that belongs into the journal.
#[derive(Clone, Debug)]
pub(crate) enum Kept {
    /// A record.
    Record(OwnRecord),
    /// The second stamp of an anchor, and the anchor with its hash.
    Anchor(OwnRecord, Hash, Anchor),
    /// A visit.
    Visit(JournalEntry),
}

impl Inner {
    /// Keeps what the element gave out, after whatever still waits.
    pub(crate) fn keep(&self, what: Kept) -> Result<(), StoreError> {
        locked(&self.unkept).push_back(what);
        self.keep_what_waits()
    }

    /// Tries again what could not be kept. To be called before the element writes anything new.
    pub(crate) fn keep_what_waits(&self) -> Result<(), StoreError> {
        let mut unkept = locked(&self.unkept);
        while let Some(first) = unkept.front() {
            match self.write(first) {
                Ok(()) => {}
                // Waiting does not change that; the element contradicts itself, and the journal has both sides.
                Err(fork @ StoreError::Fork { .. }) => {
                    unkept.pop_front();
                    return Err(fork);
                }
                Err(error) => return Err(error),
            }
            unkept.pop_front();
        }
        Ok(())
    }

    fn write(&self, what: &Kept) -> Result<(), StoreError> {
        match what {
            Kept::Record(record) => self.store.keep_record(record),
            Kept::Anchor(record, hash, anchor) => self.store.keep_anchor(record, *hash, anchor),
            Kept::Visit(entry) => self.store.keep_visit(entry),
        }
    }
}
