//! Keys and certificates of everybody.

use std::sync::{Arc, OnceLock};

use jushin_crypto::AwsLc;
use jushin_pki::issue::{Issuer, NewExtension, RevokedEntry, Template};
use jushin_pki::name::Name;
use jushin_pki::{
    Certificate, Crypto, CvCertificate, CvKeyId, KeyKind, KeyUsage, Moment, ObjectIdentifier, PrivateKey,
    Suite, oid, pem,
};
use jushin_statement::{
    Alg, ElementCaExtension, ElementExtension, ElementKind, Hash, KeyHint, Object, Signed, Statement,
    TickKind, TickSpec, sign,
};

/// 08:40 on 7 April 2026 in Japan.
pub const MORNING: i64 = 1_775_518_800_000;
/// A year in milliseconds.
pub const YEAR: i64 = 365 * 86_400_000;
/// The institution of the desk.
pub const INSTITUTION: &str = "2613200017";
/// Another one.
pub const OTHER_INSTITUTION: &str = "1312345679";

/// A private key of anybody.
pub type Key = Arc<dyn PrivateKey>;

/// A key and its certificate.
#[derive(Clone)]
pub struct Holder {
    /// The key.
    pub key: Key,
    /// Its certificate.
    pub certificate: Certificate,
}

/// Everybody's keys and certificates.
pub struct World {
    /// CA of the patients' cards.
    pub card_ca: Issuer,
    /// A CA of the same name that nobody trusts.
    pub other_card_ca: Issuer,
    /// The patient's card.
    pub card: Holder,
    /// Another patient's.
    pub second_card: Holder,
    /// The next generation's card.
    pub card_p384: Holder,
    /// Authority for CV certificates.
    pub institution_ca: CvCertificate,
    /// Its key.
    pub institution_ca_key: Key,
    /// The institution's key.
    pub institution_key: Key,
    /// The same, as PKCS#8.
    pub institution_pkcs8: Vec<u8>,
    /// The institution's CV certificate.
    pub cv: CvCertificate,
    /// One of another institution.
    pub other_cv: CvCertificate,
    /// One that the institution signed itself.
    pub foreign_cv: CvCertificate,
    /// Carries the mark.
    pub demo_ca: Issuer,
    /// Does not.
    pub element_ca: Issuer,
    /// Device key of the desk's element.
    pub device: Key,
    /// Device key of another element.
    pub second_device: Key,
    /// CAs of the two time-stamping authorities.
    pub time_ca: [Issuer; 2],
    /// The two time-stamping authorities.
    pub time_stamper: [Holder; 2],
    /// A server under the first of these CAs.
    pub not_a_time_stamper: Holder,
    /// CA of the administrators' cards.
    pub staff_ca: Issuer,
    /// The administrator's card.
    pub administrator: Holder,
    /// The platform's own root.
    pub platform: Issuer,
    /// The service provider that the binding names.
    pub provider: Holder,
    /// Another trusted provider.
    pub other_provider: Holder,
    /// The platform's key for bindings.
    pub binding: Holder,
    /// The platform's key for receipts and verdicts.
    pub receipt: Holder,
}

/// The one world of this process: its keys are new in every run.
pub fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(World::new)
}

/// A new key.
pub fn key(kind: KeyKind) -> Key {
    AwsLc.generate(kind).unwrap()
}

/// A certificate for `spki`, valid from a year before [`MORNING`] to four years after.
pub fn template(name: &str, spki: &[u8], extensions: Vec<NewExtension>) -> Template {
    Template {
        subject: Name::new().country("JP").organization("Test ◇").common_name(name),
        serial: Hash::of(name.as_bytes()).0[..8].iter().map(|byte| byte & 0x7f | 1).collect(),
        not_before: Moment(MORNING - YEAR),
        not_after: Moment(MORNING + 4 * YEAR),
        spki: spki.to_vec(),
        extensions,
    }
}

/// A CA that signed itself.
pub fn root(name: &str, kind: KeyKind, extensions: Vec<NewExtension>) -> Issuer {
    let suite = if kind == KeyKind::P256 { Suite::P256Sha256X509 } else { Suite::RsaPkcs1Sha256 };
    Issuer::self_signed(template(name, &[], extensions), key(kind), suite).unwrap()
}

/// Key usage digitalSignature, and policies if there are any.
pub fn signs(policies: &[ObjectIdentifier]) -> Vec<NewExtension> {
    let mut extensions = vec![NewExtension::key_usage(KeyUsage::DIGITAL_SIGNATURE)];
    if !policies.is_empty() {
        extensions.push(NewExtension::policies(policies));
    }
    extensions
}

