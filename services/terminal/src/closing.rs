//! The close (P6): when a spell without network is over, and in the evening, the element states the head of
//! its chain over a number of the platform's. The token that the platform gets over it is the upper end of
//! every visit before.
//!
//! ```text
//!  boxes ─► gap-query ─► CLOSE ─► batch with records and close ─► receipt up to the close ─► later receipts
//! ```
//! Each step may be the last one for now; the next round goes on where this one stopped. A close that is
//! lost costs a counter value: the record is kept and sent like every other.

use jushin_runtime::PeerError;
use jushin_secure_element::StatusWord;
use jushin_secure_element::client::ElementError;
use jushin_statement::cbor::{Malformed, Writer};
use jushin_statement::{
    Anchor, Batch, BatchAck, Bytes, Embedded, GapQuery, Id16, MEDIA_TYPE, Object as _, ReceiptPoll, Signed,
    TickKind, TickSpec,
};

use crate::store::{Fact, StoreError};
use crate::terminal::{DeviceError, Inner, Terminal, locked, own_record};
use crate::upload::{ANCHORS, BOXES, RECORDS, SyncError, Synced};

impl Terminal {
    /// Sends what waits and closes the chain: in the evening, or before the terminal goes on a journey.
    ///
    /// # Errors
    ///
    /// [`SyncError`]; whatever was acknowledged before stays acknowledged.
    pub async fn close_day(&self) -> Result<Synced, SyncError> {
        self.0.store.keep_fact(Fact::Spell, &[1])?;
        self.sync().await
    }

    /// Visits have an answer that names no upper end yet.
    pub(crate) fn has_open_visits(&self) -> Result<bool, StoreError> {
        Ok(!self.0.store.open_visits(0, 1)?.is_empty())
    }

    /// Records or anchors wait that no box will carry.
    pub(crate) fn has_strays(&self) -> Result<bool, StoreError> {
        let store = &self.0.store;
        Ok(!store.records_to_deliver(1)?.is_empty() || !store.anchors_to_deliver(1)?.is_empty())
    }

    /// Notes, before anything is sent, that a spell without network has to be closed afterwards: more than
    /// one visit waits, or an administrator's card unlocked meanwhile.
    pub(crate) fn note_spell(&self) -> Result<(), StoreError> {
        let store = &self.0.store;
        let offline = |anchor: &Anchor| matches!(anchor, Anchor::Offline { .. });
        let spell = store.boxes_to_send(0, 2)?.len() > 1
            || store.anchors_to_deliver(ANCHORS)?.iter().any(|(_, anchor)| offline(anchor));
        if spell { store.keep_fact(Fact::Spell, &[1]) } else { Ok(()) }
    }

    /// Whether only a close settles what is left.
    pub(crate) fn close_is_due(&self) -> Result<bool, StoreError> {
        let store = &self.0.store;
        if is_set(store.fact(Fact::Close)?) || is_set(store.fact(Fact::Spell)?) {
            return Ok(true);
        }
        // An element without a timer has open visits all day: its evening anchor closes them.
        let timer = store.fact(Fact::Clock)?.and_then(|clock| TickSpec::decode(&clock).ok());
        let timer = timer.is_some_and(|clock| clock.kind == TickKind::Time);
        Ok(timer && !store.open_visits(self.closed()?.saturating_add(1), 1)?.is_empty())
    }

