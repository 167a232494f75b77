//! The true time, which the simulator alone knows, and the wrong clocks that the parties have.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use jushin_runtime::Clock;
use jushin_statement::UnixMillis;

/// True time in microseconds since 1970. It moves only when something takes time.
#[derive(Debug)]
pub(super) struct TrueTime(AtomicU64);

impl TrueTime {
    pub(super) const fn starting_at(microseconds: u64) -> Self {
        Self(AtomicU64::new(microseconds))
    }

    pub(super) fn now(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Something takes so many microseconds.
    pub(super) fn pass(&self, microseconds: u64) {
        self.0.fetch_add(microseconds, Ordering::Relaxed);
    }

    /// Nothing happens until then.
    pub(super) fn pass_until(&self, microseconds: u64) {
        self.0.fetch_max(microseconds, Ordering::Relaxed);
    }
}

/// A wall clock that is wrong.
pub(super) struct WrongClock {
    time: Arc<TrueTime>,
    offset_ms: AtomicI64,
}

impl WrongClock {
    pub(super) const fn new(time: Arc<TrueTime>, offset_ms: i64) -> Self {
        Self { time, offset_ms: AtomicI64::new(offset_ms) }
    }

    /// Somebody sets it.
    pub(super) fn set_wrong_by(&self, offset_ms: i64) {
        self.offset_ms.store(offset_ms, Ordering::Relaxed);
    }
}

impl Clock for WrongClock {
    fn now(&self) -> UnixMillis {
        let now = self.time.now() / 1_000;
        UnixMillis(now.saturating_add_signed(self.offset_ms.load(Ordering::Relaxed)))
    }
}

/// The clock of the time-stamping authorities: each token's time is decided before it is made, within the
/// accuracy that it states.
pub(super) struct StampClock {
    time: Arc<TrueTime>,
    /// The time of the next token in milliseconds; 0: none is decided.
    decided_ms: AtomicU64,
}

impl StampClock {
    pub(super) const fn new(time: Arc<TrueTime>) -> Self {
        Self { time, decided_ms: AtomicU64::new(0) }
    }

    /// The next token is wrong by so much, rounded to a millisecond toward the truth.
    pub(super) fn be_wrong_by(&self, microseconds: i64) {
        let wrong = self.time.now().saturating_add_signed(microseconds);
        let decided = if microseconds < 0 { wrong.div_ceil(1_000) } else { wrong / 1_000 };
        self.decided_ms.store(decided, Ordering::Relaxed);
    }

    /// No token is being made.
    pub(super) fn be_right(&self) {
        self.decided_ms.store(0, Ordering::Relaxed);
    }
}

impl Clock for StampClock {
    fn now(&self) -> UnixMillis {
        match self.decided_ms.load(Ordering::Relaxed) {
            0 => UnixMillis(self.time.now() / 1_000),
            decided => UnixMillis(decided),
        }
    }
}
