//! An element without a timer: its ticks count records, and a date is proven only between anchors (P5).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jushin::demo::stage::{DeskReader, Rig, SAKURA, Site, Ticking, YAMABIKO};
use jushin_evidence::{Appraisal, Trust, verify};
use jushin_runtime::Clock;
use jushin_statement::{Anchor, Bundle, Class, Embedded, Hash, Record, Status, UnixMillis};

use crate::support::stage::{Stage, tap};

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
/// From the morning of the stage, 08:30 in Japan, to the midnight after it.
const TO_MIDNIGHT: u64 = 15 * HOUR + 30 * MINUTE;
/// What the tokens of the demo state, and a second more where one has no fraction.
const ACCURACY: u64 = 1_500;

/// A clock that is set by hand.
struct Hand(AtomicU64);

impl Clock for Hand {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.0.load(Ordering::Relaxed))
    }
}

async fn without_timer(stage: &Stage, clock: Arc<dyn Clock>) -> Site {
    let reader = Arc::new(DeskReader(stage.world.cards.clone()));
    let rig = Rig { reader, clock, ticking: Ticking::Records };
    let folder = stage.folder.path();
    let site =
        Site::enrol_rigged(&stage.world, folder, &SAKURA, rig, |element| Box::new(element)).await.unwrap();
    stage.pass(10 * MINUTE);
    site
}

async fn set() -> (Stage, Site) {
    let stage = Stage::set().await;
    let clock = stage.world.clock.clone();
    let site = without_timer(&stage, clock).await;
    (stage, site)
}

async fn visit(site: &Site) -> Hash {
    tap(site, 0).await.trace.evid.unwrap()
}

fn bundle(stage: &Stage, evid: Hash) -> Bundle {
    stage.world.platform.bundle(evid).unwrap()
}

fn appraised(stage: &Stage, bundle: &Bundle) -> Appraisal {
    let trust = Trust::from_files(stage.world.platform.trust_files()).unwrap();
    let mut report = verify(bundle, &trust, stage.world.crypto.as_ref());
    report.visits.remove(0)
}

fn now(stage: &Stage) -> u64 {
    stage.world.clock.now().0
}

fn ends(visit: &Appraisal) -> (Option<u64>, Option<u64>) {
    (visit.window.earliest().map(|at| at.0), visit.window.latest().map(|at| at.0))
}

#[tokio::test]
async fn n5_1_without_a_closing_anchor_no_date_is_proven_and_with_one_of_the_same_day_it_is() {
    let (stage, site) = set().await;
    site.terminal.power_on().await.unwrap();
    assert_eq!(site.terminal.remaining(), Some(500), "an activation without timer allows 500 check-ins");
    let anchored = now(&stage);
    stage.pass(HOUR);
    let evid = visit(&site).await;
    let open = appraised(&stage, &bundle(&stage, evid));
    assert_eq!((open.status, open.class), (Status::OpenEnded, Class::OrderOnly));
    assert_eq!(open.window.latest(), None);

    stage.pass(9 * HOUR);
    let closing = now(&stage);
    site.terminal.power_off_planned().await.unwrap();
    let closed = appraised(&stage, &bundle(&stage, evid));
    assert_eq!((closed.status, closed.class), (Status::Valid, Class::Date));
    let (lo, hi) = ends(&closed);
    assert!(lo.unwrap().abs_diff(anchored) <= ACCURACY && hi.unwrap().abs_diff(closing) <= 2 * ACCURACY);
}

#[tokio::test]
async fn n5_2_a_visit_at_23_59_that_is_closed_at_00_01_has_an_interval_and_no_date() {
    let (stage, site) = set().await;
    stage.pass(TO_MIDNIGHT - 10 * MINUTE - 2 * MINUTE);
    site.terminal.power_on().await.unwrap();
    stage.pass(MINUTE);
    let evid = visit(&site).await;
    stage.pass(2 * MINUTE);
    site.terminal.re_anchor().await.unwrap();
    let visit = appraised(&stage, &bundle(&stage, evid));
    assert_eq!((visit.status, visit.class), (Status::Valid, Class::Interval));
    let (lo, hi) = ends(&visit);
    assert!(hi.unwrap() - lo.unwrap() < 5 * MINUTE, "on one day it would be tight");
    let day = |at: Option<u64>| (at.unwrap() + 9 * HOUR) / (24 * HOUR);
    assert_eq!(day(lo) + 1, day(hi), "both dates are shown");
}

#[tokio::test]
async fn n5_2_a_day_that_is_closed_after_midnight_has_an_interval_only() {
    let (stage, site) = set().await;
    site.terminal.power_on().await.unwrap();
    let evid = visit(&site).await;
    stage.pass(TO_MIDNIGHT);
    site.terminal.re_anchor().await.unwrap();
    assert_eq!(appraised(&stage, &bundle(&stage, evid)).class, Class::Interval);
}

