//! A proof that stands alone: index, path and the signed checkpoint in one text (C2SP tlog-proof).

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::hash::{Hash, leaf_hash};
use crate::line;
use crate::note::{VerifierKey, VerifyEd25519};
use crate::proof::{InclusionProof, ProofError};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";
/// No tree needs more.
const MOST_HASHES: usize = 63;

/// The proof of one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedProof {
    /// What else is needed to know the entry; nothing vouches for it but the proof itself.
    pub extra: Option<Vec<u8>>,
    /// Place and path.
    pub inclusion: InclusionProof,
    /// The checkpoint as the log signed it, with cosignatures.
    pub checkpoint: String,
}

/// The proof does not hold. Whoever made it is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoggedProofError {
    /// It is none.
    #[error("this is not a proof of a log")]
    Malformed,
    /// Its checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Its path.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

impl LoggedProof {
    /// As text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{FIRST_LINE}\n");
        if let Some(extra) = &self.extra {
            text.push_str(&format!("extra {}\n", line::base64(extra)));
        }
        text.push_str(&format!("index {}\n", self.inclusion.index));
        for hash in &self.inclusion.path {
            text.push_str(&line::base64(hash));
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.checkpoint);
        text
    }

    /// Takes a text apart. Nothing is verified.
    ///
    /// # Errors
    ///
    /// [`LoggedProofError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, LoggedProofError> {
        let read = || {
            let (head, checkpoint) = text.split_once("\n\n")?;
            let mut lines = head.split('\n').peekable();
            if lines.next()? != FIRST_LINE {
                return None;
            }
            let extra = match lines.peek()?.strip_prefix("extra ") {
                Some(encoded) => {
                    let extra = line::from_base64(encoded)?;
                    lines.next();
                    Some(extra)
                }
                None => None,
            };
            let index = line::decimal(lines.next()?.strip_prefix("index ")?)?;
            let path: Vec<Hash> = lines.map(line::hash).collect::<Option<_>>()?;
            let inclusion = InclusionProof { index, path };
            (inclusion.path.len() <= MOST_HASHES).then(|| Self {
                extra,
                inclusion,
                checkpoint: checkpoint.to_string(),
            })
        };
        read().ok_or(LoggedProofError::Malformed)
    }

    /// Whether the log that `key` belongs to holds `entry`. Gives the checkpoint that says so.
    ///
    /// # Errors
    ///
    /// [`LoggedProofError`].
    pub fn verify(
        &self,
        entry: &[u8],
        key: &VerifierKey,
        crypto: &dyn VerifyEd25519,
    ) -> Result<Checkpoint, LoggedProofError> {
        let checkpoint = Checkpoint::open(&self.checkpoint, key, crypto)?;
        self.inclusion.verify(&leaf_hash(entry), checkpoint.size, &checkpoint.root)?;
        Ok(checkpoint)
    }
}
