//! Negative tests of V4, V5 and V10: unlocks, tokens, clocks.

use crate::support::token::{ONE_SECOND, Stated, token, token_over};
use crate::support::world::{Holder, MORNING, OTHER_INSTITUTION, YEAR};
use crate::support::{Desk, Edit, Form, Trusted as _, assert_first, first, report_under, world};
use jushin_corpus::unlock::Bracket;
use jushin_evidence::{AnchorKind, Reason};
use jushin_pki::issue::{NewExtension, Template};
use jushin_pki::name::Name;
use jushin_pki::{KeyKind, Moment, oid};
use jushin_statement::{
    Activation, Anchor, Beacon, Boot, Class, Context, Embedded, Hash, InstitutionCode, Object, Signed,
    Status, TickStamp2, Ticks, UnixMillis, beacon_hash,
};

/// Makes the one unlock with a token of the test's own, and a visit after it.
fn unlocked_by(make_token: impl Fn(&Signed, i64) -> Vec<u8>) -> Desk {
    let mut desk = Desk::new(Form::Demo);
    let anchor = desk.anchor_by(make_token);
    desk.anchors.push(Embedded(anchor));
    desk.visit();
    desk
}

fn edit_online(desk: &mut Desk, edit: impl Fn(&mut Signed, &mut Signed, &mut Signed)) {
    let Anchor::Online { stamp1, activation, stamp2, .. } = &mut desk.anchors[0].0 else { panic!("online") };
    edit(stamp1, activation, stamp2);
}

#[test]
fn n2_3_a_token_over_another_stamp_is_refused() {
    let signer = &world().time_stamper[0];
    let desk = unlocked_by(|_, now| token_over(Hash::of(b"another"), Stated::at(now), signer));
    assert_first(&desk.bundle(), Status::Invalid, &[Reason::OnlineAnchor]);
}

#[test]
fn n2_3_a_token_over_the_payload_alone_is_refused() {
    let signer = &world().time_stamper[0];
    let desk =
        unlocked_by(|stamp, now| token_over(stamp.parse().unwrap().payload_hash(), Stated::at(now), signer));
    assert_first(&desk.bundle(), Status::Invalid, &[Reason::OnlineAnchor]);
}

#[test]
fn n2_4_a_token_from_an_untrusted_authority_or_with_another_key_usage_is_refused() {
    let desk = Desk::complete(Form::Demo);
    let visit = report_under(&desk.bundle(), &world().trust_without(&["tsa-1.pem"])).visits.remove(0);
    assert_eq!((visit.status, &visit.reasons[..]), (Status::Invalid, &[Reason::OnlineAnchor][..]));
    let server = &world().not_a_time_stamper;
    let desk = unlocked_by(|stamp, now| token(stamp, Stated::at(now), server));
    assert_first(&desk.bundle(), Status::Invalid, &[Reason::OnlineAnchor]);
}

#[test]
fn n2_1_an_activation_of_another_stamp_is_refused() {
    let mut desk = Desk::unlocked(Form::Demo);
    desk.unlock();
    desk.visit();
    let Anchor::Online { activation: other, .. } = desk.anchors[0].0.clone() else { panic!("online") };
    desk.anchors.remove(0);
    edit_online(&mut desk, |_, activation, _| *activation = other.clone());
    // The hash of another activation is another anchor-h: the one that the card signed over is missing.
    assert_first(&desk.bundle(), Status::Indeterminate, &[Reason::OnlineAnchor]);
}

#[test]
fn an_activation_by_a_provider_that_the_binding_does_not_name_is_refused() {
    let mut desk = Desk::new(Form::Demo);
    desk.bind(|binding| binding.provider_key = Hash::of(world().other_provider.key.spki()));
    desk.unlock();
    desk.visit();
    assert_first(&desk.bundle(), Status::Invalid, &[Reason::OnlineAnchor]);
}

#[test]
fn an_activation_that_names_another_seq_is_refused() {
    let mut desk = Desk::new(Form::Demo);
    desk.bind(|binding| binding.seq = 7);
    desk.unlock();
    desk.visit();
    assert_first(&desk.bundle(), Status::Valid, &[]);
    let mut old = Desk::new(Form::Demo);
    old.unlock();
    let Anchor::Online { activation, .. } = old.anchors[0].0.clone() else { panic!("online") };
    edit_online(&mut desk, |_, act, _| *act = activation.clone());
    assert_ne!(first(&desk.bundle()).status, Status::Valid);
}

