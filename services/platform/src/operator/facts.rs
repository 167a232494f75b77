//! What is known of one terminal, from the rows: everything that the pages say is computed here.

use jushin_statement::{
    Activation, Anchor, Binding, BindingState, Gap, Hash, Id16, Object as _, Presence, Record, TickKind,
    TickSpec, UnixMillis, is_void,
};

use crate::enrolment::resumed;
use crate::intake::GapKind;
use crate::operations::{TerminalState, TerminalStatus, status};
use crate::refusal::Refusal;
use crate::store::rows::{
    AnchorRow, BindingRow, ClaimRow, CloseRow, ElementRow, ForkRow, GapRow, InstitutionRow, RecordRow,
    UnlockRow, UnstampedRow, VisitRow, counter_of, key,
};
use crate::store::{Scan, Transaction};
use crate::verify::unverified;

/// After so long without a word a terminal that may be in use is shown as offline.
const QUIET_MS: u64 = 3_600_000;

/// From here on missing tokens are an alarm: a quarter of the four hours for which they may fail.
const DEBT_MS: u64 = 3_600_000;

/// Rows of one kind that a page looks at.
pub(super) const ROWS: usize = 200;

/// How a terminal stands, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Alarm,
    Suspended,
    Retired,
    Enrolling,
    InUse,
    Offline,
    Locked,
}

/// Missing counter values.
#[derive(Clone, Copy, Debug)]
pub(super) struct GapFact {
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) kind: GapKind,
    pub(super) at: UnixMillis,
    /// What was missing has arrived since.
    pub(super) filled: bool,
}

/// Two payloads under one counter value.
#[derive(Clone, Debug)]
pub(super) struct ForkFact {
    pub(super) counter: u64,
    pub(super) at: UnixMillis,
    /// Payload hash, what it is, when it arrived.
    pub(super) payloads: Vec<(Hash, Option<Record>, UnixMillis)>,
}

/// Something that arrived and is void.
#[derive(Clone, Copy, Debug)]
pub(super) struct RefusedFact {
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) is_visit: bool,
    pub(super) at: UnixMillis,
}

/// What is known of one terminal.
pub(super) struct Facts {
    pub(super) status: TerminalStatus,
    pub(super) row: ElementRow,
    pub(super) place: String,
    pub(super) last_heard: Option<UnixMillis>,
    /// Last close: the counter value up to which everything is acknowledged.
    pub(super) closed: Option<u64>,
    pub(super) unlocked_until: Option<UnixMillis>,
    /// An administrator's card unlocked it after the last unlock over the network.
    pub(super) unlocked_by_card: bool,
    pub(super) gaps: Vec<GapFact>,
    pub(super) forks: Vec<ForkFact>,
    pub(super) refused: Vec<RefusedFact>,
    /// Since when a token is missing.
    pub(super) debt_since: Option<UnixMillis>,
    pub(super) unstamped: usize,
    /// When an operator last put it back into use: what was found before was looked into.
    pub(super) resumed: Option<UnixMillis>,
    now: UnixMillis,
}

impl Facts {
    pub(super) fn collect(
        tx: &mut (dyn Transaction + '_),
        element: Id16,
        row: ElementRow,
        now: UnixMillis,
    ) -> Result<Self, Refusal> {
        let institution = tx.newest::<InstitutionRow>(&key(&[&row.institution]))?;
        let unlock = tx.newest::<UnlockRow>(&element.0)?;
        let unstamped: Vec<UnixMillis> =
            tx.list::<UnstampedRow>(Scan::all(&element.0))?.into_iter().map(|(_, row)| row.at).collect();
        let unanswered =
            unanswered_stamp(tx, element, unlock.as_ref().map(|(row_key, _)| counter_of(row_key)))?;
        Ok(Self {
            status: status(tx, element, &row)?,
            place: institution.map_or_else(|| row.institution.to_string(), |(_, row)| row.name),
            last_heard: tx.newest::<ClaimRow>(&element.0)?.map(|(_, row)| row.at),
            closed: tx.newest::<CloseRow>(&element.0)?.map(|(row_key, _)| counter_of(&row_key)),
            unlocked_until: unlock.as_ref().and_then(|(_, unlock)| unlocked_until(unlock, row.tick)),
            unlocked_by_card: by_card(tx, element, unlock.as_ref().map(|(row_key, _)| counter_of(row_key)))?,
            gaps: gaps(tx, element)?,
            forks: forks(tx, element)?,
            refused: void_records(tx, element)?,
            debt_since: unstamped.iter().copied().chain(unanswered).min(),
            unstamped: unstamped.len(),
            resumed: resumed(tx, element)?,
            row,
            now,
        })
    }
}

impl Facts {
    /// In one word; whatever asks for a person comes first.
    pub(super) fn standing(&self) -> Standing {
        match self.status.state {
            TerminalState::Retired { .. } => Standing::Retired,
            TerminalState::Suspended { .. } => Standing::Suspended,
            TerminalState::Enrolling => Standing::Enrolling,
            TerminalState::Able if self.has_alarm() => Standing::Alarm,
            TerminalState::Able if self.unlocked_by_card => Standing::Offline,
            TerminalState::Able if self.unlocked_until.is_none_or(|until| until < self.now) => {
                Standing::Locked
            }
            TerminalState::Able if self.is_quiet() => Standing::Offline,
            TerminalState::Able => Standing::InUse,
        }
    }

