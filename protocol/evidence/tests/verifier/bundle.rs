//! Whole bundles: order, forks, gaps, exit codes, trust folders.

use crate::support::world::{sign_as_platform, sign_es256};
use crate::support::{Desk, Edit, Form, Trusted as _, assert_first, first, report, report_under, world};
use jushin_crypto::AwsLc;
use jushin_evidence::{
    AtFault, Check, CheckOutcome, Material, Reason, Trust, TrustError, Verifier, exit_code,
};
use jushin_statement::{
    Boot, Bundle, Class, Commit, CommitOutcome, Context, Gap, Hash, Object, Receipt, Signed, Status, Ticks,
    UnixMillis, Visits,
};
use proptest::prelude::*;
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::sync::Arc;

/// Something of everything: two cycles, both kinds of unlock, several visits, a receipt, a close.
fn rich() -> Desk {
    let mut desk = Desk::unlocked(Form::Demo);
    desk.authority = 1;
    desk.unlock();
    desk.wait(60_000);
    desk.visit();
    desk.visit();
    desk.wait(600_000);
    desk.power_on();
    desk.unlock_offline();
    desk.visit();
    desk.wait(600_000);
    desk.unlock();
    desk.visit();
    desk.close();
    desk
}

pub fn receipt(desk: &Desk, gaps: Vec<Gap>) -> Signed {
    let receipt = Receipt {
        element: desk.element,
        lo: 1,
        hi: desk.counter,
        head: desk.previous,
        at: UnixMillis(1),
        gaps,
        items: Vec::new(),
    };
    sign_as_platform(&receipt, &world().receipt)
}

fn shuffle<T>(list: &mut [T], random: &mut ChaCha12Rng) {
    for end in (1..list.len()).rev() {
        let other = usize::try_from(random.next_u64() % (end as u64 + 1)).unwrap();
        list.swap(end, other);
    }
}

#[test]
fn n7_9_permuting_the_inputs_never_changes_a_verdict() {
    let desk = rich();
    let mut bundle = desk.bundle();
    bundle.results.push(receipt(&desk, vec![]));
    bundle.certificates.push(world().other_cv.as_bytes().as_slice().into());
    bundle.certificates.push(world().platform.certificate().der().into());
    let by_evid = |bundle: &Bundle| {
        let mut visits = report(bundle).visits;
        visits.sort_by_key(|visit| visit.evid);
        visits
    };
    let expected = by_evid(&bundle);
    assert!(expected.iter().all(|visit| visit.status == Status::Valid), "{expected:?}");
    for seed in 0..40 {
        let mut random = ChaCha12Rng::seed_from_u64(seed);
        let mut permuted = bundle.clone();
        let Visits::Full(visits) = &mut permuted.visits else { panic!("full") };
        shuffle(visits, &mut random);
        shuffle(&mut permuted.anchors, &mut random);
        shuffle(&mut permuted.records, &mut random);
        shuffle(&mut permuted.certificates, &mut random);
        shuffle(&mut permuted.revocation, &mut random);
        shuffle(&mut permuted.bindings, &mut random);
        shuffle(&mut permuted.results, &mut random);
        assert_eq!(by_evid(&permuted), expected, "seed {seed}");
    }
}

#[test]
fn giving_everything_twice_changes_nothing() {
    let bundle = rich().bundle();
    let mut doubled = bundle.clone();
    doubled.anchors.extend(bundle.anchors.clone());
    doubled.records.extend(bundle.records.clone());
    doubled.certificates.extend(bundle.certificates.clone());
    doubled.bindings.extend(bundle.bindings.clone());
    assert_eq!(report(&doubled).visits, report(&bundle).visits);
}

#[test]
fn one_visit_alone_is_judged_as_among_the_others() {
    let bundle = rich().bundle();
    let Visits::Full(visits) = &bundle.visits else { panic!("full") };
    let verifier = Verifier::new(Arc::new(world().trust()), Arc::new(AwsLc));
    for (visit, expected) in visits.iter().zip(report(&bundle).visits) {
        let alone = verifier.appraise(visit, Material::of_bundle(&bundle));
        assert_eq!(
            (alone.status, alone.window, &alone.reasons),
            (expected.status, expected.window, &expected.reasons)
        );
    }
}

