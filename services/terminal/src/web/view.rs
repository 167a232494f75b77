//! What the templates are given.

use askama::Template;
use jushin_pages::{Frame, Lang, Party, clock_time, day, short_day};
use jushin_statement::{Eligibility, Hash, Object as _, Signed, Status, Validity};

use super::band::Band;
use super::result_words;
use super::words::{self, About, Screen};
use crate::anchoring::Mode;
use crate::check_in::{ChartLine, DataState, Outcome, Previous, State, Visit};
use crate::store::{Chart, QueueRow, StoreError};
use crate::terminal::Terminal;

/// A start-up step that takes longer says what it waits for.
const SLOW_MILLIS: u64 = 10_000;

/// `/counter/`
#[derive(Template)]
#[template(path = "counter.html")]
pub(crate) struct CounterPage {
    frame: Frame,
    institution: String,
    desk: String,
    band: Band,
    clock: String,
    unknown: Option<String>,
    /// Check-ins of today that could not be confirmed.
    rejected: usize,
    screen: Option<Screen>,
    result: Option<ResultView>,
    previous: Option<String>,
    cards: Vec<String>,
    on_reader: bool,
    may_go_back: bool,
}

struct ResultView {
    /// Name for `<main data-state>`: it may say less than the platform did, while times cannot be checked.
    state: DataState,
    mark: &'static str,
    word: &'static str,
    tone: &'static str,
    chart: Option<ChartLine>,
    chart_note: String,
    last_visit: Option<String>,
    insurance: Option<String>,
    next: String,
    assign: Option<Hash>,
    /// A provisional visit whose chart the desk may name.
    name: Option<Hash>,
}

/// `/counter/today`
#[derive(Template)]
#[template(path = "today.html")]
pub(crate) struct TodayPage {
    frame: Frame,
    day: String,
    rows: Vec<RowView>,
}

struct RowView {
    number: String,
    chart: Option<Chart>,
    time: String,
    method: &'static str,
    mark: &'static str,
    word: &'static str,
    tone: &'static str,
    note: Option<&'static str>,
}

/// `/counter/help`
#[derive(Template)]
#[template(path = "help.html")]
pub(crate) struct HelpPage {
    frame: Frame,
    phone: String,
}

impl Terminal {
    /// `unknown` is a chart number that was typed for the visit on the screen and is not known here.
    pub(crate) fn counter_page(
        &self,
        lang: Lang,
        unknown: Option<String>,
    ) -> Result<CounterPage, StoreError> {
        let (desk, mode) = (self.desk(), self.mode());
        let now = self.0.now();
        let configuration = &self.0.configuration;
        let about = About {
            lang,
            methods: &configuration.methods,
            phone: &configuration.operations_phone,
            online: desk.online(),
            slow: now.0.saturating_sub(desk.since().0) >= SLOW_MILLIS,
            mode,
        };
        let result = match desk.state() {
            State::Result(visit) => Some(self.result_view(visit, &mode, lang)?),
            _ => None,
        };
        let state = match (&result, desk.state()) {
            (Some(result), _) => result.state,
            (None, State::Ready) if about.few_left().is_some() => DataState("quota-low"),
            (None, _) => desk.data_state(),
        };
        let placeable = self.0.reader.placeable();
        let on_reader = !placeable.is_empty()
            && matches!(
                desk.state(),
                State::Reading { .. } | State::VerifyHolder { .. } | State::Pin { .. } | State::CardLocked
            );
        let cards = if desk.state().takes_a_card() { placeable } else { Vec::new() };
        Ok(CounterPage {
            frame: self.frame(lang, state.0, Some("/counter/events")),
            institution: configuration.institution_name.clone(),
            desk: configuration.desk_name.clone(),
            band: Band::of(&mode, desk.online(), self.waiting()?, lang),
            unknown,
            rejected: self.today()?.iter().filter(|row| rejected(row)).count(),
            clock: format!("{} {}", short_day(now, lang), clock_time(now, lang)),
            screen: words::screen(desk.state(), &about),
            result,
            previous: desk.previous().map(|previous| previous_line(previous, lang)),
            cards: cards.into_iter().map(|card| card.0).collect(),
            on_reader,
            may_go_back: desk.state().may_go_back(),
        })
    }

    pub(crate) fn today_page(&self, lang: Lang) -> Result<TodayPage, StoreError> {
        let rows = self.today()?;
        let state = if rows.iter().any(rejected) { "rejected-later" } else { "today" };
        let rows = rows.into_iter().map(|row| row_view(row, lang)).collect();
        let frame = self.frame(lang, state, Some("/counter/events"));
        Ok(TodayPage { frame, day: day(self.0.now(), lang), rows })
    }

