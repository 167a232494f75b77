//! The store in one SQLite file: WAL, `synchronous=FULL`.

use std::path::Path;

use jushin_statement::{Class, Hash, InstitutionCode, Status, UnixMillis};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use crate::store::{Store, StoreError, StoredVisit};

const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE visit (
        subject     BLOB NOT NULL,
        evid        BLOB NOT NULL,
        path        TEXT NOT NULL,
        institution TEXT NOT NULL,
        status      INTEGER NOT NULL,
        class       INTEGER NOT NULL,
        lo          INTEGER,
        hi          INTEGER,
        method      INTEGER NOT NULL,
        simulated   INTEGER NOT NULL,
        bundle      BLOB NOT NULL,
        received    INTEGER NOT NULL,
        attempts    INTEGER NOT NULL,
        PRIMARY KEY (subject, evid)
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX visit_path ON visit (subject, path);
    CREATE INDEX visit_time ON visit (subject, received DESC);
",
    "
    CREATE TABLE finding (
        subject     BLOB NOT NULL,
        evid        BLOB NOT NULL,
        number      INTEGER NOT NULL,
        status      INTEGER NOT NULL,
        class       INTEGER NOT NULL,
        lo          INTEGER,
        hi          INTEGER,
        bundle      BLOB NOT NULL,
        received    INTEGER NOT NULL,
        attempts    INTEGER NOT NULL,
        PRIMARY KEY (subject, evid, number)
    ) WITHOUT ROWID;
",
];

/// A visit with its newest finding: the first one stands in its own row, later ones beside it.
const VISITS: &str = "SELECT v.subject, v.evid, path, institution,
    CASE WHEN f.number IS NULL THEN v.status ELSE f.status END,
    CASE WHEN f.number IS NULL THEN v.class ELSE f.class END,
    CASE WHEN f.number IS NULL THEN v.lo ELSE f.lo END,
    CASE WHEN f.number IS NULL THEN v.hi ELSE f.hi END,
    method, simulated,
    CASE WHEN f.number IS NULL THEN v.bundle ELSE f.bundle END,
    v.received
    FROM visit v LEFT JOIN finding f ON f.subject = v.subject AND f.evid = v.evid AND f.number =
        (SELECT max(number) FROM finding WHERE finding.subject = v.subject AND finding.evid = v.evid)";

/// Visits in SQLite.
pub struct SqliteStore(Connection);

impl SqliteStore {
    /// Opens or creates a file and brings it to the newest form.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the file cannot be opened or is newer than this program.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::prepare(Connection::open(path).map_err(failed)?)
    }

    /// A store that is gone when it is dropped.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::prepare(Connection::open_in_memory().map_err(failed)?)
    }

    fn prepare(mut connection: Connection) -> Result<Self, StoreError> {
        connection
            .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;")
            .map_err(failed)?;
        let version: usize =
            connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed)?;
        let newer = MIGRATIONS.get(version..).ok_or_else(|| {
            StoreError("the file was written by a newer version of this program".to_owned())
        })?;
        for (step, migration) in newer.iter().enumerate() {
            let transaction = connection.transaction().map_err(failed)?;
            transaction.execute_batch(migration).map_err(failed)?;
            transaction.pragma_update(None, "user_version", version + step + 1).map_err(failed)?;
            transaction.commit().map_err(failed)?;
        }
        Ok(Self(connection))
    }
}

