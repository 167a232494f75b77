//! The store on SQLite.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jushin_statement::{Anchor, Bytes, Hash, Object, Pid, PidScheme, Sealed, Signed, Status, UnixMillis};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use super::day;
use super::{
    AcceptedReceipt, Chart, Fact, JournalEntry, OwnRecord, QueueRow, Store, StoreError, VisitAnswer,
};

pub(super) const DAY_MILLIS: u64 = 86_400_000;
pub(super) const JAPAN_MILLIS: u64 = 9 * 3_600_000;

/// Version of the tables, kept in `user_version`.
const VERSION: i64 = 2;

/// One database file, written through to the disk at every commit.
#[derive(Debug)]
pub struct SqliteStore(Mutex<Connection>);

impl SqliteStore {
    /// Opens or creates the file.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open(path)?;
        durable(&connection)?;
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        match (version, tables) {
            (VERSION, _) => {}
            (0, 0) => connection.execute_batch(&format!(
                "BEGIN IMMEDIATE; {} PRAGMA user_version = {VERSION}; COMMIT;",
                include_str!("schema.sql")
            ))?,
            // What is due in such a file is not known here: to open it would withhold records.
            (found, _) => return Err(StoreError::OtherVersion { found, known: VERSION }),
        }
        Ok(Self(Mutex::new(connection)))
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        let result = work(&transaction)?;
        transaction.commit()?;
        Ok(result)
    }
}

/// What a commit means here: the bytes are on the disk, and deleted rows are overwritten.
pub(super) fn durable(connection: &Connection) -> Result<(), StoreError> {
    connection
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;")?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(())
}

impl Store for SqliteStore {
    fn fact(&self, fact: Fact) -> Result<Option<Vec<u8>>, StoreError> {
        let query = "SELECT value FROM fact WHERE name = ?1";
        Ok(self.connection().query_row(query, [fact.name()], |row| row.get(0)).optional()?)
    }

