//! A witness: remembers the largest tree of each log that it saw, and cosigns only what goes on from there (C2SP
//! tlog-witness). Whoever runs it keeps the state: read, decide and write must be one step.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::cosignature::cosign;
use crate::hash::Hash;
use crate::line;
use crate::note::{KeyName, NoteError, SigningKey, VerifierKey, VerifyEd25519};
use crate::proof::ConsistencyProof;

/// No consistency proof has more hashes.
const MOST_HASHES: usize = 63;

/// What a log sends: how far the witness was, the proof from there, and the new checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// Size of the witness's last checkpoint.
    pub old_size: u64,
    /// From there.
    pub proof: ConsistencyProof,
    /// The signed checkpoint.
    pub checkpoint: String,
}

/// What a witness remembers of one log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WitnessState {
    /// Entries.
    pub size: u64,
    /// Root over them.
    pub root: Hash,
}

/// The witness does not cosign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The request has another form, or its old size is above the new one.
    #[error("the request is malformed")]
    Malformed,
    /// It watches no such log.
    #[error("this witness does not watch that log")]
    UnknownLog,
    /// The log did not sign it.
    #[error("the log did not sign this checkpoint")]
    NotSigned,
    /// The witness is at another size.
    #[error("this witness last saw {size} entries")]
    OtherSize {
        /// Where it is.
        size: u64,
    },
    /// The log forked, went back, or the proof does not hold.
    #[error("the checkpoint does not go on from the last one")]
    Inconsistent,
}

impl Refusal {
    /// HTTP status of the answer.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::UnknownLog => 404,
            Self::NotSigned => 403,
            Self::OtherSize { .. } => 409,
            Self::Inconsistent => 422,
        }
    }
}

impl AddCheckpoint {
    /// The request's body.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("old {}\n", self.old_size);
        for hash in &self.proof.path {
            text.push_str(&line::base64(hash));
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.checkpoint);
        text
    }

    /// Reads a request's body.
    ///
    /// # Errors
    ///
    /// [`Refusal::Malformed`].
    pub fn parse(body: &str) -> Result<Self, Refusal> {
        let read = || {
            let (head, checkpoint) = body.split_once("\n\n")?;
            let mut lines = head.split('\n');
            let old_size = line::decimal(lines.next()?.strip_prefix("old ")?)?;
            let path: Vec<Hash> = lines.map(line::hash).collect::<Option<_>>()?;
            let proof = ConsistencyProof { path };
            (proof.path.len() <= MOST_HASHES).then(|| Self { old_size, proof, checkpoint: checkpoint.into() })
        };
        read().ok_or(Refusal::Malformed)
    }
}

/// A witness's name, key and logs.
pub struct Witness<'a> {
    /// Its name.
    pub name: &'a KeyName,
    /// Its key.
    pub key: &'a dyn SigningKey,
    /// The logs that it watches.
    pub logs: &'a [VerifierKey],
    /// Verifies.
    pub crypto: &'a dyn VerifyEd25519,
}

impl core::fmt::Debug for Witness<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Witness").field("name", self.name).finish_non_exhaustive()
    }
}

impl Witness<'_> {
    /// Which log a request is about.
    ///
    /// # Errors
    ///
    /// [`Refusal::Malformed`], [`Refusal::UnknownLog`], [`Refusal::NotSigned`].
    pub fn open(&self, request: &AddCheckpoint) -> Result<Checkpoint, Refusal> {
        let origin = request.checkpoint.split('\n').next().unwrap_or_default();
        let mut found = Err(Refusal::UnknownLog);
        for key in self.logs.iter().filter(|key| key.name().as_str() == origin) {
            found = match Checkpoint::open(&request.checkpoint, key, self.crypto) {
                Ok(checkpoint) => return Ok(checkpoint),
                Err(CheckpointError::Note(NoteError::NoTrustedSignature | NoteError::BadSignature)) => {
                    Err(Refusal::NotSigned)
                }
                Err(CheckpointError::EmptyRoot) => Err(Refusal::Inconsistent),
                Err(_) => Err(Refusal::Malformed),
            };
        }
        found
    }

    /// Decides about an opened request. On success: what to remember before the cosignature is given out.
    ///
    /// # Errors
    ///
    /// [`Refusal`].
    pub fn decide(
        &self,
        request: &AddCheckpoint,
        checkpoint: &Checkpoint,
        last: Option<WitnessState>,
        at: u64,
    ) -> Result<(WitnessState, String), Refusal> {
        if request.old_size > checkpoint.size {
            return Err(Refusal::Malformed);
        }
        let last = last.unwrap_or(WitnessState { size: 0, root: crate::hash::EMPTY_ROOT });
        if request.old_size != last.size {
            return Err(Refusal::OtherSize { size: last.size });
        }
        request
            .proof
            .verify((last.size, &last.root), (checkpoint.size, &checkpoint.root))
            .map_err(|_| Refusal::Inconsistent)?;
        let state = WitnessState { size: checkpoint.size, root: checkpoint.root };
        Ok((state, cosign(&checkpoint_text(&request.checkpoint), at, self.name, self.key)))
    }
}

/// The signed text with its extension lines, as the log wrote it.
fn checkpoint_text(note: &str) -> String {
    crate::note::Note::parse(note).map(|note| note.text.into()).unwrap_or_default()
}
