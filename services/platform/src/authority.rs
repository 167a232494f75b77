//! What the platform signs with its own keys: statements, and certificates of elements and terminals.

use std::collections::HashMap;
use std::sync::Arc;

use jushin_pki::issue::{Issuer, NewExtension, Template};
use jushin_pki::name::Name;
use jushin_pki::{Certificate, KeyUsage, Moment, PrivateKey, SealingKey, Suite, oid};
use jushin_runtime::Random;
use jushin_statement::{
    Alg, ElementCaExtension, ElementExtension, Id16, KeyHint, Object as _, Signed, Statement, UnixMillis,
};

pub(crate) use crate::keys::KeyName;
use crate::keys::KeyStore;
use crate::refusal::Refusal;
use crate::store::Store;
use crate::store::rows::{CertificateRow, transact};

const YEAR_MS: i64 = 365 * 86_400_000;
const ROOT_YEARS: i64 = 20;
const KEY_YEARS: i64 = 10;
const ELEMENT_YEARS: i64 = 10;
const TERMINAL_YEARS: i64 = 5;
/// How far before its issue a certificate begins: one hour.
const BACKDATED_MS: i64 = 3_600_000;

/// The platform's keys at work.
pub(crate) struct Authority {
    keys: HashMap<KeyName, Arc<dyn PrivateKey>>,
    sealing: Arc<dyn SealingKey>,
    certificates: HashMap<KeyName, Certificate>,
    root: Issuer,
    element_ca: Issuer,
    random: Arc<Random>,
    simulated: bool,
}

impl Authority {
    /// Loads the keys and their certificates; makes what is missing.
    pub(crate) fn open(
        keys: &dyn KeyStore,
        store: &dyn Store,
        random: &Arc<Random>,
        now: UnixMillis,
        simulated: bool,
    ) -> Result<Self, Refusal> {
        let signing: HashMap<_, _> = KeyName::ALL
            .into_iter()
            .filter(|name| *name != KeyName::Evidence)
            .map(|name| Ok((name, keys.signing(name)?)))
            .collect::<Result<_, Refusal>>()?;
        let sealing = keys.sealing()?;
        let maker = Maker { store, random, now, simulated };
        let root = maker.root(KeyName::Root, &signing, Vec::new())?;
        // Marked, so that nothing under it can pass for a real element.
        let mark = simulated
            .then(|| NewExtension::new(oid::ELEMENT, false, ElementCaExtension { simulated }.encode()));
        let element_ca = maker.root(KeyName::ElementCa, &signing, mark.into_iter().collect())?;
        let mut certificates = HashMap::new();
        for name in KeyName::ALL {
            let certificate = match name {
                KeyName::Root => root.certificate().clone(),
                KeyName::ElementCa => element_ca.certificate().clone(),
                KeyName::Evidence => maker.leaf(name, sealing.spki(), &root)?,
                name => maker.leaf(name, key_of(&signing, name)?.spki(), &root)?,
            };
            certificates.insert(name, certificate);
        }
        Ok(Self { keys: signing, sealing, certificates, root, element_ca, random: random.clone(), simulated })
    }

    /// DER certificate of a key.
    pub(crate) fn certificate(&self, name: KeyName) -> &[u8] {
        self.certificates.get(&name).map(Certificate::der).unwrap_or_default()
    }

    /// DER SubjectPublicKeyInfo of a key.
    pub(crate) fn spki(&self, name: KeyName) -> Vec<u8> {
        self.certificates.get(&name).map(|certificate| certificate.spki().to_vec()).unwrap_or_default()
    }

    /// The key that opens sealed evidence.
    pub(crate) fn sealing(&self) -> &dyn SealingKey {
        &*self.sealing
    }

    /// Signs a statement. Signatures of the platform's keys name their key, those of the provider's do not.
    pub(crate) fn sign<S: Statement>(&self, name: KeyName, statement: &S) -> Result<Signed, Refusal> {
        let key = key_of(&self.keys, name)?;
        let hint = (name != KeyName::Provider).then(|| KeyHint::of_spki(key.spki()));
        jushin_statement::sign(statement, Alg::Es256, hint, |bytes| key.sign(Suite::P256Sha256Cose, bytes))
            .map_err(|_| Refusal::Internal(format!("the key {} did not sign", name.text())))
    }

    /// Certifies an element's device key.
    pub(crate) fn element(
        &self,
        spki: &[u8],
        extension: &ElementExtension,
        now: UnixMillis,
    ) -> Result<Vec<u8>, Refusal> {
        let element = Id16::of_spki(spki);
        let template = Template {
            subject: name(self.simulated || extension.simulated, &format!("element {element}")),
            serial: serial(&self.random),
            not_before: begin(now),
            not_after: floor(now).plus_millis(ELEMENT_YEARS * YEAR_MS),
            spki: spki.to_vec(),
            extensions: vec![
                NewExtension::key_usage(KeyUsage::DIGITAL_SIGNATURE),
                NewExtension::new(oid::ELEMENT, false, extension.encode()),
            ],
        };
        issue(&self.element_ca, &template)
    }

