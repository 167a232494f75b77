//! Where the time between the signatures goes: the three stages from bytes to verdict, in the steady state.

use std::hint::black_box;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use jushin_crypto::AwsLc;
use jushin_evidence::{Material, Verifier};
use jushin_pki::Crypto;
use jushin_statement::{Bundle, Object as _, Visits};
use serde_json::json;

use super::counted::{Counted, Ledger, Operation};
use super::limit::{Keys, Limit, Times, now};
use super::report::{Figure, Report};
use super::stream::{Before, Stream};

/// For programs and for people.
const STAGES: [(&str, &str); 3] = [
    ("decode", "the bundle is read"),
    ("material", "certificates, anchors, records looked at"),
    ("visit", "the visit is judged"),
];

/// One round: the times of every bundle's stages.
fn round(
    stream: &Stream,
    crypto: &Arc<dyn Crypto>,
    stage_ends: &mut dyn FnMut(usize),
) -> anyhow::Result<[Times; 3]> {
    let verifier = Verifier::new(Arc::clone(&stream.trust), Arc::clone(crypto));
    for bytes in stream.bundles.iter().take(stream.terminals) {
        black_box(verifier.verify(&Bundle::decode(bytes)?));
    }
    stage_ends(STAGES.len());
    let mut times = <[Times; 3]>::default();
    for bytes in stream.measured(Before::Terminals) {
        let start = now();
        let bundle = Bundle::decode(bytes)?;
        let decoded = now();
        stage_ends(0);
        let Visits::Full(visits) = &bundle.visits else { anyhow::bail!("a redacted bundle") };
        let visit = visits.first().context("a bundle without a visit")?;
        let looking = now();
        let case = verifier.case(Material::of_bundle(&bundle), visits);
        let looked = now();
        stage_ends(1);
        let judging = now();
        let appraisal = case.appraise_with_audit(visit);
        let judged = now();
        stage_ends(2);
        ensure!(appraisal.reasons.is_empty(), "a visit is not valid: {:?}", appraisal.reasons);
        let taken = [decoded - start, looked - looking, judged - judging];
        times.iter_mut().zip(taken).for_each(|(times, taken)| times.push(taken));
    }
    Ok(times)
}

/// Measures the stages, and what of each is signatures.
pub(super) fn run(stream: &Stream, name: &str, rounds: usize, report: &mut Report) -> anyhow::Result<()> {
    let ledger = Ledger::default();
    let counted: Arc<dyn Crypto> = Arc::new(Counted(ledger.clone()));
    let mut operations = <[Vec<Operation>; 3]>::default();
    round(stream, &counted, &mut |stage| {
        let done = ledger.take();
        if let Some(own) = operations.get_mut(stage) {
            own.extend(done);
        }
    })?;
    let plain: Arc<dyn Crypto> = Arc::new(AwsLc);
    let mut best: Option<([Times; 3], [Limit; 3])> = None;
    for _ in 0..rounds {
        let times = round(stream, &plain, &mut |_| ())?;
        let limits = operations.each_ref().map(|own| Limit::of(own, Keys::AsUsed));
        match &mut best {
            Some((least, limit)) => {
                least.iter_mut().zip(&times).for_each(|(one, other)| one.least(other));
                limit.iter_mut().zip(&limits).for_each(|(one, other)| one.least(other));
            }
            None => best = Some((times, limits)),
        }
    }
    let (times, limits) = best.context("no round")?;
    let visits = stream.measured(Before::Terminals).len() as f64;
    report.row("  the same by stages", &["", "µs each", "limit µs", "software"].map(str::to_owned));
    for (((slug, label), times), limit) in STAGES.into_iter().zip(&times).zip(&limits) {
        let [time, least] = [times.total(), limit.total()].map(|all| all.as_secs_f64() * 1e6 / visits);
        let figure = Figure {
            bench: format!("verify/{name}/stage/{slug}"),
            label,
            value: time,
            unit: "us",
            limit: Some(least),
            ratio: Some(least / time),
            more: json!({ "software_us": time - least }),
        };
        let columns = [time, least, time - least].map(|value| format!("{value:.1}"));
        report.figure(&figure, &[&[String::new()][..], &columns].concat());
    }
    Ok(())
}
