//! The CAs, and keys that sign in their name.

use std::sync::Arc;

use jushin_pki::issue::Issuer;
use jushin_pki::name::Name;
use jushin_pki::{Certificate, KeyKind, Moment, PrivateKey, Suite};
use jushin_statement::UnixMillis;

use crate::ocsp::Responder;
use crate::{KeyId, TrustError};

/// A CA of ours. Its own certificate is self-signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Authority {
    /// First generation of the CA for user authentication. Shares its name with the second.
    UserAuthentication1,
    /// Second generation, overlapping the first: new key, same name.
    UserAuthentication2,
    /// The CA for certificates that sign documents.
    DigitalSignature,
    /// The HPKI CA for authentication cards.
    HealthcareStaff,
    /// The CA of the first time-stamping authority.
    TimeStamping1,
    /// The CA of the second.
    TimeStamping2,
}

impl Authority {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::UserAuthentication1,
        Self::UserAuthentication2,
        Self::DigitalSignature,
        Self::HealthcareStaff,
        Self::TimeStamping1,
        Self::TimeStamping2,
    ];

    /// Its name in paths and in the trust folder.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UserAuthentication1 => "ca-u-1",
            Self::UserAuthentication2 => "ca-u-2",
            Self::DigitalSignature => "ca-s-1",
            Self::HealthcareStaff => "hpki-1",
            Self::TimeStamping1 => "tsa-1",
            Self::TimeStamping2 => "tsa-2",
        }
    }

    /// The authority of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|authority| authority.name() == name)
    }
}

/// A file of a trust folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustFile {
    /// File name.
    pub name: String,
    /// Content.
    pub bytes: Vec<u8>,
}

impl Authority {
    /// The CA of a card's authentication certificate.
    pub(crate) const fn of_generation(generation: crate::Generation) -> Self {
        match generation {
            crate::Generation::First => Self::UserAuthentication1,
            crate::Generation::Second => Self::UserAuthentication2,
        }
    }

    /// Subject of its certificate. Both generations for user authentication have one name, as in life.
    pub(crate) fn subject(self) -> Name {
        let jpki = Name::new().country("JP").organization("JPKI-SIMULATED");
        match self {
            Self::UserAuthentication1 | Self::UserAuthentication2 => {
                jpki.unit("JPKI for user authentication").unit("Simulated by jushin, not issued by J-LIS")
            }
            Self::DigitalSignature => {
                jpki.unit("JPKI for digital signature").unit("Simulated by jushin, not issued by J-LIS")
            }
            Self::HealthcareStaff => Name::new()
                .country("JP")
                .organization("HPKI-SIMULATED")
                .unit("Simulated, not MEDIS")
                .common_name("HPKI-SIMULATED-forAuthentication-forIndividual"),
            Self::TimeStamping1 => time_stamping("1").common_name("Time-stamping CA 1 (simulated)"),
            Self::TimeStamping2 => time_stamping("2").common_name("Time-stamping CA 2 (simulated)"),
        }
    }

    /// What its key is.
    pub(crate) const fn key_kind(self) -> KeyKind {
        match self {
            Self::TimeStamping1 | Self::TimeStamping2 => KeyKind::P256,
            _ => KeyKind::Rsa2048,
        }
    }

    /// How it signs.
    pub(crate) const fn suite(self) -> Suite {
        match self {
            Self::TimeStamping1 | Self::TimeStamping2 => Suite::P256Sha256X509,
            _ => Suite::RsaPkcs1Sha256,
        }
    }

    /// Years of validity before and after the first start.
    pub(crate) const fn years(self) -> (u64, u64) {
        match self {
            Self::UserAuthentication1 => (4, 6),
            Self::UserAuthentication2 | Self::DigitalSignature => (1, 9),
            _ => (1, 20),
        }
    }
}

/// Beginning of the names of a time-stamping authority.
pub(crate) fn time_stamping(number: &str) -> Name {
    Name::new().country("JP").organization(&format!("TSA-{number}-SIMULATED"))
}

/// A CA at work.
pub(crate) struct CertificationAuthority {
    /// Certificate and key.
    pub(crate) issuer: Issuer,
    /// Subject key id of its certificate.
    pub(crate) key_id: KeyId,
    /// Answers for it.
    pub(crate) responder: Responder,
}

/// A P-256 key that signs tokens or answers, with its certificate.
pub(crate) struct Signer {
    key: Arc<dyn PrivateKey>,
    certificate: Certificate,
}

impl Signer {
    /// A key with its certificate.
    pub(crate) fn new(key: Arc<dyn PrivateKey>, certificate: Certificate) -> Self {
        Self { key, certificate }
    }

    /// Its certificate.
    pub(crate) const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// ECDSA P-256 with SHA-256, DER.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, TrustError> {
        let signed = self.key.sign(Suite::P256Sha256X509, message);
        signed.map_err(|_| TrustError::Signing { what: "a token or an answer".into() })
    }
}

/// The same time for certificates.
pub(crate) fn moment(at: UnixMillis) -> Moment {
    Moment(i64::try_from(at.0).unwrap_or(i64::MAX))
}
