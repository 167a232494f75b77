//! What happened in the story: printed, shown as a picture, and left as `summary.json`.

use serde::Serialize;

/// The whole day.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Day {
    /// Seed of everything random that is printed.
    pub(super) seed: u64,
    /// Always true: cards, elements and authorities are made up.
    pub(super) simulated: bool,
    /// Measured length of the story.
    pub(super) story_seconds: f64,
    /// Chapters in order.
    pub(super) chapters: Vec<Chapter>,
    /// Every visit, as its verdict says.
    pub(super) visits: Vec<Visit>,
    /// Every attack.
    pub(super) attacks: Vec<Attack>,
    /// Pages that can be opened.
    pub(super) pages: Vec<Page>,
}

/// A chapter.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Chapter {
    pub(super) name: String,
    pub(super) steps: Vec<Step>,
}

/// A step.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Step {
    /// Story time, ISO 8601.
    pub(super) at: String,
    pub(super) step: String,
    pub(super) outcome: String,
    /// Measured.
    pub(super) milliseconds: f64,
}

/// A visit.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Visit {
    /// File name under `bundles/`.
    pub(super) bundle: String,
    pub(super) status: String,
    pub(super) class: u64,
    pub(super) earliest: Option<String>,
    /// Null while open.
    pub(super) latest: Option<String>,
    pub(super) institution: String,
    pub(super) terminal: String,
    pub(super) online: bool,
}

/// An attack.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Attack {
    pub(super) name: String,
    /// The name in Japanese, for the page.
    #[serde(skip)]
    pub(super) ja: &'static str,
    /// Why it was refused, in Japanese, for the page.
    #[serde(skip)]
    pub(super) ja_reason: &'static str,
    pub(super) outcome: String,
    pub(super) reason: String,
    /// Whether it was refused with the reason that is due.
    pub(super) refused: bool,
}

impl Attack {
    /// Why it was refused, in English, for the page: the outcome without its first word.
    pub(super) fn english(&self) -> &str {
        self.outcome.split_once(':').map_or(self.outcome.as_str(), |(_, reason)| reason.trim())
    }
}

/// A page.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Page {
    pub(super) path: &'static str,
    pub(super) title: &'static str,
}
