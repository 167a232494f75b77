//! The redacted form: card and revocation rest on the platform's verdict of the same visit.

use jushin_statement::{Class, Status};

use crate::case::Case;
use crate::findings::{Findings, worse};
use crate::{Appraisal, Check, Reason, TimeWindow};

/// Joins what was recomputed with the platform's verdict: the worse status, the intersection of both
/// windows, the lower class, and the mark if either carries it. Without such a verdict nothing is known of
/// the card.
pub(crate) fn combine(
    case: &Case<'_>,
    status: Status,
    class: Class,
    window: TimeWindow,
    findings: &mut Findings,
    appraisal: &mut Appraisal,
) -> (Status, Class, TimeWindow) {
    let Some(verdict) = case.verdict(appraisal.evid) else {
        findings.missing(Check::CardStatus, Reason::CardStatusUnknown);
        return (worse(status, Status::Indeterminate), class, window);
    };
    findings.by_verdict(Check::CardStatus);
    findings.reasons.extend(verdict.reasons.iter().filter_map(|number| Reason::from_number(*number)));
    appraisal.simulated |= verdict.simulated;
    let status = worse(status, verdict.status);
    match window.intersect(TimeWindow::new(verdict.lo, verdict.hi)) {
        Some(window) => (status, class.min(verdict.class), window),
        None => {
            findings.fail(Check::Window, Reason::Clock);
            (Status::Conflict, Class::None, TimeWindow::UNKNOWN)
        }
    }
}
