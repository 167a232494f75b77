//! Paths of JPKI certificates, against ones that J-LIS issued.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use jushin_crypto::AwsLc;
use jushin_pki::path::{KeyUsageRule, validate};
use jushin_pki::{AsOf, Certificate, KeyUsage, Moment, PathError, Profile, Suite, TrustAnchors, oid};

use support::data;

const ROOTS: [&str; 3] = ["authca01.cer", "authca02.cer", "authca03.cer"];
const TEST_ROOTS: [&str; 2] = ["authca-test-2019.cer", "authca-test-2023.cer"];

fn certificate(name: &str) -> Certificate {
    Certificate::parse(&data(&format!("jpki/{name}"))).unwrap()
}

fn trust(names: &[&str]) -> TrustAnchors {
    TrustAnchors::from_certificates(names.iter().map(|name| certificate(name)), &AwsLc).unwrap()
}

/// Within the validity of the test card's certificate and of its root.
const IN_USE: AsOf = AsOf::At(Moment::from_seconds(1_780_000_000));

#[test]
fn a_card_of_the_test_hierarchy_is_read_whole() {
    let card = certificate("test-card-auth.der");
    assert_eq!(card.der().len(), 1_590);
    assert_eq!(card.common_name(), Some("997794E9AGCIEG13221003A"));
    assert_eq!(card.serial(), [0x22, 0x7B, 0x13]);
    assert_eq!(card.not_after(), Moment::from_utc(2030, 2, 17, 14, 59, 59).unwrap());
    assert_eq!(card.key_usage(), Some(KeyUsage::DIGITAL_SIGNATURE));
    assert_eq!(card.suite(), Some(Suite::RsaPkcs1Sha256));
    assert!(card.extended_key_usage().unwrap().contains(&oid::CLIENT_AUTH));
    assert!(card.policies().unwrap().contains(&oid::JPKI_USER_AUTHENTICATION_TEST));
    assert!(card.extension(&oid::CERTIFICATE_POLICIES).unwrap().critical);
    assert_eq!(format!("{card:?}"), "Certificate(1590 bytes)");
}

#[test]
fn of_roots_with_one_name_the_signature_finds_the_issuer() {
    let card = certificate("test-card-auth.der");
    let both = trust(&TEST_ROOTS);
    let names: Vec<_> = both.iter().map(|anchor| anchor.certificate().subject().to_vec()).collect();
    assert_eq!(names[0], names[1]);
    let path = validate(&card, &[], &both, &Profile::jpki_user_authentication(), IN_USE, &AwsLc).unwrap();
    assert_eq!(path.issuer(), &certificate("authca-test-2023.cer"));
    assert_eq!(path.anchor(), path.issuer());
    assert_eq!(path.leaf(), &card);
    assert_eq!(path.not_after(), card.not_after());

    let names: Vec<_> = ROOTS.map(|name| certificate(name).subject().to_vec()).to_vec();
    assert!(names.iter().all(|name| *name == names[0]));
}

#[test]
fn another_generation_is_no_issuer() {
    let card = certificate("test-card-auth.der");
    let profile = Profile::jpki_user_authentication();
    for roots in [&TEST_ROOTS[..1], &ROOTS[..], &[]] {
        let refused = validate(&card, &[], &trust(roots), &profile, IN_USE, &AwsLc).unwrap_err();
        let PathError::NoIssuer { anchors, .. } = refused else { panic!("{refused}") };
        assert_eq!(anchors, roots.len());
    }
}

#[test]
fn the_certificate_for_signing_is_no_login() {
    let card = certificate("test-card-sign.der");
    let roots = trust(&["signca-test-2024.cer"]);
    let mut profile = Profile::jpki_user_authentication();
    let refused = validate(&card, &[], &roots, &profile, IN_USE, &AwsLc).unwrap_err();
    let PathError::Policy { found, .. } = refused else { panic!("{refused}") };
    assert_eq!(found, ["1.2.392.200149.8.5.1.0.20"]);

    profile.policies = vec!["1.2.392.200149.8.5.1.0.20".parse().unwrap()];
    let refused = validate(&card, &[], &roots, &profile, IN_USE, &AwsLc).unwrap_err();
    assert!(
        matches!(refused, PathError::KeyUsage { found: Some(usage), .. } if usage.contains(KeyUsage::NON_REPUDIATION))
    );

    profile.key_usage = KeyUsageRule { none_of: KeyUsage::KEY_CERT_SIGN, ..profile.key_usage };
    validate(&card, &[], &roots, &profile, IN_USE, &AwsLc).unwrap();
}

#[test]
fn a_policy_that_is_not_asked_for_is_refused() {
    let card = certificate("test-card-auth.der");
    let roots = trust(&TEST_ROOTS);
    let production =
        Profile { policies: vec![oid::JPKI_USER_AUTHENTICATION], ..Profile::jpki_user_authentication() };
    let refused = validate(&card, &[], &roots, &production, IN_USE, &AwsLc).unwrap_err();
    assert_eq!(
        refused,
        PathError::Policy {
            found: vec!["1.2.392.200149.8.5.1.0.30".into()],
            accepted: vec!["1.2.392.200149.8.5.1.3.30".into()],
        }
    );
    let without = Profile { policies: vec![], ..production };
    let refused = validate(&card, &[], &roots, &without, IN_USE, &AwsLc).unwrap_err();
    assert_eq!(refused, PathError::UnknownCriticalExtension { oid: "2.5.29.32".into() });
}

#[test]
fn the_last_second_belongs_to_the_certificate_whole() {
    let card = certificate("test-card-auth.der");
    let roots = trust(&TEST_ROOTS);
    let judged =
        |as_of| validate(&card, &[], &roots, &Profile::jpki_user_authentication(), as_of, &AwsLc).map(|_| ());
    let (first, last) = (card.not_before(), card.not_after());
    judged(AsOf::At(first)).unwrap();
    judged(AsOf::At(last.plus_millis(999))).unwrap();
    judged(AsOf::Throughout(first, last)).unwrap();
    let before = first.plus_millis(-1);
    assert_eq!(judged(AsOf::At(before)), Err(PathError::NotYetValid { not_before: first, at: before }));
    let after = last.plus_millis(1_000);
    assert_eq!(
        judged(AsOf::Throughout(first, after)),
        Err(PathError::Expired { not_after: last, at: after })
    );
    judged(AsOf::Unjudged).unwrap();
}

#[test]
fn a_root_is_no_card() {
    let root = certificate("authca-test-2023.cer");
    let refused =
        validate(&root, &[], &trust(&TEST_ROOTS), &Profile::jpki_user_authentication(), IN_USE, &AwsLc);
    assert_eq!(refused.err(), Some(PathError::IsACa));
}

#[test]
fn a_card_is_no_trust_anchor() {
    let refused = TrustAnchors::from_certificates([certificate("test-card-auth.der")], &AwsLc).unwrap_err();
    assert!(matches!(refused, PathError::NotACa { basic_constraints: None, .. }));
}
