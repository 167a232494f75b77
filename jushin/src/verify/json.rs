//! The answer for programs: one JSON document a bundle.

use std::path::Path;

use jushin_evidence::{Appraisal, Logged};
use jushin_statement::UnixMillis;
use serde_json::{Value, json};

use super::Outcome;
use super::block::word;

pub(super) fn line(path: &Path, outcome: &Outcome) -> String {
    let bundle = path.display().to_string();
    let document = match outcome {
        Outcome::Malformed(why) => json!({
            "bundle": bundle, "malformed": why, "status": "INVALID", "reasons": ["R01"], "visits": [],
        }),
        Outcome::Checked(report, logged) => json!({
            "bundle": bundle,
            "status": report.worst().map_or("INDETERMINATE", word),
            "simulated": report.simulated(),
            "redacted": report.redacted,
            "policy": report.policy.to_string(),
            "visits": report.visits.iter().zip(logged).map(|(one, logged)| visit(one, logged)).collect::<Vec<_>>(),
        }),
    };
    document.to_string()
}

fn visit(visit: &Appraisal, logged: &Logged) -> Value {
    let mut document = json!({
        "evid": visit.evid.to_string(),
        "status": word(visit.status),
        "class": visit.class.number(),
        "earliest": visit.window.earliest().map(iso),
        "latest": visit.window.latest().map(iso),
        "reasons": visit.reasons.iter().map(|reason| format!("R{:02}", reason.number())).collect::<Vec<_>>(),
        "simulated": visit.simulated,
        "institution": visit.institution().map(|code| code.to_string()),
        "element": visit.element_id().map(|id| id.to_string()),
        "terminal": visit.terminal().map(|id| id.to_string()),
        "holder_check": visit.method().map(jushin_statement::HolderCheck::number),
        "counter": visit.counter(),
    });
    if let (Some(log), Value::Object(document)) = (log(logged), &mut document) {
        document.insert("log".to_owned(), log);
    }
    document
}

/// What the log proofs say; nothing where there are none.
fn log(logged: &Logged) -> Option<Value> {
    match logged {
        Logged::None => None,
        Logged::Unchecked => Some(json!({ "state": "unchecked" })),
        Logged::Broken(_) => Some(json!({ "state": "broken" })),
        Logged::Proven(place) => Some(json!({
            "state": "proven", "origin": place.origin, "index": place.index, "size": place.size,
            "cosigned": place.cosigned,
        })),
    }
}

/// `2026-04-07T08:52:03.120+09:00`
pub(crate) fn iso(at: UnixMillis) -> String {
    jushin_pages::iso(at)
}
