//! What the desk says in each state before a result, word for word.

use jushin_pages::Lang;
use jushin_statement::HolderCheck;

use super::band::{FEW, people_left, width};
use crate::anchoring::{Mode, UnlockMode};
use crate::check_in::{CardGuess, ReadingStep, StartStep, State};

/// The words of a state before a result.
pub(crate) struct Screen {
    pub(crate) large: String,
    /// The same in the other language.
    pub(crate) second: String,
    pub(crate) lines: Vec<String>,
    /// Steps of reading that are done.
    pub(crate) progress: Option<usize>,
    pub(crate) steps: [&'static str; 4],
    pub(crate) choices: Vec<Choice>,
    pub(crate) asks_pin: bool,
    /// Whether Enter leads to the administrator's unlock.
    pub(crate) unlocks: bool,
}

/// A way to check the holder.
pub(crate) struct Choice {
    pub(crate) method: u64,
    pub(crate) digit: usize,
    pub(crate) word: &'static str,
    pub(crate) first: bool,
}

/// What else the words need.
pub(crate) struct About<'a> {
    pub(crate) lang: Lang,
    pub(crate) methods: &'a [HolderCheck],
    pub(crate) phone: &'a str,
    pub(crate) online: bool,
    /// Whether a start-up step takes long.
    pub(crate) slow: bool,
    pub(crate) mode: Mode,
}

impl About<'_> {
    /// Check-ins left, where that is worth large type: without network, and few.
    pub(crate) fn few_left(&self) -> Option<u64> {
        self.mode.remaining.filter(|left| !self.online && *left <= FEW)
    }
}

/// The words of a state, or nothing for a result.
pub(crate) fn screen(state: &State, about: &About<'_>) -> Option<Screen> {
    let lang = about.lang;
    let large = |lang: Lang| large(state, lang, about);
    let choices = match state {
        State::VerifyHolder { preselected } => choices(about, *preselected),
        State::CardLocked => choices(about, None).into_iter().filter(|choice| choice.method != 1).collect(),
        _ => Vec::new(),
    };
    Some(Screen {
        large: large(lang)?,
        second: large(lang.other())?,
        lines: lines(state, about),
        progress: progress(state),
        steps: match lang {
            Lang::Ja => ["カード", "端末", "本人", "記録"],
            Lang::En => ["Card", "Terminal", "Person", "Record"],
        },
        choices,
        asks_pin: matches!(state, State::Pin { .. }),
        unlocks: matches!(state, State::Locked),
    })
}

fn large(state: &State, lang: Lang, about: &About<'_>) -> Option<String> {
    let text = match state {
        State::Ready if about.few_left().is_some() => {
            let left = about.few_left()?;
            return Some(match lang {
                Lang::Ja => format!("仮受付はあと {left} 人"),
                Lang::En => format!("{left} provisional left"),
            });
        }
        State::Starting { step, .. } => {
            return Some(match lang {
                Lang::Ja => format!("準備しています（あと {} つ）", step.left()),
                Lang::En => format!("Getting ready ({} left)", step.left()),
            });
        }
        State::Locked => ("はじめに管理者のカードが必要です", "An administrator's card is needed first"),
        State::Ready if about.online => ("カードを置いてください", "Place the card on the reader"),
        State::Ready => ("カードを置いてください（仮受付）", "Place the card (provisional)"),
        State::Reading { .. } => ("読み取り中。カードを動かさないでください", "Reading. Keep the card still"),
        State::VerifyHolder { .. } => {
            ("顔・暗証番号・目視のどれで確認しますか", "How was the person checked?")
        }
        State::Pin { .. } => ("暗証番号 4 けた（患者さんが入力）", "4-digit PIN (patient enters)"),
        State::Pulled => {
            ("途中で離れました。もう一度置いてください", "Card moved too early. Once more, please")
        }
        State::WrongCard { .. } => ("マイナンバーカードではありません", "Not a My Number Card"),
        State::CardExpired => ("カードの電子証明の期限が切れています", "The card has expired"),
        State::CardLocked => ("暗証番号が止められています", "PIN is blocked"),
        State::QuotaOut => ("仮受付の上限です", "Limit of provisional check-ins"),
        State::ReaderLost => ("カードリーダーが見つかりません", "Card reader not found"),
        State::Suspended => ("この端末は使えません", "This terminal is out of use"),
        State::Result(_) => return None,
    };
    Some(lang.pick(text.0, text.1).to_owned())
}

