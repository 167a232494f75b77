//! Where the platform keeps everything: append-only tables of keyed rows.
//!
//! A row never changes. Writing a key that exists counts one more attempt and returns what stands there,
//! so that a repeated request writes before it is answered. Rows that are work (the outbox, closes without
//! a token, visits without an upper end) or secrets that were handed over are erased; all else stays, and
//! every status is computed.

pub(crate) mod rows;
mod sqlite;

pub use sqlite::Sqlite;

/// The tables. Keys begin with the element, the visit or the person, never with a counter or a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Table {
    /// The platform's own keys, by name.
    Key,
    /// The platform's own certificates, by name.
    Certificate,
    /// Secrets: institution keys waiting for injection, pseudonym keys.
    Secret,
    /// Institutions, by code and version.
    Institution,
    /// CV certificates that were imported, by institution and key id.
    InstitutionKey,
    /// Numbers used once, as issued.
    Nonce,
    /// Numbers used once, as used.
    NonceSpent,
    /// Elements.
    Element,
    /// Which institution key an element got.
    ElementKey,
    /// Sealed secrets on their way to an element.
    Injection,
    /// Elements that have shown that they hold their key.
    InjectionDone,
    /// Terminals, by element.
    Terminal,
    /// Bindings, by element and seq.
    Binding,
    /// Bindings that the element has confirmed, by element and seq.
    BindingAck,
    /// Records of elements, by element, counter and payload hash.
    Record,
    /// Activations: TickStamp1, token, activation; by element and the stamp's counter.
    Unlock,
    /// Counter of the stamp of an activation, by element and activation.
    UnlockOfActivation,
    /// Anchors, by element, counter and hash.
    Anchor,
    /// Visits, by evid.
    Visit,
    /// What stands under a counter value, by element, counter and payload hash: two rows are a fork.
    Claim,
    /// Forks, by element and counter.
    Fork,
    /// Verdicts, by evid and version.
    Verdict,
    /// Eligibility answers, by evid.
    Eligibility,
    /// Answers to batches, by element and contents.
    Answer,
    /// OCSP responses, by evid and hash.
    Revocation,
    /// Rows of the eligibility register, by CA key, serial and version.
    Register,
    /// Person handles, by the register's person or, without a row, by certificate.
    Person,
    /// Messages to deliver, by evid and version of the verdict.
    Outbox,
    /// Messages delivered, by evid and version of the verdict.
    Delivered,
    /// What operators did.
    Operation,
    /// Closes, by element and counter.
    Close,
    /// Holes in the chain below a close, by element and first missing counter.
    Gap,
    /// Closes that have no token yet, by element and counter.
    Unstamped,
    /// Visits whose upper end nothing fixes yet, by element, counter and evid.
    Open,
    /// What was put into the log, and the opening of its entry; by content.
    LogOpening,
    /// What waits for its place in the log, by content.
    LogPending,
    /// Contents in the order in which they stand in the log, by the index of the first.
    LogBatch,
    /// Places in the log, by content.
    LogIndex,
    /// Signed checkpoints, by size.
    LogCheckpoint,
    /// Lines of witnesses below a checkpoint, by size and witness.
    LogCosignature,
    /// Time-stamp tokens over checkpoints, by size.
    LogToken,
}

/// The store did not do it. Nothing may be acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The store failed: disk full, no connection, a commit whose outcome is not known.
    #[error("the store failed: {0}")]
    Failed(String),
    /// A row does not hold what this version writes.
    #[error("a stored row of {table:?} cannot be read")]
    Unreadable {
        /// The table.
        table: Table,
    },
}

/// What writing a row found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// The key is new.
    New,
    /// The key stood there with this value, which stays; one more attempt was counted.
    Again(Vec<u8>),
}

/// A row as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredRow {
    /// Its key.
    pub key: Vec<u8>,
    /// Its value.
    pub value: Vec<u8>,
}

impl core::fmt::Debug for StoredRow {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "row of {} and {} bytes", self.key.len(), self.value.len())
    }
}

/// Which rows to read.
#[derive(Clone, Copy, Debug)]
pub struct Scan<'a> {
    /// Only keys that begin with this.
    pub prefix: &'a [u8],
    /// The first key to read (backwards: the last one); it need not exist.
    pub from: Option<&'a [u8]>,
    /// From the end towards the beginning.
    pub backwards: bool,
    /// At most so many.
    pub limit: usize,
}

impl<'a> Scan<'a> {
    /// All rows whose keys begin with `prefix`.
    #[must_use]
    pub const fn all(prefix: &'a [u8]) -> Self {
        Self { prefix, from: None, backwards: false, limit: usize::MAX }
    }

    /// The row with the highest key that begins with `prefix`.
    #[must_use]
    pub const fn last(prefix: &'a [u8]) -> Self {
        Self { prefix, from: None, backwards: true, limit: 1 }
    }
}

/// Reads and writes that take effect together or not at all.
pub trait Transaction {
    /// Writes a row, or counts one more attempt if the key is there.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn insert(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<Inserted, StoreError>;

    /// Reads a row.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn read(&mut self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Reads rows in the order of their keys.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn scan(&mut self, table: Table, scan: Scan<'_>) -> Result<Vec<StoredRow>, StoreError>;

    /// Erases a row of [`Table::Secret`], [`Table::Injection`], [`Table::Outbox`], [`Table::Unstamped`],
    /// [`Table::Open`] or [`Table::LogPending`].
    ///
    /// # Errors
    ///
    /// [`StoreError`], also for every other table.
    fn erase(&mut self, table: Table, key: &[u8]) -> Result<(), StoreError>;
}

/// What the work inside a transaction wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// Keep what was written.
    Commit,
    /// Forget it.
    RollBack,
}

/// A store of record.
pub trait Store: Send + Sync {
    /// Runs `work` in one transaction that no other one interleaves with, and commits durably.
    ///
    /// `work` may run again if the store asks for it (a serialisation failure), so it must have no effect
    /// outside the transaction that a second run would not repeat.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: then nothing may be acknowledged, whether or not the commit reached the disk.
    fn transact(
        &self,
        work: &mut dyn FnMut(&mut dyn Transaction) -> Result<Finish, StoreError>,
    ) -> Result<(), StoreError>;
}
