//! HPKI cards of administrators and doctors.

use jushin_statement::UnixMillis;

use crate::CardKey;

/// The order for an HPKI authentication card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffCard {
    /// Name in the certificate, as `Sakura Taro (simulated)`; the mark is added if it is missing.
    pub name: String,
    /// hcRole of the holder, as `Medical Doctor`; `None` for an administrator without a health-care role.
    pub role: Option<String>,
    /// First moment of validity.
    pub not_before: UnixMillis,
    /// Last moment of validity.
    pub not_after: UnixMillis,
}

/// What a virtual HPKI card is made from. The key is RSA-2048.
#[derive(Debug)]
pub struct StaffFiles {
    /// Key, certificate and CA certificate for authentication.
    pub authentication: CardKey,
}
