//! Keys and certificates that are slow to make: once per test program.

use std::sync::{Arc, LazyLock};

use jushin_crypto::AwsLc;
use jushin_pki::issue::{Issuer, NewExtension, Template};
use jushin_pki::name::Name;
use jushin_pki::{
    Certificate, Crypto, CvCertificate, CvKeyId, KeyKind, KeyUsage, Moment, PrivateKey, Suite, oid,
};
use zeroize::Zeroizing;

/// 2026-04-07T08:40:00+09:00.
pub(crate) const START: u64 = 1_775_518_800_000;
pub(crate) const CODE: &str = "1312345679";

const YEAR: i64 = 365 * 86_400_000;

/// A key with its certificate.
#[derive(Clone)]
pub(crate) struct Holder {
    pub(crate) key: Arc<dyn PrivateKey>,
    pub(crate) certificate: Certificate,
}

/// Everybody outside platform and terminal.
pub(crate) struct Outside {
    pub(crate) card_ca: Issuer,
    pub(crate) staff_ca: Issuer,
    pub(crate) tsa_cas: [Issuer; 2],
    pub(crate) tsas: [Holder; 2],
    /// Under a CA that nobody trusts.
    pub(crate) stranger_tsa: Holder,
    /// Under a trusted CA, without the extended key usage of a time-stamping authority.
    pub(crate) wrong_use_tsa: Holder,
    pub(crate) institution_ca: CvCertificate,
    pub(crate) institution_key: Zeroizing<Vec<u8>>,
    pub(crate) institution_certificate: CvCertificate,
    pub(crate) patient: Holder,
    pub(crate) administrator: Holder,
    pub(crate) jpki_administrator: Holder,
}

pub(crate) static OUTSIDE: LazyLock<Outside> = LazyLock::new(|| {
    let card_ca = root("card CA", KeyKind::Rsa2048, Suite::RsaPkcs1Sha256);
    let staff_ca = root("staff CA", KeyKind::P256, Suite::P256Sha256X509);
    let tsa_cas = ["TSA CA 1", "TSA CA 2"].map(|name| root(name, KeyKind::P256, Suite::P256Sha256X509));
    let stranger = root("stranger", KeyKind::P256, Suite::P256Sha256X509);
    let stamping = || {
        vec![
            NewExtension::key_usage(KeyUsage::DIGITAL_SIGNATURE),
            NewExtension::extended_key_usage(&[oid::TIME_STAMPING], true),
        ]
    };
    let patient = |name| {
        let extensions = vec![
            NewExtension::key_usage(KeyUsage::DIGITAL_SIGNATURE),
            NewExtension::extended_key_usage(&[oid::CLIENT_AUTH], false),
            NewExtension::policies(&[oid::JPKI_USER_AUTHENTICATION_TEST]),
        ];
        leaf(&card_ca, name, KeyKind::Rsa2048, extensions)
    };
    let staff = vec![
        NewExtension::key_usage(KeyUsage::DIGITAL_SIGNATURE),
        NewExtension::policies(&[oid::HPKI_AUTHENTICATION]),
    ];
    let institution_root = AwsLc.generate(KeyKind::Rsa2048).unwrap();
    let root_id = CvKeyId::new(*b"9000000000000000");
    let institution_key = AwsLc.generate_stored(KeyKind::Rsa2048).unwrap();
    let institution_spki = AwsLc.private_key(&institution_key).unwrap().spki().to_vec();
    let subject = CvKeyId::for_institution(CODE, [0, 0, 0, 0, 1]).unwrap();
    Outside {
        tsas: [
            leaf(&tsa_cas[0], "TSA 1", KeyKind::P256, stamping()),
            leaf(&tsa_cas[1], "TSA 2", KeyKind::P256, stamping()),
        ],
        stranger_tsa: leaf(&stranger, "TSA", KeyKind::P256, stamping()),
        wrong_use_tsa: leaf(
            &tsa_cas[0],
            "no TSA",
            KeyKind::P256,
            vec![NewExtension::key_usage(KeyUsage::DIGITAL_SIGNATURE)],
        ),
        institution_ca: CvCertificate::issue(&*institution_root, root_id, root_id, institution_root.spki())
            .unwrap(),
        institution_certificate: CvCertificate::issue(
            &*institution_root,
            root_id,
            subject,
            &institution_spki,
        )
        .unwrap(),
        institution_key,
        patient: patient("patient"),
        jpki_administrator: patient("administrator"),
        administrator: leaf(&staff_ca, "administrator", KeyKind::Rsa2048, staff),
        card_ca,
        staff_ca,
        tsa_cas,
    }
});

fn template(name: &str, extensions: Vec<NewExtension>) -> Template {
    Template {
        subject: Name::new().country("JP").organization("simulated").common_name(name),
        serial: AwsLc.generate(KeyKind::P256).unwrap().spki()[40..50].to_vec(),
        not_before: Moment(START as i64).plus_millis(-YEAR),
        not_after: Moment(START as i64).plus_millis(4 * YEAR),
        spki: Vec::new(),
        extensions,
    }
}

fn root(name: &str, kind: KeyKind, suite: Suite) -> Issuer {
    Issuer::self_signed(template(name, Vec::new()), AwsLc.generate(kind).unwrap(), suite).unwrap()
}

fn leaf(issuer: &Issuer, name: &str, kind: KeyKind, extensions: Vec<NewExtension>) -> Holder {
    let key = AwsLc.generate(kind).unwrap();
    let template = Template { spki: key.spki().to_vec(), ..template(name, extensions) };
    Holder { key, certificate: issuer.issue(&template).unwrap() }
}
