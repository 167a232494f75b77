//! Records of a TPM: what it attests, and what its host claims.

use crate::support::tpm::Attestation;
use crate::support::{Desk, Edit, Form, assert_first, first, world};
use jushin_evidence::Reason;
use jushin_pki::Suite;
use jushin_statement::{Anchor, Class, Evidence, Hash, Object, Signed, Status, TpmRecord};

fn attested(attestation: &dyn Fn(&mut Attestation)) -> Desk {
    let mut desk = Desk::unlocked(Form::Tpm);
    desk.visit_with(&Edit { attestation, ..Edit::default() });
    desk
}

#[test]
fn n7_14_a_tpm_never_proves_more_than_a_date() {
    let found = first(&Desk::complete(Form::Tpm).bundle());
    assert_eq!((found.status, found.class), (Status::Valid, Class::Date));
    assert_eq!(found.reasons, [Reason::Policy]);
}

#[test]
fn n2_17_an_attestation_that_does_not_fit_the_record_is_refused() {
    let refused = |what, attestation: &dyn Fn(&mut Attestation)| {
        let found = first(&attested(attestation).bundle());
        assert_eq!((found.status, &found.reasons[..]), (Status::Invalid, &[Reason::Commit][..]), "{what}");
    };
    refused("magic", &|attestation| attestation.magic ^= 1);
    refused("type of the first", &|attestation| attestation.kinds.0 = 0x801c);
    refused("type of the second", &|attestation| attestation.kinds.1 = 0x8018);
    refused("Name", &|attestation| attestation.name[5] ^= 1);
    refused("value", &|attestation| attestation.value += 1);
    refused("attest-nv of another record", &|attestation| attestation.of_other = true);
    refused("attest-time of another attest-nv", &|attestation| attestation.over_other = true);
    refused("a count above the TPM's time", &|attestation| attestation.time = 0);
}

#[test]
fn n2_17_each_attestation_needs_its_own_signature() {
    let refused = |what, change: &dyn Fn(&mut TpmRecord)| {
        let mut desk = Desk::unlocked(Form::Tpm);
        let evidence = |evidence: &mut Evidence| {
            let mut record = TpmRecord::decode(evidence.commit.as_bytes()).unwrap();
            change(&mut record);
            evidence.commit = Signed(record.encode().into());
        };
        desk.visit_with(&Edit { evidence: &evidence, ..Edit::default() });
        let found = first(&desk.bundle());
        assert_eq!((found.status, &found.reasons[..]), (Status::Invalid, &[Reason::Commit][..]), "{what}");
    };
    refused("NV_Certify", &|record| record.counter_signature[63] ^= 1);
    refused("GetTime", &|record| record.time_signature[63] ^= 1);
    refused("the other's", &|record| record.time_signature = record.counter_signature);
    refused("a byte after NV_Certify", &|record| record.counter_attest.0.push(0));
}

/// Changes both attestations of a record and signs them again, so that only their contents are wrong.
fn attested_again(signed: &Signed, counter: &dyn Fn(&mut Vec<u8>), time: &dyn Fn(&mut Vec<u8>)) -> Signed {
    let sign = |bytes: &[u8]| world().device.sign(Suite::P256Sha256Cose, bytes).unwrap().try_into().unwrap();
    let mut record = TpmRecord::decode(signed.as_bytes()).unwrap();
    let before = Hash::of(&record.counter_attest).0;
    counter(&mut record.counter_attest.0);
    let at = record.time_attest.windows(32).position(|window| window == before).unwrap();
    record.time_attest.0[at..at + 32].copy_from_slice(&Hash::of(&record.counter_attest).0);
    time(&mut record.time_attest.0);
    record.counter_signature = sign(&record.counter_attest);
    record.time_signature = sign(&record.time_attest);
    Signed(record.encode().into())
}

