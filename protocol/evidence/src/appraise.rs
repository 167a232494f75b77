//! The checks of one visit, in order.

use jushin_pki::ValidPath;
use jushin_statement::{
    Alg, Binding, BindingState, Class, Commit, CommitOutcome, Context, ElementKind, Evidence, Hash,
    HolderCheck, Presence, Record, Status, TickKind, to_be_signed,
};

use crate::anchor::Offline;
use crate::card::{self, Standing};
use crate::case::{Case, ElementCase, Named, VisitForm};
use crate::element::{Element, ElementRecord, payload_of};
use crate::findings::Findings;
use crate::timing::{Timing, time};
use crate::{
    AnchorKind, Appraisal, Authentication, BindingDescription, Check, CheckOutcome, ElementDescription,
    Reason, TimeWindow,
};

pub(crate) fn appraise(case: &Case<'_>, visit: VisitForm<'_>) -> Appraisal {
    let payload = payload_of(visit.commit);
    let mut appraisal = blank(case, &visit, payload.as_deref());
    let mut findings = Findings::default();
    let decoded = decode(&visit, payload.as_deref());
    findings.require(Check::Encoding, decoded.is_some(), Reason::Malformed);
    let timing = decoded.map_or_else(Timing::default, |(presence, commit)| {
        appraisal.presence = Some(presence.clone());
        appraisal.commit = Some(commit);
        check_visit(case, &visit, &presence, &mut findings, &mut appraisal)
    });
    conclude(case, findings, timing, appraisal)
}

fn blank(case: &Case<'_>, visit: &VisitForm<'_>, payload: Option<&[u8]>) -> Appraisal {
    Appraisal {
        evid: Hash::of(payload.unwrap_or(visit.commit.as_bytes())),
        status: Status::Invalid,
        class: Class::None,
        window: TimeWindow::UNKNOWN,
        reasons: Vec::new(),
        checks: crate::Checks::default(),
        simulated: false,
        redacted: visit.full.is_none(),
        policy: case.verifier.policy_id,
        presence: None,
        commit: None,
        element: None,
        binding: None,
        anchors: Vec::new(),
        authentication: Authentication::Unchecked,
    }
}

/// V1: presence and commit, whatever their signatures are.
fn decode(visit: &VisitForm<'_>, payload: Option<&[u8]>) -> Option<(Presence, Commit)> {
    let presence = visit.stated.clone()?;
    match Record::decode(payload?).ok()? {
        Record::Commit(commit) => Some((presence, commit)),
        _ => None,
    }
}

/// V2 to V10.
fn check_visit(
    case: &Case<'_>,
    visit: &VisitForm<'_>,
    presence: &Presence,
    findings: &mut Findings,
    appraisal: &mut Appraisal,
) -> Timing {
    let Some(known) = case.element(presence.element) else {
        findings.fail(Check::Element, Reason::ElementCertificate);
        return Timing::default();
    };
    let element = &known.element;
    appraisal.simulated = element.simulated;
    appraisal.element = Some(ElementDescription {
        id: element.id,
        kind: element.kind,
        tick: element.tick,
        simulated: element.simulated,
    });
    findings.require(Check::Element, !known.is_void(presence.counter), Reason::Void);

    let named = known.named(presence.anchor);
    let binding = check_binding(case, known, &named, presence, findings);
    appraisal.binding = binding.map(|(hash, binding)| BindingDescription {
        hash,
        seq: binding.seq,
        terminal: binding.terminal,
        institution: binding.institution,
    });
    let binding = binding.map(|(_, binding)| binding);
    check_anchor(&named, binding, presence, findings);
    let before = check_presence(known, element, &named, binding, presence, findings);
    let record = case.verifier.record(element, visit.commit);
    check_commit(visit, presence, record.as_deref(), binding, findings);
    let card = check_card(case, visit, presence, findings);
    check_chain(known, presence, findings);

    let timing = record
        .as_deref()
        .map_or_else(Timing::default, |commit| time(case, known, element, presence, before, commit));
    let contradiction = timing.contradiction || known.is_contradictory(presence.ticks.cycle);
    findings.require(Check::Window, !contradiction, Reason::Clock);
    // Without a window of which the ends agree there is nothing to judge certificates over; and where the
    // anchor that would give the lower end is the very thing that is wrong, that is said already.
    let anchored = findings.checks.outcome(Check::Anchor) == CheckOutcome::Passed;
    if record.is_some() && !timing.contradiction && (anchored || timing.window.earliest().is_some()) {
        check_dates(case, &named, binding, element, &timing.window, findings);
        check_card_status(case, card.as_ref(), &timing.window, findings);
    }
    timing
}

