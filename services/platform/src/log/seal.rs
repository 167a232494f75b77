//! Sealing: what waits gets its place, and a checkpoint is signed over it.

use jushin_log::{Checkpoint, Growth, TILE_WIDTH, Tile, entries, entry_bundle, leaf_hash};
use jushin_runtime::Random;
use jushin_statement::Hash;

use super::files::{StoredTiles, entries_of};
use super::opened;
use crate::platform::{Platform, blocking};
use crate::refusal::Refusal;
use crate::store::rows::{LogBatchRow, LogCheckpointRow, LogIndexRow, LogPendingRow, key, transact};
use crate::store::{Scan, StoreError, Table, Transaction};

/// Entries of one batch at most.
const BATCH: usize = 4_096;

/// How often the log is sealed in the background.
const EVERY: std::time::Duration = std::time::Duration::from_secs(1);

/// What sealing did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Entries under the newest checkpoint.
    pub size: u64,
    /// Of these, sealed now.
    pub new: u64,
    /// Witnesses that have cosigned it.
    pub cosigned: usize,
}

/// A checkpoint of ours.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) note: String,
    pub(super) checkpoint: Checkpoint,
}

impl Head {
    pub(super) const fn size(&self) -> u64 {
        self.checkpoint.size
    }
}

/// A stretch of the log.
struct Stretch {
    first: u64,
    contents: Vec<Hash>,
}

impl Stretch {
    fn end(&self) -> u64 {
        self.first.saturating_add(self.contents.len() as u64)
    }
}

impl Platform {
    /// Gives everything that waits its place in the log, signs, asks the witnesses and, at most once a minute,
    /// a time-stamping authority. Those not being there does not stop it. After a crash it goes on from where
    /// it was.
    ///
    /// # Errors
    ///
    /// [`Refusal::LogAhead`] and [`Refusal::CheckpointBehind`] if an old copy was put back; [`Refusal::Log`],
    /// [`Refusal::Store`].
    pub async fn seal_log(&self) -> Result<Sealed, Refusal> {
        let _turn = self.inner().log.turn.lock().await;
        let platform = self.clone();
        let (head, new) = blocking(move || platform.seal_all()).await?;
        let cosigned = self.cosigned(&head).await?;
        self.stamp_checkpoint(&head).await?;
        if new > 0 || cosigned > 0 {
            let platform = self.clone();
            blocking(move || platform.publish()).await?;
        }
        Ok(Sealed { size: head.size(), new, cosigned })
    }

