//! The shape of what is issued, judged by openssl and by our own verifier.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test")]

mod support;

use std::sync::LazyLock;

use jushin_crypto::AwsLc;
use jushin_pki::path::{AsOf, Profile, validate};
use jushin_pki::{
    Certificate, Crypto as _, CvAuthority, CvCertificate, KeyKind, KeyUsage, Moment, TrustAnchors, oid,
};
use jushin_statement::{InstitutionCode, UnixMillis};
use jushin_trust_services::{
    Authority, CardFiles, CardKind, Config, Generation, KeyMedium, PersonCard, StaffCard, StaffPurpose,
    TrustError, TrustServices,
};
use support::{Folder, hanako, now, open, openssl, order, pem};

static SERVICES: LazyLock<TrustServices> = LazyLock::new(|| open(Config::in_memory("http://127.0.0.1:8701")));

fn card(kind: CardKind, generation: Generation, with_signature: bool) -> CardFiles {
    let person = SERVICES.add_person(&hanako()).unwrap();
    SERVICES.personalise(&PersonCard { with_signature, ..order(person, kind, generation) }).unwrap()
}

fn anchors(authorities: &[Authority]) -> TrustAnchors {
    let parse = |authority: &Authority| Certificate::parse(SERVICES.certificate(*authority)).unwrap();
    TrustAnchors::from_certificates(authorities.iter().map(parse), &AwsLc).unwrap()
}

fn as_of_now() -> AsOf {
    AsOf::At(Moment(i64::try_from(now().0).unwrap()))
}

#[test]
fn both_generations_have_one_name_and_a_card_verifies_under_its_own_alone() {
    let folder = Folder::new();
    let [first, second] = [Authority::UserAuthentication1, Authority::UserAuthentication2];
    assert_eq!(SERVICES.subject(first), SERVICES.subject(second));
    let first = folder.file("first.pem", &pem(SERVICES.certificate(first)));
    let second = folder.file("second.pem", &pem(SERVICES.certificate(second)));
    let both =
        folder.file("both.pem", &[std::fs::read(&second).unwrap(), std::fs::read(&first).unwrap()].concat());
    for (generation, own, other) in
        [(Generation::First, &first, &second), (Generation::Second, &second, &first)]
    {
        let leaf = card(CardKind::Rsa, generation, false).authentication;
        let file = folder.file("leaf.pem", &pem(&leaf.certificate));
        for (ca, good) in [(own, true), (other, false), (&both, true)] {
            let (accepted, text) =
                openssl(&["verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", ca, &file]);
            assert_eq!(accepted, good, "{text}");
        }
    }
}

#[test]
fn an_authentication_certificate_has_the_profile_of_jpki_field_by_field() {
    let card = card(CardKind::Rsa, Generation::Second, false);
    let leaf = Certificate::parse(&card.authentication.certificate).unwrap();
    let extensions: Vec<_> = leaf.extensions().map(|extension| (extension.oid, extension.critical)).collect();
    let expected = [
        (oid::CERTIFICATE_POLICIES, true),
        (oid::KEY_USAGE, true),
        (oid::EXTENDED_KEY_USAGE, false),
        (oid::ISSUER_ALT_NAME, false),
        (oid::CRL_DISTRIBUTION_POINTS, false),
        (oid::AUTHORITY_INFO_ACCESS, false),
        (oid::SUBJECT_KEY_ID, false),
        (oid::AUTHORITY_KEY_ID, false),
    ];
    let expected: Vec<_> = expected.iter().map(|(oid, critical)| (oid.as_bytes(), *critical)).collect();
    assert_eq!(extensions, expected);
    assert_eq!(leaf.serial().len(), 4);
    // A reader fetches as many blocks of 256 bytes as from a real one of 1,590 bytes.
    assert_eq!(leaf.der().len().div_ceil(256), 7, "{} bytes", leaf.der().len());

    let folder = Folder::new();
    let file = folder.file("leaf.pem", &pem(leaf.der()));
    let (_, text) =
        openssl(&["x509", "-in", &file, "-noout", "-text", "-nameopt", "utf8,sep_comma_plus_space"]);
    let authority = Certificate::parse(SERVICES.certificate(Authority::UserAuthentication2)).unwrap();
    let key_id: Vec<_> =
        authority.subject_key_id().unwrap().iter().map(|byte| format!("{byte:02X}")).collect();
    for line in [
        "Issuer: C=JP, O=JPKI-SIMULATED, OU=JPKI for user authentication, OU=Simulated by jushin, not issued by J-LIS",
        "Signature Algorithm: sha256WithRSAEncryption",
        "Public-Key: (2048 bit)",
        "Feb 17 14:59:59 ",
        "X509v3 Key Usage: critical\n                Digital Signature\n",
        "TLS Web Client Authentication",
        "Policy: 1.2.392.200149.8.5.1.0.30",
        "Policy: 2.25.154355430.1",
        "OCSP - URI:http://127.0.0.1:8701/ocsp/ca-u-2",
        "OU = CRL Distribution Points, OU = Tokyo-to, CN = Kiyose-shi CRLDP",
        "DirName:/C=JP/O=JPKI-SIMULATED",
        &key_id.join(":"),
    ] {
        assert!(text.contains(line), "{line:?} is not in\n{text}");
    }
    let name = leaf.common_name().unwrap();
    assert_eq!(name.len(), 23);
    assert!(name.ends_with("13221001A"), "{name}");
    assert!(!text.contains("髙橋"), "the name of the holder stays out");
}

