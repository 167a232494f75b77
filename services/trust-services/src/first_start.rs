//! The first start: makes every key and certificate of ours.

use jushin_pki::issue::{Issuer, NewExtension, Template};
use jushin_pki::name::Name;
use jushin_pki::{Crypto, CvCertificate, CvKeyId, KeyKind, KeyUsage};
use jushin_runtime::Random;
use jushin_statement::UnixMillis;

use crate::authority::{moment, time_stamping};
use crate::institution::InstitutionAuthority;
use crate::keys::{StoredKey, key_id, not_issued, stored_key};
use crate::serial::random_serial;
use crate::store::{Issued, KeyRecord, Store};
use crate::{Authority, CertificateId, TrustError, extension, oid};

const YEAR_MS: u64 = 365 * 86_400_000;

/// Name of the record of the CA for institutions.
pub(crate) const INSTITUTIONS: &str = "ca-i-1";

/// Makes and keeps everything.
pub(crate) fn make(
    store: &dyn Store,
    base_url: &str,
    crypto: &dyn Crypto,
    random: &Random,
    now: UnixMillis,
) -> Result<Vec<KeyRecord>, TrustError> {
    let made = Maker { base_url, crypto, random, now }.all()?;
    let issued: Vec<_> = made.issued.iter().map(IssuedLeaf::as_issued).collect();
    store.keep_keys(&made.records, &issued, now)?;
    Ok(made.records)
}

/// Name of the record of a CA's OCSP key.
pub(crate) fn responder_name(authority: Authority) -> String {
    format!("{}/responder", authority.name())
}

/// Name of the record of a time-stamping key.
pub(crate) fn stamp_name(authority: Authority) -> String {
    format!("{}/stamp", authority.name())
}

/// Everything that the first start makes.
#[derive(Default)]
struct Made {
    records: Vec<KeyRecord>,
    issued: Vec<IssuedLeaf>,
}

struct IssuedLeaf {
    id: CertificateId,
    certificate: Vec<u8>,
    at: UnixMillis,
}

impl IssuedLeaf {
    fn as_issued(&self) -> Issued<'_> {
        Issued { id: &self.id, person: None, fed: false, certificate: &self.certificate, at: self.at }
    }
}

struct Maker<'a> {
    base_url: &'a str,
    crypto: &'a dyn Crypto,
    random: &'a Random,
    now: UnixMillis,
}

impl Maker<'_> {
    fn all(&self) -> Result<Made, TrustError> {
        let mut made = Made::default();
        for authority in Authority::ALL {
            let issuer = self.root(authority, &mut made)?;
            self.responder(authority, &issuer, &mut made)?;
            match authority {
                Authority::TimeStamping1 => self.stamp(authority, "1", &issuer, &mut made)?,
                Authority::TimeStamping2 => self.stamp(authority, "2", &issuer, &mut made)?,
                _ => {}
            }
        }
        self.institutions(&mut made)?;
        Ok(made)
    }

    fn root(&self, authority: Authority, made: &mut Made) -> Result<Issuer, TrustError> {
        let name = authority.name();
        let (pkcs8, key) = self.key(authority.key_kind(), name)?;
        let (before, after) = authority.years();
        let template = Template {
            subject: authority.subject(),
            serial: random_serial(self.random).as_bytes().to_vec(),
            not_before: moment(UnixMillis(self.now.0.saturating_sub(before * YEAR_MS))),
            not_after: moment(UnixMillis(self.now.0.saturating_add(after * YEAR_MS))),
            spki: key.spki().to_vec(),
            extensions: Vec::new(),
        };
        let issuer = Issuer::self_signed(template, key, authority.suite())
            .map_err(|reason| not_issued(name, reason))?;
        let certificate = issuer.certificate().der().to_vec();
        made.records.push(KeyRecord { name: name.into(), pkcs8, certificate });
        Ok(issuer)
    }

    fn responder(&self, authority: Authority, issuer: &Issuer, made: &mut Made) -> Result<(), TrustError> {
        let extensions = vec![
            NewExtension::key_usage(KeyUsage::DIGITAL_SIGNATURE),
            NewExtension::extended_key_usage(&[oid::OCSP_SIGNING], false),
            NewExtension::ocsp_no_check(),
        ];
        let subject = Name::new()
            .country("JP")
            .organization("OCSP-SIMULATED")
            .common_name(&format!("OCSP responder for {} (simulated)", authority.name()));
        self.leaf(authority, issuer, responder_name(authority), subject, extensions, made)
    }

    fn stamp(
        &self,
        authority: Authority,
        number: &str,
        issuer: &Issuer,
        made: &mut Made,
    ) -> Result<(), TrustError> {
        let extensions = vec![
            NewExtension::key_usage(KeyUsage::DIGITAL_SIGNATURE),
            NewExtension::extended_key_usage(&[oid::TIME_STAMPING], true),
            NewExtension::ocsp(&format!("{}/ocsp/{}", self.base_url, authority.name())),
            extension::crl_url(&format!("{}/crl/{}", self.base_url, authority.name())),
        ];
        let subject = time_stamping(number).common_name(&format!("Time-stamping unit {number} (simulated)"));
        self.leaf(authority, issuer, stamp_name(authority), subject, extensions, made)
    }

    fn leaf(
        &self,
        authority: Authority,
        issuer: &Issuer,
        name: String,
        subject: Name,
        extensions: Vec<NewExtension>,
        made: &mut Made,
    ) -> Result<(), TrustError> {
        let (pkcs8, key) = self.key(KeyKind::P256, &name)?;
        let serial = random_serial(self.random);
        let (before, after) = authority.years();
        let template = Template {
            subject,
            serial: serial.as_bytes().to_vec(),
            not_before: moment(UnixMillis(self.now.0.saturating_sub(before * YEAR_MS))),
            not_after: moment(UnixMillis(self.now.0.saturating_add(after.min(10) * YEAR_MS))),
            spki: key.spki().to_vec(),
            extensions,
        };
        let certificate = issuer.issue(&template).map_err(|reason| not_issued(&name, reason))?;
        let certificate = certificate.der().to_vec();
        let id = CertificateId { issuer: key_id(issuer)?, serial };
        made.issued.push(IssuedLeaf { id, certificate: certificate.clone(), at: self.now });
        made.records.push(KeyRecord { name, pkcs8, certificate });
        Ok(())
    }

    fn institutions(&self, made: &mut Made) -> Result<(), TrustError> {
        let (pkcs8, key) = self.key(KeyKind::Rsa2048, INSTITUTIONS)?;
        let id = InstitutionAuthority::key_id(self.random.bytes());
        let own = CvCertificate::issue(key.as_ref(), CvKeyId::new(id), CvKeyId::new(id), key.spki())
            .map_err(|_| TrustError::Signing { what: INSTITUTIONS.into() })?;
        made.records.push(KeyRecord {
            name: INSTITUTIONS.into(),
            pkcs8,
            certificate: own.as_bytes().to_vec(),
        });
        Ok(())
    }

    fn key(&self, kind: KeyKind, what: &str) -> Result<StoredKey, TrustError> {
        stored_key(self.crypto, kind, what)
    }
}
