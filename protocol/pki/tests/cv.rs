//! CV certificates, against one that another implementation made.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use jushin_crypto::AwsLc;
use jushin_pki::{Crypto, CvAuthority, CvCertificate, CvError, CvKeyId, KeyKind, Suite, UnusableKey, spki};

use support::{Key, data};

const CODE: &str = "1312345678";
const AUTHORITY: CvKeyId = CvKeyId::new(*b"9jushin-ca-i-\x00\x00\x01");

struct Institution {
    authority_key: Key,
    authority: CvAuthority,
    key: Key,
    certificate: CvCertificate,
}

fn institution() -> Institution {
    let [authority_key, key] = [(); 2].map(|()| Key::new(KeyKind::Rsa2048));
    let authority = CvAuthority::new(AUTHORITY, authority_key.key.spki(), &AwsLc).unwrap();
    let subject = CvKeyId::for_institution(CODE, [0, 0, 0, 0, 7]).unwrap();
    let certificate =
        CvCertificate::issue(authority_key.key.as_ref(), AUTHORITY, subject, key.key.spki()).unwrap();
    Institution { authority_key, authority, key, certificate }
}

#[test]
fn a_certificate_by_another_implementation_verifies() {
    let certificate = CvCertificate::parse(&data("jpki/cv-certificate-synthetic.bin")).unwrap();
    assert_eq!(certificate.issuer_key_id().as_bytes(), b"5000023\x08\x05001\x00\x00\x00\x00");
    assert_eq!(certificate.institution(), None);

    let key = data("jpki/cv-ca-key-synthetic.bin");
    let modulus = &key[key.len() - 256..];
    let spki = spki::from_rsa_modulus(modulus);
    let authority = CvAuthority::new(certificate.issuer_key_id(), &spki, &AwsLc).unwrap();
    certificate.verify(&authority, &AwsLc).unwrap();
}

#[test]
fn an_issued_certificate_has_the_layout_and_names_its_institution() {
    let Institution { authority, key, certificate, .. } = institution();
    assert_eq!(certificate.as_bytes().len(), 568);
    assert_eq!(CvCertificate::parse(certificate.as_bytes()), Ok(certificate.clone()));
    assert_eq!(certificate.institution().as_deref(), Some(CODE));
    assert_eq!(certificate.spki(), key.key.spki());
    assert_eq!(&certificate.as_bytes()[26..37], b"91312345678");

    let public = certificate.verify(&authority, &AwsLc).unwrap();
    let signature = key.key.sign(Suite::RsaPkcs1Sha256, b"ea").unwrap();
    public.verify(Suite::RsaPkcs1Sha256, b"ea", &signature).unwrap();
}

#[test]
fn every_changed_byte_is_refused() {
    let Institution { authority, certificate, .. } = institution();
    for (at, changed) in support::mutations(certificate.as_bytes()) {
        if let Ok(changed) = CvCertificate::parse(&changed) {
            assert!(changed.verify(&authority, &AwsLc).is_err(), "byte {at}");
        }
    }
    assert_eq!(
        CvCertificate::parse(&certificate.as_bytes()[..567]).err(),
        Some(CvError::Length { found: 567 })
    );
    let longer = [certificate.as_bytes(), &[0][..]].concat();
    assert_eq!(CvCertificate::parse(&longer).err(), Some(CvError::Length { found: 569 }));
}

#[test]
fn a_departure_from_the_layout_is_named() {
    let Institution { certificate, .. } = institution();
    for at in [0, 4, 5, 9, 42, 46, 47, 50, 307, 311] {
        let mut changed = *certificate.as_bytes();
        changed[at] ^= 1;
        assert_eq!(CvCertificate::parse(&changed).err(), Some(CvError::Layout { at }));
    }
    let mut even = *certificate.as_bytes();
    even[306] &= 0xFE;
    assert_eq!(CvCertificate::parse(&even).err(), Some(CvError::Key));
}

#[test]
fn another_authority_is_named_in_the_refusal() {
    let Institution { certificate, authority_key, .. } = institution();
    let other_id = CvKeyId::new([7; 16]);
    let other = CvAuthority::new(other_id, authority_key.key.spki(), &AwsLc).unwrap();
    let refused = certificate.verify(&other, &AwsLc).err();
    assert_eq!(refused, Some(CvError::Issuer { found: AUTHORITY, expected: other_id }));
    let impostor = CvAuthority::new(AUTHORITY, Key::new(KeyKind::Rsa2048).key.spki(), &AwsLc).unwrap();
    assert_eq!(certificate.verify(&impostor, &AwsLc).err(), Some(CvError::Signature));
}

#[test]
fn an_authority_is_handed_on_as_a_certificate_over_itself() {
    let Institution { authority_key, certificate, .. } = institution();
    let itself =
        CvCertificate::issue(authority_key.key.as_ref(), AUTHORITY, AUTHORITY, authority_key.key.spki());
    let authority = CvAuthority::from_certificate(&itself.unwrap(), &AwsLc).unwrap();
    assert_eq!(authority.key_id(), AUTHORITY);
    certificate.verify(&authority, &AwsLc).unwrap();
    assert!(matches!(CvAuthority::from_certificate(&certificate, &AwsLc), Err(CvError::Issuer { .. })));
}

#[test]
fn only_rsa_2048_is_certified() {
    let authority = Key::new(KeyKind::Rsa2048);
    for kind in [KeyKind::RsaOther, KeyKind::P256] {
        let key = Key::new(kind);
        let issue = |issuer: &Key, subject: &Key| {
            CvCertificate::issue(issuer.key.as_ref(), AUTHORITY, AUTHORITY, subject.key.spki()).err()
        };
        assert_eq!(issue(&authority, &key), Some(CvError::Key));
        assert_eq!(issue(&key, &authority), Some(CvError::Key));
        assert_eq!(CvAuthority::new(AUTHORITY, key.key.spki(), &AwsLc).err(), Some(CvError::Key));
    }
    assert_eq!(AwsLc.public_key(&[]).err(), Some(UnusableKey));
}

#[test]
fn an_institution_code_has_ten_digits() {
    for code in ["131234567", "13123456789", "131234567a", "１３１２３４５６７８"] {
        assert_eq!(CvKeyId::for_institution(code, [0; 5]), Err(CvError::InstitutionCode));
    }
    assert_eq!(CvKeyId::new(*b"5131234567800000").institution(), None);
    assert_eq!(CvKeyId::new(*b"91312345x7800000").institution(), None);
}

#[test]
fn a_certificate_that_another_implementation_accepted_still_verifies() {
    let [itself, certificate] = ["cv-issued-here-authority.bin", "cv-issued-here.bin"]
        .map(|name| CvCertificate::parse(&data(&format!("jpki/{name}"))).unwrap());
    let authority = CvAuthority::from_certificate(&itself, &AwsLc).unwrap();
    certificate.verify(&authority, &AwsLc).unwrap();
    assert_eq!(certificate.institution().as_deref(), Some("1312345678"));
}
