//! Verifies what the builder of whole bundles made, with the true time known.

pub use jushin_corpus::{Card, Desk, Edit, Form, token, tpm, world};

use jushin_corpus::world::World;
use jushin_crypto::AwsLc;
use jushin_evidence::{Appraisal, Reason, Report, Trust, verify};
use jushin_statement::{Bundle, Status};

/// The world's trust folder, read.
pub trait Trusted {
    /// All of it.
    fn trust(&self) -> Trust;
    /// The usual folder without the files of these names.
    fn trust_without(&self, names: &[&str]) -> Trust;
}

impl Trusted for World {
    fn trust(&self) -> Trust {
        Trust::from_files(self.files()).unwrap()
    }

    fn trust_without(&self, names: &[&str]) -> Trust {
        Trust::from_files(self.files().into_iter().filter(|(name, _)| !names.contains(&&name[..]))).unwrap()
    }
}

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