#[test]
fn every_kind_of_card_passes_the_verifier_and_its_key_fits() {
    let crypto = AwsLc;
    let anchors = anchors(&[Authority::UserAuthentication1, Authority::UserAuthentication2]);
    for (kind, key_kind) in [
        (CardKind::Rsa, KeyKind::Rsa2048),
        (CardKind::RsaPss, KeyKind::Rsa2048),
        (CardKind::Phone, KeyKind::Rsa2048),
        (CardKind::P384, KeyKind::P384),
    ] {
        let card = card(kind, Generation::First, false);
        assert_eq!(card.kind, kind);
        let leaf = Certificate::parse(&card.authentication.certificate).unwrap();
        let key = crypto.private_key(&card.authentication.pkcs8).unwrap();
        assert_eq!(key.kind(), key_kind);
        assert_eq!(key.spki(), leaf.spki());
        validate(&leaf, &[], &anchors, &Profile::jpki_user_authentication(), as_of_now(), &crypto).unwrap();
    }
}

#[test]
fn a_signing_certificate_carries_the_four_attributes_and_is_no_authentication_certificate() {
    let signature = card(CardKind::Rsa, Generation::Second, true).signature.unwrap();
    let leaf = Certificate::parse(&signature.certificate).unwrap();
    let crypto = AwsLc;
    let anchors = anchors(&[Authority::DigitalSignature]);
    let judged = validate(&leaf, &[], &anchors, &Profile::jpki_user_authentication(), as_of_now(), &crypto);
    assert!(judged.is_err());
    let folder = Folder::new();
    let file = folder.file("leaf.pem", &pem(leaf.der()));
    let (_, text) = openssl(&["x509", "-in", &file, "-noout", "-text"]);
    assert!(text.contains("Digital Signature, Non Repudiation"), "{text}");
    let (_, structure) = openssl(&["asn1parse", "-in", &file]);
    assert!(structure.contains("X509v3 Subject Alternative Name"), "{structure}");
    for attribute in ["髙橋 渚󠄁", "東京都清瀬市中里五丁目", "319800217"] {
        let found = leaf.der().windows(attribute.len()).any(|window| window == attribute.as_bytes());
        assert!(found, "{attribute}");
    }
    let ca = folder.file("ca.pem", &pem(SERVICES.certificate(Authority::DigitalSignature)));
    let (good, text) = openssl(&["verify", "-x509_strict", "-CAfile", &ca, &file]);
    assert!(good, "{text}");
}

#[test]
fn an_administrators_card_is_an_hpki_authentication_card_marked_as_simulated() {
    let order = StaffCard {
        purpose: StaffPurpose::Authentication,
        name: "Sakura Taro".into(),
        role: Some("Medical Doctor".into()),
        not_before: now(),
        not_after: UnixMillis(now().0 + 86_400_000),
    };
    let key = SERVICES.staff_card(&order).unwrap().key;
    let leaf = Certificate::parse(&key.certificate).unwrap();
    assert_eq!(leaf.common_name(), Some("Sakura Taro (simulated)"));
    let crypto = AwsLc;
    let anchors = anchors(&[Authority::HealthcareStaff]);
    validate(&leaf, &[], &anchors, &Profile::hpki_authentication(), as_of_now(), &crypto).unwrap();
    let folder = Folder::new();
    let file = folder.file("leaf.pem", &pem(leaf.der()));
    let ca = folder.file("ca.pem", &pem(SERVICES.certificate(Authority::HealthcareStaff)));
    let (good, text) = openssl(&["verify", "-x509_strict", "-CAfile", &ca, &file]);
    assert!(good, "{text}");
    assert!(leaf.der().windows(14).any(|window| window == b"Medical Doctor"));
}

