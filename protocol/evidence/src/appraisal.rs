//! What was found about one visit, and about a whole bundle.

use jushin_statement::{
    Class, Commit, ElementKind, Hash, HolderCheck, Id16, InstitutionCode, Presence, Purpose, Status,
    TickSpec, UnixMillis, Verdict,
};

use crate::{AnchorUse, Checks, Reason, TimeWindow};

/// What the evidence of one visit proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appraisal {
    /// SHA-256 of the commit payload; of the commit as received if that is malformed.
    pub evid: Hash,
    /// Status (V12).
    pub status: Status,
    /// Class (V11).
    pub class: Class,
    /// The proven window (V10). Nothing is proven where the status is INVALID or CONFLICT.
    pub window: TimeWindow,
    /// Why, ascending, each once.
    pub reasons: Vec<Reason>,
    /// How each check ended.
    pub checks: Checks,
    /// The element, its vendor's proof or its CA is made up: to be said wherever the verdict is shown.
    pub simulated: bool,
    /// Card and revocation rest on the platform's verdict.
    pub redacted: bool,
    /// Which trust anchors and which policy were used.
    pub policy: Hash,
    /// What the card signed, if it decodes.
    pub presence: Option<Presence>,
    /// What the element recorded, if it decodes.
    pub commit: Option<Commit>,
    /// What the element's certificate says of it.
    pub element: Option<ElementDescription>,
    /// The binding that the anchor names.
    pub binding: Option<BindingDescription>,
    /// Anchors that bound the window or unlocked the element, in order of their time.
    pub anchors: Vec<AnchorUse>,
    /// The institution's EXTERNAL AUTHENTICATE signature: an audit trail, never a reason.
    pub authentication: Authentication,
}

/// What an element's certificate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ElementDescription {
    /// The element.
    pub id: Id16,
    /// Its kind.
    pub kind: ElementKind,
    /// Its clock.
    pub tick: TickSpec,
    /// Whether it is made up.
    pub simulated: bool,
}

/// What of a binding is shown beside a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BindingDescription {
    /// SHA-256 of its payload.
    pub hash: Hash,
    /// Its seq.
    pub seq: u64,
    /// The terminal.
    pub terminal: Id16,
    /// The institution.
    pub institution: InstitutionCode,
}

/// Whether the element's EXTERNAL AUTHENTICATE signature fits its CV certificate.
///
/// The card does not sign its challenge separately, so this shows what was sent, not what a card accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Authentication {
    /// It fits.
    Fits,
    /// It does not fit.
    DoesNotFit,
    /// Not looked at: redacted, or without a CV certificate.
    #[default]
    Unchecked,
}

impl Appraisal {
    /// The verdict to be signed; `at` is the verifier's clock.
    #[must_use]
    pub fn to_verdict(&self, at: UnixMillis) -> Verdict {
        Verdict {
            evid: self.evid,
            status: self.status,
            class: self.class,
            lo: self.window.earliest(),
            hi: self.window.latest(),
            reasons: self.reasons.iter().map(|reason| reason.number()).collect(),
            policy: self.policy,
            simulated: self.simulated,
            at,
        }
    }

    /// Where, as the card signed it.
    #[must_use]
    pub fn institution(&self) -> Option<InstitutionCode> {
        self.presence.as_ref().map(|presence| presence.institution)
    }

    /// The element, as the card signed it.
    #[must_use]
    pub fn element_id(&self) -> Option<Id16> {
        self.presence.as_ref().map(|presence| presence.element)
    }

    /// The terminal of the binding.
    #[must_use]
    pub fn terminal(&self) -> Option<Id16> {
        self.binding.map(|binding| binding.terminal)
    }

    /// How the holder was checked: asserted by the institution, never proven.
    #[must_use]
    pub fn method(&self) -> Option<HolderCheck> {
        self.presence.as_ref().map(|presence| presence.method)
    }

    /// What the card was asked for.
    #[must_use]
    pub fn purpose(&self) -> Option<Purpose> {
        self.presence.as_ref().map(|presence| presence.purpose)
    }

    /// Counter of the session's beginning.
    #[must_use]
    pub fn counter(&self) -> Option<u64> {
        self.presence.as_ref().map(|presence| presence.counter)
    }

    /// VALID or VALID but open-ended.
    #[must_use]
    pub const fn is_valid(&self) -> bool {
        matches!(self.status, Status::Valid | Status::OpenEnded)
    }
}

/// What was found about a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// One appraisal a visit, in the bundle's order.
    pub visits: Vec<Appraisal>,
    /// Which trust anchors and which policy were used.
    pub policy: Hash,
    /// Whether the bundle is of the redacted form.
    pub redacted: bool,
}

impl Report {
    /// The worst status; `None` for a bundle without visits.
    #[must_use]
    pub fn worst(&self) -> Option<Status> {
        self.visits.iter().map(|visit| visit.status).max_by_key(|status| status.number())
    }

    /// Whether any element is made up.
    #[must_use]
    pub fn simulated(&self) -> bool {
        self.visits.iter().any(|visit| visit.simulated)
    }
}

/// The exit code over any number of statuses: 1 if one is INVALID or CONFLICT, else 2 if one is
/// INDETERMINATE or there is none at all, else 0.
#[must_use]
pub fn exit_code(statuses: impl IntoIterator<Item = Status>) -> u8 {
    match statuses.into_iter().map(exit_rank).max() {
        Some(0) => 0,
        Some(1) | None => 2,
        Some(_) => 1,
    }
}

const fn exit_rank(status: Status) -> u8 {
    match status {
        Status::Valid | Status::OpenEnded => 0,
        Status::Indeterminate => 1,
        Status::Invalid => 2,
        Status::Conflict => 3,
    }
}
