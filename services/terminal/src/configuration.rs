//! What a terminal is told about itself.

use std::time::Duration;

use jushin_pki::cv::CvCertificate;
use jushin_statement::{HolderCheck, Id16, InstitutionCode};

/// Settings of one terminal.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// Its id, which the platform knows.
    pub terminal: Id16,
    /// The institution.
    pub institution: InstitutionCode,
    /// The CV certificate of its key, 568 bytes, for the patient's card. The element holds the key.
    pub institution_certificate: CvCertificate,
    /// Its name, as on the sign.
    pub institution_name: String,
    /// The desk's name: 受付 1.
    pub desk_name: String,
    /// Whom to call when the terminal is out of use.
    pub operations_phone: String,
    /// Keys of the platform, pinned.
    pub platform_keys: PlatformKeys,
    /// Holder checks that the desk offers. The element refuses what its binding does not allow.
    pub methods: Vec<HolderCheck>,
    /// How long a patient waits for the platform before the check-in is shown as provisional.
    pub patience: Duration,
    /// Width of the proven window, in milliseconds, at which the anchor is renewed.
    pub window_ms: u64,
    /// When the doors close, in minutes after midnight in Japan: an anchor after that closes the day.
    pub closing_minute: Option<u16>,
    /// Whether cards or element are made up (◇).
    pub simulated: bool,
}

/// DER SubjectPublicKeyInfo of the platform's keys. Whatever they did not sign does not count.
#[derive(Clone, PartialEq, Eq)]
pub struct PlatformKeys {
    /// Signs activations (K-sp).
    pub provider: Vec<u8>,
    /// Signs receipts, verdicts and eligibility answers.
    pub receipt: Vec<u8>,
    /// Opens sealed evidence.
    pub evidence: Vec<u8>,
}

impl std::fmt::Debug for PlatformKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PlatformKeys")
    }
}
