//! The growing end of a tree: which tiles a batch of entries makes.

use alloc::vec::Vec;

use crate::hash::{Hash, perfect_root, root_of_peaks};
use crate::prove::{ProveError, Tiles};
use crate::tile::{TILE_HEIGHT, TILE_WIDTH, Tile};

/// The tiles that are still being filled, one for each level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Growth {
    size: u64,
    /// By level; each has fewer than 256 hashes.
    edge: Vec<Vec<Hash>>,
}

/// What a batch made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grown {
    /// New tiles with their bytes: full ones, and the unfinished ones of the new size.
    pub tiles: Vec<(Tile, Vec<u8>)>,
}

/// The stored end of the tree is not the one of the signed root. Whoever keeps the files is at fault, or an old
/// copy was put back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EdgeError {
    /// A tile cannot be read.
    #[error(transparent)]
    Tile(#[from] ProveError),
    /// Its hashes lead to another root.
    #[error("the stored tiles of {size} entries do not lead to the signed root")]
    OtherRoot {
        /// Entries.
        size: u64,
    },
}

impl Default for Growth {
    fn default() -> Self {
        Self::empty()
    }
}

impl Growth {
    /// A tree without entries.
    #[must_use]
    pub const fn empty() -> Self {
        Self { size: 0, edge: Vec::new() }
    }

    /// Goes on after `size` entries from stored tiles, which must lead to the signed `root`.
    ///
    /// # Errors
    ///
    /// [`EdgeError`].
    pub fn resume(size: u64, root: &Hash, tiles: &dyn Tiles) -> Result<Self, EdgeError> {
        let mut edge = Vec::new();
        for level in 0_u8.. {
            let at_level = size.checked_shr(TILE_HEIGHT * u32::from(level)).unwrap_or(0);
            if at_level == 0 {
                break;
            }
            let unfinished = Tile::in_tree(level, at_level / TILE_WIDTH, size);
            edge.push(match unfinished {
                Some(tile) => crate::prove::read(tiles, tile)?,
                None => Vec::new(),
            });
        }
        let growth = Self { size, edge };
        if growth.root() == *root { Ok(growth) } else { Err(EdgeError::OtherRoot { size }) }
    }

    /// Entries so far.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Root over all entries so far.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = Vec::new();
        for hashes in self.edge.iter().rev() {
            let mut rest = hashes.as_slice();
            while !rest.is_empty() {
                let largest = 1_usize << rest.len().ilog2();
                let Some((peak, after)) = rest.split_at_checked(largest) else { break };
                peaks.extend(perfect_root(peak));
                rest = after;
            }
        }
        root_of_peaks(&peaks)
    }

    /// Appends a batch of leaf hashes and says which tiles it makes.
    pub fn append(&mut self, leaves: &[Hash]) -> Grown {
        let mut grown = Grown::default();
        let before = self.size;
        for leaf in leaves {
            self.size += 1;
            self.push(0, *leaf, &mut grown);
        }
        for (level, hashes) in (0_u8..).zip(&self.edge) {
            let shift = TILE_HEIGHT * u32::from(level);
            let (now, then) = (self.size.checked_shr(shift), before.checked_shr(shift));
            if hashes.is_empty() || now == then {
                continue;
            }
            let index = now.unwrap_or(0) / TILE_WIDTH;
            let tile = Tile { level, index, width: u16::try_from(hashes.len()).unwrap_or(0) };
            grown.tiles.push((tile, hashes.concat()));
        }
        grown
    }

    fn push(&mut self, level: u8, hash: Hash, grown: &mut Grown) {
        let place = usize::from(level);
        if self.edge.len() == place {
            self.edge.push(Vec::new());
        }
        let Some(hashes) = self.edge.get_mut(place) else { return };
        hashes.push(hash);
        if hashes.len() as u64 == TILE_WIDTH {
            let full = core::mem::take(hashes);
            let at_level = self.size.checked_shr(TILE_HEIGHT * u32::from(level)).unwrap_or(0);
            let tile = Tile { level, index: at_level / TILE_WIDTH - 1, width: 256 };
            grown.tiles.push((tile, full.concat()));
            if let Some(root) = perfect_root(&full) {
                self.push(level + 1, root, grown);
            }
        }
    }
}
