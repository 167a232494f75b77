//! Terminal authentication (特定機関認証): how a card learns which institution asks.
//!
//! Profile "jushin-TA1", our own, since the real card's is not public:
//!
//! 1. PSO VERIFY CERTIFICATE with the institution's CV certificate (568 bytes, the layout seen on cards),
//!    whose issuer key id must be the one in EF 0016.
//! 2. GET CHALLENGE gives RND.ICC, before or after step 1. Used at most once.
//! 3. EXTERNAL AUTHENTICATE with the element's signature: RSA-2048 PKCS#1 v1.5 with SHA-256 over
//!    [`external_authenticate_message`].
//! 4. Exactly one signature with the authentication key, without PIN. What it may be over is the card's
//!    [`CardProfile`].

use alloc::vec::Vec;

use jushin_pki::cv::{CvCertificate, CvKeyId};

use crate::apdu::{Command, CommandError, Header};

/// Shortest challenge with which a terminal may be authenticated. GET CHALLENGE itself gives 1 to 256 bytes.
pub const SHORTEST_CHALLENGE: usize = 8;
/// Longest such challenge.
pub const LONGEST_CHALLENGE: usize = 32;

/// What terminal authentication lets a card sign.
///
/// | | A | B | C |
/// |---|---|---|---|
/// | signs | any digest | the digest that the element's signature covers | a digest of its own making |
/// | a hostile host can have a login signed | yes | no | no |
/// | the institution the card accepted is the one in the evidence | not assured | assured unless an institution key leaked | assured |
///
/// None of them changes what a PIN opens. Under C this has a price: a host that has the holder's PIN can
/// have the same bytes signed as a bare digest, so C proves presence only as far as the PIN stays secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CardProfile {
    /// Terminal authentication opens the key for one signature over anything. Assumed of today's card.
    #[default]
    A,
    /// The element's signature covers the digest too, and the card signs only that one.
    ///
    /// The card meets the digest only when it is to sign it. So it answers 9000 to EXTERNAL AUTHENTICATE
    /// when order and length are right, keeps RND.ICC and the signature, and verifies when the digest is
    /// offered: 6300 and nothing signed if it does not fit. The bytes on the wire are those of profile A.
    B,
    /// The card signs H("jushin/1/card-ea" ‖ RND.ICC ‖ institution code ‖ digest).
    C,
}

impl CardProfile {
    /// Its number in evidence: 1, 2, 3.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::A => 1,
            Self::B => 2,
            Self::C => 3,
        }
    }
}

/// What the element signs for EXTERNAL AUTHENTICATE: "jushin/1/ea" ‖ RND.ICC ‖ subject key id, and for
/// profile B ‖ the digest that the card will be given.
#[must_use]
pub fn external_authenticate_message(challenge: &[u8], subject: CvKeyId, covered: Option<&[u8]>) -> Vec<u8> {
    [&b"jushin/1/ea"[..], challenge, subject.as_bytes(), covered.unwrap_or_default()].concat()
}

/// What a card of profile C signs: "jushin/1/card-ea" ‖ RND.ICC ‖ institution code ‖ the digest it was given.
#[must_use]
pub fn card_message(challenge: &[u8], institution: &str, offered: &[u8]) -> Vec<u8> {
    [&b"jushin/1/card-ea"[..], challenge, institution.as_bytes(), offered].concat()
}

/// How the host sends the certificate and the signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TerminalAuth {
    /// PSO VERIFY CERTIFICATE of ISO/IEC 7816-8 (`00 2A 00 BE`) and EXTERNAL AUTHENTICATE in extended commands.
    #[default]
    Extended,
    /// The same in chained short commands, for readers without extended length.
    Chained,
    /// Experimental: the certificate in the two blocks `80 A2 06 C1` and `80 A2 00 C1` that were seen in
    /// use with real cards; nobody has published a successful run. The rest is as in [`Self::Extended`].
    A2Observed,
}

const VERIFY_CERTIFICATE: Header = Header::new(0x00, 0x2A, 0x00, 0xBE);
const EXTERNAL_AUTHENTICATE: Header = Header::new(0x00, 0x82, 0x00, 0x00);
const A2_FIRST: Header = Header::new(0x80, 0xA2, 0x06, 0xC1);
const A2_LAST: Header = Header::new(0x80, 0xA2, 0x00, 0xC1);

/// How much of the certificate goes in the first observed block: everything before the signature object.
pub(crate) const A2_FIRST_LENGTH: usize = 307;

impl TerminalAuth {
    /// The commands that show the certificate to the card.
    ///
    /// # Errors
    ///
    /// None in practice: a CV certificate has one length, which every command form carries.
    pub fn verify_certificate(self, certificate: &CvCertificate) -> Result<Vec<Command>, CommandError> {
        let bytes = certificate.as_bytes();
        match self {
            Self::Extended | Self::Chained => self.send(VERIFY_CERTIFICATE, bytes),
            Self::A2Observed => {
                let (first, last) = bytes.split_at(A2_FIRST_LENGTH);
                Ok([Command::new(A2_FIRST).with_data(first)?, Command::new(A2_LAST).with_data(last)?].into())
            }
        }
    }

    /// The commands that answer the card's challenge.
    ///
    /// # Errors
    ///
    /// [`CommandError`] if `signature` is longer than any command.
    pub fn external_authenticate(self, signature: &[u8]) -> Result<Vec<Command>, CommandError> {
        self.send(EXTERNAL_AUTHENTICATE, signature)
    }

    fn send(self, header: Header, data: &[u8]) -> Result<Vec<Command>, CommandError> {
        let command = Command::new(header).with_data(data)?;
        match self {
            Self::Chained => command.into_chain(),
            Self::Extended | Self::A2Observed => Ok([command.extended()].into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256, Sha384};

    const RND: [u8; 8] = [0, 1, 2, 3, 4, 5, 6, 7];
    const SUBJECT: CvKeyId = CvKeyId::new(*b"91312345679\0\0\0\0\x01");

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    #[test]
    fn the_fixed_vectors_of_the_external_authenticate_message_come_out() {
        let digest = hex(include_str!("../tests/vectors/presence_digest.hex").trim());
        let digest_384 = hex(
            "1b515c728c77edd204bf81ad953231d73655c73b9133a57b5d7076323496b199417de6bda2e8bd4aa22b0c1c000c9f6b",
        );
        let ea = |covered| Sha256::digest(external_authenticate_message(&RND, SUBJECT, covered)).to_vec();
        assert_eq!(ea(None), hex("a1cb5d20bccb8c58142225a40fb73dd9b60dd5cb7eaf641db28c75a66644ac06"));
        assert_eq!(
            ea(Some(&digest)),
            hex("a3408f161f4d7c91c01f439ddbde6b9186431cba2b3f4b705fa64b6a271be67b")
        );
        assert_eq!(
            ea(Some(&digest_384)),
            hex("0662582f1656ca96ce252dae9b322907e432d4a3ffaa0fd507a3d5080642c7a1")
        );

        let institution = SUBJECT.institution().unwrap();
        assert_eq!(
            Sha256::digest(card_message(&RND, institution, &digest)).to_vec(),
            hex("e96341208311f53773521f1d3e4f7fe1bfcfd2363c8791db1c8a89991b38929b")
        );
        assert_eq!(
            Sha384::digest(card_message(&RND, institution, &digest_384)).to_vec(),
            hex(
                "309d3bda781e3d35055479f6a3a62c7157c0541c8d6ef21f4ad1032994416fd7174853d8512cdcf6f36511afaf075e97"
            )
        );
    }
}
