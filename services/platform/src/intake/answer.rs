//! What a terminal gets back: receipt, verdicts, eligibility.

use jushin_statement::{
    BatchAck, Eligibility, Hash, Id16, Receipt, ReceiptItem, Signed, UnixMillis, Validity, Visit, Visits,
};

use super::gaps::gaps;
use super::settle::Settled;
use crate::authority::KeyName;
use crate::platform::Platform;
use crate::pseudonym::At;
use crate::refusal::Refusal;
use crate::store::rows::{DeliveredRow, EligibilityRow, OutboxRow, VisitRow, key};
use crate::store::{Scan, Transaction};

/// What a receipt covers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Range {
    /// First counter value.
    pub(crate) lo: u64,
    /// Last counter value.
    pub(crate) hi: u64,
    /// SHA-256 of the payload of the record with the last one.
    pub(crate) head: Hash,
}

impl Platform {
    /// Signs the receipt and gathers what belongs to it.
    pub(crate) fn answer(
        &self,
        tx: &mut (dyn Transaction + '_),
        element: Id16,
        range: Range,
        settled: &[Settled],
        now: UnixMillis,
    ) -> Result<BatchAck, Refusal> {
        let mut items = Vec::new();
        let mut eligibilities = Vec::new();
        for visit in settled {
            let mut pid = None;
            if let (true, Some(certificate)) = (visit.is_valid(), &visit.certificate) {
                let handle = self.person(tx, certificate)?.handle;
                pid = Some(self.pid(tx, At::Institution(visit.institution), handle)?);
                eligibilities.push(self.eligibility(tx, visit, now)?);
            }
            items.push(ReceiptItem {
                counter: visit.counter,
                status: visit.judged.verdict.status,
                reasons: visit.judged.verdict.reasons.clone(),
                pid,
            });
        }
        let receipt = Receipt {
            element,
            lo: range.lo,
            hi: range.hi,
            head: range.head,
            at: now,
            gaps: gaps(tx, element, range.lo, range.hi)?,
            items,
        };
        Ok(BatchAck {
            receipt: self.inner().authority.sign(KeyName::Receipt, &receipt)?,
            verdicts: settled.iter().map(|visit| visit.judged.signed.clone()).collect(),
            eligibilities: eligibilities.into_iter().flatten().collect(),
            visits: Vec::new(),
        })
    }

    /// The eligibility answer for the desk; made once a visit.
    fn eligibility(
        &self,
        tx: &mut (dyn Transaction + '_),
        visit: &Settled,
        now: UnixMillis,
    ) -> Result<Option<Signed>, Refusal> {
        if let Some(known) = tx.find::<EligibilityRow>(&key(&[&visit.evid]))? {
            return Ok(Some(known.signed));
        }
        let Some(certificate) = &visit.certificate else { return Ok(None) };
        let insured = self.person(tx, certificate)?.insured;
        let answer = Eligibility {
            evid: visit.evid,
            validity: insured
                .as_ref()
                .and_then(|row| Validity::from_number(row.validity).ok())
                .unwrap_or(Validity::NoneFound),
            insurer: insured.as_ref().map(|row| row.insurer.clone()).unwrap_or_default(),
            copay_tenths: insured.as_ref().map_or(0, |row| row.copay_tenths),
            at: now,
        };
        let signed = self.inner().authority.sign(KeyName::Receipt, &answer)?;
        tx.put(&key(&[&visit.evid]), &EligibilityRow { signed: signed.clone() })?;
        Ok(Some(signed))
    }

    /// Puts a visit into the outbox towards the history service, once for each verdict: a valid one always,
    /// another one only if the history service has heard of the visit before.
    pub(crate) fn register_visit(
        &self,
        tx: &mut (dyn Transaction + '_),
        visit: &Settled,
        now: UnixMillis,
    ) -> Result<(), Refusal> {
        let Some(certificate) = visit.certificate.as_ref() else { return Ok(()) };
        let row_key = key(&[&visit.evid, &visit.judged.version]);
        let told = |tx: &mut (dyn Transaction + '_), prefix: &[u8]| -> Result<bool, Refusal> {
            let first = Scan { limit: 1, ..Scan::all(prefix) };
            Ok(!tx.list::<DeliveredRow>(first)?.is_empty() || !tx.list::<OutboxRow>(first)?.is_empty())
        };
        if told(tx, &row_key)? || !(visit.is_valid() || visit.is_refused() && told(tx, &visit.evid.0)?) {
            return Ok(());
        }
        let handle = self.person(tx, certificate)?.handle;
        let registration = Visit {
            evid: visit.evid,
            verdict: visit.judged.signed.parse().map(|sign1| sign1.payload_hash()).unwrap_or(Hash::ZERO),
            institution: visit.institution,
            subject: self.pid(tx, At::History, handle)?,
            local: self.pid(tx, At::Institution(visit.institution), handle)?,
        };
        let Some(row) = tx.find::<VisitRow>(&key(&[&visit.evid]))? else { return Ok(()) };
        let mut bundle = self.redacted(tx, visit.evid, &row)?;
        bundle.results =
            vec![visit.judged.signed.clone(), self.inner().authority.sign(KeyName::Receipt, &registration)?];
        debug_assert!(matches!(bundle.visits, Visits::Redacted(_)), "no certificate leaves the platform");
        let bundle = jushin_statement::Object::encode(&bundle);
        tx.put(&row_key, &OutboxRow { bundle: bundle.into(), at: now })?;
        Ok(())
    }
}

impl Settled {
    /// Valid, or valid but open-ended.
    pub(crate) fn is_valid(&self) -> bool {
        use jushin_statement::Status::{OpenEnded, Valid};
        matches!(self.judged.verdict.status, Valid | OpenEnded)
    }

    /// Invalid, or in conflict with something else.
    pub(crate) fn is_refused(&self) -> bool {
        use jushin_statement::Status::{Conflict, Invalid};
        matches!(self.judged.verdict.status, Invalid | Conflict)
    }
}
