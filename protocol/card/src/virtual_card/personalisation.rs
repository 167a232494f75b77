//! What is put on a card before it is handed out.

use alloc::vec::Vec;
use core::fmt;

use jushin_pki::cv::CvKeyId;
use zeroize::Zeroizing;

use crate::jpki::Credential;
use crate::terminal_auth::CardProfile;

/// Kinds of simulated card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CardKind {
    /// Today's card: RSA-2048. A terminal may have PKCS#1 v1.5 and PSS.
    #[default]
    Jpki,
    /// A card after a move to RSA-PSS: terminal authentication opens PSS only. The PIN opens both still.
    JpkiPss,
    /// A card with P-384 keys.
    JpkiP384,
    /// A phone: RSA-2048, and the certificate for user authentication is behind the PIN too.
    Phone,
}

impl CardKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Jpki, Self::JpkiPss, Self::JpkiP384, Self::Phone];

    /// Its name on the command line: `jpki`, `jpki-pss`, `jpki-p384`, `phone`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jpki => "jpki",
            Self::JpkiPss => "jpki-pss",
            Self::JpkiP384 => "jpki-p384",
            Self::Phone => "phone",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for CardKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A key with what belongs to it.
#[derive(Clone)]
pub struct PersonalKey {
    /// The private key, PKCS#8 DER: RSA-2048, or P-384 for [`CardKind::JpkiP384`].
    pub private_key: Zeroizing<Vec<u8>>,
    /// Its certificate, DER, beginning `30 82`.
    pub certificate: Vec<u8>,
    /// The certificate of the CA that issued it, DER.
    pub ca_certificate: Vec<u8>,
    /// The PIN or password, in its credential's form.
    pub pin: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for PersonalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key with a certificate of {} bytes", self.certificate.len())
    }
}

/// The CA whose CV certificates the card takes.
#[derive(Clone, Debug)]
pub struct TerminalCa {
    /// Its key id, in EF 0016: the issuer key id of the certificates.
    pub key_id: CvKeyId,
    /// Its RSA-2048 public key, DER SubjectPublicKeyInfo.
    pub spki: Vec<u8>,
}

/// What selecting the application again does to a PIN that was verified before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reselecting {
    /// The PIN must be shown again: what clients expect that log out by selecting again.
    #[default]
    Forgets,
    /// It stays verified, as was reported of real cards. Terminal authentication is forgotten in any case.
    Remembers,
}

/// Everything a [`super::VirtualCard`] is made of.
#[derive(Clone, Debug)]
pub struct Personalisation {
    /// What kind of card.
    pub kind: CardKind,
    /// What terminal authentication lets it sign.
    pub profile: CardProfile,
    /// Key, certificates and PIN for user authentication.
    pub authentication: PersonalKey,
    /// Key, certificates and password for signing.
    pub signature: PersonalKey,
    /// Whose CV certificates it takes.
    pub terminal_ca: TerminalCa,
    /// Subject key ids of institutions that it refuses all the same: a CV certificate has no end of its own.
    pub denied: Vec<CvKeyId>,
    /// What selecting again does.
    pub reselecting: Reselecting,
    /// Serial number of the card, 16 characters of ASCII.
    pub serial: [u8; 16],
}

/// A card that cannot be made. Whoever personalises is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PersonalisationError {
    /// A private key that is not what the kind of card has.
    #[error("the key for {0:?} is not what this kind of card has (RSA-2048 or P-384, in PKCS#8)")]
    Key(Credential),
    /// A certificate that no reader could find the length of.
    #[error("a certificate for {credential:?} has {length} bytes and does not begin as DER of that length")]
    Certificate {
        /// Whose.
        credential: Credential,
        /// Its length.
        length: usize,
    },
    /// A PIN or password of another form.
    #[error("the PIN for {0:?} has not the form of one")]
    Pin(Credential),
    /// The terminals' CA has no RSA-2048 key.
    #[error("the CA of the terminals has no RSA-2048 key")]
    TerminalCa,
}

impl Personalisation {
    pub(super) const fn of(&self, credential: Credential) -> &PersonalKey {
        match credential {
            Credential::Authentication => &self.authentication,
            Credential::Signature => &self.signature,
        }
    }
}

impl PersonalKey {
    /// Both certificates begin `30 82 LL LL` and are as long as that says.
    pub(super) fn check(&self, credential: Credential) -> Result<(), PersonalisationError> {
        for certificate in [&self.certificate, &self.ca_certificate] {
            let length = certificate.len();
            let fits = matches!(certificate[..], [0x30, 0x82, high, low, ..]
                if usize::from(u16::from_be_bytes([high, low])) + 4 == length);
            if !fits {
                return Err(PersonalisationError::Certificate { credential, length });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
impl Personalisation {
    /// Nothing on it yet.
    pub(super) fn blank(kind: CardKind) -> Self {
        let key = PersonalKey {
            private_key: Zeroizing::default(),
            certificate: Vec::new(),
            ca_certificate: Vec::new(),
            pin: Zeroizing::default(),
        };
        Self {
            kind,
            profile: CardProfile::A,
            authentication: key.clone(),
            signature: key,
            terminal_ca: TerminalCa { key_id: CvKeyId::new([0; 16]), spki: Vec::new() },
            denied: Vec::new(),
            reselecting: Reselecting::Forgets,
            serial: *b"0000000000000001",
        }
    }
}
