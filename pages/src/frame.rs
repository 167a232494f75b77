//! What stands around a page's content.

use crate::Lang;

/// Whose page it is: type size and width follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// The receptionist's.
    Counter,
    /// The patient's, made for a phone.
    Patient,
    /// Everybody else's.
    Plain,
}

impl std::fmt::Display for Party {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Counter => "counter",
            Self::Patient => "patient",
            Self::Plain => "plain",
        })
    }
}

/// The frame of a page; templates that extend `layout.html` have it as their field `frame`.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Language.
    pub lang: Lang,
    /// Title, also the brand line.
    pub title: String,
    /// Whose page.
    pub party: Party,
    /// Name of the state, for `<main data-state>`.
    pub state: &'static str,
    /// Where the brand line leads.
    pub home: &'static str,
    /// Path of the event stream that says when the page changed.
    pub live: Option<&'static str>,
    /// Whether anything shown is made up (◇).
    pub simulated: bool,
}
