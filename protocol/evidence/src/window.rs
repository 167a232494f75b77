//! When a visit happened, as far as its evidence can prove it (P7 V10, P2, P4, P5).
//!
//! The rules see counters, ticks and token times, and nothing else: no host clock can enter. A rule that
//! cannot be computed gives no bound, and leaving a bound out only widens a window.

#[cfg(test)]
mod edges;
mod exact;
mod rules;
#[cfg(test)]
mod simulation;

use jushin_statement::UnixMillis;

pub(crate) use exact::Exact;
pub(crate) use rules::{Bounds, Bracket, Reading, Stamp, TokenTime, clock_contradiction};

const JAPAN_OFFSET_MS: u64 = 9 * 3_600_000;
const DAY_MS: u64 = 86_400_000;

/// A proven window: the event lies at or after the earliest and at or before the latest time.
///
/// An end that no rule gives is [`None`]. There is no conversion from a clock reading: a window is only
/// ever the result of the rules, or read from a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct TimeWindow {
    earliest: Option<UnixMillis>,
    latest: Option<UnixMillis>,
}

impl TimeWindow {
    /// A window with neither end.
    pub const UNKNOWN: Self = Self { earliest: None, latest: None };

    pub(crate) const fn new(earliest: Option<UnixMillis>, latest: Option<UnixMillis>) -> Self {
        Self { earliest, latest }
    }

    /// Earliest proven time, rounded down to a millisecond.
    #[must_use]
    pub const fn earliest(&self) -> Option<UnixMillis> {
        self.earliest
    }

    /// Latest proven time, rounded up to a millisecond.
    #[must_use]
    pub const fn latest(&self) -> Option<UnixMillis> {
        self.latest
    }

    /// Width in milliseconds, if both ends are known.
    #[must_use]
    pub fn width_ms(&self) -> Option<u64> {
        let (UnixMillis(earliest), UnixMillis(latest)) = (self.earliest?, self.latest?);
        latest.checked_sub(earliest)
    }

    /// Whether both ends lie on the same calendar day in Japan (UTC+9, no summer time).
    #[must_use]
    pub fn is_one_japanese_day(&self) -> bool {
        let day = |UnixMillis(ms): UnixMillis| ms.saturating_add(JAPAN_OFFSET_MS) / DAY_MS;
        matches!((self.earliest, self.latest), (Some(lo), Some(hi)) if day(lo) == day(hi))
    }

    /// The window that both windows allow; `None` if they contradict each other.
    pub(crate) fn intersect(self, other: Self) -> Option<Self> {
        let earliest = self.earliest.max(other.earliest);
        let latest = match (self.latest, other.latest) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        match (earliest, latest) {
            (Some(lo), Some(hi)) if lo > hi => None,
            _ => Some(Self { earliest, latest }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(lo: u64, hi: u64) -> TimeWindow {
        TimeWindow::new(Some(UnixMillis(lo)), Some(UnixMillis(hi)))
    }

    #[test]
    fn n5_6_the_day_turns_at_15_00_utc_on_every_day_of_the_year() {
        // 2026-03-29 is a day on which Europe changes its clocks; 2016-12-31 ended with a leap second.
        for midnight in [1_774_710_000_000_u64, 1_483_196_400_000] {
            assert_eq!((midnight + JAPAN_OFFSET_MS) % DAY_MS, 0, "midnight in Japan");
            assert!(window(midnight, midnight + DAY_MS - 1).is_one_japanese_day());
            assert!(!window(midnight - 1, midnight).is_one_japanese_day());
            assert!(!window(midnight, midnight + DAY_MS).is_one_japanese_day());
        }
    }

    #[test]
    fn windows_intersect_or_contradict() {
        assert_eq!(window(1, 9).intersect(window(4, 12)), Some(window(4, 9)));
        assert_eq!(window(1, 3).intersect(window(4, 12)), None);
        assert_eq!(TimeWindow::UNKNOWN.intersect(window(4, 12)), Some(window(4, 12)));
    }
}
