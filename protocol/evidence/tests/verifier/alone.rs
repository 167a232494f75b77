//! One check at a time: everything else about the bundle fits.

use std::cell::RefCell;

use jushin_evidence::{Check, CheckOutcome, Reason};
use jushin_pki::issue::{NewExtension, Template};
use jushin_pki::name::Name;
use jushin_pki::{KeyKind, KeyUsage, Moment, Suite, oid};
use jushin_statement::{
    AdminActivation, Administrator, AdministratorKind, Alg, Anchor, Close, Commit, Context, Embedded,
    Evidence, Hash, Object, Presence, Signed, Status, Ticks, UnixMillis, to_be_signed,
};

use crate::support::world::{Holder, MORNING, YEAR, card_extensions, key};
use crate::support::{Desk, Edit, Form, assert_first, first, report, world};

/// A certificate over a key of anybody's, by the CA of the staff or of the patients' cards.
fn certified(kind: AdministratorKind, name: &str, key: crate::support::world::Key, until: i64) -> Holder {
    let world = world();
    let (ca, extensions) = match kind {
        AdministratorKind::Hpki => (
            &world.staff_ca,
            vec![
                NewExtension::key_usage(KeyUsage::DIGITAL_SIGNATURE),
                NewExtension::policies(&[oid::HPKI_AUTHENTICATION]),
            ],
        ),
        AdministratorKind::Jpki => (&world.card_ca, card_extensions()),
    };
    let template = Template {
        subject: Name::new().country("JP").common_name(name),
        serial: Hash::of(name.as_bytes()).0[..8].iter().map(|byte| byte & 0x7f | 1).collect(),
        not_before: Moment(MORNING - YEAR),
        not_after: Moment(until),
        spki: key.spki().to_vec(),
        extensions,
    };
    Holder { certificate: ca.issue(&template).unwrap(), key }
}

/// A visit behind an offline unlock by this card, between two online anchors.
fn unlocked_by(holder: &Holder, listed: AdministratorKind) -> Desk {
    let mut desk = Desk::new(Form::Demo);
    let one = Administrator { kind: listed, key: Hash::of(holder.key.spki()) };
    desk.bind(|binding| binding.administrators = vec![one]);
    desk.unlock();
    desk.power_on();
    desk.unlock_offline_by(holder, Context::AdminActivate);
    desk.visit();
    desk.wait(60_000);
    desk.close();
    desk
}

#[test]
fn n1_12_an_administrator_who_is_listed_as_one_of_the_other_kind_is_refused() {
    use AdministratorKind::{Hpki, Jpki};
    let (staff, patient) = (&world().administrator, &world().card);
    for (holder, listed, status) in [
        (staff, Hpki, Status::Valid),
        (staff, Jpki, Status::Invalid),
        (patient, Jpki, Status::Valid),
        (patient, Hpki, Status::Invalid),
    ] {
        let reasons = if status == Status::Valid { vec![] } else { vec![Reason::OfflineAnchor] };
        assert_first(&unlocked_by(holder, listed).bundle(), status, &reasons);
    }
}

#[test]
fn a_certificate_of_the_other_kind_over_the_administrators_key_does_not_answer_for_the_listed_one() {
    let key = key(KeyKind::Rsa2048);
    let ended = certified(AdministratorKind::Hpki, "ended", key.clone(), MORNING - 86_400_000);
    let good = certified(AdministratorKind::Jpki, "good", key, MORNING + YEAR);
    let mut desk = unlocked_by(&ended, AdministratorKind::Hpki);
    assert_first(&desk.bundle(), Status::Invalid, &[Reason::OfflineAnchor]);
    let Some(Embedded(Anchor::Offline { admin, .. })) = desk.anchors.get(1).cloned() else {
        panic!("the second anchor is the offline one")
    };
    let certificate = good.certificate.der().into();
    desk.anchors.push(Embedded(Anchor::Offline { admin, certificate }));
    assert_first(&desk.bundle(), Status::Invalid, &[Reason::OfflineAnchor]);
}

