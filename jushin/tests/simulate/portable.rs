//! A portable terminal's day: home visits, a fever tent, a disaster hall. Switched on and off all day, hours
//! without network, one anchor in between.

use jushin::demo::stage::{STAFF_PIN, Site, StaffCards, YAMABIKO};
use jushin_evidence::{Trust, verify};
use jushin_runtime::Clock as _;
use jushin_statement::{Hash, Status};
use jushin_terminal::{StaffPin, UnlockMode};

use crate::support::stage::{Stage, tap};

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

/// A tap and the true time around it.
struct Seen {
    place: &'static str,
    evid: Hash,
    from: u64,
    until: u64,
}

async fn seen(stage: &Stage, site: &Site, place: &'static str, patient: usize) -> Seen {
    let from = stage.world.clock.now().0;
    let tapped = tap(site, patient).await;
    let evid = tapped.trace.evid.unwrap_or_else(|| panic!("{place}: {:?}", tapped.trace.trouble));
    Seen { place, evid, from, until: stage.world.clock.now().0 }
}

/// Off and on again, without network: the administrator's card unlocks.
async fn arrive_offline(site: &Site) {
    site.power_cycle().unwrap();
    site.terminal.switched_on().await;
    let card = StaffCards::administrator_of(site.place);
    site.terminal.unlock_with(&card, StaffPin::new(STAFF_PIN).unwrap()).await.unwrap();
    assert_eq!(site.terminal.mode().unlock, UnlockMode::OfflineUnlocked);
}

#[tokio::test]
async fn a_portable_terminals_day_ends_with_every_visit_proven_as_far_as_it_can_be_and_none_further() {
    let stage = Stage::set().await;
    let site = stage.unlocked(&YAMABIKO).await;
    let mut day = Vec::new();

    // Home visits: the network is there at the clinic's door only.
    day.push(seen(&stage, &site, "clinic", 0).await);
    site.line.cut();
    stage.pass(30 * MINUTE);
    day.push(seen(&stage, &site, "first house, still on", 1).await);
    assert_eq!(site.terminal.mode().unlock, UnlockMode::LostAfterUnlock);
    for house in ["second house", "third house", "fourth house"] {
        stage.pass(40 * MINUTE);
        arrive_offline(&site).await;
        day.push(seen(&stage, &site, house, 2).await);
    }

    // A fever tent, with network for a moment: one anchor, and all that waited is sent.
    stage.pass(30 * MINUTE);
    site.line.release();
    site.terminal.look_at_line().await;
    for _ in 0..3 {
        site.terminal.background_round().await;
    }
    assert_eq!(site.terminal.mode().unlock, UnlockMode::Online);
    day.push(seen(&stage, &site, "fever tent", 0).await);
    site.line.cut();
    stage.pass(2 * HOUR);
    day.push(seen(&stage, &site, "fever tent, network gone", 1).await);

    // A disaster hall: the generator stops again and again.
    for hour in 0..3 {
        stage.pass(HOUR);
        arrive_offline(&site).await;
        for patient in 0..=hour % 3 {
            day.push(seen(&stage, &site, "disaster hall", patient).await);
            stage.pass(5 * MINUTE);
        }
    }

    // Back at the clinic.
    stage.pass(HOUR);
    site.line.release();
    site.terminal.look_at_line().await;
    for _ in 0..4 {
        site.terminal.background_round().await;
    }
    site.terminal.power_off_planned().await.unwrap();
    assert_eq!(site.terminal.waiting().unwrap(), 0, "everything is settled");

    let trust = Trust::from_files(stage.world.platform.trust_files()).unwrap();
    for Seen { place, evid, from, until } in &day {
        let bundle = stage.world.platform.bundle(*evid).unwrap();
        let report = verify(&bundle, &trust, stage.world.crypto.as_ref());
        let visit = &report.visits[0];
        assert_eq!((visit.status, &visit.reasons[..]), (Status::Valid, &[][..]), "{place}");
        let (lo, hi) = (visit.window.earliest().unwrap().0, visit.window.latest().unwrap().0);
        assert!(lo <= *until && *from <= hi, "{place}: {from} to {until} in [{lo}, {hi}]");
        if ["second house", "third house"].contains(place) {
            assert!(
                hi - lo > HOUR,
                "{place}: no time stamp belongs to its power cycle, so it is between anchors"
            );
        }
    }
}
