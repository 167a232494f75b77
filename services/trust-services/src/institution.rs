//! The key by which a card knows an institution, and the medium it comes on.

use std::fmt;
use std::sync::Arc;

use jushin_pki::{CvCertificate, CvError, CvKeyId, PrivateKey, pem};
use jushin_statement::InstitutionCode;
use zeroize::Zeroizing;

use crate::{TerminalAuthority, TrustError};

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
    /// It does not begin as a key medium of this format.
    #[error("the first line of a key medium is: {FIRST_LINE}")]
    FirstLine,
    /// The second line names no institution.
    #[error("the second line of a key medium is: institution and ten digits")]
    Institution,
    /// A block is missing, there twice, or malformed.
    #[error("the key medium holds no well-formed block {label}")]
    Block {
        /// Which.
        label: &'static str,
    },
}

const FIRST_LINE: &str = "jushin key medium 1 (simulated)";
const KEY_LABEL: &str = "PRIVATE KEY";
const CERTIFICATE_LABEL: &str = "CV CERTIFICATE";

impl KeyMedium {
    /// The file's text.
    #[must_use]
    pub fn to_file(&self) -> Zeroizing<String> {
        let key = Zeroizing::new(pem::encode(KEY_LABEL, &self.pkcs8));
        let certificate = pem::encode(CERTIFICATE_LABEL, &self.cv_certificate);
        Zeroizing::new(format!(
            "{FIRST_LINE}\ninstitution {}\n{}{certificate}",
            self.institution,
            key.as_str()
        ))
    }

    /// Reads a file. Whether key, certificate and code belong together is for the importer to check.
    ///
    /// # Errors
    ///
    /// [`KeyMediumError`], naming what is wrong.
    pub fn parse(text: &str) -> Result<Self, KeyMediumError> {
        let rest = text.strip_prefix(FIRST_LINE).and_then(|rest| rest.strip_prefix('\n'));
        let (code, blocks) = rest
            .ok_or(KeyMediumError::FirstLine)?
            .strip_prefix("institution ")
            .and_then(|rest| rest.split_once('\n'))
            .ok_or(KeyMediumError::Institution)?;
        let institution = InstitutionCode::new(code).map_err(|_| KeyMediumError::Institution)?;
        let block = |label| pem::decode(label, blocks).map_err(|_| KeyMediumError::Block { label });
        Ok(Self {
            institution,
            pkcs8: Zeroizing::new(block(KEY_LABEL)?),
            cv_certificate: block(CERTIFICATE_LABEL)?,
        })
    }
}

/// The CA for institutions: it signs CV certificates.
pub(crate) struct InstitutionAuthority {
    key: Arc<dyn PrivateKey>,
    own: CvCertificate,
}

impl InstitutionAuthority {
    /// A key with the CV certificate over itself.
    pub(crate) fn new(key: Arc<dyn PrivateKey>, own: CvCertificate) -> Self {
        Self { key, own }
    }

    /// Key id of a new CA: no institution has letters in its code, and J-LIS's ids begin with 5 or 6.
    pub(crate) fn key_id(random: [u8; 5]) -> [u8; 16] {
        let mut id = *b"9JUSHIN-SIM.....";
        for (to, from) in id.iter_mut().skip(11).zip(random) {
            *to = from;
        }
        id
    }

    /// The CV certificate over its own key.
    pub(crate) fn certificate(&self) -> &CvCertificate {
        &self.own
    }

    /// What a card pins.
    pub(crate) fn terminal_authority(&self) -> TerminalAuthority {
        TerminalAuthority { key_id: *self.own.subject_key_id().as_bytes(), spki: self.own.spki() }
    }

    /// Certifies a key of an institution.
    pub(crate) fn certify(
        &self,
        institution: InstitutionCode,
        serial: [u8; 5],
        spki: &[u8],
    ) -> Result<CvCertificate, TrustError> {
        let issued = CvKeyId::for_institution(&institution.to_string(), serial).and_then(|subject| {
            CvCertificate::issue(self.key.as_ref(), self.own.subject_key_id(), subject, spki)
        });
        issued.map_err(|error| match error {
            CvError::Signing(_) => TrustError::Signing { what: format!("institution {institution}") },
            _ => TrustError::UnsuitableKey,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn medium() -> KeyMedium {
        KeyMedium {
            institution: InstitutionCode::new("1312345679").unwrap(),
            pkcs8: Zeroizing::new(vec![7; 1_200]),
            cv_certificate: vec![9; 568],
        }
    }

    #[test]
    fn a_key_medium_reads_back() {
        let text = medium().to_file();
        let read = KeyMedium::parse(&text).unwrap();
        assert_eq!(read.institution, medium().institution);
        assert_eq!(read.pkcs8, medium().pkcs8);
        assert_eq!(read.cv_certificate, medium().cv_certificate);
    }

    #[test]
    fn a_key_medium_says_what_is_wrong_with_it() {
        let text = medium().to_file();
        for (from, to, reason) in [
            ("medium 1", "medium 2", KeyMediumError::FirstLine),
            ("1312345679", "131234567", KeyMediumError::Institution),
            ("END PRIVATE", "END PUBLIC", KeyMediumError::Block { label: "PRIVATE KEY" }),
            ("BEGIN CV", "BEGIN X", KeyMediumError::Block { label: "CV CERTIFICATE" }),
        ] {
            assert_eq!(KeyMedium::parse(&text.replace(from, to)).unwrap_err(), reason, "{from}");
        }
    }

    #[test]
    fn debug_output_holds_no_key() {
        assert_eq!(format!("{:?}", medium()), "KeyMedium(1312345679)");
    }
}
