//! What stands in the log for something private: a commitment that tells nothing without its opening.

use alloc::vec::Vec;

use sha2::{Digest as _, Sha256};

use crate::hash::Hash;

/// Separates these commitments from every other hash.
const TAG: &[u8] = b"jushin/1/leaf";

/// 32 random bytes, one for each entry and never used twice. Without them nobody can tell whose entry it is;
/// once they are erased, the entry is noise for ever.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Opening(pub [u8; 32]);

impl core::fmt::Debug for Opening {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Opening")
    }
}

impl Opening {
    /// What a proof's `extra` line holds: the opening, and the hash that it opens the entry to.
    #[must_use]
    pub fn to_extra(&self, content: &Hash) -> Vec<u8> {
        [self.0, *content].concat()
    }

    /// Reads an `extra` line: opening and hash. Nothing vouches for either but the proof.
    #[must_use]
    pub fn from_extra(extra: &[u8]) -> Option<(Self, Hash)> {
        let (opening, content) = extra.split_first_chunk::<32>()?;
        Some((Self(*opening), content.try_into().ok()?))
    }
}

/// The entry for something with this hash: SHA-256("jushin/1/leaf" ‖ opening ‖ hash).
#[must_use]
pub fn commitment(opening: &Opening, content: &Hash) -> Hash {
    Sha256::new().chain_update(TAG).chain_update(opening.0).chain_update(content).finalize().into()
}