#[tokio::test]
async fn n5_3_a_clock_set_back_or_forward_on_the_host_changes_nothing() {
    const TEN_YEARS: u64 = 10 * 365 * 24 * HOUR;
    let stage = Stage::set().await;
    let hand = Arc::new(Hand(AtomicU64::new(now(&stage))));
    let site = without_timer(&stage, hand.clone()).await;
    let before = now(&stage);
    site.terminal.power_on().await.unwrap();
    for set_to in [before - TEN_YEARS, before - 24 * HOUR, before + 24 * HOUR, before - HOUR] {
        hand.0.store(set_to, Ordering::Relaxed);
        stage.pass(10 * MINUTE);
        let tapped_at = now(&stage);
        let evid = visit(&site).await;
        stage.pass(MINUTE);
        site.terminal.re_anchor().await.unwrap();
        let visit = appraised(&stage, &bundle(&stage, evid));
        let (lo, hi) = ends(&visit);
        assert_eq!(visit.status, Status::Valid);
        assert!(lo.unwrap() <= tapped_at + ACCURACY && tapped_at <= hi.unwrap());
        assert!(lo.unwrap() >= before - ACCURACY && hi.unwrap() <= now(&stage) + 2 * ACCURACY, "{set_to}");
    }
}

#[tokio::test]
async fn n5_4_the_anchor_of_another_element_closes_nothing() {
    let (stage, site) = set().await;
    site.terminal.power_on().await.unwrap();
    let evid = visit(&site).await;
    let alone = bundle(&stage, evid);
    let other = stage.unlocked(&YAMABIKO).await;
    other.terminal.re_anchor().await.unwrap();
    let foreign = bundle(&stage, tap(&other, 1).await.trace.evid.unwrap());
    let mut mixed = alone.clone();
    mixed.anchors.extend(foreign.anchors);
    assert_eq!(appraised(&stage, &mixed).window, appraised(&stage, &alone).window);
    assert_eq!(appraised(&stage, &mixed).window.latest(), None);
}

#[tokio::test]
async fn n5_5_an_anchor_with_a_lower_counter_closes_nothing() {
    let (stage, site) = set().await;
    site.terminal.power_on().await.unwrap();
    stage.pass(HOUR);
    let evid = visit(&site).await;
    stage.pass(HOUR);
    site.terminal.power_off_planned().await.unwrap();
    let mut bundle = bundle(&stage, evid);
    let counter = appraised(&stage, &bundle).counter().unwrap();
    assert!(appraised(&stage, &bundle).window.latest().is_some());
    bundle.anchors.retain(|Embedded(anchor)| match anchor {
        Anchor::Online { stamp1, .. } => {
            Record::decode(stamp1.parse().unwrap().payload).unwrap().link().counter < counter
        }
        _ => false,
    });
    assert!(!bundle.anchors.is_empty());
    assert_eq!(appraised(&stage, &bundle).window.latest(), None);
}

#[tokio::test]
async fn n5_6_the_day_is_the_one_in_japan_also_across_midnight_in_utc() {
    let (stage, site) = set().await;
    // 08:40 in Japan is 23:40 of the day before in UTC.
    site.terminal.power_on().await.unwrap();
    let evid = visit(&site).await;
    stage.pass(2 * HOUR);
    site.terminal.re_anchor().await.unwrap();
    let visit = appraised(&stage, &bundle(&stage, evid));
    let (lo, hi) = ends(&visit);
    assert_ne!(lo.unwrap() / (24 * HOUR), hi.unwrap() / (24 * HOUR), "two dates in UTC");
    assert_eq!(visit.class, Class::Date);
}

#[tokio::test]
async fn n5_7_ticks_that_count_records_narrow_no_window() {
    let (stage, site) = set().await;
    site.terminal.power_on().await.unwrap();
    stage.pass(2 * HOUR);
    let first = visit(&site).await;
    stage.pass(2 * HOUR);
    let second = visit(&site).await;
    stage.pass(2 * HOUR);
    site.terminal.re_anchor().await.unwrap();
    let (first, second) =
        (appraised(&stage, &bundle(&stage, first)), appraised(&stage, &bundle(&stage, second)));
    assert_eq!(first.window, second.window, "both are between the same anchors, however many ticks apart");
    let (lo, hi) = ends(&first);
    assert!(hi.unwrap() - lo.unwrap() >= 6 * HOUR);
    assert_eq!(site.terminal.mode().window_ms, None, "only the order");
}
