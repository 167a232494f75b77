//! The verifier from outside: bundles and trust folders in, verdicts out.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test program has no users, and its helpers fail by panicking"
)]

mod added_material;
mod alone;
mod anchors;
mod bundle;
mod card;
mod edges;
mod enrolment;
mod logged;
mod mutation;
mod real_element;
mod redacted;
mod support;
mod tpm;
mod valid;
