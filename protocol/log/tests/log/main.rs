//! The log against RFC 6962 as it is written, against published examples, and against whoever changes its files.
#![expect(clippy::unwrap_used, reason = "what a test cannot set up, fails it")]

mod folder;
mod notes;
mod reference;
mod tampering;
mod trees;
mod witnesses;
