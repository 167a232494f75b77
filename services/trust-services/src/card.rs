//! What goes onto a virtual card of a person.

use std::fmt;

use jushin_statement::UnixMillis;
use zeroize::Zeroizing;

use crate::{CertificateId, PersonId};

/// How the card signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardKind {
    /// RSA-2048, PKCS#1 v1.5: today's card.
    Rsa,
    /// RSA-2048, the card answers with PSS; its files are those of [`CardKind::Rsa`].
    RsaPss,
    /// ECDSA P-384: the next card.
    P384,
    /// A certificate in a phone, RSA-2048.
    Phone,
}

/// Which generation of the CA for user authentication signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// The one that ends first.
    First,
    /// The newest.
    Second,
}

/// The order for one card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonCard {
    /// Who gets it; must be in the register.
    pub person: PersonId,
    /// How it signs.
    pub kind: CardKind,
    /// Which CA generation signs its authentication certificate.
    pub generation: Generation,
    /// First moment of validity.
    pub not_before: UnixMillis,
    /// Last moment of validity, whole seconds; `None`: the fifth birthday after `not_before`, 23:59:59 in Japan.
    pub not_after: Option<UnixMillis>,
    /// Whether a signing certificate goes onto it too (persons under 15 may have none).
    pub with_signature: bool,
}

/// A key with its certificate and the certificate of the CA.
pub struct CardKey {
    /// Private key, PKCS#8 DER.
    pub pkcs8: Zeroizing<Vec<u8>>,
    /// Certificate, DER.
    pub certificate: Vec<u8>,
    /// Certificate of its CA, DER.
    pub authority: Vec<u8>,
    /// How the certificate is named.
    pub id: CertificateId,
}

impl fmt::Debug for CardKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardKey(certificate of {} bytes)", self.certificate.len())
    }
}

/// Whose CV certificates a card accepts (EF 0016).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TerminalAuthority {
    /// Key id of the CA for institutions, 16 bytes, beginning with `9`.
    pub key_id: [u8; 16],
    /// Its RSA-2048 key, DER SubjectPublicKeyInfo.
    pub spki: Vec<u8>,
}

/// What a virtual card is made from.
#[derive(Debug)]
pub struct CardFiles {
    /// How it signs.
    pub kind: CardKind,
    /// For user authentication (EF 000A, 000B, 0017).
    pub authentication: CardKey,
    /// For signing documents (EF 0001, 0002, 001A).
    pub signature: Option<CardKey>,
    /// Whose institutions it accepts (EF 0016).
    pub terminal_authority: TerminalAuthority,
}
