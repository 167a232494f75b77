//! Taking in evidence (P6): open, verify, store, and only then answer.
//!
//! ```text
//!  batch ─► open boxes ─► ask OCSP ─► one transaction: store, verify, sign, keep the answer ─► batch-ack
//! ```

mod answer;
mod batch;
mod judge;
mod open;
mod poll;
mod settle;

pub(crate) use judge::{Material, newest_verdict};