    pub(crate) fn help_page(&self, lang: Lang) -> HelpPage {
        let phone = self.0.configuration.operations_phone.clone();
        // Live for the sake of its keys: Esc leads back.
        HelpPage { frame: self.frame(lang, "help", Some("/counter/events")), phone }
    }

    pub(super) fn frame(&self, lang: Lang, state: &'static str, live: Option<&'static str>) -> Frame {
        let configuration = &self.0.configuration;
        Frame {
            lang,
            title: format!("{}　{}", configuration.institution_name, configuration.desk_name),
            party: Party::Counter,
            state,
            home: "/counter/",
            live,
            simulated: configuration.simulated,
        }
    }

    fn result_view(&self, visit: &Visit, mode: &Mode, lang: Lang) -> Result<ResultView, StoreError> {
        let outcome = graded(&visit.outcome, mode);
        let result_words::Standing { mark, word, tone } = result_words::standing(&outcome, lang);
        let chart = outcome.chart().cloned();
        let last_visit = chart.as_ref().and_then(|chart| chart.last_visit).map(|at| short_day(at, lang));
        let eligibility = self.0.store.answer(visit.evid)?.and_then(|answer| answer.eligibility);
        Ok(ResultView {
            state: outcome.data_state(),
            mark,
            word,
            tone,
            chart,
            chart_note: result_words::chart_note(&outcome, lang),
            last_visit,
            insurance: eligibility.and_then(|signed| insurance(&signed, lang)),
            next: match outcome == visit.outcome {
                true => result_words::next(&outcome, lang),
                false => result_words::next_without_time(lang).to_owned(),
            },
            assign: (visit.outcome == Outcome::New).then_some(visit.evid),
            name: matches!(visit.outcome, Outcome::NewProvisional { .. }).then_some(visit.evid),
        })
    }
}

/// Four hours without a time stamp take the word "confirmed" away, never the check-in.
fn graded(outcome: &Outcome, mode: &Mode) -> Outcome {
    match outcome {
        Outcome::Known(chart) if !mode.grants_online_label() => {
            Outcome::KnownProvisional { waiting_number: 0, chart: chart.clone() }
        }
        _ => outcome.clone(),
    }
}

/// A check-in that could not be confirmed after all. One whose card was stopped says so itself.
fn rejected(row: &QueueRow) -> bool {
    matches!(row.status, Some(Status::Invalid | Status::Conflict)) && !row.stopped
}

fn previous_line(previous: &Previous, lang: Lang) -> String {
    let outcome = &previous.visit.outcome;
    let result_words::Standing { mark, word, .. } = result_words::standing(outcome, lang);
    let who = match (outcome.chart(), outcome, lang) {
        (Some(chart), _, Lang::Ja) => format!("{}　{} 様", chart.number, chart.kana),
        (Some(chart), _, Lang::En) => format!("{}  {}", chart.number, chart.kana),
        (None, Outcome::NewProvisional { waiting_number }, _) => format!("K-{waiting_number:03}"),
        (None, outcome, lang) => result_words::chart_note(outcome, lang),
    };
    format!("{mark} {who}　{}　{word}", clock_time(previous.at, lang))
}

fn row_view(row: QueueRow, lang: Lang) -> RowView {
    let result_words::Standing { mark, word, tone } =
        result_words::standing_of(row.status, row.stopped, lang);
    let open = matches!(row.status, None | Some(Status::Indeterminate));
    let number = match (&row.chart, row.waiting_number) {
        (Some(chart), Some(number)) if open => format!("K-{number:03}・{}", chart.number),
        (Some(chart), _) => chart.number.clone(),
        (None, Some(number)) => format!("K-{number:03}"),
        (None, None) => "–".to_owned(),
    };
    RowView {
        number,
        chart: row.chart,
        time: clock_time(row.at, lang),
        method: words::method_word(row.method, lang),
        mark,
        word,
        tone,
        note: (tone == "bad").then(|| result_words::what_to_say(lang)),
    }
}

/// `✓ さくら健保（3 割）`: what the platform said of the insurance.
fn insurance(signed: &Signed, lang: Lang) -> Option<String> {
    let answer = Eligibility::decode(signed.parse().ok()?.payload).ok()?;
    let word = match answer.validity {
        Validity::Valid => lang.pick("✓ 有効", "✓ valid"),
        Validity::Invalid | Validity::Superseded => {
            lang.pick("× 無効。別の方法で確認を", "× not valid; check another way")
        }
        Validity::NoneFound | Validity::Several | Validity::CardNotRegistered => {
            lang.pick("… 別の方法で確認を", "… check another way")
        }
    };
    let share = match (answer.copay_tenths, lang) {
        (0, _) => String::new(),
        (share, Lang::Ja) => format!("（{share} 割）"),
        (share, Lang::En) => format!(" (share {share}/10)"),
    };
    Some(format!("{word}　{}{share}", answer.insurer))
}
