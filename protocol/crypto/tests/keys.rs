//! Keys of every kind sign and check, and nothing else does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use jushin_crypto::AwsLc;
use jushin_pki::{BadSignature, Crypto, KeyKind, SigningFailed, Suite, UnusableKey, spki};

const SUITES: [Suite; 8] = [
    Suite::RsaPkcs1Sha256,
    Suite::RsaPkcs1Sha384,
    Suite::RsaPkcs1Sha512,
    Suite::RsaPssSha256,
    Suite::P256Sha256Cose,
    Suite::P256Sha256X509,
    Suite::P384Sha384Cose,
    Suite::P384Sha384X509,
];

fn digest(suite: Suite, message: &[u8]) -> Vec<u8> {
    use aws_lc_rs::digest;
    let algorithm = match suite.digest_length() {
        32 => &digest::SHA256,
        48 => &digest::SHA384,
        _ => &digest::SHA512,
    };
    digest::digest(algorithm, message).as_ref().to_vec()
}

#[test]
fn a_key_signs_by_its_own_suites_over_message_or_digest() {
    for kind in [KeyKind::Rsa2048, KeyKind::RsaOther, KeyKind::P256, KeyKind::P384] {
        let key = AwsLc.generate(kind).unwrap();
        assert_eq!(key.kind(), kind);
        let public = AwsLc.public_key(key.spki()).unwrap();
        assert_eq!(public.kind(), kind);
        for suite in SUITES {
            if !suite.fits(kind) {
                assert_eq!(key.sign(suite, b"m"), Err(SigningFailed));
                assert_eq!(key.sign_digest(suite, &digest(suite, b"m")), Err(SigningFailed));
                continue;
            }
            let of_message = key.sign(suite, b"m").unwrap();
            let of_digest = key.sign_digest(suite, &digest(suite, b"m")).unwrap();
            for signature in [&of_message, &of_digest] {
                public.verify(suite, b"m", signature).unwrap();
                public.verify_digest(suite, &digest(suite, b"m"), signature).unwrap();
                assert_eq!(public.verify(suite, b"n", signature), Err(BadSignature));
                for other in SUITES.into_iter().filter(|other| *other != suite) {
                    assert_eq!(
                        public.verify(other, b"m", signature),
                        Err(BadSignature),
                        "{suite:?} as {other:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_signature_has_one_length() {
    let rsa = AwsLc.generate(KeyKind::Rsa2048).unwrap();
    let curve = AwsLc.generate(KeyKind::P256).unwrap();
    for (key, suite, length) in [(rsa, Suite::RsaPkcs1Sha256, 256), (curve, Suite::P256Sha256Cose, 64)] {
        let public = AwsLc.public_key(key.spki()).unwrap();
        let signature = key.sign(suite, b"m").unwrap();
        assert_eq!(signature.len(), length);
        let longer = [&[0], &signature[..]].concat();
        let shorter = &signature[..length - 1];
        assert_eq!(public.verify(suite, b"m", &longer), Err(BadSignature));
        assert_eq!(public.verify(suite, b"m", shorter), Err(BadSignature));
    }
}

#[test]
fn an_rsa_signature_is_below_the_modulus() {
    let key = AwsLc.generate(KeyKind::Rsa2048).unwrap();
    let public = AwsLc.public_key(key.spki()).unwrap();
    let spki::Key::Rsa { modulus } = spki::parse(key.spki()).unwrap() else { panic!("not RSA") };
    assert_eq!(public.verify(Suite::RsaPkcs1Sha256, b"m", modulus), Err(BadSignature));
    assert_eq!(public.verify(Suite::RsaPkcs1Sha256, b"m", &[0xFF; 256]), Err(BadSignature));
}

#[test]
fn a_digest_of_another_length_is_refused() {
    let key = AwsLc.generate(KeyKind::P256).unwrap();
    let public = AwsLc.public_key(key.spki()).unwrap();
    let signature = key.sign(Suite::P256Sha256Cose, b"m").unwrap();
    assert_eq!(key.sign_digest(Suite::P256Sha256Cose, &[0; 31]), Err(SigningFailed));
    assert_eq!(public.verify_digest(Suite::P256Sha256Cose, &[0; 48], &signature), Err(BadSignature));
}

#[test]
fn a_stored_key_is_the_same_key() {
    for kind in [KeyKind::Rsa2048, KeyKind::P256, KeyKind::P384] {
        let pkcs8 = AwsLc.generate_stored(kind).unwrap();
        let [first, second] = [(); 2].map(|()| AwsLc.private_key(&pkcs8).unwrap());
        assert_eq!(first.spki(), second.spki());
        assert_eq!(first.kind(), kind);
    }
    assert!(AwsLc.private_key(&[0x30, 0]).is_err());
}

#[test]
fn a_key_has_one_encoding() {
    let key = AwsLc.generate(KeyKind::Rsa2048).unwrap();
    let spki::Key::Rsa { modulus } = spki::parse(key.spki()).unwrap() else { panic!("not RSA") };
    assert_eq!(spki::from_rsa_modulus(modulus), key.spki());

    for (kind, frame) in [(KeyKind::Rsa2048, 32), (KeyKind::P256, 27), (KeyKind::P384, 24)] {
        let spki = AwsLc.generate(kind).unwrap().spki().to_vec();
        let trailing = [&spki[..], &[0]].concat();
        assert_eq!(AwsLc.public_key(&trailing).err(), Some(UnusableKey));
        for at in 0..frame {
            let mut changed = spki.clone();
            changed[at] ^= 1;
            assert_eq!(AwsLc.public_key(&changed).err(), Some(UnusableKey), "byte {at} of {kind:?}");
        }
    }
}

#[test]
fn weak_and_odd_keys_are_refused() {
    for bytes in [128, 192, 255, 513] {
        let mut modulus = vec![0xFF; bytes];
        modulus[bytes - 1] = 0x0D;
        assert_eq!(
            AwsLc.public_key(&spki::from_rsa_modulus(&modulus)).err(),
            Some(UnusableKey),
            "{bytes} bytes"
        );
    }
    assert_eq!(
        AwsLc.public_key(&spki::from_rsa_modulus(&[0xFE; 256])).err(),
        Some(UnusableKey),
        "even modulus"
    );

    let mut spki = AwsLc.generate(KeyKind::Rsa2048).unwrap().spki().to_vec();
    let last = spki.len() - 1;
    spki[last] = 3;
    assert_eq!(AwsLc.public_key(&spki).err(), Some(UnusableKey), "e = 65539");

    let mut off_curve = AwsLc.generate(KeyKind::P256).unwrap().spki().to_vec();
    let last = off_curve.len() - 1;
    off_curve[last] ^= 1;
    assert_eq!(AwsLc.public_key(&off_curve).err(), Some(UnusableKey));
}
