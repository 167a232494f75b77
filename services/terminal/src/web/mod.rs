//! Pages under `/counter/`. Every one works without script; with it, they follow the desk.

mod band;
mod print;
mod refusal;
mod result_words;
mod unlock;
mod view;
mod words;

use std::convert::Infallible;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::sse::{Event as ServerEvent, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use jushin_pages::Lang;
use jushin_statement::{Hash, HolderCheck};
use serde::Deserialize;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::BroadcastStream;
use zeroize::Zeroizing;

use crate::check_in::Event;
use crate::desk::AssignError;
use crate::ports::CardName;
use crate::store::Chart;
use crate::terminal::Terminal;

impl Terminal {
    /// The pages of this terminal: `/counter/` and what lies under it. `/assets/` is the composition's.
    pub fn router(&self) -> Router {
        let router = Router::new()
            .route("/counter/", get(counter))
            .route("/counter/today", get(today))
            .route("/counter/today/print", get(print))
            .route("/counter/help", get(help))
            .route("/counter/events", get(events))
            .route("/counter/tap", post(tap))
            .route("/counter/remove", post(remove))
            .route("/counter/holder", post(holder))
            .route("/counter/pin", post(pin))
            .route("/counter/charts", post(charts))
            .route("/counter/back", post(back))
            .with_state(self.clone());
        jushin_pages::secure(router.merge(unlock::router(self.clone())))
    }

    /// Handles an event at once, and what follows from it in the background: the page never waits.
    fn begin(&self, event: Event) -> Redirect {
        let actions = self.tell(event);
        let terminal = self.clone();
        tokio::spawn(async move { terminal.follow(actions).await });
        Redirect::to("/counter/")
    }
}

#[derive(Deserialize)]
struct Asked {
    /// A chart number that was typed and is not known here.
    unknown: Option<String>,
}

async fn counter(State(terminal): State<Terminal>, Query(asked): Query<Asked>, lang: Lang) -> Response {
    rendered(terminal.counter_page(lang, asked.unknown))
}

async fn today(State(terminal): State<Terminal>, lang: Lang) -> Response {
    rendered(terminal.today_page(lang))
}

async fn print(State(terminal): State<Terminal>, lang: Lang) -> Response {
    rendered(terminal.print_page(lang))
}

async fn help(State(terminal): State<Terminal>, lang: Lang) -> Response {
    rendered(Ok::<_, crate::StoreError>(terminal.help_page(lang)))
}

async fn events(State(terminal): State<Terminal>) -> impl IntoResponse {
    let changes = BroadcastStream::new(terminal.0.changed.subscribe());
    // A listener that lagged behind has missed a change, so it is told like the others.
    // Browsers drop an event without data.
    let changes = changes.map(|_| Ok::<_, Infallible>(ServerEvent::default().event("changed").data("1")));
    Sse::new(changes).keep_alive(KeepAlive::default())
}

#[derive(Deserialize)]
struct Placed {
    card: String,
}

async fn tap(State(terminal): State<Terminal>, Form(placed): Form<Placed>) -> Response {
    let card = CardName(placed.card);
    if !terminal.0.reader.placeable().contains(&card) {
        return (StatusCode::NOT_FOUND, "There is no such simulated card.").into_response();
    }
    terminal.begin(Event::CardPlaced(card)).into_response()
}

async fn remove(State(terminal): State<Terminal>) -> Redirect {
    terminal.begin(Event::CardRemoved)
}

#[derive(Deserialize)]
struct Chosen {
    method: u64,
}

async fn holder(State(terminal): State<Terminal>, Form(chosen): Form<Chosen>) -> Response {
    match HolderCheck::from_number(chosen.method) {
        Ok(method) if terminal.0.configuration.methods.contains(&method) => {
            terminal.begin(Event::HolderChosen(method)).into_response()
        }
        _ => (StatusCode::BAD_REQUEST, "This way of checking is not offered here.").into_response(),
    }
}

#[derive(Deserialize)]
struct Typed {
    pin: String,
}

async fn pin(State(terminal): State<Terminal>, Form(typed): Form<Typed>) -> Response {
    let typed = Zeroizing::new(typed.pin);
    match terminal.hold_pin(&typed) {
        Ok(true) => terminal.begin(Event::PinGiven).into_response(),
        // Not four digits: the page asks again, the card was not asked.
        Ok(false) | Err(_) => Redirect::to("/counter/").into_response(),
    }
}

#[derive(Deserialize)]
struct Assigned {
    visit: String,
    number: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    kana: String,
}

async fn charts(State(terminal): State<Terminal>, Form(form): Form<Assigned>) -> Response {
    let meant = |evid: &Hash| evid.to_string() == form.visit;
    if let Some(evid) = terminal.visit_without_name().filter(meant) {
        return match terminal.name_chart(evid, &form.number) {
            Ok(()) => Redirect::to("/counter/").into_response(),
            Err(AssignError::NoSuchChart(number)) => {
                Redirect::to(&format!("/counter/?unknown={}", unlock::encoded(&number))).into_response()
            }
            Err(error) => (StatusCode::CONFLICT, error.to_string()).into_response(),
        };
    }
    let Some(evid) = terminal.visit_without_chart().filter(meant) else {
        // Pressed twice, or another card came: nothing is done twice.
        return Redirect::to("/counter/").into_response();
    };
    let trimmed = |text: String| text.trim().to_owned();
    let chart = Chart { number: trimmed(form.number), name: trimmed(form.name), kana: trimmed(form.kana) };
    match terminal.assign_chart(evid, chart) {
        Ok(()) => Redirect::to("/counter/").into_response(),
        Err(error) => (StatusCode::CONFLICT, error.to_string()).into_response(),
    }
}

async fn back(State(terminal): State<Terminal>) -> Redirect {
    terminal.begin(Event::Back)
}

fn rendered<T: Template>(page: Result<T, crate::StoreError>) -> Response {
    match page.map(|page| page.render()) {
        Ok(Ok(html)) => Html(html).into_response(),
        Ok(Err(_)) | Err(_) => {
            let sentence = "いま表示できません。受付の記録はなくなっていません。診療は続けられます。\n\
                This page cannot be shown now. No record is lost. Care goes on.";
            (StatusCode::INTERNAL_SERVER_ERROR, sentence).into_response()
        }
    }
}