    /// Seals the log every second for ever. Started by the composition.
    pub async fn run_log(self) {
        let mut every = tokio::time::interval(EVERY);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            every.tick().await;
            // What failed is tried again; the audit and the operator's page say what stands still.
            let _again = self.seal_log().await;
        }
    }

    fn seal_all(&self) -> Result<(Head, u64), Refusal> {
        let mut head = match self.head()? {
            Some(head) => head,
            None => {
                self.nothing_was_signed()?;
                self.sign(None, &Growth::empty())?
            }
        };
        self.index(&head)?;
        let before = head.size();
        while let Some(stretch) = self.next_stretch(&head)? {
            let growth = self.grow(&head, &stretch)?;
            head = self.sign(Some(&head), &growth)?;
            self.index(&head)?;
        }
        let new = head.size() - before;
        Ok((head, new))
    }

    /// The newest signed checkpoint.
    pub(super) fn head(&self) -> Result<Option<Head>, Refusal> {
        let inner = self.inner();
        let Some(note) = inner.ports.log.checkpoints.newest(inner.log.name.as_str())? else {
            return Ok(None);
        };
        self.opened_head(note).map(Some)
    }

    pub(super) fn opened_head(&self, note: String) -> Result<Head, Refusal> {
        let inner = self.inner();
        let checkpoint = Checkpoint::open(&note, &inner.log.verifier_key(), &*inner.ports.log.crypto)
            .map_err(|error| Refusal::Log(format!("its own checkpoint: {error}")))?;
        Ok(Head { note, checkpoint })
    }

    /// The checkpoint store is empty: then nothing may have been given out either.
    fn nothing_was_signed(&self) -> Result<(), Refusal> {
        let signed = transact(&*self.inner().ports.store, |tx| given_out(tx))?;
        match signed {
            Some(signed) => Err(Refusal::CheckpointBehind { signed, held: 0 }),
            None => Ok(()),
        }
    }

    /// Signs over a grown tree: the one step that others see.
    fn sign(&self, old: Option<&Head>, growth: &Growth) -> Result<Head, Refusal> {
        let inner = self.inner();
        let origin = inner.log.name.clone();
        let checkpoint = Checkpoint { origin, size: growth.size(), root: growth.root() };
        let note = checkpoint.sign(&*inner.log.key);
        let old = old.map(|head| head.note.as_str());
        inner.ports.log.checkpoints.replace(inner.log.name.as_str(), old, &note, checkpoint.size)?;
        Ok(Head { note, checkpoint })
    }

    /// Writes down what a checkpoint covers, once.
    fn index(&self, head: &Head) -> Result<(), Refusal> {
        let inner = self.inner();
        let at = inner.ports.clock.now();
        transact(&*inner.ports.store, |tx| {
            let row_key = key(&[&head.size()]);
            if tx.find::<LogCheckpointRow>(&row_key)?.is_some() {
                return Ok(());
            }
            if let Some(stretch) = stretch_before(tx, head.size())? {
                for (index, content) in (stretch.first..).zip(&stretch.contents) {
                    tx.put(&key(&[content]), &LogIndexRow { index })?;
                }
            }
            tx.put(&row_key, &LogCheckpointRow { note: head.note.clone(), at })?;
            Ok(())
        })
    }

    /// The batch after the checkpoint: one that was planned before a crash, or one of what waits.
    fn next_stretch(&self, head: &Head) -> Result<Option<Stretch>, Refusal> {
        let inner = self.inner();
        let at = inner.ports.clock.now();
        let signed = head.size();
        transact(&*inner.ports.store, |tx| {
            if let Some(given) = given_out(tx)?.filter(|given| *given > signed) {
                return Err(Refusal::CheckpointBehind { signed: given, held: signed });
            }
            let known = stretch_before(tx, u64::MAX)?.map_or(0, |last| last.end());
            if known < signed {
                return Err(Refusal::LogAhead { signed, known });
            }
            if known > signed {
                let planned: Option<LogBatchRow> = tx.find(&key(&[&signed]))?;
                let planned = planned.ok_or_else(|| {
                    Refusal::Log(format!("no batch begins at entry {signed}, where the checkpoint ends"))
                })?;
                return Ok(Some(Stretch { first: signed, contents: planned.contents }));
            }
            let waiting = tx.list::<LogPendingRow>(Scan { limit: BATCH, ..Scan::all(&[]) })?;
            let mut contents = Vec::with_capacity(waiting.len());
            for (row_key, _) in waiting {
                let content = row_key.as_slice().try_into().map(Hash);
                contents.push(content.map_err(|_| StoreError::Unreadable { table: Table::LogPending })?);
                tx.erase(Table::LogPending, &row_key)?;
            }
            if contents.is_empty() {
                return Ok(None);
            }
            shuffle(&mut contents, &inner.ports.random);
            tx.put(&key(&[&signed]), &LogBatchRow { contents: contents.clone(), at })?;
            Ok(Some(Stretch { first: signed, contents }))
        })
    }

    /// Appends a batch to the signed tree and writes its files.
    fn grow(&self, head: &Head, stretch: &Stretch) -> Result<Growth, Refusal> {
        let files = &*self.inner().ports.log.files;
        let Checkpoint { size, root, .. } = &head.checkpoint;
        let (mut growth, mut list) = match self.resumed(head) {
            Some(resumed) => resumed,
            None => self.made_again(*size, root)?,
        };
        let new = self.entries_of(stretch)?;
        let leaves: Vec<_> = new.iter().map(|entry| leaf_hash(entry)).collect();
        let mut written = files_of(growth.append(&leaves).tiles);
        list.extend(new);
        written.extend(bundles(*size, &list)?);
        files.write(&written)?;
        Ok(growth)
    }

    /// The signed tree from its files, and the entries of its unfinished bundle; nil if they are not those.
    fn resumed(&self, head: &Head) -> Option<(Growth, Vec<jushin_log::Hash>)> {
        let files = &*self.inner().ports.log.files;
        let Checkpoint { size, root, .. } = &head.checkpoint;
        let growth = Growth::resume(*size, root, &StoredTiles(files)).ok()?;
        let Some(tile) = Tile::in_tree(0, size / TILE_WIDTH, *size) else {
            return Some((growth, Vec::new()));
        };
        let hashes = tile.hashes(&jushin_log::Tiles::tile(&StoredTiles(files), tile)?)?;
        let bundle = entries_of(files, tile)?;
        let list: Vec<jushin_log::Hash> =
            entries(&bundle).ok()?.into_iter().map(|entry| entry.try_into().ok()).collect::<Option<_>>()?;
        let fits = list.iter().map(|entry| leaf_hash(entry)).eq(hashes);
        fits.then_some((growth, list))
    }

    /// All files of the signed tree again from the rows: they were lost or damaged.
    fn made_again(
        &self,
        size: u64,
        root: &jushin_log::Hash,
    ) -> Result<(Growth, Vec<jushin_log::Hash>), Refusal> {
        let mut list = Vec::new();
        for stretch in self.stretches(size)? {
            list.extend(self.entries_of(&stretch)?);
        }
        let mut growth = Growth::empty();
        let leaves: Vec<_> = list.iter().map(|entry| leaf_hash(entry)).collect();
        let mut written = files_of(growth.append(&leaves).tiles);
        if growth.size() != size || growth.root() != *root {
            let why = "neither its files nor its rows lead to the signed root: audit it, and bring both back";
            return Err(Refusal::Log(why.to_owned()));
        }
        written.extend(bundles(0, &list)?);
        self.inner().ports.log.files.write(&written)?;
        let unfinished = usize::try_from(size % TILE_WIDTH).unwrap_or(0);
        Ok((growth, list.split_off(list.len() - unfinished)))
    }

    fn stretches(&self, size: u64) -> Result<Vec<Stretch>, Refusal> {
        let rows = transact(&*self.inner().ports.store, |tx| Ok(tx.list::<LogBatchRow>(Scan::all(&[]))?))?;
        let stretches = rows
            .into_iter()
            .map(|(row_key, row)| Stretch { first: number(&row_key), contents: row.contents });
        Ok(stretches.filter(|stretch| stretch.first < size).collect())
    }

    fn entries_of(&self, stretch: &Stretch) -> Result<Vec<jushin_log::Hash>, Refusal> {
        transact(&*self.inner().ports.store, |tx| {
            let entry = |content: &Hash| match opened(tx, *content)? {
                Some((_, entry)) => Ok(entry),
                None => Err(Refusal::Log("the opening of an entry is gone".to_owned())),
            };
            stretch.contents.iter().map(entry).collect()
        })
    }
}

