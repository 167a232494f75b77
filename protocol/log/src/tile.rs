//! Tiles: 256 neighbours of one level in a file, and their paths (C2SP tlog-tiles).

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::hash::Hash;

/// Hashes in a full tile.
pub const TILE_WIDTH: u64 = 256;

/// Bits of an index within a tile.
pub(crate) const TILE_HEIGHT: u32 = 8;

/// A tile of hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// 0: hashes of entries; each level above: roots of full tiles of the level below.
    pub level: u8,
    /// Its place within the level, from 0.
    pub index: u64,
    /// Hashes in it, 1 to 256.
    pub width: u16,
}

impl Tile {
    /// The tile at this place as a tree of `size` entries has it; `None` if the tree does not reach it.
    #[must_use]
    pub fn in_tree(level: u8, index: u64, size: u64) -> Option<Self> {
        let at_level = size.checked_shr(TILE_HEIGHT * u32::from(level)).unwrap_or(0);
        let before = index.checked_mul(TILE_WIDTH)?;
        let width = at_level.checked_sub(before)?.min(TILE_WIDTH);
        let width = u16::try_from(width).ok().filter(|width| *width > 0)?;
        Some(Self { level, index, width })
    }

    /// `tile/0/x001/234`, with `.p/5` behind it while it has 5 of 256 hashes.
    #[must_use]
    pub fn path(&self) -> String {
        format!("tile/{}/{}", self.level, self.place())
    }

    /// Path of the entries below a tile of level 0: `tile/entries/x001/234`.
    #[must_use]
    pub fn entries_path(&self) -> String {
        format!("tile/entries/{}", self.place())
    }

    fn place(&self) -> String {
        let mut rest = self.index;
        let mut groups = Vec::new();
        loop {
            groups.push(rest % 1_000);
            rest /= 1_000;
            if rest == 0 {
                break;
            }
        }
        let mut place = String::new();
        for (position, group) in groups.iter().enumerate().rev() {
            let text = if position == 0 { format!("{group:03}") } else { format!("x{group:03}/") };
            place.push_str(&text);
        }
        if u64::from(self.width) < TILE_WIDTH {
            place.push_str(&format!(".p/{}", self.width));
        }
        place
    }

    /// The hashes in a tile's bytes, if there are as many as its width says.
    #[must_use]
    pub fn hashes(&self, bytes: &[u8]) -> Option<Vec<Hash>> {
        let (hashes, rest) = bytes.as_chunks::<32>();
        (rest.is_empty() && hashes.len() == usize::from(self.width)).then(|| hashes.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_specification() {
        let path = |level, index, width| Tile { level, index, width }.path();
        assert_eq!(path(0, 1_234_067, 256), "tile/0/x001/x234/067");
        assert_eq!(path(0, 0, 256), "tile/0/000");
        assert_eq!(path(1, 999, 17), "tile/1/999.p/17");
        assert_eq!(path(3, 1_000, 255), "tile/3/x001/000.p/255");
        assert_eq!(Tile { level: 0, index: 5, width: 256 }.entries_path(), "tile/entries/005");
    }

    #[test]
    fn a_tree_of_70000_has_the_tiles_that_the_specification_counts() {
        assert_eq!(Tile::in_tree(0, 272, 70_000).map(|tile| tile.width), Some(256));
        assert_eq!(Tile::in_tree(0, 273, 70_000).map(|tile| tile.width), Some(112));
        assert_eq!(Tile::in_tree(0, 274, 70_000), None);
        assert_eq!(Tile::in_tree(1, 1, 70_000).map(|tile| tile.width), Some(17));
        assert_eq!(Tile::in_tree(2, 0, 70_000).map(|tile| tile.width), Some(1));
        assert_eq!(Tile::in_tree(3, 0, 70_000), None);
        assert_eq!(Tile::in_tree(1, 0, 256).map(|tile| tile.width), Some(1));
        assert_eq!(Tile::in_tree(9, 0, u64::MAX), None, "no tree is that high");
    }
}
