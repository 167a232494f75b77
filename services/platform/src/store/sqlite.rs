//! The store in one SQLite file.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use super::{Finish, Inserted, Scan, Store, StoreError, StoredRow, Table, Transaction};

/// Each is applied once, in order; its number is kept in `user_version`. Never edit one that was shipped.
const MIGRATIONS: [&str; 3] = [
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
    include_str!("migrations/0003.sql"),
];

/// Statements that are kept prepared: a few for each table.
const STATEMENTS: usize = 256;

/// A store in SQLite: write-ahead log, synchronised with the disk at every commit.
#[derive(Debug)]
pub struct Sqlite(Mutex<Connection>);

impl Sqlite {
    /// Opens or creates a file, readable by its owner alone: it holds keys and certificates.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the file cannot be opened, or a newer version wrote it.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        for_owner_alone(path).map_err(|error| StoreError::Failed(error.to_string()))?;
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

    fn with(mut connection: Connection) -> Result<Self, StoreError> {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "secure_delete", "ON")?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        migrate(&mut connection)?;
        Ok(Self(Mutex::new(connection)))
    }
}

/// Creates the file before SQLite does. Its log takes over the file's permissions.
fn for_owner_alone(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let done: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let done = usize::try_from(done).unwrap_or(usize::MAX);
    if done > MIGRATIONS.len() {
        return Err(StoreError::Failed(format!(
            "the file has version {done}, this program knows {}",
            MIGRATIONS.len()
        )));
    }
    for (index, migration) in MIGRATIONS.iter().enumerate().skip(done) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", i64::try_from(index + 1).unwrap_or(i64::MAX))?;
        transaction.commit()?;
    }
    Ok(())
}

impl Store for Sqlite {
    fn transact(
        &self,
        work: &mut dyn FnMut(&mut dyn Transaction) -> Result<Finish, StoreError>,
    ) -> Result<(), StoreError> {
        let mut connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if run(&mut connection, work)? {
            // The log still holds the secret until its pages are back in the file, overwritten.
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        }
        Ok(())
    }
}

/// Runs and commits; returns whether a secret was erased.
fn run(
    connection: &mut Connection,
    work: &mut dyn FnMut(&mut dyn Transaction) -> Result<Finish, StoreError>,
) -> Result<bool, StoreError> {
    let inner = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut open = Open { inner, erased_secret: false };
    match work(&mut open)? {
        Finish::Commit => open.inner.commit()?,
        Finish::RollBack => {
            open.inner.rollback()?;
            return Ok(false);
        }
    }
    Ok(open.erased_secret)
}

struct Open<'a> {
    inner: rusqlite::Transaction<'a>,
    erased_secret: bool,
}

