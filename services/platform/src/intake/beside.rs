//! What a bundle says of the counter values beside its visit: a receipt of its own, over them alone.

use jushin_statement::{Hash, Id16, Presence, Receipt, ReceiptItem, Signed, UnixMillis};

use super::gaps::{GapKind, gaps};
use super::judge::Judged;
use crate::authority::KeyName;
use crate::platform::Platform;
use crate::records::claims;
use crate::refusal::Refusal;
use crate::store::rows::{ClaimRow, GapRow, counter_of, key};
use crate::store::{Scan, Transaction};

impl Platform {
    /// A receipt over a visit and its neighbours. The receipts that the terminal got name other patients'
    /// visits, so none of them goes into a bundle. A neighbour that may still come is left out; one that a
    /// close has shown to be missing is stated as a gap until it comes.
    pub(crate) fn receipt_beside(
        &self,
        tx: &mut (dyn Transaction + '_),
        presence: &Presence,
        judged: &Judged,
        now: UnixMillis,
    ) -> Result<Signed, Refusal> {
        let Presence { element, counter, .. } = *presence;
        let commit = counter.saturating_add(1);
        let before = counter.saturating_sub(1);
        let stated = before > 0 && (is_known(tx, element, before)? || is_alarmed(tx, element, before)?);
        let lo = if stated { before } else { counter };
        let (hi, head) = match next_after(tx, element, commit)? {
            Some(next) if is_alarmed(tx, element, commit.saturating_add(1))? => next,
            _ => (commit, judged.verdict.evid),
        };
        let receipt = Receipt {
            element,
            lo,
            hi,
            head,
            at: now,
            gaps: gaps(tx, element, lo, hi)?,
            items: vec![ReceiptItem {
                counter,
                status: judged.verdict.status,
                reasons: judged.verdict.reasons.clone(),
                pid: None,
            }],
        };
        self.inner().authority.sign(KeyName::Receipt, &receipt)
    }
}

fn is_known(tx: &mut (dyn Transaction + '_), element: Id16, counter: u64) -> Result<bool, Refusal> {
    Ok(!claims(tx, element, counter)?.is_empty())
}

/// Whether a close showed that the counter value is missing, nothing explained it, and it still is missing.
fn is_alarmed(tx: &mut (dyn Transaction + '_), element: Id16, counter: u64) -> Result<bool, Refusal> {
    let from = key(&[&element, &counter]);
    let scan = Scan { from: Some(&from), backwards: true, limit: 1, ..Scan::all(&element.0) };
    let hole = tx.list::<GapRow>(scan)?.pop();
    let alarmed = hole.is_some_and(|(row_key, row)| {
        (counter_of(&row_key)..=row.to).contains(&counter) && GapKind::from_number(row.kind) == GapKind::Alarm
    });
    Ok(alarmed && !is_known(tx, element, counter)?)
}

/// The first counter value above this one under which something stands, and what.
fn next_after(
    tx: &mut (dyn Transaction + '_),
    element: Id16,
    counter: u64,
) -> Result<Option<(u64, Hash)>, Refusal> {
    let from = key(&[&element, &counter.saturating_add(1)]);
    let scan = Scan { from: Some(&from), limit: 1, ..Scan::all(&element.0) };
    let Some((row_key, _)) = tx.list::<ClaimRow>(scan)?.pop() else { return Ok(None) };
    let next = counter_of(&row_key);
    Ok(claims(tx, element, next)?.first().map(|head| (next, *head)))
}
