//! The one transaction that stores a batch, verifies its visits and keeps the answer.

use jushin_pki::Certificate;
use jushin_statement::{
    AdminActivation, Alg, Anchor, Batch, BatchAck, BindingState, Embedded, Hash, Id16, Object as _, Signed,
    UnixMillis,
};

use super::close::Closed;
use super::judge::Judged;
use super::open::{OpenedBatch, OpenedVisit};
use crate::enrolment::newest_binding;
use crate::log::Entry;
use crate::platform::Platform;
use crate::records::{claim, claims, take_record};
use crate::refusal::Refusal;
use crate::store::rows::{
    AnchorRow, AnswerRow, BindingRow, ElementRow, ForkRow, RevocationRow, VisitRow, key, transact,
};
use crate::store::{Scan, Transaction};
use crate::verify::{Signer, unverified, verified};

/// Whose answer is made: the visit and what was found.
pub(crate) struct Settled {
    pub(crate) counter: u64,
    pub(crate) evid: Hash,
    pub(crate) institution: jushin_statement::InstitutionCode,
    pub(crate) certificate: Option<Certificate>,
    pub(crate) judged: Judged,
}

impl Platform {
    /// Stores, verifies and answers; nothing of it stands unless all of it was committed.
    pub(crate) fn settle(&self, batch: &Batch, opened: &OpenedBatch) -> Result<BatchAck, Refusal> {
        let inner = self.inner();
        let now = inner.ports.clock.now();
        let answer_key = key(&[&opened.element, &contents(batch, opened)]);
        let answer = transact(&*inner.ports.store, |tx| {
            if let Some(known) = tx.find::<AnswerRow>(&answer_key)? {
                tx.put(&answer_key, &known)?;
                return Ok(known.body.0);
            }
            let forked = self.store_batch(tx, batch, opened, now)?;
            let closed = opened.close.as_ref().map(|close| self.take_close(tx, close, now)).transpose()?;
            if let Some(counter) = forked.or(closed.as_ref().and_then(|closed| closed.fork)) {
                self.stop_fork(tx, opened.element, counter, now)?;
            }
            if let Some(closed) = closed.filter(|closed| closed.missing > 0) {
                self.raise_alarm(tx, opened.element, &closed)?;
            }
            let mut settled = Vec::new();
            for visit in &opened.visits {
                settled.push(self.settle_visit(tx, visit, now)?);
            }
            let answer = self.answer(tx, opened.element, range(batch, opened)?, &settled, now)?.encode();
            tx.put(&answer_key, &AnswerRow { body: answer.clone().into() })?;
            Ok(answer)
        })?;
        BatchAck::decode(&answer).map_err(|error| Refusal::Internal(error.to_string()))
    }

