//! Proven medical visits: what the command does. The only crate that knows all others.

pub mod bench;
pub mod card_serve;
pub mod demo;
mod personalise;
pub mod simulate;
pub mod verify;