/// V3: the binding that the anchor names, and the institution's CV certificate.
fn check_binding<'c>(
    case: &Case<'_>,
    known: &'c ElementCase,
    named: &Named<'_>,
    presence: &Presence,
    findings: &mut Findings,
) -> Option<(Hash, &'c Binding)> {
    let hash = named.binding()?;
    let Some(binding) = known.binding(hash) else {
        findings.missing(Check::Binding, Reason::Binding);
        return None;
    };
    let own = binding.state == BindingState::InUse
        && binding.element == presence.element
        && binding.institution == presence.institution;
    findings.require(Check::Binding, own, Reason::Binding);
    match case.institution(binding.certificate) {
        None => findings.missing(Check::Binding, Reason::Binding),
        Some(institution) => {
            let code = institution.certificate.institution();
            let holds = institution.key.is_some() && code.as_deref() == Some(binding.institution.as_str());
            findings.require(Check::Binding, holds, Reason::Binding);
        }
    }
    Some((hash, binding))
}

/// V4: the anchor of the power cycle, and that its signer is the binding's.
fn check_anchor(named: &Named<'_>, binding: Option<&Binding>, presence: &Presence, findings: &mut Findings) {
    match named {
        Named::Missing => findings.missing(Check::Anchor, Reason::OnlineAnchor),
        Named::Broken(AnchorKind::Offline) => findings.fail(Check::Anchor, Reason::OfflineAnchor),
        Named::Broken(_) => findings.fail(Check::Anchor, Reason::OnlineAnchor),
        Named::Online(online) => {
            let fits =
                binding.is_none_or(|binding| online.activation == Some((binding.provider_key, binding.seq)));
            findings.require(Check::Anchor, fits, Reason::OnlineAnchor);
        }
        Named::Offline(offline, certified) => {
            let fits = offline.admin.institution == presence.institution
                && certified.iter().any(|one| may_unlock(one, binding));
            findings.require(Check::Anchor, fits, Reason::OfflineAnchor);
        }
    }
}

fn may_unlock(offline: &Offline, binding: Option<&Binding>) -> bool {
    binding.is_none_or(|binding| binding.administrators.contains(&offline.administrator))
}

/// V5; gives the record before, whose attestation bounds a TPM's presence from below.
fn check_presence<'c>(
    known: &'c ElementCase,
    element: &Element,
    named: &Named<'_>,
    binding: Option<&Binding>,
    presence: &Presence,
    findings: &mut Findings,
) -> Option<&'c ElementRecord> {
    if let Some(last) = named.last() {
        let follows = presence.ticks.cycle == last.cycle && presence.counter > last.stamp.counter;
        findings.require(Check::Presence, follows, Reason::Presence);
    }
    if let Some(binding) = binding {
        findings.require(Check::Presence, allows(binding, presence.method), Reason::Presence);
    }
    if element.kind != ElementKind::Tpm {
        return None;
    }
    if !known.has_record(presence.previous) {
        return None;
    }
    let before = known
        .record(presence.previous, presence.nonce)
        .filter(|before| before.link.counter.checked_add(1) == Some(presence.counter));
    findings.require(Check::Presence, before.is_some(), Reason::Presence);
    before
}

const fn allows(binding: &Binding, method: HolderCheck) -> bool {
    binding.policy.methods >> method.number() & 1 == 1
}

/// V6.
fn check_commit(
    visit: &VisitForm<'_>,
    presence: &Presence,
    record: Option<&ElementRecord>,
    binding: Option<&Binding>,
    findings: &mut Findings,
) {
    let holds = record.is_some_and(|record| {
        let Record::Commit(commit) = &record.record else { return false };
        let span = record.stamp().count.checked_sub(presence.ticks.count);
        commit.element == presence.element
            && commit.outcome == CommitOutcome::Signed
            && commit.ticks.cycle == presence.ticks.cycle
            && presence.counter.checked_add(1) == Some(commit.counter)
            && commit.previous == visit.hash
            && names_what_was_signed(visit, commit)
            && span.is_some_and(|span| binding.is_none_or(|binding| span <= binding.policy.session_ticks))
    });
    findings.require(Check::Commit, holds, Reason::Commit);
}

/// pres-h = D and csig-h. The redacted form tells neither the card's algorithm nor its signature.
fn names_what_was_signed(visit: &VisitForm<'_>, commit: &Commit) -> bool {
    let digest = |alg| Hash::of(&to_be_signed(Context::Presence, alg, None, visit.presence));
    match visit.full {
        Some(evidence) => {
            commit.presence == digest(evidence.card_alg)
                && commit.card_signature == Some(Hash::of(&evidence.card_signature))
        }
        None => [Alg::Rs256, Alg::Ps256, Alg::Es384].into_iter().any(|alg| commit.presence == digest(alg)),
    }
}

/// V7.
fn check_card(
    case: &Case<'_>,
    visit: &VisitForm<'_>,
    presence: &Presence,
    findings: &mut Findings,
) -> Option<ValidPath> {
    let Some(evidence) = visit.full else {
        findings.by_verdict(Check::Card);
        return None;
    };
    let verifier = case.verifier;
    let path = card::verify(evidence, presence, &verifier.keyring, verifier.crypto.as_ref());
    findings.require(Check::Card, path.is_some(), Reason::CardSignature);
    path
}

