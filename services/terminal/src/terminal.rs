//! The terminal put together: what it holds, and what others may ask of it.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jushin_pki::Crypto;
use jushin_runtime::{Clock, Peer};
use jushin_secure_element::client::{ElementClient, ElementError, ElementTransport};
use jushin_statement::{AdminActivation, Hash, Id16, Record, Signed, Ticks, UnixMillis};
use tokio::sync::{Notify, broadcast};

use crate::anchoring::Standing;
use crate::check_in::CheckIn;
use crate::configuration::Configuration;
use crate::keep::Kept;
use crate::ports::{Ports, Reader, StaffReader, Stopwatch};
use crate::store::{Chart, Fact, OwnRecord, QueueRow, SqliteStore, Store, StoreError};
use crate::tap::{CardSession, TapTrace};

/// Listeners that lag further behind than this only miss that something changed twice.
const CHANGES_KEPT: usize = 16;

/// A reception terminal. Clones are the same terminal.
#[derive(Clone)]
pub struct Terminal(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) configuration: Configuration,
    pub(crate) reader: Arc<dyn Reader>,
    pub(crate) staff: Arc<dyn StaffReader>,
    pub(crate) platform: Peer,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) crypto: Arc<dyn Crypto>,
    pub(crate) stopwatch: Stopwatch,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) element: Mutex<ElementClient<Box<dyn ElementTransport>>>,
    pub(crate) desk: Mutex<CheckIn>,
    pub(crate) card: Mutex<Option<CardSession>>,
    pub(crate) trace: Mutex<TapTrace>,
    /// What the element showed last.
    pub(crate) ticks: Mutex<Option<Ticks>>,
    /// What the element gave out and the journal could not take yet, in order.
    pub(crate) unkept: Mutex<VecDeque<Kept>>,
    /// Whether the own clock was far from the provider's when they were last compared.
    pub(crate) clock_is_wrong: AtomicBool,
    /// This power cycle's boot record, once it is known.
    pub(crate) boot: Mutex<Option<BootSeen>>,
    /// The present unlock.
    pub(crate) standing: Mutex<Standing>,
    /// Check-ins that the present unlock still allows.
    pub(crate) remaining: Mutex<Option<u64>>,
    /// The clock's claim in the offline unlock that was shown last.
    pub(crate) offered: Mutex<Option<UnixMillis>>,
    /// Says that the page changed.
    pub(crate) changed: broadcast::Sender<()>,
    /// Says that something waits to be sent.
    pub(crate) to_send: Notify,
    /// One upload, and one activation, at a time.
    pub(crate) line: tokio::sync::Mutex<()>,
}

/// The boot record of this power cycle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BootSeen {
    pub(crate) cycle: Id16,
    pub(crate) counter: u64,
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Terminal").field(&self.0.configuration.terminal).finish()
    }
}

/// The element or the journal did not do its part.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// The element refused or is gone.
    #[error(transparent)]
    Element(#[from] ElementError),
    /// The journal failed, or the element contradicts it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The element answered with something that is no record of its own.
    #[error("the element's record is malformed: {0}")]
    Record(#[from] jushin_statement::cbor::Malformed),
    /// The work was stopped before it ended: the program is shutting down.
    #[error("the program is shutting down")]
    Stopped,
}

impl Terminal {
    /// A terminal whose journal is the SQLite file at `journal`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the journal cannot be opened.
    pub fn open(configuration: Configuration, ports: Ports, journal: &Path) -> Result<Self, StoreError> {
        Ok(Self::with_store(configuration, ports, Arc::new(SqliteStore::open(journal)?)))
    }

    /// A terminal over any store.
    #[must_use]
    pub fn with_store(configuration: Configuration, ports: Ports, store: Arc<dyn Store>) -> Self {
        let now = ports.clock.now();
        Self(Arc::new(Inner {
            configuration,
            reader: ports.reader,
            staff: ports.staff,
            platform: ports.platform,
            clock: ports.clock,
            crypto: ports.crypto,
            stopwatch: ports.stopwatch,
            store,
            element: Mutex::new(ElementClient::new(ports.element)),
            desk: Mutex::new(CheckIn::new(now)),
            card: Mutex::new(None),
            trace: Mutex::new(TapTrace::default()),
            ticks: Mutex::new(None),
            unkept: Mutex::new(VecDeque::new()),
            clock_is_wrong: AtomicBool::new(false),
            boot: Mutex::new(None),
            standing: Mutex::new(Standing::default()),
            remaining: Mutex::new(None),
            offered: Mutex::new(None),
            changed: broadcast::channel(CHANGES_KEPT).0,
            to_send: Notify::new(),
            line: tokio::sync::Mutex::new(()),
        }))
    }

    /// The element's id, once it has been enrolled.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub fn element_id(&self) -> Result<Option<Id16>, StoreError> {
        Ok(self.0.store.fact(Fact::DeviceKey)?.map(|spki| Id16::of_spki(&spki)))
    }

    /// Says each time that the desk, or today's list, has changed.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<()> {
        self.0.changed.subscribe()
    }

    /// A copy of what the desk shows.
    #[must_use]
    pub fn desk(&self) -> CheckIn {
        self.0.desk().clone()
    }

    /// Check-ins that the present unlock still allows, as the element last said.
    #[must_use]
    pub fn remaining(&self) -> Option<u64> {
        *locked(&self.0.remaining)
    }

    /// Adds a chart of the institution, or renames one.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub fn keep_chart(&self, chart: &Chart) -> Result<(), StoreError> {
        self.0.store.keep_chart(chart, self.0.now())
    }

    /// Today's list.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub fn today(&self) -> Result<Vec<QueueRow>, StoreError> {
        self.0.store.day(self.0.now())
    }

    /// Boxes that wait for a final receipt.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub fn waiting(&self) -> Result<usize, StoreError> {
        self.0.store.waiting()
    }
}

