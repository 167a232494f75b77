//! Bundles with the true time known: honest ones, and forged or damaged ones that have a name.
//!
//! ```text
//!  World (everybody's keys) ──► Desk (one element and its terminal) ──► Bundle ──forge──► Case ──► Book
//! ```
//!
//! Nothing here knows the verifier: what it must answer is written down beside each case, from the rule.
#![expect(clippy::unwrap_used, reason = "works on nothing but what it made itself")]

pub mod answer;
pub mod book;
mod cases;
pub mod desk;
pub mod expected;
pub mod forge;
pub mod ocsp;
pub mod raw;
pub mod token;
pub mod tpm;
pub mod trust;
pub mod unlock;
pub mod visit;
pub mod world;

pub use cases::all;
pub use desk::{Desk, Form};
pub use visit::{Card, Edit};
pub use world::world;
