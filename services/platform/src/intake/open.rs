//! Looking into a batch: whose it is, what its boxes hold.

use jushin_pki::Sealed as HpkeBox;
use jushin_statement::{Batch, Commit, Evidence, Hash, Id16, Object as _, Presence, Sealed, seal_aad};

use super::close::OpenedClose;
use crate::card_status::UnlockStatus;
use crate::enrolment::find_element;
use crate::platform::Platform;
use crate::records::{CheckedRecord, check_record};
use crate::refusal::Refusal;
use crate::store::rows::{ElementRow, transact};

/// Info string of the HPKE box.
const INFO: &[u8] = b"jushin/1/seal";

/// A batch whose records are the element's and whose boxes hold what their labels say.
pub(crate) struct OpenedBatch {
    pub(crate) element: Id16,
    pub(crate) row: ElementRow,
    pub(crate) records: Vec<CheckedRecord>,
    pub(crate) visits: Vec<OpenedVisit>,
    pub(crate) close: Option<OpenedClose>,
    /// What came of asking about the administrators' cards of its unlocks.
    pub(crate) unlocks: Vec<UnlockStatus>,
}

/// What a box held.
pub(crate) struct OpenedVisit {
    /// SHA-256 of the commit payload.
    pub(crate) evid: Hash,
    pub(crate) evidence: Evidence,
    pub(crate) presence: Presence,
    pub(crate) commit: Commit,
    /// OCSP response about the card's certificate, if one came.
    pub(crate) response: Option<Vec<u8>>,
}

impl Platform {
    /// Opens every box and checks every record; nothing is stored yet.
    pub(crate) fn open_batch(&self, batch: &Batch) -> Result<OpenedBatch, Refusal> {
        let inner = self.inner();
        let row = transact(&*inner.ports.store, |tx| find_element(tx, batch.element))?;
        let empty = batch.boxes.is_empty() && batch.records.is_empty() && batch.anchors.is_empty();
        if empty && batch.close.is_none() {
            return Err(Refusal::EmptyBatch);
        }
        let close = batch.close.as_ref();
        let close = close.map(|signed| self.open_close(batch.element, &row, signed)).transpose()?;
        let crypto = &*inner.ports.crypto;
        let records = batch
            .records
            .iter()
            .map(|signed| check_record(crypto, batch.element, &row, signed))
            .collect::<Result<_, _>>()?;
        let visits = batch
            .boxes
            .iter()
            .map(|sealed| self.open_box(batch.element, &row, sealed))
            .collect::<Result<_, _>>()?;
        Ok(OpenedBatch { element: batch.element, row, records, visits, close, unlocks: Vec::new() })
    }

    fn open_box(&self, element: Id16, row: &ElementRow, sealed: &Sealed) -> Result<OpenedVisit, Refusal> {
        let inner = self.inner();
        let aad = seal_aad(element, sealed.counter, sealed.evid);
        let boxed = HpkeBox { enc: sealed.enc.0.clone(), ciphertext: sealed.ciphertext.0.clone() };
        let plain = inner
            .authority
            .sealing()
            .open(INFO, &aad, &boxed)
            .map_err(|_| Refusal::BoxClosed { counter: sealed.counter })?;
        let malformed = |object| move |why| Refusal::Malformed { object, why };
        let evidence = Evidence::decode(&plain).map_err(malformed("evidence"))?;
        let presence = Presence::decode(&evidence.presence).map_err(malformed("presence"))?;
        for found in [presence.element, commit_of(&evidence)?.element] {
            if found != element {
                return Err(Refusal::TwoElements { batch: element, other: found });
            }
        }
        let record = check_record(&*inner.ports.crypto, element, row, &evidence.commit)?;
        if record.hash != sealed.evid || presence.counter != sealed.counter {
            return Err(Refusal::BoxMislabelled { counter: sealed.counter });
        }
        let commit = commit_of(&evidence)?;
        Ok(OpenedVisit { evid: record.hash, evidence, presence, commit, response: None })
    }
}

fn commit_of(evidence: &Evidence) -> Result<Commit, Refusal> {
    crate::verify::unverified(&evidence.commit)
}
