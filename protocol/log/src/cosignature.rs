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
    let mut newest = None;
    for bytes in note.by(witness) {
        let (at, signature) = bytes.split_first_chunk::<8>().ok_or(NoteError::BadSignature)?;
        let at = u64::from_be_bytes(*at);
        let signature = <&[u8; 64]>::try_from(signature).map_err(|_| NoteError::BadSignature)?;
        if at > i64::MAX as u64 || !crypto.verify(witness.key(), message(note.text, at).as_bytes(), signature)
        {
            return Err(NoteError::BadSignature);
        }
        newest = newest.max(Some(at));
    }
    let at = newest.ok_or(NoteError::NoTrustedSignature)?;
    Ok(Cosigned { witness: witness.name().clone(), at })
}

fn message(text: &str, at: u64) -> String {
    format!("cosignature/v1\ntime {at}\n{text}")
}