fn lines(state: &State, about: &About<'_>) -> Vec<String> {
    let lang = about.lang;
    let one = |ja: &str, en: &str| vec![lang.pick(ja, en).to_owned()];
    match state {
        State::Starting { step, waiting } => starting(*step, *waiting || about.slow, about),
        State::Locked => one(
            "通信がありません。Enter で解除へ。通信が戻れば自動で始まります。診療は続けられます",
            "There is no network. Enter to unlock; it starts by itself when the network returns. Care goes on",
        ),
        State::Ready if !about.online => without_network(about),
        State::Pin { tries_left, wrong } => {
            let mut lines = Vec::new();
            if *wrong {
                lines.push(lang.pick("暗証番号が違います。", "Wrong PIN.").to_owned());
            }
            if let Some(left) = tries_left {
                lines.push(match lang {
                    Lang::Ja => format!("あと {left} 回"),
                    Lang::En => format!("{left} tries left"),
                });
            }
            lines
        }
        State::Pulled => one("受付はまだ済んでいません", "Not checked in yet"),
        State::WrongCard { seems } => one(guess(*seems).0, guess(*seems).1),
        State::CardExpired => {
            one("保険の確認は別の方法で。受診はできます", "Check the insurance another way. Care goes on")
        }
        State::CardLocked => one(
            "顔または目視で受付できます／市区町村窓口で再設定",
            "Face or eye check works; the municipality resets the PIN",
        ),
        State::QuotaOut => one(
            "通信が戻ると増えます。紙の一覧へ (F2)。診療は続けられます",
            "The network brings more. Use the outage list (F2). Care goes on",
        ),
        State::ReaderLost => one(
            "ケーブルを挿し直す（自動で続きます）。紙の一覧で続けられます (F2)",
            "Plug the cable in again (goes on by itself). Carry on with the outage list (F2)",
        ),
        State::Suspended => vec![match lang {
            Lang::Ja => format!("診療は続けられます。運用窓口 {}", about.phone),
            Lang::En => format!("Care goes on. Call the operations desk: {}", about.phone),
        }],
        State::Ready | State::Reading { .. } | State::VerifyHolder { .. } | State::Result(_) => Vec::new(),
    }
}

fn without_network(about: &About<'_>) -> Vec<String> {
    let lang = about.lang;
    let mut lines = Vec::new();
    if about.few_left().is_some() {
        let words = lang.pick(
            "カードを置いてください。通信が戻ると増えます。なくなったら紙の一覧へ (F2)",
            "Place the card. The network brings more. After that, use the outage list (F2)",
        );
        lines.push(words.to_owned());
    }
    let words = match about.mode.unlock {
        UnlockMode::OfflineUnlocked => lang.pick(
            "起動してから一度も通信がありません（管理者のカードで起動）。受付はこのまま続けられます。",
            "There was no network since the start (started by an administrator's card). Check-in goes on.",
        ),
        _ => lang.pick(
            "通信が切れています（起動のときはありました）。受付はこのまま続けられます。",
            "The network is down (it was there at the start). Check-in goes on.",
        ),
    };
    lines.push(words.to_owned());
    let left = about.mode.remaining.map(|left| people_left(left, lang));
    let width = width(about.mode.window_ms, lang);
    lines.push(left.into_iter().chain([width]).collect::<Vec<_>>().join(lang.pick("・", ", ")));
    lines
}

fn starting(step: StartStep, long: bool, about: &About<'_>) -> Vec<String> {
    let lang = about.lang;
    let words = match step {
        StartStep::Element => lang.pick("端末を起こしています", "Waking the terminal"),
        StartStep::Unlock => lang.pick("起動の許可を受けています", "Getting leave to start"),
        StartStep::SecondStamp => lang.pick("時刻を確かめています", "Checking the time"),
    };
    let mut lines = vec![words.to_owned()];
    if long && about.online {
        lines.push(match lang {
            Lang::Ja => format!("端末の応答を待っています。診療は続けられます。運用窓口 {}", about.phone),
            Lang::En => {
                format!("Waiting for the terminal. Care goes on. Call the operations desk: {}", about.phone)
            }
        });
    } else if long {
        let words = lang.pick(
            "通信を待っています。自動で続きます。診療は続けられます",
            "Waiting for the network. Goes on by itself. Care goes on",
        );
        lines.push(words.to_owned());
    }
    lines
}

const fn guess(seems: CardGuess) -> (&'static str, &'static str) {
    match seems {
        CardGuess::OtherChip => ("ほかの IC カードのようです", "It seems to be another chip card"),
        CardGuess::UnknownIssuer => {
            ("受診に使える設定がないカードのようです", "It seems to be a card not set up for visits")
        }
        CardGuess::Silent => ("読めないカードのようです", "It seems to be a card that cannot be read"),
    }
}

const fn progress(state: &State) -> Option<usize> {
    match state {
        State::Reading { step } => Some(match step {
            ReadingStep::Card => 0,
            ReadingStep::Terminal => 1,
            ReadingStep::Holder => 2,
            ReadingStep::Record => 3,
        }),
        _ => None,
    }
}

fn choices(about: &About<'_>, preselected: Option<HolderCheck>) -> Vec<Choice> {
    let order = [HolderCheck::PhotoMachine, HolderCheck::Pin, HolderCheck::PhotoVisual];
    let offered = order.into_iter().enumerate().filter(|(_, method)| about.methods.contains(method));
    offered
        .map(|(place, method)| Choice {
            method: method.number(),
            digit: place + 1,
            word: method_word(method, about.lang),
            first: preselected == Some(method),
        })
        .collect()
}

