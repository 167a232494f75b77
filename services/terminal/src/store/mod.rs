//! What the terminal keeps: its journal, its charts and today's list.

mod day;
mod element_memory;
mod sqlite;

use jushin_statement::{Anchor, Hash, HolderCheck, Pid, Sealed, Signed, Status, UnixMillis};

pub use element_memory::ElementMemory;
pub use sqlite::SqliteStore;

/// The terminal's own facts, each kept under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// PKCS#8 of the terminal's key.
    TerminalKey,
    /// DER certificate of that key.
    TerminalCertificate,
    /// DER SPKI of the element's device key.
    DeviceKey,
    /// The element's clock as it asked to be certified: `tick-spec`.
    Clock,
    /// The signed binding that the element acknowledged.
    Binding,
    /// The element's signed acknowledgement of it.
    Acknowledgement,
    /// The signed boot record of the last power-on.
    Boot,
    /// A signed close that no receipt covers yet; empty if there is none.
    Close,
    /// Counter of the last close that a receipt covers, eight bytes, big-endian.
    Closed,
    /// Not empty while a spell without network is over and no close has ended it.
    Spell,
    /// The newest offline unlock that the element was offered: `anchor` of kind 2, empty once an online
    /// anchor has taken its place.
    OfflineUnlock,
    /// Unlocks in a row that the element refused because of card or signature: one byte.
    UnlockFailures,
}

impl Fact {
    const fn name(self) -> &'static str {
        match self {
            Self::TerminalKey => "terminal-key",
            Self::TerminalCertificate => "terminal-certificate",
            Self::DeviceKey => "device-key",
            Self::Clock => "clock",
            Self::Binding => "binding",
            Self::Acknowledgement => "acknowledgement",
            Self::Boot => "boot",
            Self::Close => "close",
            Self::Closed => "closed",
            Self::Spell => "spell",
            Self::OfflineUnlock => "offline-unlock",
            Self::UnlockFailures => "unlock-failures",
        }
    }
}

/// A record of the own element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnRecord {
    /// Its counter.
    pub counter: u64,
    /// SHA-256 of its payload.
    pub payload_hash: Hash,
    /// As the element signed it.
    pub signed: Signed,
}

/// A visit as the journal holds it: nothing that names a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// SHA-256 of the commit payload.
    pub evid: Hash,
    /// Counter of the session's beginning (mc1).
    pub counter: u64,
    /// The presence payload.
    pub presence: Vec<u8>,
    /// The element's commit.
    pub commit: OwnRecord,
    /// How the holder was checked.
    pub method: HolderCheck,
    /// The terminal's clock.
    pub at: UnixMillis,
    /// The evidence, sealed to the platform.
    pub sealed: Sealed,
}

/// What a verified receipt says of one visit, with the signed answers that came along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitAnswer {
    /// The visit.
    pub evid: Hash,
    /// Counter of the session's beginning (mc1).
    pub counter: u64,
    /// Status.
    pub status: Status,
    /// Whether the card was stopped before the visit (R10).
    pub stopped: bool,
    /// The pseudonym, with a valid verdict.
    pub pid: Option<Pid>,
    /// The signed verdict.
    pub verdict: Option<Signed>,
    /// The signed eligibility answer.
    pub eligibility: Option<Signed>,
}

/// A receipt that passed all checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedReceipt {
    /// As the platform signed it.
    pub signed: Signed,
    /// SHA-256 of its payload.
    pub hash: Hash,
    /// When the platform signed it: of two receipts the later one counts, in whatever order they come.
    pub at: UnixMillis,
    /// Counters it acknowledges, both ends included, without the gaps it names.
    pub acknowledged: Vec<(u64, u64)>,
    /// Visits.
    pub answers: Vec<VisitAnswer>,
}

/// A chart of the institution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// 診察券番号
    pub number: String,
    /// Name, any Unicode.
    pub name: String,
    /// Name in kana.
    pub kana: String,
}

/// One line of today's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueRow {
    /// The visit.
    pub evid: Hash,
    /// The terminal's clock.
    pub at: UnixMillis,
    /// How the holder was checked.
    pub method: HolderCheck,
    /// Status of the last answer; nil while none came.
    pub status: Option<Status>,
    /// Whether the card was stopped.
    pub stopped: bool,
    /// The chart, if one is known.
    pub chart: Option<Chart>,
    /// K-number, if one was given.
    pub waiting_number: Option<u64>,
}

/// The store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database failed: disk, permissions, or another program holds it.
    #[error("the terminal's database failed: {0}")]
    Database(#[from] rusqlite::Error),
    /// The element shows two payloads under one counter.
    #[error("counter {counter} already stands for {kept}, now the element shows {shown}")]
    Fork {
        /// The counter.
        counter: u64,
        /// What the journal holds.
        kept: Hash,
        /// What came now.
        shown: Hash,
    },
    /// Something in the database is not what this program wrote.
    #[error("the terminal's database holds a malformed {0}")]
    Malformed(&'static str),
    /// The file has tables of another version of this program. Nothing in it was changed.
    #[error(
        "the terminal's database has tables {found}, this program knows tables {known}; use the version that wrote it"
    )]
    OtherVersion {
        /// In the file.
        found: i64,
        /// What this program writes.
        known: i64,
    },
    /// A chart number or a pseudonym already leads elsewhere.
    #[error("this card already leads to chart {0}")]
    AlreadyLinked(String),
}

