//! The institution key: the only things it ever signs are made here.

use alloc::vec::Vec;

use jushin_pki::{CvCertificate, CvKeyId, Suite};
use jushin_statement::{CardChallenge, Hash, InstitutionCode};

use super::Element;
use super::stop::Stop;
use crate::apdu::StatusWord;

/// The element's own CV certificate, as far as it matters here.
pub(super) struct CvIdentity {
    /// SHA-256 of its bytes.
    pub(super) hash: Hash,
    /// Key id of the institution key.
    pub(super) key_id: CvKeyId,
    /// Whose key it is, out of the key id.
    pub(super) institution: InstitutionCode,
    /// DER SPKI of the key.
    pub(super) spki: Vec<u8>,
}

impl CvIdentity {
    /// Reads it. The card checks the issuer's signature; the platform vouches for it by sending it signed.
    pub(super) fn parse(certificate: &[u8]) -> Result<Self, Stop> {
        let parsed = CvCertificate::parse(certificate).map_err(|_| StatusWord::Malformed)?;
        let key_id = parsed.subject_key_id();
        let institution = key_id.institution().ok_or(StatusWord::Malformed)?;
        Ok(Self {
            hash: Hash::of(certificate),
            key_id,
            institution: InstitutionCode::new(institution)?,
            spki: parsed.spki(),
        })
    }

    /// Whether a test signature over `nonce` would be one of EXTERNAL AUTHENTICATE, too.
    ///
    /// "jushin/1/ea-test" ‖ nonce reads as "jushin/1/ea" ‖ RND.ICC ‖ key id if the nonce ends in the key id:
    /// RND.ICC is then the 21 bytes before. The host chooses the nonce, and keeps the sealed box.
    pub(super) fn could_authenticate(&self, nonce: Hash) -> bool {
        nonce.0.ends_with(self.key_id.as_bytes())
    }
}

impl Element {
    /// The signature of EXTERNAL AUTHENTICATE: over the card's challenge and the key id, and in form B over
    /// the digest that the card will sign. The tag keeps it apart from everything else.
    pub(super) fn external_authenticate(
        &self,
        challenge: &CardChallenge,
        covered: Option<&[u8]>,
    ) -> Result<Vec<u8>, Stop> {
        let cv = self.memory.cv.as_ref().ok_or(StatusWord::WrongState)?;
        self.sign_with_institution_key(authentication_digest(challenge, cv.key_id, covered))
    }

    /// Shows the platform that the institution key has arrived; no card accepts this tag.
    pub(super) fn test_signature(&self, nonce: Hash) -> Result<Vec<u8>, Stop> {
        self.sign_with_institution_key(test_digest(nonce))
    }

    /// PKCS#1 v1.5 whose DigestInfo carries this digest itself, no second hash.
    fn sign_with_institution_key(&self, digest: Hash) -> Result<Vec<u8>, Stop> {
        let key = self.memory.institution_key.as_ref().ok_or(StatusWord::WrongState)?;
        Ok(key.sign_digest(Suite::RsaPkcs1Sha256, &digest.0)?)
    }
}

fn authentication_digest(challenge: &CardChallenge, key_id: CvKeyId, covered: Option<&[u8]>) -> Hash {
    let covered = covered.unwrap_or_default();
    Hash::of_parts(&[b"jushin/1/ea", challenge.as_bytes(), key_id.as_bytes(), covered])
}

fn test_digest(nonce: Hash) -> Hash {
    Hash::of_parts(&[b"jushin/1/ea-test", &nonce.0])
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::super::card_key::institution_digest;
    use super::*;
    use jushin_statement::Alg;

    /// RND.ICC, key id, D and E (P-384) of the fixed vectors.
    fn vector() -> (CardChallenge, CvKeyId, Hash, Vec<u8>) {
        let challenge = CardChallenge::new(&[0, 1, 2, 3, 4, 5, 6, 7]).unwrap();
        let key_id = CvKeyId::for_institution("1312345679", [0, 0, 0, 0, 1]).unwrap();
        let digest = bytes("7e94d5cf39173be914b093a0f5d19db30ac947e1a49e5f428fecab71e954285e");
        let given_384 = bytes(
            "1b515c728c77edd204bf81ad953231d73655c73b9133a57b5d7076323496b199417de6bda2e8bd4aa22b0c1c000c9f6b",
        );
        (challenge, key_id, Hash(digest.try_into().unwrap()), given_384)
    }

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    fn hex(bytes: &[u8]) -> alloc::string::String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn external_authenticate_signs_the_digests_of_the_fixed_vectors() {
        let (challenge, key_id, digest, given_384) = vector();
        for (covered, expected) in [
            (None, "a1cb5d20bccb8c58142225a40fb73dd9b60dd5cb7eaf641db28c75a66644ac06"),
            (Some(&digest.0[..]), "a3408f161f4d7c91c01f439ddbde6b9186431cba2b3f4b705fa64b6a271be67b"),
            (Some(&given_384[..]), "0662582f1656ca96ce252dae9b322907e432d4a3ffaa0fd507a3d5080642c7a1"),
        ] {
            assert_eq!(hex(&authentication_digest(&challenge, key_id, covered).0), expected);
        }
    }

    #[test]
    fn the_test_signature_covers_the_digest_of_the_fixed_vector() {
        assert_eq!(
            hex(&test_digest(Hash::of(b"n")).0),
            "4ba969abae88bfc69f114d258f889c9cd90c08f88462d63a3b3883d220147a5e"
        );
    }

    #[test]
    fn a_card_of_form_c_signs_the_digests_of_the_fixed_vectors() {
        let (challenge, _, digest, given_384) = vector();
        let institution = InstitutionCode::new("1312345679").unwrap();
        assert_eq!(
            hex(&institution_digest(Alg::Rs256, &challenge, &institution, &digest.0)),
            "e96341208311f53773521f1d3e4f7fe1bfcfd2363c8791db1c8a89991b38929b"
        );
        assert_eq!(
            hex(&institution_digest(Alg::Es384, &challenge, &institution, &given_384)),
            "309d3bda781e3d35055479f6a3a62c7157c0541c8d6ef21f4ad1032994416fd7174853d8512cdcf6f36511afaf075e97"
        );
    }
}
