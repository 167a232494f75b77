//! A log's files, in memory.

use std::collections::BTreeMap;

use jushin_log::{Grown, Growth, Hash, Tile, Tiles, leaf_hash};

/// Tiles by path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Folder(pub(crate) BTreeMap<String, Vec<u8>>);

impl Folder {
    pub(crate) fn keep(&mut self, grown: Grown) {
        for (tile, bytes) in grown.tiles {
            assert!(tile.hashes(&bytes).is_some(), "{tile:?} has as many hashes as it says");
            let other = self.0.insert(tile.path(), bytes.clone());
            assert!(other.is_none_or(|other| other == bytes), "{tile:?} was written twice, and differs");
        }
    }
}

impl Tiles for Folder {
    fn tile(&self, tile: Tile) -> Option<Vec<u8>> {
        self.0.get(&tile.path()).or_else(|| self.0.get(&Tile { width: 256, ..tile }.path())).cloned()
    }
}

/// Entries that differ in length and content.
pub(crate) fn entries(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|number| format!("entry {number}").repeat(number % 5).into_bytes()).collect()
}

/// Hashes of entries.
pub(crate) fn leaves(entries: &[Vec<u8>]) -> Vec<Hash> {
    entries.iter().map(|entry| leaf_hash(entry)).collect()
}

/// A log of these entries, grown in batches of the given sizes.
pub(crate) fn log(entries: &[Vec<u8>], batches: &[usize]) -> (Growth, Folder) {
    let (mut growth, mut folder) = (Growth::empty(), Folder::default());
    let leaves = leaves(entries);
    let mut rest = leaves.as_slice();
    let mut sizes = batches.iter().copied().cycle();
    while !rest.is_empty() {
        let (batch, after) = rest.split_at(sizes.next().unwrap().clamp(1, rest.len()));
        folder.keep(growth.append(batch));
        rest = after;
    }
    (growth, folder)
}