/// Unlocks with an activation and a second stamp of the test's own, as if the element had taken them, and
/// visits.
fn visited_after(activation: &dyn Fn(&mut Activation), second: &dyn Fn(&mut TickStamp2)) -> Desk {
    let mut desk = Desk::new(Form::Demo);
    desk.wait(1_000);
    desk.unlock_with(&Bracket { activation, second, ..Bracket::default() });
    desk.visit();
    desk
}

#[test]
fn an_activation_or_a_second_stamp_with_one_wrong_field_is_refused() {
    let other = Hash::of(b"another");
    let refused = |what, activation: &dyn Fn(&mut Activation), second: &dyn Fn(&mut TickStamp2)| {
        let found = first(&visited_after(activation, second).bundle());
        assert_eq!(
            (found.status, &found.reasons[..]),
            (Status::Invalid, &[Reason::OnlineAnchor][..]),
            "{what}"
        );
    };
    assert_first(&visited_after(&|_| {}, &|_| {}).bundle(), Status::Valid, &[]);
    refused("element of the activation", &|act| act.element = other.first16(), &|_| {});
    refused("cycle of the activation", &|act| act.cycle = other.first16(), &|_| {});
    refused("counter of the activation", &|act| act.counter += 1, &|_| {});
    refused("stamp of the activation", &|act| act.stamp = other, &|_| {});
    refused("token of the activation", &|act| act.token = other, &|_| {});
    refused("seq of the activation", &|act| act.binding_seq += 1, &|_| {});
    refused("activation of the second stamp", &|_| {}, &|stamp| stamp.activation = other.first16());
    refused("token of the second stamp", &|_| {}, &|stamp| stamp.token = other);
    refused("activation hash of the second stamp", &|_| {}, &|stamp| stamp.activation_hash = other);
    refused("cycle of the second stamp", &|_| {}, &|stamp| stamp.ticks.cycle = other.first16());
    refused("counter of the second stamp", &|_| {}, &|stamp| stamp.counter = 2);
    refused("count of the second stamp", &|_| {}, &|stamp| stamp.ticks.count = 0);
}

#[test]
fn a_second_stamp_of_another_bracket_is_refused() {
    let mut desk = Desk::unlocked(Form::Demo);
    desk.unlock();
    desk.visit();
    let Anchor::Online { stamp2: other, .. } = desk.anchors[0].0.clone() else { panic!("online") };
    desk.anchors.remove(0);
    edit_online(&mut desk, |_, _, stamp2| *stamp2 = other.clone());
    assert_first(&desk.bundle(), Status::Indeterminate, &[Reason::OnlineAnchor]);
}

#[test]
fn without_the_unlock_nothing_is_disproved() {
    let mut bundle = Desk::complete(Form::Demo).bundle();
    bundle.anchors.remove(0);
    assert_first(&bundle, Status::Indeterminate, &[Reason::OnlineAnchor]);
}

#[test]
fn n7_3_without_the_second_stamp_the_lower_end_falls_back() {
    let mut desk = Desk::unlocked(Form::Demo);
    desk.wait(3_600_000);
    desk.unlock();
    desk.visit();
    let whole = first(&desk.bundle()).window;
    let Anchor::Online { stamp2, activation, .. } = &mut desk.anchors[1].0 else { panic!("online") };
    (*stamp2, *activation) = (Signed(vec![].into()), Signed(vec![].into()));
    let cut = first(&desk.bundle());
    assert!(cut.window.earliest() < whole.earliest());
    assert_eq!(cut.status, Status::Indeterminate, "the card named the anchor that is now missing");
}

#[test]
fn n7_2_an_unlock_of_another_power_cycle_is_refused() {
    let mut desk = Desk::unlocked(Form::Demo);
    desk.wait(60_000);
    desk.power_on();
    desk.visit();
    assert_first(&desk.bundle(), Status::Invalid, &[Reason::Presence]);
}

#[test]
fn n5_4_an_anchor_of_another_element_is_refused() {
    let mut other = Desk::with_device(Form::Demo, world().second_device.clone());
    other.unlock();
    let mut desk = Desk::new(Form::Demo);
    desk.anchor = other.anchor;
    desk.visit();
    desk.anchors = other.anchors.clone();
    let mut bundle = desk.bundle();
    bundle.certificates.push(other.certificate.der().into());
    bundle.bindings.extend(other.bindings.clone());
    assert_first(&bundle, Status::Invalid, &[Reason::OnlineAnchor]);
}

