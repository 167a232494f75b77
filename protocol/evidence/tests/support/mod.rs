//! Builds whole bundles: real keys, certificates, tokens and records, with the true time known.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]

pub mod desk;
pub mod token;
pub mod tpm;
pub mod world;

#[allow(unused_imports, reason = "each test file uses its own part")]
pub use desk::{Card, Desk, Edit, Form};
pub use world::world;

use jushin_crypto::AwsLc;
use jushin_evidence::{Appraisal, Reason, Report, Trust, verify};
use jushin_statement::{Bundle, Status};

/// Verifies against the usual trust folder.
pub fn report(bundle: &Bundle) -> Report {
    report_under(bundle, &world().trust())
}

pub fn report_under(bundle: &Bundle, trust: &Trust) -> Report {
    verify(bundle, trust, &AwsLc)
}

/// The appraisal of a bundle's first visit.
pub fn first(bundle: &Bundle) -> Appraisal {
    report(bundle).visits.into_iter().next().unwrap()
}

/// Asserts status and reasons of the first visit.
#[track_caller]
pub fn assert_first(bundle: &Bundle, status: Status, reasons: &[Reason]) {
    let found = first(bundle);
    assert_eq!((found.status, &found.reasons[..]), (status, reasons), "{:?}", found.checks);
}
