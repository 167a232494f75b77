//! All stand-ins of one process.

use std::sync::Arc;

use axum::Router;
use jushin_pki::Crypto;
use jushin_runtime::{Clock, Random};
use jushin_statement::{InstitutionCode, UnixMillis};

use crate::{
    Authority, CardFiles, CertificateId, Config, Insurance, KeyMedium, Person, PersonCard, PersonId, RegisterPage,
    StaffCard, StaffFiles, TerminalAuthority, TrustError, TrustFile,
};

/// All stand-ins: CAs, time-stamping authorities, OCSP responder, register. Cheap to clone.
///
/// Calls block (a key is made, a transaction is committed); from asynchronous code use a blocking thread.
#[derive(Clone)]
pub struct TrustServices {
    inner: Arc<Inner>,
}

struct Inner {}

impl TrustServices {
    /// Opens the stand-ins; the first start makes all CAs and keeps them.
    ///
    /// # Errors
    ///
    /// [`TrustError`] if the store cannot be opened, is damaged or newer, or no keys could be made.
    pub fn open(
        config: Config,
        crypto: Arc<dyn Crypto>,
        clock: Arc<dyn Clock>,
        random: Arc<Random>,
    ) -> Result<Self, TrustError> {
        let _ = (config, crypto, clock, random);
        Ok(Self { inner: Arc::new(Inner {}) })
    }

    /// Everything that is reachable over HTTP.
    #[must_use]
    pub fn router(&self) -> Router {
        let _ = &self.inner;
        Router::new()
    }

    /// The certificate of a CA, DER.
    #[must_use]
    pub fn certificate(&self, authority: Authority) -> &[u8] {
        let _ = authority;
        &[]
    }

    /// Whose CV certificates cards accept.
    #[must_use]
    pub fn terminal_authority(&self) -> TerminalAuthority {
        TerminalAuthority { key_id: [0; 16], spki: Vec::new() }
    }

    /// The files of a trust folder that concern these CAs: `ca-u-1.pem`, `ca-u-2.pem`, `ca-i-1.bin`,
    /// `hpki-1.pem`, `tsa-1.pem`, `tsa-2.pem`.
    #[must_use]
    pub fn trust_files(&self) -> Vec<TrustFile> {
        Vec::new()
    }

    /// Takes a person into the register.
    ///
    /// # Errors
    ///
    /// [`TrustError::Store`].
    pub fn add_person(&self, person: &Person) -> Result<PersonId, TrustError> {
        let _ = person;
        Ok(PersonId([0; 16]))
    }

    /// Records what an insurer reported; every certificate of the person gets a new row in the feed.
    ///
    /// # Errors
    ///
    /// [`TrustError::UnknownPerson`], [`TrustError::Store`].
    pub fn insure(&self, person: PersonId, insurance: &Insurance) -> Result<(), TrustError> {
        let _ = insurance;
        Err(TrustError::UnknownPerson(person))
    }

    /// Makes keys and certificates for a person's card and feeds the register.
    ///
    /// # Errors
    ///
    /// [`TrustError`].
    pub fn personalise(&self, card: &PersonCard) -> Result<CardFiles, TrustError> {
        Err(TrustError::UnknownPerson(card.person))
    }

    /// Makes key and certificate for an HPKI authentication card.
    ///
    /// # Errors
    ///
    /// [`TrustError`].
    pub fn staff_card(&self, card: &StaffCard) -> Result<StaffFiles, TrustError> {
        Err(TrustError::Signing { what: card.name.clone() })
    }

    /// Makes an institution key outside any element, with its CV certificate.
    ///
    /// # Errors
    ///
    /// [`TrustError`].
    pub fn institution_key(&self, institution: InstitutionCode) -> Result<KeyMedium, TrustError> {
        Err(TrustError::Signing { what: institution.to_string() })
    }

    /// Certifies an institution key that was made inside an element; returns the CV certificate, 568 bytes.
    ///
    /// # Errors
    ///
    /// [`TrustError::UnsuitableKey`], [`TrustError::Store`], [`TrustError::Signing`].
    pub fn certify_institution_key(&self, institution: InstitutionCode, spki: &[u8]) -> Result<Vec<u8>, TrustError> {
        let _ = (institution, spki);
        Err(TrustError::UnsuitableKey)
    }

    /// Revokes a certificate as of `at`. Revoking again keeps the earliest moment.
    ///
    /// # Errors
    ///
    /// [`TrustError::UnknownCertificate`], [`TrustError::Store`].
    pub fn revoke(&self, certificate: &CertificateId, at: UnixMillis) -> Result<(), TrustError> {
        let _ = at;
        Err(TrustError::UnknownCertificate(certificate.clone()))
    }

    /// A page of the register's feed: rows with a number above `since`.
    ///
    /// # Errors
    ///
    /// [`TrustError::Store`].
    pub fn register_rows(&self, since: u64) -> Result<RegisterPage, TrustError> {
        Ok(RegisterPage { rows: Vec::new(), next: since, more: false })
    }
}
