//! Negative tests of V2 and V3: element, void counters, binding, CV certificate.

use crate::support::world::{MORNING, OTHER_INSTITUTION, World, extension, millisecond_clock};
use crate::support::{Desk, Edit, Form, Trusted as _, assert_first, first, report, report_under, world};
use jushin_evidence::{Check, CheckOutcome, Reason};
use jushin_statement::{
    BindingState, Class, ElementKind, Hash, Id16, InstitutionCode, Object, Status, UnixMillis, Visits,
};

/// One visit every minute; gives the counters of their beginnings.
fn several(desk: &mut Desk, visits: usize) -> Vec<u64> {
    (0..visits)
        .map(|_| {
            desk.wait(60_000);
            desk.visit();
            desk.counter - 1
        })
        .collect()
}

#[test]
fn n1_10_what_a_stolen_element_writes_is_void_from_from_mc_until_the_recovery() {
    let mut desk = Desk::unlocked(Form::Demo);
    let counters = several(&mut desk, 4);
    desk.close();
    desk.rebind(BindingState::Suspended, Some(counters[1]));
    desk.rebind(BindingState::InUse, Some(counters[3]));
    let bundle = desk.bundle();
    let visits = report(&bundle).visits;
    let found: Vec<_> = visits.iter().map(|visit| (visit.status, visit.reasons.clone())).collect();
    assert_eq!(found[0], (Status::Valid, vec![]), "from-mc − 1 stands");
    assert_eq!(found[1], (Status::Invalid, vec![Reason::Void]), "from-mc");
    assert_eq!(found[2], (Status::Invalid, vec![Reason::Void]));
    assert_eq!(found[3], (Status::Valid, vec![]), "the recovery's from-mc");
}

#[test]
fn an_unlock_that_is_void_counts_as_absent() {
    let mut desk = Desk::new(Form::Demo);
    let first_void = desk.counter + 1;
    desk.unlock();
    desk.visit();
    desk.close();
    desk.rebind(BindingState::Suspended, Some(first_void));
    assert_first(&desk.bundle(), Status::Invalid, &[Reason::Void, Reason::OnlineAnchor]);
}

#[test]
fn an_administrators_unlock_that_is_void_counts_as_absent_after_the_recovery_too() {
    let mut desk = Desk::new(Form::Demo);
    let first_void = desk.counter + 1;
    desk.unlock_offline();
    let recovered = desk.counter + 1;
    desk.visit();
    desk.rebind(BindingState::Suspended, Some(first_void));
    desk.rebind(BindingState::InUse, Some(recovered));
    assert_first(&desk.bundle(), Status::Indeterminate, &[Reason::OnlineAnchor]);
}

#[test]
fn n1_13_an_element_that_is_not_marked_under_a_marked_ca_is_refused() {
    let mut desk = Desk::complete(Form::Demo);
    let unmarked = extension(ElementKind::Software, millisecond_clock(100), false);
    desk.certificate = world().element_certificate(&world().demo_ca, &desk.device, &unmarked);
    assert_first(&desk.bundle(), Status::Invalid, &[Reason::ElementCertificate]);
}

#[test]
fn n1_14_two_certificates_with_one_counter_name_are_both_refused() {
    let desk = Desk::complete(Form::Tpm);
    assert_eq!(first(&desk.bundle()).status, Status::Valid);
    let twin = Desk::with_device(Form::Tpm, world().second_device.clone());
    let mut bundle = desk.bundle();
    bundle.certificates.push(twin.certificate.der().into());
    assert_first(&bundle, Status::Invalid, &[Reason::ElementCertificate]);
}

#[test]
fn an_element_without_a_certificate_or_under_another_ca_is_refused() {
    let desk = Desk::complete(Form::Applet);
    let mut bundle = desk.bundle();
    bundle.certificates.remove(0);
    assert_first(&bundle, Status::Invalid, &[Reason::ElementCertificate]);
    let under = report_under(&desk.bundle(), &world().trust_without(&["se-ca-1.pem"]));
    assert_eq!(under.visits[0].reasons, [Reason::ElementCertificate]);
}