    /// Stores everything; returns a counter value under which something else stood already.
    fn store_batch(
        &self,
        tx: &mut (dyn Transaction + '_),
        batch: &Batch,
        opened: &OpenedBatch,
        now: UnixMillis,
    ) -> Result<Option<u64>, Refusal> {
        let element = opened.element;
        let mut forked = None;
        let mut note = |fork: bool, counter: u64| {
            if fork {
                forked = forked.or(Some(counter));
            }
        };
        for record in &opened.records {
            let counter = record.record.link().counter;
            note(take_record(tx, element, counter, &record.signed, now)?, counter);
        }
        for anchor in &batch.anchors {
            self.store_anchor(tx, element, &opened.row, anchor, now)?;
        }
        for status in &opened.unlocks {
            status.keep(tx, now)?;
        }
        for visit in &opened.visits {
            let counter = visit.presence.counter;
            note(claim(tx, element, counter, Hash::of(&visit.evidence.presence), now)?, counter);
            note(
                take_record(tx, element, visit.commit.counter, &visit.evidence.commit, now)?,
                visit.commit.counter,
            );
            let row = VisitRow {
                element,
                counter,
                institution: visit.presence.institution,
                evidence: Embedded(visit.evidence.clone()),
                at: now,
            };
            tx.put(&key(&[&visit.evid]), &row)?;
            self.enter(tx, Entry::Visit, visit.evid, now)?;
            if let Some(response) = &visit.response {
                let row = RevocationRow { response: response.as_slice().into(), at: now };
                tx.put(&key(&[&visit.evid, &Hash::of(response)]), &row)?;
            }
        }
        Ok(forked)
    }

    /// Keeps an anchor that the terminal brought. Who signed what is checked here, what it proves later.
    fn store_anchor(
        &self,
        tx: &mut (dyn Transaction + '_),
        element: Id16,
        row: &ElementRow,
        anchor: &Embedded<Anchor>,
        now: UnixMillis,
    ) -> Result<(), Refusal> {
        let crypto = &*self.inner().ports.crypto;
        let signer = Signer::element(&row.device_key);
        let (owner, counter) = match &anchor.0 {
            Anchor::Online { stamp1, .. } => {
                let stamp: jushin_statement::TickStamp1 = verified(crypto, stamp1, signer)?;
                (stamp.element, stamp.counter)
            }
            Anchor::Close { close, .. } => {
                let close: jushin_statement::Close = verified(crypto, close, signer)?;
                (close.element, close.counter)
            }
            Anchor::Offline { admin, certificate } => {
                let activation = self.admin_activation(tx, element, admin, certificate)?;
                claim(tx, element, activation.counter, activation.hash(), now)?;
                (activation.element, activation.counter)
            }
            Anchor::Beacon { .. } => {
                return Err(Refusal::Mismatch { object: "batch", field: "anchors (beacon)" });
            }
        };
        if owner != element {
            return Err(Refusal::TwoElements { batch: element, other: owner });
        }
        let row = AnchorRow { anchor: anchor.clone(), at: now };
        tx.put(&key(&[&element, &counter, &anchor.0.hash()]), &row)?;
        Ok(())
    }

    /// An offline activation that a named administrator signed.
    fn admin_activation(
        &self,
        tx: &mut (dyn Transaction + '_),
        element: Id16,
        signed: &Signed,
        certificate: &[u8],
    ) -> Result<AdminActivation, Refusal> {
        let refused = |why: &str| Refusal::CertificateRefused { why: why.to_owned() };
        let certificate = Certificate::parse(certificate).map_err(|error| refused(&error.to_string()))?;
        let signer = Signer { spki: certificate.spki(), alg: Alg::Rs256, name: "the administrator's card" };
        let activation: AdminActivation = verified(&*self.inner().ports.crypto, signed, signer)?;
        for (_, row) in tx.list::<BindingRow>(Scan::all(&key(&[&element])))? {
            let binding: jushin_statement::Binding = unverified(&row.signed)?;
            let named = binding.administrators.iter().any(|one| one.key == Hash::of(certificate.spki()));
            if binding.hash() == activation.binding && named {
                return Ok(activation);
            }
        }
        Err(refused("its key is in no binding of this element"))
    }

    /// Counter values are missing and nothing explains it: noted, and from the policy's count on the terminal
    /// is suspended.
    fn raise_alarm(
        &self,
        tx: &mut (dyn Transaction + '_),
        element: Id16,
        closed: &Closed,
    ) -> Result<(), Refusal> {
        let why =
            format!("{} counter values below a close are missing, and nothing explains it", closed.missing);
        self.note(tx, Some(element), &why)?;
        let in_use =
            newest_binding(tx, element)?.is_some_and(|newest| newest.binding.state == BindingState::InUse);
        if closed.stop && in_use {
            self.change_binding(tx, element, BindingState::Suspended, None, &why)?;
        }
        Ok(())
    }

    /// Two things under one counter value: both are kept, the terminal is suspended at once, and what was
    /// said of the other visit is said anew.
    fn stop_fork(
        &self,
        tx: &mut (dyn Transaction + '_),
        element: Id16,
        counter: u64,
        now: UnixMillis,
    ) -> Result<(), Refusal> {
        tx.put(&key(&[&element, &counter]), &ForkRow { at: now })?;
        let in_use =
            newest_binding(tx, element)?.is_some_and(|newest| newest.binding.state == BindingState::InUse);
        if in_use {
            let why = format!("two different records of counter {counter}");
            self.change_binding(tx, element, BindingState::Suspended, None, &why)?;
        }
        for at in counter..=counter.saturating_add(1) {
            for evid in claims(tx, element, at)? {
                self.judge_again(tx, evid, now)?;
            }
        }
        Ok(())
    }

    /// Judges a stored visit anew; nothing happens if there is none of that evid.
    pub(crate) fn judge_again(
        &self,
        tx: &mut (dyn Transaction + '_),
        evid: Hash,
        now: UnixMillis,
    ) -> Result<Option<Settled>, Refusal> {
        let Some(row) = tx.find::<VisitRow>(&key(&[&evid]))? else { return Ok(None) };
        let evidence = row.evidence.0;
        let presence = jushin_statement::Presence::decode(&evidence.presence)
            .map_err(|why| Refusal::Malformed { object: "presence", why })?;
        let commit = unverified(&evidence.commit)?;
        let visit = OpenedVisit { evid, evidence, presence, commit, response: None };
        self.settle_visit(tx, &visit, now).map(Some)
    }

    fn settle_visit(
        &self,
        tx: &mut (dyn Transaction + '_),
        visit: &OpenedVisit,
        now: UnixMillis,
    ) -> Result<Settled, Refusal> {
        let judged = self.judge(tx, &visit.evidence, &visit.presence, visit.evid, now)?;
        let settled = Settled {
            counter: visit.presence.counter,
            evid: visit.evid,
            institution: visit.presence.institution,
            certificate: Certificate::parse(&visit.evidence.certificate).ok(),
            judged,
        };
        self.register_visit(tx, &settled, now)?;
        Ok(settled)
    }
}

/// Names the contents of a batch: the same visits, records and anchors have the same name, however their
/// boxes were sealed.
fn contents(batch: &Batch, opened: &OpenedBatch) -> Hash {
    let mut hashes: Vec<Hash> = opened.visits.iter().map(|visit| visit.evid).collect();
    hashes.extend(opened.records.iter().map(|record| record.hash));
    hashes.extend(batch.anchors.iter().map(|anchor| anchor.0.hash()));
    // Not the same as the same record without the wish to close.
    hashes.extend(opened.close.iter().map(|close| Hash::of_parts(&[b"close", &close.hash.0])));
    hashes.sort_unstable();
    hashes.dedup();
    Hash::of_parts(&hashes.iter().map(|hash| hash.0.as_slice()).collect::<Vec<_>>())
}

/// First and last counter value of a batch, and the payload hash of the record with the last one.
fn range(batch: &Batch, opened: &OpenedBatch) -> Result<super::answer::Range, Refusal> {
    let records = opened.records.iter().map(|record| (record.record.link().counter, record.hash));
    let commits = opened.visits.iter().map(|visit| (visit.commit.counter, visit.evid));
    let mut all: Vec<(u64, Hash)> = records.chain(commits).collect();
    for anchor in &batch.anchors {
        match &anchor.0 {
            Anchor::Online { stamp1, stamp2, .. } => {
                let first: jushin_statement::TickStamp1 = unverified(stamp1)?;
                all.push((first.counter, first.hash()));
                if let Ok(second) = unverified::<jushin_statement::TickStamp2>(stamp2) {
                    all.push((second.counter, second.hash()));
                }
            }
            Anchor::Offline { admin, .. } => {
                let activation: AdminActivation = unverified(admin)?;
                all.push((activation.counter, activation.hash()));
            }
            Anchor::Close { .. } | Anchor::Beacon { .. } => {}
        }
    }
    all.extend(opened.close.iter().map(|close| (close.close.counter, close.hash)));
    let closed = opened.close.iter().map(|close| close.close.lo);
    let begins = opened.visits.iter().map(|visit| visit.presence.counter);
    let lo = all.iter().map(|(counter, _)| *counter).chain(begins).chain(closed).min();
    let last = all.iter().max_by_key(|(counter, _)| *counter);
    match (lo, last) {
        (Some(lo), Some((hi, head))) => Ok(super::answer::Range { lo, hi: *hi, head: *head }),
        _ => Err(Refusal::EmptyBatch),
    }
}
