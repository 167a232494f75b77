//! Terminal, platform and history service together, entered by HTTP bodies through their doors.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod parties {
    mod activation;
    mod bodies;
    mod closes;
    mod history_store;
    mod offline;
    mod registration;
    mod sign_in;
    mod theft;
    mod upload;
}
mod support;
