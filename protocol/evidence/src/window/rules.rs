//! The rules themselves, over plain numbers.
//!
//! With `τ` the nominal tick, `ρ` the certified bound of its deviation, `g ± a` a token's time and its
//! accuracy, and `D` a difference of two counts of one power cycle: the true time between the two readings
//! is in `[(D−1)τ/(1+ρ), (D+1)τ/(1−ρ)]`.

use jushin_statement::{Id16, TickKind, TickSpec, UnixMillis};

use super::{Exact, TimeWindow};

const MILLION: i128 = 1_000_000;

/// What a token says: its time and how far that may be off, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TokenTime {
    pub(crate) time_us: i128,
    pub(crate) accuracy_us: i128,
}

impl TokenTime {
    fn earliest(self) -> Option<Exact> {
        Exact::from_micros(self.time_us.checked_sub(self.accuracy_us)?)
    }

    fn latest(self) -> Option<Exact> {
        Exact::from_micros(self.time_us.checked_add(self.accuracy_us)?)
    }
}

/// One reading of an element: its monotonic counter and its ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stamp {
    pub(crate) counter: u64,
    pub(crate) count: u64,
}

/// A reading and the power cycle that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) cycle: Id16,
    pub(crate) stamp: Stamp,
}

/// A token between two readings. Without the second one the bracket was never closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Bracket {
    pub(crate) cycle: Id16,
    pub(crate) first: Stamp,
    pub(crate) second: Option<Stamp>,
    pub(crate) token: TokenTime,
}

/// The bounds found so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bounds {
    lo: Option<Exact>,
    hi: Option<Exact>,
}

impl Bounds {
    /// Both ends from every bracket, for one reading.
    pub(crate) fn of(event: Reading, brackets: &[Bracket], tick: TickSpec) -> Self {
        let mut bounds = Self::default();
        for bracket in brackets {
            bounds.raise_by_bracket(event, bracket, tick);
            bounds.lower_by_bracket(event, bracket, tick);
        }
        bounds
    }

    /// The lower bounds that `bracket` gives to `event`.
    pub(crate) fn raise_by_bracket(&mut self, event: Reading, bracket: &Bracket, tick: TickSpec) {
        let Some(second) = bracket.second else { return };
        if event.stamp.counter >= second.counter {
            self.raise_to(bracket.token.earliest());
        }
        if let Some(ticks) = Ticking::of(tick)
            && bracket.cycle == event.cycle
        {
            let bound = if event.stamp.counter > second.counter {
                ticks.at_least(difference(event.stamp.count, second.count), bracket.token.earliest())
            } else {
                ticks.at_most_before(difference(second.count, event.stamp.count), bracket.token.earliest())
            };
            self.raise_to(bound);
        }
    }

    /// The upper bounds that `bracket` gives to `event`.
    pub(crate) fn lower_by_bracket(&mut self, event: Reading, bracket: &Bracket, tick: TickSpec) {
        let first = bracket.first;
        if event.stamp.counter <= first.counter {
            self.lower_to(bracket.token.latest());
        }
        if let Some(ticks) = Ticking::of(tick)
            && bracket.cycle == event.cycle
        {
            let bound = if event.stamp.counter > first.counter {
                ticks.at_most(difference(event.stamp.count, first.count), bracket.token.latest())
            } else {
                ticks.at_least_before(difference(first.count, event.stamp.count), bracket.token.latest())
            };
            self.lower_to(bound);
        }
    }

    /// The event is after a token was issued, whatever the ticks are.
    pub(crate) fn after_token(&mut self, token: TokenTime) {
        self.raise_to(token.earliest());
    }

    /// The event is before a token was issued, whatever the ticks are.
    pub(crate) fn before_token(&mut self, token: TokenTime) {
        self.lower_to(token.latest());
    }

    fn raise_to(&mut self, bound: Option<Exact>) {
        if bound.is_some_and(|bound| self.lo.is_none_or(|lo| bound > lo)) {
            self.lo = bound;
        }
    }

    fn lower_to(&mut self, bound: Option<Exact>) {
        if bound.is_some_and(|bound| self.hi.is_none_or(|hi| bound < hi)) {
            self.hi = bound;
        }
    }

