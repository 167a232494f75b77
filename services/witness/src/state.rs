//! What the witness saw last of each log. Rows are only added; the newest counts.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use jushin_log::WitnessState;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use crate::Failure;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS seen (
    origin TEXT NOT NULL, step INTEGER NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL,
    PRIMARY KEY (origin, step)
) STRICT, WITHOUT ROWID";

pub(crate) struct States(Mutex<Connection>);

/// The newest row of a log.
struct Row {
    step: u64,
    state: WitnessState,
    note: String,
}

impl States {
    pub(crate) fn open(file: &Path) -> rusqlite::Result<Self> {
        Self::with(Connection::open(file)?)
    }

    pub(crate) fn in_memory() -> rusqlite::Result<Self> {
        Self::with(Connection::open_in_memory()?)
    }

    fn with(connection: Connection) -> rusqlite::Result<Self> {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(TABLE)?;
        Ok(Self(Mutex::new(connection)))
    }

    /// Reads, decides and writes in one transaction, and gives what `decide` gave only after the commit.
    pub(crate) fn step<T>(
        &self,
        origin: &str,
        decide: impl FnOnce(Option<WitnessState>) -> Result<(WitnessState, String, T), Failure>,
    ) -> Result<T, Failure> {
        let mut connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let last = newest(&transaction, origin)?;
        let (state, note, result) = decide(last.as_ref().map(|row| row.state))?;
        // The same again says nothing new: whoever repeats it fills no disk.
        if last.as_ref().map(|row| row.state) != Some(state) {
            let step = last.map_or(0, |row| row.step + 1);
            transaction.execute(
                "INSERT INTO seen (origin, step, size, root, note) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![origin, step, state.size, state.root, note],
            )?;
        }
        transaction.commit()?;
        Ok(result)
    }

    pub(crate) fn newest(&self, origin: &str) -> rusqlite::Result<Option<String>> {
        let connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(newest(&connection, origin)?.map(|row| row.note))
    }
}

fn newest(connection: &Connection, origin: &str) -> rusqlite::Result<Option<Row>> {
    let mut statement = connection.prepare_cached(
        "SELECT step, size, root, note FROM seen WHERE origin = ?1 ORDER BY step DESC LIMIT 1",
    )?;
    let row = |row: &rusqlite::Row<'_>| {
        let state = WitnessState { size: row.get(1)?, root: row.get(2)? };
        Ok(Row { step: row.get(0)?, state, note: row.get(3)? })
    };
    statement.query_row(params![origin], row).optional()
}
