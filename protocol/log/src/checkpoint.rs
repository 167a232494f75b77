//! Checkpoints: how large the log is, and the root over all of it (C2SP tlog-checkpoint).

use alloc::format;
use alloc::string::String;

use crate::hash::{EMPTY_ROOT, Hash};
use crate::line;
use crate::note::{KeyName, Note, NoteError, SigningKey, VerifierKey, VerifyEd25519, sign_note};

/// The head of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: the name of its key.
    pub origin: KeyName,
    /// Entries.
    pub size: u64,
    /// Root over them.
    pub root: Hash,
}

/// A checkpoint is not taken. The log is at fault, or whoever stands between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The text is none of a checkpoint.
    #[error("this note is not a checkpoint")]
    Malformed,
    /// It is of another log than the key.
    #[error("the checkpoint is of another log")]
    OtherLog,
    /// It says that nothing is in the log, and names a root all the same.
    #[error("a log without entries has another root")]
    EmptyRoot,
}

impl Checkpoint {
    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, line::base64(&self.root))
    }

    /// Signs it as the log.
    #[must_use]
    pub fn sign(&self, key: &dyn SigningKey) -> String {
        sign_note(&self.text(), &self.origin, key)
    }

    /// Reads the text of a checkpoint. Nothing is verified. Extension lines are passed over.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Malformed`] and [`CheckpointError::EmptyRoot`].
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let read = || {
            let mut lines = text.strip_suffix('\n')?.split('\n');
            let origin = KeyName::new(lines.next()?).ok()?;
            let size = line::decimal(lines.next()?)?;
            let root = line::hash(lines.next()?)?;
            lines.all(|extension| !extension.is_empty()).then_some(Self { origin, size, root })
        };
        let checkpoint = read().ok_or(CheckpointError::Malformed)?;
        if checkpoint.size == 0 && checkpoint.root != EMPTY_ROOT {
            return Err(CheckpointError::EmptyRoot);
        }
        Ok(checkpoint)
    }

    /// Opens a signed checkpoint of the log that `key` belongs to.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`].
    pub fn open(note: &str, key: &VerifierKey, crypto: &dyn VerifyEd25519) -> Result<Self, CheckpointError> {
        let note = Note::parse(note)?;
        note.verify(key, crypto)?;
        let checkpoint = Self::parse(note.text)?;
        if checkpoint.origin.as_str() == key.name().as_str() {
            Ok(checkpoint)
        } else {
            Err(CheckpointError::OtherLog)
        }
    }
}
