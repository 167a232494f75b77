//! What an operator does: report a terminal stolen, put it back into use, retire it.

use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use jushin_pages::Lang;
use jushin_statement::{BindingState, Id16};
use serde::Deserialize;

use super::sorry;
use crate::platform::{Platform, blocking};
use crate::records::highest_counter;
use crate::refusal::Refusal;
use crate::store::rows::transact;

/// Longest reason that is kept, in characters.
const REASON: usize = 200;

/// What a form says.
#[derive(Deserialize)]
pub(super) struct Wish {
    /// First counter value that is void (or, for a terminal that is back, the first that stands again);
    /// empty: the one after the last that was seen.
    #[serde(default)]
    from: String,
    /// Why, in the operator's words.
    #[serde(default)]
    why: String,
}

pub(super) async fn stolen(
    State(platform): State<Platform>,
    Path(path): Path<String>,
    lang: Lang,
    Form(wish): Form<Wish>,
) -> Response {
    act(platform, path, lang, BindingState::Suspended, wish, "reported stolen").await
}

pub(super) async fn found(
    State(platform): State<Platform>,
    Path(path): Path<String>,
    lang: Lang,
    Form(wish): Form<Wish>,
) -> Response {
    act(platform, path, lang, BindingState::InUse, wish, "found again").await
}

pub(super) async fn retire(
    State(platform): State<Platform>,
    Path(path): Path<String>,
    lang: Lang,
    Form(wish): Form<Wish>,
) -> Response {
    act(platform, path, lang, BindingState::Retired, wish, "retired").await
}

async fn act(
    platform: Platform,
    path: String,
    lang: Lang,
    state: BindingState,
    wish: Wish,
    word: &'static str,
) -> Response {
    let back = format!("/operator/terminals/{path}");
    let done = blocking(move || {
        let (element, seen) = transact(&*platform.inner().ports.store, |tx| {
            let element = platform.element_of_path(tx, &path)?;
            Ok((element, highest_counter(tx, element)?))
        })?;
        let from = counter(&wish.from, state, seen)?;
        let said: String =
            wish.why.trim().chars().filter(|letter| !letter.is_control()).take(REASON).collect();
        let why = if said.is_empty() { word.to_owned() } else { format!("{word}: {said}") };
        change(&platform, element, state, from, &why)
    });
    match done.await {
        Ok(()) => Redirect::to(&back).into_response(),
        Err(refusal) => sorry(lang, &refusal),
    }
}

/// The holder's word is the first void value: at most the one after the last that was seen, for nothing can be
/// void that has not been written. A terminal that is back starts above everything that was seen.
fn counter(text: &str, state: BindingState, seen: u64) -> Result<Option<u64>, Refusal> {
    let refused = Refusal::Mismatch { object: "form", field: "from" };
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let from: u64 = text.parse().map_err(|_| refused.clone())?;
    let fits = match state {
        BindingState::InUse => from > seen,
        BindingState::Suspended | BindingState::Retired => from > 0 && from <= seen.saturating_add(1),
    };
    if fits { Ok(Some(from)) } else { Err(refused) }
}

fn change(
    platform: &Platform,
    element: Id16,
    state: BindingState,
    from: Option<u64>,
    why: &str,
) -> Result<(), Refusal> {
    match state {
        BindingState::Suspended => platform.suspend(element, from, why),
        BindingState::InUse => platform.resume(element, from, why),
        BindingState::Retired => platform.retire(element, from, why),
    }
    .map(drop)
}
