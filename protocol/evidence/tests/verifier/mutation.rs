//! Every byte of a bundle, changed: refused, or the same visit as before.

use std::sync::Arc;

use crate::support::world::sign_as_platform;
use crate::support::{Desk, Form, Trusted as _, report, world};
use jushin_crypto::AwsLc;
use jushin_evidence::{Appraisal, Report, Verifier};
use jushin_statement::{Bundle, Object, Verdict};

/// What a valid appraisal must have in common with the one of the unchanged bundle.
fn assert_no_other_content(at: usize, mask: u8, original: &Report, changed: &Report) {
    for visit in changed.visits.iter().filter(|visit| visit.is_valid()) {
        let same = original.visits.iter().find(|one| one.evid == visit.evid);
        let same = same.unwrap_or_else(|| panic!("another visit is valid (byte {at} ^ {mask:#x})"));
        let content = |one: &Appraisal| (one.presence.clone(), one.commit.clone(), one.element, one.redacted);
        assert_eq!(content(visit), content(same), "byte {at} ^ {mask:#x}");
        let unknown = same.window.earliest() < visit.window.earliest();
        assert!(!unknown, "an earlier end grew without proof (byte {at} ^ {mask:#x})");
        let later = match (same.window.latest(), visit.window.latest()) {
            (Some(same), Some(changed)) => changed < same,
            (None, Some(_)) => true,
            _ => false,
        };
        assert!(!later, "a later end shrank without proof (byte {at} ^ {mask:#x})");
        assert!(visit.class <= same.class && visit.simulated == same.simulated);
    }
}

fn change_every_byte(bundle: &Bundle) {
    let bytes = bundle.encode();
    let original = report(bundle);
    assert!(original.visits.iter().all(Appraisal::is_valid));
    let verifier = Verifier::new(Arc::new(world().trust()), Arc::new(AwsLc));
    let mut decoded = 0;
    for at in 0..bytes.len() {
        let mask = 1 << (at % 8);
        let mut changed = bytes.clone();
        changed[at] ^= mask;
        if let Ok(changed) = Bundle::decode(&changed) {
            decoded += 1;
            assert_no_other_content(at, mask, &original, &verifier.verify(&changed));
        }
    }
    assert!(decoded > bytes.len() / 2, "most bytes lie within signed or certified strings");
}

#[test]
fn n7_1_a_changed_byte_never_makes_another_visit_valid() {
    let mut desk = Desk::unlocked(Form::Demo);
    desk.wait(60_000);
    desk.visit();
    desk.close();
    change_every_byte(&desk.bundle());
}

#[test]
fn n7_1_a_changed_byte_of_an_offline_bundle_never_makes_another_visit_valid() {
    let mut desk = Desk::unlocked(Form::DateStamp);
    desk.power_on();
    desk.unlock_offline();
    desk.visit();
    desk.wait(60_000);
    desk.close();
    change_every_byte(&desk.bundle());
}

#[test]
fn n7_1_a_changed_byte_of_a_tpms_bundle_never_makes_another_visit_valid() {
    let mut desk = Desk::unlocked(Form::Tpm);
    desk.visit();
    desk.close();
    change_every_byte(&desk.bundle());
}

#[test]
fn n7_1_a_changed_byte_of_a_redacted_bundle_never_makes_another_visit_valid() {
    let desk = Desk::complete(Form::Demo);
    let verdict: Verdict = report(&desk.bundle()).visits[0].to_verdict(jushin_statement::UnixMillis(1));
    change_every_byte(&desk.redacted(vec![sign_as_platform(&verdict, &world().receipt)]));
}
