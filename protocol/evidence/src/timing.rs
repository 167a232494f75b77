//! V10: every anchor at hand, applied to one visit.

use jushin_statement::{ElementKind, Hash, Presence, UnixMillis};

use crate::anchor::{Online, Stamped};
use crate::case::{Case, ElementCase, Named};
use crate::element::{Element, ElementRecord};
use crate::window::{Bounds, Reading, Stamp};
use crate::{AnchorKind, AnchorUse, TimeWindow};

/// The window, whether its ends contradict each other, and the anchors that it rests on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timing {
    pub(crate) window: TimeWindow,
    pub(crate) contradiction: bool,
    pub(crate) anchors: Vec<AnchorUse>,
}

/// What one anchor gives to this visit.
struct Given {
    bounds: Bounds,
    kind: AnchorKind,
    hash: Hash,
    stamped: Option<Stamped>,
    named: bool,
}

/// The card signed between the session's beginning and its commit: the beginning counts for the lower end,
/// the commit for the upper one.
///
/// A TPM attests no beginning; the record before it stands in its place, and without that record only what
/// the presence names by hash bounds it.
pub(crate) fn time(
    case: &Case<'_>,
    known: &ElementCase,
    element: &Element,
    presence: &Presence,
    before: Option<&ElementRecord>,
    commit: &ElementRecord,
) -> Timing {
    let begin = if element.kind == ElementKind::Tpm {
        before.map(ElementRecord::reading)
    } else {
        let stamp = Stamp { counter: presence.counter, count: presence.ticks.count };
        Some(Reading { cycle: presence.ticks.cycle, stamp })
    };
    let ends = Ends { begin, commit: commit.reading() };
    let mut given: Vec<Given> =
        known.online.iter().map(|online| ends.online(online, element, presence)).collect();
    given.extend(known.closes.iter().map(|(counter, stamped)| ends.close(*counter, stamped)));
    given.extend(presence.beacon.and_then(|hash| case.beacon(hash)).map(|stamped| beacon(&stamped)));
    if let Named::Offline(offline, _) = known.named(presence.anchor) {
        given.push(Given {
            bounds: Bounds::default(),
            kind: AnchorKind::Offline,
            hash: offline.hash,
            stamped: None,
            named: true,
        });
    }
    conclude(&given)
}

struct Ends {
    begin: Option<Reading>,
    commit: Reading,
}

impl Ends {
    fn online(&self, online: &Online, element: &Element, presence: &Presence) -> Given {
        let bracket = online.bracket();
        let named = online.hash == Some(presence.anchor);
        let mut bounds = Bounds::default();
        match self.begin {
            Some(begin) => bounds.raise_by_bracket(begin, &bracket, element.tick),
            None if named => bounds.after_token(bracket.token),
            None => {}
        }
        bounds.lower_by_bracket(self.commit, &bracket, element.tick);
        Given {
            bounds,
            kind: AnchorKind::Online,
            hash: online.hash.unwrap_or(online.stamped.hash),
            stamped: Some(online.stamped),
            named,
        }
    }

    fn close(&self, counter: u64, stamped: &Stamped) -> Given {
        let mut bounds = Bounds::default();
        if self.commit.stamp.counter <= counter {
            bounds.before_token(stamped.token);
        }
        Given { bounds, kind: AnchorKind::Close, hash: stamped.hash, stamped: Some(*stamped), named: false }
    }
}

fn beacon(stamped: &Stamped) -> Given {
    let mut bounds = Bounds::default();
    bounds.after_token(stamped.token);
    Given { bounds, kind: AnchorKind::Beacon, hash: stamped.hash, stamped: Some(*stamped), named: false }
}

fn conclude(given: &[Given]) -> Timing {
    let mut bounds = Bounds::default();
    for one in given {
        bounds.tighten(&one.bounds);
    }
    let mut anchors: Vec<AnchorUse> = given
        .iter()
        .map(|one| one.shown(&bounds))
        .filter(|one| one.named || one.bounds_earliest || one.bounds_latest)
        .collect();
    anchors.sort_by_key(|one| (one.time, one.kind, one.hash));
    anchors.dedup();
    Timing { window: bounds.window(), contradiction: bounds.contradict(), anchors }
}

impl Given {
    fn shown(&self, all: &Bounds) -> AnchorUse {
        let millis = |stamped: Stamped| UnixMillis(u64::try_from(stamped.token.time_us / 1_000).unwrap_or(0));
        AnchorUse {
            kind: self.kind,
            hash: self.hash,
            time: self.stamped.map(millis),
            accuracy_us: self
                .stamped
                .map_or(0, |stamped| u64::try_from(stamped.token.accuracy_us).unwrap_or(u64::MAX)),
            time_stamper: self.stamped.map(|stamped| stamped.authority),
            named: self.named,
            bounds_earliest: self.bounds.same_lo(all),
            bounds_latest: self.bounds.same_hi(all),
        }
    }
}
