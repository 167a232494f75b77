//! All stand-ins of one process.

use std::sync::Arc;

use axum::Router;
use jushin_pki::issue::{RevokedEntry, Template};
use jushin_pki::{Crypto, KeyKind, pem};
use jushin_runtime::{Clock, Random};
use jushin_statement::{InstitutionCode, UnixMillis};

use crate::authority::{CertificationAuthority, moment};
use crate::keys::{Keys, not_issued, stored_key};
use crate::serial::random_serial;
use crate::store::{CertificateStatus, Sqlite, Store};
use crate::time_stamp::TimeStampAuthority;
use crate::{
    Authority, CardFiles, CardKey, CertificateId, Config, Insurance, KeyMedium, Person, PersonCard, PersonId,
    RegisterPage, StaffCard, StaffFiles, TerminalAuthority, TrustError, TrustFile, Tsa, card, http, ocsp,
    staff,
};

/// Most rows of one page of the register's feed.
const PAGE: u32 = 500;

/// Serials tried before giving up; of 2^30 nearly all are free.
const TRIES: usize = 16;

/// All stand-ins: CAs, time-stamping authorities, OCSP responder, register. Cheap to clone.
///
/// Calls block (a key is made, a transaction is committed); from asynchronous code use a blocking thread.
#[derive(Clone)]
pub struct TrustServices {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) store: Box<dyn Store>,
    pub(crate) keys: Keys,
    pub(crate) crypto: Arc<dyn Crypto>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<Random>,
    pub(crate) base_url: String,
    pub(crate) revocation_lifetime_ms: i64,
    stamps: [TimeStampAuthority; 2],
}

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
        let base_url = config.base_url.trim_end_matches('/').to_owned();
        if !base_url.is_ascii() {
            return Err(TrustError::BaseUrl { base_url });
        }
        let store = Box::new(Sqlite::open(&config.place)?);
        let (keys, [first_stamp, second_stamp]) =
            Keys::open(store.as_ref(), &base_url, crypto.as_ref(), &random, clock.now())?;
        let [first, second] = config.tsa;
        let inner = Inner {
            store,
            keys,
            crypto,
            clock,
            random,
            base_url,
            revocation_lifetime_ms: i64::try_from(config.revocation_lifetime_ms).unwrap_or(i64::MAX),
            stamps: [
                TimeStampAuthority::new(first_stamp, first),
                TimeStampAuthority::new(second_stamp, second),
            ],
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Everything that is reachable over HTTP, the page at `/` included.
    pub fn router(&self) -> Router {
        self.protocols().merge(http::front(self.clone()))
    }

    /// The same without page and style, for a listener whose `/` is another page.
    pub fn protocols(&self) -> Router {
        http::protocols(self.clone())
    }

    /// The certificate of a CA, DER.
    #[must_use]
    pub fn certificate(&self, authority: Authority) -> &[u8] {
        self.inner.keys.authority(authority).issuer.certificate().der()
    }

    /// The name of a CA, DER.
    #[must_use]
    pub fn subject(&self, authority: Authority) -> &[u8] {
        self.inner.keys.authority(authority).issuer.certificate().subject()
    }

    /// Whose CV certificates cards accept.
    #[must_use]
    pub fn terminal_authority(&self) -> TerminalAuthority {
        self.inner.keys.institutions.terminal_authority()
    }

    /// The files of a trust folder that concern these CAs: `ca-u-1.pem`, `ca-u-2.pem`, `ca-i-1.bin` (the
    /// CV certificate over the CA's own key), `hpki-1.pem`, `tsa-1.pem`, `tsa-2.pem`.
    #[must_use]
    pub fn trust_files(&self) -> Vec<TrustFile> {
        let verifiers_need = |authority: &Authority| *authority != Authority::DigitalSignature;
        let mut files: Vec<_> = Authority::ALL
            .into_iter()
            .filter(verifiers_need)
            .map(|authority| TrustFile {
                name: format!("{}.pem", authority.name()),
                bytes: pem::encode("CERTIFICATE", self.certificate(authority)).into_bytes(),
            })
            .collect();
        files.push(TrustFile {
            name: "ca-i-1.bin".into(),
            bytes: self.inner.keys.institutions.certificate().as_bytes().to_vec(),
        });
        files
    }

    /// Takes a person into the register.
    ///
    /// # Errors
    ///
    /// [`TrustError::Store`].
    pub fn add_person(&self, person: &Person) -> Result<PersonId, TrustError> {
        let id = PersonId(self.inner.random.bytes());
        self.inner.store.add_person(id, person, self.inner.clock.now())?;
        Ok(id)
    }

    /// Records what an insurer reported; every certificate of the person gets a new row in the feed.
    ///
    /// # Errors
    ///
    /// [`TrustError::UnknownPerson`], [`TrustError::Store`].
    pub fn insure(&self, person: PersonId, insurance: &Insurance) -> Result<(), TrustError> {
        self.inner.store.person(person)?.ok_or(TrustError::UnknownPerson(person))?;
        self.inner.store.add_insurance(person, insurance, self.inner.clock.now())
    }

    /// Makes keys and certificates for a person's card and feeds the register.
    ///
    /// # Errors
    ///
    /// [`TrustError`].
    pub fn personalise(&self, card: &PersonCard) -> Result<CardFiles, TrustError> {
        card::personalise(&self.inner, card)
    }

    /// Makes key and certificate for an HPKI authentication card.
    ///
    /// # Errors
    ///
    /// [`TrustError`].
    pub fn staff_card(&self, card: &StaffCard) -> Result<StaffFiles, TrustError> {
        staff::personalise(&self.inner, card)
    }

    /// Makes an institution key outside any element, with its CV certificate.
    ///
    /// # Errors
    ///
    /// [`TrustError`].
    pub fn institution_key(&self, institution: InstitutionCode) -> Result<KeyMedium, TrustError> {
        let what = format!("institution {institution}");
        let (pkcs8, key) = stored_key(self.inner.crypto.as_ref(), KeyKind::Rsa2048, &what)?;
        let cv_certificate = self.certify_institution_key(institution, key.spki())?;
        Ok(KeyMedium { institution, pkcs8, cv_certificate })
    }

    /// Certifies an institution key that was made inside an element; returns the CV certificate, 568 bytes.
    ///
    /// # Errors
    ///
    /// [`TrustError::UnsuitableKey`], [`TrustError::Store`], [`TrustError::Signing`].
    pub fn certify_institution_key(
        &self,
        institution: InstitutionCode,
        spki: &[u8],
    ) -> Result<Vec<u8>, TrustError> {
        let authority = &self.inner.keys.institutions;
        let certificate = authority.certify(institution, self.inner.random.bytes(), spki)?;
        let certificate = certificate.as_bytes().to_vec();
        self.inner.store.add_institution(institution, &certificate, self.inner.clock.now())?;
        Ok(certificate)
    }

    /// Revokes a certificate as of `at`; of several moments the earliest counts.
    ///
    /// # Errors
    ///
    /// [`TrustError::UnknownCertificate`], [`TrustError::Store`].
    pub fn revoke(&self, certificate: &CertificateId, at: UnixMillis) -> Result<(), TrustError> {
        if self.inner.store.status(certificate)? == CertificateStatus::Unknown {
            return Err(TrustError::UnknownCertificate(certificate.clone()));
        }
        self.inner.store.revoke(certificate, at, self.inner.clock.now())
    }

    /// A page of the register's feed: rows with a number above `since`.
    ///
    /// # Errors
    ///
    /// [`TrustError::Store`].
    pub fn register_rows(&self, since: u64) -> Result<RegisterPage, TrustError> {
        let mut rows = self.inner.store.rows(since, PAGE + 1)?;
        let more = rows.len() > PAGE as usize;
        rows.truncate(PAGE as usize);
        let next = rows.last().map_or(since, |row| row.number);
        Ok(RegisterPage { rows, next, more })
    }

    /// Answers a time-stamp query (DER TimeStampReq) with a DER TimeStampResp, whatever was sent.
    #[must_use]
    pub fn time_stamp(&self, tsa: Tsa, query: &[u8]) -> Vec<u8> {
        let now = self.inner.clock.now();
        let reserve = |count| self.inner.store.reserve_stamps(tsa.number(), count, now);
        let [first, second] = &self.inner.stamps;
        let authority = match tsa {
            Tsa::First => first,
            Tsa::Second => second,
        };
        authority.answer(query, moment(now), reserve)
    }

    /// Answers an OCSP request (DER) with a DER OCSPResponse, whatever was sent.
    #[must_use]
    pub fn certificate_status(&self, authority: Authority, request: &[u8]) -> Vec<u8> {
        ocsp::answer(&self.inner, authority, request)
    }

    /// The complete revocation list of a CA as of now, DER.
    ///
    /// # Errors
    ///
    /// [`TrustError::Store`], [`TrustError::Signing`].
    pub fn revocation_list(&self, authority: Authority) -> Result<Vec<u8>, TrustError> {
        let now = self.inner.clock.now();
        let CertificationAuthority { issuer, key_id, .. } = self.inner.keys.authority(authority);
        let revoked: Vec<_> = self
            .inner
            .store
            .revocations(key_id, now)?
            .into_iter()
            .map(|(serial, at)| RevokedEntry {
                serial: serial.as_bytes().to_vec(),
                at: moment(at),
                reason: None,
            })
            .collect();
        let next = moment(now).plus_millis(self.inner.revocation_lifetime_ms);
        // The number has only to rise: milliseconds do, and cost no write.
        let list = issuer.crl(now.0, moment(now), next, &revoked);
        list.map_err(|_| TrustError::Signing { what: format!("revocation list {}", authority.name()) })
    }
}