impl Store for SqliteStore {
    fn register(&mut self, visit: &StoredVisit) -> Result<StoredVisit, StoreError> {
        let transaction = self.0.transaction().map_err(failed)?;
        transaction
            .execute(
                "INSERT INTO visit (subject, evid, path, institution, status, class, lo, hi, method,
                                    simulated, bundle, received, attempts)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 1)
                 ON CONFLICT (subject, evid) DO UPDATE SET attempts = visit.attempts + 1",
                params![
                    visit.subject.0,
                    visit.evid.0,
                    visit.path,
                    visit.institution.as_str(),
                    visit.status.number(),
                    visit.class.number(),
                    visit.lo.map(|at| at.0),
                    visit.hi.map(|at| at.0),
                    visit.method,
                    visit.simulated,
                    visit.bundle,
                    visit.received.0,
                ],
            )
            .map_err(failed)?;
        let newest = |transaction: &Transaction<'_>| {
            let sql = format!("{VISITS} WHERE v.subject = ?1 AND v.evid = ?2");
            transaction.query_row(&sql, params![visit.subject.0, visit.evid.0], read).map_err(failed)
        };
        let mut kept = newest(&transaction)?;
        if visit.follows(&kept) {
            add_finding(&transaction, visit)?;
            kept = newest(&transaction)?;
        }
        transaction.commit().map_err(failed)?;
        Ok(kept)
    }

    fn known(&self, subject: Hash, evid: Hash) -> Result<Option<StoredVisit>, StoreError> {
        let sql = format!("{VISITS} WHERE v.subject = ?1 AND v.evid = ?2");
        self.0.query_row(&sql, params![subject.0, evid.0], read).optional().map_err(failed)
    }

    fn timeline(
        &self,
        subject: Hash,
        before: Option<UnixMillis>,
        limit: u32,
    ) -> Result<Vec<StoredVisit>, StoreError> {
        let before = before.map_or(i64::MAX, |at| i64::try_from(at.0).unwrap_or(i64::MAX));
        let sql = format!(
            "{VISITS} WHERE v.subject = ?1 AND v.received < ?2
             ORDER BY v.received DESC, v.evid LIMIT ?3"
        );
        let mut statement = self.0.prepare_cached(&sql).map_err(failed)?;
        let rows = statement.query_map(params![subject.0, before, limit], read).map_err(failed)?;
        rows.collect::<Result<_, _>>().map_err(failed)
    }

    fn visit(&self, subject: Hash, path: &str) -> Result<Option<StoredVisit>, StoreError> {
        let sql = format!("{VISITS} WHERE v.subject = ?1 AND path = ?2");
        self.0.query_row(&sql, params![subject.0, path], read).optional().map_err(failed)
    }
}

fn add_finding(transaction: &Transaction<'_>, visit: &StoredVisit) -> Result<(), StoreError> {
    transaction
        .execute(
            "INSERT INTO finding (subject, evid, number, status, class, lo, hi, bundle, received, attempts)
             SELECT ?1, ?2, coalesce(max(number), 0) + 1, ?3, ?4, ?5, ?6, ?7, ?8, 1
             FROM finding WHERE subject = ?1 AND evid = ?2",
            params![
                visit.subject.0,
                visit.evid.0,
                visit.status.number(),
                visit.class.number(),
                visit.lo.map(|at| at.0),
                visit.hi.map(|at| at.0),
                visit.bundle,
                visit.received.0,
            ],
        )
        .map_err(failed)?;
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "handed to map_err as it is")]
fn failed(error: rusqlite::Error) -> StoreError {
    StoreError(error.to_string())
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredVisit> {
    let text: String = row.get(3)?;
    Ok(StoredVisit {
        subject: Hash(row.get(0)?),
        evid: Hash(row.get(1)?),
        path: row.get(2)?,
        institution: InstitutionCode::new(&text).map_err(|error| unreadable(3, error))?,
        status: Status::from_number(row.get(4)?).map_err(|error| unreadable(4, error))?,
        class: Class::from_number(row.get(5)?).map_err(|error| unreadable(5, error))?,
        lo: row.get::<_, Option<u64>>(6)?.map(UnixMillis),
        hi: row.get::<_, Option<u64>>(7)?.map(UnixMillis),
        method: row.get(8)?,
        simulated: row.get(9)?,
        bundle: row.get(10)?,
        received: UnixMillis(row.get(11)?),
    })
}

fn unreadable(column: usize, error: jushin_statement::cbor::Malformed) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Blob, Box::new(error))
}
