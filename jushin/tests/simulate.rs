//! What time the elements prove: over simulated weeks, on a portable terminal's day, and without a timer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod simulate {
    mod copied_rule;
    mod date_stamp;
    mod portable;
    mod weeks;
}
mod support;
