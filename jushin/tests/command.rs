//! The command as people and scripts call it: a process with arguments, lines and an exit code.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod command {
    mod bench;
    mod demo;
    mod mutation;
    mod verify;
}
mod support;
