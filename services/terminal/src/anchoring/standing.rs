//! What the terminal remembers of the present unlock. Lost with the program: the next power-on asks anew.

use jushin_secure_element::exchange::{Budget, Status};
use jushin_statement::{TickSpec, Ticks, UnixMillis};

use super::policy::{self, Due, Part, Rules, Situation};

/// After a try that failed.
const PAUSE_MS: u64 = 60_000;

/// The present unlock, the last token, the last record.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Standing {
    unlock: Option<Unlock>,
    /// What the element last said it still allows.
    left: Option<Budget>,
    /// The highest counter seen, and the terminal's clock when it was new.
    last_record: Option<(u64, UnixMillis)>,
    /// The terminal's clock at the last token, or at the first try without one.
    last_token: Option<UnixMillis>,
    /// Whether the last try got no token though the platform answered.
    without_token: bool,
    failed: Option<UnixMillis>,
}

#[derive(Clone, Copy, Debug)]
enum Unlock {
    Provider(Held),
    Administrator,
}

/// An anchor of this power cycle.
#[derive(Clone, Copy, Debug)]
struct Held {
    /// Ticks between its two stamps.
    bracket: u64,
    at: UnixMillis,
    /// What the activation allowed.
    allowed: Option<Budget>,
}

impl Standing {
    /// The element was powered on: nothing is unlocked.
    pub(crate) const fn powered_on(&mut self) {
        self.unlock = None;
        self.left = None;
    }

    /// An anchor was taken.
    pub(crate) const fn anchored(&mut self, first: Ticks, second: Ticks, now: UnixMillis) {
        let bracket = second.count.saturating_sub(first.count);
        self.unlock = Some(Unlock::Provider(Held { bracket, at: now, allowed: None }));
        self.last_token = Some(now);
        self.without_token = false;
        self.failed = None;
    }

    /// An administrator's card unlocked the element.
    pub(crate) const fn unlocked_by_administrator(&mut self) {
        self.unlock = Some(Unlock::Administrator);
        self.failed = None;
    }

    /// What STATUS said.
    pub(crate) fn seen(&mut self, status: &Status, now: UnixMillis) {
        self.left = status.budget;
        if let Some(Unlock::Provider(held)) = &mut self.unlock {
            held.allowed = held.allowed.or(status.budget);
        }
        if self.last_record.is_none_or(|(counter, _)| counter != status.counter) {
            self.last_record = Some((status.counter, now));
        }
    }

    /// A try to take an anchor failed.
    pub(crate) fn failed(&mut self, now: UnixMillis, without_token: bool) {
        self.failed = Some(now);
        self.without_token = without_token;
        if without_token {
            self.last_token.get_or_insert(now);
        }
    }

    /// The platform answers again: nothing speaks against trying at once.
    pub(crate) const fn line_back(&mut self) {
        self.failed = None;
    }

    pub(super) fn may_try(&self, now: UnixMillis) -> bool {
        self.failed.is_none_or(|failed| now.0.abs_diff(failed.0) >= PAUSE_MS)
    }

    /// Whether the platform unlocked it; `None` while it is locked.
    pub(super) const fn unlocked_by_provider(&self) -> Option<bool> {
        match self.unlock {
            None => None,
            Some(Unlock::Provider(_)) => Some(true),
            Some(Unlock::Administrator) => Some(false),
        }
    }

    pub(super) fn begins_left(&self) -> Option<u64> {
        self.left.map(|left| left.begins)
    }

    pub(super) fn debt(&self, now: UnixMillis) -> f64 {
        match self.last_token {
            Some(last) if self.without_token => policy::debt(last, now),
            _ => 0.0,
        }
    }

    pub(super) fn heartbeat_due(&self, now: UnixMillis) -> bool {
        self.unlock.is_some() && self.last_record.is_some_and(|(_, at)| policy::heartbeat_due(at, now))
    }

    /// Width of the window of a visit now.
    pub(super) fn width_ms(&self, tick: TickSpec) -> Option<u64> {
        let Some(Unlock::Provider(held)) = self.unlock else { return None };
        policy::width_open_ms(tick, self.elapsed(held))
    }

    /// Why an anchor is due.
    pub(super) fn due(&self, rules: Rules, tick: TickSpec, now: UnixMillis) -> Option<Due> {
        let held = match self.unlock? {
            Unlock::Provider(held) => held,
            Unlock::Administrator => return Some(Due::Unanchored),
        };
        let part = |of: fn(Budget) -> u64| {
            let allowed = held.allowed.map_or(1, of);
            Part { allowed, left: self.left.map_or(allowed, of) }
        };
        policy::due(
            rules,
            &Situation {
                tick,
                elapsed: self.elapsed(held),
                anchored_at: held.at,
                now,
                begins: part(|budget| budget.begins),
                ticks: part(|budget| budget.ticks),
            },
        )
    }

    /// Ticks since the first stamp of the anchor: the element says how much of its budget has run.
    fn elapsed(&self, held: Held) -> u64 {
        let run = match (held.allowed, self.left) {
            (Some(allowed), Some(left)) => allowed.ticks.saturating_sub(left.ticks),
            _ => 0,
        };
        held.bracket.saturating_add(run)
    }
}
