//! Times as certificates and tokens state them.

use core::fmt;

/// Milliseconds since 1970-01-01T00:00:00Z, as a signed statement of a CA, responder or TSA gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

const DAY: i64 = 86_400;

impl Moment {
    /// From whole seconds since 1970.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000))
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// The second it lies in: rounded down.
    #[must_use]
    pub const fn whole_second(self) -> Self {
        Self(self.0.saturating_sub(self.0.rem_euclid(1_000)))
    }

    /// This many milliseconds later (earlier if negative), saturating.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// From a date and time of the proleptic Gregorian calendar in UTC; `None` if there is no such time.
    ///
    /// A leap second is no such time: certificates and tokens that state one are refused.
    #[must_use]
    pub fn from_utc(year: i64, month: i64, day: i64, hour: i64, minute: i64, second: i64) -> Option<Self> {
        let fits = (1..=12).contains(&month)
            && (0..=9999).contains(&year)
            && (1..=days_in_month(year, month)).contains(&day)
            && (0..24).contains(&hour)
            && (0..60).contains(&minute)
            && (0..60).contains(&second);
        fits.then(|| {
            Self::from_seconds(days_from_civil(year, month, day) * DAY + hour * 3_600 + minute * 60 + second)
        })
    }

    /// Year, month, day, hour, minute and second in UTC.
    #[must_use]
    pub fn to_utc(self) -> [i64; 6] {
        let seconds = self.0.div_euclid(1_000);
        let [year, month, day] = civil_from_days(seconds.div_euclid(DAY));
        let rest = seconds.rem_euclid(DAY);
        [year, month, day, rest / 3_600, rest % 3_600 / 60, rest % 60]
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [year, month, day, hour, minute, second] = self.to_utc();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        match self.0.rem_euclid(1_000) {
            0 => write!(f, "Z"),
            millis => write!(f, ".{millis:03}Z"),
        }
    }
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01, counting years from March so that the leap day ends a year.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

const fn civil_from_days(days: i64) -> [i64; 3] {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    [year, month, day_of_year - (153 * shifted + 2) / 5 + 1]
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn known_dates_convert_both_ways() {
        for (date, seconds) in [
            ([1970, 1, 1, 0, 0, 0], 0),
            ([2000, 2, 29, 23, 59, 59], 951_868_799),
            ([2030, 2, 17, 14, 59, 59], 1_897_570_799),
            ([1950, 1, 1, 0, 0, 0], -631_152_000),
            ([9999, 12, 31, 23, 59, 59], 253_402_300_799),
        ] {
            let [year, month, day, hour, minute, second] = date;
            let moment = Moment::from_utc(year, month, day, hour, minute, second).unwrap();
            assert_eq!(moment, Moment::from_seconds(seconds));
            assert_eq!(moment.to_utc(), date);
        }
        assert_eq!(Moment(1_897_570_799_250).to_string(), "2030-02-17T14:59:59.250Z");
    }

    #[test]
    fn a_day_that_does_not_exist_is_no_moment() {
        for [month, day] in [[2, 30], [13, 1], [0, 1], [4, 31], [1, 0]] {
            assert_eq!(Moment::from_utc(2026, month, day, 0, 0, 0), None);
        }
        assert_eq!(Moment::from_utc(2023, 2, 29, 0, 0, 0), None);
        assert_eq!(Moment::from_utc(2026, 1, 1, 24, 0, 0), None);
        assert_eq!(Moment::from_utc(2016, 12, 31, 23, 59, 60), None);
    }
}
