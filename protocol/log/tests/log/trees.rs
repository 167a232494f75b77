//! Roots and proofs.

use jushin_log::{
    ConsistencyProof, EdgeError, Growth, Hash, InclusionProof, ProofError, ProveError, Tile,
    prove_consistency, prove_inclusion, tree_root,
};
use proptest::prelude::*;

use crate::folder::{entries, leaves, log};
use crate::reference;

/// Sizes around the borders of tiles, and sizes with many set bits: a power of two hides mistakes.
const SIZES: [usize; 16] = [0, 1, 2, 3, 7, 8, 9, 255, 256, 257, 511, 513, 767, 1_023, 1_535, 2_047];

#[test]
fn the_root_is_the_one_of_the_rfc_however_the_entries_came() {
    for size in SIZES {
        let entries = entries(size);
        let expected = reference::root(&entries);
        for batches in [&[1][..], &[7, 300, 2], &[256], &[5_000]] {
            let (growth, folder) = log(&entries, batches);
            assert_eq!(growth.root(), expected, "{size} in {batches:?}");
            assert_eq!(tree_root(&folder, size as u64), Ok(expected), "{size} in {batches:?}");
        }
    }
}

#[test]
fn every_entry_of_a_tree_is_proved_as_the_rfc_does() {
    for size in [1, 2, 3, 7, 255, 256, 257, 767] {
        let entries = entries(size);
        let (growth, folder) = log(&entries, &[31]);
        let root = growth.root();
        for (index, leaf) in leaves(&entries).iter().enumerate() {
            let proof = prove_inclusion(&folder, index as u64, leaf, size as u64, &root).unwrap();
            assert_eq!(proof.path, reference::path(index, &entries), "{index} of {size}");
            assert_eq!(proof.verify(leaf, size as u64, &root), Ok(()));
        }
    }
}

#[test]
fn every_earlier_tree_is_proved_as_the_rfc_does() {
    for size in [1, 2, 3, 6, 7, 8, 255, 257, 300] {
        let entries = entries(size);
        let (growth, folder) = log(&entries, &[1]);
        let root = growth.root();
        for old in 1..=size {
            let old_root = reference::root(&entries[..old]);
            let tree = (old as u64, &old_root);
            let proof = prove_consistency(&folder, tree, (size as u64, &root)).unwrap();
            assert_eq!(proof.path, reference::consistency(old, &entries), "{old} of {size}");
            assert_eq!(proof.verify(tree, (size as u64, &root)), Ok(()));
        }
    }
}

#[test]
fn a_log_goes_on_from_its_files_and_from_no_others() {
    for size in SIZES {
        let entries = entries(size);
        let (growth, folder) = log(&entries, &[100]);
        let resumed = Growth::resume(size as u64, &growth.root(), &folder).unwrap();
        assert_eq!(resumed, growth);
        let other_root = [7; 32];
        assert_eq!(
            Growth::resume(size as u64, &other_root, &folder),
            Err(EdgeError::OtherRoot { size: size as u64 })
        );
    }
}

#[test]
fn what_is_not_in_the_tree_is_not_proved() {
    let entries = entries(300);
    let (growth, folder) = log(&entries, &[300]);
    let root = growth.root();
    let leaf = leaves(&entries)[5];
    let beyond = prove_inclusion(&folder, 300, &leaf, 300, &root);
    assert_eq!(beyond, Err(ProveError::OutOfRange { asked: 300, size: 300 }));
    let elsewhere = prove_inclusion(&folder, 6, &leaf, 300, &root);
    assert_eq!(elsewhere, Err(ProveError::Forged(ProofError::OtherRoot)));
    let later = prove_consistency(&folder, (301, &root), (300, &root));
    assert_eq!(later, Err(ProveError::OutOfRange { asked: 301, size: 300 }));
    let forked = prove_consistency(&folder, (200, &[1; 32]), (300, &root));
    assert_eq!(forked, Err(ProveError::Forged(ProofError::OtherRoot)));
}

#[test]
fn of_the_empty_tree_every_tree_goes_on_and_only_without_a_proof() {
    let root = reference::root(&entries(5));
    let nothing = ConsistencyProof::default();
    assert_eq!(nothing.verify((0, &jushin_log::EMPTY_ROOT), (5, &root)), Ok(()));
    assert_eq!(nothing.verify((0, &root), (5, &root)), Err(ProofError::OtherRoot));
    let something = ConsistencyProof { path: vec![root] };
    assert_eq!(something.verify((0, &jushin_log::EMPTY_ROOT), (5, &root)), Err(ProofError::Length(1)));
}

