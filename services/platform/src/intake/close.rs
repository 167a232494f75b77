//! Closes (P6): an element states the head of its chain over the platform's own number, and a token over
//! that is the upper end of everything before it.

use jushin_statement::{
    Anchor, Bytes, Close, Embedded, GapQuery, Hash, Id16, Object as _, Presence, Record, Signed, UnixMillis,
};

use super::gaps::keep_holes;
use crate::enrolment::find_element;
use crate::nonce::{About, Purpose, spend, unspent};
use crate::platform::{Platform, blocking};
use crate::records::{claims_between, records_between, take_record};
use crate::refusal::Refusal;
use crate::store::rows::{
    AnchorRow, CloseRow, ElementRow, UnstampedRow, VisitRow, counter_of, key, transact,
};
use crate::store::{Scan, Table, Transaction};
use crate::verify::{Signer, unverified, verified};

/// How long a close that could not be stamped waits for the next try.
const PAUSE: std::time::Duration = std::time::Duration::from_secs(60);

/// Closes that one round stamps.
const ROUND: usize = 100;

/// A close whose signature, number and place were checked.
pub(crate) struct OpenedClose {
    pub(crate) signed: Signed,
    pub(crate) close: Close,
    pub(crate) hash: Hash,
    /// It was taken before: by a message whose answer was lost.
    pub(crate) known: bool,
    /// A token over it, if one could be had.
    pub(crate) token: Option<Vec<u8>>,
}

/// What a close found.
pub(crate) struct Closed {
    /// The chain shows another payload under this counter value than the one at hand.
    pub(crate) fork: Option<u64>,
    /// Counter values that nothing explains.
    pub(crate) missing: u64,
    /// The policy says that this terminal stops.
    pub(crate) stop: bool,
}

/// How the closes that wait for a token fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamped {
    /// Closes that have a token now.
    pub stamped: usize,
    /// Closes that still wait.
    pub waiting: usize,
}

impl Platform {
    /// Asks an element for everything after its last close. Also a suspended or retired one may answer.
    pub(crate) fn gap_query(&self, element: Id16) -> Result<GapQuery, Refusal> {
        let lo = transact(&*self.inner().ports.store, |tx| {
            find_element(tx, element)?;
            next_open(tx, element)
        })?;
        let about = About { element: Some(element), ..About::default() };
        let (nonce, _) = self.issue_nonce(Purpose::Close, about)?;
        Ok(GapQuery { element, lo, hi: None, nonce })
    }

    /// Everything that can be checked before the token is asked for.
    pub(crate) fn open_close(
        &self,
        element: Id16,
        row: &ElementRow,
        signed: &Signed,
    ) -> Result<OpenedClose, Refusal> {
        let inner = self.inner();
        let now = inner.ports.clock.now();
        let close: Close = verified(&*inner.ports.crypto, signed, Signer::element(&row.device_key))?;
        if close.element != element {
            return Err(Refusal::TwoElements { batch: element, other: close.element });
        }
        let hash = close.hash();
        let known = transact(&*inner.ports.store, |tx| {
            let known = is_known(tx, &close, hash)?;
            if !known && unspent(tx, Purpose::Close, close.nonce, now)?.element != Some(element) {
                return Err(Refusal::StaleNonce { lifetime_ms: Purpose::Close.lifetime_ms() });
            }
            Ok(known)
        })?;
        let field = if close.head != close.previous {
            "head"
        } else if close.hi.checked_add(1) != Some(close.counter) {
            "hi"
        } else {
            return Ok(OpenedClose { signed: signed.clone(), close, hash, known, token: None });
        };
        Err(Refusal::Mismatch { object: "close", field })
    }

    /// A token over a close that is new. Without one the close is taken all the same, and stamped later.
    pub(crate) async fn stamp_close(&self, opened: &mut OpenedClose) -> Result<(), Refusal> {
        if !opened.known {
            opened.token = self.token_over(opened.close.element, &opened.signed).await?;
        }
        Ok(())
    }