impl Inner {
    /// Makes a key and a certificate for it under a free serial. Nothing is recorded yet.
    pub(crate) fn leaf(
        &self,
        authority: Authority,
        kind: KeyKind,
        template: impl FnOnce(Vec<u8>, Vec<u8>) -> Template,
    ) -> Result<CardKey, TrustError> {
        let CertificationAuthority { issuer, key_id, .. } = self.keys.authority(authority);
        let (pkcs8, key) = stored_key(self.crypto.as_ref(), kind, authority.name())?;
        let id = self.free_id(key_id)?;
        let template = template(id.serial.as_bytes().to_vec(), key.spki().to_vec());
        let certificate = issuer.issue(&template).map_err(|reason| not_issued(authority.name(), reason))?;
        Ok(CardKey {
            pkcs8,
            certificate: certificate.der().to_vec(),
            authority: issuer.certificate().der().to_vec(),
            id,
        })
    }

    fn free_id(&self, issuer: &crate::KeyId) -> Result<CertificateId, TrustError> {
        for _ in 0..TRIES {
            let id = CertificateId { issuer: issuer.clone(), serial: random_serial(&self.random) };
            if self.store.is_free(&id)? {
                return Ok(id);
            }
        }
        Err(TrustError::Signing { what: "a certificate: the generator repeats itself".into() })
    }
}
