//! Tables of the eligibility register.

use jushin_statement::UnixMillis;
use rusqlite::{Connection, Error, OptionalExtension as _, Row, Transaction, params};

use super::{Issued, signed, unsigned};
use crate::{Insurance, KeyId, Person, PersonId, RegisterRow, Serial, Sex, Validity};

pub(super) fn add_person(
    transaction: &Transaction<'_>,
    id: PersonId,
    person: &Person,
    at: UnixMillis,
) -> Result<(), Error> {
    let (year, month, day) = person.birth;
    transaction.execute(
        "INSERT INTO persons VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            id.0,
            person.name,
            year,
            month,
            day,
            person.sex.number(),
            person.address,
            person.prefecture,
            person.municipality,
            person.municipality_code,
            signed(at.0)
        ],
    )?;
    Ok(())
}

pub(super) fn person(connection: &Connection, id: PersonId) -> Result<Option<Person>, Error> {
    connection
        .query_row(
            "SELECT name, year, month, day, sex, address, prefecture, municipality, municipality_code
             FROM persons WHERE person = ?1",
            [id.0],
            |row| {
                Ok(Person {
                    name: row.get(0)?,
                    birth: (row.get(1)?, row.get(2)?, row.get(3)?),
                    sex: Sex::numbered(row.get(4)?).unwrap_or(Sex::Other),
                    address: row.get(5)?,
                    prefecture: row.get(6)?,
                    municipality: row.get(7)?,
                    municipality_code: row.get(8)?,
                })
            },
        )
        .optional()
}

pub(super) fn add_insurance(
    transaction: &Transaction<'_>,
    id: PersonId,
    insurance: &Insurance,
    at: UnixMillis,
) -> Result<(), Error> {
    let number: i64 = transaction.query_row(
        "SELECT COALESCE(MAX(number), 0) + 1 FROM insurances WHERE person = ?1",
        [id.0],
        |row| row.get(0),
    )?;
    transaction.execute(
        "INSERT INTO insurances VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            id.0,
            number,
            insurance.insurer,
            insurance.copay_tenths,
            insurance.validity.number(),
            signed(at.0)
        ],
    )?;
    let mut statement = transaction.prepare(
        "SELECT issuer, serial FROM certificates WHERE person = ?1 AND fed = 1 ORDER BY issuer, serial",
    )?;
    let certificates = statement
        .query_map([id.0], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<Vec<(Vec<u8>, Vec<u8>)>, _>>()?;
    certificates.iter().try_for_each(|(issuer, serial)| feed(transaction, issuer, serial, id, at))
}

pub(super) fn add_certificate(transaction: &Transaction<'_>, issued: &Issued<'_>) -> Result<(), Error> {
    let (issuer, serial) = (issued.id.issuer.as_ref(), issued.id.serial.as_ref());
    transaction.execute(
        "INSERT INTO certificates VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            issuer,
            serial,
            issued.person.map(|person| person.0),
            issued.fed,
            issued.certificate,
            signed(issued.at.0)
        ],
    )?;
    match issued.person {
        Some(person) if issued.fed => feed(transaction, issuer, serial, person, issued.at),
        _ => Ok(()),
    }
}

/// Adds a row with what the newest insurance says.
fn feed(
    transaction: &Transaction<'_>,
    issuer: &[u8],
    serial: &[u8],
    person: PersonId,
    at: UnixMillis,
) -> Result<(), Error> {
    let newest: Option<(String, u8, u8)> = transaction
        .query_row(
            "SELECT insurer, copay, validity FROM insurances WHERE person = ?1 ORDER BY number DESC LIMIT 1",
            [person.0],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()?;
    let (insurer, copay, validity) = newest.unwrap_or((String::new(), 0, Validity::NotFound.number()));
    transaction.execute(
        "INSERT INTO feed SELECT COALESCE(MAX(number), 0) + 1, ?1, ?2, ?3, ?4, ?5, ?6, ?7 FROM feed",
        params![issuer, serial, person.0, insurer, copay, validity, signed(at.0)],
    )?;
    Ok(())
}

pub(super) fn rows(connection: &Connection, since: u64, limit: u32) -> Result<Vec<RegisterRow>, Error> {
    let mut statement = connection.prepare(
        "SELECT number, issuer, serial, person, insurer, copay, validity FROM feed
         WHERE number > ?1 ORDER BY number LIMIT ?2",
    )?;
    let rows = statement.query_map(params![signed(since), limit], row)?;
    rows.collect()
}

fn row(row: &Row<'_>) -> Result<RegisterRow, Error> {
    let serial = Serial::new(&row.get::<_, Vec<u8>>(2)?);
    Ok(RegisterRow {
        number: unsigned(row.get(0)?),
        issuer_key_id: KeyId(row.get(1)?).to_string(),
        serial: serial.map(|serial| serial.to_string()).unwrap_or_default(),
        person: PersonId(row.get(3)?).to_string(),
        insurer: row.get(4)?,
        copay_tenths: row.get(5)?,
        validity: row.get(6)?,
    })
}
