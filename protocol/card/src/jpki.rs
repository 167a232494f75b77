//! The JPKI application (公的個人認証AP): names of its files and keys, and its token information.

use alloc::string::String;
use core::fmt;

/// Application identifier of the JPKI application.
pub const APPLICATION: [u8; 10] = [0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01];

/// Application identifier of the card manager (GlobalPlatform issuer security domain).
///
/// Selecting it leaves the JPKI application: the only way short of a power cycle to end what a PIN opened.
pub const CARD_MANAGER: [u8; 7] = [0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00];

/// An elementary file of the application.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u16);

impl FileId {
    /// Certificate for signing; needs the signing password.
    pub const SIGNATURE_CERTIFICATE: Self = Self(0x0001);
    /// Certificate of the CA for signing.
    pub const SIGNATURE_CA_CERTIFICATE: Self = Self(0x0002);
    /// Token information: 160 bytes, a PKCS#11 CK_TOKEN_INFO.
    pub const TOKEN_INFO: Self = Self(0x0006);
    /// Which certificates are present: 3 bytes.
    pub const PRESENCE: Self = Self(0x0008);
    /// Certificate for user authentication; free on a card, behind the PIN on a phone.
    pub const AUTHENTICATION_CERTIFICATE: Self = Self(0x000A);
    /// Certificate of the CA for user authentication.
    pub const AUTHENTICATION_CA_CERTIFICATE: Self = Self(0x000B);
    /// Key reference of the terminals' CA (特定機関認証): 16 bytes.
    pub const TERMINAL_CA: Self = Self(0x0016);
    /// Key for user authentication.
    pub const AUTHENTICATION_KEY: Self = Self(0x0017);
    /// PIN for user authentication: 4 digits, 3 tries.
    pub const AUTHENTICATION_PIN: Self = Self(0x0018);
    /// Key for signing.
    pub const SIGNATURE_KEY: Self = Self(0x001A);
    /// Password for signing: 6 to 16 of A–Z and 0–9, 5 tries.
    pub const SIGNATURE_PASSWORD: Self = Self(0x001B);

    /// The five bits that address the file without selecting it, if it has such.
    #[must_use]
    pub const fn short(self) -> Option<u8> {
        match self.0.to_be_bytes() {
            [0, short @ 0x01..=0x1E] => Some(short),
            _ => None,
        }
    }
}

impl fmt::Debug for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EF {:04X}", self.0)
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// One of the application's two keys, with its PIN and certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Credential {
    /// 利用者証明用: proves that the holder is here. PIN of 4 digits, or terminal authentication.
    Authentication,
    /// 署名用: signs documents. Password of 6 to 16 characters.
    Signature,
}

impl Credential {
    /// Its key.
    #[must_use]
    pub const fn key(self) -> FileId {
        match self {
            Self::Authentication => FileId::AUTHENTICATION_KEY,
            Self::Signature => FileId::SIGNATURE_KEY,
        }
    }

    /// Its PIN or password.
    #[must_use]
    pub const fn pin(self) -> FileId {
        match self {
            Self::Authentication => FileId::AUTHENTICATION_PIN,
            Self::Signature => FileId::SIGNATURE_PASSWORD,
        }
    }

    /// Its certificate.
    #[must_use]
    pub const fn certificate(self) -> FileId {
        match self {
            Self::Authentication => FileId::AUTHENTICATION_CERTIFICATE,
            Self::Signature => FileId::SIGNATURE_CERTIFICATE,
        }
    }

    /// The certificate of the CA that issued it.
    #[must_use]
    pub const fn ca_certificate(self) -> FileId {
        match self {
            Self::Authentication => FileId::AUTHENTICATION_CA_CERTIFICATE,
            Self::Signature => FileId::SIGNATURE_CA_CERTIFICATE,
        }
    }

    /// How many wrong tries block the PIN.
    #[must_use]
    pub const fn tries(self) -> u8 {
        match self {
            Self::Authentication => 3,
            Self::Signature => 5,
        }
    }

    /// Whether `pin` has the form of this PIN or password.
    #[must_use]
    pub fn pin_has_form(self, pin: &[u8]) -> bool {
        match self {
            Self::Authentication => pin.len() == 4 && pin.iter().all(u8::is_ascii_digit),
            Self::Signature => {
                (6..=16).contains(&pin.len())
                    && pin.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
            }
        }
    }
}

/// How a signature is made, as it is asked for at the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// RSA PKCS#1 v1.5 with SHA-256, the card padding a DigestInfo (P1 = 00): what every client uses.
    Pkcs1DigestInfo,
    /// RSA PKCS#1 v1.5 with SHA-256, the card making the DigestInfo of 32 bytes (P1 = 02).
    Pkcs1Hash,
    /// RSA-PSS with SHA-256 and a salt of 32 bytes, of 32 bytes (P1 = 04).
    Pss,
    /// ECDSA P-384 with SHA-384, of 48 bytes (P1 = 00); answers r‖s.
    P384,
}