impl Transaction for Open<'_> {
    fn insert(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<Inserted, StoreError> {
        let sql = format!(
            "INSERT INTO {0} (key, value, attempts) VALUES (?1, ?2, 1)
             ON CONFLICT (key) DO UPDATE SET attempts = {0}.attempts + 1
             RETURNING attempts, value",
            name(table)
        );
        let mut statement = self.inner.prepare_cached(&sql)?;
        let (attempts, stored): (i64, Vec<u8>) =
            statement.query_row(params![key, value], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(if attempts == 1 { Inserted::New } else { Inserted::Again(stored) })
    }

    fn read(&mut self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = format!("SELECT value FROM {} WHERE key = ?1", name(table));
        let mut statement = self.inner.prepare_cached(&sql)?;
        Ok(statement.query_row(params![key], |row| row.get(0)).optional()?)
    }

    fn scan(&mut self, table: Table, scan: Scan<'_>) -> Result<Vec<StoredRow>, StoreError> {
        let Ends { low, high, order } = Ends::of(&scan);
        // Each end is a plain comparison, or SQLite would walk over every row before it.
        let below = match &high {
            Some(High::Below(_)) => "AND key < ?2",
            Some(High::UpTo(_)) => "AND key <= ?2",
            None => "AND ?2 IS NULL",
        };
        let table = name(table);
        let sql =
            format!("SELECT key, value FROM {table} WHERE key >= ?1 {below} ORDER BY key {order} LIMIT ?3");
        let mut statement = self.inner.prepare_cached(&sql)?;
        let limit = i64::try_from(scan.limit).unwrap_or(i64::MAX);
        let high = high.map(|(High::Below(key) | High::UpTo(key))| key);
        let rows = statement.query_map(params![low, high, limit], |row| {
            Ok(StoredRow { key: row.get(0)?, value: row.get(1)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn erase(&mut self, table: Table, key: &[u8]) -> Result<(), StoreError> {
        use Table::{Injection, LogPending, Open, Outbox, Secret, Unstamped};
        if !matches!(table, Secret | Injection | Outbox | Unstamped | Open | LogPending) {
            return Err(StoreError::Failed(format!("rows of {table:?} are never erased")));
        }
        self.erased_secret |= matches!(table, Secret | Injection);
        self.inner
            .prepare_cached(&format!("DELETE FROM {} WHERE key = ?1", name(table)))?
            .execute(params![key])?;
        Ok(())
    }
}

/// From where to where a scan reads.
struct Ends<'a> {
    low: &'a [u8],
    high: Option<High>,
    order: &'static str,
}

/// The upper end of a scan.
enum High {
    Below(Vec<u8>),
    UpTo(Vec<u8>),
}

impl<'a> Ends<'a> {
    fn of(scan: &Scan<'a>) -> Self {
        let after = after_prefix(scan.prefix);
        match (scan.backwards, scan.from) {
            (false, from) => {
                let low = from.map_or(scan.prefix, |from| from.max(scan.prefix));
                Self { low, high: after.map(High::Below), order: "ASC" }
            }
            (true, Some(from)) if after.as_deref().is_none_or(|after| from < after) => {
                Self { low: scan.prefix, high: Some(High::UpTo(from.to_vec())), order: "DESC" }
            }
            (true, _) => Self { low: scan.prefix, high: after.map(High::Below), order: "DESC" },
        }
    }
}

/// The first key that does not begin with `prefix`; none if every later one does.
fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != 0xff)?;
    let mut bound = prefix.get(..=last)?.to_vec();
    *bound.last_mut()? += 1;
    Some(bound)
}

const fn name(table: Table) -> &'static str {
    match table {
        Table::Key => "platform_key",
        Table::Certificate => "certificate",
        Table::Secret => "secret",
        Table::Institution => "institution",
        Table::InstitutionKey => "institution_key",
        Table::Nonce => "nonce",
        Table::NonceSpent => "nonce_spent",
        Table::Element => "element",
        Table::ElementKey => "element_key",
        Table::Injection => "injection",
        Table::InjectionDone => "injection_done",
        Table::Terminal => "terminal",
        Table::Binding => "binding",
        Table::BindingAck => "binding_ack",
        Table::Record => "record",
        Table::Unlock => "unlock",
        Table::UnlockOfActivation => "unlock_of_activation",
        Table::Anchor => "anchor",
        Table::Visit => "visit",
        Table::Claim => "claim",
        Table::Fork => "fork",
        Table::Verdict => "verdict",
        Table::Eligibility => "eligibility",
        Table::Answer => "answer",
        Table::Revocation => "revocation",
        Table::Register => "register_row",
        Table::Person => "person",
        Table::Outbox => "outbox",
        Table::Delivered => "delivered",
        Table::Operation => "operation",
        Table::Close => "close_record",
        Table::Gap => "gap",
        Table::Unstamped => "unstamped",
        Table::Open => "open_visit",
        Table::LogOpening => "log_opening",
        Table::LogPending => "log_pending",
        Table::LogBatch => "log_batch",
        Table::LogIndex => "log_index",
        Table::LogCheckpoint => "log_checkpoint",
        Table::LogCosignature => "log_cosignature",
        Table::LogToken => "log_token",
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error.to_string())
    }
}