    /// Whether a person should look at it: a fork, something missing, something refused, a token that could
    /// not be had for too long.
    pub(super) fn has_alarm(&self) -> bool {
        self.new_forks().count() > 0
            || self.missing() > 0
            || self.new_refused().count() > 0
            || self.debt_is_old()
    }

    /// Forks that nobody has looked into.
    pub(super) fn new_forks(&self) -> impl Iterator<Item = &ForkFact> {
        self.forks.iter().filter(|fork| self.is_new(fork.at))
    }

    /// Refused records that nobody has looked into.
    pub(super) fn new_refused(&self) -> impl Iterator<Item = &RefusedFact> {
        self.refused.iter().filter(|refused| self.is_new(refused.at))
    }

    fn is_new(&self, at: UnixMillis) -> bool {
        self.resumed.is_none_or(|resumed| at > resumed)
    }

    /// Counter values that nothing explains and that have not arrived since.
    pub(super) fn missing(&self) -> u64 {
        let alarms = self.gaps.iter().filter(|gap| gap.kind == GapKind::Alarm && !gap.filled);
        let alarms = alarms.filter(|gap| self.is_new(gap.at));
        alarms.map(|gap| gap.to.saturating_sub(gap.from).saturating_add(1)).fold(0, u64::saturating_add)
    }

    pub(super) fn debt_is_old(&self) -> bool {
        self.debt_since.is_some_and(|since| self.now.0.saturating_sub(since.0) >= DEBT_MS)
    }

