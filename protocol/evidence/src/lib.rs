//! What a set of statements proves.
//!
//! ```text
//!  Bundle ─┐                       ┌─ V1 encoding … V9 chain ─┐
//!  Trust  ─┼─► Verifier ─► Case ───┤                          ├─► Appraisal ─► Verdict
//!  Crypto ─┘                       └─ V10 window ─ V11 ─ V12 ─┘
//! ```
//!
//! A pure function: no clock, no network, no randomness. The same bytes and the same trust folder give
//! the same report everywhere, in whatever order the lists of a bundle stand.

mod anchor;
mod anchor_use;
mod appraisal;
mod appraise;
mod borrowed;
mod cache;
mod card;
mod case;
mod chain;
mod check;
mod element;
mod findings;
mod keyring;
mod logged;
mod policy;
mod reason;
mod redacted;
mod signed;
mod timing;
mod tpm;
mod trust;
mod verifier;
mod window;

pub use anchor_use::{AnchorKind, AnchorUse};
pub use appraisal::{Appraisal, Authentication, BindingDescription, ElementDescription, Report, exit_code};
pub use case::Case;
pub use check::{Check, CheckOutcome, Checks};
pub use logged::{LogPlace, Logged, logged};
pub use policy::{Policy, PolicyError};
pub use reason::{AtFault, Reason};
pub use signed::{NotSigned, Opened, open};
pub use trust::{Trust, TrustError};
pub use verifier::{Material, Verifier, verify};
pub use window::TimeWindow;
