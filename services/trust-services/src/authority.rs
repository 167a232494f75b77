//! The CAs.

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
