//! Dates and times in Japan, as people write them.

use jiff::tz::{self, TimeZone};
use jiff::{Timestamp, Zoned};
use jushin_statement::UnixMillis;

use crate::Lang;

const WEEKDAYS_JA: [&str; 7] = ["月", "火", "水", "木", "金", "土", "日"];
const WEEKDAYS_EN: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Japan has no summer time: nine hours ahead, always.
fn in_japan(at: UnixMillis) -> Zoned {
    let millis = i64::try_from(at.0).unwrap_or(i64::MAX);
    let at = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX);
    at.to_zoned(TimeZone::fixed(tz::offset(9)))
}

fn weekday(at: &Zoned) -> usize {
    usize::try_from(at.weekday().to_monday_zero_offset()).unwrap_or_default() % 7
}

/// `2026年（令和8年）4月7日（火）` · `Tue 7 April 2026`
#[must_use]
pub fn day(at: UnixMillis, lang: Lang) -> String {
    let at = in_japan(at);
    match lang {
        Lang::Ja => format!("{}{}日（{}）", month_ja(&at), at.day(), WEEKDAYS_JA[weekday(&at)]),
        Lang::En => format!("{} {} {}", WEEKDAYS_EN[weekday(&at)], at.day(), month_en(&at)),
    }
}

/// `2026年（令和8年）4月` · `April 2026`
#[must_use]
pub fn month(at: UnixMillis, lang: Lang) -> String {
    let at = in_japan(at);
    match lang {
        Lang::Ja => month_ja(&at),
        Lang::En => month_en(&at),
    }
}

fn month_ja(at: &Zoned) -> String {
    let era = if at.year() >= 2020 { format!("（令和{}年）", at.year() - 2018) } else { String::new() };
    format!("{}年{era}{}月", at.year(), at.month())
}

fn month_en(at: &Zoned) -> String {
    let name = MONTHS_EN[usize::try_from(at.month() - 1).unwrap_or_default() % 12];
    format!("{name} {}", at.year())
}

/// `4月7日` · `7 April`
#[must_use]
pub fn short_day(at: UnixMillis, lang: Lang) -> String {
    let at = in_japan(at);
    match lang {
        Lang::Ja => format!("{}月{}日", at.month(), at.day()),
        Lang::En => {
            format!("{} {}", at.day(), MONTHS_EN[usize::try_from(at.month() - 1).unwrap_or_default() % 12])
        }
    }
}

/// `7日（火）` · `Tue 7`, where the month stands above.
#[must_use]
pub fn day_of_month(at: UnixMillis, lang: Lang) -> String {
    let at = in_japan(at);
    match lang {
        Lang::Ja => format!("{}日（{}）", at.day(), WEEKDAYS_JA[weekday(&at)]),
        Lang::En => format!("{} {}", WEEKDAYS_EN[weekday(&at)], at.day()),
    }
}

/// `午前8時52分` · `8:52`
#[must_use]
pub fn clock_time(at: UnixMillis, lang: Lang) -> String {
    let at = in_japan(at);
    match lang {
        Lang::Ja => {
            let (half, hour) =
                if at.hour() < 12 { ("午前", at.hour()) } else { ("午後", at.hour() - 12) };
            format!("{half}{hour}時{}分", at.minute())
        }
        Lang::En => format!("{}:{:02}", at.hour(), at.minute()),
    }
}

/// `午前8時52分03秒` · `8:52:03`
#[must_use]
pub fn clock_time_with_seconds(at: UnixMillis, lang: Lang) -> String {
    let seconds = in_japan(at).second();
    match lang {
        Lang::Ja => format!("{}{seconds:02}秒", clock_time(at, lang)),
        Lang::En => format!("{}:{seconds:02}", clock_time(at, lang)),
    }
}

/// The parts of a date, a time or a sentence about them that a narrow page must not break: a time of day
/// stays in one line.
#[must_use]
pub fn phrases(sentence: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, letter) in sentence.char_indices() {
        let rest = sentence.get(at..).unwrap_or_default();
        let begins = rest.starts_with("午前") || rest.starts_with("午後");
        let follows = sentence.get(..at).is_some_and(|before| before.ends_with([' ', '。']));
        if at > start && letter != ' ' && (begins || follows) {
            parts.extend(sentence.get(start..at));
            start = at;
        }
    }
    parts.extend(sentence.get(start..).filter(|rest| !rest.is_empty()));
    parts
}

/// `08:52:03`, for tables and terminals.
#[must_use]
pub fn seconds_time(at: UnixMillis) -> String {
    in_japan(at).strftime("%H:%M:%S").to_string()
}

/// `2026-04-07`
#[must_use]
pub fn iso_day(at: UnixMillis) -> String {
    in_japan(at).strftime("%Y-%m-%d").to_string()
}

/// `2026-04-07T08:52:03.120+09:00`
#[must_use]
pub fn iso(at: UnixMillis) -> String {
    in_japan(at).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TUESDAY: UnixMillis = UnixMillis(1_775_519_523_000); // 2026-04-07T08:52:03+09:00

    #[test]
    fn dates_carry_the_era_and_the_weekday() {
        assert_eq!(day(TUESDAY, Lang::Ja), "2026年（令和8年）4月7日（火）");
        assert_eq!(day(TUESDAY, Lang::En), "Tue 7 April 2026");
        assert_eq!(clock_time(TUESDAY, Lang::Ja), "午前8時52分");
        assert_eq!(clock_time(TUESDAY, Lang::En), "8:52");
        assert_eq!(seconds_time(TUESDAY), "08:52:03");
        assert_eq!(iso_day(TUESDAY), "2026-04-07");
        assert_eq!(iso(UnixMillis(TUESDAY.0 + 120)), "2026-04-07T08:52:03.120+09:00");
    }

    #[test]
    fn a_time_of_day_is_one_phrase() {
        assert_eq!(
            phrases("2026年（令和8年）4月7日（火）午前8時52分ごろ"),
            ["2026年（令和8年）4月7日（火）", "午前8時52分ごろ"]
        );
        assert_eq!(
            phrases("午前8時52分03秒 から 午前8時52分06秒 のあいだです"),
            ["午前8時52分03秒 ", "から ", "午前8時52分06秒 ", "のあいだです"]
        );
        assert_eq!(phrases("Tue 7, about 8:52"), ["Tue ", "7, ", "about ", "8:52"]);
        assert_eq!(phrases("4月7日。時刻はわかりません"), ["4月7日。", "時刻はわかりません"]);
        assert!(phrases("").is_empty());
    }

    #[test]
    fn noon_and_midnight_are_zero_hours() {
        let midnight = UnixMillis(TUESDAY.0 - (8 * 3600 + 52 * 60 + 3) * 1000);
        assert_eq!(clock_time(midnight, Lang::Ja), "午前0時0分");
        assert_eq!(clock_time(UnixMillis(midnight.0 + 12 * 3_600_000), Lang::Ja), "午後0時0分");
        assert_eq!(short_day(UnixMillis(midnight.0 - 1), Lang::Ja), "4月6日");
    }

    #[test]
    fn absurd_times_do_not_stop_a_page() {
        assert!(!day(UnixMillis(u64::MAX), Lang::Ja).is_empty());
    }
}