#[test]
fn a_proof_for_another_place_or_with_another_number_of_hashes_is_refused_by_its_reason() {
    let entries = entries(5);
    let (growth, folder) = log(&entries, &[5]);
    let (root, leaf) = (growth.root(), leaves(&entries)[2]);
    let good = prove_inclusion(&folder, 2, &leaf, 5, &root).unwrap();
    let with = |index, path: &[Hash]| InclusionProof { index, path: path.to_vec() }.verify(&leaf, 5, &root);
    assert_eq!(with(5, &good.path), Err(ProofError::OutOfRange { asked: 5, size: 5 }));
    assert_eq!(with(2, &good.path[..2]), Err(ProofError::Length(2)));

    let old_root = reference::root(&entries[..3]);
    let good = prove_consistency(&folder, (3, &old_root), (5, &root)).unwrap().path;
    let with = |old, size, path: &[Hash]| {
        ConsistencyProof { path: path.to_vec() }.verify((old, &old_root), (size, &root))
    };
    assert_eq!(with(3, 5, &good), Ok(()));
    assert_eq!(with(6, 5, &good), Err(ProofError::OutOfRange { asked: 6, size: 5 }));
    assert_eq!(with(3, 5, &[]), Err(ProofError::Length(0)));
    let shorter = &good[..good.len() - 1];
    assert_eq!(with(3, 5, shorter), Err(ProofError::Length(shorter.len())));
    let longer = [&good[..], &[root]].concat();
    assert_eq!(with(3, 5, &longer), Err(ProofError::Length(longer.len())));
}

#[test]
fn a_root_is_no_entry_of_its_tree_and_no_earlier_tree() {
    let root = reference::root(&entries(4));
    let alone = InclusionProof { index: 0, path: Vec::new() };
    assert_eq!(alone.verify(&root, 4, &root), Err(ProofError::Length(0)));
    let nothing = ConsistencyProof::default();
    assert_eq!(nothing.verify((4, &root), (8, &root)), Err(ProofError::Length(0)));
}

#[test]
fn a_batch_of_nothing_writes_nothing() {
    let (mut growth, _) = log(&entries(300), &[300]);
    assert!(growth.append(&[]).tiles.is_empty());
}

#[test]
fn a_tile_has_as_many_hashes_as_its_width_says() {
    let tile = Tile { level: 0, index: 0, width: 2 };
    let of = |length: usize| tile.hashes(&vec![7; length]).map(|hashes| hashes.len());
    assert_eq!((of(64), of(32), of(96), of(65)), (Some(2), None, None, None));
}

proptest! {
    #[test]
    fn a_changed_proof_does_not_hold(
        size in 2_usize..700, index in 0_usize..700, place in 0_usize..12, bit in 0_u8..8, byte in 0_usize..32
    ) {
        let index = index % size;
        let entries = entries(size);
        let (growth, folder) = log(&entries, &[64]);
        let (root, leaf) = (growth.root(), leaves(&entries)[index]);
        let good = prove_inclusion(&folder, index as u64, &leaf, size as u64, &root).unwrap();
        let holds = |proof: &InclusionProof| proof.verify(&leaf, size as u64, &root).is_ok();

        let mut flipped = good.clone();
        let place = place % flipped.path.len();
        flipped.path[place][byte] ^= 1 << bit;
        prop_assert!(!holds(&flipped));
        let mut shorter = good.clone();
        shorter.path.remove(place);
        prop_assert!(!holds(&shorter));
        let mut longer = good.clone();
        longer.path.insert(place, good.path[place]);
        prop_assert!(!holds(&longer));
        for other in [index + 1, index ^ 1, index + size] {
            let moved = InclusionProof { index: other as u64, ..good.clone() };
            prop_assert!(other == index || !holds(&moved));
        }
    }

    #[test]
    fn a_changed_history_is_not_consistent(size in 2_usize..600, old in 1_usize..600, changed in 0_usize..600) {
        let old = 1 + old % (size - 1);
        let entries = entries(size);
        let (growth, folder) = log(&entries, &[50]);
        let mut forged = entries[..old].to_vec();
        forged[changed % old].push(b'!');
        let old_root = reference::root(&forged);
        let proof = prove_consistency(&folder, (old as u64, &old_root), (size as u64, &growth.root()));
        prop_assert_eq!(proof, Err(ProveError::Forged(ProofError::OtherRoot)));
    }
}
