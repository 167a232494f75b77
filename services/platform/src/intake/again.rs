//! Judging again: visits without an upper end, when something may have closed them; visits that a later
//! binding makes void (P7 V12).

use jushin_statement::{Hash, Id16, UnixMillis};

use crate::platform::{Platform, blocking};
use crate::refusal::Refusal;
use crate::store::rows::{ClaimRow, OpenRow, key, transact};
use crate::store::{Scan, Transaction};

/// Visits that one transaction judges.
const PAGE: usize = 128;

impl Platform {
    /// Judges every open-ended visit of an element again, a page a transaction.
    pub(crate) async fn judge_open(&self, element: Id16) -> Result<(), Refusal> {
        let mut after = None;
        loop {
            let platform = self.clone();
            let next = blocking(move || platform.judge_page(element, after.as_deref())).await?;
            self.inner().wake.notify_one();
            let Some(next) = next else { return Ok(()) };
            after = Some(next);
        }
    }

    /// Returns the last key of a page that was full.
    fn judge_page(&self, element: Id16, after: Option<&[u8]>) -> Result<Option<Vec<u8>>, Refusal> {
        let now = self.inner().ports.clock.now();
        // The first key after one is that with a zero byte behind it.
        let from = after.map(|key| [key, &[0]].concat());
        transact(&*self.inner().ports.store, |tx| {
            let scan = Scan { from: from.as_deref(), limit: PAGE, ..Scan::all(&element.0) };
            let page = tx.list::<OpenRow>(scan)?;
            for (row_key, _) in &page {
                if let Some(evid) = row_key.get(24..56).and_then(|bytes| bytes.try_into().ok()) {
                    self.judge_again(tx, Hash(evid), now)?;
                }
            }
            Ok(page.last().filter(|_| page.len() == PAGE).map(|(row_key, _)| row_key.clone()))
        })
    }

    /// Judges the visits from a counter value on again.
    pub(crate) fn judge_from(
        &self,
        tx: &mut (dyn Transaction + '_),
        element: Id16,
        counter: u64,
        now: UnixMillis,
    ) -> Result<(), Refusal> {
        let from = key(&[&element, &counter]);
        let scan = Scan { from: Some(&from), ..Scan::all(&element.0) };
        for (row_key, _) in tx.list::<ClaimRow>(scan)? {
            if let Some(evid) = row_key.get(24..56).and_then(|bytes| bytes.try_into().ok()) {
                self.judge_again(tx, Hash(evid), now)?;
            }
        }
        Ok(())
    }
}
