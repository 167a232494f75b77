//! `jushin bench sync`: terminals come back from a spell without network and send all they have, at once.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use jushin_card::VirtualCard;
use jushin_crypto::AwsLc;
use jushin_runtime::PeerError;
use jushin_statement::HolderCheck;
use jushin_terminal::{CardName, SyncError};
use jushin_trust_services::CardKind;
use serde_json::json;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::demo::stage::Interposed;

use super::limit::now;
use super::parallel::on_all_cores;
use super::progress::Progress;
use super::report::{Figure, Report, whole};
use super::workload::{Station, Workload};
use super::{Size, cards, memory};

/// Most seconds for 10,000 visits, in proportion for other numbers.
const MUST_SECONDS: f64 = 5.0;
/// Check-ins under one unlock; a new one comes before the element's quota is used up.
const PER_UNLOCK: usize = 1_500;
/// How often a terminal that was told "later" asks again at once, before the bench calls it stuck.
const TRIES: usize = 10_000;

/// Runs the bench: `visits` over all terminals.
pub(super) async fn run(size: &Size, visits: usize, report: &mut Report) -> anyhow::Result<()> {
    let what = format!(
        "{} visits of {} cards at {} terminals, without network; then all are sent at once",
        whole(visits as f64),
        whole(size.cards as f64),
        size.terminals
    );
    report.title("jushin bench sync · back after a spell without network", &what);
    let workload = Workload::set_up(size, Arc::new(AwsLc)).await?;
    workload.open().await?;
    fill(&workload, size, visits).await?;

    let memory_before = memory::start();
    let start = now();
    let retries = send_all(&workload).await?;
    let took = start.elapsed();
    let most_memory = memory::peak();
    for station in &workload.stations {
        ensure!(station.site.terminal.waiting()? == 0, "a terminal still holds visits");
    }

    say(visits, took, retries, report);
    let more = json!({ "before_bytes": memory_before, "terminals": size.terminals });
    let mib = |bytes: Option<u64>| bytes.map_or(f64::NAN, |bytes| bytes as f64 / 1_048_576.0);
    let figure = Figure {
        bench: "sync/memory".to_owned(),
        label: "most memory of all parties meanwhile",
        value: mib(most_memory),
        unit: "MiB",
        limit: None,
        ratio: None,
        more,
    };
    report.figure(&figure, &[format!("{:.0}", mib(most_memory)), String::new()]);
    Ok(())
}

/// Check-ins while the line to the platform is cut.
async fn fill(workload: &Workload, size: &Size, visits: usize) -> anyhow::Result<()> {
    let cards = cards::make(&workload.world, CardKind::Rsa, size.cards, size.seed, &workload.world.crypto)?;
    let mut lists: Vec<Vec<VirtualCard>> = workload.stations.iter().map(|_| Vec::new()).collect();
    for (number, card) in cards.into_iter().enumerate() {
        let place = number % lists.len().max(1);
        lists.get_mut(place).context("no terminal")?.push(card);
    }
    let share = visits.div_ceil(workload.stations.len().max(1));
    let progress = Progress::new("check-ins without network", share * workload.stations.len());
    cut(workload);
    let work = workload.stations.iter().zip(lists).collect();
    on_all_cores(work, |(station, cards)| {
        Handle::current().block_on(station.check_in_offline(cards, share.min(PER_UNLOCK), &progress))
    })?;
    // The quota of the first unlock is used up: each further one needs the network for a moment.
    let mut done = PER_UNLOCK;
    while done < share {
        workload.world.platform_wire.release();
        for station in &workload.stations {
            station.site.terminal.re_anchor().await.context("a new unlock")?;
        }
        cut(workload);
        let more = (share - done).min(PER_UNLOCK);
        on_all_cores(workload.stations.iter().collect(), |station| {
            Handle::current().block_on(station.check_in_offline(Vec::new(), more, &progress))
        })?;
        done += more;
    }
    workload.world.platform_wire.release();
    Ok(())
}

fn cut(workload: &Workload) {
    workload.world.platform_wire.interpose(|_, _| Interposed::Lost);
}

/// All terminals at the same time. Gives how often one was told to come later.
async fn send_all(workload: &Workload) -> anyhow::Result<usize> {
    let mut sending = JoinSet::new();
    for station in &workload.stations {
        let terminal = station.site.terminal.clone();
        sending.spawn(async move {
            for tries in 0..TRIES {
                match terminal.sync().await {
                    Ok(_) => return Ok(tries),
                    Err(SyncError::Platform(PeerError::Refused { status, .. }))
                        if status.is_server_error() =>
                    {
                        tokio::task::yield_now().await;
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            anyhow::bail!("the platform said \"later\" {TRIES} times")
        });
    }
    let mut later = 0;
    while let Some(sent) = sending.join_next().await {
        later += sent.context("a terminal stopped")??;
    }
    Ok(later)
}

fn say(visits: usize, took: Duration, retries: usize, report: &mut Report) {
    report.head("visits settled with receipts", &["value", "must"]);
    let seconds = took.as_secs_f64();
    let must = MUST_SECONDS * visits as f64 / 10_000.0;
    let figure = Figure {
        bench: "sync/seconds".to_owned(),
        label: "from the network's return to the last receipt",
        value: seconds,
        unit: "s",
        limit: None,
        ratio: None,
        more: json!({ "visits": visits, "must_s": must, "within": seconds <= must, "told_later": retries }),
    };
    report.figure(&figure, &[format!("{seconds:.2} s"), format!("{must:.2} s")]);
    let rate = visits as f64 / seconds;
    let figure = Figure {
        bench: "sync/rate".to_owned(),
        label: "visits a second",
        value: rate,
        unit: "1/s",
        limit: None,
        ratio: None,
        more: json!({}),
    };
    report.figure(&figure, &[whole(rate), String::new()]);
}

impl Station {
    /// `count` check-ins that stay in the journal. The cards take turns; none means those of the last time.
    async fn check_in_offline(
        &self,
        cards: Vec<VirtualCard>,
        count: usize,
        progress: &Progress<'_>,
    ) -> anyhow::Result<()> {
        let mut cards = std::collections::VecDeque::from(cards);
        let name = CardName("card".to_owned());
        for _ in 0..count {
            if let Some(card) = cards.pop_front() {
                cards.extend(self.desk.lay(card));
            }
            let result = self.site.terminal.tap_now(&name, HolderCheck::PhotoMachine, None).await;
            let trouble = result.trace.trouble.as_deref().unwrap_or("nothing was said why");
            result.trace.evid.with_context(|| format!("a tap gave no visit: {trouble}"))?;
            progress.step();
        }
        Ok(())
    }
}
