//! Taking in evidence (P6): open, verify, store, and only then answer.
//!
//! ```text
//!  batch ─► open boxes ─► ask OCSP ─► one transaction: store, verify, sign, keep the answer ─► batch-ack
//!        └► close: own number, own place ─► token ─► what is missing below it ─► judge open visits again
//! ```

mod again;
mod answer;
mod batch;
mod beside;
mod close;
mod gaps;
mod judge;
mod open;
mod poll;
mod settle;

pub use close::Stamped;
pub use gaps::GapKind;
pub(crate) use judge::{Material, newest_verdict};
