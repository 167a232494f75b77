//! What has to outlive the process: CA keys, issued certificates, revocations, the register.
//!
//! Whoever can write to this store is the CA: it can issue, revoke and mis-state anything. Losing it means
//! that no stand-in knows its certificates any more; everything that others verified stays verifiable.
//!
//! All tables only grow; what a certificate or an insurance "is" now is computed from the rows.

mod sqlite;

use jushin_statement::{InstitutionCode, UnixMillis};
use zeroize::Zeroizing;

pub(crate) use sqlite::Sqlite;

use crate::{CertificateId, Insurance, KeyId, Person, PersonId, RegisterRow, Serial, TrustError};

/// A key of ours with its certificate.
pub(crate) struct KeyRecord {
    /// Name in the store.
    pub(crate) name: String,
    /// PKCS#8.
    pub(crate) pkcs8: Zeroizing<Vec<u8>>,
    /// Certificate, DER (X.509 or CV).
    pub(crate) certificate: Vec<u8>,
}

/// A certificate that was issued.
pub(crate) struct Issued<'a> {
    /// How it is named.
    pub(crate) id: &'a CertificateId,
    /// Whose it is, if the register knows the person.
    pub(crate) person: Option<PersonId>,
    /// Whether it goes into the register's feed.
    pub(crate) fed: bool,
    /// The certificate, DER.
    pub(crate) certificate: &'a [u8],
    /// When it was issued.
    pub(crate) at: UnixMillis,
}

/// What a CA knows of a serial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CertificateStatus {
    /// Never issued.
    Unknown,
    /// Issued, and not revoked.
    Good,
    /// Issued, and revoked as of this moment, which may lie in the future.
    Revoked(UnixMillis),
}

/// Durable storage. A method returns only after what it wrote was committed.
pub(crate) trait Store: Send + Sync {
    /// All keys of the CAs.
    fn keys(&self) -> Result<Vec<KeyRecord>, TrustError>;

    /// Keeps the keys of the CAs and the certificates issued with them, all or none.
    fn keep_keys(
        &self,
        records: &[KeyRecord],
        issued: &[Issued<'_>],
        at: UnixMillis,
    ) -> Result<(), TrustError>;

    /// Reserves `count` serials of tokens; returns the first. No serial is ever given twice.
    fn reserve_stamps(&self, tsa: u8, count: u64, at: UnixMillis) -> Result<u64, TrustError>;

    /// Takes in a person.
    fn add_person(&self, id: PersonId, person: &Person, at: UnixMillis) -> Result<(), TrustError>;

    /// The person, if there is one.
    fn person(&self, id: PersonId) -> Result<Option<Person>, TrustError>;

    /// Records an insurance and feeds a row for each of the person's certificates.
    fn add_insurance(&self, id: PersonId, insurance: &Insurance, at: UnixMillis) -> Result<(), TrustError>;

    /// Whether a serial is free at this issuer.
    fn is_free(&self, id: &CertificateId) -> Result<bool, TrustError>;

    /// Records certificates, all or none, and feeds a row for those that are fed.
    fn add_certificates(&self, issued: &[Issued<'_>]) -> Result<(), TrustError>;

    /// Records the CV certificate of an institution.
    fn add_institution(&self, code: InstitutionCode, cv: &[u8], at: UnixMillis) -> Result<(), TrustError>;

    /// Records a revocation.
    fn revoke(&self, id: &CertificateId, as_of: UnixMillis, at: UnixMillis) -> Result<(), TrustError>;

    /// What is known of a certificate.
    fn status(&self, id: &CertificateId) -> Result<CertificateStatus, TrustError>;

    /// Revocations of an issuer as of `now` or earlier, each serial once with its earliest moment.
    fn revocations(&self, issuer: &KeyId, now: UnixMillis) -> Result<Vec<(Serial, UnixMillis)>, TrustError>;

    /// Rows of the feed with a number above `since`, ascending, at most `limit`.
    fn rows(&self, since: u64, limit: u32) -> Result<Vec<RegisterRow>, TrustError>;
}
