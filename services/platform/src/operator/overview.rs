//! `/operator/`: all terminals on one screen, alarms first.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jushin_pages::{Frame, Lang};
use jushin_statement::Id16;

use super::facts::{Facts, Standing};
use super::{frame, moment, page, say, sorry};
use crate::operations::TerminalState;
use crate::platform::{Platform, blocking};
use crate::refusal::Refusal;
use crate::store::Scan;
use crate::store::rows::{ElementRow, transact};

/// A terminal in the list.
pub(super) struct Terminal {
    pub(super) path: String,
    pub(super) place: String,
    pub(super) name: String,
    pub(super) mark: &'static str,
    pub(super) word: &'static str,
    pub(super) tone: &'static str,
    pub(super) state: &'static str,
    pub(super) lines: Vec<String>,
    pub(super) alarms: Vec<String>,
    pub(super) simulated: bool,
}

#[derive(Template)]
#[template(path = "operator_terminals.html")]
struct Overview {
    frame: Frame,
    terminals: Vec<Terminal>,
    summary: String,
    alarms: usize,
    now: String,
}

pub(super) async fn show(State(platform): State<Platform>, lang: Lang) -> Response {
    let now = platform.inner().ports.clock.now();
    match blocking(move || platform.overview(lang)).await {
        Ok(terminals) => {
            let alarms = terminals.iter().filter(|terminal| !terminal.alarms.is_empty()).count();
            let state = if alarms > 0 { "alarms" } else { "terminals" };
            let simulated = terminals.iter().any(|terminal| terminal.simulated);
            let all = terminals.len();
            page(&Overview {
                frame: frame(lang, state, simulated),
                summary: say(
                    lang,
                    format!("端末 {all} 台、うち要確認 {alarms} 台"),
                    format!("{all} terminals, {alarms} to look at"),
                ),
                terminals,
                alarms,
                now: moment(now, lang),
            })
        }
        Err(refusal) => sorry(lang, &refusal),
    }
}

impl Platform {
    fn overview(&self, lang: Lang) -> Result<Vec<Terminal>, Refusal> {
        let now = self.inner().ports.clock.now();
        transact(&*self.inner().ports.store, |tx| {
            let mut terminals = Vec::new();
            for (row_key, row) in tx.list::<ElementRow>(Scan::all(&[]))? {
                let Ok(element) = row_key.try_into().map(Id16) else { continue };
                let facts = Facts::collect(tx, element, row, now)?;
                let path = self.terminal_path(tx, element)?;
                terminals.push((rank(&facts), describe(&facts, path, lang)));
            }
            terminals.sort_by(|(one, first), (other, second)| (one, &first.path).cmp(&(other, &second.path)));
            Ok(terminals.into_iter().map(|(_, terminal)| terminal).collect())
        })
    }
}

/// What asks for a person first.
fn rank(facts: &Facts) -> u8 {
    match facts.standing() {
        Standing::Suspended if facts.has_alarm() => 0,
        Standing::Alarm => 1,
        Standing::Suspended => 2,
        Standing::Offline => 3,
        Standing::InUse => 4,
        Standing::Locked => 5,
        Standing::Enrolling => 6,
        Standing::Retired => 7,
    }
}

/// Name of the state, mark, tone; the word is in the page's language.
pub(super) fn word(
    standing: Standing,
    lang: Lang,
) -> (&'static str, &'static str, &'static str, &'static str) {
    match standing {
        Standing::Alarm => ("alarm", "!", "bad", lang.pick("要確認", "Look at this")),
        Standing::Suspended => ("suspended", "×", "bad", lang.pick("停止中", "Suspended")),
        Standing::Retired => ("retired", "×", "quiet", lang.pick("廃止", "Retired")),
        Standing::Enrolling => ("enrolling", "○", "wait", lang.pick("準備中", "Being set up")),
        Standing::InUse => ("in-use", "✓", "good", lang.pick("使用中", "In use")),
        Standing::Offline => ("offline", "…", "wait", lang.pick("通信なし", "Offline")),
        Standing::Locked => ("locked", "□", "quiet", lang.pick("起動前", "Not unlocked")),
    }
}

