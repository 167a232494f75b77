//! A line on stderr for whoever waits longer than two seconds.

use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Says how far something is.
pub(super) struct Progress {
    what: &'static str,
    of: usize,
    said: Mutex<Instant>,
}

impl Progress {
    pub(super) fn of(what: &'static str, of: usize) -> Self {
        Self { what, of, said: Mutex::new(instant()) }
    }

    /// So many are done.
    pub(super) fn at(&self, done: usize) {
        let Ok(mut said) = self.said.lock() else { return };
        if said.elapsed() >= Duration::from_secs(2) {
            *said = instant();
            eprintln!("{}: {done} of {}", self.what, self.of);
        }
    }
}

/// The stopwatch of whoever waits. Nothing of the story depends on it.
#[expect(clippy::disallowed_methods, reason = "how long the person at the keyboard has waited")]
pub(super) fn instant() -> Instant {
    Instant::now()
}
