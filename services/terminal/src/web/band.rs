//! The band over every page of the counter: how the terminal stands, in words.

use jushin_pages::Lang;

use crate::anchoring::{Mode, UnlockMode};

/// From so many check-ins left on, the page says so in large type.
pub(crate) const FEW: u64 = 10;

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
/// The whole of the debt, in minutes.
const DEBT_MINUTES: f64 = 240.0;

/// What the band says.
pub(crate) struct Band {
    pub(crate) online: bool,
    pub(crate) word: &'static str,
    /// How it was started, what is left, how narrow a time can be proven. Empty while all is well.
    pub(crate) facts: Vec<String>,
    /// What somebody should know before it becomes a nuisance.
    pub(crate) warnings: Vec<String>,
}

impl Band {
    /// `online` is what the last attempt showed, `waiting` the check-ins that are still to be sent.
    pub(crate) fn of(mode: &Mode, online: bool, waiting: usize, lang: Lang) -> Self {
        let word = match (online, mode.unlock) {
            (true, _) => lang.pick("● オンライン", "● Online"),
            (false, UnlockMode::Locked) => lang.pick("▲ 通信なし", "▲ No network"),
            (false, _) => lang.pick("▲ 通信なし（受付できます）", "▲ No network (check-in works)"),
        };
        Self {
            online,
            word,
            facts: facts(mode, online, waiting, lang),
            warnings: warnings(mode, online, lang),
        }
    }
}

fn facts(mode: &Mode, online: bool, waiting: usize, lang: Lang) -> Vec<String> {
    let mut facts = Vec::new();
    if !online && mode.unlock != UnlockMode::Locked {
        facts.push(started(mode, lang).to_owned());
        facts.extend(mode.remaining.map(|left| people_left(left, lang)));
        facts.push(width(mode.window_ms, lang));
    }
    if waiting > 0 {
        facts.push(match lang {
            Lang::Ja => format!("送信待ち {waiting} 件"),
            Lang::En => format!("{waiting} to be sent"),
        });
    }
    facts
}

const fn started(mode: &Mode, lang: Lang) -> &'static str {
    match mode.unlock {
        UnlockMode::OfflineUnlocked => lang.pick(
            "起動してから一度も通信なし・管理者のカードで起動",
            "never online since start: started by card",
        ),
        _ => lang.pick("起動のときは通信あり", "was online at the start"),
    }
}

/// `残り 287 人`
pub(crate) fn people_left(left: u64, lang: Lang) -> String {
    match lang {
        Lang::Ja => format!("残り {left} 人"),
        Lang::En => format!("{left} check-ins left"),
    }
}

/// `確認できる幅 約 4 分`: rounded up, so that it never promises too much.
pub(crate) fn width(window_ms: Option<u64>, lang: Lang) -> String {
    let Some(window) = window_ms else {
        return lang.pick("いま確認できるのは順番だけ", "only the order can be proven now").to_owned();
    };
    let (count, ja, en) = match window {
        0..MINUTE => (window.div_ceil(1_000), "秒", "s"),
        MINUTE..=7_200_000 => (window.div_ceil(MINUTE), "分", "min"),
        _ => (window.div_ceil(HOUR), "時間", "h"),
    };
    match lang {
        Lang::Ja => format!("確認できる幅 約 {count} {ja}"),
        Lang::En => format!("time provable to about {count} {en}"),
    }
}

fn warnings(mode: &Mode, online: bool, lang: Lang) -> Vec<String> {
    let mut warnings = Vec::new();
    if mode.re_anchor_due && mode.unlock != UnlockMode::Locked && !mode.warns_of_debt() {
        let (ja, en) = match (mode.unlock, online) {
            (UnlockMode::OfflineUnlocked, false) => (
                "時刻はまだ確かめていません。通信が戻ると自動で行います。受付は続けられます。",
                "The time is not checked yet: by itself when the network returns. Check-in goes on.",
            ),
            (_, true) => (
                "時刻を確かめ直すころです。自動で行います。",
                "The time is due to be checked again. This happens by itself.",
            ),
            (_, false) => (
                "時刻を確かめ直すころです。通信が戻ると自動で行います。受付は続けられます。",
                "The time is due to be checked again: by itself when the network returns. Check-in goes on.",
            ),
        };
        warnings.push(lang.pick(ja, en).to_owned());
    }
    if mode.warns_of_debt() {
        warnings.push(debt(mode, lang));
    }
    warnings
}

fn debt(mode: &Mode, lang: Lang) -> String {
    let minutes = mode.tsa_debt * DEBT_MINUTES;
    let (hours, rest) = ((minutes / 60.0).floor(), (minutes % 60.0).floor());
    let standing = match (mode.grants_online_label(), lang) {
        (true, Lang::Ja) => "受付は続けられます。",
        (true, Lang::En) => "Check-in goes on.",
        (false, Lang::Ja) => "確認ずみの受付も仮受付としてしめします。受付は続けられます。",
        (false, Lang::En) => "Confirmed check-ins are shown as provisional too. Check-in goes on.",
    };
    match lang {
        Lang::Ja => format!("時刻の確認が {hours} 時間 {rest} 分できていません。{standing}"),
        Lang::En => format!("The time could not be checked for {hours} h {rest} min. {standing}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(unlock: UnlockMode) -> Mode {
        Mode { unlock, remaining: Some(287), window_ms: Some(200_000), re_anchor_due: false, tsa_debt: 0.0 }
    }

    fn said(mode: &Mode, online: bool, lang: Lang) -> String {
        let band = Band::of(mode, online, 3, lang);
        [vec![band.word.to_owned()], band.facts, band.warnings].concat().join(" / ")
    }

    #[test]
    fn the_three_ways_to_stand_are_told_apart_in_words() {
        let online = said(&mode(UnlockMode::Online), true, Lang::Ja);
        let lost = said(&mode(UnlockMode::LostAfterUnlock), false, Lang::Ja);
        let never = said(&mode(UnlockMode::OfflineUnlocked), false, Lang::Ja);
        assert_eq!(online, "● オンライン / 送信待ち 3 件");
        assert_eq!(
            lost,
            "▲ 通信なし（受付できます） / 起動のときは通信あり / 残り 287 人 / 確認できる幅 約 4 分 / 送信待ち 3 件"
        );
        assert!(never.contains("一度も通信なし") && never.contains("残り 287 人"), "{never}");
    }

    #[test]
    fn a_locked_terminal_promises_no_check_in() {
        let locked = said(&Mode { remaining: None, ..mode(UnlockMode::Locked) }, false, Lang::En);
        assert_eq!(locked, "▲ No network / 3 to be sent");
    }

    #[test]
    fn a_width_is_rounded_up_and_without_one_only_the_order_is_promised() {
        for (window, words) in [
            (Some(3_100), "確認できる幅 約 4 秒"),
            (Some(60_001), "確認できる幅 約 2 分"),
            (Some(7_200_001), "確認できる幅 約 3 時間"),
            (None, "いま確認できるのは順番だけ"),
        ] {
            assert_eq!(width(window, Lang::Ja), words);
        }
    }

    #[test]
    fn missing_time_is_a_warning_from_one_hour_on_and_takes_the_label_after_four() {
        let owing = |tsa_debt| said(&Mode { tsa_debt, ..mode(UnlockMode::Online) }, true, Lang::En);
        assert!(!owing(0.24).contains("could not be checked"));
        assert!(owing(0.25).contains("for 1 h 0 min. Check-in goes on"));
        assert!(owing(1.1).contains("shown as provisional too"));
    }
}