#[test]
fn an_administrators_signature_is_rs256_and_nothing_else() {
    let (rsa, p256) = (key(KeyKind::Rsa2048), key(KeyKind::P256));
    for (key, alg, suite, status) in [
        (&rsa, Alg::Rs256, Suite::RsaPkcs1Sha256, Status::Valid),
        (&rsa, Alg::Ps256, Suite::RsaPssSha256, Status::Invalid),
        (&p256, Alg::Es256, Suite::P256Sha256Cose, Status::Invalid),
    ] {
        let holder = certified(AdministratorKind::Hpki, "admin", key.clone(), MORNING + YEAR);
        let one = Administrator { kind: AdministratorKind::Hpki, key: Hash::of(key.spki()) };
        let mut desk = Desk::new(Form::Demo);
        desk.bind(|binding| binding.administrators = vec![one]);
        desk.unlock();
        desk.power_on();
        desk.unlock_offline();
        let Some(Embedded(Anchor::Offline { admin, certificate })) = desk.anchors.last_mut() else {
            panic!("offline")
        };
        let said: AdminActivation = admin.parse().unwrap().object().unwrap();
        let payload = said.encode();
        let message = to_be_signed(Context::AdminActivate, alg, None, &payload);
        *admin = Signed::assemble(alg, None, &payload, &key.sign(suite, &message).unwrap());
        *certificate = holder.certificate.der().into();
        desk.anchor = admin.imprint();
        desk.visit();
        desk.wait(60_000);
        desk.close();
        let reasons = if status == Status::Valid { vec![] } else { vec![Reason::OfflineAnchor] };
        assert_first(&desk.bundle(), status, &reasons);
    }
}

#[test]
fn a_binding_that_begins_after_the_visit_is_refused() {
    let mut desk = Desk::new(Form::Demo);
    let later = UnixMillis(u64::try_from(MORNING).unwrap() + 3_600_000);
    desk.bind(|binding| binding.not_before = later);
    desk.unlock();
    desk.visit();
    assert_first(&desk.bundle(), Status::Invalid, &[Reason::Binding]);
}

#[test]
fn a_presence_under_its_unlocks_own_counter_does_not_follow_it() {
    let mut desk = Desk::unlocked(Form::Demo);
    let unlock = desk.counter;
    desk.visit_with(&Edit { presence: &|presence| presence.counter = unlock, ..Edit::default() });
    assert!(first(&desk.bundle()).reasons.contains(&Reason::Presence));
}

#[test]
fn n2_18_a_tpms_presence_that_holds_an_older_record_than_the_one_before_is_refused() {
    let mut desk = Desk::unlocked(Form::Tpm);
    let Anchor::Online { stamp1, .. } = desk.anchors[0].0.clone() else { panic!("online") };
    let record = jushin_statement::TpmRecord::decode(stamp1.as_bytes()).unwrap();
    let (hash, nonce) = (Hash::of(&record.payload), stamp1.imprint().first16());
    let older = |presence: &mut Presence| (presence.previous, presence.nonce) = (hash, nonce);
    desk.visit_with(&Edit { presence: &older, ..Edit::default() });
    assert!(first(&desk.bundle()).reasons.contains(&Reason::Presence));
}

#[test]
fn n7_8_a_card_with_a_key_on_p256_is_none() {
    let key = key(KeyKind::P256);
    let holder = certified(AdministratorKind::Jpki, "patient", key, MORNING + YEAR);
    let signed = RefCell::new((Hash::ZERO, Vec::new()));
    let mut desk = Desk::unlocked(Form::Demo);
    desk.visit_with(&Edit {
        certificate: Some(holder.certificate.clone()),
        presence: &|presence: &mut Presence| {
            let message = to_be_signed(Context::Presence, Alg::Es256, None, &presence.encode());
            let signature = holder.key.sign(Suite::P256Sha256Cose, &message).unwrap();
            *signed.borrow_mut() = (Hash::of(&message), signature);
        },
        commit: &|commit: &mut Commit| {
            let (digest, signature) = &*signed.borrow();
            (commit.presence, commit.card_signature) = (*digest, Some(Hash::of(signature)));
        },
        evidence: &|evidence: &mut Evidence| {
            evidence.card_alg = Alg::Es256;
            evidence.card_signature = signed.borrow().1.clone().into();
        },
        ..Edit::default()
    });
    desk.close();
    assert_first(&desk.bundle(), Status::Invalid, &[Reason::CardSignature]);
}

