//! One visit: what is sure, and how sure.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jushin_pages::{Certainty, Frame, Lang, clock_time_with_seconds, status_mark, status_word, when};
use jushin_statement::{Class, HolderCheck, Status};

use crate::service::History;
use crate::store::StoredVisit;

#[derive(Template)]
#[template(path = "visit.html")]
struct Visit {
    frame: Frame,
    place: String,
    when: String,
    mark: &'static str,
    word: &'static str,
    tone: &'static str,
    simulated: bool,
    between: Option<String>,
    holder: String,
    evid: String,
    code: String,
    window: String,
    path: String,
}

pub(crate) async fn show(
    State(history): State<Arc<History>>,
    Path(path): Path<String>,
    lang: Lang,
    headers: HeaderMap,
) -> Response {
    let Some(subject) = history.signed_in(&headers) else {
        return super::signed_out(&history, lang);
    };
    match history.visit(subject, &path).await {
        Ok(Some(visit)) => super::page(&describe(&history, &visit, lang)),
        Ok(None) => not_yours(lang),
        Err(_) => super::unavailable(lang),
    }
}

/// The record as it is kept: the form without certificates.
pub(crate) async fn download(
    State(history): State<Arc<History>>,
    Path(path): Path<String>,
    lang: Lang,
    headers: HeaderMap,
) -> Response {
    let Some(subject) = history.signed_in(&headers) else {
        return super::signed_out(&history, lang);
    };
    match history.visit(subject, &path).await {
        Ok(Some(visit)) => match history.for_holder(&visit) {
            Some(bundle) => ([(header::CONTENT_TYPE, "application/octet-stream")], bundle).into_response(),
            None => super::unavailable(lang),
        },
        Ok(None) => not_yours(lang),
        Err(_) => super::unavailable(lang),
    }
}

fn not_yours(lang: Lang) -> Response {
    let sorry = super::Sorry {
        frame: super::frame(lang, "not-found", false),
        heading: lang.pick("この記録はありません", "There is no such record").to_owned(),
        text: lang.pick("一覧から選びなおしてください。", "Please choose from the list.").to_owned(),
    };
    (StatusCode::NOT_FOUND, super::page(&sorry)).into_response()
}

/// The style that goes with a status; the mark and the word say the same without colour.
pub(crate) const fn tone(status: Status) -> &'static str {
    match status {
        Status::Valid => "good",
        Status::OpenEnded | Status::Indeterminate => "wait",
        Status::Invalid | Status::Conflict => "bad",
    }
}

const fn state(visit: &StoredVisit) -> &'static str {
    match (visit.status, visit.class) {
        (Status::OpenEnded | Status::Indeterminate, _) => "provisional",
        (Status::Invalid, _) => "rejected",
        (Status::Conflict, _) => "conflict",
        (Status::Valid, Class::Tight) => "confirmed",
        (Status::Valid, Class::Date) => "date-only",
        (Status::Valid, Class::Interval) => "interval",
        (Status::Valid, Class::OrderOnly | Class::None) => "order-only",
    }
}

fn describe(history: &History, visit: &StoredVisit, lang: Lang) -> Visit {
    let certainty = Certainty { class: visit.class, lo: visit.lo, hi: visit.hi };
    let place = history.place(visit.institution, lang);
    Visit {
        frame: super::frame(lang, state(visit), true),
        when: when(certainty, lang),
        mark: status_mark(visit.status),
        word: status_word(visit.status, lang),
        tone: tone(visit.status),
        simulated: visit.simulated,
        between: between(certainty, lang),
        holder: holder(visit.method, &place, lang),
        evid: visit.evid.to_string(),
        code: visit.institution.to_string(),
        window: certainty.as_line(),
        path: visit.path.clone(),
        place,
    }
}

fn between(certainty: Certainty, lang: Lang) -> Option<String> {
    let (Class::Tight, Some(lo), Some(hi)) = (certainty.class, certainty.lo, certainty.hi) else {
        return None;
    };
    let hi = jushin_statement::UnixMillis(hi.0.div_ceil(1000) * 1000);
    let [lo, hi] = [lo, hi].map(|at| clock_time_with_seconds(at, lang));
    Some(match lang {
        Lang::Ja => format!("{lo} から {hi} のあいだです"),
        Lang::En => format!("Between {lo} and {hi}"),
    })
}

/// Always as the institution states it: the card does not prove who held it.
fn holder(method: u64, place: &str, lang: Lang) -> String {
    let (ja, en) = match HolderCheck::from_number(method) {
        Ok(HolderCheck::Pin) => ("暗証番号", "PIN"),
        Ok(HolderCheck::PhotoMachine) => ("顔（機械）", "face, by machine"),
        Ok(HolderCheck::PhotoVisual) => ("目視", "face, by eye"),
        Ok(HolderCheck::DeviceBiometrics) => ("スマホの生体認証", "phone biometrics"),
        Err(_) => ("不明", "not stated"),
    };
    match lang {
        Lang::Ja => format!("本人の確認：{ja}（{place}の記録による）"),
        Lang::En => format!("Person checked: {en} (as recorded by {place})"),
    }
}
