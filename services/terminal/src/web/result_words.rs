//! What the desk says of a visit, word for word.

use jushin_pages::Lang;
use jushin_statement::Status;

use crate::check_in::Outcome;

/// Mark, word and colour of a visit's state.
pub(crate) struct Standing {
    pub(crate) mark: &'static str,
    pub(crate) word: &'static str,
    pub(crate) tone: &'static str,
}

/// The standing of a result.
pub(crate) const fn standing(outcome: &Outcome, lang: Lang) -> Standing {
    match outcome {
        Outcome::Known(_) | Outcome::New => confirmed(lang),
        Outcome::NewProvisional { .. } | Outcome::KnownProvisional { .. } => provisional(lang),
        Outcome::OtherFamily { .. } => another(lang),
        Outcome::Revoked(_) => stopped(lang),
        Outcome::Rejected(_) => rejected(lang),
    }
}

/// The standing of a line in the list.
pub(crate) const fn standing_of(status: Option<Status>, was_stopped: bool, lang: Lang) -> Standing {
    match status {
        None | Some(Status::Indeterminate) => provisional(lang),
        Some(Status::Valid | Status::OpenEnded) => confirmed(lang),
        Some(Status::Invalid) if was_stopped => stopped(lang),
        Some(Status::Invalid | Status::Conflict) => rejected(lang),
    }
}

const fn confirmed(lang: Lang) -> Standing {
    Standing { mark: "✓", word: lang.pick("確認ずみ", "Confirmed"), tone: "good" }
}

const fn provisional(lang: Lang) -> Standing {
    Standing { mark: "…", word: lang.pick("仮受付", "Provisional"), tone: "wait" }
}

const fn stopped(lang: Lang) -> Standing {
    Standing { mark: "!", word: lang.pick("要確認", "Needs a check"), tone: "bad" }
}

const fn another(lang: Lang) -> Standing {
    Standing { mark: "!", word: lang.pick("別の方のカード", "Somebody else's card"), tone: "bad" }
}

const fn rejected(lang: Lang) -> Standing {
    Standing {
        mark: "!",
        word: lang.pick("仮受付が確認できませんでした", "Could not be confirmed"),
        tone: "bad",
    }
}

/// What stands beside or in place of the chart number.
pub(crate) fn chart_note(outcome: &Outcome, lang: Lang) -> String {
    let note = match outcome {
        Outcome::OtherFamily { expected, .. } => {
            return match lang {
                Lang::Ja => format!("（聞いていた番号は {expected}）"),
                Lang::En => format!(" ({expected} was named)"),
            };
        }
        Outcome::New => lang.pick("新しい患者さん", "A new patient"),
        Outcome::NewProvisional { .. } => {
            lang.pick("診察券番号は、確認がすむと分かります", "The chart is known once it is confirmed")
        }
        Outcome::Known(_) | Outcome::KnownProvisional { .. } | Outcome::Revoked(_) | Outcome::Rejected(_) => {
            ""
        }
    };
    note.to_owned()
}

/// What to do next.
pub(crate) fn next(outcome: &Outcome, lang: Lang) -> String {
    match outcome {
        Outcome::Known(_) => lang.pick("そのままお通しください", "Let the patient through").to_owned(),
        Outcome::New => lang.pick("診察券番号を入力 → Enter", "Type the chart number, then Enter").to_owned(),
        Outcome::KnownProvisional { .. } => lang
            .pick(
                "お通しください。通信が戻ると自動で確認します",
                "Let the patient through; confirmed when the network returns",
            )
            .to_owned(),
        Outcome::OtherFamily { .. } => lang.pick("お名前を聞いてください", "Ask the name").to_owned(),
        Outcome::NewProvisional { waiting_number } => match lang {
            Lang::Ja => format!("一覧に番号 K-{waiting_number:03} を書いて渡す"),
            Lang::En => format!("Write K-{waiting_number:03} on the list and hand it over"),
        },
        Outcome::Revoked(_) => lang
            .pick(
                "このカードは止められています。別の方法で本人確認を。受診はできます",
                "Card was stopped; check the person another way; care goes on",
            )
            .to_owned(),
        Outcome::Rejected(_) => what_to_say(lang).to_owned(),
    }
}

/// What to do next with a patient who was confirmed while the time cannot be checked.
pub(crate) const fn next_without_time(lang: Lang) -> &'static str {
    lang.pick(
        "お通しください。時刻は、確かめられるようになると自動で確かめます",
        "Let the patient through; the time is checked by itself when that is possible again",
    )
}

/// What to say to a patient whose check-in was rejected.
pub(crate) const fn what_to_say(lang: Lang) -> &'static str {
    lang.pick(
        "受診はできます。次においでのとき、もう一度カードを置いてくださいとお伝えください",
        "Care goes on. Ask the patient to place the card again at the next visit",
    )
}

#[cfg(test)]
mod tests {
    use super::super::words::tests::FORBIDDEN;
    use super::*;
    use crate::check_in::ChartLine;

    #[test]
    fn no_result_says_a_forbidden_word() {
        let chart =
            ChartLine { number: "1".into(), name: "名".into(), kana: "ナ".into(), last_visit: None };
        let outcomes = [
            Outcome::Known(chart.clone()),
            Outcome::New,
            Outcome::NewProvisional { waiting_number: 14 },
            Outcome::KnownProvisional { waiting_number: 14, chart: chart.clone() },
            Outcome::OtherFamily { expected: chart.number.clone(), seen: chart },
            Outcome::Revoked(None),
            Outcome::Rejected(None),
        ];
        for outcome in outcomes {
            for lang in [Lang::Ja, Lang::En] {
                let standing = standing(&outcome, lang);
                let text = [standing.word, &next(&outcome, lang), &chart_note(&outcome, lang)].join(" ");
                for word in FORBIDDEN {
                    assert!(!text.to_lowercase().contains(word), "{outcome:?} says {word:?}: {text}");
                }
            }
        }
    }
}
