//! How a certificate is named: issuer's key and serial. All generations of a CA share one name.

use std::fmt;

use jushin_runtime::Random;

/// A serial number: at most 20 bytes, big-endian, positive, without leading zeros.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Serial(Vec<u8>);

impl Serial {
    /// Takes the bytes of a number; leading zeros are dropped. `None` for zero or more than 20 bytes.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let start = bytes.iter().position(|byte| *byte != 0)?;
        let bytes = bytes.get(start..)?;
        (bytes.len() <= 20).then(|| Self(bytes.to_vec()))
    }

    /// Its bytes, without leading zeros.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Four random bytes, the first neither 0 nor negative: the shape of serials in production.
pub(crate) fn random_serial(random: &Random) -> Serial {
    let [first, rest @ ..] = random.bytes::<4>();
    let mut bytes = vec![first & 0x7F | 0x01];
    bytes.extend(rest);
    Serial(bytes)
}

/// The subject key identifier of a CA certificate.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub Vec<u8>);

impl AsRef<[u8]> for Serial {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for KeyId {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

macro_rules! hexadecimal {
    ($($name:ident),*) => { $(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    )* };
}
hexadecimal!(Serial, KeyId);

/// One certificate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CertificateId {
    /// Which CA key signed it.
    pub issuer: KeyId,
    /// Its number there.
    pub serial: Serial,
}

impl fmt::Display for CertificateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of issuer {}", self.serial, self.issuer)
    }
}
