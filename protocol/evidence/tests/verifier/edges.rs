//! Where a rule just holds and just does not.

use jushin_evidence::{Authentication, Check, CheckOutcome, Reason, Trust};
use jushin_pki::Suite;
use jushin_statement::{
    Anchor, AuthenticationForm, Boot, Bundle, Class, Commit, CommitOutcome, Context, Embedded, Evidence, Gap,
    Hash, Object, Presence, Signed, Status, Ticks, to_be_signed,
};

use crate::bundle::receipt;
use crate::support::token::{Stated, token};
use crate::support::world::{MORNING, YEAR};
use crate::support::{Desk, Edit, Form, assert_first, first, report_under, world};

fn closed(edit: &Edit<'_>) -> Desk {
    let mut desk = Desk::unlocked(Form::Demo);
    desk.visit_with(edit);
    desk.close();
    desk
}

#[test]
fn a_window_of_the_policys_width_is_tight_and_one_a_millisecond_wider_is_not() {
    let bundle = closed(&Edit::default()).bundle();
    let width = first(&bundle).window.width_ms().unwrap();
    for (tight_ms, class) in [(width, Class::Tight), (width - 1, Class::Date)] {
        let policy = format!(r#"{{"class_cap":{{"3":4}},"tight_ms":{tight_ms}}}"#).into_bytes();
        let files = world().files().into_iter().map(|(name, bytes)| match name.as_str() {
            "policy.json" => (name, policy.clone()),
            _ => (name, bytes),
        });
        let trust = Trust::from_files(files).unwrap();
        assert_eq!(report_under(&bundle, &trust).visits[0].class, class, "{tight_ms}");
    }
}

#[test]
fn what_a_check_found_is_not_overwritten_by_what_held_after_it() {
    let mut desk = Desk::unlocked(Form::Demo);
    desk.power_on();
    desk.visit();
    let checks = first(&desk.bundle()).checks;
    assert_eq!(checks.outcome(Check::Presence), CheckOutcome::Failed(Reason::Presence));
}

#[test]
fn the_last_second_of_a_certificate_belongs_to_it() {
    let latest = i64::try_from(first(&closed(&Edit::default()).bundle()).window.latest().unwrap().0).unwrap();
    assert_ne!(latest % 1_000, 0, "the window ends within a second");
    for (until, status, reasons) in [
        (latest, Status::Valid, vec![]),
        (latest - 1_000, Status::Indeterminate, vec![Reason::CardStatusUnknown]),
    ] {
        let certificate = Some(world().card_certificate(MORNING - YEAR, until / 1_000 * 1_000));
        let bundle = closed(&Edit { certificate, ..Edit::default() }).bundle();
        assert_first(&bundle, status, &reasons);
    }
}

#[test]
fn a_certificate_that_begins_within_the_window_is_not_decided() {
    let certificate = Some(world().card_certificate(MORNING, MORNING + YEAR));
    let bundle = closed(&Edit { certificate, ..Edit::default() }).bundle();
    assert_first(&bundle, Status::Indeterminate, &[Reason::CardStatusUnknown]);
}

#[test]
fn a_card_that_had_ended_is_refused_even_if_it_was_revoked_only_later() {
    let certificate = world().card_certificate(MORNING - YEAR, MORNING - 60_000);
    let desk = closed(&Edit { certificate: Some(certificate.clone()), ..Edit::default() });
    let mut bundle = desk.bundle();
    bundle.revocation = desk.revocation_at(desk.now + 3_600_000, &[(&certificate, MORNING)]);
    assert_first(&bundle, Status::Invalid, &[Reason::CardRevoked]);
}

#[test]
fn a_gap_that_the_platform_states_where_the_record_is_at_hand_is_none() {
    let mut desk = Desk::unlocked(Form::Demo);
    desk.visit();
    let mut bundle = desk.bundle();
    let before = desk.counter - 2;
    bundle.results.push(receipt(&desk, vec![Gap { from: before, to: before }]));
    assert_first(&bundle, Status::Valid, &[]);
}

/// A visit, and after it a session of which only the end is at hand.
fn ended(outcome: CommitOutcome) -> (Desk, u64) {
    let mut desk = Desk::unlocked(Form::Demo);
    desk.visit();
    let (_, lost, _) = desk.step();
    desk.previous = Hash::of(b"the presence of that session");
    let (ticks, counter, previous) = desk.step();
    let commit = Commit {
        element: desk.element,
        outcome,
        presence: Hash::of(b"d"),
        card_signature: (outcome == CommitOutcome::Signed).then_some(Hash::of(b"s")),
        ticks,
        counter,
        previous,
    };
    let record = desk.sign(&commit);
    desk.records.push(record);
    (desk, lost)
}

fn with_gap(desk: &Desk, lost: u64) -> Bundle {
    let mut bundle = desk.bundle();
    bundle.results.push(receipt(desk, vec![Gap { from: lost, to: lost }]));
    bundle
}

#[test]
fn n6_14_a_session_of_which_only_the_commit_is_at_hand_is_a_gap_unless_power_went_right_after_it() {
    let (mut desk, lost) = ended(CommitOutcome::Signed);
    assert_first(&with_gap(&desk, lost), Status::Valid, &[Reason::Gap]);
    let (_, counter, previous) = desk.step();
    let ticks = Ticks { cycle: Hash::of(b"new cycle").first16(), count: 0 };
    let boot = desk.sign(&Boot { element: desk.element, ticks, counter, pending: None, previous });
    desk.records.push(boot);
    assert_first(&with_gap(&desk, lost), Status::Valid, &[]);
    desk.records.remove(desk.records.len() - 2);
    assert_first(&with_gap(&desk, lost), Status::Valid, &[Reason::Gap]);
}

#[test]
fn a_session_that_was_given_up_right_after_the_visit_is_no_gap() {
    let (desk, lost) = ended(CommitOutcome::Aborted);
    assert_first(&with_gap(&desk, lost), Status::Valid, &[]);
}

#[test]
fn a_record_that_names_none_before_it_makes_no_fork() {
    let mut desk = Desk::unlocked(Form::Demo);
    desk.previous = Hash::ZERO;
    desk.visit();
    assert_first(&desk.bundle(), Status::Valid, &[]);
}

#[test]
fn a_record_that_names_another_element_is_none_of_this_ones() {
    let mut desk = Desk::unlocked(Form::Demo);
    let mut other = desk.clone();
    desk.visit();
    let (_, counter, previous) = other.step();
    let ticks = Ticks { cycle: Hash::of(b"elsewhere").first16(), count: 0 };
    let element = Hash::of(b"another element").first16();
    let record = other.sign(&Boot { element, ticks, counter, pending: None, previous });
    desk.records.push(record);
    assert_first(&desk.bundle(), Status::Valid, &[]);
}

#[test]
fn the_audit_of_form_b_covers_the_digest_that_the_card_signed() {
    for (covers, found) in [(true, Authentication::Fits), (false, Authentication::DoesNotFit)] {
        let desk = closed(&Edit {
            presence: &|presence| presence.form = AuthenticationForm::CoversDigest,
            evidence: &|evidence: &mut Evidence| {
                let presence = Presence::decode(&evidence.presence).unwrap();
                let message = to_be_signed(Context::Presence, evidence.card_alg, None, &evidence.presence);
                let key_id = world().cv.subject_key_id();
                let mut covered =
                    [&b"jushin/1/ea"[..], presence.challenge.as_bytes(), key_id.as_bytes()].concat();
                if covers {
                    covered.extend(Hash::of(&message).0);
                }
                let signature = world().institution_key.sign(Suite::RsaPkcs1Sha256, &covered).unwrap();
                evidence.authentication = signature.into();
            },
            ..Edit::default()
        });
        let appraisal = first(&desk.bundle());
        assert_eq!((appraisal.status, appraisal.authentication), (Status::Valid, found));
    }
}

#[test]
fn in_date_mode_a_count_that_stays_is_a_conflict() {
    let mut desk = Desk::unlocked(Form::DateStamp);
    desk.visit_with(&Edit { presence: &|presence| presence.ticks.count -= 1, ..Edit::default() });
    desk.close();
    assert_first(&desk.bundle(), Status::Conflict, &[Reason::Clock]);
}

#[test]
fn n4_2_a_cycle_whose_boot_comes_after_its_records_is_a_conflict() {
    let mut desk = Desk::unlocked(Form::Demo);
    desk.records.clear();
    desk.visit();
    let (ticks, counter, previous) = desk.step();
    let boot = desk.sign(&Boot { element: desk.element, ticks, counter, pending: None, previous });
    assert_first(&desk.bundle(), Status::Valid, &[]);
    desk.records.push(boot);
    assert_first(&desk.bundle(), Status::Conflict, &[Reason::Clock]);
}

#[test]
fn a_bracket_of_which_only_the_activation_is_missing_bounds_nothing() {
    let mut desk = Desk::unlocked(Form::DateStamp);
    desk.visit();
    desk.wait(60_000);
    desk.unlock();
    assert_first(&desk.bundle(), Status::Valid, &[]);
    let Some(Embedded(Anchor::Online { activation, .. })) = desk.anchors.last_mut() else { panic!("online") };
    *activation = Signed(Vec::new().into());
    assert_first(&desk.bundle(), Status::OpenEnded, &[]);
}

#[test]
fn a_token_over_another_record_than_a_close_closes_nothing() {
    let mut desk = Desk::unlocked(Form::DateStamp);
    desk.visit();
    desk.wait(60_000);
    desk.power_on();
    let close = desk.records.last().unwrap().clone();
    let token = token(&close, Stated::at(desk.now + 300), &world().time_stamper[0]).into();
    desk.anchors.push(Embedded(Anchor::Close { close, token }));
    assert_first(&desk.bundle(), Status::OpenEnded, &[]);
}

#[test]
fn an_administrators_unlock_for_another_element_counts_as_absent() {
    let mut desk = Desk::new(Form::Demo);
    desk.unlock();
    desk.power_on();
    let other = Hash::of(b"another element").first16();
    let administrator = &world().administrator;
    desk.unlock_offline_with(administrator, Context::AdminActivate, &|admin| admin.element = other);
    desk.visit();
    desk.close();
    assert_first(&desk.bundle(), Status::Indeterminate, &[Reason::OnlineAnchor]);
}

#[test]
fn an_administrators_unlock_that_a_presence_names_is_a_record_of_the_chain() {
    let mut desk = Desk::unlocked(Form::Demo);
    desk.power_on();
    desk.unlock_offline();
    let unlock = desk.counter;
    desk.visit();
    desk.wait(60_000);
    desk.close();
    assert_first(&with_gap(&desk, unlock), Status::Valid, &[]);
}

#[test]
fn n4_1_a_count_below_the_one_of_the_administrators_unlock_is_a_conflict() {
    let mut desk = Desk::unlocked(Form::Demo);
    desk.power_on();
    let administrator = &world().administrator;
    desk.unlock_offline_with(administrator, Context::AdminActivate, &|admin| admin.ticks.count += 30_000);
    desk.visit();
    desk.close();
    assert_first(&desk.bundle(), Status::Conflict, &[Reason::Clock]);
}

#[test]
fn what_another_elements_receipt_calls_missing_is_no_gap() {
    let (desk, lost) = ended(CommitOutcome::Signed);
    let mut other = desk.clone();
    other.element = Hash::of(b"another element").first16();
    let mut bundle = desk.bundle();
    bundle.results.push(receipt(&other, vec![Gap { from: lost, to: lost }]));
    assert_first(&bundle, Status::Valid, &[]);
}

#[test]
fn n4_4_two_anchors_that_contradict_each_other_are_a_conflict_for_a_visit_that_both_allow() {
    let day = |off| {
        let mut desk = Desk::unlocked(Form::Demo);
        (desk.authority, desk.off[1]) = (1, off);
        desk.wait(60_000);
        desk.unlock();
        desk.wait(36_000_000);
        desk.visit();
        desk.bundle()
    };
    assert_first(&day(0), Status::Valid, &[]);
    // Five seconds in a minute; ten hours later the clock's bound allows as much.
    assert_first(&day(5_000), Status::Conflict, &[Reason::Clock]);
}
