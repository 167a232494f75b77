//! What is going on, for whoever waits: a line on standard error every two seconds, none for short work.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::limit::now;

const EVERY: Duration = Duration::from_secs(2);

/// One piece of work of known size.
pub(super) struct Progress<'a> {
    what: &'a str,
    total: usize,
    done: AtomicUsize,
    said: Mutex<Instant>,
}

impl<'a> Progress<'a> {
    pub(super) fn new(what: &'a str, total: usize) -> Self {
        Self { what, total, done: AtomicUsize::new(0), said: Mutex::new(now()) }
    }

    /// One more is done.
    pub(super) fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.elapsed() >= EVERY {
            *said = now();
            eprintln!("  {done} of {} {}", self.total, self.what);
        }
    }
}