impl Inner {
    pub(crate) fn now(&self) -> UnixMillis {
        self.clock.now()
    }

    /// A clock that is a day or more from the provider's says nothing about the dates of cards. Neither of
    /// the two enters a proof.
    pub(crate) fn compare_clocks(&self, provider: UnixMillis) {
        let wrong = self.now().0.abs_diff(provider.0) >= 86_400_000;
        self.clock_is_wrong.store(wrong, Ordering::Relaxed);
    }

    pub(crate) fn desk(&self) -> MutexGuard<'_, CheckIn> {
        locked(&self.desk)
    }

    /// Asks the element how many check-ins are left.
    pub(crate) fn note_remaining(&self) {
        // An element that does not say so now says so at the next BEGIN.
        if let Ok(status) = locked(&self.element).status() {
            *locked(&self.remaining) =
                status.budget.map(|budget| if budget.ticks == 0 { 0 } else { budget.begins });
            locked(&self.standing).seen(&status, self.now());
        }
    }

    /// Runs blocking work with the element on a thread of its own.
    pub(crate) async fn with_device<T: Send + 'static, E: From<DeviceError> + Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let inner = Arc::clone(self);
        match tokio::task::spawn_blocking(move || work(&inner)).await {
            Ok(result) => result,
            Err(_) => Err(DeviceError::Stopped.into()),
        }
    }

    /// Journals what BOOT released again: a record of the element, or an unlock that a card signed.
    pub(crate) fn journal_last(&self, signed: &Signed) -> Result<(), DeviceError> {
        if signed.parse().is_ok_and(|parsed| parsed.object::<AdminActivation>().is_ok()) {
            self.journal_unlock(signed)
        } else {
            self.journal(signed).map(|_| ())
        }
    }

    /// Journals a record and remembers its ticks. Returns it decoded.
    pub(crate) fn journal(&self, signed: &Signed) -> Result<Record, DeviceError> {
        let (own, record) = own_record(signed)?;
        *locked(&self.ticks) = Some(record.link().ticks);
        self.keep(Kept::Record(own))?;
        Ok(record)
    }
}

/// A record with its counter and the hash of its payload.
pub(crate) fn own_record(signed: &Signed) -> Result<(OwnRecord, Record), DeviceError> {
    let payload = record_payload(signed)?;
    let record = Record::decode(&payload)?;
    let own = OwnRecord {
        counter: record.link().counter,
        payload_hash: Hash::of(&payload),
        signed: signed.clone(),
    };
    Ok((own, record))
}

/// The payload of a COSE_Sign1 or of a TPM's record.
fn record_payload(signed: &Signed) -> Result<Vec<u8>, DeviceError> {
    use jushin_statement::{Object as _, TpmRecord};
    if signed.as_bytes().first() == Some(&0x87) {
        return Ok(TpmRecord::decode(signed.as_bytes())?.payload.0);
    }
    Ok(signed.parse()?.payload.to_vec())
}

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
