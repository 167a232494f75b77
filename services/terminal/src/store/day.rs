//! Today's list, and what the desk said of a visit before the platform did.

use jushin_statement::{Hash, HolderCheck, UnixMillis};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use super::sqlite::{DAY_MILLIS, JAPAN_MILLIS, chart, hash, number, status, unsigned};
use super::{Chart, QueueRow, StoreError};

/// Remembers the chart that the desk named for a provisional visit. The first word counts.
pub(super) fn name_chart(
    transaction: &Transaction<'_>,
    evid: Hash,
    chart: &str,
    at: UnixMillis,
) -> Result<(), StoreError> {
    transaction.execute(
        "INSERT INTO named (evid, number, at, attempts) VALUES (?1, ?2, ?3, 1)
         ON CONFLICT (evid) DO UPDATE SET attempts = attempts + 1",
        params![evid.0, chart, number(at.0)],
    )?;
    Ok(())
}

/// The chart that the desk named for a visit.
pub(super) fn named_chart(connection: &Connection, evid: Hash) -> Result<Option<Chart>, StoreError> {
    let query = "SELECT chart.number, chart.name, chart.kana
                 FROM named JOIN chart ON chart.number = named.number WHERE named.evid = ?1";
    Ok(connection.query_row(query, [evid.0], |row| chart(row, 0)).optional()?)
}

/// The list of the day that contains `at`, in Japan, oldest first. What the card leads to goes before what
/// the desk named.
pub(super) fn list(connection: &Connection, at: UnixMillis) -> Result<Vec<QueueRow>, StoreError> {
    let start = ((at.0 + JAPAN_MILLIS) / DAY_MILLIS * DAY_MILLIS).saturating_sub(JAPAN_MILLIS);
    let mut statement = connection.prepare(
        "SELECT visit.evid, visit.at, visit.method, a.status, coalesce(a.stopped, 0),
                waiting.number, chart.number, chart.name, chart.kana
         FROM visit
         LEFT JOIN answer a ON a.evid = visit.evid AND a.at =
           (SELECT max(b.at) FROM answer b WHERE b.evid = visit.evid)
         LEFT JOIN chart_pid p ON p.scheme = a.scheme AND p.epoch = a.epoch AND p.value = a.value
         LEFT JOIN named ON named.evid = visit.evid
         LEFT JOIN chart ON chart.number = coalesce(p.number, named.number)
         LEFT JOIN waiting ON waiting.evid = visit.evid
         WHERE visit.at >= ?1 AND visit.at < ?2
         ORDER BY visit.counter",
    )?;
    let mut rows = statement.query([number(start), number(start + DAY_MILLIS)])?;
    let mut list: Vec<QueueRow> = Vec::new();
    while let Some(row) = rows.next()? {
        let row = queue_row(row)?;
        if list.last().is_none_or(|last| last.evid != row.evid) {
            list.push(row);
        }
    }
    Ok(list)
}

fn queue_row(row: &Row<'_>) -> Result<QueueRow, StoreError> {
    let has_chart = row.get::<_, Option<String>>(6)?.is_some();
    Ok(QueueRow {
        evid: hash(&row.get::<_, Vec<u8>>(0)?)?,
        at: UnixMillis(unsigned(row.get(1)?)?),
        method: HolderCheck::from_number(unsigned(row.get(2)?)?)
            .map_err(|_| StoreError::Malformed("method"))?,
        status: row.get::<_, Option<i64>>(3)?.map(status).transpose()?,
        stopped: row.get(4)?,
        waiting_number: row.get::<_, Option<i64>>(5)?.map(unsigned).transpose()?,
        chart: if has_chart { Some(chart(row, 6)?) } else { None },
    })
}
