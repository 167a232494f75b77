//! Signed notes: text with signatures below it (C2SP signed-note).

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use sha2::{Digest as _, Sha256};

use crate::line;

/// More signatures than this in one note are refused.
const MOST_SIGNATURES: usize = 32;
/// Longer notes are refused.
const MOST_BYTES: usize = 1 << 16;

/// What a key signs: the byte before the key in a verifier key.
pub(crate) const ED25519: u8 = 0x01;
/// Timestamped cosignatures.
pub(crate) const COSIGNATURE: u8 = 0x04;

/// Verifies Ed25519 signatures (RFC 8032).
pub trait VerifyEd25519 {
    /// Whether `signature` is by `key` over `message`.
    fn verify(&self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool;
}

/// An Ed25519 key that signs.
pub trait SigningKey: Send + Sync {
    /// Its public half.
    fn public(&self) -> [u8; 32];

    /// Signs `message`.
    fn sign(&self, message: &[u8]) -> [u8; 64];
}

/// Everything about Ed25519 that a log or a witness needs of a library.
pub trait NoteCrypto: VerifyEd25519 + Send + Sync {
    /// A new key's seed of 32 bytes; nil if the library has no randomness. Secret.
    fn new_seed(&self) -> Option<Vec<u8>>;

    /// The key of a seed; nil if it is none.
    fn key_of(&self, seed: &[u8]) -> Option<Arc<dyn SigningKey>>;
}

/// The name of a key: not empty, without spaces and `+`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyName(String);

/// Not the name of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name of a key is not empty and has neither spaces, control characters nor \"+\"")]
pub struct KeyNameError;

impl KeyName {
    /// Takes a name.
    ///
    /// # Errors
    ///
    /// [`KeyNameError`].
    pub fn new(name: &str) -> Result<Self, KeyNameError> {
        let wrong = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        if name.is_empty() || name.chars().any(wrong) {
            Err(KeyNameError)
        } else {
            Ok(Self(name.to_string()))
        }
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A key that a verifier trusts under a name, for one kind of signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: KeyName,
    kind: u8,
    key: [u8; 32],
}

impl VerifierKey {
    /// The key of a log, which signs checkpoints.
    #[must_use]
    pub const fn of_log(name: KeyName, key: [u8; 32]) -> Self {
        Self { name, kind: ED25519, key }
    }

    /// The key of a witness, which cosigns them.
    #[must_use]
    pub const fn of_witness(name: KeyName, key: [u8; 32]) -> Self {
        Self { name, kind: COSIGNATURE, key }
    }

    /// Reads `name+id+key`.
    ///
    /// # Errors
    ///
    /// [`NoteError::VerifierKey`], also for kinds of signature other than a log's and a witness's.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let read = || {
            let mut parts = text.splitn(3, '+');
            let name = KeyName::new(parts.next()?).ok()?;
            let id = parts.next()?;
            let material = line::from_base64(parts.next()?)?;
            let (kind, key) = material.split_first()?;
            let key = Self { name, kind: *kind, key: key.try_into().ok()? };
            let known = matches!(*kind, ED25519 | COSIGNATURE);
            (known && format!("{:08x}", u32::from_be_bytes(key.id())) == id).then_some(key)
        };
        read().ok_or(NoteError::VerifierKey)
    }

    /// `name+id+key`
    #[must_use]
    pub fn to_text(&self) -> String {
        let material = [&[self.kind][..], &self.key].concat();
        format!("{}+{:08x}+{}", self.name, u32::from_be_bytes(self.id()), line::base64(&material))
    }

    /// The name.
    #[must_use]
    pub const fn name(&self) -> &KeyName {
        &self.name
    }

    /// Whether it is a witness's.
    #[must_use]
    pub const fn cosigns(&self) -> bool {
        self.kind == COSIGNATURE
    }

    pub(crate) const fn key(&self) -> &[u8; 32] {
        &self.key
    }

    /// SHA-256(name ‖ LF ‖ kind ‖ key), its first four bytes.
    pub(crate) fn id(&self) -> [u8; 4] {
        key_id(&self.name, self.kind, &self.key)
    }
}

fn key_id(name: &KeyName, kind: u8, key: &[u8; 32]) -> [u8; 4] {
    let digest = Sha256::new().chain_update(name.as_str()).chain_update([b'\n', kind]).chain_update(key);
    let [a, b, c, d, ..]: [u8; 32] = digest.finalize().into();
    [a, b, c, d]
}

