//! The transparency log: whoever removes or changes a visit or a binding afterwards is found out.
//!
//! ```text
//!  visit, binding ──same transaction──► opening, pending
//!       seal:  1 batch row ─► 2 tiles, synchronised ─► 3 checkpoint store: compare and swap ─► 4 index rows
//!                                                            └── witnesses, time-stamp token
//! ```
//! An entry is a commitment: without its opening it says nothing of visit, person, place or time. Entries of
//! one batch are shuffled.
//!
//! What is signed is decided by the checkpoint store alone, which is kept apart from the data. Files are trusted
//! for nothing; they are made again from the rows if they are lost. Rows that know less than was signed stop the
//! log: a checkpoint is never taken back.

mod audit;
mod checkpoints;
mod cosign;
mod doors;
mod files;
mod prove;
mod seal;
mod stamp;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jushin_log::{KeyName as LogName, NoteCrypto, Opening, SigningKey, VerifierKey, commitment};
use jushin_runtime::Peer;
use jushin_statement::{Hash, UnixMillis};

use crate::config::{Config, Ports};
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::store::Transaction;
use crate::store::rows::{KeyRow, LogOpeningRow, LogPendingRow, Secret, key, transact};

pub use audit::{LogAlarm, LogAudit};
pub use checkpoints::{CheckpointStore, SqliteCheckpoints};
pub(crate) use doors::{checkpoint, tile};
pub use files::{FolderFiles, LogFiles, MemoryFiles};
pub use seal::Sealed;

/// Name of the log's key in the store.
const KEY: &[u8] = b"log";

/// What an entry stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entry {
    /// A visit, by its evid.
    Visit,
    /// A binding, by the hash of its payload.
    Binding,
}

impl Entry {
    const fn number(self) -> u64 {
        match self {
            Self::Visit => 1,
            Self::Binding => 2,
        }
    }

    const fn from_number(number: u64) -> Option<Self> {
        match number {
            1 => Some(Self::Visit),
            2 => Some(Self::Binding),
            _ => None,
        }
    }
}

/// What the log is given.
#[derive(Clone)]
pub struct LogPorts {
    /// Ed25519.
    pub crypto: Arc<dyn NoteCrypto>,
    /// Where tiles go.
    pub files: Arc<dyn LogFiles>,
    /// What was signed last; never in the same place as the data.
    pub checkpoints: Arc<dyn CheckpointStore>,
    /// Who cosigns.
    pub witnesses: Vec<LogWitness>,
}

impl LogPorts {
    /// Files and checkpoints that are gone when they are dropped, and no witness.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`].
    pub fn in_memory(crypto: Arc<dyn NoteCrypto>) -> Result<Self, Refusal> {
        Ok(Self {
            crypto,
            files: Arc::new(MemoryFiles::default()),
            checkpoints: Arc::new(SqliteCheckpoints::in_memory()?),
            witnesses: Vec::new(),
        })
    }
}

/// A witness (C2SP tlog-witness).
#[derive(Clone)]
pub struct LogWitness {
    /// Its key.
    pub key: VerifierKey,
    /// Where it is.
    pub peer: Peer,
}

/// The log at work.
pub(crate) struct Log {
    pub(crate) name: LogName,
    key: Arc<dyn SigningKey>,
    /// One seals at a time.
    turn: tokio::sync::Mutex<()>,
    /// Where each witness was last.
    seen: Mutex<BTreeMap<String, u64>>,
    witnesses: Vec<String>,
}

impl Log {
    /// Loads the key, or makes it at the first start.
    pub(crate) fn open(config: &Config, ports: &Ports) -> Result<Self, Refusal> {
        let unusable = |why: &str| Refusal::Log(why.to_owned());
        let name = LogName::new(&config.log_origin).map_err(|error| unusable(&error.to_string()))?;
        let crypto = &ports.log.crypto;
        let seed = transact(&*ports.store, |tx| {
            if let Some(row) = tx.find::<KeyRow>(KEY)? {
                return Ok(row.pkcs8);
            }
            let seed = zeroize::Zeroizing::new(crypto.new_seed().ok_or_else(|| unusable("no randomness"))?);
            let row = KeyRow { pkcs8: Secret::new(&seed) };
            tx.put(KEY, &row)?;
            Ok(row.pkcs8)
        })?;
        let key = crypto.key_of(&seed).ok_or_else(|| unusable("its key cannot be read"))?;
        let witnesses = ports.log.witnesses.iter().map(|witness| witness.key.to_text()).collect();
        Ok(Self { name, key, turn: tokio::sync::Mutex::default(), seen: Mutex::default(), witnesses })
    }

    /// What verifiers know the log by.
    pub(crate) fn verifier_key(&self) -> VerifierKey {
        VerifierKey::of_log(self.name.clone(), self.key.public())
    }

    /// `policy.json` with the keys of the log and its witnesses, unless the operator names keys there.
    pub(crate) fn policy(&self, configured: &[u8]) -> Result<Vec<u8>, Refusal> {
        let text = if configured.is_empty() { b"{}" } else { configured };
        let refused = |error: serde_json::Error| Refusal::TrustFile {
            name: "policy.json".to_owned(),
            why: error.to_string(),
        };
        jushin_evidence::Policy::from_json(text)
            .map_err(|error| Refusal::TrustFile { name: "policy.json".to_owned(), why: error.to_string() })?;
        let mut policy: BTreeMap<String, serde_json::Value> =
            serde_json::from_slice(text).map_err(refused)?;
        policy.entry("log_vkeys".to_owned()).or_insert_with(|| {
            let own = std::iter::once(self.verifier_key().to_text());
            own.chain(self.witnesses.iter().cloned()).collect::<Vec<_>>().into()
        });
        serde_json::to_vec(&policy).map_err(refused)
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, u64>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Platform {
    /// Puts something into the log with the transaction that stores it. Once is enough: what is known stays.
    pub(crate) fn enter(
        &self,
        tx: &mut (dyn Transaction + '_),
        entry: Entry,
        content: Hash,
        now: UnixMillis,
    ) -> Result<(), Refusal> {
        let opening = self.inner().ports.random.bytes();
        let row = LogOpeningRow { kind: entry.number(), opening, at: now };
        if tx.put(&key(&[&content]), &row)?.is_none() {
            tx.put(&key(&[&content]), &LogPendingRow { at: now })?;
        }
        Ok(())
    }

    /// The key by which anybody verifies the log's checkpoints.
    #[must_use]
    pub fn log_key(&self) -> VerifierKey {
        self.inner().log.verifier_key()
    }
}

/// What stands in the log for a content, and the content's kind.
fn opened(
    tx: &mut (dyn Transaction + '_),
    content: Hash,
) -> Result<Option<(LogOpeningRow, jushin_log::Hash)>, Refusal> {
    let row = tx.find::<LogOpeningRow>(&key(&[&content]))?;
    Ok(row.map(|row| {
        let entry = commitment(&Opening(row.opening), &content.0);
        (row, entry)
    }))
}
