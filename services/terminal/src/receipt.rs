//! When a receipt counts: only then may a box go.

use std::sync::Arc;

use jushin_pki::{Crypto, PublicKey, Suite};
use jushin_statement::cbor::Malformed;
use jushin_statement::{
    Alg, BatchAck, Eligibility, Hash, Id16, KeyHint, Object, Receipt, Sign1, Signed, Statement, Status,
    Verdict,
};

use crate::store::{AcceptedReceipt, Store, StoreError, VisitAnswer};

/// The reason number of a card that was stopped, or past its date, before the visit.
const STOPPED_BEFORE: u64 = 10;

/// Why an answer of the platform does not count. The platform, or whoever stands between, is at fault;
/// nothing is deleted.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptRefused {
    /// It is not what it should be.
    #[error("the {object} is malformed: {malformed}")]
    Malformed {
        /// Which object.
        object: &'static str,
        /// What is wrong.
        malformed: Malformed,
    },
    /// Another key signed it, or the bytes changed.
    #[error("the {0} is not signed by the platform's key for receipts")]
    Signature(&'static str),
    /// The receipt is another element's.
    #[error("the receipt is for element {theirs}, this is {own}")]
    OtherElement {
        /// In the receipt.
        theirs: Id16,
        /// The own one.
        own: Id16,
    },
    /// The receipt names another record at `hi`, or one that the journal does not have.
    #[error("the receipt ends at counter {hi} with {theirs}, the journal holds {own:?}")]
    OtherHead {
        /// Counter.
        hi: u64,
        /// In the receipt.
        theirs: Hash,
        /// In the journal.
        own: Option<Hash>,
    },
    /// The journal failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Checks answers of the platform against the pinned key and the own journal.
pub(crate) struct ReceiptChecker<'a> {
    key: Arc<dyn PublicKey>,
    hint: KeyHint,
    element: Id16,
    store: &'a dyn Store,
}

impl<'a> ReceiptChecker<'a> {
    /// `receipt_key` is the pinned DER SPKI.
    pub(crate) fn new(
        crypto: &dyn Crypto,
        receipt_key: &[u8],
        element: Id16,
        store: &'a dyn Store,
    ) -> Result<Self, jushin_pki::UnusableKey> {
        let key = crypto.public_key(receipt_key)?;
        Ok(Self { key, hint: KeyHint::of_spki(receipt_key), element, store })
    }

    /// A receipt counts if the platform's receipt key signed it, the element is the own one, and its head
    /// is the payload of the own record at `hi`. A verdict or eligibility answer counts by its signature.
    pub(crate) fn check(&self, answer: &BatchAck) -> Result<AcceptedReceipt, ReceiptRefused> {
        let receipt: Receipt = self.opened(&answer.receipt)?;
        if receipt.element != self.element {
            return Err(ReceiptRefused::OtherElement { theirs: receipt.element, own: self.element });
        }
        let own = self.store.record_hash(receipt.hi)?;
        if own != Some(receipt.head) {
            return Err(ReceiptRefused::OtherHead { hi: receipt.hi, theirs: receipt.head, own });
        }
        let verdicts = self.by_visit(&answer.verdicts, |verdict: &Verdict| verdict.evid)?;
        let eligibilities = self.by_visit(&answer.eligibilities, |answer: &Eligibility| answer.evid)?;
        let mut answers = Vec::new();
        for item in &receipt.items {
            let Some(evid) = self.store.visit_at(item.counter)? else { continue };
            let of_visit = |list: &[(Hash, Signed)]| {
                list.iter().find(|(of, _)| *of == evid).map(|(_, signed)| signed.clone())
            };
            answers.push(VisitAnswer {
                evid,
                counter: item.counter,
                status: item.status,
                stopped: item.status == Status::Invalid && item.reasons.contains(&STOPPED_BEFORE),
                pid: item.pid,
                verdict: of_visit(&verdicts),
                eligibility: of_visit(&eligibilities),
            });
        }
        Ok(AcceptedReceipt {
            hash: receipt.hash(),
            at: receipt.at,
            signed: answer.receipt.clone(),
            acknowledged: acknowledged(&receipt),
            answers,
        })
    }

    fn by_visit<S: Statement>(
        &self,
        signed: &[Signed],
        evid: impl Fn(&S) -> Hash,
    ) -> Result<Vec<(Hash, Signed)>, ReceiptRefused> {
        signed.iter().map(|signed| Ok((evid(&self.opened::<S>(signed)?), signed.clone()))).collect()
    }

    fn opened<S: Statement>(&self, signed: &Signed) -> Result<S, ReceiptRefused> {
        let malformed = |malformed| ReceiptRefused::Malformed { object: S::NAME, malformed };
        let sign1: Sign1<'_> = signed.parse().map_err(malformed)?;
        if sign1.alg != Alg::Es256 || sign1.key != Some(self.hint) {
            return Err(ReceiptRefused::Signature(S::NAME));
        }
        self.key
            .verify(Suite::P256Sha256Cose, &sign1.to_be_signed(S::CONTEXT), sign1.signature)
            .map_err(|_| ReceiptRefused::Signature(S::NAME))?;
        sign1.object().map_err(malformed)
    }
}

/// `lo..=hi` without the gaps that the receipt names.
fn acknowledged(receipt: &Receipt) -> Vec<(u64, u64)> {
    let mut gaps: Vec<_> = receipt.gaps.iter().map(|gap| (gap.from, gap.to)).collect();
    gaps.sort_unstable();
    let mut ranges = Vec::new();
    let mut from = receipt.lo;
    for (first, last) in gaps {
        if first > from && first <= receipt.hi {
            ranges.push((from, first - 1));
        }
        from = from.max(last.saturating_add(1));
    }
    if from <= receipt.hi {
        ranges.push((from, receipt.hi));
    }
    ranges
}

#[cfg(test)]
mod tests {
    use jushin_statement::{Gap, UnixMillis};

    use super::*;

    #[test]
    fn a_counter_in_a_gap_is_not_acknowledged() {
        let receipt = |gaps: &[(u64, u64)]| Receipt {
            element: Id16([0; 16]),
            lo: 3,
            hi: 9,
            head: Hash::ZERO,
            at: UnixMillis(0),
            gaps: gaps.iter().map(|&(from, to)| Gap { from, to }).collect(),
            items: Vec::new(),
        };
        assert_eq!(acknowledged(&receipt(&[])), [(3, 9)]);
        assert_eq!(acknowledged(&receipt(&[(5, 6)])), [(3, 4), (7, 9)]);
        assert_eq!(acknowledged(&receipt(&[(8, 9), (3, 3)])), [(4, 7)]);
        assert_eq!(acknowledged(&receipt(&[(1, u64::MAX)])), []);
    }
}