#[test]
fn an_element_revoked_before_the_window_is_refused_and_within_it_not_decided() {
    let desk = Desk::complete(Form::Applet);
    for (since, status, reasons) in [
        (MORNING - 60_000, Status::Invalid, vec![Reason::ElementCertificate]),
        (MORNING + 60_000, Status::Indeterminate, vec![Reason::CardStatusUnknown]),
        (desk.now + 600_000, Status::Valid, vec![]),
    ] {
        let mut bundle = desk.bundle();
        let list = World::crl(&world().element_ca, desk.now + 900_000, &[(&desk.certificate, since)]);
        bundle.revocation.push(list.into());
        assert_first(&bundle, status, &reasons);
    }
}

#[test]
fn an_element_certificate_that_ends_within_the_window_is_not_decided_with_data_or_without() {
    let mut desk = Desk::unlocked(Form::Applet);
    desk.visit();
    desk.close();
    let extension = extension(ElementKind::Applet, millisecond_clock(100), false);
    for (until, status, reasons) in [
        (MORNING - 60_000, Status::Invalid, vec![Reason::ElementCertificate]),
        (MORNING, Status::Indeterminate, vec![Reason::CardStatusUnknown]),
        (desk.now + 600_000, Status::Valid, vec![]),
    ] {
        let ca = &world().element_ca;
        desk.certificate = world().element_certificate_until(ca, &desk.device, &extension, until);
        let mut bundle = desk.bundle();
        assert_first(&bundle, status, &reasons);
        bundle.revocation.push(World::crl(ca, desk.now + 900_000, &[]).into());
        assert_first(&bundle, status, &reasons);
    }
}

#[test]
fn n1_4_a_binding_by_another_key_is_no_binding() {
    let desk = Desk::complete(Form::Demo);
    let mut bundle = desk.bundle();
    bundle.bindings = vec![world::sign_as_platform(&desk.binding, &world().receipt)];
    assert_first(&bundle, Status::Indeterminate, &[Reason::Binding]);
}

#[test]
fn without_the_binding_nothing_is_disproved() {
    let mut bundle = Desk::complete(Form::Demo).bundle();
    bundle.bindings.clear();
    assert_first(&bundle, Status::Indeterminate, &[Reason::Binding]);
    assert_eq!(first(&bundle).checks.outcome(Check::Binding), CheckOutcome::Missing(Reason::Binding));
}

#[test]
fn n1_2_a_binding_for_another_element_is_refused() {
    let mut desk = Desk::new(Form::Demo);
    desk.bind(|binding| binding.element = Id16([9; 16]));
    desk.unlock();
    desk.visit();
    assert_first(&desk.bundle(), Status::Indeterminate, &[Reason::Binding]);
}

#[test]
fn a_binding_that_is_not_in_use_is_refused() {
    let mut desk = Desk::new(Form::Demo);
    desk.bind(|binding| {
        binding.state = BindingState::Suspended;
        binding.from_counter = Some(1_000);
    });
    desk.unlock();
    desk.visit();
    assert_first(&desk.bundle(), Status::Invalid, &[Reason::Binding]);
}

#[test]
fn a_presence_of_another_institution_than_the_bindings_is_refused() {
    let mut desk = Desk::unlocked(Form::Demo);
    let other = InstitutionCode::new(OTHER_INSTITUTION).unwrap();
    desk.visit_with(&Edit { presence: &|presence| presence.institution = other, ..Edit::default() });
    assert_first(&desk.bundle(), Status::Invalid, &[Reason::Binding]);
}

#[test]
fn n3_10_the_cv_certificate_of_another_institution_is_refused() {
    let mut desk = Desk::new(Form::Demo);
    desk.bind(|binding| binding.certificate = Hash::of(world().other_cv.as_bytes()));
    desk.unlock();
    desk.visit();
    let mut bundle = desk.bundle();
    assert_first(&bundle, Status::Indeterminate, &[Reason::Binding]);
    bundle.certificates.push(world().other_cv.as_bytes().as_slice().into());
    assert_first(&bundle, Status::Invalid, &[Reason::Binding]);
}

