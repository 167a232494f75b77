//! What the checks of one visit found, and what that makes of its status (V12).

use std::collections::BTreeSet;

use jushin_statement::Status;

use crate::{Check, CheckOutcome, Checks, Reason};

#[derive(Clone, Debug, Default)]
pub(crate) struct Findings {
    pub(crate) checks: Checks,
    pub(crate) reasons: BTreeSet<Reason>,
    failed: BTreeSet<Reason>,
    missing: bool,
}

impl Findings {
    /// The check held, unless it finds something later.
    pub(crate) fn pass(&mut self, check: Check) {
        self.checks.set(check, CheckOutcome::Passed);
    }

    /// The check rests on the platform's verdict.
    pub(crate) fn by_verdict(&mut self, check: Check) {
        self.checks.set(check, CheckOutcome::ByVerdict);
    }

    /// The object is there and does not hold.
    pub(crate) fn fail(&mut self, check: Check, reason: Reason) {
        self.checks.set(check, CheckOutcome::Failed(reason));
        self.reasons.insert(reason);
        self.failed.insert(reason);
    }

    /// The object is not at hand: nothing is disproved.
    pub(crate) fn missing(&mut self, check: Check, reason: Reason) {
        self.checks.set(check, CheckOutcome::Missing(reason));
        self.reasons.insert(reason);
        self.missing = true;
    }

    /// Passes or fails.
    pub(crate) fn require(&mut self, check: Check, holds: bool, reason: Reason) {
        if holds { self.pass(check) } else { self.fail(check, reason) }
    }

    /// The status; `closed` says whether the window has an upper end.
    pub(crate) fn status(&self, closed: bool) -> Status {
        let worst = self.failed.iter().filter_map(|reason| reason.status()).max();
        let mut status = if closed { Status::Valid } else { Status::OpenEnded };
        if self.missing {
            status = Status::Indeterminate;
        }
        match worst {
            Some(worst) => worse(worst, status),
            None => status,
        }
    }
}

/// 4 beats 3 beats 2 beats 1 beats 0.
pub(crate) fn worse(one: Status, two: Status) -> Status {
    one.max(two)
}
