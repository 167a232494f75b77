//! A whole terminal: real element, virtual cards ◇, and a platform that answers as told.
#![expect(clippy::unwrap_used, reason = "what a test cannot set up, fails it")]

mod anchors;
mod backlog;
mod bench;
mod cards;
mod journal;
mod pages;
mod platform;
mod privacy;
mod spool;
mod taps;
mod unlock;
