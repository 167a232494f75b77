//! A clinic without network: unlocked by an administrator's card, proven once the network is back.

use jushin::demo::stage::{PATIENTS, SAKURA, SIGNING_CARD, STAFF_PIN, Site, StaffCards, StaffDesk, YAMABIKO};
use jushin_evidence::{Appraisal, Reason, Trust, verify};
use jushin_pki::Certificate;
use jushin_platform::Institution;
use jushin_runtime::Clock as _;
use jushin_statement::{
    AdminActivation, Administrator, AdministratorKind, Anchor, Batch, Bundle, Class, Embedded, Hash,
    Object as _, Status, UnixMillis,
};
use jushin_terminal::{CardName, StaffPin, StaffReader as _, UnlockError};

use crate::support::stage::{Heard, Stage, tap};

/// From one day to the next.
const NIGHT: u64 = 20 * 3_600_000;

fn pin() -> StaffPin {
    StaffPin::new(STAFF_PIN).unwrap()
}

/// Unlocked in the evening over the network; in the morning there is none.
async fn morning_without_network(stage: &Stage) -> Site {
    let site = stage.unlocked(&YAMABIKO).await;
    stage.pass(NIGHT);
    site.line.cut();
    power_cut(&site).await;
    site
}

async fn power_cut(site: &Site) {
    site.power_cycle().unwrap();
    site.terminal.switched_on().await;
    assert_eq!(site.terminal.desk().data_state().0, "locked");
}

async fn unlock(site: &Site) -> jushin_terminal::OfflineUnlocked {
    let card = StaffCards::administrator_of(site.place);
    site.terminal.unlock_with(&card, pin()).await.unwrap()
}

async fn refusal(site: &Site, card: &CardName) -> UnlockError {
    site.terminal.unlock_with(card, pin()).await.unwrap_err()
}

/// The network is back: what the terminal does by itself until nothing waits.
async fn network_back(site: &Site) {
    site.line.release();
    site.terminal.look_at_line().await;
    for _ in 0..4 {
        site.terminal.background_round().await;
    }
}

fn appraised(stage: &Stage, bundle: &Bundle) -> Appraisal {
    let trust = Trust::from_files(stage.world.platform.trust_files()).unwrap();
    let mut report = verify(bundle, &trust, stage.world.crypto.as_ref());
    assert_eq!(report.visits.len(), 1);
    report.visits.remove(0)
}

#[tokio::test]
async fn three_visits_without_network_and_a_power_cut_between_are_proven_when_it_is_back() {
    let stage = Stage::set().await;
    let evening = stage.world.clock.now();
    let site = morning_without_network(&stage).await;
    let offer = site.terminal.offline_offer().await.unwrap();
    assert_eq!((offer.institution.as_str(), offer.check_ins), (YAMABIKO.code, 300));
    unlock(&site).await;

    let mut taps = Vec::new();
    for patient in [0, 1] {
        taps.push((stage.world.clock.now(), tap(&site, patient).await));
        stage.pass(60_000);
    }
    power_cut(&site).await;
    assert_eq!(site.terminal.offline_offer().await.unwrap().check_ins, 298, "power cycles refill nothing");
    unlock(&site).await;
    taps.push((stage.world.clock.now(), tap(&site, 2).await));
    for (_, tapped) in &taps {
        assert_eq!(tapped.state.0, "new-provisional");
        assert!(tapped.verdict.is_none());
    }
    assert_eq!(site.terminal.waiting().unwrap(), 3);

    stage.pass(3_600_000);
    network_back(&site).await;
    let noon = stage.world.clock.now();
    assert_eq!(site.terminal.waiting().unwrap(), 0, "three of three are settled");
    assert!(site.terminal.desk().online());
    let mut windows = Vec::new();
    for (truth, tapped) in &taps {
        let evid = tapped.trace.evid.unwrap();
        let bundle = stage.world.platform.bundle(evid).unwrap();
        let visit = appraised(&stage, &bundle);
        assert_eq!((visit.status, visit.reasons.clone()), (Status::Valid, vec![]));
        let (lo, hi) = (visit.window.earliest().unwrap(), visit.window.latest().unwrap());
        assert!(lo <= *truth && *truth <= hi, "{truth:?} lies in {lo:?} to {hi:?}");
        windows.push((visit.class, lo, hi));
        let kept = stage.world.platform.redacted_bundle(evid).unwrap();
        assert_eq!(appraised(&stage, &kept).status, Status::Valid, "the form for institutions");
        assert_eq!(kept.revocation.len(), 1, "the staff CA's answer and nobody else's");
    }
    let [first, second, third] = windows[..] else { panic!("{} windows", windows.len()) };
    // Nothing with a time in it belongs to the first power cycle: from the evening's anchor to noon's.
    for (class, lo, hi) in [first, second] {
        assert_eq!(class, Class::Interval);
        assert!(lo >= UnixMillis(evening.0) && lo <= UnixMillis(evening.0 + 610_000), "{lo:?}");
        assert!(hi <= UnixMillis(noon.0 + 2_000), "{hi:?}");
    }
    // The second cycle got its anchor at noon, and its clock counts back from there.
    assert_eq!(third.0, Class::Tight);

    let delivery = stage.world.platform.deliver_once().await.unwrap();
    assert_eq!(
        delivery.waiting, 0,
        "the history service takes them with the administrator's revocation data"
    );
}