/// The stretch that ends at `size`, or the last one before it.
fn stretch_before(tx: &mut (dyn Transaction + '_), size: u64) -> Result<Option<Stretch>, Refusal> {
    let Some(last) = size.checked_sub(1) else { return Ok(None) };
    let from = key(&[&last]);
    let scan = Scan { from: Some(&from), backwards: true, limit: 1, ..Scan::all(&[]) };
    let row = tx.list::<LogBatchRow>(scan)?.pop();
    Ok(row.map(|(row_key, row)| Stretch { first: number(&row_key), contents: row.contents }))
}

/// Entries under the newest checkpoint that was written down after it was signed.
fn given_out(tx: &mut (dyn Transaction + '_)) -> Result<Option<u64>, Refusal> {
    Ok(tx.newest::<LogCheckpointRow>(&[])?.map(|(row_key, _)| number(&row_key)))
}

/// A key that is a number.
pub(super) fn number(row_key: &[u8]) -> u64 {
    row_key.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

fn files_of(tiles: Vec<(Tile, Vec<u8>)>) -> Vec<(String, Vec<u8>)> {
    tiles.into_iter().map(|(tile, bytes)| (tile.path(), bytes)).collect()
}

/// The bundles of entries from the one that entry `size` goes into; `list` begins where that one begins.
fn bundles(size: u64, list: &[jushin_log::Hash]) -> Result<Vec<(String, Vec<u8>)>, Refusal> {
    let first = size / TILE_WIDTH;
    let bundle = |(index, chunk): (u64, &[jushin_log::Hash])| {
        let tile = Tile { level: 0, index, width: u16::try_from(chunk.len()).unwrap_or(u16::MAX) };
        let bytes = entry_bundle(chunk.iter().map(<[u8; 32]>::as_slice));
        let bytes = bytes.map_err(|error| Refusal::Log(error.to_string()))?;
        Ok((tile.entries_path(), bytes))
    };
    (first..).zip(list.chunks(256)).map(bundle).collect()
}

/// Fisher and Yates. The remainder's bias, below 2^-50, tells nobody anything.
fn shuffle(contents: &mut [Hash], random: &Random) {
    for last in (1..contents.len()).rev() {
        let drawn = u64::from_be_bytes(random.bytes()) % (last as u64 + 1);
        contents.swap(last, usize::try_from(drawn).unwrap_or(0));
    }
}