#[test]
fn a_verifier_that_has_seen_something_else_before_says_the_same() {
    let (good, other) = (rich().bundle(), Desk::complete(Form::Tpm).bundle());
    let mut bad = good.clone();
    bad.anchors.remove(0);
    let verifier = Verifier::new(Arc::new(world().trust()), Arc::new(AwsLc));
    for bundle in [&good, &bad, &other, &good, &bad] {
        assert_eq!(verifier.verify(bundle), report(bundle));
    }
}

/// Two visits that the element signed under the same counter values.
fn forked() -> (Desk, Desk) {
    let mut one = Desk::unlocked(Form::Demo);
    let mut two = one.clone();
    one.visit();
    two.wait(1_000);
    two.visit();
    (one, two)
}

#[test]
fn n7_10_a_fork_is_a_conflict_for_both() {
    let (one, two) = forked();
    assert_first(&one.bundle(), Status::Valid, &[]);
    assert_first(&two.bundle(), Status::Valid, &[]);
    let mut both = one;
    both.visits.extend(two.visits);
    for visit in report(&both.bundle()).visits {
        assert_eq!(visit.status, Status::Conflict);
        assert!(visit.reasons.contains(&Reason::Fork));
        assert_eq!((visit.class, visit.window.earliest()), (Class::None, None));
    }
}

#[test]
fn a_next_record_that_names_another_commit_is_a_fork() {
    let mut desk = Desk::unlocked(Form::Demo);
    desk.visit();
    desk.previous = Hash::of(b"another history");
    desk.power_on();
    assert_first(&desk.bundle(), Status::Conflict, &[Reason::Fork]);
}

#[test]
fn an_unlock_that_the_element_never_took_is_no_fork() {
    let mut desk = Desk::unlocked(Form::Demo);
    let mut refused = desk.clone();
    refused.unlock_offline();
    desk.visit();
    desk.anchors.extend(refused.anchors.last().cloned());
    assert_first(&desk.bundle(), Status::Valid, &[]);
}

#[test]
fn absent_neighbours_are_no_reason_and_a_gap_that_the_platform_states_changes_nothing() {
    let mut desk = Desk::unlocked(Form::Demo);
    desk.wait(10_000);
    let (_, lost, _) = desk.step();
    desk.visit();
    assert_first(&desk.bundle(), Status::Valid, &[]);
    let mut bundle = desk.bundle();
    bundle.results.push(receipt(&desk, vec![Gap { from: lost, to: lost }]));
    let found = first(&bundle);
    assert_eq!((found.status, &found.reasons[..]), (Status::Valid, &[Reason::Gap][..]));
    assert_eq!(found.checks.outcome(Check::Chain), CheckOutcome::Failed(Reason::Gap));
    // Signed by somebody else, it is no receipt.
    let other = Receipt::decode(bundle.results[0].parse().unwrap().payload).unwrap();
    bundle.results = vec![sign_as_platform(&other, &world().binding)];
    assert_first(&bundle, Status::Valid, &[]);
}

#[test]
fn a_gap_that_an_abort_or_a_power_cut_explains_is_no_gap() {
    let mut aborted = Desk::unlocked(Form::Demo);
    let (_, lost, _) = aborted.step();
    aborted.previous = Hash::of(b"the presence of an abandoned session");
    let (ticks, counter, previous) = aborted.step();
    let abort = Commit {
        element: aborted.element,
        outcome: CommitOutcome::Aborted,
        presence: Hash::of(b"d"),
        card_signature: None,
        ticks,
        counter,
        previous,
    };
    let record = aborted.sign(&abort);
    aborted.records.push(record);
    let before = aborted.clone();
    aborted.visit();
    let mut bundle = aborted.bundle();
    bundle.results.push(receipt(&aborted, vec![Gap { from: lost, to: lost }]));
    assert_first(&bundle, Status::Valid, &[]);

    // A session that a power cut ended stands in the next boot record.
    let mut cut = before;
    cut.visit();
    let (_, lost, _) = cut.step();
    cut.previous = Hash::of(b"the presence of a session that the power cut ended");
    let (_, counter, previous) = cut.step();
    let ticks = Ticks { cycle: Hash::of(b"new cycle").first16(), count: 0 };
    let boot = Boot { element: cut.element, ticks, counter, pending: Some(lost), previous };
    let record = cut.sign(&boot);
    cut.records.push(record);
    let mut bundle = cut.bundle();
    bundle.results.push(receipt(&cut, vec![Gap { from: lost, to: lost }]));
    assert_first(&bundle, Status::Valid, &[]);
    bundle.records.pop();
    assert_first(&bundle, Status::Valid, &[Reason::Gap]);
}

