//! When the terminal takes anchors, through the real element.

use jushin_secure_element::client::ElementClient;
use jushin_statement::HolderCheck;
use jushin_terminal::UnlockMode;

use crate::bench::Bench;

const HOUR: u64 = 3_600_000;

/// The element's counter.
#[expect(clippy::unwrap_used, reason = "a test's helper")]
fn counter(bench: &Bench) -> u64 {
    ElementClient::new(bench.socket.clone()).status().unwrap().counter
}

#[tokio::test]
async fn an_hour_without_a_token_asks_for_an_anchor_and_without_network_for_a_heartbeat() {
    let bench = Bench::ready().await;
    bench.terminal.background_round().await;
    let before = counter(&bench);
    bench.clock.advance(HOUR - 1);
    bench.terminal.background_round().await;
    assert_eq!(counter(&bench), before);
    bench.clock.advance(1);
    bench.terminal.background_round().await;
    assert_eq!(counter(&bench), before + 2, "two stamps of one anchor");
    bench.terminal.background_round().await;
    assert_eq!(counter(&bench), before + 2, "once");

    bench.platform.network(false);
    bench.clock.advance(HOUR);
    bench.terminal.background_round().await;
    bench.terminal.background_round().await;
    assert_eq!(counter(&bench), before + 3, "a heartbeat, once");
    assert!(bench.terminal.mode().re_anchor_due);
}

#[tokio::test]
async fn the_first_card_of_a_day_waits_for_an_anchor_of_that_day_and_not_for_a_network_that_is_gone() {
    let bench = Bench::ready().await;
    bench.clock.advance(24 * HOUR);
    let before = counter(&bench);
    assert_eq!(bench.tap("P1", HolderCheck::PhotoMachine).await.state.0, "new");
    assert_eq!(counter(&bench), before + 4, "an anchor, then the visit");
    assert_eq!(bench.tap("P2", HolderCheck::PhotoMachine).await.state.0, "new");
    assert_eq!(counter(&bench), before + 6, "a visit");

    bench.clock.advance(24 * HOUR);
    bench.platform.network(false);
    let tap = bench.tap("P1", HolderCheck::PhotoMachine).await;
    assert!(tap.trace.evid.is_some(), "{tap:?}");
    assert_eq!(counter(&bench), before + 8, "care does not wait");
}

#[tokio::test]
async fn before_a_planned_power_off_one_more_anchor_closes_the_cycle() {
    let bench = Bench::ready().await;
    bench.tap("P1", HolderCheck::PhotoMachine).await;
    let before = counter(&bench);
    assert!(bench.terminal.power_off_planned().await.unwrap().is_some());
    assert!(counter(&bench) >= before + 2);
    assert_eq!(bench.terminal.waiting().unwrap(), 0);
}

#[tokio::test]
async fn the_mode_says_by_whom_it_was_unlocked_and_what_a_visit_would_prove() {
    let bench = Bench::new();
    bench.enrol().await;
    assert_eq!(bench.terminal.mode().unlock, UnlockMode::Locked);
    assert_eq!(bench.terminal.mode().window_ms, None);
    bench.terminal.power_on().await.unwrap();
    let mode = bench.terminal.mode();
    assert_eq!(mode.unlock, UnlockMode::Online);
    assert!(!mode.re_anchor_due && mode.remaining.is_some());
    let narrow = mode.window_ms.unwrap();
    bench.ticker.advance(HOUR);
    bench.terminal.background_round().await;
    assert!(bench.terminal.mode().window_ms.unwrap() > narrow, "as far as the element's clock may be off");
}