    /// Counter of the last close that a receipt covers; 0 before the first.
    fn closed(&self) -> Result<u64, StoreError> {
        let fact = self.0.store.fact(Fact::Closed)?;
        Ok(fact.and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes))
    }

    /// Asks, closes, sends. `None`: not now, the element is busy or has closed for ever.
    pub(crate) async fn close_chain(&self, element: Id16) -> Result<Option<BatchAck>, SyncError> {
        loop {
            let (records, anchors) =
                (self.0.store.records_to_deliver(RECORDS)?, self.0.store.anchors_to_deliver(ANCHORS)?);
            if records.len() < RECORDS && anchors.len() < ANCHORS {
                break;
            }
            let sent = self.send_strays(element).await?;
            // A platform that acknowledges nothing of it gets no close either.
            if !sent || self.0.store.records_to_deliver(1)?.first() == records.first() && !records.is_empty()
            {
                return Ok(None);
            }
        }
        let Some(close) = self.pending_close(element).await? else { return Ok(None) };
        let (own, _) = own_record(&close)?;
        match self.send_close(element, &close).await {
            Ok(Some(answer)) => {
                self.take_answer(element, &answer)?;
                self.0.store.keep_fact(Fact::Closed, &own.counter.to_be_bytes())?;
                self.0.store.keep_fact(Fact::Spell, &[])?;
                self.0.store.keep_fact(Fact::Close, &[])?;
                Ok(Some(answer))
            }
            Ok(None) => Ok(None),
            Err(SyncError::Platform(error)) => {
                if let PeerError::Refused { status, .. } = &error
                    && status.is_client_error()
                {
                    // Too old, or not what the platform expects any more: the record stays, another close follows.
                    self.0.store.keep_fact(Fact::Close, &[])?;
                }
                Err(error.into())
            }
            Err(error) => Err(error),
        }
    }

    /// The close that was made and not acknowledged, or a new one over a number of the platform's.
    async fn pending_close(&self, element: Id16) -> Result<Option<Signed>, SyncError> {
        if let Some(close) = self.0.store.fact(Fact::Close)?.filter(|close| !close.is_empty()) {
            return Ok(Some(Signed(Bytes(close))));
        }
        let mut body = Writer::new();
        body.bytes(&element.0);
        let query =
            self.0.platform.post("/v1/gap-queries", MEDIA_TYPE, body.into_bytes()).await?.success()?;
        let query = GapQuery::decode(&query)?;
        if query.element != element {
            return Err(Malformed::Value { field: "element of the gap query" }.into());
        }
        Ok(self.0.with_device(move |inner| inner.close(&query)).await?)
    }

    async fn send_close(&self, element: Id16, close: &Signed) -> Result<Option<BatchAck>, SyncError> {
        let anchors = self.0.store.anchors_to_deliver(ANCHORS)?;
        let mut records = self.0.store.records_to_deliver(RECORDS)?;
        records.retain(|record| record != close);
        let batch = Batch {
            element,
            records,
            anchors: anchors.iter().map(|(_, anchor)| Embedded(anchor.clone())).collect(),
            boxes: Vec::new(),
            close: Some(close.clone()),
        };
        let answer = self.ask("/v1/batches", batch.encode()).await?;
        if answer.is_some() {
            for (hash, _) in anchors {
                self.0.store.anchor_delivered(hash)?;
            }
        }
        Ok(answer)
    }

    /// Sends records that no box carries: boots, sessions that were given up, stamps. False: "later".
    pub(crate) async fn send_strays(&self, element: Id16) -> Result<bool, SyncError> {
        let Some(answer) = self.send(element, &[]).await? else { return Ok(false) };
        self.take_answer(element, &answer)?;
        Ok(true)
    }

    /// Asks about visits without an upper end; returns how many have one now.
    pub(crate) async fn ask_about_open(&self, element: Id16) -> Result<usize, SyncError> {
        let mut from = 0;
        let mut settled = 0;
        loop {
            let page = self.0.store.open_visits(from, BOXES)?;
            let (Some(first), Some(last)) = (page.first(), page.last()) else { return Ok(settled) };
            from = last.saturating_add(1);
            let poll = ReceiptPoll { element, lo: *first, hi: from };
            if let Some(answer) = self.ask("/v1/receipts", poll.encode()).await? {
                self.take_answer(element, &answer)?;
            }
            let left = self.0.store.open_visits(*first, BOXES)?;
            settled += page.iter().filter(|counter| !left.contains(counter)).count();
        }
    }
}

impl Inner {
    /// The element's close, journalled before it is sent.
    fn close(&self, query: &GapQuery) -> Result<Option<Signed>, DeviceError> {
        let mut element = locked(&self.element);
        // With nothing new there is nothing after the last close but the last close itself.
        let lo = query.lo.min(element.status()?.counter);
        let made = element.close(query.nonce, lo, query.hi);
        drop(element);
        let close = match made {
            Ok(close) => close,
            // A card session is open, or the element was retired and has closed for ever.
            Err(error) if is_busy(&error) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        self.journal(&close)?;
        self.store.keep_fact(Fact::Close, close.as_bytes())?;
        Ok(Some(close))
    }
}

fn is_busy(error: &ElementError) -> bool {
    error.status() == Some(StatusWord::WrongState)
}

fn is_set(fact: Option<Vec<u8>>) -> bool {
    fact.is_some_and(|value| !value.is_empty())
}
