//! Holes in an element's chain: which counter values nothing stands under, and what explains that (P6).

use jushin_statement::{Commit, CommitOutcome, Gap, Id16, Record, UnixMillis};

use crate::config::GapPolicy;
use crate::enrolment::resumed;
use crate::records::{records_between, rows_between};
use crate::refusal::Refusal;
use crate::store::rows::{ClaimRow, GapRow, counter_of, key};
use crate::store::{Scan, Transaction};

/// What explains a counter value without anything under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GapKind {
    /// G0: the beginning of a session that was given up; the record after it says so.
    Abort,
    /// G1: power went between the session's beginning and its commit; a later boot names it.
    PowerCut,
    /// G1: power went right after the commit, before the evidence was sealed.
    LostAfterCommit,
    /// G3: nothing explains it.
    Alarm,
}

impl GapKind {
    pub(crate) const fn number(self) -> u64 {
        match self {
            Self::Abort => 0,
            Self::PowerCut => 1,
            Self::LostAfterCommit => 2,
            Self::Alarm => 3,
        }
    }

    pub(crate) const fn from_number(number: u64) -> Self {
        match number {
            0 => Self::Abort,
            1 => Self::PowerCut,
            2 => Self::LostAfterCommit,
            _ => Self::Alarm,
        }
    }
}

/// Successive counter values without anything under them, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hole {
    pub(crate) from: u64,
    pub(crate) to: u64,
    pub(crate) kind: GapKind,
}

impl Hole {
    pub(crate) const fn values(&self) -> u64 {
        (self.to - self.from).saturating_add(1)
    }
}

/// The holes of a range of counter values.
pub(crate) fn holes(
    tx: &mut (dyn Transaction + '_),
    element: Id16,
    lo: u64,
    hi: u64,
) -> Result<Vec<Hole>, Refusal> {
    let from = key(&[&element, &lo]);
    let scan = Scan { from: Some(&from), limit: rows_between(lo, hi), ..Scan::all(&element.0) };
    let known: Vec<u64> = tx.list::<ClaimRow>(scan)?.iter().map(|(row_key, _)| counter_of(row_key)).collect();
    let mut holes = Vec::new();
    let mut expected = lo;
    for counter in known.into_iter().take_while(|counter| *counter <= hi) {
        if counter > expected {
            // Only the last of several missing values has a neighbour that could explain it.
            let last = Hole { from: counter - 1, to: counter - 1, kind: kind_of(tx, element, counter - 1)? };
            let until = if last.kind == GapKind::Alarm { counter } else { counter - 1 };
            if until > expected {
                holes.push(Hole { from: expected, to: until - 1, kind: GapKind::Alarm });
            }
            if last.kind != GapKind::Alarm {
                holes.push(last);
            }
        }
        expected = counter.saturating_add(1);
    }
    if expected <= hi {
        holes.push(Hole { from: expected, to: hi, kind: GapKind::Alarm });
    }
    Ok(holes)
}

/// What a receipt says of a range: the holes that nothing explains, and those that were alarms when a close
/// showed them and still are holes.
pub(crate) fn gaps(
    tx: &mut (dyn Transaction + '_),
    element: Id16,
    lo: u64,
    hi: u64,
) -> Result<Vec<Gap>, Refusal> {
    let mut gaps = Vec::new();
    for hole in holes(tx, element, lo, hi)? {
        let alarmed = tx.find::<GapRow>(&key(&[&element, &hole.from]))?;
        let alarmed = alarmed.is_some_and(|row| GapKind::from_number(row.kind) == GapKind::Alarm);
        if hole.kind == GapKind::Alarm || alarmed {
            gaps.push(Gap { from: hole.from, to: hole.to });
        }
    }
    Ok(gaps)
}

/// A session's beginning leaves nothing if it was given up (the record after it says so), or if power went
/// (a later boot names it, or follows the commit).
fn kind_of(tx: &mut (dyn Transaction + '_), element: Id16, counter: u64) -> Result<GapKind, Refusal> {
    let after = records_between(tx, element, counter + 1, counter.saturating_add(2))?;
    let decoded = after.iter().filter_map(|signed| Record::decode(signed.parse().ok()?.payload).ok());
    let mut kind = GapKind::Alarm;
    let mut committed = false;
    for record in decoded {
        match record {
            Record::Boot(boot) if boot.pending == Some(counter) => kind = GapKind::PowerCut,
            Record::Boot(_) if committed => kind = GapKind::LostAfterCommit,
            Record::Commit(Commit { outcome, counter: at, .. }) if at == counter + 1 => {
                if outcome == CommitOutcome::Signed {
                    committed = true;
                } else {
                    kind = GapKind::Abort;
                }
            }
            _ => {}
        }
    }
    Ok(kind)
}

/// What the holes below a close come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Alarms {
    /// Counter values of this close that nothing explains.
    pub(crate) new: u64,
    /// Whether the policy's count is reached.
    pub(crate) stop: bool,
}

/// Keeps the holes below a close and counts them. A hole that was kept before stays as it was found.
pub(crate) fn keep_holes(
    tx: &mut (dyn Transaction + '_),
    element: Id16,
    (lo, close): (u64, u64),
    policy: GapPolicy,
    now: UnixMillis,
) -> Result<Alarms, Refusal> {
    let found = holes(tx, element, lo, close.saturating_sub(1))?;
    let mut counts = counts_since_resumed(tx, element)?;
    let mut alarms = Alarms::default();
    for mut hole in found {
        let row_key = key(&[&element, &hole.from]);
        if tx.find::<GapRow>(&row_key)?.is_some() {
            continue;
        }
        if hole.kind == GapKind::LostAfterCommit {
            counts.lost = counts.lost.saturating_add(1);
            if counts.lost > policy.lost_to_power_cuts {
                hole.kind = GapKind::Alarm;
            }
        }
        if hole.kind == GapKind::Alarm {
            alarms.new = alarms.new.saturating_add(hole.values());
        }
        tx.put(&row_key, &GapRow { to: hole.to, kind: hole.kind.number(), close, at: now })?;
    }
    let all = counts.unexplained.saturating_add(alarms.new);
    alarms.stop = alarms.new > 0 && all >= policy.suspend_at;
    Ok(alarms)
}

#[derive(Clone, Copy, Default)]
struct Counts {
    unexplained: u64,
    lost: u64,
}

/// An operator who puts a terminal back into use has looked at what was missing before.
fn counts_since_resumed(tx: &mut (dyn Transaction + '_), element: Id16) -> Result<Counts, Refusal> {
    let since = resumed(tx, element)?.unwrap_or(UnixMillis(0));
    let mut counts = Counts::default();
    for (row_key, row) in tx.list::<GapRow>(Scan::all(&element.0))? {
        if row.at < since {
            continue;
        }
        let values = (row.to.saturating_sub(counter_of(&row_key))).saturating_add(1);
        match GapKind::from_number(row.kind) {
            GapKind::Alarm => counts.unexplained = counts.unexplained.saturating_add(values),
            GapKind::LostAfterCommit => counts.lost = counts.lost.saturating_add(1),
            GapKind::Abort | GapKind::PowerCut => {}
        }
    }
    Ok(counts)
}
