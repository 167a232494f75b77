//! Signatures: untagged COSE_Sign1 (RFC 9052 §4.2) with the context as external data.

use alloc::vec::Vec;

use crate::cbor::{Malformed, Reader, Writer};
use crate::field::{Bytes, Field};
use crate::object::{Context, Object, Statement};
use crate::value::Hash;

/// Signature algorithms by their COSE numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Alg {
    /// ECDSA P-256, SHA-256; signature r‖s, 64 bytes.
    Es256,
    /// Ed25519, 64 bytes.
    EdDsa,
    /// ECDSA P-384, SHA-384; signature r‖s, 96 bytes.
    Es384,
    /// RSA-PSS, SHA-256, salt of 32 bytes; 256 bytes.
    Ps256,
    /// RSA PKCS#1 v1.5, SHA-256; 256 bytes.
    Rs256,
}

impl Alg {
    /// The number in the COSE registry.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::EdDsa => -8,
            Self::Es384 => -35,
            Self::Ps256 => -37,
            Self::Rs256 => -257,
        }
    }

    /// The algorithm with this number.
    ///
    /// # Errors
    ///
    /// [`Malformed::Value`]: not one of ours.
    pub const fn from_number(number: i64) -> Result<Self, Malformed> {
        match number {
            -7 => Ok(Self::Es256),
            -8 => Ok(Self::EdDsa),
            -35 => Ok(Self::Es384),
            -37 => Ok(Self::Ps256),
            -257 => Ok(Self::Rs256),
            _ => Err(Malformed::Value { field: "alg" }),
        }
    }
}

impl Field for Alg {
    fn write(&self, writer: &mut Writer) {
        writer.int(self.number());
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Self::from_number(reader.int()?)
    }
}

/// First eight bytes of SHA-256(SPKI): which key of the platform or the history service signed.
///
/// A hint for finding the key, never a reason to trust it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyHint(pub [u8; 8]);

impl KeyHint {
    /// The hint for a DER SubjectPublicKeyInfo.
    #[must_use]
    pub fn of_spki(spki: &[u8]) -> Self {
        let mut hint = [0; 8];
        hint.copy_from_slice(&Hash::of(spki).0[..8]);
        Self(hint)
    }
}

/// The protected header `{1: alg}` or `{1: alg, 4: kid}`.
fn protected_header(alg: Alg, key: Option<KeyHint>) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.map(1 + usize::from(key.is_some())).uint(1).int(alg.number());
    if let Some(KeyHint(hint)) = key {
        writer.uint(4).bytes(&hint);
    }
    writer.into_bytes()
}

/// The Sig_structure: the exact bytes that a signature under `context` covers.
#[must_use]
pub fn to_be_signed(context: Context, alg: Alg, key: Option<KeyHint>, payload: &[u8]) -> Vec<u8> {
    sig_structure(context, &protected_header(alg, key), payload)
}

/// What a Sig_structure holds besides header and payload, at most.
const SIG_STRUCTURE_FRAME: usize = 64;

fn sig_structure(context: Context, protected: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut writer = Writer::with_capacity(SIG_STRUCTURE_FRAME + protected.len() + payload.len());
    writer.array(4).text("Signature1").bytes(protected).bytes(context.as_bytes()).bytes(payload);
    writer.into_bytes()
}

/// A signed object as received: the bytes of an untagged COSE_Sign1, or of a `tpm-record`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signed(pub Bytes);

impl Signed {
    /// Puts a COSE_Sign1 together from its parts.
    #[must_use]
    pub fn assemble(alg: Alg, key: Option<KeyHint>, payload: &[u8], signature: &[u8]) -> Self {
        let mut writer = Writer::new();
        writer.array(4).bytes(&protected_header(alg, key)).map(0).bytes(payload).bytes(signature);
        Self(Bytes(writer.into_bytes()))
    }

    /// The bytes as received.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// SHA-256 over the signed bytes: what a time-stamp token's imprint is.
    #[must_use]
    pub fn imprint(&self) -> Hash {
        Hash::of(&self.0)
    }

    /// Looks into a COSE_Sign1.
    ///
    /// # Errors
    ///
    /// [`Malformed`] if it is not one in the one encoding.
    pub fn parse(&self) -> Result<Sign1<'_>, Malformed> {
        Sign1::parse(&self.0)
    }
}

impl Field for Signed {
    fn write(&self, writer: &mut Writer) {
        self.0.write(writer);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Bytes::read(reader).map(Self)
    }
}

/// A parsed COSE_Sign1. Nothing is verified yet.
#[derive(Clone, Copy, Debug)]
pub struct Sign1<'a> {
    protected: &'a [u8],
    /// Which algorithm the signature claims.
    pub alg: Alg,
    /// Which key it claims.
    pub key: Option<KeyHint>,
    /// The object as received.
    pub payload: &'a [u8],
    /// The signature bytes.
    pub signature: &'a [u8],
}

impl<'a> Sign1<'a> {
    /// Reads an untagged COSE_Sign1 with an empty unprotected header.
    ///
    /// # Errors
    ///
    /// [`Malformed`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes)?;
        reader.array("COSE_Sign1", 4)?;
        let protected = reader.bytes()?;
        let (alg, key) = read_protected(protected)?;
        if reader.map()? != 0 {
            return Err(Malformed::Value { field: "unprotected header" });
        }
        let payload = reader.bytes()?;
        let signature = reader.bytes()?;
        reader.end()?;
        Ok(Self { protected, alg, key, payload, signature })
    }

    /// The exact bytes that the signature must cover under `context`.
    #[must_use]
    pub fn to_be_signed(&self, context: Context) -> Vec<u8> {
        sig_structure(context, self.protected, self.payload)
    }

    /// Reads the payload as `S`. The signature is still unverified.
    ///
    /// # Errors
    ///
    /// [`Malformed`].
    pub fn object<S: Object>(&self) -> Result<S, Malformed> {
        S::decode(self.payload)
    }

    /// SHA-256 of the payload: the identity of the object, whatever its signature bytes are.
    #[must_use]
    pub fn payload_hash(&self) -> Hash {
        Hash::of(self.payload)
    }
}

fn read_protected(bytes: &[u8]) -> Result<(Alg, Option<KeyHint>), Malformed> {
    let mut reader = Reader::new(bytes)?;
    let pairs = reader.map()?;
    if !(1..=2).contains(&pairs) || reader.uint()? != 1 {
        return Err(Malformed::Value { field: "protected header" });
    }
    let alg = Alg::from_number(reader.int()?)?;
    let key = if pairs == 2 {
        if reader.uint()? != 4 {
            return Err(Malformed::Value { field: "protected header" });
        }
        Some(KeyHint(Field::read(&mut reader)?))
    } else {
        None
    };
    Ok((alg, key))
}

/// Encodes `statement` and lets `signer` sign it under the statement's own context.
///
/// # Errors
///
/// Whatever `signer` returns.
pub fn sign<S: Statement, E>(
    statement: &S,
    alg: Alg,
    key: Option<KeyHint>,
    signer: impl FnOnce(&[u8]) -> Result<Vec<u8>, E>,
) -> Result<Signed, E> {
    let payload = statement.encode();
    let signature = signer(&to_be_signed(S::CONTEXT, alg, key, &payload))?;
    Ok(Signed::assemble(alg, key, &payload, &signature))
}
