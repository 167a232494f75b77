//! Somebody changes the log's files: whatever comes out of them does not reach the signed root.

use jushin_log::{
    BundleError, Growth, ProveError, entries as taken, entry_bundle, leaf_hash, prove_inclusion,
};

use crate::folder::{entries, leaves, log};

/// 2,047 entries have eleven set bits, so that every level of the tree has an unfinished tile.
const SIZE: usize = 2_047;

#[test]
fn a_bit_flipped_in_any_tile_is_noticed_by_whoever_needs_it() {
    let flips = if std::env::var_os("JUSHIN_SOAK").is_some() { 10_000 } else { 500 };
    let entries = entries(SIZE);
    let (growth, folder) = log(&entries, &[137]);
    let (root, leaves) = (growth.root(), leaves(&entries));
    let in_use: Vec<_> = folder.0.keys().filter(|path| is_in_use(path)).cloned().collect();
    for flip in 0..flips {
        let mut changed = folder.clone();
        let path = &in_use[flip % in_use.len()];
        let bytes = changed.0.get_mut(path).unwrap();
        let at = flip * 7_919 % bytes.len();
        bytes[at] ^= 1 << (flip % 8);
        // The entry beside what was changed needs it.
        let beside = beside(path, at / 32);
        let proof = prove_inclusion(&changed, beside as u64, &leaves[beside], SIZE as u64, &root);
        assert!(
            proof.as_ref().map_or(true, |proof| proof.verify(&leaves[beside], SIZE as u64, &root).is_ok())
        );
        let noticed = proof.is_err();
        let resumed = Growth::resume(SIZE as u64, &root, &changed);
        assert!(noticed || resumed.is_err(), "bit {at} of {path}");
    }
}

/// Tiles that the tree of that size reads: full ones and its own unfinished ones.
fn is_in_use(path: &str) -> bool {
    !path.contains(".p/") || path.ends_with("007.p/255") || path.starts_with("tile/1/000.p/7")
}

/// The first entry of the neighbour of a tile's hash.
fn beside(path: &str, place: usize) -> usize {
    let mut parts = path.split('/').skip(1);
    let level: u32 = parts.next().unwrap().parse().unwrap();
    let index: usize = parts.next().unwrap()[..3].parse().unwrap();
    let span = 256_usize.pow(level);
    let neighbour = ((index * 256 + place) ^ 1) * span;
    if neighbour < SIZE { neighbour } else { 0 }
}

#[test]
fn a_missing_or_cut_tile_is_named() {
    let entries = entries(SIZE);
    let (growth, mut folder) = log(&entries, &[SIZE]);
    let leaf = leaves(&entries)[0];
    let path = "tile/0/000".to_owned();
    folder.0.get_mut(&path).unwrap().truncate(8_191);
    let refused = prove_inclusion(&folder, 0, &leaf, SIZE as u64, &growth.root());
    assert_eq!(refused, Err(ProveError::Tile(path.clone())));
    folder.0.remove(&path);
    let refused = prove_inclusion(&folder, 0, &leaf, SIZE as u64, &growth.root());
    assert_eq!(refused, Err(ProveError::Tile(path)));
}

#[test]
fn entries_come_out_of_a_bundle_as_they_went_in_and_a_cut_bundle_is_refused() {
    let entries = entries(256);
    let bundle = entry_bundle(entries.iter().map(Vec::as_slice)).unwrap();
    assert_eq!(taken(&bundle).unwrap(), entries);
    assert_eq!(taken(&bundle[..bundle.len() - 1]), Err(BundleError::Truncated));
    let within_a_length = [bundle.as_slice(), &[0]].concat();
    assert_eq!(taken(&within_a_length), Err(BundleError::Truncated));
    let long = vec![0; 65_536];
    assert_eq!(entry_bundle([long.as_slice()]), Err(BundleError::TooLong(65_536)));
    assert_ne!(leaf_hash(b""), jushin_log::EMPTY_ROOT, "an empty entry is not an empty tree");
}
