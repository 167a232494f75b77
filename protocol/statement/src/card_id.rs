//! Medical-institution card ID and revocation lists (P8, P9).

use alloc::vec::Vec;

use crate::object::object;
use crate::value::{Hash, Id16, InstitutionCode, Pid, UnixMillis};

object! {
    /// What the card signs for scheme 1.
    pub struct CardId = 50, "card-id", signed CardId {
        /// The institution.
        pub institution: InstitutionCode,
        /// A terminal, or nil for the whole institution.
        pub scope: Option<Id16>,
        /// Epoch of the institution's key.
        pub epoch: u64,
    }
}

object! {
    /// Two pseudonyms of one person at one institution.
    pub struct Link = 51, "link", signed Link {
        /// The institution.
        pub institution: InstitutionCode,
        /// The one that is known.
        pub old: Pid,
        /// The one that is new.
        pub new: Pid,
        /// The platform's clock.
        pub at: UnixMillis,
        /// The visit in which the new card was present.
        pub evid: Hash,
    }
}

object! {
    /// Pseudonyms at one institution whose card was revoked.
    pub struct RevocationList = 60, "rev-list", signed Revocation {
        /// The institution.
        pub institution: InstitutionCode,
        /// Epoch of the pseudonyms.
        pub epoch: u64,
        /// Rises with every list.
        pub seq: u64,
        /// This update.
        pub this_update: UnixMillis,
        /// Next update.
        pub next_update: UnixMillis,
        /// Seq of the list that this one changes; nil for a full list.
        pub base: Option<u64>,
        /// Added.
        pub added: Vec<Hash>,
        /// Gone.
        pub gone: Vec<Hash>,
    }
}
