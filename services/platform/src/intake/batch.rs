//! One batch from door to answer.

use std::collections::{BTreeMap, BTreeSet};

use jushin_pki::AsOf;
use jushin_statement::{Anchor, Batch, BatchAck, Bytes, Hash, Presence};
use tokio::task::JoinSet;

use super::open::OpenedBatch;
use super::poll::unlock_of;
use crate::card_status::UnlockStatus;
use crate::platform::{Platform, blocking};
use crate::refusal::Refusal;
use crate::store::rows::transact;

/// Questions to a responder that are under way at the same time.
const ASKED_AT_ONCE: usize = 8;

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
        opened.unlocks = self.ask_about_unlocks_of(&batch, &opened).await?;
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

    /// Asks about the unlocks that came now, and anew about those that the visits name: what was answered
    /// before a visit came says nothing of it.
    async fn ask_about_unlocks_of(
        &self,
        batch: &Batch,
        opened: &OpenedBatch,
    ) -> Result<Vec<UnlockStatus>, Refusal> {
        let mut unlocks: Vec<Anchor> = batch.anchors.iter().map(|anchor| anchor.0.clone()).collect();
        let came: BTreeSet<Hash> = unlocks.iter().filter_map(imprint).collect();
        let named: BTreeMap<Hash, Presence> = opened
            .visits
            .iter()
            .map(|visit| (visit.presence.anchor, visit.presence.clone()))
            .filter(|(anchor, _)| !came.contains(anchor))
            .collect();
        let platform = self.clone();
        let known = blocking(move || {
            transact(&*platform.inner().ports.store, |tx| {
                named.values().map(|presence| unlock_of(tx, presence)).collect::<Result<Vec<_>, _>>()
            })
        });
        unlocks.extend(known.await?.into_iter().flatten());
        Ok(self.ask_about_unlocks(unlocks.iter()).await)
    }

    /// Asks responder and register about every card. What cannot be asked now stays unknown: the visit is
    /// then indeterminate, not refused.
    async fn ask_about_cards(&self, opened: &mut OpenedBatch) -> Result<(), Refusal> {
        // Each card once, however often it came, and several at the same time.
        let cards: BTreeSet<&[u8]> =
            opened.visits.iter().map(|visit| visit.evidence.certificate.as_ref()).collect();
        let mut cards = cards.into_iter().map(Bytes::from).collect::<Vec<_>>().into_iter();
        let mut asking = JoinSet::new();
        let mut answers = BTreeMap::new();
        loop {
            while asking.len() < ASKED_AT_ONCE
                && let Some(card) = cards.next()
            {
                let platform = self.clone();
                asking.spawn(async move {
                    let response = platform.ask_about_card(&card).await?;
                    Ok::<_, Refusal>((card, response))
                });
            }
            let Some(answer) = asking.join_next().await else { break };
            let (card, response) = answer.map_err(|error| Refusal::Internal(error.to_string()))??;
            answers.insert(card, response);
        }
        for visit in &mut opened.visits {
            visit.response = answers.get(&visit.evidence.certificate).cloned().flatten();
        }
        Ok(())
    }

    /// What the responder says of a card, if it can be asked.
    async fn ask_about_card(&self, certificate: &[u8]) -> Result<Option<Vec<u8>>, Refusal> {
        // A certificate under no card CA is for the verifier to reject.
        let Ok(path) = self.patient_card(certificate, AsOf::Unjudged) else { return Ok(None) };
        let response = self.ask_status(&path).await.ok().flatten().map(|asked| asked.response);
        let (platform, certificate) = (self.clone(), path.leaf().clone());
        if !blocking(move || platform.is_registered(&certificate)).await? {
            let _unreachable_is_unknown = self.fetch_register_rows().await;
        }
        Ok(response)
    }
}

/// anchor-h of an unlock by an administrator's card.
fn imprint(anchor: &Anchor) -> Option<Hash> {
    match anchor {
        Anchor::Offline { admin, .. } => Some(admin.imprint()),
        _ => None,
    }
}
