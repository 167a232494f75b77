//! Sealed boxes open for their key, info and aad alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use jushin_crypto::AwsLc;
use jushin_pki::{BadSignature, Crypto, KeyKind, Sealed, UnusableKey};

#[test]
fn a_box_opens_for_its_key_info_and_aad_alone() {
    let pkcs8 = AwsLc.generate_stored(KeyKind::P256).unwrap();
    let key = AwsLc.sealing_key(&pkcs8).unwrap();
    assert_eq!(key.spki(), AwsLc.private_key(&pkcs8).unwrap().spki());

    let sealed = AwsLc.seal(key.spki(), b"info", b"aad", b"secret").unwrap();
    assert_eq!(sealed.enc.len(), 65);
    assert_eq!(sealed.ciphertext.len(), 6 + 16);
    assert_eq!(key.open(b"info", b"aad", &sealed).unwrap().as_slice(), b"secret");

    assert_eq!(key.open(b"other", b"aad", &sealed), Err(BadSignature));
    assert_eq!(key.open(b"info", b"other", &sealed), Err(BadSignature));
    let stranger = AwsLc.sealing_key(&AwsLc.generate_stored(KeyKind::P256).unwrap()).unwrap();
    assert_eq!(stranger.open(b"info", b"aad", &sealed), Err(BadSignature));

    for at in 0..sealed.ciphertext.len() {
        let mut changed = sealed.clone();
        changed.ciphertext[at] ^= 1;
        assert_eq!(key.open(b"info", b"aad", &changed), Err(BadSignature));
    }
    for enc in [vec![], vec![4; 65], sealed.enc[..64].to_vec()] {
        let changed = Sealed { enc, ..sealed.clone() };
        assert_eq!(key.open(b"info", b"aad", &changed), Err(BadSignature));
    }
}

#[test]
fn boxes_are_for_p256_keys() {
    for kind in [KeyKind::P384, KeyKind::Rsa2048] {
        let pkcs8 = AwsLc.generate_stored(kind).unwrap();
        assert_eq!(AwsLc.sealing_key(&pkcs8).err(), Some(UnusableKey));
        let spki = AwsLc.private_key(&pkcs8).unwrap().spki().to_vec();
        assert_eq!(AwsLc.seal(&spki, b"", b"", b"secret"), Err(UnusableKey));
    }
}

#[test]
fn two_boxes_of_one_secret_differ() {
    let key = AwsLc.sealing_key(&AwsLc.generate_stored(KeyKind::P256).unwrap()).unwrap();
    let [first, second] = [(); 2].map(|()| AwsLc.seal(key.spki(), b"", b"", b"secret").unwrap());
    assert_ne!(first, second);
}