#[test]
fn a_presence_before_its_unlock_is_refused() {
    let mut desk = Desk::unlocked(Form::Demo);
    desk.visit_with(&Edit { presence: &|presence| presence.counter = 2, ..Edit::default() });
    let found = first(&desk.bundle());
    assert_eq!(found.status, Status::Conflict, "the element has another record under that counter");
    assert!(found.reasons.contains(&Reason::Presence) && found.reasons.contains(&Reason::Fork));
}

#[test]
fn n2_15_an_authority_that_is_an_hour_off_makes_a_conflict() {
    let mut desk = Desk::unlocked(Form::Demo);
    (desk.authority, desk.off[1]) = (1, 3_600_000);
    desk.wait(1_000);
    desk.unlock();
    desk.visit();
    assert_first(&desk.bundle(), Status::Conflict, &[Reason::Clock]);
    let honest = {
        let mut desk = Desk::unlocked(Form::Demo);
        desk.authority = 1;
        desk.unlock();
        desk.visit();
        desk
    };
    assert_first(&honest.bundle(), Status::Valid, &[]);
}

#[test]
fn n4_1_counts_that_fall_within_a_cycle_are_a_conflict() {
    let mut desk = Desk::unlocked(Form::Demo);
    desk.wait(60_000);
    desk.visit();
    desk.wait(-30_000);
    desk.visit();
    desk.wait(60_000);
    let bundle = desk.bundle();
    assert_first(&bundle, Status::Conflict, &[Reason::Clock]);
}

#[test]
fn n4_2_a_cycle_that_comes_again_after_a_power_cycle_is_a_conflict() {
    let mut desk = Desk::unlocked(Form::Demo);
    desk.visit();
    desk.wait(60_000);
    let (_, counter, previous) = desk.step();
    let ticks = Ticks { cycle: desk.cycle, count: 100_000 };
    let boot = Boot { element: desk.element, ticks, counter, pending: None, previous };
    let record = desk.sign(&boot);
    desk.records.push(record);
    assert_first(&desk.bundle(), Status::Conflict, &[Reason::Clock]);
}

#[test]
fn n4_4_a_clock_outside_its_bound_is_a_conflict() {
    for (fast_ppm, conflict) in [(50, false), (-50, false), (2_000, true), (-2_000, true)] {
        let mut desk = Desk::new(Form::Demo);
        desk.fast_ppm = fast_ppm;
        desk.unlock();
        desk.visit();
        desk.wait(3_600_000);
        desk.unlock();
        let (status, reasons) =
            if conflict { (Status::Conflict, vec![Reason::Clock]) } else { (Status::Valid, vec![]) };
        assert_first(&desk.bundle(), status, &reasons);
    }
}

fn width_with(stated: impl Fn(i64) -> Stated) -> u64 {
    let mut desk = Desk::new(Form::Applet);
    desk.unlock_stated(stated);
    desk.visit();
    first(&desk.bundle()).window.width_ms().unwrap()
}

#[test]
fn n4_6_an_accuracy_that_is_absent_or_zero_is_the_policys_and_a_huge_one_widens() {
    let usual = width_with(Stated::at);
    let stated = |accuracy| move |time| Stated { accuracy, ..Stated::at(time) };
    assert_eq!(width_with(stated(None)), usual);
    assert_eq!(width_with(stated(Some(&[2, 1, 0]))), usual);
    assert_eq!(width_with(stated(Some(&[2, 1, 11]))), usual + 20_000);
    let huge = width_with(stated(Some(&[2, 4, 0x7f, 0xff, 0xff, 0xff])));
    assert!(huge > 1_000_000_000_000, "{huge}");
}

#[test]
fn n4_7_a_time_without_a_fraction_may_be_a_second_off() {
    let cut =
        width_with(|time| Stated { time: time - time % 1_000, fraction: false, accuracy: Some(ONE_SECOND) });
    let usual = width_with(Stated::at);
    assert_eq!(cut, usual + 2_000, "a second at each end");
}

