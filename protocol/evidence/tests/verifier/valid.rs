//! What holds: complete bundles of every kind of element and card.

use crate::support::{Card, Desk, Edit, Form, assert_first, first, report};
use jushin_evidence::{AnchorKind, Authentication, Check, CheckOutcome, Reason};
use jushin_statement::{AuthenticationForm, Class, Object, Status, UnixMillis, Visits};

#[test]
fn a_complete_bundle_is_valid_and_all_twelve_checks_pass() {
    let appraisal = first(&Desk::complete(Form::Demo).bundle());
    assert_eq!((appraisal.status, appraisal.class), (Status::Valid, Class::Tight), "{:?}", appraisal);
    assert!(appraisal.checks.all_passed() && appraisal.reasons.is_empty());
    assert!(appraisal.simulated);
    assert_eq!(appraisal.authentication, Authentication::Fits);
    assert!(appraisal.anchors.iter().any(|anchor| anchor.kind == AnchorKind::Online && anchor.named));
}

#[test]
fn the_true_time_lies_in_the_window() {
    let mut desk = Desk::unlocked(Form::Applet);
    desk.wait(3_600_000);
    let before = desk.now;
    desk.visit();
    let after = desk.now;
    desk.close();
    let window = first(&desk.bundle()).window;
    let (UnixMillis(lo), UnixMillis(hi)) = (window.earliest().unwrap(), window.latest().unwrap());
    assert!(i64::try_from(lo).unwrap() <= before && after <= i64::try_from(hi).unwrap());
    assert!(hi - lo < 6_000, "{} ms", hi - lo);
}

#[test]
fn every_kind_of_element_is_valid_with_its_own_class() {
    for (form, class, simulated) in [
        (Form::Demo, Class::Tight, true),
        (Form::Applet, Class::Tight, false),
        (Form::DateStamp, Class::Tight, false),
    ] {
        let appraisal = first(&Desk::complete(form).bundle());
        assert_eq!(
            (appraisal.status, appraisal.class),
            (Status::Valid, class),
            "{form:?} {:?}",
            appraisal.checks
        );
        assert_eq!(appraisal.simulated, simulated);
    }
}

#[test]
fn every_card_is_valid_in_every_form_of_authentication() {
    for card in [Card::Rsa, Card::Pss, Card::P384] {
        for form in [
            AuthenticationForm::OpensState,
            AuthenticationForm::CoversDigest,
            AuthenticationForm::CardBindsInstitution,
        ] {
            let mut desk = Desk::unlocked(Form::Demo);
            desk.visit_with(&Edit { card, presence: &|presence| presence.form = form, ..Edit::default() });
            desk.close();
            assert_first(&desk.bundle(), Status::Valid, &[]);
        }
    }
}

#[test]
fn a_time_stamp_visit_without_a_close_is_bounded_by_its_own_clock() {
    let mut desk = Desk::unlocked(Form::Demo);
    desk.visit();
    assert_first(&desk.bundle(), Status::Valid, &[]);
}

#[test]
fn n7_4_a_date_stamp_visit_without_a_close_is_open_ended() {
    let mut desk = Desk::unlocked(Form::DateStamp);
    desk.visit();
    assert_first(&desk.bundle(), Status::OpenEnded, &[]);
    let open = first(&desk.bundle());
    assert_eq!((open.class, open.window.latest()), (Class::OrderOnly, None));
    desk.close();
    assert_first(&desk.bundle(), Status::Valid, &[]);
}

#[test]
fn an_offline_unlock_is_valid_between_two_online_ones() {
    let mut desk = Desk::unlocked(Form::Demo);
    desk.wait(3_600_000);
    desk.power_on();
    desk.unlock_offline();
    desk.wait(600_000);
    desk.visit();
    desk.wait(3_600_000);
    desk.close();
    let appraisal = first(&desk.bundle());
    assert_eq!(
        (appraisal.status, &appraisal.reasons[..]),
        (Status::Valid, &[][..]),
        "{:?}",
        appraisal.checks
    );
    assert_eq!(appraisal.class, Class::Date);
    assert!(appraisal.anchors.iter().any(|anchor| anchor.kind == AnchorKind::Offline && anchor.named));
}

#[test]
fn a_verdict_says_what_the_appraisal_says() {
    let appraisal = first(&Desk::complete(Form::Tpm).bundle());
    let verdict = appraisal.to_verdict(UnixMillis(9));
    assert_eq!(verdict.evid, appraisal.commit.as_ref().unwrap().hash());
    assert_eq!((verdict.class, &verdict.reasons[..]), (Class::Date, &[15][..]));
    assert_eq!((verdict.lo, verdict.hi), (appraisal.window.earliest(), appraisal.window.latest()));
    assert_eq!(jushin_statement::Verdict::decode(&verdict.encode()), Ok(verdict));
}

#[test]
fn the_element_is_described_from_its_certificate() {
    let appraisal = first(&Desk::complete(Form::Demo).bundle());
    let (element, binding) = (appraisal.element.unwrap(), appraisal.binding.unwrap());
    assert_eq!(element.tick.rho_ppm, 100);
    assert_eq!((binding.seq, Some(binding.institution)), (1, appraisal.institution()));
}

#[test]
fn a_bundle_of_many_visits_reports_each_in_order() {
    let mut desk = Desk::unlocked(Form::Demo);
    for _ in 0..5 {
        desk.wait(30_000);
        desk.visit();
    }
    desk.close();
    let report = report(&desk.bundle());
    let counters: Vec<_> = report.visits.iter().map(|visit| visit.counter().unwrap()).collect();
    assert!(counters.is_sorted() && counters.len() == 5);
    assert!(report.visits.iter().all(|visit| visit.status == Status::Valid));
    assert_eq!(report.worst(), Some(Status::Valid));
}

#[test]
fn the_worst_of_a_bundle_is_the_same_in_every_order() {
    let mut desk = Desk::complete(Form::DateStamp);
    desk.wait(60_000);
    desk.visit();
    let mut bundle = desk.bundle();
    assert_eq!(report(&bundle).worst(), Some(Status::OpenEnded));
    let Visits::Full(visits) = &mut bundle.visits else { panic!("a full bundle") };
    visits.reverse();
    assert_eq!(report(&bundle).worst(), Some(Status::OpenEnded));
}

#[test]
fn an_institution_that_authenticated_with_another_key_shows_in_the_audit_only() {
    let mut desk = Desk::unlocked(Form::Demo);
    desk.visit_with(&Edit {
        evidence: &|evidence| evidence.authentication = vec![0; 256].into(),
        ..Edit::default()
    });
    desk.close();
    let appraisal = first(&desk.bundle());
    assert_eq!(appraisal.status, Status::Valid);
    assert_eq!(appraisal.authentication, Authentication::DoesNotFit);
    assert_eq!(appraisal.checks.outcome(Check::Card), CheckOutcome::Passed);
    assert!(!appraisal.reasons.contains(&Reason::CardSignature));
}
