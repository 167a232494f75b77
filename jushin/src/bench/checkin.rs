//! `jushin bench checkin`: a check-in at the terminal, from the card on the reader to the sealed visit in
//! the journal.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use jushin_card::VirtualCard;
use jushin_pki::Crypto;
use jushin_trust_services::CardKind;
use serde_json::{Value, json};

use crate::demo::stage::Interposed;

use super::counted::{Act, Counted, Ledger, Operation};
use super::desk::Door;
use super::limit::now;
use super::progress::Progress;
use super::report::{Figure, Report, whole};
use super::spread::Spread;
use super::workload::{Station, Workload};
use super::{Size, cards, flush};

/// Most milliseconds that software may take in a check-in.
const MUST_MS: f64 = 5.0;

/// One check-in.
struct CheckIn {
    /// From the card on the reader to the visit in the journal, ready to be sent.
    total: Duration,
    card: Door,
    element: Door,
    card_operations: Vec<Operation>,
    element_operations: Vec<Operation>,
    /// The box for the platform.
    seal: Duration,
}

/// A part of every check-in: what it is called by programs and by people, and how long it took.
type Part = (&'static str, &'static str, fn(&CheckIn) -> Duration);

const PARTS: [Part; 8] = [
    ("total", "whole check-in", |one| one.total),
    ("card-crypto", "card: its cryptography", CheckIn::card_cryptography),
    ("card-rest", "card: answering commands besides", |one| {
        one.card.time.saturating_sub(one.card_cryptography())
    }),
    ("element-crypto", "element: its cryptography", CheckIn::element_cryptography),
    ("element-rest", "element: durable memory and code", |one| {
        one.element.time.saturating_sub(one.element_cryptography())
    }),
    ("seal", "terminal: HPKE box for the platform", |one| one.seal),
    ("terminal-rest", "terminal: durable journal and code", |one| {
        one.total.saturating_sub(one.card.time + one.element.time + one.seal)
    }),
    ("software", "software: all but the two crypto lines", CheckIn::software),
];

impl CheckIn {
    fn card_cryptography(&self) -> Duration {
        time_of(&self.card_operations)
    }

    fn element_cryptography(&self) -> Duration {
        time_of(&self.element_operations)
    }

    fn software(&self) -> Duration {
        self.total.saturating_sub(self.card_cryptography() + self.element_cryptography())
    }
}

fn time_of(operations: &[Operation]) -> Duration {
    operations.iter().map(|operation| operation.took).sum()
}

/// Where operations are written down.
#[derive(Clone, Default)]
struct Ledgers {
    card: Ledger,
    terminal: Ledger,
}

/// Runs the bench.
pub(super) async fn run(size: &Size, report: &mut Report) -> anyhow::Result<()> {
    let what =
        format!("{} cards, {} terminals, one after the other", whole(size.cards as f64), size.terminals);
    report.title("jushin bench checkin · card on the reader to sealed visit in the journal", &what);
    let ledgers = Ledgers::default();
    let (for_cards, for_terminals): (Arc<dyn Crypto>, Arc<dyn Crypto>) =
        (Arc::new(Counted(ledgers.card.clone())), Arc::new(Counted(ledgers.terminal.clone())));
    let workload = Workload::set_up(size, for_terminals).await?;
    let flushes = flush::spread(workload.folder.path())?;
    for (kind, name, words) in
        [(CardKind::Rsa, "rsa", "RSA-2048 PKCS#1 cards"), (CardKind::P384, "p384", "P-384 cards")]
    {
        let cards = cards::make(&workload.world, kind, size.cards, size.seed, &for_cards)?;
        workload.open().await?;
        let progress = Progress::new("check-ins", cards.len());
        let mut taken = Vec::new();
        for (number, card) in cards.into_iter().enumerate() {
            let turn = number % workload.stations.len();
            let station = workload.stations.get(turn).context("no terminal")?;
            taken.push(one(&workload, station, card, &ledgers).await?);
            progress.step();
        }
        say(name, words, &taken, report);
    }
    let columns = [format!("{:.2}", flushes.median_ms()), format!("{:.2}", flushes.p99_ms())];
    report.head("this machine's storage", &["median ms", "p99 ms"]);
    let figure = Figure {
        bench: "checkin/flush".to_owned(),
        label: "4 KiB written and flushed",
        value: flushes.median_ms(),
        unit: "ms",
        limit: None,
        ratio: None,
        more: json!({ "p99": flushes.p99_ms() }),
    };
    report.figure(&figure, &columns);
    Ok(())
}