/// How the holder was checked, in a word.
pub(crate) const fn method_word(method: HolderCheck, lang: Lang) -> &'static str {
    match method {
        HolderCheck::Pin => lang.pick("暗証番号", "PIN"),
        HolderCheck::PhotoMachine => lang.pick("顔", "Face"),
        HolderCheck::PhotoVisual => lang.pick("目視", "By eye"),
        HolderCheck::DeviceBiometrics => lang.pick("スマホの生体認証", "Phone biometrics"),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use jushin_statement::Hash;

    use super::*;
    use crate::check_in::{Outcome, Visit};

    pub(in crate::web) const FORBIDDEN: [&str; 17] = [
        "証明書",
        "署名",
        "検証",
        "ハッシュ",
        "トークン",
        "鍵",
        "ログ",
        "エビデンス",
        "セキュアエレメント",
        "失効",
        "アサーション",
        "certificate",
        "signature",
        "hash",
        "token",
        "key",
        "element",
    ];

    fn mode(unlock: UnlockMode, left: u64) -> Mode {
        Mode { unlock, remaining: Some(left), window_ms: None, re_anchor_due: true, tsa_debt: 1.5 }
    }

    fn states() -> Vec<State> {
        let starting = [StartStep::Element, StartStep::Unlock, StartStep::SecondStamp]
            .into_iter()
            .flat_map(|step| [false, true].map(|waiting| State::Starting { step, waiting }));
        let reading = [ReadingStep::Card, ReadingStep::Terminal, ReadingStep::Holder, ReadingStep::Record]
            .map(|step| State::Reading { step });
        let wrong = [CardGuess::OtherChip, CardGuess::UnknownIssuer, CardGuess::Silent]
            .map(|seems| State::WrongCard { seems });
        let others = [
            State::Locked,
            State::Ready,
            State::VerifyHolder { preselected: None },
            State::Pin { tries_left: Some(2), wrong: true },
            State::Pulled,
            State::CardExpired,
            State::CardLocked,
            State::QuotaOut,
            State::ReaderLost,
            State::Suspended,
        ];
        starting.chain(reading).chain(wrong).chain(others).collect()
    }

    #[test]
    fn no_state_says_a_forbidden_word_in_any_variant() {
        let methods = [HolderCheck::Pin, HolderCheck::PhotoMachine, HolderCheck::PhotoVisual];
        let unlocks = [UnlockMode::Locked, UnlockMode::LostAfterUnlock, UnlockMode::OfflineUnlocked];
        let modes = unlocks.into_iter().flat_map(|unlock| [3, 300].map(|left| mode(unlock, left)));
        let modes: Vec<_> = modes.flat_map(|mode| [Lang::Ja, Lang::En].map(|lang| (mode, lang))).collect();
        for ((mode, lang), online) in
            modes.iter().flat_map(|seen| [true, false].map(|online| (*seen, online)))
        {
            let about = About { lang, methods: &methods, phone: "0120", online, slow: true, mode };
            for state in states() {
                let screen = screen(&state, &about).unwrap();
                let choices = screen.choices.iter().map(|choice| choice.word.to_owned());
                let text =
                    [vec![screen.large, screen.second], screen.lines, choices.collect()].concat().join(" ");
                for word in FORBIDDEN {
                    assert!(!text.to_lowercase().contains(word), "{state:?} says {word:?}: {text}");
                }
            }
        }
    }

    #[test]
    fn few_check_ins_left_are_said_in_large_type_without_network_only() {
        let said = |online, left| {
            let mode = mode(UnlockMode::LostAfterUnlock, left);
            let about = About { lang: Lang::Ja, methods: &[], phone: "", online, slow: false, mode };
            screen(&State::Ready, &about).unwrap().large
        };
        assert_eq!(said(false, 10), "仮受付はあと 10 人");
        assert_eq!(said(false, 11), "カードを置いてください（仮受付）");
        assert_eq!(said(true, 10), "カードを置いてください");
    }

    #[test]
    fn a_result_has_no_screen_of_its_own() {
        let mode = mode(UnlockMode::Online, 300);
        let about = About { lang: Lang::Ja, methods: &[], phone: "", online: true, slow: false, mode };
        assert!(screen(&State::Result(Visit { evid: Hash::ZERO, outcome: Outcome::New }), &about).is_none());
    }

    #[test]
    fn a_blocked_pin_offers_the_other_two_checks() {
        let methods = [HolderCheck::Pin, HolderCheck::PhotoMachine, HolderCheck::PhotoVisual];
        let about = About {
            lang: Lang::Ja,
            methods: &methods,
            phone: "",
            online: true,
            slow: false,
            mode: mode(UnlockMode::Online, 300),
        };
        let choices = screen(&State::CardLocked, &about).unwrap().choices;
        assert_eq!(choices.iter().map(|choice| choice.digit).collect::<Vec<_>>(), [1, 3]);
    }
}
