//! Delivers valid visits to the history service: written with the answer, sent until it is taken (P11).

use std::time::Duration;

use jushin_runtime::PeerError;

use crate::platform::{Platform, blocking};
use crate::refusal::Refusal;
use crate::store::rows::{DeliveredRow, OutboxRow, transact};
use crate::store::{Scan, Table};

/// Bundles that one round takes.
const ROUND: usize = 100;

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// What one round of deliveries did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Visits that the history service has taken.
    pub delivered: usize,
    /// Visits that still wait.
    pub waiting: usize,
}

impl Platform {
    /// Tries to deliver every waiting visit to the history service once.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`]. A history service that cannot be reached is no error: the visits wait.
    pub async fn deliver_once(&self) -> Result<Delivery, Refusal> {
        let mut delivery = Delivery::default();
        loop {
            let platform = self.clone();
            let scan = Scan { limit: ROUND, ..Scan::all(&[]) };
            let waiting = blocking(move || {
                transact(&*platform.inner().ports.store, |tx| Ok(tx.list::<OutboxRow>(scan)?))
            })
            .await?;
            let (found, before) = (waiting.len(), delivery.delivered);
            for (row_key, row) in waiting {
                match self.inner().ports.history.post_object("/v1/visits", row.bundle.0).await {
                    Ok(_) => {
                        self.delivered(row_key).await?;
                        delivery.delivered += 1;
                    }
                    // One that is refused does not hold up the others.
                    Err(PeerError::Refused { .. }) => {}
                    Err(PeerError::Unreachable(_)) => break,
                }
            }
            let sent = delivery.delivered - before;
            delivery.waiting = found - sent;
            if found < ROUND || sent == 0 {
                return Ok(delivery);
            }
        }
    }

    async fn delivered(&self, row_key: Vec<u8>) -> Result<(), Refusal> {
        let platform = self.clone();
        let at = self.inner().ports.clock.now();
        blocking(move || {
            transact(&*platform.inner().ports.store, |tx| {
                tx.put(&row_key, &DeliveredRow { at })?;
                tx.erase(Table::Outbox, &row_key)?;
                Ok(())
            })
        })
        .await
    }

    /// Delivers visits to the history service for ever: soon after each check-in, and again with growing
    /// pauses (1 s up to 5 min) while it does not take them. Started by the composition.
    pub async fn run_outbox(self) {
        let mut pause = FIRST_PAUSE;
        loop {
            match self.deliver_once().await {
                Ok(Delivery { waiting: 0, .. }) => {
                    pause = FIRST_PAUSE;
                    self.inner().wake.notified().await;
                }
                _ => {
                    tokio::select! {
                        () = tokio::time::sleep(pause) => pause = LONGEST_PAUSE.min(pause * 2),
                        () = self.inner().wake.notified() => {}
                    }
                }
            }
        }
    }
}
