//! A patient card's key and certificate, as far as the element needs them, and the digests of a session.

use alloc::vec::Vec;

use jushin_pki::{Certificate, KeyKind, Suite};
use jushin_statement::{Alg, AuthenticationForm, CardChallenge, Hash, InstitutionCode};
use sha2::{Digest, Sha384};

use super::Element;
use super::memory::CardKey;
use super::stop::Stop;
use crate::apdu::StatusWord;

/// A form of EXTERNAL AUTHENTICATE under which the card signs exactly the digest that it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Form A: the signature covers the challenge and the key id.
    OpensState,
    /// Form B: it covers the digest to be signed, too.
    CoversDigest,
}

impl Form {
    /// `None` for form C, in which the card signs something that it makes itself.
    pub(super) const fn of(form: AuthenticationForm) -> Option<Self> {
        match form {
            AuthenticationForm::OpensState => Some(Self::OpensState),
            AuthenticationForm::CoversDigest => Some(Self::CoversDigest),
            AuthenticationForm::CardBindsInstitution => None,
        }
    }
}

impl Element {
    /// The key in a card's certificate: signed by a trusted card CA, RSA-2048 or P-384, fitting `alg`.
    ///
    /// No more of the certificate is read: names, dates and revocation are the platform's business.
    pub(super) fn card_key(&self, certificate: &[u8], alg: Alg) -> Result<CardKey, Stop> {
        let certificate = Certificate::parse(certificate).map_err(|_| StatusWord::Malformed)?;
        let trusted = self.build.card_cas.iter().map(Vec::as_slice);
        let injected = self.memory.card_cas.keys.iter().map(|key| &**key);
        let signed = trusted.chain(injected).any(|spki| {
            self.crypto.public_key(spki).is_ok_and(|ca| {
                ca.verify(Suite::RsaPkcs1Sha256, certificate.tbs(), certificate.signature()).is_ok()
            })
        });
        if !signed {
            return Err(StatusWord::UnknownKey.into());
        }
        let key = self.crypto.public_key(certificate.spki())?;
        let fits = match alg {
            Alg::Rs256 | Alg::Ps256 => key.kind() == KeyKind::Rsa2048,
            Alg::Es384 => key.kind() == KeyKind::P384,
            Alg::Es256 | Alg::EdDsa => false,
        };
        if !fits {
            return Err(StatusWord::Malformed.into());
        }
        Ok(CardKey { key, spki: Hash::of(certificate.spki()), alg })
    }
}

impl CardKey {
    /// How this card signs.
    fn suite(&self) -> Suite {
        match self.alg {
            Alg::Ps256 => Suite::RsaPssSha256,
            Alg::Es384 => Suite::P384Sha384Cose,
            _ => Suite::RsaPkcs1Sha256,
        }
    }

    /// Whether `signature` is this card's over a message with this digest, in its one canonical form.
    pub(super) fn has_signed(&self, digest: &[u8], signature: &[u8]) -> bool {
        self.key.verify_digest(self.suite(), digest, signature).is_ok()
    }
}

/// E: the digest of `to_be_signed` that a card of this algorithm is given.
pub(super) fn given_digest(alg: Alg, to_be_signed: &[u8]) -> Vec<u8> {
    digest_of_parts(alg, &[to_be_signed])
}

/// What a card of form C signs: SHA(tag ‖ RND.ICC ‖ institution code ‖ E), with the hash of its algorithm.
pub(super) fn institution_digest(
    alg: Alg,
    challenge: &CardChallenge,
    institution: &InstitutionCode,
    given: &[u8],
) -> Vec<u8> {
    digest_of_parts(alg, &[b"jushin/1/card-ea", challenge.as_bytes(), institution.as_bytes(), given])
}

fn digest_of_parts(alg: Alg, parts: &[&[u8]]) -> Vec<u8> {
    if alg == Alg::Es384 {
        let mut hasher = Sha384::new();
        for part in parts {
            hasher.update(part);
        }
        hasher.finalize().to_vec()
    } else {
        Hash::of_parts(parts).0.to_vec()
    }
}
