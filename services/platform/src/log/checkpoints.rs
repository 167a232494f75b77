//! What was signed last: compare and swap, apart from the data.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use crate::store::StoreError;

/// Remembers the newest checkpoint of each log. Two nodes that seal at once, or a node that was set back to an old
/// copy of its data, meet here: only one goes on. Never restore it from a backup, never edit it.
pub trait CheckpointStore: Send + Sync {
    /// The newest checkpoint of a log.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn newest(&self, origin: &str) -> Result<Option<String>, StoreError>;

    /// Puts `note` in the place of `old`, durably.
    ///
    /// # Errors
    ///
    /// [`StoreError`], also if the newest is not `old`, or is over as many entries or more.
    fn replace(&self, origin: &str, old: Option<&str>, note: &str, size: u64) -> Result<(), StoreError>;
}

/// In an SQLite file of its own.
#[derive(Debug)]
pub struct SqliteCheckpoints(Mutex<Connection>);

const TABLE: &str = "CREATE TABLE IF NOT EXISTS signed_checkpoint (
    origin TEXT NOT NULL, size INTEGER NOT NULL, note TEXT NOT NULL, PRIMARY KEY (origin, size)
) STRICT, WITHOUT ROWID";

impl SqliteCheckpoints {
    /// Opens or makes a file.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::with(Connection::open(path)?)
    }

    /// A store that is gone when it is dropped, for tests.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::with(Connection::open_in_memory()?)
    }

    fn with(connection: Connection) -> Result<Self, StoreError> {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(TABLE)?;
        Ok(Self(Mutex::new(connection)))
    }
}

fn newest(connection: &Connection, origin: &str) -> Result<Option<(u64, String)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT size, note FROM signed_checkpoint WHERE origin = ?1 ORDER BY size DESC LIMIT 1",
    )?;
    Ok(statement.query_row(params![origin], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

impl CheckpointStore for SqliteCheckpoints {
    fn newest(&self, origin: &str) -> Result<Option<String>, StoreError> {
        let connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(newest(&connection, origin)?.map(|(_, note)| note))
    }

    fn replace(&self, origin: &str, old: Option<&str>, note: &str, size: u64) -> Result<(), StoreError> {
        let mut connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let stored = newest(&transaction, origin)?;
        if stored.as_ref().map(|(_, note)| note.as_str()) != old {
            return Err(StoreError::Failed("another checkpoint was signed meanwhile".to_owned()));
        }
        if let Some((stored, _)) = stored.filter(|(stored, _)| *stored >= size) {
            let why = format!("a checkpoint over {stored} entries is signed, {size} is no more");
            return Err(StoreError::Failed(why));
        }
        transaction.execute(
            "INSERT INTO signed_checkpoint (origin, size, note) VALUES (?1, ?2, ?3)",
            params![origin, size, note],
        )?;
        Ok(transaction.commit()?)
    }
}
