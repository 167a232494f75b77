//! One batch from door to answer.

use jushin_pki::AsOf;
use jushin_statement::{Batch, BatchAck};

use super::open::{OpenedBatch, OpenedVisit};
use crate::platform::{Platform, blocking};
use crate::refusal::Refusal;

impl Platform {
    /// Takes in a batch. The same contents again get the same answer, byte for byte.
    pub(crate) async fn take_batch(&self, batch: Batch) -> Result<BatchAck, Refusal> {
        let platform = self.clone();
        let (mut opened, batch) = blocking(move || {
            let opened = platform.open_batch(&batch)?;
            Ok((opened, batch))
        })
        .await?;
        self.ask_about_cards(&mut opened).await?;
        opened.unlocks = self.ask_about_unlocks(batch.anchors.iter().map(|anchor| &anchor.0)).await;
        if let Some(close) = &mut opened.close {
            self.stamp_close(close).await?;
        }
        let closing = (opened.close.is_some() || !batch.anchors.is_empty()).then_some(opened.element);
        let platform = self.clone();
        let answer = blocking(move || platform.settle(&batch, &opened)).await?;
        if let Some(element) = closing {
            self.judge_open(element).await?;
        }
        self.inner().wake.notify_one();
        Ok(answer)
    }

    /// Asks responder and register about every card. What cannot be asked now stays unknown: the visit is
    /// then indeterminate, not refused.
    async fn ask_about_cards(&self, opened: &mut OpenedBatch) -> Result<(), Refusal> {
        for visit in &mut opened.visits {
            self.ask_about_card(visit).await?;
        }
        Ok(())
    }

    async fn ask_about_card(&self, visit: &mut OpenedVisit) -> Result<(), Refusal> {
        // A certificate under no card CA is for the verifier to reject.
        let Ok(path) = self.patient_card(&visit.evidence.certificate, AsOf::Unjudged) else { return Ok(()) };
        if let Ok(Some(asked)) = self.ask_status(&path).await {
            visit.response = Some(asked.response);
        }
        let (platform, certificate) = (self.clone(), path.leaf().clone());
        if !blocking(move || platform.is_registered(&certificate)).await? {
            let _unreachable_is_unknown = self.fetch_register_rows().await;
        }
        Ok(())
    }
}
