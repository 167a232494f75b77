//! Exact points in time: rational numbers of microseconds since 1970.

use std::cmp::Ordering;

use jushin_statement::UnixMillis;

/// `numerator / denominator` microseconds since 1970.
///
/// The numerator stays below 2^100 and the denominator is below 2^21, so that products of the two
/// always fit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exact {
    numerator: i128,
    denominator: i128,
}

const LARGEST: i128 = 1 << 100;
const MICROS_PER_MILLI: i128 = 1_000;

impl Exact {
    /// A whole number of microseconds; `None` if it is beyond every time that matters.
    pub(crate) fn from_micros(micros: i128) -> Option<Self> {
        Self::new(micros, 1)
    }

    fn new(numerator: i128, denominator: i128) -> Option<Self> {
        (-LARGEST < numerator && numerator < LARGEST).then_some(Self { numerator, denominator })
    }

    /// `self` plus `numerator / denominator`; `self` must be a whole number of microseconds.
    pub(crate) fn plus(self, numerator: i128, denominator: i128) -> Option<Self> {
        debug_assert_eq!(self.denominator, 1);
        let whole = self.numerator.checked_mul(denominator)?;
        Self::new(whole.checked_add(numerator)?, denominator)
    }

    /// Rounded down to a millisecond; 0 for what lies before 1970.
    pub(crate) fn floor_ms(self) -> UnixMillis {
        let ms = self.numerator.div_euclid(self.denominator * MICROS_PER_MILLI);
        UnixMillis(u64::try_from(ms.max(0)).unwrap_or(u64::MAX))
    }

    /// Rounded up to a millisecond; `None` if that does not fit a verdict.
    pub(crate) fn ceil_ms(self) -> Option<UnixMillis> {
        let ms = -(-self.numerator).div_euclid(self.denominator * MICROS_PER_MILLI);
        u64::try_from(ms.max(0)).ok().map(UnixMillis)
    }
}

impl PartialEq for Exact {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Exact {}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.numerator * other.denominator).cmp(&(other.numerator * self.denominator))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_of_a_millisecond_rounds_outwards() {
        let third = Exact::from_micros(1_000).unwrap().plus(1_000, 3).unwrap();
        assert_eq!(third.floor_ms(), UnixMillis(1));
        assert_eq!(third.ceil_ms(), Some(UnixMillis(2)));
        let whole = Exact::from_micros(2_000).unwrap();
        assert_eq!((whole.floor_ms(), whole.ceil_ms()), (UnixMillis(2), Some(UnixMillis(2))));
    }

    #[test]
    fn values_with_different_denominators_compare_exactly() {
        let base = Exact::from_micros(0).unwrap();
        let (third, fraction) = (base.plus(1, 3).unwrap(), base.plus(333_333, 1_000_000).unwrap());
        assert!(fraction < third);
        assert_eq!(base.plus(2, 6).unwrap(), third);
    }

    #[test]
    fn what_is_too_large_gives_no_value() {
        assert!(Exact::from_micros(i128::MAX).is_none());
        assert!(Exact::from_micros(1).unwrap().plus(i128::MAX, 2).is_none());
    }
}
