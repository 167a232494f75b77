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

/// Made by a second implementation of RFC 9180, written in Python over the `cryptography` package: recipient
/// and ephemeral key are SHA-256 of "jushin recipient" and "jushin ephemeral".
#[test]
fn a_box_by_another_implementation_opens() {
    let pkcs8 = bytes(
        "308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b020101042089a7ca1e168325e7ca7b0ff04964f6cd\
         b997a851544a0fbee1da703690866dbfa1440342000482e181d9298b153f6762ccc9378119f5df5509ac9ffe3902ab6b3714fbcc\
         74b64d79c89aaf78b6a8e813e24298b0704bcf2cbcb57a394676fb4493d144a7570e",
    );
    let sealed = Sealed {
        enc: bytes(
            "046ff0b1937f6b13073d592219dfaa2949baa2d0a33a3ce9bab7159d10cdfc4808d9cdd41572641a771c32988d1c3a57c685\
             0f25d44c5a2fbcc05bc442b8e9fad6",
        ),
        ciphertext: bytes(
            "62e1d6ad5ec4c7bb093eba4415f772bc0453adccc077ffdb7a8bbacb04d42aa08cddcc21deba2c92932e0abb4c497e47",
        ),
    };
    let aad: Vec<u8> = (0..16).collect();
    let key = AwsLc.sealing_key(&pkcs8).unwrap();
    let opened = key.open(b"jushin/1/inject", &aad, &sealed).unwrap();
    assert_eq!(opened.as_slice(), b"sealed by another implementation");
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}
