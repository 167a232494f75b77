//! What a card has signed.

use alloc::vec::Vec;
use core::fmt;

use jushin_pki::cv::CvKeyId;

use crate::jpki::Credential;

/// What let the card sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenedBy {
    /// The holder's PIN.
    Pin,
    /// Terminal authentication by the institution of this subject key id.
    Institution(CvKeyId),
}

/// How a signature was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureForm {
    /// RSA over the bytes themselves in PKCS#1 v1.5 padding, with no DigestInfo of SHA-256 around.
    Padded,
    /// RSA PKCS#1 v1.5 with SHA-256.
    Pkcs1,
    /// RSA-PSS with SHA-256 and a salt of 32 bytes.
    Pss,
    /// ECDSA P-384.
    P384,
}

/// One signature, without the signature.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedDigest {
    /// With which key.
    pub credential: Credential,
    /// What opened it.
    pub opened_by: OpenedBy,
    /// How.
    pub form: SignatureForm,
    /// What the host gave: the digest, or the bytes of [`SignatureForm::Padded`].
    pub offered: Vec<u8>,
    /// What was signed: the same, but on a card of profile C the digest of the card's own message.
    pub signed: Vec<u8>,
}

impl fmt::Debug for SignedDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} with {:?}, opened by {:?}: ", self.form, self.credential, self.opened_by)?;
        self.signed.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