#[test]
fn n2_17_an_attestation_that_is_signed_and_has_one_wrong_byte_is_refused() {
    type Change = fn(&mut Vec<u8>);
    const NONE: Change = |_| {};
    // magic 4, type 2, signer 2 + 16, extraData 2 + 32, clock 8, both counts 8, then "safe".
    const SAFE: usize = 74;
    let found = |counter: Change, time: Change| {
        let mut desk = Desk::unlocked(Form::Tpm);
        let evidence =
            |evidence: &mut Evidence| evidence.commit = attested_again(&evidence.commit, &counter, &time);
        desk.visit_with(&Edit { evidence: &evidence, ..Edit::default() });
        first(&desk.bundle())
    };
    assert_eq!(found(NONE, NONE).status, Status::Valid);
    let refused: [(&str, Change, Change); 6] = [
        (
            "offset of NV_Certify",
            |bytes| {
                let at = bytes.len() - 11;
                bytes[at] = 1;
            },
            NONE,
        ),
        ("a byte after NV_Certify", |bytes| bytes.push(0), NONE),
        ("a byte after GetTime", NONE, |bytes| bytes.push(0)),
        ("safe of NV_Certify", |bytes| bytes[SAFE] = 2, NONE),
        ("safe of GetTime", NONE, |bytes| bytes[SAFE] = 2),
        ("safe of GetTime's own clock", NONE, |bytes| bytes[SAFE + 33] = 2),
    ];
    for (what, counter, time) in refused {
        let found = found(counter, time);
        assert_eq!((found.status, &found.reasons[..]), (Status::Invalid, &[Reason::Commit][..]), "{what}");
    }
}

#[test]
fn n2_17_a_bracket_over_two_boots_of_the_tpm_is_no_anchor() {
    let mut desk = Desk::unlocked(Form::Tpm);
    desk.visit();
    let Anchor::Online { stamp2, .. } = &mut desk.anchors[0].0 else { panic!("online") };
    // GetTime's own clock: time 8, clock 8, then resetCount.
    *stamp2 = attested_again(stamp2, &|_| {}, &|bytes| bytes[83 + 8 + 8 + 3] = 9);
    assert!(first(&desk.bundle()).reasons.contains(&Reason::OnlineAnchor));
}

#[test]
fn n2_17_boot_counts_that_do_not_fit_the_cycle_are_a_conflict() {
    let found = first(&attested(&|attestation| attestation.boots = (9, 0)).bundle());
    assert_eq!(found.status, Status::Conflict);
    assert!(found.reasons.contains(&Reason::Clock));
}

#[test]
fn two_cycles_with_one_boot_count_are_a_conflict() {
    let mut desk = Desk::unlocked(Form::Tpm);
    desk.visit();
    desk.power_on();
    desk.unlock();
    desk.visit_with(&Edit { attestation: &|attestation| attestation.boots = (1, 0), ..Edit::default() });
    assert_eq!(first(&desk.bundle()).status, Status::Conflict);
}

#[test]
fn n2_18_a_presence_that_does_not_hold_the_record_before_is_refused() {
    let mut desk = Desk::unlocked(Form::Tpm);
    desk.visit_with(&Edit {
        presence: &|presence| presence.nonce = Hash::of(b"made up").first16(),
        ..Edit::default()
    });
    assert_first(&desk.bundle(), Status::Invalid, &[Reason::Presence]);
}

#[test]
fn without_the_record_before_only_the_named_unlock_bounds_from_below() {
    let mut desk = Desk::unlocked(Form::Tpm);
    desk.wait(3_600_000);
    desk.power_on();
    desk.unlock();
    desk.wait(600_000);
    desk.visit();
    desk.wait(60_000);
    desk.visit();
    desk.close();
    let with = crate::support::report(&desk.bundle()).visits.remove(1);
    let mut without = desk.bundle();
    let jushin_statement::Visits::Full(visits) = &mut without.visits else { panic!("full") };
    visits.remove(0);
    let alone = first(&without);
    assert_eq!(alone.status, Status::Valid, "{:?}", alone.checks);
    assert!(alone.window.earliest() < with.window.earliest());
    assert!(alone.window.earliest().is_some());
}

#[test]
fn the_attested_time_counts_and_not_the_hosts_count() {
    let mut desk = Desk::unlocked(Form::Tpm);
    desk.wait(60_000);
    let claimed = |count| {
        let mut desk = desk.clone();
        desk.visit_with(&Edit {
            presence: &|presence| presence.ticks.count = count,
            commit: &|commit| commit.ticks.count = count,
            ..Edit::default()
        });
        first(&desk.bundle())
    };
    let (early, usual) = (claimed(50_000), claimed(60_400));
    assert_eq!(early.window, usual.window, "the host's counts move no bound");
}

#[test]
fn a_record_in_the_other_form_is_refused() {
    let mut desk = Desk::unlocked(Form::Tpm);
    desk.form = Form::Applet;
    desk.visit();
    assert_first(&desk.bundle(), Status::Invalid, &[Reason::Presence, Reason::Commit]);
    let mut desk = Desk::unlocked(Form::Applet);
    desk.form = Form::Tpm;
    desk.visit();
    assert_first(&desk.bundle(), Status::Invalid, &[Reason::Commit]);
}