    /// Certifies a terminal's key for mutual TLS.
    pub(crate) fn terminal(&self, spki: &[u8], terminal: Id16, now: UnixMillis) -> Result<Vec<u8>, Refusal> {
        let template = Template {
            subject: name(self.simulated, &format!("terminal {terminal}")),
            serial: serial(&self.random),
            not_before: begin(now),
            not_after: floor(now).plus_millis(TERMINAL_YEARS * YEAR_MS),
            spki: spki.to_vec(),
            extensions: vec![
                NewExtension::key_usage(KeyUsage::DIGITAL_SIGNATURE),
                NewExtension::extended_key_usage(&[oid::CLIENT_AUTH], false),
            ],
        };
        issue(&self.root, &template)
    }
}

/// Makes what is missing at the first start.
struct Maker<'a> {
    store: &'a dyn Store,
    random: &'a Random,
    now: UnixMillis,
    simulated: bool,
}

impl Maker<'_> {
    fn root(
        &self,
        name: KeyName,
        keys: &HashMap<KeyName, Arc<dyn PrivateKey>>,
        extensions: Vec<NewExtension>,
    ) -> Result<Issuer, Refusal> {
        let key = key_of(keys, name)?;
        let made = || {
            let template = self.template(name, key.spki(), ROOT_YEARS, extensions.clone());
            let issuer = Issuer::self_signed(template, key.clone(), Suite::P256Sha256X509);
            issuer
                .map(|issuer| issuer.certificate().clone())
                .map_err(|error| Refusal::Internal(error.to_string()))
        };
        let certificate = self.kept(name, made)?;
        Ok(Issuer::new(certificate, key.clone(), Suite::P256Sha256X509))
    }

    fn leaf(&self, name: KeyName, spki: &[u8], root: &Issuer) -> Result<Certificate, Refusal> {
        let usage = match name {
            KeyName::Evidence => KeyUsage::KEY_AGREEMENT,
            _ => KeyUsage::DIGITAL_SIGNATURE,
        };
        let template = self.template(name, spki, KEY_YEARS, vec![NewExtension::key_usage(usage)]);
        self.kept(name, || root.issue(&template).map_err(|error| Refusal::Internal(error.to_string())))
    }

    fn template(&self, key: KeyName, spki: &[u8], years: i64, extensions: Vec<NewExtension>) -> Template {
        Template {
            subject: name(self.simulated, key.text()),
            serial: serial(self.random),
            not_before: begin(self.now),
            not_after: floor(self.now).plus_millis(years * YEAR_MS),
            spki: spki.to_vec(),
            extensions,
        }
    }

    /// The certificate in the store, or the one that `made` makes.
    fn kept(
        &self,
        name: KeyName,
        made: impl Fn() -> Result<Certificate, Refusal>,
    ) -> Result<Certificate, Refusal> {
        let der = transact(self.store, |tx| {
            if let Some(row) = tx.find::<CertificateRow>(name.text().as_bytes())? {
                return Ok(row.certificate);
            }
            let row = CertificateRow { certificate: made()?.der().into() };
            tx.put(name.text().as_bytes(), &row)?;
            Ok(row.certificate)
        })?;
        Certificate::parse(&der).map_err(|error| Refusal::Internal(error.to_string()))
    }
}

fn key_of(
    keys: &HashMap<KeyName, Arc<dyn PrivateKey>>,
    name: KeyName,
) -> Result<&Arc<dyn PrivateKey>, Refusal> {
    keys.get(&name).ok_or_else(|| Refusal::Internal(format!("{} is no key that signs", name.text())))
}

fn issue(issuer: &Issuer, template: &Template) -> Result<Vec<u8>, Refusal> {
    let issued = issuer.issue(template).map_err(|error| Refusal::Internal(error.to_string()))?;
    Ok(issued.der().to_vec())
}

fn name(simulated: bool, common_name: &str) -> Name {
    let organization = if simulated { "Eligibility platform (simulated)" } else { "Eligibility platform" };
    Name::new().country("JP").organization(organization).common_name(common_name)
}

/// Sixteen random bytes, positive and never zero.
fn serial(random: &Random) -> Vec<u8> {
    let mut bytes: [u8; 16] = random.bytes();
    bytes[0] = bytes[0] & 0x3f | 0x40;
    bytes.to_vec()
}

/// Certificates count in whole seconds.
/// First moment of a certificate issued now. A proven window reaches back by the time stamper's accuracy, so
/// that a certificate beginning this very second would not cover a visit that follows at once.
fn begin(now: UnixMillis) -> Moment {
    floor(now).plus_millis(-BACKDATED_MS)
}

fn floor(now: UnixMillis) -> Moment {
    Moment::from_seconds(i64::try_from(now.0 / 1_000).unwrap_or(i64::MAX))
}
