//! `expected.json`: the cases with the answers that are due, for any verifier.

use jushin_statement::Status;
use serde::Serialize;

use crate::answer::Answer;
use crate::book::{Book, By, Case};

/// Version of this format.
const FORMAT: u32 = 1;

/// The whole file.
#[derive(Debug, Serialize)]
pub struct Expected {
    format: u32,
    cases: Vec<ExpectedCase>,
}

#[derive(Debug, Serialize)]
struct ExpectedCase {
    name: &'static str,
    file: String,
    trust: &'static str,
    by: By,
    what: &'static str,
    check: String,
    honest: bool,
    unreadable: bool,
    status: &'static str,
    exit: u8,
    visits: Vec<ExpectedVisit>,
}

#[derive(Debug, Serialize)]
struct ExpectedVisit {
    evid: String,
    status: &'static str,
    class: u64,
    earliest: Option<u64>,
    latest: Option<u64>,
    reasons: Vec<u8>,
    simulated: bool,
}

impl Expected {
    /// What is due to every case of the book.
    #[must_use]
    pub fn of(book: &Book) -> Self {
        Self { format: FORMAT, cases: book.cases.iter().map(ExpectedCase::of).collect() }
    }
}

impl ExpectedCase {
    fn of(case: &Case) -> Self {
        let answers = case.answers.as_deref().unwrap_or_default();
        let worst = answers.iter().map(|answer| answer.status).max_by_key(|status| status.number());
        let unreadable = case.answers.is_none();
        let status = if unreadable { Status::Invalid } else { worst.unwrap_or(Status::Indeterminate) };
        let evids = if unreadable { Vec::new() } else { case.evids() };
        let visits = evids.iter().zip(answers).map(|(evid, answer)| ExpectedVisit::of(&evid.0, answer));
        Self {
            name: case.name,
            file: format!("bundles/{}.jvb", case.name),
            trust: case.trust,
            by: case.by,
            what: case.what,
            check: format!("V{}", case.check),
            honest: case.is_honest(),
            unreadable,
            status: word(status),
            exit: exit(status),
            visits: visits.collect(),
        }
    }
}

impl ExpectedVisit {
    fn of(evid: &[u8], answer: &Answer) -> Self {
        let [earliest, latest] = answer.window.absolute();
        Self {
            evid: evid.iter().map(|byte| format!("{byte:02x}")).collect(),
            status: word(answer.status),
            class: answer.class.number(),
            earliest,
            latest,
            reasons: answer.reasons.clone(),
            simulated: answer.simulated,
        }
    }
}

const fn word(status: Status) -> &'static str {
    match status {
        Status::Valid => "VALID",
        Status::OpenEnded => "VALID (open-ended)",
        Status::Indeterminate => "INDETERMINATE",
        Status::Invalid => "INVALID",
        Status::Conflict => "CONFLICT",
    }
}

const fn exit(status: Status) -> u8 {
    match status {
        Status::Valid | Status::OpenEnded => 0,
        Status::Indeterminate => 2,
        Status::Invalid | Status::Conflict => 1,
    }
}
