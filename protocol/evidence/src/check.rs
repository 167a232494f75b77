//! The twelve checks, and how each ended.

use core::fmt;

use crate::Reason;

/// One of the checks V1 to V12, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Check {
    /// V1: everything decodes strictly.
    Encoding = 1,
    /// V2: the element's certificate, and whether the record is void.
    Element = 2,
    /// V3: the binding that the anchor names, and the institution's CV certificate.
    Binding = 3,
    /// V4: the anchor of the power cycle.
    Anchor = 4,
    /// V5: the presence fits anchor and binding.
    Presence = 5,
    /// V6: the element's commit fits the presence.
    Commit = 6,
    /// V7: the card's signature and its issuer.
    Card = 7,
    /// V8: the card certificate's validity and revocation over the window.
    CardStatus = 8,
    /// V9: neighbours in the element's chain.
    Chain = 9,
    /// V10: the window.
    Window = 10,
    /// V11: the class, and what caps it.
    Class = 11,
    /// V12: the status.
    Status = 12,
}

impl Check {
    /// All of them, in order.
    pub const ALL: &[Self] = &[
        Self::Encoding,
        Self::Element,
        Self::Binding,
        Self::Anchor,
        Self::Presence,
        Self::Commit,
        Self::Card,
        Self::CardStatus,
        Self::Chain,
        Self::Window,
        Self::Class,
        Self::Status,
    ];

    /// 1 to 12.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// `V1` to `V12`.
impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "V{}", self.number())
    }
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum CheckOutcome {
    /// It held.
    Passed,
    /// It found something; the reason says what.
    Failed(Reason),
    /// What it is about is not at hand; the reason says what is missing.
    Missing(Reason),
    /// It rests on the platform's verdict, because the evidence is redacted.
    ByVerdict,
    /// It did not run, because an earlier check left nothing to look at.
    #[default]
    NotReached,
}

/// The outcomes of all twelve checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Checks([CheckOutcome; 12]);

impl Checks {
    /// How `check` ended.
    #[must_use]
    pub fn outcome(&self, check: Check) -> CheckOutcome {
        self.0.get(usize::from(check.number()) - 1).copied().unwrap_or_default()
    }

    /// Every check with its outcome, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Check, CheckOutcome)> + '_ {
        Check::ALL.iter().map(|check| (*check, self.outcome(*check)))
    }

    /// Whether all twelve held.
    #[must_use]
    pub fn all_passed(&self) -> bool {
        self.0.iter().all(|outcome| *outcome == CheckOutcome::Passed)
    }

    /// Records an outcome. A failure is never overwritten by something milder.
    pub(crate) fn set(&mut self, check: Check, outcome: CheckOutcome) {
        if let Some(slot) = self.0.get_mut(usize::from(check.number()) - 1)
            && severity(outcome) > severity(*slot)
        {
            *slot = outcome;
        }
    }
}

const fn severity(outcome: CheckOutcome) -> u8 {
    match outcome {
        CheckOutcome::NotReached => 0,
        CheckOutcome::Passed => 1,
        CheckOutcome::ByVerdict => 2,
        CheckOutcome::Missing(_) => 3,
        CheckOutcome::Failed(_) => 4,
    }
}