#[tokio::test]
async fn a_card_for_signing_is_named_as_such_and_costs_nothing() {
    let stage = Stage::set().await;
    let site = morning_without_network(&stage).await;
    let refused = refusal(&site, &CardName(SIGNING_CARD.to_owned())).await;
    assert!(matches!(refused, UnlockError::SigningCard), "{refused}");
    assert_eq!(site.terminal.offline_offer().await.unwrap().failures_left, 5);
}

#[tokio::test]
async fn n1_12_a_jpki_card_that_no_acknowledgement_put_into_the_binding_unlocks_nothing() {
    let stage = Stage::set().await;
    let site = morning_without_network(&stage).await;
    let jpki = CardName(PATIENTS[0].card.to_owned());
    let four_digits = StaffPin::new("1234").unwrap();
    let refused = site.terminal.unlock_with(&jpki, four_digits).await.unwrap_err();
    assert!(matches!(refused, UnlockError::NotAdministrator { failures_left: 4 }), "{refused}");
    let other_form = StaffPin::new("12345").unwrap();
    let refused = site.terminal.unlock_with(&jpki, other_form).await.unwrap_err();
    assert!(matches!(refused, UnlockError::PinForm), "{refused}");
}

#[tokio::test]
async fn n2_8_another_clinics_administrator_five_times_leaves_only_the_network() {
    let stage = Stage::set().await;
    stage.enrolled(&SAKURA).await;
    let site = morning_without_network(&stage).await;
    let stranger = StaffCards::administrator_of(&SAKURA);
    for left in (0..5).rev() {
        let refused = refusal(&site, &stranger).await;
        assert!(
            matches!(refused, UnlockError::NotAdministrator { failures_left } if failures_left == left),
            "{refused}"
        );
    }
    let refused = refusal(&site, &StaffCards::administrator_of(&YAMABIKO)).await;
    assert!(matches!(refused, UnlockError::LockedOut), "{refused}");
    network_back(&site).await;
    assert_eq!(site.terminal.desk().data_state().0, "ready");
}

#[tokio::test]
async fn an_administrator_whose_card_was_revoked_before_the_morning_proves_no_visit() {
    let stage = Stage::set().await;
    let site = stage.unlocked(&YAMABIKO).await;
    stage.pass(NIGHT / 2);
    // The terminal has been unlocked over the network once more after the revocation, so that the lower end
    // of the visit's window lies after it.
    let card = StaffCards::administrator_of(&YAMABIKO);
    let certificate = stage.world.staff.certificate(&card).unwrap();
    stage.world.trust.revoke(&certificate, stage.world.clock.now()).unwrap();
    stage.pass(600_000);
    site.terminal.re_anchor().await.unwrap();
    stage.pass(NIGHT / 2);
    site.line.cut();
    power_cut(&site).await;
    unlock(&site).await;
    let evid = tap(&site, 0).await.trace.evid.unwrap();
    network_back(&site).await;

    let visit = appraised(&stage, &stage.world.platform.bundle(evid).unwrap());
    assert_eq!((visit.status, visit.reasons), (Status::Invalid, vec![Reason::OfflineAnchor]));
    let redacted = appraised(&stage, &stage.world.platform.redacted_bundle(evid).unwrap());
    assert_eq!(redacted.status, Status::Invalid);
    assert_eq!(site.terminal.waiting().unwrap(), 0, "the desk has its answer");
    assert_eq!(site.terminal.today().unwrap()[0].status, Some(Status::Invalid));
}

#[tokio::test]
async fn an_administrator_whose_status_nobody_answers_for_leaves_the_visit_open_until_somebody_does() {
    let stage = Stage::set().await;
    let site = morning_without_network(&stage).await;
    unlock(&site).await;
    let evid = tap(&site, 0).await.trace.evid.unwrap();
    stage.world.trust_wire.interpose(|path, _| {
        if path.starts_with("/ocsp/hpki") || path.starts_with("/ocsp/staff") {
            jushin::demo::stage::Interposed::Lost
        } else {
            jushin::demo::stage::Interposed::Passed
        }
    });
    network_back(&site).await;
    let visit = appraised(&stage, &stage.world.platform.bundle(evid).unwrap());
    assert_eq!((visit.status, visit.reasons), (Status::Indeterminate, vec![Reason::OfflineAnchor]));
    assert_eq!(site.terminal.waiting().unwrap(), 1);

    stage.world.trust_wire.release();
    network_back(&site).await;
    assert_eq!(site.terminal.waiting().unwrap(), 0);
    let visit = appraised(&stage, &stage.world.platform.bundle(evid).unwrap());
    assert_eq!((visit.status, visit.reasons), (Status::Valid, vec![]));
}

