//! The visit-history service: keeps visits for years and shows them to the patient.
//!
//! ```text
//!  platform ──redacted bundle──► intake ──verified──► store ──► /me/ pages ──► patient
//! ```
//!
//! It knows a person only by its own pseudonym, and holds no certificate, serial or insured number.
//! A visit enters once, by the platform's signature; who delivers it does not matter.

mod directory;
mod intake;
mod me;
mod service;
mod session;
mod sign_in;
mod store;
mod store_sqlite;

pub use directory::{Directory, Institution};
pub use intake::{IntakeError, RegisteredVisit};
pub use service::{Config, History, HistoryError};
pub use sign_in::{CardChoice, CardLogin, LoginFuture, LoginRefused};
pub use store::{Store, StoreError, StoredVisit};
pub use store_sqlite::SqliteStore;
