//! The eligibility register: whose certificate it is, and whether the insurance holds.

use std::sync::atomic::Ordering;

use jushin_pki::Certificate;
use jushin_statement::{Hash, Validity};

use crate::config::RegisterRow;
use crate::platform::{Platform, blocking};
use crate::refusal::Refusal;
use crate::store::Transaction;
use crate::store::rows::{InsuredRow, PersonRow, key, transact};

/// A page of the register's feed.
#[derive(serde::Deserialize)]
struct Page {
    rows: Vec<RegisterRow>,
    next: u64,
    more: bool,
}

/// A person as the platform knows one: by a handle that never leaves it.
pub(crate) struct Person {
    /// The handle.
    pub(crate) handle: Hash,
    /// What the register says; nil without a row.
    pub(crate) insured: Option<InsuredRow>,
}

impl Platform {
    /// Takes rows of the eligibility register.
    ///
    /// # Errors
    ///
    /// [`Refusal::Mismatch`] for a row whose numbers are outside their ranges; [`Refusal::Store`].
    pub fn import_register_rows(&self, rows: &[RegisterRow]) -> Result<(), Refusal> {
        transact(&*self.inner().ports.store, |tx| {
            for row in rows {
                let validity = u64::from(row.validity);
                if Validity::from_number(validity).is_err() || row.copay_tenths > 3 {
                    return Err(Refusal::Mismatch { object: "register row", field: "validity or copay" });
                }
                let insured = InsuredRow {
                    person: Hash::of(row.person.as_bytes()),
                    insurer: row.insurer.clone(),
                    copay_tenths: u64::from(row.copay_tenths),
                    validity,
                    number: row.number,
                };
                tx.put(&key(&[&card_key(&row.issuer_key_id, &row.serial), &row.number]), &insured)?;
            }
            Ok(())
        })
    }

    /// Asks the eligibility register for its rows after the last one that is known; returns how many came.
    ///
    /// # Errors
    ///
    /// [`Refusal::PeerUnreachable`], [`Refusal::Store`].
    pub async fn fetch_register_rows(&self) -> Result<usize, Refusal> {
        let unreachable = |why: String| Refusal::PeerUnreachable { what: "the eligibility register", why };
        let mut fetched = 0;
        loop {
            let since = self.inner().register_seen.load(Ordering::Relaxed);
            let reply = self.inner().ports.register.get(&format!("/register/rows?since={since}")).await;
            let reply = reply.map_err(|error| unreachable(error.to_string()))?;
            if !reply.status.is_success() {
                return Err(unreachable(format!("it answered {}", reply.status)));
            }
            let page: Page =
                serde_json::from_slice(&reply.body).map_err(|error| unreachable(error.to_string()))?;
            fetched += page.rows.len();
            let (platform, rows) = (self.clone(), page.rows);
            blocking(move || platform.import_register_rows(&rows)).await?;
            self.inner().register_seen.fetch_max(page.next, Ordering::Relaxed);
            if !page.more || page.next <= since {
                return Ok(fetched);
            }
        }
    }

    /// Whether the register has a row for a certificate.
    pub(crate) fn is_registered(&self, certificate: &Certificate) -> Result<bool, Refusal> {
        transact(&*self.inner().ports.store, |tx| Ok(insured(tx, certificate)?.is_some()))
    }

    /// The person of a certificate; without a row of the register a new one, until two persons merge them.
    pub(crate) fn person(
        &self,
        tx: &mut (dyn Transaction + '_),
        certificate: &Certificate,
    ) -> Result<Person, Refusal> {
        let insured = insured(tx, certificate)?;
        let row_key = match &insured {
            Some(row) => key(&[&"person ", &row.person]),
            None => key(&[&"card ", &key_of(certificate)]),
        };
        if let Some(row) = tx.find::<PersonRow>(&row_key)? {
            return Ok(Person { handle: Hash(row.handle), insured });
        }
        let row = PersonRow { handle: self.inner().ports.random.bytes() };
        tx.put(&row_key, &row)?;
        Ok(Person { handle: Hash(row.handle), insured })
    }
}

fn insured(
    tx: &mut (dyn Transaction + '_),
    certificate: &Certificate,
) -> Result<Option<InsuredRow>, Refusal> {
    Ok(tx.newest::<InsuredRow>(&key(&[&key_of(certificate)]))?.map(|(_, row)| row))
}

fn key_of(certificate: &Certificate) -> Hash {
    card_key(
        &hexadecimal(certificate.authority_key_id().unwrap_or_default()),
        &hexadecimal(certificate.serial()),
    )
}

/// Both texts hexadecimal, with or without leading zeros, in either case.
fn card_key(issuer_key_id: &str, serial: &str) -> Hash {
    let plain = |text: &str| text.trim_start_matches('0').to_ascii_lowercase();
    Hash::of_parts(&[plain(issuer_key_id).as_bytes(), b":", plain(serial).as_bytes()])
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
