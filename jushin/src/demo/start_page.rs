//! `/`: the day as a picture, each frame a link; `/simulated`: what is made up.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use jushin_pages::{Frame, Lang, Party};

use super::record::{Attack, Day};
use super::switches::{DeskView, SwitchView, Switches};

/// The day that was told, and what can be done to it.
struct Start {
    day: Arc<Day>,
    switches: Arc<Switches>,
}

/// Serves the start page of a day.
pub(super) fn router(day: Arc<Day>, switches: Arc<Switches>) -> Router {
    let start = Arc::new(Start { day, switches });
    jushin_pages::secure(
        Router::new().route("/", get(picture)).route("/simulated", get(simulated)).with_state(start),
    )
}

struct Scene {
    number: usize,
    title: &'static str,
    path: &'static str,
    picture: &'static str,
    lines: Vec<String>,
}

#[derive(Template)]
#[template(path = "day.html")]
struct DayPage {
    frame: Frame,
    scenes: Vec<Scene>,
    attacks: Vec<Attack>,
    time: String,
    desks: Vec<DeskView>,
    others: Vec<SwitchView>,
}

#[derive(Template)]
#[template(path = "simulated.html")]
struct SimulatedPage {
    frame: Frame,
}

async fn picture(State(start): State<Arc<Start>>, lang: Lang) -> Response {
    let Start { day, switches } = &*start;
    page(&DayPage {
        frame: frame(lang, "day"),
        scenes: scenes_of(day, lang),
        attacks: day.attacks.clone(),
        time: switches.time(lang),
        desks: switches.desks(lang),
        others: switches.others(lang),
    })
}

async fn simulated(lang: Lang) -> Response {
    page(&SimulatedPage { frame: frame(lang, "simulated") })
}

fn frame(lang: Lang, state: &'static str) -> Frame {
    Frame {
        lang,
        title: "jushin 受診".to_owned(),
        party: Party::Plain,
        state,
        home: "/",
        live: None,
        simulated: true,
    }
}

pub(super) fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// Four frames; every line comes from what really happened in the story.
fn scenes_of(day: &Day, lang: Lang) -> Vec<Scene> {
    let proven = day.visits.iter().filter(|visit| visit.status == "VALID").count();
    let refused = day.attacks.iter().filter(|attack| attack.refused).count();
    let count = |ja: &str, en: &str, number: usize| match lang {
        Lang::Ja => format!("{number} {ja}"),
        Lang::En => format!("{number} {en}"),
    };
    vec![
        Scene {
            number: 1,
            title: lang.pick("受付でカードを置く", "A card is tapped"),
            path: "/counter/",
            picture: "tap",
            lines: vec![lang.pick("暗証番号はいりません", "no PIN is needed").to_owned()],
        },
        Scene {
            number: 2,
            title: lang.pick("確かな記録になる", "It becomes proof"),
            path: "/simulated",
            picture: "proof",
            lines: vec![
                count("件が確認ずみ", "visits proven", proven),
                lang.pick("だれ・どこ・いつ", "who, where, when").to_owned(),
            ],
        },
        Scene {
            number: 3,
            title: lang.pick("ご本人に届く", "The patient sees it"),
            path: "/me/",
            picture: "phone",
            lines: vec![lang.pick("受診のきろく", "My visits").to_owned()],
        },
        Scene {
            number: 4,
            title: lang.pick("ごまかしは退けられる", "Cheating is refused"),
            path: "#cheats",
            picture: "refuse",
            lines: vec![count("件を退けました", "attacks refused", refused)],
        },
    ]
}
