//! `jushin bench verify`: from the bytes of a bundle to the verdict, on one thread.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use jushin_crypto::AwsLc;
use jushin_evidence::{Appraisal, Trust, Verifier};
use jushin_pki::Crypto;
use jushin_statement::{Bundle, Hash, Object as _, Status, Visits};
use jushin_trust_services::CardKind;
use serde_json::{Map, Value, json};

use super::Size;
use super::cards;
use super::counted::{Counted, Ledger, Operation};
use super::limit::{Keys, Limit, timed};
use super::report::{Figure, Report, percent, whole};
use super::workload::Workload;

/// What the verifier has seen when a bundle comes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// Nothing when the first bundle comes; one verifier for all.
    Nothing,
    /// Every terminal once; every card is new.
    Terminals,
    /// The very same bundles.
    Everything,
    /// Nothing, for every bundle: a verifier for each.
    NothingEver,
}

impl Before {
    const ALL: [Self; 4] = [Self::Terminals, Self::Nothing, Self::Everything, Self::NothingEver];

    const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "cold",
            Self::Terminals => "steady",
            Self::Everything => "again",
            Self::NothingEver => "alone",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Nothing => "cold: no terminal, no card known",
            Self::Terminals => "steady: terminals known, cards new",
            Self::Everything => "again: the same bundles once more",
            Self::NothingEver => "alone: a verifier for each bundle",
        }
    }
}

/// The bundles of one kind of card.
struct Stream {
    trust: Arc<Trust>,
    bundles: Vec<Vec<u8>>,
    terminals: usize,
}

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

/// How many of each are in the bundles.
struct Distinct {
    cards: usize,
    elements: usize,
    institutions: usize,
    bytes: usize,
}

impl Stream {
    /// Every bundle must prove its visit, and every card be another.
    fn check(&self) -> anyhow::Result<Distinct> {
        let verifier = Verifier::new(Arc::clone(&self.trust), Arc::new(AwsLc));
        let (mut cards, mut elements, mut institutions) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for bytes in &self.bundles {
            let bundle = Bundle::decode(bytes)?;
            if let Visits::Full(visits) = &bundle.visits {
                cards.extend(visits.iter().map(|visit| Hash::of(&visit.certificate)));
            }
            for visit in &verifier.verify(&bundle).visits {
                ensure!(visit.status == Status::Valid, "a visit is not valid: {:?}", visit.reasons);
                elements.extend(visit.element_id());
                institutions.extend(visit.institution().map(|code| code.as_str().to_owned()));
            }
        }
        ensure!(cards.len() == self.bundles.len(), "two bundles hold the same card");
        Ok(Distinct {
            cards: cards.len(),
            elements: elements.len(),
            institutions: institutions.len(),
            bytes: self.bundles.iter().map(Vec::len).sum(),
        })
    }

    /// The bundles that are measured.
    fn measured(&self, before: Before) -> &[Vec<u8>] {
        let skipped = if before == Before::Terminals { self.terminals } else { 0 };
        self.bundles.get(skipped..).unwrap_or_default()
    }

    /// Verifies with `crypto` and gives the time of what is measured; `begins` is called before that.
    fn pass(&self, before: Before, crypto: &Arc<dyn Crypto>, begins: impl Fn()) -> anyhow::Result<Duration> {
        let verifier = || Verifier::new(Arc::clone(&self.trust), Arc::clone(crypto));
        let one = verifier();
        let seen = match before {
            Before::Nothing | Before::NothingEver => 0,
            Before::Terminals => self.terminals,
            Before::Everything => self.bundles.len(),
        };
        for bytes in self.bundles.iter().take(seen) {
            judge(&one, bytes)?;
        }
        begins();
        let (time, judged) = timed(|| {
            self.measured(before).iter().try_for_each(|bytes| match before {
                Before::NothingEver => judge(&verifier(), bytes).map(drop),
                _ => judge(&one, bytes).map(drop),
            })
        });
        judged?;
        Ok(time)
    }
}

/// From bytes to verdict.
fn judge(verifier: &Verifier<'_>, bytes: &[u8]) -> anyhow::Result<Appraisal> {
    let report = verifier.verify(&Bundle::decode(bytes)?);
    let visit = report.visits.into_iter().next().context("a bundle without a visit")?;
    ensure!(visit.status == Status::Valid, "a visit is not valid");
    Ok(visit)
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
        let Measured { time, used, bare } = best_of(size.rounds, stream, before, &operations)?;
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
    Ok(())
}

fn count(stream: &Stream, before: Before) -> anyhow::Result<Vec<Operation>> {
    let ledger = Ledger::default();
    let counted: Arc<dyn Crypto> = Arc::new(Counted(ledger.clone()));
    stream.pass(before, &counted, || drop(ledger.take()))?;
    Ok(ledger.take())
}

struct Measured {
    time: Duration,
    used: Limit,
    bare: Limit,
}

/// Bench and limit in turn, so that whatever else the machine does meets both; the best of each counts.
fn best_of(
    rounds: usize,
    stream: &Stream,
    before: Before,
    operations: &[Operation],
) -> anyhow::Result<Measured> {
    let plain: Arc<dyn Crypto> = Arc::new(AwsLc);
    let mut best: Option<Measured> = None;
    for _ in 0..rounds {
        let time = stream.pass(before, &plain, || ())?;
        let used = Limit::of(operations, Keys::AsUsed);
        let bare = Limit::of(operations, Keys::AllKnown);
        match &mut best {
            Some(best) => {
                best.time = best.time.min(time);
                best.used.least(&used);
                best.bare.least(&bare);
            }
            None => best = Some(Measured { time, used, bare }),
        }
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