#[test]
fn a_staff_card_for_signing_is_issued_by_the_same_ca_and_is_no_login() {
    let order = StaffCard {
        purpose: StaffPurpose::Signature,
        name: "Sakura Taro".into(),
        role: None,
        not_before: now(),
        not_after: UnixMillis(now().0 + 86_400_000),
    };
    let key = SERVICES.staff_card(&order).unwrap().key;
    let leaf = Certificate::parse(&key.certificate).unwrap();
    assert_eq!(leaf.key_usage(), Some(KeyUsage::NON_REPUDIATION));
    let anchors = anchors(&[Authority::HealthcareStaff]);
    let profile = Profile::hpki_authentication();
    validate(&leaf, &[], &anchors, &profile, as_of_now(), &AwsLc).unwrap_err();
}

#[test]
fn an_institution_key_belongs_to_its_code_and_to_the_ca_that_cards_pin() {
    let crypto = AwsLc;
    let code = InstitutionCode::new("1312345679").unwrap();
    let medium = SERVICES.institution_key(code).unwrap();
    let medium = KeyMedium::parse(&medium.to_file()).unwrap();
    let certificate = CvCertificate::parse(&medium.cv_certificate).unwrap();
    let pinned = SERVICES.terminal_authority();
    assert_eq!(pinned.key_id.first(), Some(&b'9'));
    let authority = CvAuthority::new(jushin_pki::CvKeyId::new(pinned.key_id), &pinned.spki, &crypto).unwrap();
    certificate.verify(&authority, &crypto).unwrap();
    assert_eq!(certificate.institution().as_deref(), Some("1312345679"));
    assert_eq!(certificate.spki(), crypto.private_key(&medium.pkcs8).unwrap().spki());

    // The same key made inside an element: another certificate, another key id.
    let again = SERVICES.certify_institution_key(code, &certificate.spki()).unwrap();
    let again = CvCertificate::parse(&again).unwrap();
    assert_ne!(again.subject_key_id(), certificate.subject_key_id());
    let curve = crypto.generate(KeyKind::P256).unwrap();
    let refused = SERVICES.certify_institution_key(code, curve.spki());
    assert!(matches!(refused, Err(TrustError::UnsuitableKey)), "{refused:?}");
}

#[test]
fn the_trust_folder_holds_what_verifiers_need() {
    let files = SERVICES.trust_files();
    let mut names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["ca-i-1.bin", "ca-u-1.pem", "ca-u-2.pem", "hpki-1.pem", "tsa-1.pem", "tsa-2.pem"]);
    let own = files.iter().find(|file| file.name == "ca-i-1.bin").unwrap();
    let own = CvCertificate::parse(&own.bytes).unwrap();
    CvAuthority::from_certificate(&own, &AwsLc).unwrap();
}

#[test]
fn a_card_needs_a_person_and_a_birthday() {
    let nobody = jushin_trust_services::PersonId([9; 16]);
    let refused = SERVICES.personalise(&order(nobody, CardKind::P384, Generation::First));
    assert!(matches!(refused, Err(TrustError::UnknownPerson(person)) if person == nobody), "{refused:?}");
    let mut person = hanako();
    person.birth = (1980, 2, 30);
    let person = SERVICES.add_person(&person).unwrap();
    let refused = SERVICES.personalise(&order(person, CardKind::P384, Generation::First));
    assert!(matches!(refused, Err(TrustError::Profile { .. })), "{refused:?}");
}

#[test]
fn debug_output_holds_no_key_and_no_certificate() {
    let card = card(CardKind::Rsa, Generation::First, false);
    let text = format!("{card:?}");
    assert!(text.contains("CardKey(certificate of"), "{text}");
    assert!(!text.contains("pkcs8"), "{text}");
}