async fn one(
    workload: &Workload,
    station: &Station,
    card: VirtualCard,
    ledgers: &Ledgers,
) -> anyhow::Result<CheckIn> {
    let seen: Arc<Mutex<Option<CheckIn>>> = Arc::default();
    let (note, desk, own) = (Arc::clone(&seen), station.desk.clone(), ledgers.clone());
    let _of_before = (desk.card.take(), desk.element.take(), own.card.take(), own.terminal.take());
    let start = now();
    // The visit is in the journal when the terminal begins to send it.
    workload.world.platform_wire.interpose(move |path, _| {
        if path == "/v1/batches" {
            let total = start.elapsed();
            let (seals, element_operations): (Vec<_>, Vec<_>) =
                own.terminal.take().into_iter().partition(|operation| operation.class.act == Act::Seal);
            note.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(CheckIn {
                total,
                card: desk.card.take(),
                element: desk.element.take(),
                card_operations: own.card.take(),
                element_operations,
                seal: time_of(&seals),
            });
        }
        Interposed::Passed
    });
    let done = station.tap(card).await;
    workload.world.platform_wire.release();
    done?;
    let taken = seen.lock().unwrap_or_else(PoisonError::into_inner).take();
    let taken = taken.context("nothing was sent to the platform")?;
    ensure!(taken.seal > Duration::ZERO, "the visit was not sealed");
    Ok(taken)
}

fn say(name: &str, words: &str, taken: &[CheckIn], report: &mut Report) {
    report.head(words, &["median ms", "p99 ms"]);
    let cryptography =
        Spread::of(taken.iter().map(|one| one.card_cryptography() + one.element_cryptography()));
    for (slug, label, part) in PARTS {
        let spread = Spread::of(taken.iter().map(part));
        let (median, p99) = (spread.median_ms(), spread.p99_ms());
        // The least that a check-in can take is the cryptography of the two devices.
        let limit = (slug == "total").then(|| cryptography.median_ms());
        let must = (slug == "software").then(|| json!({ "must_ms": MUST_MS, "within": p99 <= MUST_MS }));
        let mut more = json!({ "p99": p99, "check_ins": taken.len() });
        merge(&mut more, must);
        let figure = Figure {
            bench: format!("checkin/{name}/{slug}"),
            label,
            value: median,
            unit: "ms",
            limit,
            ratio: limit.map(|limit| limit / median),
            more,
        };
        report.figure(&figure, &[format!("{median:.2}"), format!("{p99:.2}")]);
    }
    commands(name, taken, report);
}

/// Commands and operations of one check-in; every one takes the same.
fn commands(name: &str, taken: &[CheckIn], report: &mut Report) {
    let Some(first) = taken.first() else { return };
    let alike = |count: fn(&CheckIn) -> usize| taken.iter().all(|one| count(one) == count(first));
    for (slug, label, count) in [
        ("card-commands", "APDUs to the card", (|one| one.card.commands) as fn(&CheckIn) -> usize),
        ("element-commands", "APDUs to the element", |one| one.element.commands),
        ("card-operations", "operations of the card", |one| one.card_operations.len()),
        ("element-operations", "operations of the element", |one| one.element_operations.len()),
    ] {
        let figure = Figure {
            bench: format!("checkin/{name}/{slug}"),
            label,
            value: count(first) as f64,
            unit: "count",
            limit: None,
            ratio: None,
            more: json!({ "all_alike": alike(count) }),
        };
        report.figure(&figure, &[count(first).to_string(), String::new()]);
    }
    for (who, operations) in [("card", &first.card_operations), ("element", &first.element_operations)] {
        for (place, operation) in operations.iter().enumerate() {
            report.line(&format!("    {:<9}{}", if place == 0 { who } else { "" }, operation.class));
        }
    }
}

fn merge(document: &mut Value, more: Option<Value>) {
    if let (Value::Object(document), Some(Value::Object(more))) = (document, more) {
        document.extend(more);
    }
}
