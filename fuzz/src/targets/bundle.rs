//! `.jvb` bundles as bytes: one encoding, and the verifier has an answer to whatever decodes.

use jushin_crypto::AwsLc;
use jushin_evidence::verify;
use jushin_statement::{Bundle, Object, Visits};

use crate::{fixtures, planted};

pub(super) fn run(data: &[u8]) {
    let Ok(bundle) = Bundle::decode(data) else { return };
    assert_eq!(bundle.encode(), data, "a bundle has two encodings");
    let count = match &bundle.visits {
        Visits::Full(visits) => visits.len(),
        Visits::Redacted(visits) => visits.len(),
    };
    let report = verify(&bundle, &fixtures::TRUST, &AwsLc);
    assert_eq!(report.visits.len(), count);
    for visit in report.visits.iter().filter(|visit| visit.is_valid()) {
        assert!(super::verifier::is_genuine(visit.evid), "a visit that never was is valid: {}", visit.evid);
    }
    let other = bundle.proofs.iter().any(|proof| proof[..] != *b"proof");
    planted::fault(other, "a bundle with another log proof");
}