#[test]
fn n7_18_the_worst_bundle_decides_the_exit_code() {
    assert_eq!(exit_code([Status::Valid, Status::OpenEnded]), 0);
    assert_eq!(exit_code([Status::Valid, Status::Indeterminate]), 2);
    assert_eq!(exit_code([Status::Valid, Status::Indeterminate, Status::Invalid]), 1);
    assert_eq!(exit_code([Status::Indeterminate, Status::Conflict]), 1);
    assert_eq!(exit_code([]), 2, "nothing was shown to be valid");
}

#[test]
fn n7_17_a_file_added_renamed_or_changed_is_another_policy() {
    let files = world().files();
    let id = |files: &[(String, Vec<u8>)]| Trust::from_files(files.iter().cloned()).unwrap().id();
    let usual = id(&files);
    let reversed: Vec<_> = files.iter().rev().cloned().collect();
    assert_eq!(id(&reversed), usual, "the order of the files is none of the policy's");
    let mut added = files.clone();
    added.push(("ca-u-2.pem".into(), files[0].1.clone()));
    let mut renamed = files.clone();
    renamed[0].0 = "ca-u-3.pem".into();
    let mut changed = files.clone();
    changed.last_mut().unwrap().1 = br#"{"class_cap":{"3":3}}"#.to_vec();
    let ids = [usual, id(&added), id(&renamed), id(&changed)];
    for (at, one) in ids.iter().enumerate() {
        assert!(ids.iter().skip(at + 1).all(|two| one != two));
    }
    assert_eq!(first(&Desk::complete(Form::Demo).bundle()).policy, usual);
}

#[test]
fn other_names_and_other_contents_are_refused() {
    let one = |name: &str, bytes: &[u8]| Trust::from_files([(name.to_owned(), bytes.to_vec())]);
    for name in [
        "ca-u.pem",
        "ca-u-.pem",
        "ca-u-1.PEM",
        "notes.txt",
        "policy.json.bak",
        "pf-bind-2.pem",
        "../tsa-1.pem",
        "tsa-a/1.pem",
        "tsa-a\\1.pem",
    ] {
        assert!(matches!(one(name, b""), Err(TrustError::Name { .. })), "{name}");
    }
    let pem = |certificate: &jushin_pki::Certificate| {
        jushin_pki::pem::encode("CERTIFICATE", certificate.der()).into_bytes()
    };
    assert!(matches!(one("ca-u-1.pem", b"no certificate"), Err(TrustError::Contents { .. })));
    assert!(matches!(one("ca-u-1.pem", &pem(&world().card.certificate)), Err(TrustError::Contents { .. })));
    assert!(matches!(
        one("sp-1.pem", &pem(world().platform.certificate())),
        Err(TrustError::Contents { .. })
    ));
    assert!(matches!(one("ca-i-1.bin", &[0; 567]), Err(TrustError::Contents { .. })));
    assert!(matches!(one("policy.json", b"{\"x\":1}"), Err(TrustError::Policy(_))));
    let twice = [("policy.json", b"{}"), ("policy.json", b"{}")];
    assert!(matches!(Trust::from_files(twice), Err(TrustError::Twice { .. })));
}

#[test]
fn an_institution_ca_that_did_not_sign_itself_verifies_nothing() {
    let files = world().files().into_iter().map(|(name, bytes)| match name.as_str() {
        "ca-i-1.bin" => (name, world().cv.as_bytes().to_vec()),
        _ => (name, bytes),
    });
    let trust = Trust::from_files(files).unwrap();
    let visit = report_under(&Desk::complete(Form::Demo).bundle(), &trust).visits.remove(0);
    assert_eq!((visit.status, &visit.reasons[..]), (Status::Invalid, &[Reason::Binding][..]));
}

