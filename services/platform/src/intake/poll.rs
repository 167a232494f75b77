//! Later receipts: what was indeterminate or open-ended is asked about and judged again.

use jushin_pki::AsOf;
use jushin_statement::{
    Anchor, BatchAck, Bytes, Embedded, Hash, Id16, Object as _, Presence, ReceiptPoll, Status, UnixMillis,
};

use super::answer::Range;
use super::judge::{anchors_around, newest_verdict};
use crate::card_status::UnlockStatus;
use crate::enrolment::find_element;
use crate::platform::{Platform, blocking};
use crate::records::{claims, rows_between};
use crate::refusal::Refusal;
use crate::store::rows::{AnswerRow, ClaimRow, RevocationRow, VisitRow, counter_of, key, transact};
use crate::store::{Scan, Transaction};

/// A visit whose card's status is still to be asked about, and that of the card that made its unlock.
struct Undecided {
    evid: Hash,
    certificate: Bytes,
    unlock: Option<Anchor>,
}

impl Platform {
    /// The receipt over a range of counter values; nil while nothing of it is known.
    pub(crate) async fn poll_receipt(&self, poll: ReceiptPoll) -> Result<Option<BatchAck>, Refusal> {
        let platform = self.clone();
        let asked = poll.clone();
        let mut unlocks = Vec::new();
        for Undecided { evid, certificate, unlock } in blocking(move || platform.undecided(&asked)).await? {
            unlocks.extend(unlock.filter(|unlock| !unlocks.contains(unlock)));
            let Ok(path) = self.patient_card(&certificate, AsOf::Unjudged) else { continue };
            let Ok(Some(asked)) = self.ask_status(&path).await else { continue };
            let platform = self.clone();
            blocking(move || platform.keep_response(evid, &asked.response)).await?;
        }
        let statuses = self.ask_about_unlocks(unlocks.iter()).await;
        let platform = self.clone();
        blocking(move || platform.keep_statuses(&statuses)).await?;
        let platform = self.clone();
        let answer = blocking(move || platform.receipt_over(&poll)).await?;
        self.inner().wake.notify_one();
        Ok(answer)
    }

    /// Visits of the range that are indeterminate, with the certificates to ask about.
    fn undecided(&self, poll: &ReceiptPoll) -> Result<Vec<Undecided>, Refusal> {
        transact(&*self.inner().ports.store, |tx| {
            find_element(tx, poll.element)?;
            let mut undecided = Vec::new();
            for evid in visits_between(tx, poll)? {
                let status = newest_verdict(tx, evid)?.map(|judged| judged.verdict.status);
                if status == Some(Status::Indeterminate)
                    && let Some(row) = tx.find::<VisitRow>(&key(&[&evid]))?
                {
                    let presence = Presence::decode(&row.evidence.0.presence)
                        .map_err(|why| Refusal::Malformed { object: "presence", why })?;
                    let unlock = unlock_of(tx, &presence)?;
                    undecided.push(Undecided { evid, certificate: row.evidence.0.certificate, unlock });
                }
            }
            Ok(undecided)
        })
    }

    fn keep_response(&self, evid: Hash, response: &[u8]) -> Result<(), Refusal> {
        let at = self.inner().ports.clock.now();
        transact(&*self.inner().ports.store, |tx| {
            let row = RevocationRow { response: response.into(), at };
            tx.put(&key(&[&evid, &Hash::of(response)]), &row)?;
            Ok(())
        })
    }

    fn keep_statuses(&self, statuses: &[UnlockStatus]) -> Result<(), Refusal> {
        let at = self.inner().ports.clock.now();
        transact(&*self.inner().ports.store, |tx| {
            for status in statuses {
                status.keep(tx, at)?;
            }
            Ok(())
        })
    }

    fn receipt_over(&self, poll: &ReceiptPoll) -> Result<Option<BatchAck>, Refusal> {
        let now = self.inner().ports.clock.now();
        transact(&*self.inner().ports.store, |tx| {
            let Some(range) = known_range(tx, poll)? else { return Ok(None) };
            let mut settled = Vec::new();
            for evid in visits_between(tx, poll)? {
                settled.extend(self.judge_again(tx, evid, now)?);
            }
            let verdicts: Vec<[u8; 32]> = settled
                .iter()
                .filter_map(|visit| visit.judged.signed.parse().ok().map(|sign1| sign1.payload_hash().0))
                .collect();
            let mut parts: Vec<&[u8]> = vec![b"poll", &range.head.0];
            let lo = range.lo.to_be_bytes();
            parts.push(&lo);
            parts.extend(verdicts.iter().map(<[u8; 32]>::as_slice));
            self.kept_answer(tx, poll.element, Hash::of_parts(&parts), range, &settled, now).map(Some)
        })
    }

    /// The answer that was given for the same findings before, or a new one.
    fn kept_answer(
        &self,
        tx: &mut (dyn Transaction + '_),
        element: Id16,
        contents: Hash,
        range: Range,
        settled: &[super::settle::Settled],
        now: UnixMillis,
    ) -> Result<BatchAck, Refusal> {
        let row_key = key(&[&element, &contents]);
        let row = match tx.find::<AnswerRow>(&row_key)? {
            Some(known) => known,
            None => AnswerRow { body: self.answer(tx, element, range, settled, now)?.encode().into() },
        };
        tx.put(&row_key, &row)?;
        BatchAck::decode(&row.body).map_err(|error| Refusal::Internal(error.to_string()))
    }
}

/// The unlock by an administrator's card that a visit names, if it names one that is at hand.
pub(super) fn unlock_of(
    tx: &mut (dyn Transaction + '_),
    presence: &Presence,
) -> Result<Option<Anchor>, Refusal> {
    let anchors = anchors_around(tx, presence.element, presence.counter)?;
    let named = |anchor: &Anchor| match anchor {
        Anchor::Offline { admin, .. } => admin.imprint() == presence.anchor,
        _ => false,
    };
    Ok(anchors.into_iter().map(|Embedded(anchor)| anchor).find(named))
}

/// The counter values of a poll that are known, and what stands under the last one.
fn known_range(tx: &mut (dyn Transaction + '_), poll: &ReceiptPoll) -> Result<Option<Range>, Refusal> {
    let from = key(&[&poll.element, &poll.hi, &Hash([0xff; 32])]);
    let scan = Scan { from: Some(&from), backwards: true, limit: 1, ..Scan::all(&poll.element.0) };
    let Some((last, _)) = tx.list::<ClaimRow>(scan)?.pop() else { return Ok(None) };
    let hi = counter_of(&last);
    if hi < poll.lo {
        return Ok(None);
    }
    let head = claims(tx, poll.element, hi)?.first().copied().unwrap_or(Hash::ZERO);
    Ok(Some(Range { lo: poll.lo, hi, head }))
}

/// The visits of a range, in the order of their counters.
fn visits_between(tx: &mut (dyn Transaction + '_), poll: &ReceiptPoll) -> Result<Vec<Hash>, Refusal> {
    let from = key(&[&poll.element, &poll.lo]);
    let mut evids = Vec::new();
    let limit = rows_between(poll.lo, poll.hi);
    for (row_key, _) in
        tx.list::<ClaimRow>(Scan { from: Some(&from), limit, ..Scan::all(&poll.element.0) })?
    {
        if counter_of(&row_key) > poll.hi {
            break;
        }
        if let Some(payload) = row_key.get(24..56).and_then(|bytes| bytes.try_into().ok()).map(Hash)
            && tx.find::<VisitRow>(&key(&[&payload]))?.is_some()
        {
            evids.push(payload);
        }
    }
    Ok(evids)
}
