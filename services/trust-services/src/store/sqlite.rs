//! The store in SQLite: one file, or memory.

mod open;
mod register;

use std::sync::{Mutex, MutexGuard, PoisonError};

use jushin_statement::{InstitutionCode, UnixMillis};
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};
use zeroize::Zeroizing;

use super::{CertificateStatus, Issued, KeyRecord, Store};
use crate::{CertificateId, Insurance, KeyId, Person, PersonId, RegisterRow, Serial, TrustError};

/// One connection; writers wait for each other.
pub(crate) struct Sqlite(Mutex<Connection>);

impl Sqlite {
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` in a transaction that takes the write lock first, and commits.
    fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, rusqlite::Error>,
    ) -> Result<T, TrustError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = work(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }
}

impl From<rusqlite::Error> for TrustError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.to_string())
    }
}

/// SQLite has signed numbers; times and counters of ours stay far below their limit.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

impl Store for Sqlite {
    fn keys(&self) -> Result<Vec<KeyRecord>, TrustError> {
        let connection = self.connection();
        let mut statement = connection.prepare("SELECT name, pkcs8, certificate FROM keys")?;
        let records = statement.query_map([], |row| {
            Ok(KeyRecord { name: row.get(0)?, pkcs8: Zeroizing::new(row.get(1)?), certificate: row.get(2)? })
        })?;
        Ok(records.collect::<Result<_, _>>()?)
    }

    fn keep_keys(
        &self,
        records: &[KeyRecord],
        issued: &[Issued<'_>],
        at: UnixMillis,
    ) -> Result<(), TrustError> {
        self.write(|transaction| {
            let mut statement = transaction.prepare("INSERT INTO keys VALUES (?1, ?2, ?3, ?4)")?;
            for record in records {
                statement.execute(params![
                    record.name,
                    record.pkcs8.as_slice(),
                    record.certificate,
                    signed(at.0)
                ])?;
            }
            issued.iter().try_for_each(|certificate| register::add_certificate(transaction, certificate))
        })
    }

    fn reserve_stamps(&self, tsa: u8, count: u64, at: UnixMillis) -> Result<u64, TrustError> {
        self.write(|transaction| {
            let first: i64 = transaction.query_row(
                "SELECT COALESCE(MAX(first + count), 1) FROM stamp_blocks WHERE tsa = ?1",
                [tsa],
                |row| row.get(0),
            )?;
            transaction.execute(
                "INSERT INTO stamp_blocks VALUES (?1, ?2, ?3, ?4)",
                params![tsa, first, signed(count), signed(at.0)],
            )?;
            Ok(unsigned(first))
        })
    }

    fn add_person(&self, id: PersonId, person: &Person, at: UnixMillis) -> Result<(), TrustError> {
        self.write(|transaction| register::add_person(transaction, id, person, at))
    }

    fn person(&self, id: PersonId) -> Result<Option<Person>, TrustError> {
        Ok(register::person(&self.connection(), id)?)
    }

    fn add_insurance(&self, id: PersonId, insurance: &Insurance, at: UnixMillis) -> Result<(), TrustError> {
        self.write(|transaction| register::add_insurance(transaction, id, insurance, at))
    }

    fn is_free(&self, id: &CertificateId) -> Result<bool, TrustError> {
        Ok(self.status(id)? == CertificateStatus::Unknown)
    }

    fn add_certificates(&self, issued: &[Issued<'_>]) -> Result<(), TrustError> {
        self.write(|transaction| {
            issued.iter().try_for_each(|certificate| register::add_certificate(transaction, certificate))
        })
    }

    fn add_institution(&self, code: InstitutionCode, cv: &[u8], at: UnixMillis) -> Result<(), TrustError> {
        self.write(|transaction| {
            let row = params![cv, code.to_string(), signed(at.0)];
            transaction.execute("INSERT INTO institutions VALUES (?1, ?2, ?3)", row)?;
            Ok(())
        })
    }

    fn revoke(&self, id: &CertificateId, as_of: UnixMillis, at: UnixMillis) -> Result<(), TrustError> {
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO revocations VALUES (?1, ?2, ?3, ?4, 1)
                 ON CONFLICT (issuer, serial, as_of) DO UPDATE SET attempts = attempts + 1",
                params![id.issuer.as_ref(), id.serial.as_ref(), signed(as_of.0), signed(at.0)],
            )?;
            Ok(())
        })
    }

    fn status(&self, id: &CertificateId) -> Result<CertificateStatus, TrustError> {
        let connection = self.connection();
        let found: Option<Option<i64>> = connection
            .query_row(
                "SELECT (SELECT MIN(as_of) FROM revocations AS r
                         WHERE r.issuer = c.issuer AND r.serial = c.serial)
                 FROM certificates AS c WHERE c.issuer = ?1 AND c.serial = ?2",
                [id.issuer.as_ref(), id.serial.as_ref()],
                |row| row.get(0),
            )
            .optional()?;
        Ok(match found {
            None => CertificateStatus::Unknown,
            Some(None) => CertificateStatus::Good,
            Some(Some(as_of)) => CertificateStatus::Revoked(UnixMillis(unsigned(as_of))),
        })
    }

    fn revocations(&self, issuer: &KeyId, now: UnixMillis) -> Result<Vec<(Serial, UnixMillis)>, TrustError> {
        let connection = self.connection();
        let mut statement = connection.prepare(
            "SELECT serial, MIN(as_of) FROM revocations WHERE issuer = ?1 AND as_of <= ?2
             GROUP BY serial ORDER BY serial",
        )?;
        let rows = statement.query_map(params![issuer.as_ref(), signed(now.0)], |row| {
            Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?))
        })?;
        let mut revocations = Vec::new();
        for row in rows {
            let (serial, as_of) = row?;
            let serial = Serial::new(&serial).ok_or_else(|| TrustError::Damaged { what: "serial".into() })?;
            revocations.push((serial, UnixMillis(unsigned(as_of))));
        }
        Ok(revocations)
    }

    fn rows(&self, since: u64, limit: u32) -> Result<Vec<RegisterRow>, TrustError> {
        Ok(register::rows(&self.connection(), since, limit)?)
    }
}
