//! The platform through its router, with a real software element in front of it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the helpers of a test fail by panicking, as the test does"
)]

mod activation;
mod closes;
mod durability;
mod enrolment;
mod forged;
mod intake;
mod log;
mod operator;
mod sign_in;
mod support;