    fn is_quiet(&self) -> bool {
        self.last_heard.is_none_or(|last| self.now.0.saturating_sub(last.0) >= QUIET_MS)
    }
}

/// An unlock lasts so many ticks; by the platform's clock that is about until then.
fn unlocked_until(row: &UnlockRow, tick: TickSpec) -> Option<UnixMillis> {
    let activation: Activation = unverified(&row.activation).ok()?;
    if tick.kind == TickKind::Date {
        return Some(UnixMillis(row.at.0.saturating_add(86_400_000)));
    }
    Some(UnixMillis(row.at.0.saturating_add(activation.max_ticks.saturating_mul(tick.tau_us) / 1_000)))
}

fn by_card(tx: &mut (dyn Transaction + '_), element: Id16, unlock: Option<u64>) -> Result<bool, Refusal> {
    let rows = tx.list::<AnchorRow>(Scan { backwards: true, limit: ROWS, ..Scan::all(&element.0) })?;
    let newest = rows.iter().find_map(|(row_key, row)| {
        matches!(row.anchor.0, Anchor::Offline { .. }).then(|| counter_of(row_key))
    });
    Ok(newest > unlock)
}

/// When a stamp came that no authority has stamped, after the last unlock.
fn unanswered_stamp(
    tx: &mut (dyn Transaction + '_),
    element: Id16,
    unlock: Option<u64>,
) -> Result<Option<UnixMillis>, Refusal> {
    let from = key(&[&element, &unlock.map_or(0, |counter| counter.saturating_add(1))]);
    let scan = Scan { from: Some(&from), limit: ROWS, ..Scan::all(&element.0) };
    let rows = tx.list::<RecordRow>(scan)?;
    let mut stamps = rows
        .into_iter()
        .filter_map(|(_, row)| matches!(decoded(&row)?, Record::TickStamp1(_)).then_some(row.at));
    Ok(stamps.next())
}

fn decoded(row: &RecordRow) -> Option<Record> {
    Record::decode(row.signed.parse().ok()?.payload).ok()
}

fn gaps(tx: &mut (dyn Transaction + '_), element: Id16) -> Result<Vec<GapFact>, Refusal> {
    let mut gaps = Vec::new();
    let rows = tx.list::<GapRow>(Scan { backwards: true, limit: ROWS, ..Scan::all(&element.0) })?;
    for (row_key, row) in rows {
        let from = counter_of(&row_key);
        let claims = crate::records::claims_between(tx, element, from, row.to)?;
        let values = row.to.saturating_sub(from).saturating_add(1);
        let filled = u64::try_from(claims.len()).unwrap_or(u64::MAX) >= values;
        gaps.push(GapFact { from, to: row.to, kind: GapKind::from_number(row.kind), at: row.at, filled });
    }
    Ok(gaps)
}

fn forks(tx: &mut (dyn Transaction + '_), element: Id16) -> Result<Vec<ForkFact>, Refusal> {
    let mut forks = Vec::new();
    for (row_key, row) in tx.list::<ForkRow>(Scan { limit: ROWS, ..Scan::all(&element.0) })? {
        let counter = counter_of(&row_key);
        let mut payloads = Vec::new();
        for (claim_key, claim) in tx.list::<ClaimRow>(Scan::all(&key(&[&element, &counter])))? {
            let Some(hash) = claim_key.get(24..56).and_then(|bytes| bytes.try_into().ok()).map(Hash) else {
                continue;
            };
            let record = tx.find::<RecordRow>(&claim_key)?.as_ref().and_then(decoded);
            payloads.push((hash, record, claim.at));
        }
        payloads.sort_by_key(|(hash, _, at)| (*at, *hash));
        forks.push(ForkFact { counter, at: row.at, payloads });
    }
    Ok(forks)
}

/// Counter values that nothing explains and that have not arrived since.
pub(crate) fn missing(tx: &mut (dyn Transaction + '_), element: Id16) -> Result<Vec<Gap>, Refusal> {
    let gaps = gaps(tx, element)?;
    let missing = gaps.iter().filter(|gap| gap.kind == GapKind::Alarm && !gap.filled);
    Ok(missing.map(|gap| Gap { from: gap.from, to: gap.to }).collect())
}

/// What arrived although it is void.
pub(crate) fn refused(tx: &mut (dyn Transaction + '_), element: Id16) -> Result<Vec<Gap>, Refusal> {
    let void = void_records(tx, element)?;
    Ok(void.iter().map(|record| Gap { from: record.from, to: record.to }).collect())
}

/// What arrived and is void: check-ins, stamps and unlocks. Boots, confirmed bindings and closes never are.
fn void_records(tx: &mut (dyn Transaction + '_), element: Id16) -> Result<Vec<RefusedFact>, Refusal> {
    let history = tx.list::<BindingRow>(Scan::all(&element.0))?;
    let history: Vec<Binding> =
        history.iter().map(|(_, row)| unverified(&row.signed)).collect::<Result<_, _>>()?;
    let stops = history.iter().filter(|binding| binding.state != BindingState::InUse);
    let Some(first) = stops.filter_map(|binding| binding.from_counter).min() else { return Ok(Vec::new()) };
    let from = key(&[&element, &first]);
    let rows = tx.list::<RecordRow>(Scan { from: Some(&from), limit: ROWS, ..Scan::all(&element.0) })?;
    let mut refused = Vec::new();
    for (row_key, row) in rows {
        let counter = counter_of(&row_key);
        match decoded(&row) {
            Some(Record::Commit(_)) => {
                let visit = row_key.get(24..56).map(|evid| tx.find::<VisitRow>(evid)).transpose()?.flatten();
                let begun = visit.and_then(|visit| Presence::decode(&visit.evidence.0.presence).ok());
                let from = begun.map_or(counter, |presence| presence.counter);
                if is_void(&history, from) {
                    refused.push(RefusedFact { from, to: counter, is_visit: from != counter, at: row.at });
                }
            }
            Some(Record::TickStamp1(_) | Record::TickStamp2(_) | Record::Stamp(_))
                if is_void(&history, counter) =>
            {
                refused.push(RefusedFact { from: counter, to: counter, is_visit: false, at: row.at });
            }
            _ => {}
        }
    }
    Ok(refused)
}
