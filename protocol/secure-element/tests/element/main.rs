//! The element from outside: command APDUs in, answers and status words out.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test program has no users, and its helpers fail by panicking"
)]

mod activation;
mod actors;
mod bench;
mod card_id;
mod check_in;
mod enrolment;
mod injection;
mod power_cut;
mod random_commands;
mod stamps;
mod storage;
mod whole_life;