    fn keep_fact(&self, fact: Fact, value: &[u8]) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO fact (name, value, attempts) VALUES (?1, ?2, 1)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value, attempts = attempts + 1",
                params![fact.name(), value],
            )?;
            Ok(())
        })
    }

    fn keep_record(&self, record: &OwnRecord) -> Result<(), StoreError> {
        self.write(|transaction| keep_due_record(transaction, record))
    }

    fn record_hash(&self, counter: u64) -> Result<Option<Hash>, StoreError> {
        let query = "SELECT payload_hash FROM record WHERE counter = ?1";
        let found: Option<Vec<u8>> =
            self.connection().query_row(query, [number(counter)], |row| row.get(0)).optional()?;
        found.map(|bytes| hash(&bytes)).transpose()
    }

    fn records_to_deliver(&self, limit: usize) -> Result<Vec<Signed>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT signed FROM record_due JOIN record USING (counter) ORDER BY counter LIMIT ?1",
        )?;
        let rows = statement.query_map([rows(limit)], |row| row.get::<_, Vec<u8>>(0))?;
        Ok(rows.map(|row| row.map(|bytes| Signed(Bytes(bytes)))).collect::<Result<_, _>>()?)
    }

    fn record_delivered(&self, counter: u64) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction.execute("DELETE FROM record_due WHERE counter = ?1", [number(counter)])?;
            Ok(())
        })
    }

    fn keep_anchor(&self, stamp2: &OwnRecord, hash: Hash, anchor: &Anchor) -> Result<(), StoreError> {
        self.write(|transaction| {
            keep_due_record(transaction, stamp2)?;
            keep_anchor(transaction, hash, stamp2.counter, anchor)
        })
    }

    fn keep_unlock(&self, record: &OwnRecord, anchor: &Anchor) -> Result<(), StoreError> {
        self.write(|transaction| {
            keep_record(transaction, record)?;
            keep_anchor(transaction, record.signed.imprint(), record.counter, anchor)
        })
    }

    fn anchors_to_deliver(&self, limit: usize) -> Result<Vec<(Hash, Anchor)>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT hash, encoded FROM anchor_due JOIN anchor USING (counter, hash) ORDER BY counter LIMIT ?1",
        )?;
        let rows = statement
            .query_map([rows(limit)], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
        rows.map(|row| {
            let (name, encoded) = row?;
            let anchor = Anchor::decode(&encoded).map_err(|_| StoreError::Malformed("anchor"))?;
            Ok((hash(&name)?, anchor))
        })
        .collect()
    }

    fn anchor_delivered(&self, hash: Hash) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction.execute(
                "DELETE FROM anchor_due
                 WHERE hash = ?1 AND counter = (SELECT counter FROM anchor WHERE hash = ?1)",
                [hash.0],
            )?;
            Ok(())
        })
    }

    fn keep_visit(&self, entry: &JournalEntry) -> Result<(), StoreError> {
        self.write(|transaction| {
            keep_record(transaction, &entry.commit)?;
            transaction.execute(
                "INSERT INTO visit (evid, counter, presence, committed, method, at, attempts)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1)
                 ON CONFLICT (evid) DO UPDATE SET attempts = attempts + 1",
                params![
                    entry.evid.0,
                    number(entry.counter),
                    entry.presence,
                    entry.commit.signed.as_bytes(),
                    number(entry.method.number()),
                    number(entry.at.0)
                ],
            )?;
            transaction.execute(
                "INSERT INTO box (counter, evid, enc, ciphertext) VALUES (?1, ?2, ?3, ?4)",
                params![
                    number(entry.sealed.counter),
                    entry.sealed.evid.0,
                    entry.sealed.enc.0,
                    entry.sealed.ciphertext.0
                ],
            )?;
            Ok(())
        })
    }

    fn waiting_visits(&self) -> Result<Vec<Hash>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached("SELECT evid FROM box ORDER BY counter")?;
        let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
        rows.map(|row| hash(&row?)).collect()
    }

    fn waiting(&self) -> Result<usize, StoreError> {
        let count =
            self.connection().query_row("SELECT count(*) FROM box", [], |row| row.get::<_, i64>(0))?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    fn boxes_to_send(&self, from: u64, limit: usize) -> Result<Vec<Sealed>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT counter, evid, enc, ciphertext FROM box
             WHERE counter >= ?1 AND NOT EXISTS (SELECT 1 FROM answer WHERE answer.evid = box.evid)
             ORDER BY counter LIMIT ?2",
        )?;
        let boxes = statement.query_map(params![number(from), rows(limit)], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?, row.get(2)?, row.get(3)?))
        })?;
        boxes
            .map(|row| {
                let (counter, evid, enc, ciphertext) = row?;
                Ok(Sealed {
                    counter: unsigned(counter)?,
                    evid: hash(&evid)?,
                    enc: Bytes(enc),
                    ciphertext: Bytes(ciphertext),
                })
            })
            .collect()
    }

    fn undecided(&self) -> Result<Option<(u64, u64)>, StoreError> {
        let ends: (Option<i64>, Option<i64>) = self.connection().query_row(
            "SELECT min(counter), max(counter) FROM box
             WHERE EXISTS (SELECT 1 FROM answer WHERE answer.evid = box.evid)",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        match ends {
            (Some(first), Some(last)) => Ok(Some((unsigned(first)?, unsigned(last)?))),
            _ => Ok(None),
        }
    }

    fn open_visits(&self, from: u64, limit: usize) -> Result<Vec<u64>, StoreError> {
        let connection = self.connection();
        let mut statement = connection
            .prepare_cached("SELECT counter FROM open_due WHERE counter >= ?1 ORDER BY counter LIMIT ?2")?;
        let counters = statement.query_map(params![number(from), rows(limit)], |row| row.get::<_, i64>(0))?;
        counters.map(|counter| unsigned(counter?)).collect()
    }

    fn visit_at(&self, counter: u64) -> Result<Option<Hash>, StoreError> {
        let query = "SELECT evid FROM visit WHERE counter = ?1";
        let found: Option<Vec<u8>> =
            self.connection().query_row(query, [number(counter)], |row| row.get(0)).optional()?;
        found.map(|bytes| hash(&bytes)).transpose()
    }

    fn accept(&self, receipt: &AcceptedReceipt, at: UnixMillis) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO receipt (hash, signed, at, attempts) VALUES (?1, ?2, ?3, 1)
                 ON CONFLICT (hash) DO UPDATE SET attempts = attempts + 1",
                params![receipt.hash.0, receipt.signed.as_bytes(), number(at.0)],
            )?;
            for (from, to) in &receipt.acknowledged {
                transaction.execute(
                    "DELETE FROM record_due WHERE counter BETWEEN ?1 AND ?2",
                    params![number(*from), number(*to)],
                )?;
            }
            for answer in &receipt.answers {
                keep_answer(transaction, receipt.hash, answer, receipt.at)?;
                if answer.status != Status::Indeterminate {
                    transaction.execute(
                        "DELETE FROM box WHERE counter = ?1 AND evid = ?2",
                        params![number(answer.counter), answer.evid.0],
                    )?;
                }
                let open = if answer.status == Status::OpenEnded {
                    "INSERT INTO open_due (counter) VALUES (?1) ON CONFLICT (counter) DO NOTHING"
                } else {
                    "DELETE FROM open_due WHERE counter = ?1"
                };
                transaction.execute(open, [number(answer.counter)])?;
            }
            Ok(())
        })
    }

    fn answer(&self, evid: Hash) -> Result<Option<VisitAnswer>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare(
            "SELECT visit.counter, status, stopped, scheme, epoch, value, verdict, eligibility
             FROM answer JOIN visit ON visit.evid = answer.evid
             WHERE answer.evid = ?1 ORDER BY answer.at DESC LIMIT 1",
        )?;
        let mut rows = statement.query([evid.0])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let pid = match row.get::<_, Option<i64>>(3)? {
            None => None,
            Some(scheme) => Some(Pid {
                scheme: PidScheme::from_number(unsigned(scheme)?)
                    .map_err(|_| StoreError::Malformed("pseudonym"))?,
                epoch: unsigned(row.get(4)?)?,
                value: hash(&row.get::<_, Vec<u8>>(5)?)?,
            }),
        };
        let signed = |bytes: Option<Vec<u8>>| bytes.map(|bytes| Signed(Bytes(bytes)));
        Ok(Some(VisitAnswer {
            evid,
            counter: unsigned(row.get(0)?)?,
            status: status(row.get(1)?)?,
            stopped: row.get(2)?,
            pid,
            verdict: signed(row.get(6)?),
            eligibility: signed(row.get(7)?),
        }))
    }

    fn chart_of(&self, pid: &Pid, evid: Hash) -> Result<Option<(Chart, Option<UnixMillis>)>, StoreError> {
        let connection = self.connection();
        let found = connection
            .query_row(
                "SELECT chart.number, name, kana FROM chart_pid
                 JOIN chart ON chart.number = chart_pid.number
                 WHERE scheme = ?1 AND epoch = ?2 AND value = ?3",
                params![number(pid.scheme.number()), number(pid.epoch), pid.value.0],
                |row| chart(row, 0),
            )
            .optional()?;
        let Some(chart) = found else { return Ok(None) };
        let last: Option<i64> = connection.query_row(
            "SELECT max(visit.at) FROM visit
             JOIN answer ON answer.evid = visit.evid
             JOIN chart_pid ON chart_pid.scheme = answer.scheme AND chart_pid.epoch = answer.epoch
               AND chart_pid.value = answer.value
             WHERE chart_pid.number = ?1
               AND visit.counter < (SELECT counter FROM visit WHERE evid = ?2)",
            params![chart.number, evid.0],
            |row| row.get(0),
        )?;
        let last = last.map(unsigned).transpose()?.map(UnixMillis);
        Ok(Some((chart, last)))
    }

    fn keep_chart(&self, chart: &Chart, at: UnixMillis) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO chart (number, name, kana, at, attempts) VALUES (?1, ?2, ?3, ?4, 1)
                 ON CONFLICT (number) DO UPDATE
                 SET name = excluded.name, kana = excluded.kana, attempts = attempts + 1",
                params![chart.number, chart.name, chart.kana, number(at.0)],
            )?;
            Ok(())
        })
    }

    fn chart(&self, number: &str) -> Result<Option<Chart>, StoreError> {
        let query = "SELECT number, name, kana FROM chart WHERE number = ?1";
        Ok(self.connection().query_row(query, [number], |row| chart(row, 0)).optional()?)
    }

    fn link(&self, pid: &Pid, chart: &str, at: UnixMillis) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO chart_pid (scheme, epoch, value, number, at, attempts)
                 VALUES (?1, ?2, ?3, ?4, ?5, 1)
                 ON CONFLICT (scheme, epoch, value) DO UPDATE SET attempts = attempts + 1",
                params![number(pid.scheme.number()), number(pid.epoch), pid.value.0, chart, number(at.0)],
            )?;
            let leads_to: String = transaction.query_row(
                "SELECT number FROM chart_pid WHERE scheme = ?1 AND epoch = ?2 AND value = ?3",
                params![number(pid.scheme.number()), number(pid.epoch), pid.value.0],
                |row| row.get(0),
            )?;
            if leads_to == chart { Ok(()) } else { Err(StoreError::AlreadyLinked(leads_to)) }
        })
    }

    fn waiting_number(&self, evid: Hash, at: UnixMillis) -> Result<u64, StoreError> {
        let today = number((at.0 + JAPAN_MILLIS) / DAY_MILLIS);
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO waiting (evid, day, number, attempts)
                 SELECT ?1, ?2, 1 + coalesce(max(number), 0), 1 FROM waiting WHERE day = ?2
                 ON CONFLICT (evid) DO UPDATE SET attempts = attempts + 1",
                params![evid.0, today],
            )?;
            let query = "SELECT number FROM waiting WHERE evid = ?1";
            unsigned(transaction.query_row(query, [evid.0], |row| row.get(0))?)
        })
    }

    fn name_chart(&self, evid: Hash, chart: &str, at: UnixMillis) -> Result<(), StoreError> {
        self.write(|transaction| day::name_chart(transaction, evid, chart, at))
    }

    fn named_chart(&self, evid: Hash) -> Result<Option<Chart>, StoreError> {
        day::named_chart(&self.connection(), evid)
    }

    fn day(&self, at: UnixMillis) -> Result<Vec<QueueRow>, StoreError> {
        day::list(&self.connection(), at)
    }
}