/// A batch with the terminal's unlock in it, and the unlock itself.
async fn uploaded(stage: &Stage, site: &Site) -> (Batch, AdminActivation) {
    unlock(site).await;
    tap(site, 0).await;
    let heard = Heard::on(&stage.world.platform_wire);
    network_back(site).await;
    let with_unlock =
        |batch: &Batch| batch.anchors.iter().any(|Embedded(anchor)| matches!(anchor, Anchor::Offline { .. }));
    let batches = heard.all().into_iter().filter(|(path, _)| path == "/v1/batches");
    let batch = batches.filter_map(|(_, body)| Batch::decode(&body).ok()).find(with_unlock).unwrap();
    let Some(Anchor::Offline { admin, .. }) =
        batch.anchors.iter().map(|anchor| &anchor.0).find(|one| matches!(one, Anchor::Offline { .. }))
    else {
        panic!("no unlock")
    };
    let activation = admin.parse().unwrap().object().unwrap();
    (batch, activation)
}

#[tokio::test]
async fn n2_8_n2_10_the_platform_takes_no_unlock_that_no_bound_administrator_signed() {
    use jushin_crypto::AwsLc;
    use jushin_pki::{Crypto as _, KeyKind, Suite};
    use jushin_statement::{Alg, Context, Signed, to_be_signed};

    let stage = Stage::set().await;
    let site = morning_without_network(&stage).await;
    let (batch, activation) = uploaded(&stage, &site).await;
    stage.world.platform_wire.release();
    let certificate = batch
        .anchors
        .iter()
        .find_map(|Embedded(anchor)| match anchor {
            Anchor::Offline { certificate, .. } => Some(certificate.clone()),
            _ => None,
        })
        .unwrap();
    let key = AwsLc.generate(KeyKind::Rsa2048).unwrap();
    let forged = |context| {
        let message = to_be_signed(context, Alg::Rs256, None, &activation.encode());
        let signature = key.sign(Suite::RsaPkcs1Sha256, &message).unwrap();
        Signed::assemble(Alg::Rs256, None, &activation.encode(), &signature)
    };
    for context in [Context::AdminActivate, Context::Presence] {
        let anchor = Anchor::Offline { admin: forged(context), certificate: certificate.clone() };
        let forged = Batch { anchors: vec![Embedded(anchor)], boxes: Vec::new(), ..batch.clone() };
        let refused = stage.post_object("/v1/batches", &forged).await;
        assert!(refused.status.is_client_error(), "{refused:?}");
        assert_eq!(refused.title(), "signature refused", "{context:?}");
    }
}

/// The institution names P1's own JPKI card as an administrator's too; its terminal gets a new binding.
async fn name_jpki_administrator(stage: &Stage, site: &Site, acknowledged: bool) {
    let desk = StaffDesk { staff: stage.world.staff.clone(), patients: stage.world.cards.clone() };
    let mut card = desk.open(&CardName(PATIENTS[0].card.to_owned())).unwrap();
    let certificate = Certificate::parse(&card.certificate().unwrap()).unwrap();
    let jpki = Administrator { kind: AdministratorKind::Jpki, key: Hash::of(certificate.spki()) };
    let institution = Institution {
        code: YAMABIKO.code().unwrap(),
        name: YAMABIKO.ja.to_owned(),
        administrators: vec![jpki],
        jpki_acknowledged: acknowledged.then(|| stage.world.clock.now()),
    };
    stage.world.platform.register_institution(&institution).unwrap();
    stage.world.platform.suspend(site.element, None, "administrators change").unwrap();
    stage.world.platform.resume(site.element, None, "administrators changed").unwrap();
    let binding = site.terminal.fetch_binding(site.element).await.unwrap();
    assert_eq!(binding.administrators.contains(&jpki), acknowledged);
}

