//! The clock of the simulated day: it is set to the story's times and runs on from there.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jushin_runtime::Clock;
use jushin_statement::UnixMillis;

/// A clock that can be moved forward, never back.
pub struct DayClock(Mutex<Reading>);

struct Reading {
    set_to: u64,
    since: Instant,
}

impl DayClock {
    /// A clock that shows `start` (milliseconds since 1970) now.
    pub fn starting_at(start: u64) -> Self {
        Self(Mutex::new(Reading { set_to: start, since: instant() }))
    }

    /// Moves the clock to a time of the story, unless it is already past it.
    pub fn advance_to(&self, time: u64) {
        let mut reading = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = reading.now();
        *reading = Reading { set_to: now.max(time), since: instant() };
    }
}

impl Reading {
    fn now(&self) -> u64 {
        self.set_to + millis(self.since.elapsed())
    }
}

impl Clock for DayClock {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.0.lock().unwrap_or_else(PoisonError::into_inner).now())
    }
}

/// Stopwatch for the durations that the demo prints.
#[expect(clippy::disallowed_methods, reason = "the story's stopwatch and the day clock's motor")]
pub(super) fn instant() -> Instant {
    Instant::now()
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
