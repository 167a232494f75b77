//! The list of visits, by month, newest first.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use jushin_pages::{Certainty, Frame, Lang, month, status_mark, status_word, when_short};
use jushin_statement::{Status, UnixMillis};
use serde::Deserialize;

use crate::service::History;
use crate::store::StoredVisit;

/// Visits on one page.
const PAGE: u32 = 20;

#[derive(Deserialize)]
pub(crate) struct Page {
    before: Option<u64>,
}

#[derive(Template)]
#[template(path = "visits.html")]
struct Visits {
    frame: Frame,
    months: Vec<Month>,
    waiting: usize,
    waiting_line: String,
    older: Option<u64>,
    newest: Option<String>,
}

struct Month {
    name: String,
    visits: Vec<Row>,
}

struct Row {
    path: String,
    when: String,
    place: String,
    mark: &'static str,
    word: &'static str,
    tone: &'static str,
}

pub(crate) async fn show(
    State(history): State<Arc<History>>,
    Query(wanted): Query<Page>,
    lang: Lang,
    headers: HeaderMap,
) -> Response {
    let Some(subject) = history.signed_in(&headers) else {
        return super::signed_out(&history, lang);
    };
    let Ok(mut visits) = history.timeline(subject, wanted.before.map(UnixMillis), PAGE + 1).await else {
        return super::unavailable(lang);
    };
    let more = visits.len() > PAGE as usize;
    visits.truncate(PAGE as usize);
    let waiting = visits.iter().filter(|visit| waits(visit)).count();
    let months = by_month(&history, &visits, lang);
    let newest = months.first().and_then(|month| month.visits.first());
    super::page(&Visits {
        frame: super::frame(lang, state(&visits, waiting), true),
        waiting,
        waiting_line: match lang {
            Lang::Ja => format!("{waiting} 件が確認待ちです"),
            Lang::En => format!("{waiting} waiting for confirmation"),
        },
        older: visits.last().filter(|_| more).map(|visit| visit.received.0),
        newest: newest.map(|row| format!("{} {}", row.when, row.place)),
        months,
    })
}

fn state(visits: &[StoredVisit], waiting: usize) -> &'static str {
    match (visits.is_empty(), waiting) {
        (true, _) => "first-time",
        (false, 0) => "list",
        (false, _) => "waiting",
    }
}

fn waits(visit: &StoredVisit) -> bool {
    matches!(visit.status, Status::OpenEnded | Status::Indeterminate)
}

fn by_month(history: &History, visits: &[StoredVisit], lang: Lang) -> Vec<Month> {
    let mut months: Vec<Month> = Vec::new();
    for visit in visits {
        let name = month(visit.lo.unwrap_or(visit.received), lang);
        if months.last().is_none_or(|month| month.name != name) {
            months.push(Month { name, visits: Vec::new() });
        }
        if let Some(month) = months.last_mut() {
            month.visits.push(row(history, visit, lang));
        }
    }
    months
}

fn row(history: &History, visit: &StoredVisit, lang: Lang) -> Row {
    let certainty = Certainty { class: visit.class, lo: visit.lo, hi: visit.hi };
    Row {
        path: visit.path.clone(),
        when: when_short(certainty, lang),
        place: history.place(visit.institution, lang),
        mark: status_mark(visit.status),
        word: status_word(visit.status, lang),
        tone: super::one::tone(visit.status),
    }
}
