//! The virtual card ◇ in a PC/SC reader, seen by programs that are not ours, and by our own over PC/SC.
//!
//! These tests need a `pcscd` with vpcd of their own: `cargo xtask test` starts one. Plain `cargo test`
//! leaves this target out (`test = false`).
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where something it needs is missing"
)]

mod opensc {
    pub(crate) mod reader;
    mod staff;
    pub(crate) mod tool;
    mod without_pin;
}

use std::fs;

use opensc::reader::{FIRST, Served};
use opensc::tool::{openssl, run};

/// Tries left for both PINs, as `pkcs15-tool` prints them.
fn tries_left() -> Vec<String> {
    let pins = run("pkcs15-tool", &["--reader", FIRST, "--list-pins"]);
    pins.text
        .lines()
        .filter_map(|line| line.split_once("Tries left"))
        .map(|(_, tries)| tries.trim_matches([' ', ':', '\t']).to_owned())
        .collect()
}

#[test]
fn opensc_knows_the_card_by_its_application() {
    let _card = Served::start(&[]);
    let readers = run("opensc-tool", &["--list-readers"]).expect_success();
    assert!(readers.lines().any(|line| line.contains(FIRST) && line.contains("Yes")), "{readers}");
    assert_eq!(run("opensc-tool", &["--reader", FIRST, "--name"]).expect_success().trim(), "jpki");
}

#[test]
fn certificates_are_listed_and_read_byte_for_byte() {
    let card = Served::start(&[]);
    let list = run("pkcs15-tool", &["--reader", FIRST, "--list-certificates"]).expect_success();
    assert_eq!(list.matches("X.509 Certificate").count(), 4, "{list}");

    for (id, file) in [("01", "auth.pem"), ("03", "auth-ca.pem"), ("04", "sign-ca.pem")] {
        let read = run("pkcs15-tool", &["--reader", FIRST, "--read-certificate", id]).expect_success();
        assert_eq!(read, card.text(file), "certificate {id}");
    }
    let verified = openssl(&["verify", "-CAfile", &card.path("auth-ca.pem"), &card.path("auth.pem")]);
    assert!(verified.expect_success().ends_with("auth.pem: OK\n"));
}

#[test]
fn the_signing_certificate_is_behind_its_password() {
    let card = Served::start(&[]);
    let read = ["--reader", FIRST, "--read-certificate", "02"];
    assert!(!run("pkcs15-tool", &read).success);
    let password = ["--verify-pin", "--auth-id", "02", "--pin", "ABC123"];
    assert_eq!(run("pkcs15-tool", &[&read[..], &password].concat()).expect_success(), card.text("sign.pem"));
}

#[test]
fn the_self_test_of_pkcs11_finds_no_errors() {
    let _card = Served::start(&[]);
    let report = run("pkcs11-tool", &["--slot", "0", "--login", "--pin", "1234", "--test"]).expect_success();
    assert_eq!(report.lines().last(), Some("No errors"), "{report}");
}

#[test]
fn openssl_verifies_what_the_card_signed_for_opensc() {
    let card = Served::start(&[]);
    let (data, signature, public) = (card.path("data"), card.path("signature"), card.path("public.pem"));
    fs::write(&data, "受診").unwrap();
    for (slot, pin, id, certificate) in [("0", "1234", "01", "auth.pem"), ("1", "ABC123", "02", "sign.pem")] {
        for (mechanism, digest) in [
            ("SHA1-RSA-PKCS", "-sha1"),
            ("SHA256-RSA-PKCS", "-sha256"),
            ("SHA384-RSA-PKCS", "-sha384"),
            ("SHA512-RSA-PKCS", "-sha512"),
        ] {
            let login =
                ["--slot", slot, "--login", "--pin", pin, "--sign", "--mechanism", mechanism, "--id", id];
            let files = ["--input-file", &data, "--output-file", &signature];
            run("pkcs11-tool", &[&login[..], &files].concat()).expect_success();
            openssl(&["x509", "-in", &card.path(certificate), "-pubkey", "-noout", "-out", &public])
                .expect_success();
            let verdict = openssl(&["dgst", digest, "-verify", &public, "-signature", &signature, &data]);
            assert_eq!(verdict.expect_success(), "Verified OK\n", "{mechanism} in slot {slot}");
        }
    }
}

#[test]
fn three_wrong_pins_block_the_pin_but_the_card_still_binds() {
    let card = Served::start(&[]);
    assert_eq!(tries_left(), ["3", "5"]);
    let login = ["--slot", "0", "--login", "--list-objects", "--pin"];
    for left in ["2", "1", "0"] {
        let refused = run("pkcs11-tool", &[&login[..], &["9999"]].concat());
        assert!(!refused.success, "{}", refused.text);
        assert_eq!(tries_left(), [left, "5"]);
    }
    assert!(!run("pkcs11-tool", &[&login[..], &["1234"]].concat()).success);

    assert_eq!(run("opensc-tool", &["--reader", FIRST, "--name"]).expect_success().trim(), "jpki");
    let read = run("pkcs15-tool", &["--reader", FIRST, "--read-certificate", "01"]).expect_success();
    assert_eq!(read, card.text("auth.pem"));
}

#[test]
fn the_same_folder_gives_the_same_card_and_no_other_kind() {
    let first = Served::start(&[]).text("auth.pem");
    assert_eq!(Served::start(&[]).text("auth.pem"), first);
    let other = Served::refused(&["--kind", "phone"]);
    assert!(other.contains("it holds a card of kind jpki"), "{other}");
}
