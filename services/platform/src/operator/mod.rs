//! The operator's pages: all terminals on one screen, one terminal's life, and what can be done about it.
//!
//! They name institutions and terminals, counters and records, and nothing of a patient. They are a router of
//! their own, so that they can be bound to another listener than the doors of terminals: whoever reaches
//! that listener is an operator.

mod actions;
mod facts;
mod life;
mod overview;
mod path;
mod story;

pub(crate) use facts::{missing, refused};

use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use jushin_pages::{Frame, Lang, Party};
use jushin_statement::UnixMillis;

use crate::platform::Platform;
use crate::refusal::Refusal;

impl Platform {
    /// The pages under `/operator/`. Posts from other sites are refused.
    pub fn operator_pages(&self) -> Router {
        jushin_pages::secure(
            Router::new()
                .route("/operator/", get(overview::show))
                .route("/operator/terminals/{terminal}", get(life::show))
                .route("/operator/terminals/{terminal}/stolen", post(actions::stolen))
                .route("/operator/terminals/{terminal}/found", post(actions::found))
                .route("/operator/terminals/{terminal}/retire", post(actions::retire))
                .with_state(self.clone()),
        )
    }
}

fn frame(lang: Lang, state: &'static str, simulated: bool) -> Frame {
    Frame {
        lang,
        title: lang.pick("端末の運用", "Terminals").to_owned(),
        party: Party::Plain,
        state,
        home: "/operator/",
        live: None,
        simulated,
    }
}

fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

#[derive(Template)]
#[template(path = "operator_sorry.html")]
struct Sorry {
    frame: Frame,
    text: String,
    code: String,
}

/// What went wrong, and what to do; the platform's own words stand small at the end.
fn sorry(lang: Lang, refusal: &Refusal) -> Response {
    let text = match refusal {
        Refusal::Unknown(_) | Refusal::UnknownElement(_) => lang.pick(
            "その端末はありません。一覧からえらんでください。",
            "There is no such terminal. Choose one from the list.",
        ),
        Refusal::OutOfUse { .. } => lang.pick(
            "この端末はもう廃止されています。何も変わりませんでした。",
            "This terminal was retired before. Nothing was changed.",
        ),
        Refusal::Mismatch { .. } => lang.pick(
            "入力した番号が使えません。何も変わりませんでした。番号を確かめて、もう一度送ってください。",
            "The number cannot be used. Nothing was changed. Check the number and send it again.",
        ),
        _ => lang.pick(
            "保存できませんでした。何も変わっていません。受付は続けられます。もう一度ためしてください。",
            "It could not be stored. Nothing was changed, and check-ins go on. Please try again.",
        ),
    };
    let sorry =
        Sorry { frame: frame(lang, "sorry", false), text: text.to_owned(), code: refusal.title().to_owned() };
    (refusal.status(), page(&sorry)).into_response()
}

/// A sentence in the page's language.
fn say(lang: Lang, ja: String, en: String) -> String {
    match lang {
        Lang::Ja => ja,
        Lang::En => en,
    }
}

/// `4月7日 午前8時52分` · `7 April 8:52`
fn moment(at: UnixMillis, lang: Lang) -> String {
    format!("{} {}", jushin_pages::short_day(at, lang), jushin_pages::clock_time(at, lang))
}

/// `7` or `7–9`
fn span(from: u64, to: u64) -> String {
    if from == to { from.to_string() } else { format!("{from}–{to}") }
}