#[test]
fn n5_3_what_the_hosts_clock_says_changes_nothing() {
    let window = |claimed| {
        let mut desk = Desk::unlocked(Form::DateStamp);
        let anchor = desk.anchor_by(|stamp, time| {
            assert!(claimed < 10 || stamp.as_bytes().len() > 100);
            token(stamp, Stated::at(time), &world().time_stamper[0])
        });
        desk.anchors.push(Embedded(anchor));
        desk.power_on();
        desk.unlock_offline();
        desk.visit();
        desk.close();
        first(&desk.bundle()).window
    };
    assert_eq!(window(1), window(100), "claimed times enter no bound");
}

#[test]
fn n5_1_and_n5_2_a_date_stamp_proves_a_date_only_between_anchors_of_one_day() {
    let day = |wait_before, wait_after| {
        let mut desk = Desk::unlocked(Form::DateStamp);
        desk.wait(wait_before);
        desk.visit();
        desk.wait(wait_after);
        desk.close();
        first(&desk.bundle()).class
    };
    let hours = 3_600_000;
    assert_eq!(day(hours, hours), Class::Date);
    assert_eq!(day(15 * hours, hours), Class::Interval, "23:40 to 00:40 in Japan");
}

#[test]
fn n5_2_a_date_stamp_across_midnight_is_an_interval_however_near_its_anchors_are() {
    // Powered on at 08:40 in Japan.
    let (to_midnight, minute) = ((15 * 60 + 20) * 60_000, 60_000_i64);
    let around = |form, unlocked_at, wait| {
        let mut desk = Desk::new(form);
        desk.wait(unlocked_at);
        desk.unlock();
        desk.wait(wait);
        desk.visit();
        desk.wait(wait);
        desk.close();
        first(&desk.bundle())
    };
    let across = around(Form::DateStamp, to_midnight - minute, minute / 2);
    assert_eq!((across.class, across.reasons), (Class::Interval, vec![]));
    assert!(across.window.width_ms().unwrap() < 120_000);
    assert_eq!(around(Form::DateStamp, to_midnight - 10 * minute, minute).class, Class::Tight, "one day");
    let timed = around(Form::Applet, to_midnight - 3_000, 0);
    assert!(!timed.window.is_one_japanese_day());
    assert_eq!(timed.class, Class::Tight, "a clock proves more than dates");
}

#[test]
fn n5_2_a_clock_without_an_anchor_of_its_power_cycle_proves_a_date_between_anchors_of_one_day_only() {
    let day = |wait| {
        let mut desk = Desk::unlocked(Form::Applet);
        desk.power_on();
        desk.unlock_offline();
        desk.visit();
        desk.wait(wait);
        desk.close();
        first(&desk.bundle()).class
    };
    let hours = 3_600_000;
    assert_eq!(day(hours), Class::Date);
    assert_eq!(day(16 * hours), Class::Interval, "08:40 to 00:40 in Japan");
}

#[test]
fn an_unlock_by_somebody_who_is_no_administrator_is_refused() {
    let world = world();
    let stranger = Template {
        subject: Name::new().common_name("stranger"),
        serial: vec![9],
        not_before: Moment(MORNING - YEAR),
        not_after: Moment(MORNING + YEAR),
        spki: world.second_card.key.spki().to_vec(),
        extensions: vec![
            NewExtension::key_usage(jushin_pki::KeyUsage::DIGITAL_SIGNATURE),
            NewExtension::policies(&[oid::HPKI_AUTHENTICATION]),
        ],
    };
    let stranger =
        Holder { key: world.second_card.key.clone(), certificate: world.staff_ca.issue(&stranger).unwrap() };
    assert_eq!(stranger.key.kind(), KeyKind::Rsa2048);
    let mut desk = Desk::unlocked(Form::Demo);
    desk.power_on();
    desk.unlock_offline_by(&stranger, Context::AdminActivate);
    desk.visit();
    desk.close();
    assert_first(&desk.bundle(), Status::Invalid, &[Reason::OfflineAnchor]);
}

#[test]
fn n1_12_a_patients_card_unlocks_only_if_the_binding_names_it_as_such() {
    let mut desk = Desk::unlocked(Form::Demo);
    desk.power_on();
    desk.unlock_offline_by(&world().card, Context::AdminActivate);
    desk.visit();
    desk.close();
    assert_first(&desk.bundle(), Status::Invalid, &[Reason::OfflineAnchor]);
}

#[test]
fn n2_10_a_signature_under_another_context_unlocks_nothing() {
    let mut desk = Desk::unlocked(Form::Demo);
    desk.power_on();
    desk.unlock_offline_by(&world().administrator, Context::Presence);
    desk.visit();
    desk.close();
    assert_first(&desk.bundle(), Status::Invalid, &[Reason::OfflineAnchor]);
}

