//! Witnesses: each checkpoint is shown to them, with the proof that it goes on from what they saw.

use jushin_log::{AddCheckpoint, ConsistencyProof, cosignature_line, prove_consistency, tree_root};
use jushin_runtime::Reply;

use super::LogWitness;
use super::files::StoredTiles;
use super::seal::Head;
use crate::platform::{Platform, blocking};
use crate::refusal::Refusal;
use crate::store::rows::{LogCosignatureRow, key, transact};

const PATH: &str = "/add-checkpoint";

impl Platform {
    /// Shows a checkpoint to every witness; returns how many have cosigned it. One that cannot be reached, or
    /// that refuses, is asked again with the next.
    pub(super) async fn cosigned(&self, head: &Head) -> Result<usize, Refusal> {
        let mut cosigned = 0;
        for witness in &self.inner().ports.log.witnesses {
            let (platform, row_key) = (self.clone(), key(&[&head.size(), &witness.key.name().as_str()]));
            let known_key = row_key.clone();
            let known = blocking(move || {
                transact(&*platform.inner().ports.store, |tx| {
                    Ok(tx.find::<LogCosignatureRow>(&known_key)?.is_some())
                })
            })
            .await?;
            if !known {
                let Some(line) = self.cosignature(head, witness).await else { continue };
                let platform = self.clone();
                let row = LogCosignatureRow { line, at: self.inner().ports.clock.now() };
                blocking(move || {
                    transact(&*platform.inner().ports.store, |tx| Ok(tx.put(&row_key, &row)?)).map(drop)
                })
                .await?;
            }
            cosigned += 1;
        }
        Ok(cosigned)
    }

    /// A verified cosignature, if the witness gives one.
    async fn cosignature(&self, head: &Head, witness: &LogWitness) -> Option<String> {
        let name = witness.key.name().as_str().to_owned();
        let old = self.inner().log.seen().get(&name).copied().unwrap_or(0);
        let mut reply = self.show(head, old, witness).await?;
        if reply.status.as_u16() == 409 {
            // The answer says where the witness is.
            let size = std::str::from_utf8(&reply.body).ok()?.trim_end().parse().ok()?;
            if size == old || size > head.size() {
                return None;
            }
            reply = self.show(head, size, witness).await?;
        }
        if !reply.status.is_success() {
            return None;
        }
        let answer = std::str::from_utf8(&reply.body).ok()?;
        let crypto = &*self.inner().ports.log.crypto;
        let line = cosignature_line(&head.checkpoint.text(), answer, &witness.key, crypto).ok()?;
        self.inner().log.seen().insert(name, head.size());
        Some(line)
    }

    async fn show(&self, head: &Head, old: u64, witness: &LogWitness) -> Option<Reply> {
        let (platform, shown) = (self.clone(), head.clone());
        let proof = blocking(move || Ok(platform.consistency(old, &shown))).await.ok()??;
        let request = AddCheckpoint { old_size: old, proof, checkpoint: head.note.clone() };
        witness.peer.post(PATH, "text/plain; charset=utf-8", request.to_text().into_bytes()).await.ok()
    }

    fn consistency(&self, old: u64, head: &Head) -> Option<ConsistencyProof> {
        let tiles = StoredTiles(&*self.inner().ports.log.files);
        // Where the tiles lie about the old root, no proof up to the signed one can be made.
        let root = tree_root(&tiles, old).ok()?;
        prove_consistency(&tiles, (old, &root), (head.size(), &head.checkpoint.root)).ok()
    }
}
