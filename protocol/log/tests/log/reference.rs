//! RFC 6962 §2.1 word for word: slow, over all entries, with nothing of the crate but the two hashes.

use jushin_log::{EMPTY_ROOT, Hash, leaf_hash, node_hash};

/// MTH(D)
pub(crate) fn root(entries: &[Vec<u8>]) -> Hash {
    match entries {
        [] => EMPTY_ROOT,
        [one] => leaf_hash(one),
        more => {
            let (left, right) = more.split_at(split(more.len()));
            node_hash(&root(left), &root(right))
        }
    }
}

/// PATH(m, D)
pub(crate) fn path(index: usize, entries: &[Vec<u8>]) -> Vec<Hash> {
    if entries.len() == 1 {
        return Vec::new();
    }
    let (left, right) = entries.split_at(split(entries.len()));
    let (mut path, other) = if index < left.len() {
        (self::path(index, left), root(right))
    } else {
        (self::path(index - left.len(), right), root(left))
    };
    path.push(other);
    path
}

/// PROOF(m, D)
pub(crate) fn consistency(old: usize, entries: &[Vec<u8>]) -> Vec<Hash> {
    subproof(old, entries, true)
}

fn subproof(old: usize, entries: &[Vec<u8>], whole: bool) -> Vec<Hash> {
    if old == entries.len() {
        return if whole { Vec::new() } else { vec![root(entries)] };
    }
    let (left, right) = entries.split_at(split(entries.len()));
    let (mut proof, other) = if old <= left.len() {
        (subproof(old, left, whole), root(right))
    } else {
        (subproof(old - left.len(), right, false), root(left))
    };
    proof.push(other);
    proof
}

/// The largest power of two below n.
fn split(n: usize) -> usize {
    let mut k = 1;
    while 2 * k < n {
        k *= 2;
    }
    k
}
