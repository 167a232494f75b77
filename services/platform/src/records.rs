//! Records of elements, and what stands under each counter value.

use std::collections::BTreeMap;

use jushin_pki::Crypto;
use jushin_statement::{Context, Hash, Id16, Record, Signed, UnixMillis};

use crate::refusal::Refusal;
use crate::store::rows::{ClaimRow, ElementRow, RecordRow, counter_of, key};
use crate::store::{Scan, Transaction};
use crate::verify::{Signer, verify};

/// A record whose signature was checked.
pub(crate) struct CheckedRecord {
    /// As signed.
    pub(crate) signed: Signed,
    /// What it says.
    pub(crate) record: Record,
    /// SHA-256 of its payload.
    pub(crate) hash: Hash,
}

/// Checks that an element signed a record.
pub(crate) fn check_record(
    crypto: &dyn Crypto,
    element: Id16,
    row: &ElementRow,
    signed: &Signed,
) -> Result<CheckedRecord, Refusal> {
    let malformed = |why| Refusal::Malformed { object: "record", why };
    let sign1 = signed.parse().map_err(malformed)?;
    let record = Record::decode(sign1.payload).map_err(malformed)?;
    if record.link().element != element {
        return Err(Refusal::TwoElements { batch: element, other: record.link().element });
    }
    verify(crypto, signed, Context::Element, "record", Signer::element(&row.device_key))?;
    Ok(CheckedRecord { signed: signed.clone(), record, hash: sign1.payload_hash() })
}

/// Keeps a record and claims its counter value; returns whether another record has it.
pub(crate) fn take_record(
    tx: &mut (dyn Transaction + '_),
    element: Id16,
    counter: u64,
    signed: &Signed,
    now: UnixMillis,
) -> Result<bool, Refusal> {
    let sign1 = signed.parse().map_err(|why| Refusal::Malformed { object: "record", why })?;
    let hash = sign1.payload_hash();
    tx.put(&key(&[&element, &counter, &hash]), &RecordRow { signed: signed.clone(), at: now })?;
    claim(tx, element, counter, hash, now)
}

/// How many rows a range of counter values can have: one each, and as many again for forks.
pub(crate) fn rows_between(lo: u64, hi: u64) -> usize {
    let values = hi.saturating_sub(lo).saturating_add(1);
    usize::try_from(values.saturating_mul(2)).unwrap_or(usize::MAX)
}

/// Claims a counter value for a payload; returns whether that makes a fork: it is new, and another payload
/// has the value.
pub(crate) fn claim(
    tx: &mut (dyn Transaction + '_),
    element: Id16,
    counter: u64,
    payload: Hash,
    now: UnixMillis,
) -> Result<bool, Refusal> {
    let known = tx.put(&key(&[&element, &counter, &payload]), &ClaimRow { at: now })?.is_some();
    Ok(!known && tx.list::<ClaimRow>(Scan { limit: 2, ..Scan::all(&key(&[&element, &counter])) })?.len() > 1)
}

/// The highest counter value that was seen of an element; 0 before the first.
pub(crate) fn highest_counter(tx: &mut (dyn Transaction + '_), element: Id16) -> Result<u64, Refusal> {
    Ok(tx.newest::<ClaimRow>(&key(&[&element]))?.map_or(0, |(key, _)| counter_of(&key)))
}

/// Payload hashes under each counter value from `lo` to `hi` that has any.
pub(crate) fn claims_between(
    tx: &mut (dyn Transaction + '_),
    element: Id16,
    lo: u64,
    hi: u64,
) -> Result<BTreeMap<u64, Vec<Hash>>, Refusal> {
    let from = key(&[&element, &lo]);
    let scan = Scan { from: Some(&from), limit: rows_between(lo, hi), ..Scan::all(&element.0) };
    let mut known: BTreeMap<u64, Vec<Hash>> = BTreeMap::new();
    for (row_key, _) in tx.list::<ClaimRow>(scan)? {
        if let Some(hash) = row_key.get(24..56).and_then(|bytes| bytes.try_into().ok())
            && counter_of(&row_key) <= hi
        {
            known.entry(counter_of(&row_key)).or_default().push(Hash(hash));
        }
    }
    Ok(known)
}

/// Payload hashes under a counter value.
pub(crate) fn claims(
    tx: &mut (dyn Transaction + '_),
    element: Id16,
    counter: u64,
) -> Result<Vec<Hash>, Refusal> {
    let rows = tx.list::<ClaimRow>(Scan::all(&key(&[&element, &counter])))?;
    Ok(rows.iter().filter_map(|(key, _)| key.get(24..56)?.try_into().ok().map(Hash)).collect())
}

/// The records of an element from counter `lo` to `hi`.
pub(crate) fn records_between(
    tx: &mut (dyn Transaction + '_),
    element: Id16,
    lo: u64,
    hi: u64,
) -> Result<Vec<Signed>, Refusal> {
    let from = key(&[&element, &lo]);
    let scan = Scan { from: Some(&from), limit: rows_between(lo, hi), ..Scan::all(&element.0) };
    let rows = tx.list::<RecordRow>(scan)?;
    Ok(rows.into_iter().filter(|(key, _)| counter_of(key) <= hi).map(|(_, row)| row.signed).collect())
}
