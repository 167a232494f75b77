//! The virtual card as a card person sees it, and the reader's side over it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test")]

mod any_bytes;
mod scripts;
mod session;
mod signatures;
mod staff;
mod support;
mod terminal_authentication;
