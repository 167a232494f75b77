//! One time-stamp token over a checkpoint holds for every entry below it.

use jushin_statement::Hash;

use super::seal::{Head, number};
use crate::platform::{Platform, blocking};
use crate::refusal::Refusal;
use crate::store::rows::{LogTokenRow, key, transact};

/// At most one token in so many milliseconds.
const EVERY_MS: u64 = 60_000;

impl Platform {
    /// Gets a token over a checkpoint, as the log signed it, unless the last one is younger than a minute. A
    /// time-stamping authority that is not there is asked again at the next seal.
    pub(super) async fn stamp_checkpoint(&self, head: &Head) -> Result<(), Refusal> {
        let inner = self.inner();
        let (platform, size, now) = (self.clone(), head.size(), inner.ports.clock.now());
        let due = blocking(move || {
            transact(&*platform.inner().ports.store, |tx| {
                Ok(tx.newest::<LogTokenRow>(&[])?.is_none_or(|(row_key, row)| {
                    number(&row_key) < size && now.0.saturating_sub(row.at.0) >= EVERY_MS
                }))
            })
        })
        .await?;
        if !due || size == 0 {
            return Ok(());
        }
        let imprint = Hash::of(head.note.as_bytes()).0;
        let first = usize::try_from(size).unwrap_or(0);
        let Ok((token, _)) = self.time_stamp_of(&imprint, first).await else { return Ok(()) };
        let platform = self.clone();
        let row = LogTokenRow { token: token.into(), at: now };
        blocking(move || {
            transact(&*platform.inner().ports.store, |tx| Ok(tx.put(&key(&[&size]), &row)?)).map(drop)
        })
        .await
    }

    /// The newest time-stamp token over a checkpoint: the checkpoint's size and text, and the token.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`].
    pub fn log_token(&self) -> Result<Option<(u64, String, Vec<u8>)>, Refusal> {
        transact(&*self.inner().ports.store, |tx| {
            let Some((row_key, row)) = tx.newest::<LogTokenRow>(&[])? else { return Ok(None) };
            let checkpoint: Option<crate::store::rows::LogCheckpointRow> = tx.find(&row_key)?;
            Ok(checkpoint.map(|checkpoint| (number(&row_key), checkpoint.note, row.token.0)))
        })
    }
}
