//! Making proofs from tiles. What comes out of storage is followed up to the signed root before it is handed on.

use alloc::vec::Vec;

use crate::hash::{EMPTY_ROOT, Hash, node_hash, perfect_root};
use crate::proof::{ConsistencyProof, InclusionProof, ProofError};
use crate::tile::{TILE_HEIGHT, TILE_WIDTH, Tile};

/// Where tiles are kept.
pub trait Tiles {
    /// The bytes of a tile, or `None` if it is not there. A full tile may stand in for an unfinished one: then only
    /// its first hashes count.
    fn tile(&self, tile: Tile) -> Option<Vec<u8>>;
}

/// No proof can be made. The log's storage is at fault, or the question.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProveError {
    /// A tile is missing or has another length than its width says.
    #[error("the tile {0} is missing or damaged")]
    Tile(alloc::string::String),
    /// The tree has no such entry, or no such earlier size.
    #[error("{asked} is outside a tree of {size} entries")]
    OutOfRange {
        /// Index or size asked for.
        asked: u64,
        /// Entries.
        size: u64,
    },
    /// What storage holds does not lead to the root.
    #[error("what is stored does not lead to the signed root: {0}")]
    Forged(#[from] ProofError),
}

/// Proves that the entry at `index` is in the tree of `size` entries with this root.
///
/// # Errors
///
/// [`ProveError`]; never a proof that does not hold for `leaf`.
pub fn prove_inclusion(
    tiles: &dyn Tiles,
    index: u64,
    leaf: &Hash,
    size: u64,
    root: &Hash,
) -> Result<InclusionProof, ProveError> {
    if index >= size {
        return Err(ProveError::OutOfRange { asked: index, size });
    }
    let mut path = Vec::new();
    let (mut start, mut end) = (0, size);
    let mut siblings = Vec::new();
    while end - start > 1 {
        let middle = start + largest_power_below(end - start);
        if index < middle {
            siblings.push((middle, end));
            end = middle;
        } else {
            siblings.push((start, middle));
            start = middle;
        }
    }
    for (start, end) in siblings.into_iter().rev() {
        path.push(range_root(tiles, start, end, size)?);
    }
    let proof = InclusionProof { index, path };
    proof.verify(leaf, size, root)?;
    Ok(proof)
}

/// Proves that the tree of `size` entries with `root` begins with the tree of `old_size` entries with `old_root`.
///
/// # Errors
///
/// [`ProveError`]; never a proof that does not hold.
pub fn prove_consistency(
    tiles: &dyn Tiles,
    (old_size, old_root): (u64, &Hash),
    (size, root): (u64, &Hash),
) -> Result<ConsistencyProof, ProveError> {
    if old_size > size {
        return Err(ProveError::OutOfRange { asked: old_size, size });
    }
    let mut ranges = Vec::new();
    if old_size > 0 && old_size < size {
        consistency_ranges(old_size, 0, size, true, &mut ranges);
    }
    let path = ranges.into_iter().map(|(start, end)| range_root(tiles, start, end, size));
    let proof = ConsistencyProof { path: path.collect::<Result<_, _>>()? };
    proof.verify((old_size, old_root), (size, root))?;
    Ok(proof)
}

/// SUBPROOF(m, D[start:end], whole) of RFC 6962 §2.1.2: the subtrees whose roots make the proof, in order.
fn consistency_ranges(old: u64, start: u64, end: u64, whole: bool, ranges: &mut Vec<(u64, u64)>) {
    if start + old == end {
        if !whole {
            ranges.push((start, end));
        }
        return;
    }
    let middle = largest_power_below(end - start);
    if old <= middle {
        consistency_ranges(old, start, start + middle, whole, ranges);
        ranges.push((start + middle, end));
    } else {
        consistency_ranges(old - middle, start + middle, end, false, ranges);
        ranges.push((start, start + middle));
    }
}

/// Root of the first `size` entries, as the tiles say it.
///
/// # Errors
///
/// [`ProveError::Tile`].
pub fn tree_root(tiles: &dyn Tiles, size: u64) -> Result<Hash, ProveError> {
    if size == 0 { Ok(EMPTY_ROOT) } else { range_root(tiles, 0, size, size) }
}

/// MTH(D[start:end]) within a tree of `size` entries; `start` is where such a subtree begins.
fn range_root(tiles: &dyn Tiles, start: u64, end: u64, size: u64) -> Result<Hash, ProveError> {
    let count = end - start;
    if count.is_power_of_two() {
        return perfect(tiles, count.ilog2(), start, size);
    }
    let middle = start + largest_power_below(count);
    let left = range_root(tiles, start, middle, size)?;
    Ok(node_hash(&left, &range_root(tiles, middle, end, size)?))
}

/// Root of the perfect subtree of 2^height entries that begins at entry `start`.
fn perfect(tiles: &dyn Tiles, height: u32, start: u64, size: u64) -> Result<Hash, ProveError> {
    // The subtree's root is made of 2^within neighbours of one tile.
    let level = height / TILE_HEIGHT;
    let within = height % TILE_HEIGHT;
    let first = start >> (TILE_HEIGHT * level);
    let missing = ProveError::OutOfRange { asked: start, size };
    let level = u8::try_from(level).map_err(|_| missing.clone())?;
    let tile = Tile::in_tree(level, first / TILE_WIDTH, size).ok_or_else(|| missing.clone())?;
    let hashes = read(tiles, tile)?;
    let first = usize::try_from(first % TILE_WIDTH).map_err(|_| missing.clone())?;
    hashes.get(first..first + (1 << within)).and_then(perfect_root).ok_or(missing)
}

/// The hashes of a tile.
pub(crate) fn read(tiles: &dyn Tiles, tile: Tile) -> Result<Vec<Hash>, ProveError> {
    let missing = || ProveError::Tile(tile.path());
    let bytes = tiles.tile(tile).ok_or_else(missing)?;
    let wanted = usize::from(tile.width) * 32;
    tile.hashes(bytes.get(..wanted).ok_or_else(missing)?).ok_or_else(missing)
}

/// The largest power of two below `count`, which is at least 2.
pub(crate) const fn largest_power_below(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}