/// What an element's certificate says.
pub fn element_template(spki: &[u8], extension: &ElementExtension) -> Template {
    let mut extensions = signs(&[]);
    extensions.push(NewExtension::new(oid::ELEMENT, false, extension.encode()));
    template("element", spki, extensions)
}

/// Somebody under a CA.
pub fn leaf(ca: &Issuer, name: &str, key: Key, extensions: Vec<NewExtension>) -> Holder {
    let certificate = ca.issue(&template(name, key.spki(), extensions)).unwrap();
    Holder { key, certificate }
}

fn plain(ca: &Issuer, name: &str) -> Holder {
    leaf(ca, name, key(KeyKind::P256), signs(&[]))
}

/// What makes a certificate one of a patient's card.
pub fn card_extensions() -> Vec<NewExtension> {
    let mut extensions = signs(&[oid::JPKI_USER_AUTHENTICATION_TEST]);
    extensions.push(NewExtension::extended_key_usage(&[oid::CLIENT_AUTH], false));
    extensions
}

fn time_stamper(ca: &Issuer, name: &str, usage: ObjectIdentifier) -> Holder {
    leaf(ca, name, key(KeyKind::P256), time_stamper_extensions(&[usage], true))
}

/// What makes a certificate one of a time-stamping authority, if the usage is timeStamping alone.
pub fn time_stamper_extensions(usages: &[ObjectIdentifier], critical: bool) -> Vec<NewExtension> {
    let mut extensions = signs(&[]);
    extensions.push(NewExtension::extended_key_usage(usages, critical));
    extensions
}

impl World {
    fn new() -> Self {
        let card_ca = root("card CA", KeyKind::Rsa2048, vec![]);
        let other_card_ca = root("card CA", KeyKind::Rsa2048, vec![]);
        let institution_ca_key = key(KeyKind::Rsa2048);
        let ca_id = CvKeyId::new(*b"0000000000000CAI");
        let institution_pkcs8 = AwsLc.generate_stored(KeyKind::Rsa2048).unwrap().to_vec();
        let institution_key = AwsLc.private_key(&institution_pkcs8).unwrap();
        let cv_for = |code: &str, issuer: &Key| {
            let id = CvKeyId::for_institution(code, [0, 0, 0, 0, 1]).unwrap();
            CvCertificate::issue(issuer.as_ref(), ca_id, id, institution_key.spki()).unwrap()
        };
        let mark = ElementCaExtension { simulated: true }.encode();
        let time_ca = [root("TSA CA 1", KeyKind::P256, vec![]), root("TSA CA 2", KeyKind::P256, vec![])];
        let staff_ca = root("HPKI CA", KeyKind::Rsa2048, vec![]);
        let platform = root("platform root", KeyKind::P256, vec![]);
        Self {
            card: leaf(&card_ca, "patient", key(KeyKind::Rsa2048), card_extensions()),
            second_card: leaf(&card_ca, "another patient", key(KeyKind::Rsa2048), card_extensions()),
            card_p384: leaf(&card_ca, "next card", key(KeyKind::P384), card_extensions()),
            institution_ca: CvCertificate::issue(
                institution_ca_key.as_ref(),
                ca_id,
                ca_id,
                institution_ca_key.spki(),
            )
            .unwrap(),
            cv: cv_for(INSTITUTION, &institution_ca_key),
            other_cv: cv_for(OTHER_INSTITUTION, &institution_ca_key),
            foreign_cv: cv_for(INSTITUTION, &institution_key),
            institution_ca_key,
            institution_key,
            institution_pkcs8,
            demo_ca: root("demo SE-CA", KeyKind::P256, vec![NewExtension::new(oid::ELEMENT, false, mark)]),
            element_ca: root("SE-CA", KeyKind::P256, vec![]),
            device: key(KeyKind::P256),
            second_device: key(KeyKind::P256),
            time_stamper: [
                time_stamper(&time_ca[0], "TSA 1", oid::TIME_STAMPING),
                time_stamper(&time_ca[1], "TSA 2", oid::TIME_STAMPING),
            ],
            not_a_time_stamper: time_stamper(&time_ca[0], "a server", oid::SERVER_AUTH),
            time_ca,
            administrator: leaf(
                &staff_ca,
                "administrator",
                key(KeyKind::Rsa2048),
                signs(&[oid::HPKI_AUTHENTICATION]),
            ),
            staff_ca,
            provider: plain(&platform, "service provider"),
            other_provider: plain(&platform, "another provider"),
            binding: plain(&platform, "binding"),
            receipt: plain(&platform, "receipt"),
            platform,
            card_ca,
            other_card_ca,
        }
    }

