//! One vocabulary for how certain something is, in every page and program.

use jushin_statement::{Class, Status, UnixMillis};

use crate::Lang;
use crate::date::{clock_time, day, day_of_month, seconds_time, short_day};

/// What is proven about when something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Certainty {
    /// How closely.
    pub class: Class,
    /// Earliest.
    pub lo: Option<UnixMillis>,
    /// Latest.
    pub hi: Option<UnixMillis>,
}

/// ✓ … ! ×
#[must_use]
pub const fn status_mark(status: Status) -> &'static str {
    match status {
        Status::Valid => "✓",
        Status::OpenEnded | Status::Indeterminate => "…",
        Status::Invalid => "×",
        Status::Conflict => "!",
    }
}

/// The word beside the mark.
#[must_use]
pub const fn status_word(status: Status, lang: Lang) -> &'static str {
    match status {
        Status::Valid => lang.pick("確認ずみ", "Confirmed"),
        Status::OpenEnded => lang.pick("まだ終わりの時刻が決まっていません", "End not fixed yet"),
        Status::Indeterminate => lang.pick("確認待ち", "Waiting for confirmation"),
        Status::Invalid => lang.pick("確認できませんでした", "Could not be confirmed"),
        Status::Conflict => lang.pick("記録が二つあります", "There are two records"),
    }
}

/// When it was, in a sentence: never a bare time when only a window is proven.
#[must_use]
pub fn when(certainty: Certainty, lang: Lang) -> String {
    match (certainty.class, certainty.lo, certainty.hi) {
        (Class::Tight, Some(lo), Some(hi)) => match (lang, middle(lo, hi)) {
            (Lang::Ja, at) => format!("{}{}ごろ", day(at, lang), clock_time(at, lang)),
            (Lang::En, at) => format!("{}, about {}", day(at, lang), clock_time(at, lang)),
        },
        (Class::Date, Some(lo), _) => match lang {
            Lang::Ja => format!("{}。時刻はわかりません", day(lo, lang)),
            Lang::En => format!("{}, time unknown", day(lo, lang)),
        },
        (Class::Interval, Some(lo), Some(hi)) => match lang {
            Lang::Ja => format!("{} から {} のあいだ", moment(lo, lang), moment(hi, lang)),
            Lang::En => format!("between {} and {}", moment(lo, lang), moment(hi, lang)),
        },
        (Class::OrderOnly, ..) => {
            lang.pick("日時の確認はありません。順番だけ確かです", "no time proven, only the order").to_owned()
        }
        _ => lang.pick("日時の確認はありません", "no time proven").to_owned(),
    }
}

/// The same for one line of a list, where the month stands above.
#[must_use]
pub fn when_short(certainty: Certainty, lang: Lang) -> String {
    let date = |at| day_of_month(at, lang);
    match (certainty.class, certainty.lo, certainty.hi) {
        (Class::Tight, Some(lo), Some(hi)) => match (lang, middle(lo, hi)) {
            (Lang::Ja, at) => format!("{}{}ごろ", date(at), clock_time(at, lang)),
            (Lang::En, at) => format!("{}, about {}", date(at), clock_time(at, lang)),
        },
        (Class::Date, Some(lo), _) => match lang {
            Lang::Ja => format!("{}。時刻はわかりません", date(lo)),
            Lang::En => format!("{}, time unknown", date(lo)),
        },
        (Class::Interval, Some(_), Some(_)) => when(certainty, lang),
        (_, Some(lo), None) => match lang {
            Lang::Ja => format!("{} より後。時刻は確認中", moment(lo, lang)),
            Lang::En => format!("after {}, time being confirmed", moment(lo, lang)),
        },
        _ => when(certainty, lang),
    }
}

/// "About" means the middle of what is proven.
const fn middle(lo: UnixMillis, hi: UnixMillis) -> UnixMillis {
    UnixMillis(lo.0.midpoint(hi.0))
}

fn moment(at: UnixMillis, lang: Lang) -> String {
    match lang {
        Lang::Ja => format!("{} {}", short_day(at, lang), clock_time(at, lang)),
        Lang::En => format!("{} {}", short_day(at, lang), clock_time(at, lang)),
    }
}

impl Certainty {
    /// `08:52:03 … 08:52:06 (3 s)` for a tight window, else the English sentence.
    #[must_use]
    pub fn as_line(&self) -> String {
        match (self.class, self.lo, self.hi) {
            (Class::Tight, Some(lo), Some(hi)) => {
                let hi = UnixMillis(hi.0.div_ceil(1000) * 1000);
                format!("{} … {} ({})", seconds_time(lo), seconds_time(hi), self.width())
            }
            _ => when(*self, Lang::En),
        }
    }

    /// Width of the window, both ends rounded outward to seconds: `3 s`, `4 min`, `9 h`; `open` where an end is missing.
    #[must_use]
    pub fn width(&self) -> String {
        let (Some(lo), Some(hi)) = (self.lo, self.hi) else {
            return "open".to_owned();
        };
        match hi.0.div_ceil(1000).saturating_sub(lo.0 / 1000) {
            seconds @ 0..120 => format!("{seconds} s"),
            seconds @ 120..7200 => format!("{} min", seconds.div_ceil(60)),
            seconds => format!("{} h", seconds.div_ceil(3600)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LO: UnixMillis = UnixMillis(1_775_519_523_000);
    const HI: UnixMillis = UnixMillis(1_775_519_525_400);

    #[test]
    fn a_bare_time_is_said_only_when_it_is_tight() {
        let tight = Certainty { class: Class::Tight, lo: Some(LO), hi: Some(HI) };
        assert_eq!(when(tight, Lang::Ja), "2026年（令和8年）4月7日（火）午前8時52分ごろ");
        assert_eq!(when(tight, Lang::En), "Tue 7 April 2026, about 8:52");
        assert_eq!(tight.as_line(), "08:52:03 … 08:52:06 (3 s)");
        let order = Certainty { class: Class::OrderOnly, ..tight };
        assert_eq!(when(order, Lang::En), "no time proven, only the order");
        let date = Certainty { class: Class::Date, ..tight };
        assert_eq!(when(date, Lang::Ja), "2026年（令和8年）4月7日（火）。時刻はわかりません");
    }

    #[test]
    fn a_list_under_a_month_says_day_and_weekday() {
        let tight = Certainty { class: Class::Tight, lo: Some(LO), hi: Some(HI) };
        assert_eq!(when_short(tight, Lang::Ja), "7日（火）午前8時52分ごろ");
        assert_eq!(when_short(tight, Lang::En), "Tue 7, about 8:52");
        let across = Certainty { lo: Some(UnixMillis(LO.0 - 3_500)), ..tight };
        assert_eq!(when_short(across, Lang::En), "Tue 7, about 8:52");
    }

    #[test]
    fn an_open_window_never_looks_closed() {
        let open = Certainty { class: Class::None, lo: Some(LO), hi: None };
        assert_eq!(when_short(open, Lang::Ja), "4月7日 午前8時52分 より後。時刻は確認中");
        assert_eq!(open.width(), "open");
    }
}