#[test]
fn an_unlock_for_another_institution_is_refused() {
    let mut desk = Desk::new(Form::Demo);
    let elsewhere = InstitutionCode::new(OTHER_INSTITUTION).unwrap();
    desk.unlock_offline_with(&world().administrator, Context::AdminActivate, &|admin| {
        admin.institution = elsewhere;
    });
    desk.visit();
    desk.unlock();
    assert_first(&desk.bundle(), Status::Invalid, &[Reason::OfflineAnchor]);
}

#[test]
fn an_administrator_is_judged_over_the_window() {
    let desk = {
        let mut desk = Desk::unlocked(Form::Demo);
        desk.power_on();
        desk.unlock_offline();
        desk.visit();
        desk.wait(60_000);
        desk.close();
        desk
    };
    let administrator = &world().administrator.certificate;
    for (revoked, status, reasons) in [
        (Some(MORNING - 60_000), Status::Invalid, vec![Reason::OfflineAnchor]),
        (Some(MORNING + 30_000), Status::Indeterminate, vec![Reason::OfflineAnchor]),
        (Some(desk.now + 3_600_000), Status::Valid, vec![]),
    ] {
        let mut bundle = desk.bundle();
        let list: Vec<_> = revoked.iter().map(|at| (administrator, *at)).collect();
        bundle.revocation = desk.revocation_at(desk.now + 7_200_000, &list);
        assert_first(&bundle, status, &reasons);
    }
    let mut bundle = desk.bundle();
    bundle.revocation.remove(1);
    assert_first(&bundle, Status::Indeterminate, &[Reason::OfflineAnchor]);
}

#[test]
fn a_beacon_bounds_a_presence_that_names_it_with_its_token() {
    let world = world();
    let beacon = Beacon { seq: 1, issued: UnixMillis(1), revocation_lists: Hash::of(b"lists") };
    let signed = world::sign_as_platform(&beacon, &world.receipt);
    let issued = MORNING + 8 * 3_600_000 + 1;
    let bytes = token(&signed, Stated::at(issued), &world.time_stamper[0]);
    let named = beacon_hash(beacon.hash(), Hash::of(&bytes));
    let mut desk = Desk::unlocked(Form::DateStamp);
    desk.wait(9 * 3_600_000);
    desk.visit_with(&Edit { presence: &|presence| presence.beacon = Some(named), ..Edit::default() });
    desk.wait(1_000);
    desk.close();
    assert_eq!(first(&desk.bundle()).class, Class::Date);
    desk.anchors.push(Embedded(Anchor::Beacon { beacon: signed, token: bytes.into() }));
    let bounded = first(&desk.bundle());
    assert_eq!(bounded.window.earliest(), Some(UnixMillis(u64::try_from(issued).unwrap() - 1_000)));
    assert!(bounded.anchors.iter().any(|anchor| anchor.kind == AnchorKind::Beacon && anchor.bounds_earliest));
}

#[test]
fn n6_12_a_token_over_the_close_from_before_the_visits_beacon_is_a_conflict() {
    let world = world();
    let beacon = Beacon { seq: 1, issued: UnixMillis(1), revocation_lists: Hash::of(b"lists") };
    let signed = world::sign_as_platform(&beacon, &world.receipt);
    let late = token(&signed, Stated::at(MORNING + 7_200_001), &world.time_stamper[0]);
    let named = beacon_hash(beacon.hash(), Hash::of(&late));
    let mut desk = Desk::unlocked(Form::DateStamp);
    desk.visit_with(&Edit { presence: &|presence| presence.beacon = Some(named), ..Edit::default() });
    desk.close();
    desk.anchors.push(Embedded(Anchor::Beacon { beacon: signed, token: late.into() }));
    assert_first(&desk.bundle(), Status::Conflict, &[Reason::Clock]);
}

#[test]
fn a_close_by_another_element_closes_nothing() {
    let mut desk = Desk::unlocked(Form::DateStamp);
    desk.visit();
    let mut other = Desk::with_device(Form::DateStamp, world().second_device.clone());
    other.unlock();
    other.visit();
    other.close();
    desk.anchors.push(other.anchors[1].clone());
    assert_first(&desk.bundle(), Status::OpenEnded, &[]);
}