#[tokio::test]
async fn n1_12_a_jpki_card_unlocks_once_the_institution_has_acknowledged_what_that_means() {
    let stage = Stage::set().await;
    let site = stage.enrolled(&YAMABIKO).await;
    let jpki = CardName(PATIENTS[0].card.to_owned());
    let four_digits = || StaffPin::new("1234").unwrap();

    for acknowledged in [false, true] {
        name_jpki_administrator(&stage, &site, acknowledged).await;
        site.terminal.power_on().await.unwrap();
        stage.pass(NIGHT);
        site.line.cut();
        power_cut(&site).await;
        let unlocked = site.terminal.unlock_with(&jpki, four_digits()).await;
        if !acknowledged {
            let refused = unlocked.unwrap_err();
            assert!(matches!(refused, UnlockError::NotAdministrator { .. }), "{refused}");
            network_back(&site).await;
        }
    }
    let evid = tap(&site, 1).await.trace.evid.unwrap();
    network_back(&site).await;
    assert_eq!(site.terminal.waiting().unwrap(), 0);
    let visit = appraised(&stage, &stage.world.platform.bundle(evid).unwrap());
    assert_eq!((visit.status, visit.reasons), (Status::Valid, vec![]));
    let redacted = appraised(&stage, &stage.world.platform.redacted_bundle(evid).unwrap());
    assert_eq!(redacted.status, Status::Valid);
    assert_eq!(stage.world.platform.deliver_once().await.unwrap().waiting, 0);
}

#[tokio::test]
async fn without_a_time_stamp_to_be_had_an_unlocked_desk_stays_online_and_sends_what_it_has() {
    let stage = Stage::set().await;
    let site = morning_without_network(&stage).await;
    unlock(&site).await;
    let evid = tap(&site, 0).await.trace.evid.unwrap();
    stage.world.trust_wire.interpose(|path, _| match path.starts_with("/tsa/") {
        true => jushin::demo::stage::Interposed::Lost,
        false => jushin::demo::stage::Interposed::Passed,
    });
    network_back(&site).await;
    assert!(site.terminal.desk().online());
    assert_eq!(site.terminal.desk().data_state().0, "new");
    let visit = appraised(&stage, &stage.world.platform.bundle(evid).unwrap());
    assert_eq!((visit.status, visit.window.latest()), (Status::OpenEnded, None));

    stage.world.trust_wire.release();
    network_back(&site).await;
    let visit = appraised(&stage, &stage.world.platform.bundle(evid).unwrap());
    assert_eq!((visit.status, visit.class), (Status::Valid, Class::Tight));
}

#[tokio::test]
async fn a_visit_after_its_unlock_had_arrived_is_proven_by_a_status_that_is_younger_than_the_visit() {
    let stage = Stage::set().await;
    let site = morning_without_network(&stage).await;
    unlock(&site).await;
    tap(&site, 0).await;
    let without_stamps = |path: &str, _: &[u8]| match path.starts_with("/tsa/") {
        true => jushin::demo::stage::Interposed::Lost,
        false => jushin::demo::stage::Interposed::Passed,
    };
    stage.world.trust_wire.interpose(without_stamps);
    network_back(&site).await;

    // The platform has the unlock by now, and asked about its card before the second visit was made.
    stage.pass(3_600_000);
    let evid = tap(&site, 1).await.trace.evid.unwrap();
    network_back(&site).await;
    stage.pass(60_000);
    stage.world.trust_wire.release();
    network_back(&site).await;
    assert_eq!(site.terminal.waiting().unwrap(), 0);
    for bundle in [stage.world.platform.bundle(evid), stage.world.platform.redacted_bundle(evid)] {
        let visit = appraised(&stage, &bundle.unwrap());
        assert_eq!((visit.status, visit.reasons, visit.class), (Status::Valid, vec![], Class::Tight));
    }
}

#[tokio::test]
async fn a_status_from_before_the_visit_does_not_stand_in_for_one_that_nobody_answers() {
    let stage = Stage::set().await;
    let site = morning_without_network(&stage).await;
    unlock(&site).await;
    tap(&site, 0).await;
    let lost = |lost: &'static [&'static str]| {
        move |path: &str, _: &[u8]| match lost.iter().any(|one| path.starts_with(one)) {
            true => jushin::demo::stage::Interposed::Lost,
            false => jushin::demo::stage::Interposed::Passed,
        }
    };
    stage.world.trust_wire.interpose(lost(&["/tsa/"]));
    network_back(&site).await;

    stage.world.trust_wire.interpose(lost(&["/tsa/", "/ocsp/hpki"]));
    stage.pass(3_600_000);
    let evid = tap(&site, 1).await.trace.evid.unwrap();
    network_back(&site).await;
    let visit = appraised(&stage, &stage.world.platform.bundle(evid).unwrap());
    assert_eq!((visit.status, visit.reasons), (Status::Indeterminate, vec![Reason::OfflineAnchor]));
    assert_eq!(site.terminal.waiting().unwrap(), 1, "it is asked about again");

    stage.world.trust_wire.release();
    network_back(&site).await;
    assert_eq!(site.terminal.waiting().unwrap(), 0);
    let visit = appraised(&stage, &stage.world.platform.bundle(evid).unwrap());
    assert_eq!((visit.status, visit.class), (Status::Valid, Class::Tight));
}
