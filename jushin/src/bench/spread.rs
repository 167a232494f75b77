//! Middle and tail of what was measured many times.

use std::time::Duration;

/// Durations in order of length.
pub(super) struct Spread(Vec<Duration>);

impl Spread {
    pub(super) fn of(durations: impl IntoIterator<Item = Duration>) -> Self {
        let mut sorted: Vec<_> = durations.into_iter().collect();
        sorted.sort_unstable();
        Self(sorted)
    }

    /// The duration that half of them do not exceed, in milliseconds.
    pub(super) fn median_ms(&self) -> f64 {
        self.at_ms(0.5)
    }

    /// The duration that 99 of 100 do not exceed, in milliseconds.
    pub(super) fn p99_ms(&self) -> f64 {
        self.at_ms(0.99)
    }

    fn at_ms(&self, share: f64) -> f64 {
        let place = (self.0.len() as f64 * share).ceil() as usize;
        self.0.get(place.saturating_sub(1)).map_or(0.0, |duration| duration.as_secs_f64() * 1e3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_and_99_of_100_do_not_exceed_median_and_p99() {
        let spread = Spread::of((1..=100).rev().map(Duration::from_millis));
        assert_eq!(spread.median_ms(), 50.0);
        assert_eq!(spread.p99_ms(), 99.0);
        assert_eq!(Spread::of([]).median_ms(), 0.0);
        assert_eq!(Spread::of([Duration::from_millis(3)]).p99_ms(), 3.0);
    }
}
