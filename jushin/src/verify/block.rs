//! The answer for people: one block a visit, the first line is the answer.

use std::fmt::Write as _;
use std::path::Path;

use jushin_evidence::{
    AnchorKind, AnchorUse, Appraisal, Check, CheckOutcome, LogPlace, Logged, Reason, Report,
};
use jushin_pages::{Certainty, seconds_time};
use jushin_statement::{Class, HolderCheck, Status, UnixMillis};

use super::Outcome;

pub(super) fn text(path: &Path, outcome: &Outcome, trust: &Path) -> String {
    match outcome {
        Outcome::Malformed(why) => format!(
            "INVALID  {}: not a bundle ({why})\n  reason  R01 {}\n",
            path.display(),
            Reason::from_number(1).map_or("malformed", |reason| reason.english())
        ),
        Outcome::Checked(report, _) if report.visits.is_empty() => {
            format!("INDETERMINATE  {}: the bundle holds no visit\n", path.display())
        }
        Outcome::Checked(report, logged) => {
            let visits = report.visits.iter().zip(logged);
            visits.map(|(visit, logged)| block(visit, logged, report, trust)).collect::<Vec<_>>().join("\n")
        }
    }
}

fn block(visit: &Appraisal, logged: &Logged, report: &Report, trust: &Path) -> String {
    let mut text = String::new();
    let certainty = certainty(visit);
    let mark = if visit.simulated { "   ◇ simulated" } else { "" };
    let form = if visit.redacted { "   redacted" } else { "" };
    let place = visit.institution().map_or_else(String::new, |code| format!("   {code}"));
    let _infallible = writeln!(text, "{}  {}{place}{form}{mark}", word(visit.status), when(certainty));
    let mut line = |label: &str, value: &str| {
        let _infallible = writeln!(text, "  {label:<7} {value}");
    };
    for reason in &visit.reasons {
        line("reason", &format!("R{:02} {}", reason.number(), reason.english()));
    }
    line("visit", &visit.evid.to_string());
    if let Some(presence) = &visit.presence {
        let holder = holder(presence.method);
        line(
            "who",
            &format!("card under a blinded certificate hash ({holder}, asserted by the institution)"),
        );
    }
    if let Some(binding) = &visit.binding {
        let element = visit.element_id().map_or_else(String::new, |id| id.to_string());
        line(
            "where",
            &format!(
                "terminal {:.8}, element {element:.8}, binding {}, key certified for {}",
                binding.terminal.to_string(),
                binding.seq,
                binding.institution
            ),
        );
    }
    line("when", &anchors(&visit.anchors, visit));
    if let (Some(presence), Some(commit)) = (&visit.presence, &visit.commit) {
        line("order", &format!("counter {} and {} of the element", presence.counter, commit.counter));
    }
    line(
        "trust",
        &format!("{} (policy {:.8}); {}", trust.display(), report.policy.to_string(), checks(visit)),
    );
    match logged {
        Logged::None => {}
        Logged::Unchecked => line("log", "unchecked: no key of that log in the policy"),
        Logged::Proven(place) => line("log", &in_log(place)),
        Logged::Broken(why) => line("log", &format!("BROKEN: {why}")),
    }
    text
}

/// `entry 17 of 42 in log.example, cosigned by witness.example`
fn in_log(place: &LogPlace) -> String {
    let by: Vec<_> = place.cosigned.keys().map(String::as_str).collect();
    let by = if by.is_empty() {
        "cosigned by nobody".to_owned()
    } else {
        format!("cosigned by {}", by.join(", "))
    };
    format!("entry {} of {} in {}, {by}", place.index, place.size, place.origin)
}

pub(crate) const fn word(status: Status) -> &'static str {
    match status {
        Status::Valid => "VALID",
        Status::OpenEnded => "VALID (open-ended)",
        Status::Indeterminate => "INDETERMINATE",
        Status::Invalid => "INVALID",
        Status::Conflict => "CONFLICT",
    }
}

pub(super) fn certainty(visit: &Appraisal) -> Certainty {
    Certainty { class: visit.class, lo: visit.window.earliest(), hi: visit.window.latest() }
}

/// `2026-04-07 08:52:03 … 08:52:06 JST (tight, 3 s)`
fn when(certainty: Certainty) -> String {
    let (Some(lo), Some(hi)) = (certainty.lo, certainty.hi) else {
        return match certainty.lo {
            Some(lo) => format!("after {} {} JST, not closed yet", date(lo), seconds_time(lo)),
            None => "no time".to_owned(),
        };
    };
    let hi = UnixMillis(hi.0.div_ceil(1000) * 1000);
    match certainty.class {
        Class::Tight => format!(
            "{} {} … {} JST (tight, {})",
            date(lo),
            seconds_time(lo),
            seconds_time(hi),
            certainty.width()
        ),
        Class::Date => format!("{}, time unknown", date(lo)),
        Class::Interval => {
            format!("from {} {} … to {} {} JST", date(lo), seconds_time(lo), date(hi), seconds_time(hi))
        }
        Class::OrderOnly => "order only".to_owned(),
        Class::None => "no time".to_owned(),
    }
}

fn date(at: UnixMillis) -> String {
    jushin_pages::iso_day(at)
}

const fn holder(method: HolderCheck) -> &'static str {
    match method {
        HolderCheck::Pin => "PIN",
        HolderCheck::PhotoMachine => "face match",
        HolderCheck::PhotoVisual => "face compared by eye",
        HolderCheck::DeviceBiometrics => "phone biometrics",
    }
}

fn anchors(anchors: &[AnchorUse], visit: &Appraisal) -> String {
    let mut stampers: Vec<_> = anchors.iter().filter_map(|anchor| anchor.time_stamper).collect();
    stampers.sort_unstable();
    stampers.dedup();
    let mut parts: Vec<String> = anchors.iter().map(anchor).collect();
    if parts.is_empty() {
        return "no anchor at hand".to_owned();
    }
    parts.push(format!("{} TSA{}", stampers.len(), if stampers.len() == 1 { "" } else { "s" }));
    if let Some(element) = &visit.element {
        parts.push(format!("drift bound {} ppm", element.tick.rho_ppm));
    }
    parts.join(", ")
}

fn anchor(anchor: &AnchorUse) -> String {
    let kind = match anchor.kind {
        AnchorKind::Online if anchor.named => "unlock",
        AnchorKind::Online => "anchor",
        AnchorKind::Offline => "administrator's unlock",
        AnchorKind::Close => "close",
        AnchorKind::Beacon => "beacon",
    };
    match anchor.time {
        Some(time) => format!("{kind} {}", seconds_time(time)),
        None => kind.to_owned(),
    }
}

/// `checks V1 to V12 passed`, or each one that did not.
fn checks(visit: &Appraisal) -> String {
    let odd: Vec<String> =
        visit.checks.iter().filter_map(|(check, outcome)| describe(check, outcome)).collect();
    if odd.is_empty() { "checks V1 to V12 passed".to_owned() } else { odd.join(", ") }
}

fn describe(check: Check, outcome: CheckOutcome) -> Option<String> {
    match outcome {
        CheckOutcome::Passed => None,
        CheckOutcome::Failed(reason) => Some(format!("{check} failed (R{:02})", reason.number())),
        CheckOutcome::Missing(reason) => Some(format!("{check} lacks its object (R{:02})", reason.number())),
        CheckOutcome::ByVerdict => Some(format!("{check} by the platform's verdict")),
        CheckOutcome::NotReached => Some(format!("{check} not reached")),
    }
}
