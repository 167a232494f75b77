//! Sealing evidence to the platform: what cannot be read here cannot be lost here.

use jushin_pki::Crypto;
use jushin_statement::{Alg, Bytes, Evidence, Hash, Id16, Object as _, Sealed, Signed, seal_aad};
use zeroize::{Zeroize as _, Zeroizing};

/// The HPKE info of sealed evidence.
const INFO: &[u8] = b"jushin/1/seal";

/// What only the platform may read.
pub(crate) struct CardPart<'a> {
    pub(crate) alg: Alg,
    pub(crate) signature: &'a [u8],
    pub(crate) certificate: &'a [u8],
    pub(crate) blind: &'a [u8; 32],
    pub(crate) authentication: &'a [u8],
}

/// Builds the evidence, seals it to `recipient` for this element, counter and visit, and overwrites it.
pub(crate) fn sealed_evidence(
    crypto: &dyn Crypto,
    recipient: &[u8],
    (element, counter, evid): (Id16, u64, Hash),
    presence: &[u8],
    card: &CardPart<'_>,
    commit: &Signed,
) -> Option<Sealed> {
    let mut evidence = Evidence {
        presence: Bytes::from(presence),
        card_alg: card.alg,
        card_signature: Bytes::from(card.signature),
        certificate: Bytes::from(card.certificate),
        blind: *card.blind,
        authentication: Bytes::from(card.authentication),
        commit: commit.clone(),
    };
    let encoded = Zeroizing::new(evidence.encode());
    evidence.certificate.0.zeroize();
    evidence.card_signature.0.zeroize();
    evidence.blind.zeroize();
    let sealed = crypto.seal(recipient, INFO, &seal_aad(element, counter, evid), &encoded).ok()?;
    Some(Sealed { counter, evid, enc: Bytes(sealed.enc), ciphertext: Bytes(sealed.ciphertext) })
}
