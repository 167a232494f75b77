//! What is issued, read by others: the openssl command and x509-cert.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use jushin_pki::issue::{NewExtension, RevokedEntry};
use jushin_pki::name::Name;
use jushin_pki::{Certificate, KeyKind, KeyUsage, ObjectIdentifier, oid};
use x509_cert::der::{Decode, Encode};

use support::{Directory, Key, NOW, YEAR, card, root, template};

#[test]
fn openssl_reads_a_card_certificate_as_jpki_writes_it() {
    let directory = Directory::new();
    let issuer = root(KeyKind::Rsa2048);
    let card = card(&issuer, 0x227B13, Key::new(KeyKind::Rsa2048).key.spki());
    directory.certificate("card.pem", &card);
    let text = directory.openssl("x509 -in card.pem -noout -text -nameopt utf8,esc_ctrl,sep_comma_plus");
    for line in [
        "Serial Number: 2259731 (0x227b13)",
        "Signature Algorithm: sha256WithRSAEncryption",
        "X509v3 Key Usage: critical",
        "Digital Signature",
        "TLS Web Client Authentication",
        "X509v3 Certificate Policies: critical",
        "Policy: 2.25.154355430.1",
        "X509v3 Issuer Alternative Name:",
        "CN = Kiyose-shi CRLDP",
        "OCSP - URI:http://ocsp.invalid/ca-u",
        "X509v3 Authority Key Identifier:",
        "X509v3 Subject Key Identifier:",
        "simulated / 模擬",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}

#[test]
fn openssl_verifies_certificates_of_every_kind_of_key() {
    for kind in [KeyKind::Rsa2048, KeyKind::RsaOther, KeyKind::P256, KeyKind::P384] {
        let directory = Directory::new();
        let issuer = root(kind);
        directory.certificate("root.pem", issuer.certificate());
        directory.certificate("card.pem", &card(&issuer, 2, Key::new(KeyKind::P256).key.spki()));
        let at = NOW.millis() / 1_000;
        let said = directory.openssl(&format!("verify -x509_strict -attime {at} -CAfile root.pem card.pem"));
        assert!(said.contains("card.pem: OK"), "{said}");
    }
}

#[test]
fn openssl_accepts_a_server_certificate() {
    let directory = Directory::new();
    let issuer = root(KeyKind::P256);
    let extensions = vec![
        NewExtension::key_usage(KeyUsage::DIGITAL_SIGNATURE),
        NewExtension::extended_key_usage(&[oid::SERVER_AUTH], false),
        NewExtension::dns_names(&["platform.invalid"]),
    ];
    let template =
        template(Name::new().common_name("platform"), 5, Key::new(KeyKind::P256).key.spki(), extensions);
    directory.certificate("server.pem", &issuer.issue(&template).unwrap());
    let said = directory.openssl("x509 -in server.pem -noout -checkhost platform.invalid");
    assert!(said.contains("does match"), "{said}");
}

#[test]
fn another_encoder_writes_the_same_bytes() {
    let issuer = root(KeyKind::P256);
    for certificate in
        [issuer.certificate().clone(), card(&issuer, 0x80, Key::new(KeyKind::Rsa2048).key.spki())]
    {
        let theirs = x509_cert::Certificate::from_der(certificate.der()).unwrap();
        assert_eq!(theirs.to_der().unwrap(), certificate.der());
        let tbs = &theirs.tbs_certificate;
        assert_eq!(tbs.to_der().unwrap(), certificate.tbs());
        assert_eq!(tbs.issuer.to_der().unwrap(), certificate.issuer());
        assert_eq!(tbs.subject_public_key_info.to_der().unwrap(), certificate.spki());
        let after = i64::try_from(tbs.validity.not_after.to_unix_duration().as_millis()).unwrap();
        assert_eq!(after, certificate.not_after().millis());
    }
}

#[test]
fn a_validity_beyond_2049_is_written_as_generalized_time() {
    let issuer = root(KeyKind::P256);
    let key = Key::new(KeyKind::P256);
    let mut template = template(Name::new().common_name("long"), 1, key.key.spki(), vec![]);
    template.not_after = NOW.plus_millis(60 * YEAR);
    let certificate = issuer.issue(&template).unwrap();
    assert_eq!(certificate.not_after(), template.not_after);
    let theirs = x509_cert::Certificate::from_der(certificate.der()).unwrap();
    assert!(matches!(theirs.tbs_certificate.validity.not_after, x509_cert::time::Time::GeneralTime(_)));
}

#[test]
fn a_template_that_makes_no_certificate_is_refused() {
    let issuer = root(KeyKind::P256);
    let key = Key::new(KeyKind::P256);
    let mut doubled =
        template(Name::new(), 1, key.key.spki(), vec![NewExtension::ca(None), NewExtension::ca(None)]);
    assert!(issuer.issue(&doubled).is_err());
    doubled.extensions.pop();
    doubled.not_after = doubled.not_before.plus_millis(-1_000);
    assert!(issuer.issue(&doubled).is_err());
}

#[test]
fn openssl_reads_a_crl() {
    let directory = Directory::new();
    let issuer = root(KeyKind::Rsa2048);
    directory.certificate("root.pem", issuer.certificate());
    let entries = [
        RevokedEntry { serial: vec![2], at: NOW, reason: Some(jushin_pki::issue::REASON_KEY_COMPROMISE) },
        RevokedEntry { serial: vec![0x81], at: NOW, reason: None },
    ];
    for (entries, says) in [(&entries[..], "Key Compromise"), (&[], "No Revoked Certificates")] {
        directory.write("list.crl", issuer.crl(5, NOW, NOW.plus_millis(YEAR), entries).unwrap());
        let text = directory.openssl("crl -inform DER -in list.crl -CAfile root.pem -noout -text");
        for line in ["verify OK", "X509v3 CRL Number:", says] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }
}

#[test]
fn key_usage_is_a_named_bit_list() {
    for (usage, value) in [
        (KeyUsage::DIGITAL_SIGNATURE, &[3, 2, 7, 0x80][..]),
        (KeyUsage::KEY_CERT_SIGN.and(KeyUsage::CRL_SIGN), &[3, 2, 1, 0x06]),
        (KeyUsage::DIGITAL_SIGNATURE.and(KeyUsage::NON_REPUDIATION), &[3, 2, 6, 0xC0]),
    ] {
        let extension = NewExtension::key_usage(usage);
        assert_eq!(extension.value, value);
        let issuer = root(KeyKind::P256);
        let key = Key::new(KeyKind::P256);
        let template = template(Name::new(), 1, key.key.spki(), vec![extension]);
        assert_eq!(issuer.issue(&template).unwrap().key_usage(), Some(usage));
    }
}

#[test]
fn extensions_come_back_as_they_were_put() {
    let issuer = root(KeyKind::P256);
    let own: ObjectIdentifier = "2.25.154355430".parse().unwrap();
    let extension = NewExtension::new(own, false, vec![0x81, 0xF5]);
    let key = Key::new(KeyKind::P256);
    let certificate = issuer.issue(&template(Name::new(), 1, key.key.spki(), vec![extension])).unwrap();
    let again = Certificate::parse(certificate.der()).unwrap();
    assert_eq!(again.extension(&own).unwrap().value, [0x81, 0xF5]);
    assert_eq!(again.authority_key_id(), issuer.certificate().subject_key_id());
}