    /// The trust folder of the tests: software elements under the marked CA may prove everything.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let file = |name: &str, certificate: &Certificate| {
            (name.to_owned(), pem::encode("CERTIFICATE", certificate.der()).into_bytes())
        };
        vec![
            file("ca-u-1.pem", self.card_ca.certificate()),
            ("ca-i-1.bin".into(), self.institution_ca.as_bytes().to_vec()),
            file("se-ca-demo.pem", self.demo_ca.certificate()),
            file("se-ca-1.pem", self.element_ca.certificate()),
            file("tsa-1.pem", self.time_ca[0].certificate()),
            file("tsa-2.pem", self.time_ca[1].certificate()),
            file("hpki-1.pem", self.staff_ca.certificate()),
            file("sp-1.pem", &self.provider.certificate),
            file("sp-2.pem", &self.other_provider.certificate),
            file("pf-bind.pem", &self.binding.certificate),
            file("pf-rcpt.pem", &self.receipt.certificate),
            ("policy.json".into(), br#"{"class_cap":{"3":4}}"#.to_vec()),
        ]
    }

    /// An element's certificate.
    pub fn element_certificate(
        &self,
        ca: &Issuer,
        device: &Key,
        extension: &ElementExtension,
    ) -> Certificate {
        self.element_certificate_for(ca, device.spki(), extension)
    }

    /// An element's certificate over a DER SubjectPublicKeyInfo.
    pub fn element_certificate_for(
        &self,
        ca: &Issuer,
        spki: &[u8],
        extension: &ElementExtension,
    ) -> Certificate {
        ca.issue(&element_template(spki, extension)).unwrap()
    }

    /// An element's certificate that ends earlier.
    pub fn element_certificate_until(
        &self,
        ca: &Issuer,
        device: &Key,
        extension: &ElementExtension,
        not_after: i64,
    ) -> Certificate {
        let template = element_template(device.spki(), extension);
        ca.issue(&Template { not_after: Moment(not_after), ..template }).unwrap()
    }

    /// A card's certificate with other dates.
    pub fn card_certificate(&self, not_before: i64, not_after: i64) -> Certificate {
        let mut template = template("patient", self.card.key.spki(), card_extensions());
        template.not_before = Moment(not_before);
        template.not_after = Moment(not_after);
        self.card_ca.issue(&template).unwrap()
    }

    /// A list in which these certificates are revoked since these moments.
    pub fn crl(ca: &Issuer, at: i64, revoked: &[(&Certificate, i64)]) -> Vec<u8> {
        let entries: Vec<RevokedEntry> = revoked
            .iter()
            .map(|(certificate, at)| RevokedEntry {
                serial: certificate.serial().to_vec(),
                at: Moment(*at),
                reason: None,
            })
            .collect();
        ca.crl(1, Moment(at), Moment(at + 86_400_000), &entries).unwrap()
    }
}

/// Signs as the platform does: with a key id.
pub fn sign_as_platform<S: Statement>(statement: &S, holder: &Holder) -> Signed {
    let hint = KeyHint::of_spki(holder.key.spki());
    sign(statement, Alg::Es256, Some(hint), |bytes| holder.key.sign(Suite::P256Sha256Cose, bytes)).unwrap()
}

/// Signs as everybody else does.
pub fn sign_es256<S: Statement>(statement: &S, key: &Key) -> Signed {
    sign(statement, Alg::Es256, None, |bytes| key.sign(Suite::P256Sha256Cose, bytes)).unwrap()
}

/// TPM Name of the use counter.
pub const COUNTER_NAME: &[u8] = b"\x00\x0bcounter-name-of-the-use-counter.";

/// What an element's certificate says about the element.
pub fn extension(kind: ElementKind, tick: TickSpec, simulated: bool) -> ElementExtension {
    let counter_name = (kind == ElementKind::Tpm).then(|| COUNTER_NAME.into());
    ElementExtension { kind, tick, counter_name, simulated }
}

/// A clock of milliseconds with this bound, in millionths.
pub const fn millisecond_clock(rho_ppm: u64) -> TickSpec {
    TickSpec { kind: TickKind::Time, tau_us: 1_000, rho_ppm }
}

/// A count of records instead of a clock.
pub const RECORD_COUNTER: TickSpec = TickSpec { kind: TickKind::Date, tau_us: 0, rho_ppm: 0 };

/// What makes a certificate one of a CA.
pub fn ca_extensions() -> Vec<NewExtension> {
    let signs = KeyUsage::KEY_CERT_SIGN.and(KeyUsage::CRL_SIGN);
    vec![NewExtension::ca(None), NewExtension::key_usage(signs)]
}
