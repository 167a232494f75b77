//! Clocks are arguments.

use jushin_statement::UnixMillis;

/// A wall clock. What it says is a claim and never enters a proof.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970.
    fn now(&self) -> UnixMillis;
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixMillis {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
        let now = std::time::SystemTime::now();
        let since = now.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        UnixMillis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}
