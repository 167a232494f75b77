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

impl StoredVisit {
    /// Whether this finding may take the place of an earlier one: a status only moves from open-ended to
    /// valid, to invalid, and to conflict; with the same status a window only gets narrower. So the order in
    /// which findings arrive does not matter, and an old one that comes again changes nothing.
    #[must_use]
    pub fn follows(&self, earlier: &Self) -> bool {
        use Status::{Conflict, Indeterminate, Invalid, OpenEnded, Valid};
        match (earlier.status, self.status) {
            (before, now) if before == now => self.is_within(earlier),
            (Indeterminate, _) | (OpenEnded, Valid | Invalid | Conflict) => true,
            (Valid, Invalid | Conflict) | (Invalid, Conflict) => true,
            _ => false,
        }
    }

    fn is_within(&self, wider: &Self) -> bool {
        let lo = match (wider.lo, self.lo) {
            (None, _) => true,
            (Some(wider), now) => now.is_some_and(|now| now >= wider),
        };
        let hi = match (wider.hi, self.hi) {
            (None, _) => true,
            (Some(wider), now) => now.is_some_and(|now| now <= wider),
        };
        lo && hi && (self.lo, self.hi) != (wider.lo, wider.hi)
    }
}

/// The store failed; nothing was acknowledged.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the store of the history service failed: {0}")]
pub struct StoreError(pub String);

/// Where visits are kept.
pub trait Store: Send {
    /// Adds a visit, or counts one more attempt if its `evid` is known; a finding that [follows] the one that
    /// is kept is added beside it. Either way something was written and committed durably when this returns;
    /// what counts now is returned, under the path and the time of the first one.
    ///
    /// [follows]: StoredVisit::follows
    ///
    /// # Errors
    ///
    /// [`StoreError`]: nothing was acknowledged.
    fn register(&mut self, visit: &StoredVisit) -> Result<StoredVisit, StoreError>;

    /// What counts now of a person's visit.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn known(&self, subject: Hash, evid: Hash) -> Result<Option<StoredVisit>, StoreError>;

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
