//! What chance decides. The same seed decides the same.

use std::sync::{Mutex, PoisonError};

use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore as _, SeedableRng as _};

/// One stream of chance. Whoever shares it decides in a fixed order.
pub(super) struct Chance(Mutex<ChaCha20Rng>);

impl Chance {
    /// The stream with this name.
    pub(super) fn new(seed: u64, name: u64) -> Self {
        let mut generator = ChaCha20Rng::seed_from_u64(seed);
        generator.set_stream(name);
        Self(Mutex::new(generator))
    }

    fn word(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).next_u64()
    }

    /// One of `0..end`, or 0 if that is empty.
    pub(super) fn below(&self, end: u64) -> u64 {
        let word = u128::from(self.word());
        u64::try_from((word * u128::from(end)) >> 64).unwrap_or_default()
    }

    /// One of `from..=to`.
    pub(super) fn between(&self, from: u64, to: u64) -> u64 {
        from + self.below(to.saturating_sub(from) + 1)
    }

    /// One of `from..=to`.
    pub(super) fn signed(&self, from: i64, to: i64) -> i64 {
        from.saturating_add_unsigned(self.below(to.abs_diff(from) + 1))
    }

    /// True in `percent` of 100.
    pub(super) fn percent(&self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// True in a share of all times, 0 to 1.
    pub(super) fn share(&self, share: f64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "a share of a million is fine enough")]
        let drawn = self.below(1_000_000) as f64 / 1e6;
        drawn < share
    }
}
