//! Roots and proofs.

use jushin_log::{
    ConsistencyProof, EdgeError, Growth, InclusionProof, ProofError, ProveError, prove_consistency,
    prove_inclusion, tree_root,
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
