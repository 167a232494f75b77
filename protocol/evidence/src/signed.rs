//! Signed objects: the algorithm must fit the key, and the context the object.

use jushin_pki::{KeyKind, PublicKey, Suite};
use jushin_statement::{Alg, Context, Hash, Sign1, Signed, Statement, cbor::Malformed};

/// Why a signed object is not accepted. Whoever signed it or changed it is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// Not a COSE_Sign1 in the one encoding, or not with this object in it.
    #[error("not a signed object of this kind: {0}")]
    Malformed(#[from] Malformed),
    /// The algorithm does not fit the key.
    #[error("the signature states algorithm {alg:?}, the key is {key:?}")]
    Algorithm {
        /// What the header states.
        alg: Alg,
        /// What the key is.
        key: KeyKind,
    },
    /// A key id stands where none belongs, or is missing where one does.
    #[error("the platform and the history service name their key, and nobody else does")]
    KeyHint,
    /// The signature is not this key's over these bytes in this context.
    #[error("the signature does not fit key, bytes and context")]
    Signature,
}

/// A signed object whose signature was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened<S> {
    /// The object.
    pub object: S,
    /// SHA-256 of its payload: its identity.
    pub hash: Hash,
}

/// Checks a signature under the object's own context, and reads the object.
///
/// # Errors
///
/// [`NotSigned`].
pub fn open<S: Statement>(signed: &Signed, key: &dyn PublicKey) -> Result<Opened<S>, NotSigned> {
    let parsed = signed.parse()?;
    check_signature(&parsed, S::CONTEXT, key)?;
    Ok(Opened { object: parsed.object()?, hash: parsed.payload_hash() })
}

pub(crate) fn check_signature(
    parsed: &Sign1<'_>,
    context: Context,
    key: &dyn PublicKey,
) -> Result<(), NotSigned> {
    let suite =
        suite(parsed.alg, key.kind()).ok_or(NotSigned::Algorithm { alg: parsed.alg, key: key.kind() })?;
    if parsed.key.is_some() != names_its_key(context) {
        return Err(NotSigned::KeyHint);
    }
    key.verify(suite, &parsed.to_be_signed(context), parsed.signature).map_err(|_| NotSigned::Signature)
}

/// How a key of this kind signs under this algorithm; `None` if it cannot.
pub(crate) const fn suite(alg: Alg, key: KeyKind) -> Option<Suite> {
    match (alg, key) {
        (Alg::Es256, KeyKind::P256) => Some(Suite::P256Sha256Cose),
        (Alg::Es384, KeyKind::P384) => Some(Suite::P384Sha384Cose),
        (Alg::Rs256, KeyKind::Rsa2048) => Some(Suite::RsaPkcs1Sha256),
        (Alg::Ps256, KeyKind::Rsa2048) => Some(Suite::RsaPssSha256),
        _ => None,
    }
}

const fn names_its_key(context: Context) -> bool {
    matches!(
        context,
        Context::Binding
            | Context::Inject
            | Context::Receipt
            | Context::Verdict
            | Context::Reference
            | Context::Visit
            | Context::Eligibility
            | Context::Link
            | Context::Revocation
            | Context::Beacon
            | Context::Capability
    )
}
