//! The patient's pages.

mod list;
mod one;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use jushin_pages::{Frame, Lang, Party};
use serde::Deserialize;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::BroadcastStream;

use crate::service::History;
use crate::sign_in::{CardChoice, LoginRefused};

/// Pages under `/me/`.
pub(crate) fn router(history: Arc<History>) -> Router {
    jushin_pages::secure(
        Router::new()
            .route("/me/", get(list::show))
            .route("/me/visits/{path}", get(one::show))
            .route("/me/visits/{path}/bundle.jvb", get(one::download))
            // A refusal stands under this address; its language link and a reload lead back to the door.
            .route("/me/sign-in", get(|| async { Redirect::to("/me/") }).post(sign_in))
            .route("/me/sign-out", post(sign_out))
            .route("/me/events", get(events))
            .with_state(history),
    )
}

fn frame(lang: Lang, state: &'static str, live: bool) -> Frame {
    Frame {
        lang,
        title: lang.pick("受診のきろく", "My visits").to_owned(),
        party: Party::Patient,
        state,
        home: "/me/",
        live: live.then_some("/me/events"),
        simulated: true,
    }
}

fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

#[derive(Template)]
#[template(path = "signed_out.html")]
struct SignedOut {
    frame: Frame,
    cards: Vec<CardChoice>,
    /// Which of them is chosen already: after a wrong PIN, the one it was typed for.
    chosen: String,
    message: Option<String>,
}

fn signed_out(history: &History, lang: Lang) -> Response {
    let first = history.cards().first().map(|card| card.id.clone());
    sign_in_page(history, lang, first.unwrap_or_default(), None)
}

fn sign_in_page(history: &History, lang: Lang, chosen: String, message: Option<String>) -> Response {
    page(&SignedOut { frame: frame(lang, "signed-out", false), cards: history.cards(), chosen, message })
}

#[derive(Template)]
#[template(path = "sorry.html")]
struct Sorry {
    frame: Frame,
    heading: String,
    text: String,
}

/// The store is away: nothing is lost, and care is not affected.
fn unavailable(lang: Lang) -> Response {
    let sorry = Sorry {
        frame: frame(lang, "history-down", false),
        heading: lang.pick("いま見られません", "Not available now").to_owned(),
        text: lang
            .pick(
                "記録はなくなっていません。受診はふつうにできます。しばらくしてから、もう一度開いてください。",
                "Nothing is lost, and you can see a doctor as usual. Please try again later.",
            )
            .to_owned(),
    };
    (StatusCode::SERVICE_UNAVAILABLE, page(&sorry)).into_response()
}

#[derive(Deserialize)]
struct SignIn {
    card: String,
    pin: String,
}

async fn sign_in(State(history): State<Arc<History>>, lang: Lang, Form(form): Form<SignIn>) -> Response {
    match history.sign_in(&form.card, &form.pin).await {
        Ok(cookie) => ([(header::SET_COOKIE, cookie)], Redirect::to("/me/")).into_response(),
        Err(refused) => sign_in_page(&history, lang, form.card, Some(refusal(refused, lang))),
    }
}

fn refusal(refused: LoginRefused, lang: Lang) -> String {
    match (refused, lang) {
        (LoginRefused::WrongPin(left), Lang::Ja) => format!("暗証番号がちがいます。あと {left} 回"),
        (LoginRefused::WrongPin(left), Lang::En) => format!("That is not the PIN. {left} tries left"),
        (LoginRefused::PinBlocked, _) => lang
            .pick(
                "暗証番号が止められています。市区町村の窓口で設定しなおせます。受診は、顔または目視で今までどおりできます。",
                "The PIN is blocked. Your municipality can reset it. You can still see a doctor.",
            )
            .to_owned(),
        (LoginRefused::NoCard, _) => {
            lang.pick("カードが見つかりません。もう一度置いてください。", "No card found. Place it again.").to_owned()
        }
        (LoginRefused::NotConfirmed, _) => lang
            .pick(
                "いまはこのカードを確かめられません。受診はふつうにできます。しばらくしてからもう一度おためしください。つづくときは市区町村の窓口に聞いてください。",
                "This card cannot be confirmed now. You can still see a doctor. Try again later; if it goes on, ask your municipality.",
            )
            .to_owned(),
    }
}

async fn sign_out(State(history): State<Arc<History>>, headers: HeaderMap) -> Response {
    ([(header::SET_COOKIE, history.sign_out(&headers))], Redirect::to("/me/")).into_response()
}

/// Says that something changed for whoever is signed in, and nothing about what.
async fn events(State(history): State<Arc<History>>, headers: HeaderMap) -> Response {
    let Some(subject) = history.signed_in(&headers) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let changes = BroadcastStream::new(history.changes()).filter_map(move |change| match change {
        Ok(changed) if changed != subject => None,
        _ => Some(Ok::<_, std::convert::Infallible>(Event::default().event("changed").data("1"))),
    });
    Sse::new(changes).keep_alive(KeepAlive::default()).into_response()
}