#[test]
fn a_cv_certificate_that_the_institution_ca_did_not_sign_is_refused() {
    let mut desk = Desk::new(Form::Demo);
    desk.bind(|binding| binding.certificate = Hash::of(world().foreign_cv.as_bytes()));
    desk.unlock();
    desk.visit();
    let mut bundle = desk.bundle();
    bundle.certificates.push(world().foreign_cv.as_bytes().as_slice().into());
    assert_first(&bundle, Status::Invalid, &[Reason::Binding]);
}

#[test]
fn a_binding_that_ended_before_the_visit_is_refused() {
    let mut desk = Desk::new(Form::Demo);
    let morning = u64::try_from(MORNING).unwrap();
    desk.bind(|binding| binding.not_after = UnixMillis(morning - 60_000));
    desk.unlock();
    desk.visit();
    assert_first(&desk.bundle(), Status::Invalid, &[Reason::Binding]);
}

#[test]
fn n7_12_without_the_mark_on_the_ca_a_class_cap_lifts_nothing() {
    let desk = Desk::complete(Form::Software);
    let appraisal = first(&desk.bundle());
    assert_eq!((appraisal.status, appraisal.class), (Status::Valid, Class::OrderOnly));
    assert_eq!((&appraisal.reasons[..], appraisal.simulated), (&[Reason::Policy][..], false));
}

#[test]
fn without_a_policy_file_software_proves_the_order_only() {
    let trust = world().trust_without(&["policy.json"]);
    let visit = report_under(&Desk::complete(Form::Demo).bundle(), &trust).visits.remove(0);
    assert_eq!((visit.status, visit.class), (Status::Valid, Class::OrderOnly));
    assert_eq!(visit.reasons, [Reason::Policy]);
}

#[test]
fn n7_13_a_verdict_over_a_made_up_element_says_so_lifted_or_not() {
    let bundle = Desk::complete(Form::Demo).bundle();
    for trust in [world().trust(), world().trust_without(&["policy.json"])] {
        let visit = report_under(&bundle, &trust).visits.remove(0);
        assert!(visit.simulated && visit.to_verdict(UnixMillis(1)).simulated);
    }
    // A made-up element under an unmarked CA is named by its own certificate.
    let mut desk = Desk::complete(Form::Software);
    let marked = extension(ElementKind::Software, millisecond_clock(100), true);
    desk.certificate = world().element_certificate(&world().element_ca, &desk.device, &marked);
    let visit = first(&desk.bundle());
    assert!(visit.simulated);
    assert_eq!(visit.class, Class::OrderOnly, "its own mark lifts nothing");
}

#[test]
fn n7_11_the_clocks_bound_comes_from_the_certificate_alone() {
    let window = |rho_ppm| {
        let mut desk = Desk::unlocked(Form::Applet);
        let certified = extension(ElementKind::Applet, millisecond_clock(rho_ppm), false);
        desk.certificate = world().element_certificate(&world().element_ca, &desk.device, &certified);
        desk.wait(3_600_000);
        desk.visit();
        first(&desk.bundle()).window.width_ms().unwrap()
    };
    assert!(window(100) < 10_000);
    assert!(window(150_000) > 600_000, "an hour at 15 % is more than ten minutes");
}

#[test]
fn a_record_of_another_element_under_this_name_does_not_count() {
    let desk = Desk::complete(Form::Demo);
    let twin = {
        let mut twin = Desk::with_device(Form::Demo, world().second_device.clone());
        twin.unlock();
        twin.visit();
        twin
    };
    let mut bundle = desk.bundle();
    let Visits::Full(visits) = &mut bundle.visits else { panic!("full") };
    visits[0].commit = twin.visits[0].commit.clone();
    assert_first(&bundle, Status::Invalid, &[Reason::Commit]);
    assert_eq!(first(&bundle).evid, first(&twin.bundle()).commit.unwrap().hash());
}
