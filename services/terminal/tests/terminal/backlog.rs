//! A week without network, and what it takes to send it (P6, N6.11).

use std::collections::BTreeSet;

use jushin_statement::HolderCheck;

use crate::bench::Bench;

/// Most boxes that one batch holds, so that neither side needs memory for a week at once.
const PAGE: usize = 64;

#[tokio::test]
async fn n6_11_a_backlog_resumes_after_every_interruption_and_nothing_is_taken_twice() {
    // Two records a visit; with full counts 100,000 records.
    let visits = if std::env::var_os("JUSHIN_SOAK").is_some() { 50_000 } else { 200 };
    let mut bench = Bench::new();
    bench.platform.allow(visits);
    bench.enrol().await;
    bench.terminal.power_on().await.unwrap();
    bench.platform.network(false);
    let mut done = BTreeSet::new();
    for _ in 0..visits {
        done.insert(bench.tap("P1", HolderCheck::PhotoMachine).await.trace.evid.unwrap());
    }
    assert_eq!(bench.terminal.waiting().unwrap(), done.len());

    bench.platform.network(true);
    bench.platform.break_off();
    let mut before = done.len();
    for attempt in 0.. {
        let all_sent = bench.terminal.sync().await.is_ok_and(|synced| synced.waiting == 0);
        let waiting = bench.terminal.waiting().unwrap();
        assert!(waiting <= before, "what was acknowledged stays acknowledged");
        before = waiting;
        if all_sent {
            break;
        }
        assert!(attempt < 3 * visits, "{waiting} visits do not get through");
        if attempt % 5 == 4 {
            bench.restart();
        }
    }

    let batches = bench.platform.batches();
    assert!(batches.iter().all(|batch| batch.boxes.len() <= PAGE));
    let taken: BTreeSet<_> =
        batches.iter().flat_map(|batch| &batch.boxes).map(|sealed| sealed.evid).collect();
    assert_eq!(taken, done, "every visit arrived, and no other");
    let sent: usize = batches.iter().map(|batch| batch.boxes.len()).sum();
    assert!(sent <= 3 * done.len(), "{sent} boxes were sent for {} visits", done.len());
}
