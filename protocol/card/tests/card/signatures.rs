//! What the card's signatures verify under, and which of them come out the same every time.

use jushin_card::virtual_card::{CardKind, OpenedBy, SignatureForm};
use jushin_card::{CardProfile, VirtualCard};
use jushin_pki::Suite;
use sha2::{Digest, Sha256, Sha384};

use crate::support::{self, PIN, authentication_key};

const MESSAGE: &[u8] = b"abc";

fn opened(kind: CardKind) -> VirtualCard {
    let mut card = support::card(kind, CardProfile::A);
    ok(&mut card, &[0, 0xA4, 4, 0x0C], &jushin_card::jpki::APPLICATION);
    ok(&mut card, &[0, 0x20, 0, 0x98], PIN.as_bytes());
    card
}

fn ok(card: &mut VirtualCard, header: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = [u8::try_from(data.len()).unwrap()];
    let mut answer = card.handle(&[header, &length[..], data].concat());
    assert_eq!(answer.split_off(answer.len() - 2), [0x90, 0x00], "{header:02X?}");
    answer
}

fn sign(card: &mut VirtualCard, p1: u8, data: &[u8]) -> Vec<u8> {
    ok(card, &[0x80, 0x2A, p1, 0x97], data)
}

fn digest_info(digest: &[u8]) -> Vec<u8> {
    let prefix = [0x30, 0x31, 0x30, 0x0D, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20];
    [&prefix[..], digest].concat()
}

#[test]
fn pkcs1_signatures_verify_and_are_the_same_every_time() {
    let mut card = opened(CardKind::Jpki);
    let key = authentication_key(CardKind::Jpki);
    let digest = Sha256::digest(MESSAGE);
    let of_digest_info = sign(&mut card, 0x00, &digest_info(&digest));
    key.verify(Suite::RsaPkcs1Sha256, MESSAGE, &of_digest_info).unwrap();
    assert_eq!(sign(&mut card, 0x00, &digest_info(&digest)), of_digest_info);
    assert_eq!(sign(&mut card, 0x02, &digest), of_digest_info);
    assert_eq!(sign(&mut card, 0x03, MESSAGE), of_digest_info);
}

#[test]
fn pss_signatures_verify_and_differ_every_time() {
    for kind in [CardKind::Jpki, CardKind::JpkiPss] {
        let mut card = opened(kind);
        let key = authentication_key(kind);
        let first = sign(&mut card, 0x04, &Sha256::digest(MESSAGE));
        let second = sign(&mut card, 0x05, MESSAGE);
        key.verify(Suite::RsaPssSha256, MESSAGE, &first).unwrap();
        key.verify(Suite::RsaPssSha256, MESSAGE, &second).unwrap();
        assert_ne!(first, second);
    }
}

#[test]
fn bare_bytes_are_signed_as_they_are_and_are_no_signature_over_a_message() {
    let mut card = opened(CardKind::Jpki);
    let key = authentication_key(CardKind::Jpki);
    let hashed_on_card = sign(&mut card, 0x01, MESSAGE);
    assert_eq!(sign(&mut card, 0x00, &Sha256::digest(MESSAGE)), hashed_on_card);
    assert!(key.verify(Suite::RsaPkcs1Sha256, MESSAGE, &hashed_on_card).is_err());

    // A DigestInfo of another hash goes the same way, and is one.
    let prefix = [0x30, 0x41, 0x30, 0x0D, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2, 5, 0, 4, 0x30];
    let of_sha_384 = sign(&mut card, 0x00, &[&prefix[..], &Sha384::digest(MESSAGE)].concat());
    key.verify(Suite::RsaPkcs1Sha384, MESSAGE, &of_sha_384).unwrap();
}

#[test]
fn p384_signatures_verify() {
    let mut card = opened(CardKind::JpkiP384);
    let signature = sign(&mut card, 0x00, &Sha384::digest(MESSAGE));
    authentication_key(CardKind::JpkiP384).verify(Suite::P384Sha384Cose, MESSAGE, &signature).unwrap();
}

#[test]
fn the_card_logs_what_it_signed_and_nothing_else() {
    let mut card = opened(CardKind::Jpki);
    let digest = Sha256::digest(MESSAGE).to_vec();
    sign(&mut card, 0x00, &digest_info(&digest));
    sign(&mut card, 0x05, MESSAGE);
    let refused = card.handle(&[0x80, 0x2A, 0x02, 0x97, 1, 0, 0]);
    assert_eq!(refused, [0x67, 0x00]);
    let log: Vec<_> =
        card.signed().iter().map(|entry| (entry.form, entry.opened_by, &entry.signed)).collect();
    assert_eq!(
        log,
        [(SignatureForm::Pkcs1, OpenedBy::Pin, &digest), (SignatureForm::Pss, OpenedBy::Pin, &digest)]
    );
}