/// A note is not taken. Whoever wrote it is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It is no signed note.
    #[error("this is not a signed note")]
    Malformed,
    /// Nobody whom the reader trusts signed it.
    #[error("none of the trusted keys signed this note")]
    NoTrustedSignature,
    /// A trusted key's name and id stand there with a signature that is not its own.
    #[error("a signature under a trusted key's name is not that key's")]
    BadSignature,
    /// Not a verifier key of a log or a witness.
    #[error("this is not the verifier key of a log (Ed25519) or of a witness (cosignature/v1)")]
    VerifierKey,
}

/// Text and the signatures below it, not verified yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note<'a> {
    /// The text, with its last newline.
    pub text: &'a str,
    pub(crate) signatures: Vec<NoteSignature<'a>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NoteSignature<'a> {
    pub(crate) name: &'a str,
    pub(crate) id: [u8; 4],
    pub(crate) bytes: Vec<u8>,
}

impl<'a> Note<'a> {
    /// Takes a note apart.
    ///
    /// # Errors
    ///
    /// [`NoteError::Malformed`].
    pub fn parse(note: &'a str) -> Result<Self, NoteError> {
        let control = note.bytes().any(|byte| byte < 0x20 && byte != b'\n');
        if control || note.len() > MOST_BYTES {
            return Err(NoteError::Malformed);
        }
        // The last empty line separates; the text keeps its own newline.
        let at = note.rfind("\n\n").ok_or(NoteError::Malformed)?;
        let (text, signatures) = note.split_at_checked(at + 1).ok_or(NoteError::Malformed)?;
        let signatures = signatures.strip_prefix('\n').and_then(|lines| lines.strip_suffix('\n'));
        let lines = signatures.ok_or(NoteError::Malformed)?.split('\n');
        let signatures: Option<Vec<_>> = lines.map(signature_line).collect();
        let signatures = signatures.filter(|all| all.len() <= MOST_SIGNATURES).ok_or(NoteError::Malformed)?;
        Ok(Self { text, signatures })
    }

    /// Verifies the signature of one key, whose signature must be there.
    ///
    /// # Errors
    ///
    /// [`NoteError::NoTrustedSignature`] if it is not, [`NoteError::BadSignature`] if it is not this key's.
    pub fn verify(&self, key: &VerifierKey, crypto: &dyn VerifyEd25519) -> Result<(), NoteError> {
        let mut found = false;
        for signature in self.by(key) {
            let bytes = <&[u8; 64]>::try_from(signature).map_err(|_| NoteError::BadSignature)?;
            if !crypto.verify(key.key(), self.text.as_bytes(), bytes) {
                return Err(NoteError::BadSignature);
            }
            found = true;
        }
        if found { Ok(()) } else { Err(NoteError::NoTrustedSignature) }
    }

    /// The note with the signatures of one key and no others.
    #[must_use]
    pub fn with_signatures_of(&self, key: &VerifierKey) -> String {
        let lines: String = self.by(key).map(|bytes| line_of(key.name(), key.id(), bytes)).collect();
        format!("{}\n{lines}", self.text)
    }

    /// The signatures under a key's name and id.
    pub(crate) fn by<'n>(&'n self, key: &'n VerifierKey) -> impl Iterator<Item = &'n [u8]> {
        let id = key.id();
        let own = move |one: &&NoteSignature<'_>| one.name == key.name().as_str() && one.id == id;
        self.signatures.iter().filter(own).map(|one| one.bytes.as_slice())
    }
}

fn signature_line(line: &str) -> Option<NoteSignature<'_>> {
    let (name, encoded) = line.strip_prefix("— ")?.split_once(' ')?;
    KeyName::new(name).ok()?;
    let bytes = line::from_base64(encoded)?;
    let (id, signature) = bytes.split_first_chunk::<4>()?;
    (!signature.is_empty()).then(|| NoteSignature { name, id: *id, bytes: signature.to_vec() })
}

/// Signs `text`, which ends in a newline, as the log `name`.
#[must_use]
pub fn sign_note(text: &str, name: &KeyName, key: &dyn SigningKey) -> String {
    let id = key_id(name, ED25519, &key.public());
    format!("{text}\n{}", line_of(name, id, &key.sign(text.as_bytes())))
}

/// A line of a signature, with its newline.
pub(crate) fn line_of(name: &KeyName, id: [u8; 4], signature: &[u8]) -> String {
    format!("— {name} {}\n", line::base64(&[&id[..], signature].concat()))
}
