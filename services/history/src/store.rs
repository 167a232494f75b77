//! What the service keeps. Rows are only ever added; a state is computed from them.

use jushin_statement::{Class, Hash, InstitutionCode, Status, UnixMillis};

/// A visit as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredVisit {
    /// SHA-256 of the commit payload: the visit's identity.
    pub evid: Hash,
    /// Path id, random: says nothing about the visit.
    pub path: String,
    /// Value of the person's pseudonym at this service.
    pub subject: Hash,
    /// The institution.
    pub institution: InstitutionCode,
    /// What this service's own verification said.
    pub status: Status,
    /// How closely the time is proven.
    pub class: Class,
    /// Earliest proven time.
    pub lo: Option<UnixMillis>,
    /// Latest proven time.
    pub hi: Option<UnixMillis>,
    /// How the institution states that the holder was checked (number of the holder check).
    pub method: u64,
    /// Whether the element is made up.
    pub simulated: bool,
    /// The redacted bundle, byte for byte as it came.
    pub bundle: Vec<u8>,
    /// When it came, by this service's clock.
    pub received: UnixMillis,
}

/// The store failed; nothing was acknowledged.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the store of the history service failed: {0}")]
pub struct StoreError(pub String);

/// Where visits are kept.
pub trait Store: Send {
    /// Adds a visit, or counts one more attempt if its `evid` is known. Either way something was written
    /// and committed durably when this returns; the row that is kept is returned.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: nothing was acknowledged.
    fn register(&mut self, visit: &StoredVisit) -> Result<StoredVisit, StoreError>;

    /// The newest visits of a person, `limit` of them, those before `before` (received) if given.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn timeline(
        &self,
        subject: Hash,
        before: Option<UnixMillis>,
        limit: u32,
    ) -> Result<Vec<StoredVisit>, StoreError>;

    /// One visit of a person by its path id. Another person's path id finds nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn visit(&self, subject: Hash, path: &str) -> Result<Option<StoredVisit>, StoreError>;
}