impl Scheme {
    /// The algorithm's number in the COSE registry: −257, −37 or −35.
    #[must_use]
    pub const fn cose_number(self) -> i64 {
        match self {
            Self::Pkcs1DigestInfo | Self::Pkcs1Hash => -257,
            Self::Pss => -37,
            Self::P384 => -35,
        }
    }

    /// Length of its signatures in bytes.
    #[must_use]
    pub const fn signature_length(self) -> usize {
        match self {
            Self::Pkcs1DigestInfo | Self::Pkcs1Hash | Self::Pss => 256,
            Self::P384 => 96,
        }
    }
}

/// DER before a SHA-256 digest in a DigestInfo (RFC 8017, 9.2).
pub(crate) const SHA256_DIGEST_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x20,
];

/// What EF 0008 says in the place of a certificate that is present.
pub(crate) const PRESENT: u8 = 0x8F;

/// Length of EF 0006.
pub const TOKEN_INFO_LENGTH: usize = 160;

/// What a JPKI token calls itself: the first texts of a PKCS#11 CK_TOKEN_INFO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenInfo {
    /// Label: `JPKIAPICCTOKEN2` is a card, `JPKIAPGPSETOKEN` an Android phone, `JPKIAPIOSTOKEN` an iPhone.
    pub label: String,
    /// Manufacturer.
    pub manufacturer: String,
    /// Model.
    pub model: String,
}

/// Token information that is none. The card is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("token information has 160 bytes and begins with texts, this has {length} bytes")]
pub struct TokenInfoError {
    /// How many bytes there were.
    pub length: usize,
}

/// Model by which a virtual card ◇ says that terminals must ask it for RSA-PSS.
pub(crate) const MODEL_PSS: &str = "SIM RSA-PSS";
/// Model by which a virtual card ◇ says that its keys are P-384.
pub(crate) const MODEL_P384: &str = "SIM P-384";
/// Model of the virtual card ◇ that signs PKCS#1 v1.5.
pub(crate) const MODEL_PKCS1: &str = "SIM RSA";

impl TokenInfo {
    /// Reads EF 0006.
    ///
    /// # Errors
    ///
    /// [`TokenInfoError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, TokenInfoError> {
        let error = TokenInfoError { length: bytes.len() };
        let bytes: &[u8; TOKEN_INFO_LENGTH] = bytes.try_into().map_err(|_| error)?;
        let text = |from: usize, to: usize| {
            bytes
                .get(from..to)
                .and_then(|field| core::str::from_utf8(field).ok())
                .map(|text| String::from(text.trim_end_matches([' ', '\0'])))
                .ok_or(error)
        };
        Ok(Self { label: text(0, 32)?, manufacturer: text(32, 64)?, model: text(64, 80)? })
    }

    /// Whether this is a phone, which shows its certificate only after the PIN.
    #[must_use]
    pub fn is_phone(&self) -> bool {
        matches!(self.label.as_str(), "JPKIAPGPSETOKEN" | "JPKIAPIOSTOKEN")
    }

    /// The scheme to ask for at check-in: PKCS#1 v1.5, unless a virtual card ◇ names another in its model.
    ///
    /// How a real card of a later generation will say so is not known.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        match self.model.as_str() {
            MODEL_PSS => Scheme::Pss,
            MODEL_P384 => Scheme::P384,
            _ => Scheme::Pkcs1DigestInfo,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_identifiers_are_those_of_files_0001_to_001e() {
        assert_eq!(FileId::AUTHENTICATION_KEY.short(), Some(0x17));
        assert_eq!(FileId(0x001F).short(), None);
        assert_eq!(FileId(0x0101).short(), None);
        assert_eq!(FileId(0).short(), None);
    }

    #[test]
    fn a_pin_has_four_digits_and_a_password_six_to_sixteen_capitals_and_digits() {
        for (credential, pin, fits) in [
            (Credential::Authentication, "1234", true),
            (Credential::Authentication, "123", false),
            (Credential::Authentication, "12345", false),
            (Credential::Authentication, "12a4", false),
            (Credential::Signature, "ABC123", true),
            (Credential::Signature, "ABC12", false),
            (Credential::Signature, "abc123", false),
            (Credential::Signature, "A123456789012345X", false),
        ] {
            assert_eq!(credential.pin_has_form(pin.as_bytes()), fits, "{pin}");
        }
    }

    #[test]
    fn token_information_of_another_length_is_refused() {
        assert_eq!(TokenInfo::parse(&[b' '; 159]), Err(TokenInfoError { length: 159 }));
    }
}