/// What the terminal needs from a database.
///
/// Every method that returns `Ok` after a change has committed durably.
pub trait Store: Send + Sync {
    /// A fact.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn fact(&self, fact: Fact) -> Result<Option<Vec<u8>>, StoreError>;

    /// Keeps a fact; the newest counts.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn keep_fact(&self, fact: Fact, value: &[u8]) -> Result<(), StoreError>;

    /// Keeps a record of the element; the same again is fine.
    ///
    /// # Errors
    ///
    /// [`StoreError::Fork`] if another payload stands under that counter.
    fn keep_record(&self, record: &OwnRecord) -> Result<(), StoreError>;

    /// SHA-256 of the payload of an own record.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn record_hash(&self, counter: u64) -> Result<Option<Hash>, StoreError>;

    /// The first `limit` records that nobody acknowledged yet and that no box holds, by counter.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn records_to_deliver(&self, limit: usize) -> Result<Vec<Signed>, StoreError>;

    /// The platform has this record from another message.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn record_delivered(&self, counter: u64) -> Result<(), StoreError>;

    /// Keeps an anchor and its second stamp in one transaction.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn keep_anchor(&self, stamp2: &OwnRecord, hash: Hash, anchor: &Anchor) -> Result<(), StoreError>;

    /// Keeps an unlock that an administrator's card signed: its record and its anchor in one transaction. The
    /// platform gets the record inside the anchor, for it is none that the element signed.
    ///
    /// # Errors
    ///
    /// [`StoreError::Fork`] if another payload stands under that counter.
    fn keep_unlock(&self, record: &OwnRecord, anchor: &Anchor) -> Result<(), StoreError>;

    /// The first `limit` anchors that the platform has not taken yet, by counter.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn anchors_to_deliver(&self, limit: usize) -> Result<Vec<(Hash, Anchor)>, StoreError>;

    /// The platform has this anchor.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn anchor_delivered(&self, hash: Hash) -> Result<(), StoreError>;

    /// Keeps a visit, its commit and its box in one transaction: only then is it done.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn keep_visit(&self, entry: &JournalEntry) -> Result<(), StoreError>;

    /// Visits whose box no receipt has freed, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn waiting_visits(&self) -> Result<Vec<Hash>, StoreError>;

    /// How many those are.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn waiting(&self) -> Result<usize, StoreError>;

    /// The first `limit` boxes from counter `from` on whose visit has no answer yet, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn boxes_to_send(&self, from: u64, limit: usize) -> Result<Vec<Sealed>, StoreError>;

    /// First and last counter of the boxes whose visit has an answer that is not final.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn undecided(&self) -> Result<Option<(u64, u64)>, StoreError>;

    /// The first `limit` counters, from `from` on, of visits of which the last answer names no upper end.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn open_visits(&self, from: u64, limit: usize) -> Result<Vec<u64>, StoreError>;

    /// The visit that began at this counter.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn visit_at(&self, counter: u64) -> Result<Option<Hash>, StoreError>;

    /// Keeps a receipt and its answers, marks what it acknowledges, and deletes the boxes of final visits.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn accept(&self, receipt: &AcceptedReceipt, at: UnixMillis) -> Result<(), StoreError>;

    /// The last answer for a visit.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn answer(&self, evid: Hash) -> Result<Option<VisitAnswer>, StoreError>;

    /// The chart that a pseudonym leads to, and the visit before `evid`.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn chart_of(&self, pid: &Pid, evid: Hash) -> Result<Option<(Chart, Option<UnixMillis>)>, StoreError>;

    /// Adds a chart, or writes the newer name of one.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn keep_chart(&self, chart: &Chart, at: UnixMillis) -> Result<(), StoreError>;

    /// The chart with this number.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn chart(&self, number: &str) -> Result<Option<Chart>, StoreError>;

    /// Lets a pseudonym lead to a chart.
    ///
    /// # Errors
    ///
    /// [`StoreError::AlreadyLinked`] if it leads to another one.
    fn link(&self, pid: &Pid, number: &str, at: UnixMillis) -> Result<(), StoreError>;

    /// The K-number of a visit: the next free one of that day, once given never changed.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn waiting_number(&self, evid: Hash, at: UnixMillis) -> Result<u64, StoreError>;

    /// Remembers the chart that the desk named for a visit; the first word counts.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn name_chart(&self, evid: Hash, chart: &str, at: UnixMillis) -> Result<(), StoreError>;

    /// The chart that the desk named for a visit.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn named_chart(&self, evid: Hash) -> Result<Option<Chart>, StoreError>;

    /// The list of the day that contains `at`, in Japan, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn day(&self, at: UnixMillis) -> Result<Vec<QueueRow>, StoreError>;
}
