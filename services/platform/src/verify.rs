//! Signatures of others: whoever should have signed, did, under the object's own context.

use jushin_pki::{Crypto, Suite};
use jushin_statement::{Alg, Context, Signed, Statement};

use crate::refusal::Refusal;

/// Who should have signed: the key, and the name for the refusal.
#[derive(Clone, Copy)]
pub(crate) struct Signer<'a> {
    /// DER SubjectPublicKeyInfo.
    pub(crate) spki: &'a [u8],
    /// The one algorithm that this signer uses.
    pub(crate) alg: Alg,
    /// Who it is.
    pub(crate) name: &'static str,
}

impl<'a> Signer<'a> {
    /// An element, by its device key.
    pub(crate) const fn element(spki: &'a [u8]) -> Self {
        Self { spki, alg: Alg::Es256, name: "the element" }
    }

    /// An administrator's card.
    pub(crate) const fn administrator(spki: &'a [u8]) -> Self {
        Self { spki, alg: Alg::Rs256, name: "the administrator's card" }
    }
}

/// Reads a payload. Nothing is verified yet; it only tells whose key to look for.
pub(crate) fn unverified<S: Statement>(signed: &Signed) -> Result<S, Refusal> {
    let malformed = |why| Refusal::Malformed { object: S::NAME, why };
    signed.parse().map_err(malformed)?.object().map_err(malformed)
}

/// Reads a payload that `signer` signed under the object's context.
pub(crate) fn verified<S: Statement>(
    crypto: &dyn Crypto,
    signed: &Signed,
    signer: Signer<'_>,
) -> Result<S, Refusal> {
    verify(crypto, signed, S::CONTEXT, S::NAME, signer)?;
    unverified(signed)
}

/// Checks a signature under any context.
pub(crate) fn verify(
    crypto: &dyn Crypto,
    signed: &Signed,
    context: Context,
    object: &'static str,
    signer: Signer<'_>,
) -> Result<(), Refusal> {
    let bad = Refusal::BadSignature { object, signer: signer.name };
    let sign1 = signed.parse().map_err(|why| Refusal::Malformed { object, why })?;
    let suite = match signer.alg {
        Alg::Es256 => Suite::P256Sha256Cose,
        Alg::Rs256 => Suite::RsaPkcs1Sha256,
        _ => return Err(bad),
    };
    if sign1.alg != signer.alg {
        return Err(bad);
    }
    let key = crypto.public_key(signer.spki).map_err(|_| bad.clone())?;
    key.verify(suite, &sign1.to_be_signed(context), sign1.signature).map_err(|_| bad)
}
