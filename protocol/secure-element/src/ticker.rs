//! What the element's ticks come from.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicU64, Ordering};

/// A counter that only power-on sets back.
///
/// In date mode the element counts its own records and never asks.
pub trait Ticker: Send {
    /// Starts at zero: the element was powered on.
    fn restart(&mut self);

    /// Ticks since power-on, in the period that the element's certificate states. Never falls.
    fn ticks(&mut self) -> u64;
}

/// A ticker that ticks when it is told to. Clones share the count.
#[derive(Clone, Debug, Default)]
pub struct ManualTicker(Arc<AtomicU64>);

impl ManualTicker {
    /// A ticker at zero.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets `ticks` pass.
    pub fn advance(&self, ticks: u64) {
        self.0.fetch_add(ticks, Ordering::Relaxed);
    }
}

impl Ticker for ManualTicker {
    fn restart(&mut self) {
        self.0.store(0, Ordering::Relaxed);
    }

    fn ticks(&mut self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