#[test]
fn more_proof_moves_a_status_only_as_far_as_it_may() {
    let desk = rich();
    let whole = desk.bundle();
    let allowed = |from: Status, to: Status| match (from, to) {
        (one, two) if one == two => true,
        (Status::OpenEnded, Status::Valid) | (Status::Indeterminate, Status::Valid | Status::OpenEnded) => {
            true
        }
        (Status::Indeterminate, Status::Invalid) | (_, Status::Conflict) => true,
        _ => false,
    };
    for anchors in 0..=whole.anchors.len() {
        for revocation in 0..=whole.revocation.len() {
            let mut part = whole.clone();
            part.anchors.truncate(anchors);
            part.revocation.truncate(revocation);
            for (before, after) in report(&part).visits.iter().zip(report(&whole).visits) {
                assert!(allowed(before.status, after.status), "{:?} to {:?}", before.status, after.status);
                assert!(before.window.earliest() <= after.window.earliest(), "a window only shrinks");
            }
        }
    }
}

#[test]
fn every_reason_has_a_number_two_sentences_and_somebody_to_act() {
    assert_eq!(Reason::ALL.len(), 15);
    for (reason, number) in Reason::ALL.iter().zip(1..) {
        assert_eq!((reason.number(), Reason::from_number(number)), (number, Some(*reason)));
        assert_eq!(reason.to_string(), format!("R{number:02}"));
        assert!(reason.english().ends_with('.') && reason.japanese().ends_with('。'));
    }
    assert_eq!(Reason::CardStatusUnknown.at_fault(), AtFault::NobodyYet);
    assert_eq!(Reason::from_number(16), None);
}

#[test]
fn a_statement_opens_only_with_its_key_its_context_and_its_header() {
    use jushin_evidence::{NotSigned, open};
    use jushin_pki::Crypto;
    let desk = Desk::new(Form::Demo);
    let key = |holder: &crate::support::world::Key| AwsLc.public_key(holder.spki()).unwrap();
    let platform = key(&world().binding.key);
    let signed = sign_as_platform(&desk.binding, &world().binding);
    assert_eq!(open::<jushin_statement::Binding>(&signed, platform.as_ref()).unwrap().object, desk.binding);
    let other = key(&world().receipt.key);
    assert_eq!(open::<jushin_statement::Binding>(&signed, other.as_ref()), Err(NotSigned::Signature));
    assert!(matches!(
        open::<jushin_statement::Binding>(&signed, key(&world().card.key).as_ref()),
        Err(NotSigned::Algorithm { .. })
    ));
    let nameless = sign_es256(&desk.binding, &world().binding.key);
    assert_eq!(open::<jushin_statement::Binding>(&nameless, platform.as_ref()), Err(NotSigned::KeyHint));
    assert!(matches!(
        open::<jushin_statement::Receipt>(&signed, platform.as_ref()),
        Err(NotSigned::Signature | NotSigned::Malformed(_))
    ));
    assert_ne!(Context::Binding.as_bytes(), Context::Receipt.as_bytes());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn honest_days_are_valid_and_hold_the_true_time(
        steps in proptest::collection::vec((0_u8..8, 1_i64..3_600_000), 1..14),
        form in prop::sample::select(vec![Form::Demo, Form::Applet, Form::DateStamp, Form::Tpm]),
        drift in -90_i64..90,
    ) {
        let mut desk = Desk::new(form);
        desk.fast_ppm = drift;
        desk.unlock();
        let mut truths = Vec::new();
        for (step, wait) in steps {
            desk.wait(wait);
            match step {
                0 => {
                    desk.power_on();
                    desk.unlock();
                }
                1 => {
                    desk.authority = 1 - desk.authority;
                    desk.unlock();
                }
                2 => desk.close(),
                _ => {
                    let begin = desk.now;
                    desk.visit_with(&Edit::default());
                    truths.push((begin, desk.now));
                }
            }
        }
        desk.wait(1_000);
        desk.close();
        let bundle = desk.bundle();
        for (visit, (begin, end)) in report(&bundle).visits.iter().zip(truths) {
            prop_assert_eq!(visit.status, Status::Valid, "{:?}", visit.checks);
            let (lo, hi) = (visit.window.earliest().unwrap().0, visit.window.latest().unwrap().0);
            prop_assert!(i64::try_from(lo).unwrap() <= end && begin <= i64::try_from(hi).unwrap());
        }
    }
}
