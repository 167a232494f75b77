//! The redacted form: what rests on the platform's verdict, and what is recomputed.

use crate::support::world::sign_as_platform;
use crate::support::{Desk, Edit, Form, assert_first, first, report, world};
use jushin_evidence::{Check, CheckOutcome, Reason};
use jushin_statement::{
    BindingState, Class, Commit, CommitOutcome, Hash, Object, Signed, Status, UnixMillis, Verdict,
};

fn verdict_of(desk: &Desk) -> Verdict {
    first(&desk.bundle()).to_verdict(UnixMillis(5))
}

fn signed(verdict: &Verdict) -> Signed {
    sign_as_platform(verdict, &world().receipt)
}

#[test]
fn a_redacted_bundle_with_its_verdict_is_as_valid_as_the_full_one() {
    let desk = Desk::complete(Form::Demo);
    let verdict = verdict_of(&desk);
    let found = first(&desk.redacted(vec![signed(&verdict)]));
    assert_eq!((found.status, found.class, found.simulated), (Status::Valid, Class::Tight, true));
    assert_eq!(found.window, first(&desk.bundle()).window);
    assert!(found.redacted);
    assert_eq!(found.checks.outcome(Check::Card), CheckOutcome::ByVerdict);
    assert_eq!(found.checks.outcome(Check::CardStatus), CheckOutcome::ByVerdict);
    assert_eq!(found.checks.outcome(Check::Commit), CheckOutcome::Passed);
}

#[test]
fn n7_15_with_the_verdict_of_another_visit_or_of_none_nothing_is_decided() {
    let desk = Desk::complete(Form::Demo);
    let other = Verdict { evid: Hash::of(b"another"), ..verdict_of(&desk) };
    for results in [vec![], vec![signed(&other)]] {
        assert_first(&desk.redacted(results), Status::Indeterminate, &[Reason::CardStatusUnknown]);
    }
    let foreign = sign_as_platform(&verdict_of(&desk), &world().binding);
    assert_first(&desk.redacted(vec![foreign]), Status::Indeterminate, &[Reason::CardStatusUnknown]);
}

#[test]
fn the_worse_status_and_the_lower_class_count() {
    let desk = Desk::complete(Form::Demo);
    let usual = verdict_of(&desk);
    for (status, class, reasons) in [
        (Status::Invalid, Class::None, vec![Reason::CardRevoked]),
        (Status::Conflict, Class::None, vec![Reason::Fork]),
        (Status::Indeterminate, Class::Date, vec![Reason::CardStatusUnknown]),
        (Status::OpenEnded, Class::OrderOnly, vec![]),
    ] {
        let numbers = reasons.iter().map(|reason| reason.number()).collect();
        let verdict = Verdict { status, class, reasons: numbers, ..usual.clone() };
        let found = first(&desk.redacted(vec![signed(&verdict)]));
        assert_eq!((found.status, found.class, found.reasons), (status, class, reasons));
    }
}

#[test]
fn a_commit_that_was_given_up_or_is_of_another_presence_is_no_visit_in_this_form_either() {
    let usual = Verdict { lo: None, hi: None, ..verdict_of(&Desk::complete(Form::Demo)) };
    let edits: [&dyn Fn(&mut Commit); 2] =
        [&|commit| (commit.outcome, commit.card_signature) = (CommitOutcome::Aborted, None), &|commit| {
            commit.presence = Hash::of(b"another")
        }];
    for commit in edits {
        let mut desk = Desk::unlocked(Form::Demo);
        desk.visit_with(&Edit { commit, ..Edit::default() });
        desk.close();
        let verdict = Verdict { evid: first(&desk.bundle()).evid, ..usual.clone() };
        let found = first(&desk.redacted(vec![signed(&verdict)]));
        assert_eq!((found.status, &found.reasons[..]), (Status::Invalid, &[Reason::Commit][..]));
    }
}

#[test]
fn what_is_recomputed_can_be_worse_than_the_verdict() {
    let mut desk = Desk::complete(Form::Demo);
    let verdict = signed(&verdict_of(&desk));
    desk.rebind(BindingState::Suspended, Some(1));
    let found = first(&desk.redacted(vec![verdict]));
    assert_eq!(found.status, Status::Invalid);
    assert!(found.reasons.contains(&Reason::Void));
}

#[test]
fn the_window_is_the_intersection() {
    let desk = Desk::complete(Form::Demo);
    let usual = verdict_of(&desk);
    let (lo, hi) = (usual.lo.unwrap().0, usual.hi.unwrap().0);
    let narrower =
        Verdict { lo: Some(UnixMillis(lo + 100)), hi: Some(UnixMillis(hi + 100)), ..usual.clone() };
    let found = first(&desk.redacted(vec![signed(&narrower)]));
    assert_eq!(found.window.earliest(), Some(UnixMillis(lo + 100)));
    assert_eq!(found.window.latest(), Some(UnixMillis(hi)));
    let apart = Verdict { lo: Some(UnixMillis(hi + 1)), hi: Some(UnixMillis(hi + 2)), ..usual };
    assert_first(&desk.redacted(vec![signed(&apart)]), Status::Conflict, &[Reason::Clock]);
}

#[test]
fn the_mark_counts_if_either_carries_it() {
    let desk = Desk::complete(Form::Applet);
    let verdict = Verdict { simulated: true, ..verdict_of(&desk) };
    assert!(first(&desk.redacted(vec![signed(&verdict)])).simulated);
}

#[test]
fn of_several_verdicts_the_newest_counts_whatever_their_order() {
    let desk = Desk::complete(Form::Demo);
    let old = Verdict { status: Status::Indeterminate, reasons: vec![11], ..verdict_of(&desk) };
    let new = Verdict { at: UnixMillis(6), ..verdict_of(&desk) };
    for results in [vec![signed(&old), signed(&new)], vec![signed(&new), signed(&old)]] {
        assert_first(&desk.redacted(results), Status::Valid, &[]);
    }
}

#[test]
fn of_two_verdicts_at_one_time_the_worse_counts_whatever_their_order() {
    let desk = Desk::complete(Form::Demo);
    let good = verdict_of(&desk);
    let bad = Verdict { status: Status::Indeterminate, reasons: vec![11], ..good.clone() };
    for results in [vec![signed(&good), signed(&bad)], vec![signed(&bad), signed(&good)]] {
        assert_first(&desk.redacted(results), Status::Indeterminate, &[Reason::CardStatusUnknown]);
    }
}

#[test]
fn n7_16_nothing_of_a_card_is_in_a_redacted_bundle() {
    let desk = Desk::complete(Form::Demo);
    let bytes = desk.redacted(vec![signed(&verdict_of(&desk))]).encode();
    let visit = &desk.visits[0];
    let card = &world().card.certificate;
    let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    assert!(!holds(&visit.blind) && !holds(card.serial()));
    for secret in [&visit.certificate[..], &visit.card_signature] {
        assert!(
            secret
                .chunks(16)
                .filter(|chunk| chunk.len() == 16)
                .all(|chunk| !holds(chunk) || is_common(chunk))
        );
    }
    assert!(report(&desk.redacted(vec![])).redacted);
}

/// Sixteen bytes that stand in every certificate of the test's authorities.
fn is_common(chunk: &[u8]) -> bool {
    let common = [world().demo_ca.certificate().der(), world().card_ca.certificate().der()];
    common.iter().any(|der| der.windows(chunk.len()).any(|window| window == chunk))
}
