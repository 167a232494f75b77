//! Back-pressure: so many batches at once, and not one more in memory.
//!
//! A terminal that comes back from an outage keeps what it has until a receipt settles it, so "later" costs nobody
//! anything but time. Whoever waits for a turn has not sent its body yet.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::platform::Platform;
use crate::refusal::Refusal;

/// Bodies that are read and judged at the same time: each is at most two megabytes.
const SEATS: usize = 16;
/// Requests that may wait for a seat.
const QUEUE: usize = 1_024;
/// How long one waits before it is told to come later.
const PATIENCE: Duration = Duration::from_secs(5);

/// Seats and queue of one platform.
#[derive(Debug)]
pub(crate) struct Turns {
    seats: Arc<Semaphore>,
    queue: Semaphore,
    patience: Duration,
}

impl Default for Turns {
    fn default() -> Self {
        Self { seats: Arc::new(Semaphore::new(SEATS)), queue: Semaphore::new(QUEUE), patience: PATIENCE }
    }
}

impl Turns {
    async fn take(&self) -> Result<Turn, Refusal> {
        let _place = self.queue.try_acquire().map_err(|_| Refusal::Busy)?;
        let seat = tokio::time::timeout(self.patience, Arc::clone(&self.seats).acquire_owned()).await;
        match seat {
            Ok(Ok(seat)) => Ok(Turn(seat)),
            Ok(Err(_)) | Err(_) => Err(Refusal::Busy),
        }
    }
}

/// A seat, held while the request is worked on. As an extractor it stands before the body.
#[derive(Debug)]
pub(crate) struct Turn(#[expect(dead_code, reason = "held until the answer is made")] OwnedSemaphorePermit);

impl FromRequestParts<Platform> for Turn {
    type Rejection = Refusal;

    async fn from_request_parts(_parts: &mut Parts, platform: &Platform) -> Result<Self, Refusal> {
        platform.inner().turns.take().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn impatient(seats: usize, queue: usize) -> Turns {
        Turns {
            seats: Arc::new(Semaphore::new(seats)),
            queue: Semaphore::new(queue),
            patience: Duration::ZERO,
        }
    }

    #[tokio::test]
    async fn whoever_finds_every_seat_taken_is_told_later_until_one_leaves() {
        let turns = impatient(2, 1);
        let (first, _second) = (turns.take().await.unwrap(), turns.take().await.unwrap());
        assert!(matches!(turns.take().await, Err(Refusal::Busy)));
        drop(first);
        assert!(turns.take().await.is_ok());
    }

    #[tokio::test]
    async fn a_full_queue_is_refused_at_once() {
        let turns = Turns { patience: PATIENCE, ..impatient(0, 0) };
        assert!(matches!(turns.take().await, Err(Refusal::Busy)));
    }
}
