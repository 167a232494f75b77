//! X.509 certificates: kept as they came, and a path leads only to what the CA really signed.

use std::sync::LazyLock;

use jushin_crypto::AwsLc;
use jushin_pki::path::validate;
use jushin_pki::{AsOf, Certificate, Crypto, Profile, TrustAnchors};

use crate::{fixtures, planted};

struct World {
    anchors: Vec<(TrustAnchors, Profile)>,
    /// To-be-signed parts of everything that those CAs have issued.
    issued: Vec<Vec<u8>>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let everything = fixtures::CERTIFICATES.iter().chain(&*ALSO_TRUSTED);
    World {
        anchors: vec![
            (fixtures::anchors("ca-u-"), Profile::jpki_user_authentication()),
            (fixtures::anchors("hpki-"), Profile::hpki_authentication()),
            (fixtures::anchors("se-ca-"), Profile::element()),
            (fixtures::anchors("tsa-"), Profile::time_stamping()),
        ],
        issued: everything.map(|certificate| certificate.tbs().to_vec()).collect(),
    }
});

static ALSO_TRUSTED: LazyLock<Vec<Certificate>> = LazyLock::new(|| {
    let mut all = fixtures::trusted("");
    for token in fixtures::tokens() {
        let token = jushin_pki::time_stamp::Token::parse(&token).unwrap();
        all.extend(token.certificates().iter().cloned());
    }
    all
});

pub(super) fn run(data: &[u8]) {
    let Ok(certificate) = Certificate::parse(data) else { return };
    assert_eq!(certificate.der(), data);
    let _ = (certificate.common_name(), certificate.is_self_issued(), certificate.suite());
    let _ = (certificate.authority_key_id(), certificate.subject_key_id());
    let _ = (certificate.not_before().to_string(), certificate.not_after().to_string());
    for extension in certificate.extensions() {
        let _ = jushin_pki::oid::dotted(extension.oid);
    }
    let purposes = certificate.extended_key_usage().map_or(0, Iterator::count);
    let policies = certificate.policies().map_or(0, Iterator::count);
    if let Some(usage) = certificate.key_usage() {
        let _ = format!("{usage:?} {purposes} {policies}");
    }
    if let Ok(key) = AwsLc.public_key(certificate.spki()) {
        let _ = certificate.signed_by(&*key);
    }
    for (anchors, profile) in &WORLD.anchors {
        if validate(&certificate, &[], anchors, profile, AsOf::Unjudged, &AwsLc).is_ok() {
            let genuine = WORLD.issued.iter().any(|tbs| tbs == certificate.tbs());
            assert!(genuine, "a certificate that no CA has issued is accepted");
        }
    }
    let known = |other: &Certificate| other.serial() == certificate.serial();
    let new = !fixtures::CERTIFICATES.iter().chain(&*ALSO_TRUSTED).any(known);
    planted::fault(new, "a certificate with a serial number that nobody gave out");
}
