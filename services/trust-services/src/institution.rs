//! The key by which a card knows an institution, and the medium it comes on.

use std::fmt;

use jushin_statement::InstitutionCode;
use zeroize::Zeroizing;

/// An institution key made outside the element, with its CV certificate: what the real issuer ships on a
/// recording medium.
///
/// The file is text, lines end in LF:
///
/// ```text
/// jushin key medium 1 (simulated)
/// institution 1312345679
/// -----BEGIN PRIVATE KEY-----        PKCS#8, base64 in lines of 64
/// -----END PRIVATE KEY-----
/// -----BEGIN CV CERTIFICATE-----     568 bytes, base64 in lines of 64
/// -----END CV CERTIFICATE-----
/// ```
pub struct KeyMedium {
    /// Whose key it is.
    pub institution: InstitutionCode,
    /// Private key, RSA-2048, PKCS#8 DER.
    pub pkcs8: Zeroizing<Vec<u8>>,
    /// Its CV certificate, 568 bytes.
    pub cv_certificate: Vec<u8>,
}

impl fmt::Debug for KeyMedium {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyMedium({})", self.institution)
    }
}

/// The file is no key medium. Whoever made or changed it is at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyMediumError {
    /// A line is not what stands there in a key medium.
    #[error("line {line} of the key medium should be: {expected}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What should stand there.
        expected: &'static str,
    },
}

impl KeyMedium {
    /// The file's text.
    #[must_use]
    pub fn to_file(&self) -> Zeroizing<String> {
        Zeroizing::new(String::new())
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`KeyMediumError`], naming the line.
    pub fn parse(text: &str) -> Result<Self, KeyMediumError> {
        let _ = text;
        Err(KeyMediumError::Line { line: 1, expected: "jushin key medium 1 (simulated)" })
    }
}