    /// `None`: no authority gives one now.
    async fn token_over(&self, element: Id16, signed: &Signed) -> Result<Option<Vec<u8>>, Refusal> {
        let platform = self.clone();
        let first =
            blocking(move || transact(&*platform.inner().ports.store, |tx| platform.whose_turn(tx, element)))
                .await?;
        match self.time_stamp(signed, first).await {
            Ok((token, _)) => Ok(Some(token)),
            Err(Refusal::NoTimeStamper(_) | Refusal::TokenRefused(_)) => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }

    /// Keeps a close beside the records that came with it, and says what is missing below it.
    pub(crate) fn take_close(
        &self,
        tx: &mut (dyn Transaction + '_),
        opened: &OpenedClose,
        now: UnixMillis,
    ) -> Result<Closed, Refusal> {
        let OpenedClose { signed, close, hash, token, .. } = opened;
        let element = close.element;
        if is_known(tx, close, *hash)? {
            return Ok(Closed { fork: None, missing: 0, stop: false });
        }
        spend(tx, Purpose::Close, close.nonce, now)?;
        let from = next_open(tx, element)?;
        if close.lo > from {
            return Err(Refusal::Mismatch { object: "close", field: "lo" });
        }
        let forked = take_record(tx, element, close.counter, signed, now)?;
        tx.put(
            &key(&[&element, &close.counter]),
            &CloseRow { signed: signed.clone(), lo: close.lo, at: now },
        )?;
        match token {
            Some(token) => keep_token(tx, close, signed, token, now)?,
            None => {
                tx.put(&key(&[&element, &close.counter]), &UnstampedRow { at: now })?;
            }
        }
        let torn = torn_at(tx, element, from, close.counter)?;
        let alarms = keep_holes(tx, element, (from, close.counter), self.inner().config.gaps, now)?;
        let fork = torn.or(forked.then_some(close.counter));
        Ok(Closed { fork, missing: alarms.new, stop: alarms.stop })
    }

    /// Tries once to get a token for every close that waits for one, and judges anew what it closes.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`]. Authorities that cannot be reached are no error: the closes wait.
    pub async fn stamp_closes_once(&self) -> Result<Stamped, Refusal> {
        let platform = self.clone();
        let scan = Scan { limit: ROUND, ..Scan::all(&[]) };
        let waiting = blocking(move || {
            transact(&*platform.inner().ports.store, |tx| {
                let rows = tx.list::<UnstampedRow>(scan)?;
                rows.into_iter()
                    .map(|(row_key, _)| tx.find::<CloseRow>(&row_key)?.ok_or(Refusal::Unknown("close")))
                    .collect::<Result<Vec<_>, _>>()
            })
        })
        .await?;
        let mut done = Stamped { stamped: 0, waiting: waiting.len() };
        for row in waiting {
            let close: Close = unverified(&row.signed)?;
            let Some(token) = self.token_over(close.element, &row.signed).await? else { break };
            let (platform, element) = (self.clone(), close.element);
            blocking(move || {
                let now = platform.inner().ports.clock.now();
                transact(&*platform.inner().ports.store, |tx| {
                    keep_token(tx, &close, &row.signed, &token, now)?;
                    tx.erase(Table::Unstamped, &key(&[&close.element, &close.counter]))?;
                    Ok(())
                })
            })
            .await?;
            self.judge_open(element).await?;
            done.stamped += 1;
            done.waiting -= 1;
        }
        Ok(done)
    }
}

impl Platform {
    /// Stamps closes that wait for a token, for ever: once a minute while there are any. Started by the
    /// composition.
    pub async fn run_closes(self) {
        loop {
            // A store that fails now is tried again as an authority is.
            let _tried_again_later = self.stamp_closes_once().await;
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// The first counter value that no close covers.
pub(crate) fn next_open(tx: &mut (dyn Transaction + '_), element: Id16) -> Result<u64, Refusal> {
    Ok(tx.newest::<CloseRow>(&element.0)?.map_or(1, |(row_key, _)| counter_of(&row_key).saturating_add(1)))
}

fn is_known(tx: &mut (dyn Transaction + '_), close: &Close, hash: Hash) -> Result<bool, Refusal> {
    let row = tx.find::<CloseRow>(&key(&[&close.element, &close.counter]))?;
    Ok(match row {
        Some(row) => unverified::<Close>(&row.signed)?.hash() == hash,
        None => false,
    })
}

fn keep_token(
    tx: &mut (dyn Transaction + '_),
    close: &Close,
    signed: &Signed,
    token: &[u8],
    now: UnixMillis,
) -> Result<(), Refusal> {
    let anchor = Anchor::Close { close: signed.clone(), token: Bytes::from(token) };
    let row_key = key(&[&close.element, &close.counter, &anchor.hash()]);
    tx.put(&row_key, &AnchorRow { anchor: Embedded(anchor), at: now })?;
    Ok(())
}

/// The first counter value under which the record after it names another payload than the one at hand: the
/// element has signed two.
fn torn_at(tx: &mut (dyn Transaction + '_), element: Id16, lo: u64, hi: u64) -> Result<Option<u64>, Refusal> {
    let known = claims_between(tx, element, lo.saturating_sub(1), hi)?;
    let mut named = Vec::new();
    for signed in records_between(tx, element, lo, hi)? {
        let parsed = signed.parse().map_err(|why| Refusal::Malformed { object: "record", why })?;
        let Ok(record) = Record::decode(parsed.payload) else { continue };
        let link = record.link();
        named.push((link.counter, link.previous));
        if matches!(record, Record::Commit(_))
            && let Some(visit) = tx.find::<VisitRow>(&key(&[&parsed.payload_hash()]))?
            && let Ok(presence) = Presence::decode(&visit.evidence.0.presence)
        {
            named.push((presence.counter, presence.previous));
        }
    }
    named.sort_unstable();
    Ok(named
        .into_iter()
        .filter_map(|(counter, previous)| Some((counter.checked_sub(1)?, previous)))
        .find_map(|(before, previous)| {
            let at_hand = known.get(&before)?;
            (!at_hand.contains(&previous)).then_some(before)
        }))
}