/// V8.
fn check_card_status(
    case: &Case<'_>,
    path: Option<&ValidPath>,
    window: &TimeWindow,
    findings: &mut Findings,
) {
    let Some(path) = path else { return };
    match case.standing(path, window) {
        Standing::Good => findings.pass(Check::CardStatus),
        Standing::Bad => findings.fail(Check::CardStatus, Reason::CardRevoked),
        Standing::Unknown | Standing::NoData => {
            findings.missing(Check::CardStatus, Reason::CardStatusUnknown);
        }
    }
}

/// V9: forks at the visit and before it, and gaps that a receipt states beside it.
fn check_chain(known: &ElementCase, presence: &Presence, findings: &mut Findings) {
    let (first, second) = (presence.counter, presence.counter.saturating_add(1));
    let before = first.saturating_sub(1);
    findings.pass(Check::Chain);
    if [before, first, second].into_iter().any(|counter| known.chain.forks_at(counter)) {
        findings.fail(Check::Chain, Reason::Fork);
    }
    if [before, second.saturating_add(1)].into_iter().any(|counter| known.chain.gap_at(counter)) {
        findings.fail(Check::Chain, Reason::Gap);
    }
}

/// Dates and revocation of element and administrator, and the binding's dates, over the window.
fn check_dates(
    case: &Case<'_>,
    named: &Named<'_>,
    binding: Option<&Binding>,
    element: &Element,
    window: &TimeWindow,
    findings: &mut Findings,
) {
    match case.standing(&element.path, window) {
        Standing::Bad => findings.fail(Check::Element, Reason::ElementCertificate),
        Standing::Unknown => findings.missing(Check::Element, Reason::CardStatusUnknown),
        Standing::Good | Standing::NoData => {}
    }
    if let Named::Offline(_, certified) = named {
        // An old certificate of the same card beside the present one disproves nothing.
        let standings: Vec<Standing> = certified
            .iter()
            .filter(|one| may_unlock(one, binding))
            .map(|one| case.standing(&one.path, window))
            .collect();
        if standings.iter().all(|one| *one == Standing::Bad) {
            findings.fail(Check::Anchor, Reason::OfflineAnchor);
        } else if !standings.contains(&Standing::Good) {
            findings.missing(Check::Anchor, Reason::OfflineAnchor);
        }
    }
    let outside =
        |binding: &Binding| window.is_before(binding.not_before) || window.is_after(binding.not_after);
    if binding.is_some_and(outside) {
        findings.fail(Check::Binding, Reason::Binding);
    }
}

/// V11, V12, and for the redacted form the platform's verdict.
fn conclude(case: &Case<'_>, mut findings: Findings, timing: Timing, mut appraisal: Appraisal) -> Appraisal {
    let mut status = findings.status(timing.window.latest().is_some());
    let mut window = timing.window;
    let mut class = class_of(case, status, &window, &appraisal, &mut findings);
    if appraisal.redacted {
        (status, class, window) =
            crate::redacted::combine(case, status, class, window, &mut findings, &mut appraisal);
    }
    if matches!(status, Status::Invalid | Status::Conflict) {
        (class, window) = (Class::None, TimeWindow::UNKNOWN);
    }
    findings.pass(Check::Status);
    appraisal.status = status;
    appraisal.class = class;
    appraisal.window = window;
    appraisal.anchors = timing.anchors;
    appraisal.reasons = findings.reasons.into_iter().collect();
    appraisal.checks = findings.checks;
    appraisal
}

/// V11: the highest class that holds, then what the element's kind allows.
fn class_of(
    case: &Case<'_>,
    status: Status,
    window: &TimeWindow,
    appraisal: &Appraisal,
    findings: &mut Findings,
) -> Class {
    findings.pass(Check::Class);
    let policy = case.verifier.trust().policy();
    let element = appraisal.element_id().and_then(|id| case.element(id)).map(|known| &known.element);
    // What a Date Stamp says is a date: two of them are an interval, however near midnight.
    let dates = element.is_some_and(|element| element.tick.kind == TickKind::Date);
    let class = match (status, window.width_ms()) {
        (Status::Invalid | Status::Conflict, _) => Class::None,
        (_, None) => Class::OrderOnly,
        _ if dates && !window.is_one_japanese_day() => Class::Interval,
        (_, Some(width)) if width <= policy.tight_ms => Class::Tight,
        _ if window.is_one_japanese_day() => Class::Date,
        _ => Class::Interval,
    };
    let cap = element.map_or(Class::None, |element| policy.cap(element.kind, element.under_simulated_ca));
    if class > cap {
        findings.fail(Check::Class, Reason::Policy);
    }
    class.min(cap)
}

impl Case<'_> {
    /// As [`appraise`](Case::appraise), and looks at the EXTERNAL AUTHENTICATE signature too.
    #[must_use]
    pub fn appraise_with_audit(&self, evidence: &Evidence) -> Appraisal {
        let mut appraisal = self.appraise(evidence);
        let binding = appraisal
            .element_id()
            .and_then(|id| self.element(id))
            .zip(appraisal.binding)
            .and_then(|(known, described)| known.binding(described.hash));
        if let (Some(presence), Some(binding)) = (&appraisal.presence, binding)
            && let Some(institution) = self.institution(binding.certificate)
        {
            appraisal.authentication = card::authentication(evidence, presence, institution);
        }
        appraisal
    }
}
