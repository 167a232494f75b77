//! Proofs for bundles, and the newest checkpoint for everybody.

use jushin_log::{LoggedProof, Opening, leaf_hash, prove_inclusion};
use jushin_statement::{Bytes, Hash};

use super::files::StoredTiles;
use super::opened;
use super::seal::number;
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::store::rows::{LogCheckpointRow, LogCosignatureRow, LogIndexRow, key, transact};
use crate::store::{Scan, Transaction};

/// How far back a checkpoint is looked for that a witness cosigned.
const LOOK_BACK: usize = 64;

impl Platform {
    /// The proof that something stands in the log, with its opening; nothing before it was sealed. Files that do
    /// not lead to the signed root give no proof, and do not hold up an export: the audit reports them.
    pub(crate) fn logged(
        &self,
        tx: &mut (dyn Transaction + '_),
        content: Hash,
    ) -> Result<Vec<Bytes>, Refusal> {
        let Some(LogIndexRow { index }) = tx.find(&key(&[&content]))? else { return Ok(Vec::new()) };
        let Some((row, entry)) = opened(tx, content)? else { return Ok(Vec::new()) };
        let Some((note, lines)) = best_checkpoint(tx, index)? else { return Ok(Vec::new()) };
        let head = self.opened_head(note)?;
        let tiles = StoredTiles(&*self.inner().ports.log.files);
        let (size, root) = (head.checkpoint.size, &head.checkpoint.root);
        let Ok(inclusion) = prove_inclusion(&tiles, index, &leaf_hash(&entry), size, root) else {
            return Ok(Vec::new());
        };
        let extra = Some(Opening(row.opening).to_extra(&content.0));
        let proof = LoggedProof { extra, inclusion, checkpoint: head.note + &lines };
        Ok(vec![proof.to_text().into_bytes().into()])
    }

    /// The newest checkpoint with the cosignatures that have come.
    pub(super) fn published(&self) -> Result<Option<String>, Refusal> {
        transact(&*self.inner().ports.store, |tx| {
            let Some((row_key, row)) = tx.newest::<LogCheckpointRow>(&[])? else { return Ok(None) };
            Ok(Some(row.note + &lines(tx, number(&row_key))?))
        })
    }

    /// Puts the newest checkpoint beside the tiles, for web servers that serve the folder.
    pub(super) fn publish(&self) -> Result<(), Refusal> {
        if let Some(note) = self.published()? {
            self.inner().ports.log.files.write(&[("checkpoint".to_owned(), note.into_bytes())])?;
        }
        Ok(())
    }
}

/// The newest checkpoint that covers an entry and that a witness cosigned; else the newest one that covers it.
fn best_checkpoint(tx: &mut (dyn Transaction + '_), index: u64) -> Result<Option<(String, String)>, Refusal> {
    let scan = Scan { backwards: true, limit: LOOK_BACK, ..Scan::all(&[]) };
    let mut newest = None;
    for (row_key, row) in tx.list::<LogCheckpointRow>(scan)? {
        let size = number(&row_key);
        if size <= index {
            break;
        }
        let lines = lines(tx, size)?;
        if !lines.is_empty() {
            return Ok(Some((row.note, lines)));
        }
        newest = newest.or(Some((row.note, lines)));
    }
    Ok(newest)
}

/// The lines of witnesses below a checkpoint.
fn lines(tx: &mut (dyn Transaction + '_), size: u64) -> Result<String, Refusal> {
    let rows = tx.list::<LogCosignatureRow>(Scan::all(&key(&[&size])))?;
    Ok(rows.into_iter().map(|(_, row)| row.line).collect())
}
