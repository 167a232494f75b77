//! The keys of all CAs: made at the first start, loaded at every other.

use std::collections::BTreeMap;
use std::sync::Arc;

use jushin_pki::issue::{Issuer, NotIssued};
use jushin_pki::{Certificate, Crypto, CvCertificate, KeyKind, PrivateKey};
use jushin_runtime::Random;
use jushin_statement::UnixMillis;
use zeroize::Zeroizing;

use crate::authority::{CertificationAuthority, Signer};
use crate::first_start::{self, INSTITUTIONS, responder_name, stamp_name};
use crate::institution::InstitutionAuthority;
use crate::ocsp::Responder;
use crate::store::{KeyRecord, Store};
use crate::{Authority, KeyId, TrustError};

/// The keys of the CAs at work.
pub(crate) struct Keys {
    /// In the order of [`Authority::ALL`].
    authorities: [CertificationAuthority; 6],
    /// The CA for institutions.
    pub(crate) institutions: InstitutionAuthority,
}

impl Keys {
    /// Loads the keys, or makes and keeps them if there are none; the time-stamping keys come apart.
    pub(crate) fn open(
        store: &dyn Store,
        base_url: &str,
        crypto: &dyn Crypto,
        random: &Random,
        now: UnixMillis,
    ) -> Result<(Self, [Signer; 2]), TrustError> {
        let mut records = store.keys()?;
        if records.is_empty() {
            records = first_start::make(store, base_url, crypto, random, now)?;
        }
        load(&records.into_iter().map(|record| (record.name.clone(), record)).collect(), crypto)
    }

    /// One CA.
    pub(crate) const fn authority(&self, authority: Authority) -> &CertificationAuthority {
        let [user_1, user_2, signature, staff, stamping_1, stamping_2] = &self.authorities;
        match authority {
            Authority::UserAuthentication1 => user_1,
            Authority::UserAuthentication2 => user_2,
            Authority::DigitalSignature => signature,
            Authority::HealthcareStaff => staff,
            Authority::TimeStamping1 => stamping_1,
            Authority::TimeStamping2 => stamping_2,
        }
    }
}

fn load(
    records: &BTreeMap<String, KeyRecord>,
    crypto: &dyn Crypto,
) -> Result<(Keys, [Signer; 2]), TrustError> {
    let authority = |authority: Authority| -> Result<_, TrustError> {
        let record = find(records, authority.name())?;
        let issuer = Issuer::new(certificate(record)?, key(record, crypto)?, authority.suite());
        let key_id = key_id(&issuer)?;
        let responder = Responder { signer: signer(records, &responder_name(authority), crypto)? };
        Ok(CertificationAuthority { issuer, key_id, responder })
    };
    let [user_1, user_2, signature, staff, stamping_1, stamping_2] = Authority::ALL.map(authority);
    let authorities = [user_1?, user_2?, signature?, staff?, stamping_1?, stamping_2?];
    let record = find(records, INSTITUTIONS)?;
    let own = CvCertificate::parse(&record.certificate).map_err(|_| damaged(record))?;
    let institutions = InstitutionAuthority::new(key(record, crypto)?, own);
    let stamp = |authority| signer(records, &stamp_name(authority), crypto);
    let stamps = [stamp(Authority::TimeStamping1)?, stamp(Authority::TimeStamping2)?];
    Ok((Keys { authorities, institutions }, stamps))
}

fn find<'a>(records: &'a BTreeMap<String, KeyRecord>, name: &str) -> Result<&'a KeyRecord, TrustError> {
    records.get(name).ok_or_else(|| TrustError::Damaged { what: format!("key {name}") })
}

fn signer(
    records: &BTreeMap<String, KeyRecord>,
    name: &str,
    crypto: &dyn Crypto,
) -> Result<Signer, TrustError> {
    let record = find(records, name)?;
    Ok(Signer::new(key(record, crypto)?, certificate(record)?))
}

fn certificate(record: &KeyRecord) -> Result<Certificate, TrustError> {
    Certificate::parse(&record.certificate).map_err(|_| damaged(record))
}

fn key(record: &KeyRecord, crypto: &dyn Crypto) -> Result<Arc<dyn PrivateKey>, TrustError> {
    crypto.private_key(&record.pkcs8).map_err(|_| damaged(record))
}

fn damaged(record: &KeyRecord) -> TrustError {
    TrustError::Damaged { what: format!("key {}", record.name) }
}

pub(crate) fn key_id(issuer: &Issuer) -> Result<KeyId, TrustError> {
    let id = issuer.certificate().subject_key_id();
    let id = id.ok_or_else(|| TrustError::Damaged { what: "CA certificate without key id".into() })?;
    Ok(KeyId(id.to_vec()))
}

/// PKCS#8, and the key at work.
pub(crate) type StoredKey = (Zeroizing<Vec<u8>>, Arc<dyn PrivateKey>);

/// Makes a key that can be kept.
pub(crate) fn stored_key(crypto: &dyn Crypto, kind: KeyKind, what: &str) -> Result<StoredKey, TrustError> {
    let failed = || TrustError::Signing { what: what.into() };
    let pkcs8 = crypto.generate_stored(kind).map_err(|_| failed())?;
    let key = crypto.private_key(&pkcs8).map_err(|_| failed())?;
    Ok((pkcs8, key))
}

pub(crate) fn not_issued(what: &str, reason: NotIssued) -> TrustError {
    match reason {
        NotIssued::Signing(_) => TrustError::Signing { what: what.into() },
        NotIssued::Template(reason) => TrustError::Profile { what: what.into(), reason: reason.to_string() },
    }
}