/// Keeps a record that is to be sent by itself.
fn keep_due_record(transaction: &Transaction<'_>, record: &OwnRecord) -> Result<(), StoreError> {
    if keep_record(transaction, record)? == Kept::New {
        let due = "INSERT INTO record_due (counter) VALUES (?1)";
        transaction.execute(due, [number(record.counter)])?;
    }
    Ok(())
}

/// Whether a record stood in the journal before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    New,
    Again,
}

fn keep_record(transaction: &Transaction<'_>, record: &OwnRecord) -> Result<Kept, StoreError> {
    let (kept, attempts): (Vec<u8>, i64) = transaction.query_row(
        "INSERT INTO record (counter, payload_hash, signed, attempts) VALUES (?1, ?2, ?3, 1)
         ON CONFLICT (counter) DO UPDATE SET attempts = attempts + 1
         RETURNING payload_hash, attempts",
        params![number(record.counter), record.payload_hash.0, record.signed.as_bytes()],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let kept = hash(&kept)?;
    if kept != record.payload_hash {
        return Err(StoreError::Fork { counter: record.counter, kept, shown: record.payload_hash });
    }
    Ok(if attempts == 1 { Kept::New } else { Kept::Again })
}

fn keep_anchor(
    transaction: &Transaction<'_>,
    hash: Hash,
    counter: u64,
    anchor: &Anchor,
) -> Result<(), StoreError> {
    transaction.execute(
        "INSERT INTO anchor (hash, counter, encoded, attempts) VALUES (?1, ?2, ?3, 1)
         ON CONFLICT (hash) DO UPDATE SET attempts = attempts + 1",
        params![hash.0, number(counter), anchor.encode()],
    )?;
    transaction.execute(
        "INSERT INTO anchor_due (counter, hash) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        params![number(counter), hash.0],
    )?;
    Ok(())
}

fn keep_answer(
    transaction: &Transaction<'_>,
    receipt: Hash,
    answer: &VisitAnswer,
    at: UnixMillis,
) -> Result<(), StoreError> {
    transaction.execute(
        "INSERT INTO answer
           (evid, receipt, status, stopped, scheme, epoch, value, verdict, eligibility, at, attempts)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1)
         ON CONFLICT (evid, receipt) DO UPDATE SET attempts = attempts + 1",
        params![
            answer.evid.0,
            receipt.0,
            number(answer.status.number()),
            answer.stopped,
            answer.pid.map(|pid| number(pid.scheme.number())),
            answer.pid.map(|pid| number(pid.epoch)),
            answer.pid.map(|pid| pid.value.0),
            answer.verdict.as_ref().map(Signed::as_bytes),
            answer.eligibility.as_ref().map(Signed::as_bytes),
            number(at.0)
        ],
    )?;
    Ok(())
}

pub(super) fn chart(row: &Row<'_>, at: usize) -> Result<Chart, rusqlite::Error> {
    Ok(Chart { number: row.get(at)?, name: row.get(at + 1)?, kana: row.get(at + 2)? })
}

pub(super) fn status(value: i64) -> Result<Status, StoreError> {
    Status::from_number(unsigned(value)?).map_err(|_| StoreError::Malformed("status"))
}

pub(super) fn hash(bytes: &[u8]) -> Result<Hash, StoreError> {
    bytes.try_into().map(Hash).map_err(|_| StoreError::Malformed("hash"))
}

/// A number of rows, for LIMIT.
fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// SQLite's integers are signed; counters and times stay below 2^63.
pub(super) fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(value: i64) -> Result<u64, StoreError> {
    u64::try_from(value).map_err(|_| StoreError::Malformed("number"))
}