#[test]
fn without_a_lower_end_good_revocation_data_decide_nothing() {
    let mut desk = Desk::new(Form::Demo);
    desk.unlock_offline();
    desk.visit();
    desk.close();
    let found = first(&desk.bundle());
    assert_eq!(found.window.earliest(), None);
    assert_eq!(found.status, Status::Indeterminate);
    assert_eq!(found.reasons, [Reason::OfflineAnchor, Reason::CardStatusUnknown]);
}

#[test]
fn a_revoked_card_is_found_though_the_unlock_is_missing() {
    let mut desk = Desk::unlocked(Form::Demo);
    desk.wait(60_000);
    desk.unlock();
    desk.visit();
    let mut bundle = desk.bundle();
    bundle.anchors.remove(1);
    assert_first(&bundle, Status::Indeterminate, &[Reason::OnlineAnchor]);
    let card = &world().card.certificate;
    bundle.revocation = desk.revocation_at(desk.now + 3_600_000, &[(card, MORNING - 86_400_000)]);
    assert_first(&bundle, Status::Invalid, &[Reason::OnlineAnchor, Reason::CardRevoked]);
}

/// A record of the element's own that says nothing about the desk's visits.
fn another_record(desk: &mut Desk, what: &[u8]) -> Signed {
    let (ticks, counter, previous) = desk.step();
    let close = Close {
        element: desk.element,
        nonce: Hash::of(what),
        head: previous,
        lo: 1,
        hi: counter - 1,
        ticks,
        counter,
        previous,
    };
    desk.sign(&close)
}

#[test]
fn n7_10_a_fork_right_before_the_visit_is_a_conflict() {
    let mut desk = Desk::unlocked(Form::Demo);
    let forked = another_record(&mut desk.clone(), b"forked");
    let record = another_record(&mut desk, b"before");
    desk.records.push(record);
    desk.visit();
    assert_first(&desk.bundle(), Status::Valid, &[]);
    desk.records.push(forked);
    assert_first(&desk.bundle(), Status::Conflict, &[Reason::Fork]);
}

#[test]
fn n7_10_a_fork_at_the_presence_alone_is_a_conflict() {
    let mut desk = Desk::unlocked(Form::Demo);
    let forked = another_record(&mut desk.clone(), b"forked");
    desk.visit();
    assert_first(&desk.bundle(), Status::Valid, &[]);
    desk.records.push(forked);
    assert_first(&desk.bundle(), Status::Conflict, &[Reason::Fork]);
}

#[test]
fn n7_10_a_fork_at_the_commit_alone_is_a_conflict() {
    let mut desk = Desk::unlocked(Form::Demo);
    let mut other = desk.clone();
    desk.visit();
    other.visit();
    other.counter -= 1;
    other.previous = Hash::of(&other.visits[0].presence);
    desk.records.push(another_record(&mut other, b"forked"));
    assert_first(&desk.bundle(), Status::Conflict, &[Reason::Fork]);
}

#[test]
fn n4_2_power_cycles_that_lie_within_each_other_are_a_conflict() {
    let mut desk = Desk::unlocked(Form::Demo);
    desk.visit();
    let first_cycle = desk.cycle;
    desk.wait(60_000);
    desk.power_on();
    desk.unlock();
    desk.visit();
    assert!(report(&desk.bundle()).visits.iter().all(|visit| visit.status == Status::Valid));
    let (_, counter, previous) = desk.step();
    let close = Close {
        element: desk.element,
        nonce: Hash::of(b"close"),
        head: previous,
        lo: 1,
        hi: counter - 1,
        ticks: Ticks { cycle: first_cycle, count: 100_000 },
        counter,
        previous,
    };
    let late = desk.sign(&close);
    desk.records.push(late);
    assert_first(&desk.bundle(), Status::Conflict, &[Reason::Clock]);
    let outcome = first(&desk.bundle()).checks.outcome(Check::Window);
    assert_eq!(outcome, CheckOutcome::Failed(Reason::Clock));
}