/// What both pages say of a terminal.
pub(super) fn describe(facts: &Facts, path: String, lang: Lang) -> Terminal {
    let (state, mark, tone, word) = word(facts.standing(), lang);
    let name = facts.status.terminal.map(|id| id.to_string()).unwrap_or_default();
    let short = name.get(..8).unwrap_or("–");
    Terminal {
        path,
        place: facts.place.clone(),
        name: say(lang, format!("端末 {short}"), format!("terminal {short}")),
        mark,
        word,
        tone,
        state,
        lines: lines(facts, lang),
        alarms: alarms(facts, lang),
        simulated: facts.status.simulated,
    }
}

fn lines(facts: &Facts, lang: Lang) -> Vec<String> {
    let mut lines = Vec::new();
    match facts.status.state {
        TerminalState::Suspended { from } | TerminalState::Retired { from } => lines.push(say(
            lang,
            format!("カウンター {from} から無効"),
            format!("void from counter {from} on"),
        )),
        _ => {}
    }
    match facts.standing() {
        Standing::Offline => lines.extend(facts.last_heard.map(|at| {
            let since = moment(at, lang);
            say(lang, format!("{since} から連絡なし"), format!("not heard from since {since}"))
        })),
        _ => lines.extend(facts.last_heard.map(|at| {
            let last = moment(at, lang);
            say(lang, format!("最後の連絡 {last}"), format!("last heard {last}"))
        })),
    }
    if facts.unlocked_by_card {
        lines.push(
            lang.pick(
                "管理者カードで起動（通信なし）",
                "unlocked by an administrator's card, without network",
            )
            .to_owned(),
        );
    } else if let Some(until) = facts.unlocked_until.filter(|_| facts.standing() == Standing::InUse) {
        let until = moment(until, lang);
        lines.push(say(lang, format!("{until} ごろまで起動"), format!("unlocked until about {until}")));
    }
    let seen = facts.status.counter;
    lines.push(match facts.closed {
        Some(closed) => say(
            lang,
            format!("カウンター {closed} まで受領を確定、{seen} まで受信"),
            format!("closed up to counter {closed}, received up to {seen}"),
        ),
        None => say(
            lang,
            format!("カウンター {seen} まで受信、締めはまだ"),
            format!("received up to counter {seen}, no close yet"),
        ),
    });
    if let Some(since) = facts.debt_since.filter(|_| !facts.debt_is_old()) {
        let since = moment(since, lang);
        lines.push(say(
            lang,
            format!("時刻の証明待ち {since} から"),
            format!("time stamp due since {since}"),
        ));
    }
    lines
}

fn alarms(facts: &Facts, lang: Lang) -> Vec<String> {
    let mut alarms = Vec::new();
    for fork in facts.new_forks() {
        let counter = fork.counter;
        alarms.push(say(
            lang,
            format!("カウンター {counter} に二つの記録（分岐）"),
            format!("two records under counter {counter} (fork)"),
        ));
    }
    let missing = facts.missing();
    if missing > 0 {
        alarms.push(say(
            lang,
            format!("説明のつかない欠け {missing} 件（G3）"),
            format!("{missing} counter values missing without explanation (G3)"),
        ));
    }
    let refused = facts.new_refused().count();
    if refused > 0 {
        alarms.push(say(
            lang,
            format!("無効になったあとの記録 {refused} 件を退けました（R03）"),
            format!("{refused} records refused that came after it was void (R03)"),
        ));
    }
    if facts.debt_is_old() {
        let since = facts.debt_since.map(|at| moment(at, lang)).unwrap_or_default();
        let closes = facts.unstamped;
        alarms.push(say(
            lang,
            format!("時刻の証明が {since} から取れていません（締め {closes} 件）"),
            format!("no time stamp since {since} ({closes} closes wait)"),
        ));
    }
    alarms
}
