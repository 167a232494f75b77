//! `/operator/terminals/{terminal}`: one terminal's life, newest first, and what can be done.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use jushin_pages::{Frame, Lang};

use super::facts::Facts;
use super::overview::{Terminal, describe};
use super::story::{Entry, fork_story, life};
use super::{frame, moment, page, sorry, span};
use crate::enrolment::find_element;
use crate::operations::TerminalState;
use crate::platform::{Platform, blocking};
use crate::refusal::Refusal;
use crate::store::rows::transact;

/// A record that was refused.
struct Refused {
    counters: String,
    what: &'static str,
    at: String,
}

#[derive(Template)]
#[template(path = "operator_terminal.html")]
struct Life {
    frame: Frame,
    terminal: Terminal,
    forks: Vec<Vec<String>>,
    refused: Vec<Refused>,
    life: Vec<Entry>,
    /// The first void counter value if it is reported now.
    next: u64,
    may_stop: bool,
    may_resume: bool,
    may_retire: bool,
}

pub(super) async fn show(State(platform): State<Platform>, Path(path): Path<String>, lang: Lang) -> Response {
    match blocking(move || platform.life(&path, lang)).await {
        Ok(life) => page(&life),
        Err(refusal) => sorry(lang, &refusal),
    }
}

impl Platform {
    fn life(&self, path: &str, lang: Lang) -> Result<Life, Refusal> {
        let now = self.inner().ports.clock.now();
        transact(&*self.inner().ports.store, |tx| {
            let element = self.element_of_path(tx, path)?;
            let row = find_element(tx, element)?;
            let facts = Facts::collect(tx, element, row, now)?;
            let terminal = describe(&facts, path.to_owned(), lang);
            let state = facts.status.state;
            Ok(Life {
                frame: frame(lang, terminal.state, terminal.simulated),
                forks: facts.forks.iter().map(|fork| fork_story(fork, lang)).collect(),
                refused: facts
                    .refused
                    .iter()
                    .map(|refused| Refused {
                        counters: span(refused.from, refused.to),
                        what: if refused.is_visit {
                            lang.pick("受付", "check-in")
                        } else {
                            lang.pick("記録", "record")
                        },
                        at: moment(refused.at, lang),
                    })
                    .collect(),
                life: life(tx, element, &facts, lang)?,
                terminal,
                next: facts.status.counter.saturating_add(1),
                may_stop: matches!(state, TerminalState::Able),
                may_resume: matches!(state, TerminalState::Suspended { .. }),
                may_retire: matches!(state, TerminalState::Able | TerminalState::Suspended { .. }),
            })
        })
    }
}