    /// Whether the lower bound is above the upper one.
    pub(crate) fn contradict(&self) -> bool {
        matches!((self.lo, self.hi), (Some(lo), Some(hi)) if lo > hi)
    }

    /// Rounded outwards to milliseconds.
    pub(crate) fn window(&self) -> TimeWindow {
        TimeWindow::new(self.lo.map(Exact::floor_ms), self.hi.and_then(Exact::ceil_ms))
    }

    /// Whether both have the same lower bound.
    pub(crate) fn same_lo(&self, other: &Self) -> bool {
        self.lo.is_some() && self.lo == other.lo
    }

    /// Whether both have the same upper bound.
    pub(crate) fn same_hi(&self, other: &Self) -> bool {
        self.hi.is_some() && self.hi == other.hi
    }

    /// The tighter of both bounds at each end.
    pub(crate) fn tighten(&mut self, other: &Self) {
        self.raise_to(other.lo);
        self.lower_to(other.hi);
    }
}

/// Whether the brackets of one power cycle contradict each other: a clock ran outside its certified bound,
/// or a token's time is wrong.
pub(crate) fn clock_contradiction(brackets: &[Bracket], tick: TickSpec) -> bool {
    brackets.iter().any(|bracket| {
        [Some(bracket.first), bracket.second].into_iter().flatten().any(|stamp| {
            let event = Reading { cycle: bracket.cycle, stamp };
            Bounds::of(event, brackets, tick).contradict()
        })
    })
}

fn difference(later: u64, earlier: u64) -> i128 {
    i128::from(later) - i128::from(earlier)
}

/// A clock that counts time: nominal tick and certified bound.
#[derive(Clone, Copy)]
struct Ticking {
    tau_us: i128,
    rho_ppm: i128,
}

impl Ticking {
    /// `None` for an element whose ticks count records.
    fn of(tick: TickSpec) -> Option<Self> {
        (tick.kind == TickKind::Time && tick.rho_ppm < 1_000_000)
            .then_some(Self { tau_us: i128::from(tick.tau_us), rho_ppm: i128::from(tick.rho_ppm) })
    }

    /// Longest true time over `ticks`, as a fraction.
    fn longest(self, ticks: i128) -> Option<(i128, i128)> {
        Some((ticks.checked_mul(self.tau_us)?.checked_mul(MILLION)?, MILLION - self.rho_ppm))
    }

    /// Shortest true time over `ticks`, as a fraction.
    fn shortest(self, ticks: i128) -> Option<(i128, i128)> {
        Some((ticks.max(0).checked_mul(self.tau_us)?.checked_mul(MILLION)?, MILLION + self.rho_ppm))
    }

    /// `from + max(0, D−1)τ/(1+ρ)`: the event came at least that much later.
    fn at_least(self, difference: i128, from: Option<Exact>) -> Option<Exact> {
        let (numerator, denominator) = self.shortest(difference - 1)?;
        from?.plus(numerator, denominator)
    }

    /// `from + (D+1)τ/(1−ρ)`: the event came at most that much later.
    fn at_most(self, difference: i128, from: Option<Exact>) -> Option<Exact> {
        let (numerator, denominator) = self.longest(difference + 1)?;
        from?.plus(numerator, denominator)
    }

    /// `from − max(0, D−1)τ/(1+ρ)`: the event came at least that much earlier.
    fn at_least_before(self, difference: i128, from: Option<Exact>) -> Option<Exact> {
        let (numerator, denominator) = self.shortest(difference - 1)?;
        from?.plus(-numerator, denominator)
    }

    /// `from − (D+1)τ/(1−ρ)`: the event came at most that much earlier.
    fn at_most_before(self, difference: i128, from: Option<Exact>) -> Option<Exact> {
        let (numerator, denominator) = self.longest(difference + 1)?;
        from?.plus(-numerator, denominator)
    }
}

impl TimeWindow {
    /// The whole window lies after `at`.
    pub(crate) fn is_after(&self, at: UnixMillis) -> bool {
        self.earliest().is_some_and(|earliest| at < earliest)
    }

    /// The whole window lies before `at`.
    pub(crate) fn is_before(&self, at: UnixMillis) -> bool {
        self.latest().is_some_and(|latest| latest < at)
    }
}
