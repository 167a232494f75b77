//! `jushin bench verify`: from the bytes of a bundle to the verdict, on one thread.

use std::sync::Arc;

use anyhow::Context as _;
use jushin_crypto::AwsLc;
use jushin_pki::Crypto;
use jushin_trust_services::CardKind;
use serde_json::{Map, Value, json};

use super::Size;
use super::cards;
use super::counted::{Counted, Ledger, Operation};
use super::limit::{Keys, Limit, Times};
use super::profile;
use super::progress::Progress;
use super::report::{Figure, Report, percent, whole};
use super::stream::{Before, Distinct, Stream};
use super::workload::Workload;

/// Runs the bench.
pub(super) async fn run(size: &Size, report: &mut Report) -> anyhow::Result<()> {
    let plain: Arc<dyn Crypto> = Arc::new(AwsLc);
    let what = format!(
        "{} cards of each kind, {} terminals and institutions, one bundle a visit, one thread",
        whole(size.cards as f64),
        size.terminals
    );
    report.title("jushin bench verify · bytes of a bundle to its verdict", &what);
    let workload = Workload::set_up(size, Arc::clone(&plain)).await?;
    for (kind, name, words) in [
        (CardKind::Rsa, "rsa", "RSA-2048 PKCS#1 cards, P-256 elements"),
        (CardKind::RsaPss, "pss", "RSA-2048 PSS cards, P-256 elements"),
        (CardKind::P384, "p384", "P-384 cards, P-256 elements"),
    ] {
        let cards = cards::make(&workload.world, kind, size.cards, size.seed, &plain)?;
        workload.open().await?;
        let visits = workload.check_in(cards)?;
        let bundles = workload.bundles(&visits)?;
        let stream = Stream { trust: workload.trust()?, bundles, terminals: size.terminals };
        let distinct = stream.check()?;
        measure(&stream, (name, words), &distinct, size, report)?;
    }
    report.line("");
    report.line(
        "limit    the signature operations that were counted, each done again alone with the same key,",
    );
    report.line(
        "         message and signature; a new key is read again. Hashes and parsing count as software.",
    );
    report.line("bare     the same with every key read before: signatures and nothing else.");
    Ok(())
}

fn measure(
    stream: &Stream,
    (name, words): (&str, &str),
    distinct: &Distinct,
    size: &Size,
    report: &mut Report,
) -> anyhow::Result<()> {
    report.head(words, &["visits/s", "µs each", "limit µs", "of limit", "of bare"]);
    let mut steady = Limit::default();
    for before in Before::ALL {
        let operations = count(stream, before)?;
        let visits = stream.measured(before).len();
        let Measured { times, used, bare } = best_of(size.rounds, stream, before, &operations)?;
        let time = times.total();
        let (per, ratio) = (1e6 / visits as f64, used.total().as_secs_f64() / time.as_secs_f64());
        let to_bare = bare.total().as_secs_f64() / time.as_secs_f64();
        let figure = Figure {
            bench: format!("verify/{name}/{}", before.name()),
            label: before.label(),
            value: visits as f64 / time.as_secs_f64(),
            unit: "visits/s",
            limit: Some(visits as f64 / used.total().as_secs_f64()),
            ratio: Some(ratio),
            more: json!({
                "visits": visits,
                "ratio_bare": to_bare,
                "limit_bare": visits as f64 / bare.total().as_secs_f64(),
                "operations": by_class(&used, visits),
                "distinct_cards": distinct.cards,
                "distinct_elements": distinct.elements,
                "distinct_institutions": distinct.institutions,
                "bundle_bytes": distinct.bytes / stream.bundles.len().max(1),
            }),
        };
        let columns = [
            whole(figure.value),
            format!("{:.1}", time.as_secs_f64() * per),
            format!("{:.1}", used.total().as_secs_f64() * per),
            percent(ratio),
            percent(to_bare),
        ];
        report.figure(&figure, &columns);
        if before == Before::Terminals {
            steady = used;
        }
    }
    operations_of_one_visit(&steady, stream.measured(Before::Terminals).len(), report);
    profile::run(stream, name, size.rounds, report)
}

fn count(stream: &Stream, before: Before) -> anyhow::Result<Vec<Operation>> {
    let ledger = Ledger::default();
    let counted: Arc<dyn Crypto> = Arc::new(Counted(ledger.clone()));
    let mut operations = Vec::new();
    stream.pass(before, &counted, &mut || operations = ledger.take())?;
    Ok(operations)
}

struct Measured {
    times: Times,
    used: Limit,
    bare: Limit,
}

/// Bench and limit in turn, so that whatever else the machine does meets both.
fn best_of(
    rounds: usize,
    stream: &Stream,
    before: Before,
    operations: &[Operation],
) -> anyhow::Result<Measured> {
    let plain: Arc<dyn Crypto> = Arc::new(AwsLc);
    let mut best: Option<Measured> = None;
    let progress = Progress::new("rounds", rounds);
    for _ in 0..rounds {
        let times = stream.pass(before, &plain, &mut || ())?;
        let used = Limit::of(operations, Keys::AsUsed);
        let bare = Limit::of(operations, Keys::AllKnown);
        match &mut best {
            Some(best) => {
                best.times.least(&times);
                best.used.least(&used);
                best.bare.least(&bare);
            }
            None => best = Some(Measured { times, used, bare }),
        }
        progress.step();
    }
    best.context("no round")
}

fn by_class(limit: &Limit, visits: usize) -> Value {
    let entry = |(class, cost): (&super::counted::Class, &super::limit::Cost)| {
        let per_visit = cost.count as f64 / visits as f64;
        (class.slug(), json!({ "count": cost.count, "per_visit": per_visit, "each_us": cost.each_us() }))
    };
    Value::Object(limit.0.iter().map(entry).collect::<Map<_, _>>())
}

fn operations_of_one_visit(limit: &Limit, visits: usize, report: &mut Report) {
    report.row("  a visit in the steady state", &["times", "µs each", "µs"].map(str::to_owned));
    for (class, cost) in &limit.0 {
        let per_visit = cost.count as f64 / visits as f64;
        let columns = [
            format!("{per_visit:.2}"),
            format!("{:.1}", cost.each_us()),
            format!("{:.1}", per_visit * cost.each_us()),
        ];
        report.row(&format!("    {class}"), &columns);
    }
}
