//! Proofs of transparency logs beside the verdict.

use std::sync::LazyLock;

use jushin_crypto::{AwsLc, NoteKey};
use jushin_evidence::{Logged, Policy, Report, logged};
use jushin_log::{
    Checkpoint, Growth, Hash, KeyName, LoggedProof, Opening, SigningKey as _, Tile, Tiles, VerifierKey,
    commitment, cosign, leaf_hash, prove_inclusion,
};
use jushin_statement::Bundle;

use crate::support::{Desk, Form, report};

const OPENING: Opening = Opening([7; 32]);
/// The place of the visit among 11 entries.
const INDEX: u64 = 9;

struct Files(Vec<(Tile, Vec<u8>)>);

impl Tiles for Files {
    fn tile(&self, tile: Tile) -> Option<Vec<u8>> {
        self.0.iter().find(|(made, _)| *made == tile).map(|(_, bytes)| bytes.clone())
    }
}

fn name(text: &str) -> KeyName {
    KeyName::new(text).unwrap()
}

fn key(seed: u8) -> NoteKey {
    NoteKey::from_seed(&[seed; 32]).unwrap()
}

fn policy() -> Policy {
    let log = VerifierKey::of_log(name("log.example"), key(1).public());
    let witness = VerifierKey::of_witness(name("witness.example"), key(2).public());
    Policy { log_keys: vec![log.to_text(), witness.to_text()], ..Policy::default() }
}

/// The proof that an entry for `evid` is in a log of eleven.
fn proof(evid: &Hash) -> LoggedProof {
    let entry = leaf_hash(&commitment(&OPENING, evid));
    let leaves: Vec<Hash> =
        (0..11).map(|index| if index == INDEX { entry } else { leaf_hash(&index.to_be_bytes()) }).collect();
    let mut growth = Growth::empty();
    let files = Files(growth.append(&leaves).tiles);
    let (size, root) = (growth.size(), growth.root());
    let checkpoint = Checkpoint { origin: name("log.example"), size, root };
    let line = cosign(&checkpoint.text(), 1_775_000_000, &name("witness.example"), &key(2));
    let inclusion = prove_inclusion(&files, INDEX, &entry, size, &root).unwrap();
    let checkpoint = checkpoint.sign(&key(1)) + &line;
    LoggedProof { extra: Some(OPENING.to_extra(evid)), inclusion, checkpoint }
}

fn with(proofs: &[LoggedProof]) -> (Bundle, Report) {
    // The elements' signatures are random, so one bundle serves all.
    static HONEST: LazyLock<Bundle> = LazyLock::new(|| Desk::complete(Form::Demo).bundle());
    let mut bundle = HONEST.clone();
    bundle.proofs = proofs.iter().map(|proof| proof.to_text().into_bytes().into()).collect();
    let report = report(&bundle);
    (bundle, report)
}

fn evid() -> Hash {
    with(&[]).1.visits[0].evid.0
}

fn answer(proofs: &[LoggedProof], policy: &Policy) -> Logged {
    let (bundle, report) = with(proofs);
    logged(&bundle, &report, policy, &AwsLc).remove(0)
}

#[test]
fn a_visit_in_the_log_is_proven_with_its_place_and_who_cosigned() {
    let Logged::Proven(place) = answer(&[proof(&evid())], &policy()) else { panic!("not proven") };
    assert_eq!((place.origin.as_str(), place.index, place.size), ("log.example", INDEX, 11));
    assert_eq!(place.cosigned.get("witness.example"), Some(&1_775_000_000));
}

#[test]
fn without_a_proof_or_without_the_logs_key_nothing_is_said() {
    assert_eq!(answer(&[], &policy()), Logged::None);
    assert_eq!(answer(&[proof(&evid())], &Policy::default()), Logged::Unchecked);
    let other = Policy { log_keys: vec!["no key".to_owned()], ..Policy::default() };
    assert_eq!(answer(&[proof(&evid())], &other), Logged::Unchecked);
}

#[test]
fn the_proof_of_another_visit_another_opening_and_another_root_are_broken_and_the_status_stays() {
    let honest = proof(&evid());
    let mut other_index = honest.clone();
    other_index.inclusion.index = 8;
    let mut other_opening = honest.clone();
    other_opening.extra = Some(Opening([8; 32]).to_extra(&evid()));
    let mut other_visit = honest.clone();
    other_visit.extra = Some(OPENING.to_extra(&[9; 32]));
    let mut no_opening = honest.clone();
    no_opening.extra = None;
    let mut other_size = honest.clone();
    other_size.checkpoint = honest.checkpoint.replacen("\n11\n", "\n12\n", 1);
    let unsigned = "the log did not sign the checkpoint";
    let no_way = "no proof leads from this visit to the signed root";
    for (forged, why) in [
        (proof(&[9; 32]), no_way),
        (other_index, no_way),
        (other_opening, no_way),
        (other_visit, no_way),
        (no_opening, "the opening is missing"),
        (other_size, unsigned),
    ] {
        assert_eq!(answer(std::slice::from_ref(&forged), &policy()), Logged::Broken(why));
        assert_eq!(with(&[forged]).1.visits, with(&[]).1.visits, "status and reasons do not change");
    }
}

#[test]
fn a_broken_proof_beside_a_good_one_takes_nothing_away() {
    let both = [proof(&[9; 32]), proof(&evid())];
    assert!(matches!(answer(&both, &policy()), Logged::Proven(_)));
}
