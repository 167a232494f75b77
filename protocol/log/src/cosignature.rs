//! Cosignatures of witnesses: "at this time, this was the largest tree of this log that I saw" (C2SP
//! tlog-cosignature, the Ed25519 kind).

use alloc::format;
use alloc::string::String;

use crate::note::{KeyName, Note, NoteError, SigningKey, VerifierKey, VerifyEd25519, line_of};

/// A cosignature that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigned {
    /// Who cosigned.
    pub witness: KeyName,
    /// When, in seconds since 1970, by the witness's clock.
    pub at: u64,
}

/// A witness's line below a checkpoint with this text.
#[must_use]
pub fn cosign(text: &str, at: u64, witness: &KeyName, key: &dyn SigningKey) -> String {
    let verifier = VerifierKey::of_witness(witness.clone(), key.public());
    let signature = key.sign(message(text, at).as_bytes());
    line_of(witness, verifier.id(), &[&at.to_be_bytes()[..], &signature].concat())
}

/// Verifies the cosignature of one witness below a checkpoint.
///
/// # Errors
///
/// [`NoteError::NoTrustedSignature`] if there is none, [`NoteError::BadSignature`] if it is not the witness's.
pub fn verify_cosignature(
    note: &Note<'_>,
    witness: &VerifierKey,
    crypto: &dyn VerifyEd25519,
) -> Result<Cosigned, NoteError> {
    if !witness.cosigns() {
        return Err(NoteError::VerifierKey);
    }
    let (at, _) = newest(note, witness, crypto)?;
    Ok(Cosigned { witness: witness.name().clone(), at })
}

/// A witness's answer about a checkpoint with this text: its newest cosignature, written anew as one line. Nothing else
/// of the answer is taken over.
///
/// # Errors
///
/// [`NoteError::Malformed`], also if the answer holds more than lines of signatures; else as [`verify_cosignature`].
pub fn cosignature_line(
    text: &str,
    answer: &str,
    witness: &VerifierKey,
    crypto: &dyn VerifyEd25519,
) -> Result<String, NoteError> {
    let note = format!("{text}\n{answer}");
    let note = Note::parse(&note)?;
    // A line break too many in the answer would make the text another.
    if note.text != text || !witness.cosigns() {
        return Err(NoteError::Malformed);
    }
    let (_, bytes) = newest(&note, witness, crypto)?;
    Ok(line_of(witness.name(), witness.id(), bytes))
}

/// Time and bytes of the newest cosignature of a witness. One that is not its own refuses all.
fn newest<'n>(
    note: &'n Note<'_>,
    witness: &'n VerifierKey,
    crypto: &dyn VerifyEd25519,
) -> Result<(u64, &'n [u8]), NoteError> {
    let mut newest = None;
    for bytes in note.by(witness) {
        let (at, signature) = bytes.split_first_chunk::<8>().ok_or(NoteError::BadSignature)?;
        let at = u64::from_be_bytes(*at);
        let signature = <&[u8; 64]>::try_from(signature).map_err(|_| NoteError::BadSignature)?;
        if at > i64::MAX as u64 || !crypto.verify(witness.key(), message(note.text, at).as_bytes(), signature)
        {
            return Err(NoteError::BadSignature);
        }
        newest = newest.max(Some((at, bytes)));
    }
    newest.ok_or(NoteError::NoTrustedSignature)
}

fn message(text: &str, at: u64) -> String {
    format!("cosignature/v1\ntime {at}\n{text}")
}
