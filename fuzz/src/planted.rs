//! One planted fault in each target, so that a run can show that it reaches deep enough to find one.
//!
//! A fault looks at what the code under test gave out: a decoded field, a state that was reached. None
//! looks at the input's bytes. Without `JUSHIN_FUZZ_PLANTED` it is looked at all the same and does nothing.

use std::sync::LazyLock;

static PLANTED: LazyLock<bool> = LazyLock::new(|| std::env::var_os("JUSHIN_FUZZ_PLANTED").is_some());

/// What a planted fault says when it is found; `cargo xtask fuzz --planted` looks for it.
const MARK: &str = "planted fault";

/// Fails where faults are planted and this one was reached.
#[track_caller]
pub(crate) fn fault(reached: bool, what: &str) {
    if reached && *PLANTED {
        panic!("{MARK}: {what}");
    }
}
