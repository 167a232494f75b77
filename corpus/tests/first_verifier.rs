//! The first verifier gives the answer that is due to every case.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use jushin_corpus::book::{Book, Case};
use jushin_corpus::{all, trust, world};
use jushin_crypto::AwsLc;
use jushin_evidence::{Appraisal, Trust, Verifier, verify};
use jushin_statement::{Bundle, Class, Object as _, Status};

static BOOK: LazyLock<Book> = LazyLock::new(all);

/// Status, class, window, reasons, mark.
#[derive(Debug, PartialEq, Eq)]
struct Line(Status, Class, [Option<u64>; 2], Vec<u8>, bool);

fn found(visit: &Appraisal) -> Line {
    let window = [visit.window.earliest(), visit.window.latest()].map(|end| end.map(|end| end.0));
    let reasons = visit.reasons.iter().map(|reason| u8::try_from(reason.number()).unwrap()).collect();
    Line(visit.status, visit.class, window, reasons, visit.simulated)
}

fn due(case: &Case) -> Option<Vec<Line>> {
    let lines = case.answers.as_ref()?.iter().map(|answer| {
        let reasons = answer.reasons.clone();
        Line(answer.status, answer.class, answer.window.absolute(), reasons, answer.simulated)
    });
    Some(lines.collect())
}

#[test]
fn every_case_gets_the_answer_that_is_due() {
    let folders: BTreeMap<_, _> = trust::folders(world())
        .into_iter()
        .map(|(name, files)| (name, Trust::from_files(files).unwrap()))
        .collect();
    let mut wrong = Vec::new();
    for case in &BOOK.cases {
        let bundle = Bundle::decode(&case.bytes).ok();
        let report = bundle.map(|bundle| verify(&bundle, &folders[case.trust], &AwsLc));
        let lines = report.as_ref().map(|report| report.visits.iter().map(found).collect::<Vec<_>>());
        if lines != due(case) {
            wrong.push(format!(
                "{}: {}\n    found {lines:?}\n    due   {:?}",
                case.name,
                case.what,
                due(case)
            ));
        }
        let evids: Vec<_> =
            report.iter().flat_map(|report| report.visits.iter().map(|visit| visit.evid)).collect();
        assert!(report.is_none() || evids == case.evids(), "{}", case.name);
    }
    assert!(wrong.is_empty(), "{} cases\n{}", wrong.len(), wrong.join("\n"));
}

/// What a verifier keeps saves work and decides nothing: the answer to a case is the same whichever cases
/// came before it, this very one included.
#[test]
fn a_verifier_that_has_seen_every_case_answers_as_one_that_has_seen_none() {
    let folders: BTreeMap<_, _> = trust::folders(world())
        .into_iter()
        .map(|(name, files)| (name, Arc::new(Trust::from_files(files).unwrap())))
        .collect();
    let kept: BTreeMap<_, _> = folders
        .iter()
        .map(|(name, trust)| (*name, Verifier::new(Arc::clone(trust), Arc::new(AwsLc))))
        .collect();
    let cases: Vec<_> = BOOK
        .cases
        .iter()
        .filter_map(|case| {
            let bundle = Bundle::decode(&case.bytes).ok()?;
            let fresh = verify(&bundle, &folders[case.trust], &AwsLc);
            Some((case, bundle, fresh))
        })
        .collect();
    assert!(cases.len() > 150, "{} cases are bundles", cases.len());
    for (case, bundle, fresh) in cases.iter().chain(cases.iter().rev()) {
        let again = kept[case.trust].verify(bundle);
        assert_eq!(again, *fresh, "{}: {}", case.name, case.what);
    }
}

fn numbers(book: &Book) -> BTreeSet<u8> {
    book.cases
        .iter()
        .flat_map(|case| case.answers.iter().flatten())
        .flat_map(|answer| answer.reasons.clone())
        .collect()
}

#[test]
fn every_reason_and_every_check_has_its_cases_and_every_case_its_name() {
    let book = &*BOOK;
    assert_eq!(numbers(book), (1..=15).collect());
    assert_eq!(book.cases.iter().map(|case| case.check).collect::<BTreeSet<_>>(), (1..=12).collect());
    let names: BTreeSet<_> = book.cases.iter().map(|case| case.name).collect();
    assert_eq!(names.len(), book.cases.len());
    let contents: BTreeSet<_> = book.cases.iter().map(|case| (case.trust, &case.bytes)).collect();
    assert_eq!(contents.len(), book.cases.len(), "each is another bundle, or under another trust folder");
    let refused = book.cases.iter().filter(|case| {
        case.answers.as_ref().is_none_or(|answers| answers.iter().any(|answer| answer.status.number() > 1))
    });
    let (honest, refused) = (book.cases.iter().filter(|case| case.is_honest()).count(), refused.count());
    assert!(honest >= 10 && refused >= 150, "{honest} honest, {refused} refused");
}
