//! Proofs and their checks (RFC 6962 §2.1.1 and §2.1.2, as in RFC 9162 §2.1.3.2 and §2.1.4.2).

use alloc::vec::Vec;

use crate::hash::{EMPTY_ROOT, Hash, node_hash};

/// A proof does not hold. Whoever made it is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The index is not in the tree, or the earlier tree is the larger one.
    #[error("the proof is about {asked} in a tree of {size} entries")]
    OutOfRange {
        /// Index or earlier size.
        asked: u64,
        /// Entries.
        size: u64,
    },
    /// It has too many or too few hashes.
    #[error("the proof has {0} hashes, which is not its number")]
    Length(usize),
    /// It leads to another root.
    #[error("the proof does not lead to the root")]
    OtherRoot,
}

/// Proves that an entry is in a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InclusionProof {
    /// Place of the entry, from 0.
    pub index: u64,
    /// Siblings from the leaf up.
    pub path: Vec<Hash>,
}

impl InclusionProof {
    /// Whether `leaf` stands at the index in the tree of `size` entries with this root.
    ///
    /// # Errors
    ///
    /// [`ProofError`].
    pub fn verify(&self, leaf: &Hash, size: u64, root: &Hash) -> Result<(), ProofError> {
        if self.index >= size {
            return Err(ProofError::OutOfRange { asked: self.index, size });
        }
        let wrong_length = ProofError::Length(self.path.len());
        let (mut node, mut last, mut hash) = (self.index, size - 1, *leaf);
        for sibling in &self.path {
            if last == 0 {
                return Err(wrong_length);
            }
            if node & 1 == 1 || node == last {
                hash = node_hash(sibling, &hash);
                // A node without a right neighbour moves up unchanged.
                while node & 1 == 0 && node != 0 {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                hash = node_hash(&hash, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        if last != 0 {
            return Err(wrong_length);
        }
        if hash == *root { Ok(()) } else { Err(ProofError::OtherRoot) }
    }
}

/// Proves that a tree begins with an earlier one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsistencyProof {
    /// Roots of subtrees, as RFC 6962 orders them.
    pub path: Vec<Hash>,
}

impl ConsistencyProof {
    /// Whether the tree `(size, root)` begins with the tree `(old_size, old_root)`.
    ///
    /// # Errors
    ///
    /// [`ProofError`].
    pub fn verify(
        &self,
        (old_size, old_root): (u64, &Hash),
        (size, root): (u64, &Hash),
    ) -> Result<(), ProofError> {
        if old_size > size {
            return Err(ProofError::OutOfRange { asked: old_size, size });
        }
        let wrong_length = ProofError::Length(self.path.len());
        if old_size == 0 || old_size == size {
            if !self.path.is_empty() {
                return Err(wrong_length);
            }
            let expected = if old_size == 0 { &EMPTY_ROOT } else { root };
            return if old_root == expected { Ok(()) } else { Err(ProofError::OtherRoot) };
        }
        let mut path = self.path.iter();
        let (mut node, mut last) = (old_size - 1, size - 1);
        while node & 1 == 1 {
            node >>= 1;
            last >>= 1;
        }
        // An earlier tree that is perfect is itself the first node.
        let first = if old_size.is_power_of_two() { *old_root } else { *path.next().ok_or(wrong_length)? };
        let (mut old_hash, mut hash) = (first, first);
        for sibling in path {
            if last == 0 {
                return Err(wrong_length);
            }
            if node & 1 == 1 || node == last {
                old_hash = node_hash(sibling, &old_hash);
                hash = node_hash(sibling, &hash);
                while node & 1 == 0 && node != 0 {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                hash = node_hash(&hash, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        if last != 0 {
            return Err(wrong_length);
        }
        if old_hash == *old_root && hash == *root { Ok(()) } else { Err(ProofError::OtherRoot) }
    }
}
