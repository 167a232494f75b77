//! Sending the journal to the platform, and what comes back (P6). The terminal is the queue.

use std::time::Duration;

use jushin_runtime::PeerError;
use jushin_statement::cbor::Malformed;
use jushin_statement::{Batch, BatchAck, Embedded, Hash, Id16, MEDIA_TYPE, Object, ReceiptPoll, Sealed};

use crate::check_in::{Event, State};
use crate::power_on::{PowerOnError, PoweredOn};
use crate::receipt::{ReceiptChecker, ReceiptRefused};
use crate::store::StoreError;
use crate::terminal::{DeviceError, Terminal};

/// Boxes in one batch: about a quarter of a megabyte.
pub(crate) const BOXES: usize = 64;
/// Records and anchors in one batch, beside its boxes.
pub(crate) const RECORDS: usize = 256;
pub(crate) const ANCHORS: usize = 64;
/// First and longest pause between tries.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// What one round of sending did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Synced {
    /// Batches that a verified receipt answered.
    pub batches: usize,
    /// Visits that got a final answer.
    pub settled: usize,
    /// Boxes that still wait.
    pub waiting: usize,
}

/// Sending stopped; nothing is lost, and it is tried again.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// Not enrolled yet.
    #[error("this terminal is not enrolled yet")]
    NotEnrolled,
    /// The platform is away or refuses.
    #[error("sending to the platform: {0}")]
    Platform(#[from] PeerError),
    /// The platform's answer is malformed.
    #[error("the platform's answer is malformed: {0}")]
    Answer(#[from] Malformed),
    /// The platform's answer does not count.
    #[error(transparent)]
    Refused(#[from] ReceiptRefused),
    /// The pinned key is none. The configuration is at fault.
    #[error("the pinned receipt key is unusable")]
    PinnedKey,
    /// Journal.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The element, or the journal.
    #[error(transparent)]
    Device(#[from] DeviceError),
}

impl Terminal {
    /// Sends what waits, in order, and asks again for visits that are not final. After a spell without
    /// network it closes the chain.
    ///
    /// # Errors
    ///
    /// [`SyncError`]; whatever was acknowledged before stays acknowledged.
    pub async fn sync(&self) -> Result<Synced, SyncError> {
        let _line = self.0.line.lock().await;
        let element = self.element_id()?.ok_or(SyncError::NotEnrolled)?;
        self.note_spell()?;
        let mut synced = self.send_boxes(element).await?;
        if self.close_is_due()? {
            synced.batches += usize::from(self.close_chain(element).await?.is_some());
        } else if self.has_strays()? && self.send_strays(element).await? {
            synced.batches += 1;
        }
        synced.settled += self.ask_about_open(element).await?;
        Ok(synced)
    }

    /// Sends the boxes alone: while a patient waits at the desk, nothing else has to be sent.
    ///
    /// # Errors
    ///
    /// As [`Terminal::sync`].
    pub(crate) async fn sync_boxes(&self) -> Result<Synced, SyncError> {
        let _line = self.0.line.lock().await;
        let element = self.element_id()?.ok_or(SyncError::NotEnrolled)?;
        self.note_spell()?;
        self.send_boxes(element).await
    }

    async fn send_boxes(&self, element: Id16) -> Result<Synced, SyncError> {
        let mut synced = Synced::default();
        let mut from = 0;
        loop {
            let boxes = self.0.store.boxes_to_send(from, BOXES)?;
            let Some(last) = boxes.last() else { break };
            // A platform that answers "later" has it all the same; the next round asks.
            from = last.counter + 1;
            if let Some(answer) = self.send(element, &boxes).await? {
                synced.batches += 1;
                synced.settled += self.take_answer(element, &answer)?;
            }
        }
        if let Some((first, last)) = self.0.store.undecided()? {
            let poll = ReceiptPoll { element, lo: first, hi: last + 1 };
            if let Some(answer) = self.ask("/v1/receipts", poll.encode()).await? {
                synced.settled += self.take_answer(element, &answer)?;
            }
        }
        synced.waiting = self.waiting()?;
        Ok(synced)
    }

    pub(crate) async fn send(&self, element: Id16, boxes: &[Sealed]) -> Result<Option<BatchAck>, SyncError> {
        let anchors = self.0.store.anchors_to_deliver(ANCHORS)?;
        let batch = Batch {
            element,
            records: self.0.store.records_to_deliver(RECORDS)?,
            anchors: anchors.iter().map(|(_, anchor)| Embedded(anchor.clone())).collect(),
            boxes: boxes.to_vec(),
            close: None,
        };
        let answer = self.ask("/v1/batches", batch.encode()).await?;
        if answer.is_some() {
            for (hash, _) in anchors {
                self.0.store.anchor_delivered(hash)?;
            }
        }
        Ok(answer)
    }

    /// Posts and reads a batch-ack; `None` if the platform says "later".
    pub(crate) async fn ask(&self, path: &str, body: Vec<u8>) -> Result<Option<BatchAck>, SyncError> {
        let reply = self.0.platform.post(path, MEDIA_TYPE, body).await?;
        match reply.status.as_u16() {
            202 => Ok(None),
            _ => Ok(Some(BatchAck::decode(&reply.success()?)?)),
        }
    }

    /// Checks an answer, keeps it, frees the boxes that it settles, and tells the desk.
    pub(crate) fn take_answer(&self, element: Id16, answer: &BatchAck) -> Result<usize, SyncError> {
        let store = &*self.0.store;
        let key = &self.0.configuration.platform_keys.receipt;
        let checker =
            ReceiptChecker::new(&*self.0.crypto, key, element, store).map_err(|_| SyncError::PinnedKey)?;
        let accepted = checker.check(answer)?;
        let before = self.waiting()?;
        store.accept(&accepted, self.0.now())?;
        for answer in &accepted.answers {
            self.announce(answer)?;
        }
        Ok(before.saturating_sub(self.waiting()?))
    }

    /// Unlocks at power-on and after an outage, sends what waits, renews anchors between patients. Never ends.
    pub async fn run_background(&self) {
        let mut pause = FIRST_PAUSE;
        loop {
            tokio::select! {
                () = self.0.to_send.notified() => pause = FIRST_PAUSE,
                () = tokio::time::sleep(pause) => {}
            }
            let done = self.background_round().await;
            pause = if done { FIRST_PAUSE } else { self.longer(pause) };
        }
    }

    /// Twice as long, and a little more that differs from terminal to terminal: after an outage of the
    /// platform they do not all come back in the same second.
    fn longer(&self, pause: Duration) -> Duration {
        let [own, ..] = self.0.configuration.terminal.0;
        (pause * 2 + pause * u32::from(own) / 256).min(LONGEST_PAUSE)
    }

    /// One round; false if the platform was away, or something is left that a later round must ask about.
    pub async fn background_round(&self) -> bool {
        // A card unlocked this power cycle: an anchor over the network closes the windows, and comes first.
        let unlock = self.desk().waits_for_unlock() || self.0.waits_for_anchor().unwrap_or_default();
        let locked = unlock && self.unlock_again().await.is_err();
        // A terminal that is not unlocked, or was taken out of use, still sends what it has.
        if self.something_is_due().unwrap_or_default() && self.sync().await.is_err() || locked {
            return false;
        }
        self.perform(Event::Idle).await;
        self.keep_anchored().await;
        // What only a later token settles is asked about more and more rarely.
        !self.has_open_visits().unwrap_or_default()
    }

    fn something_is_due(&self) -> Result<bool, StoreError> {
        let enrolled = self.element_id()?.is_some();
        Ok(enrolled
            && (self.waiting()? > 0
                || self.has_strays()?
                || self.has_open_visits()?
                || self.close_is_due()?))
    }

    /// A suspended terminal may have a new binding by now.
    async fn unlock_again(&self) -> Result<PoweredOn, PowerOnError> {
        if *self.desk().state() == State::Suspended
            && let Some(element) = self.element_id()?
        {
            self.fetch_binding(element).await?;
        }
        self.power_on().await
    }

    /// The visits that wait for a final answer, by hash: for the operator.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub fn waiting_visits(&self) -> Result<Vec<Hash>, StoreError> {
        self.0.store.waiting_visits()
    }
}
