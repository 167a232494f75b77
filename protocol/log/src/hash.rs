//! Hashes of the tree (RFC 6962 §2.1).

use sha2::{Digest as _, Sha256};

/// SHA-256 of a leaf or of a subtree.
pub type Hash = [u8; 32];

/// Root of the tree without entries: the hash of nothing.
pub const EMPTY_ROOT: Hash = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27,
    0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];

/// Hash of an entry: SHA-256(0x00 ‖ entry).
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(entry).finalize().into()
}

/// Hash of two neighbours: SHA-256(0x01 ‖ left ‖ right).
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// Root of a perfect subtree over hashes whose number is a power of two.
pub(crate) fn perfect_root(hashes: &[Hash]) -> Option<Hash> {
    match hashes {
        [] => None,
        [one] => Some(*one),
        more => {
            let (left, right) = more.split_at_checked(more.len() / 2)?;
            Some(node_hash(&perfect_root(left)?, &perfect_root(right)?))
        }
    }
}

/// Root over perfect subtrees of falling size, left to right.
pub(crate) fn root_of_peaks(peaks: &[Hash]) -> Hash {
    let Some((last, before)) = peaks.split_last() else { return EMPTY_ROOT };
    before.iter().rev().fold(*last, |right, left| node_hash(left, &right))
}
