//! What the state table says.

use jushin_secure_element::StatusWord::{self, Done, NotAuthorised, WrongState};
use jushin_secure_element::exchange::State;
use jushin_statement::Signed;

use crate::actors::{Card, actors};

/// What the state table knows. Written down apart from the element, in the table's own terms.
pub(super) struct Model {
    pub(super) state: State,
    pub(super) boot_due: u8,
    pub(super) record_after_boot: bool,
    pub(super) counter: u64,
    pub(super) cv: bool,
    pub(super) epochs: Vec<u64>,
    pub(super) seq: Option<u64>,
    pub(super) suspended: bool,
    pub(super) paired: bool,
    /// The TickStamp1 that waits.
    pub(super) stamp1: Option<Signed>,
    /// Counter and Sig_structure of the adm that waits.
    pub(super) adm: Option<(u64, Vec<u8>)>,
    pub(super) failures: u64,
    pub(super) offline_used: u64,
    pub(super) offline: bool,
    pub(super) begins_left: u64,
    pub(super) since: u64,
    pub(super) now: u64,
    pub(super) session: Option<Session>,
    pub(super) ids: Option<Ids>,
    pub(super) closed: bool,
}

pub(super) struct Session {
    pub(super) other: bool,
    pub(super) to_be_signed: Vec<u8>,
    pub(super) since: u64,
}

#[derive(Default)]
pub(super) struct Ids {
    pub(super) other: bool,
    pub(super) built: Vec<u64>,
    pub(super) asked: Option<(u64, Vec<u8>)>,
}

pub(super) fn card(other: bool) -> &'static Card {
    if other { &actors().other_patient } else { &actors().patient }
}

impl Model {
    pub(super) fn factory() -> Self {
        Self {
            state: State::Factory,
            boot_due: 0,
            record_after_boot: false,
            counter: 0,
            cv: false,
            epochs: Vec::new(),
            seq: None,
            suspended: false,
            paired: false,
            stamp1: None,
            adm: None,
            failures: 0,
            offline_used: 0,
            offline: false,
            begins_left: 0,
            since: 0,
            now: 0,
            session: None,
            ids: None,
            closed: false,
        }
    }

    /// A record or presence took the next value.
    pub(super) fn took(&mut self, values: u64) {
        self.counter += values;
        self.record_after_boot = true;
    }

    pub(super) fn in_states(&self, allowed: &[State]) -> bool {
        allowed.contains(&self.state)
    }

    pub(super) fn power_cycle(&mut self) {
        if self.in_states(&[State::Active, State::Pending]) {
            self.state = State::Bound;
        }
        self.boot_due = match (self.state, self.record_after_boot) {
            (State::Factory, _) => 0,
            // Nothing came after the boot record: it is released again first.
            (_, false) if self.counter > 0 => 2,
            _ => 1,
        };
        self.paired = false;
        self.now = 0;
        (self.stamp1, self.adm, self.session, self.ids) = (None, None, None, None);
    }

    pub(super) fn ticks_left(&self) -> bool {
        let max = if self.offline { 9_000 } else { 80_000 };
        self.now - self.since <= max
    }

    pub(super) fn begins_left(&self) -> u64 {
        if self.offline { 3_u64.saturating_sub(self.offline_used) } else { self.begins_left }
    }

    /// TS1 and ADM-BUILD: booted, in use, and paired if bound.
    pub(super) fn may_unlock(&self) -> StatusWord {
        match self {
            _ if self.boot_due > 0 => WrongState,
            _ if self.state == State::Bound && !self.paired => NotAuthorised,
            _ if self.suspended => NotAuthorised,
            _ => Done,
        }
    }
}
