//! APDU scripts: lines of name, command and expected answer, run against one virtual card each.

use jushin_card::virtual_card::{CardKind, Reselecting};
use jushin_card::{CardProfile, VirtualCard};

use crate::support::{self, WORLD};

#[test]
fn select() {
    run(include_str!("scripts/select.apdu"), support::card(CardKind::Jpki, CardProfile::A));
}

#[test]
fn read() {
    run(include_str!("scripts/read.apdu"), support::card(CardKind::Jpki, CardProfile::A));
}

#[test]
fn phone() {
    run(include_str!("scripts/phone.apdu"), support::card(CardKind::Phone, CardProfile::A));
}

#[test]
fn pin() {
    run(include_str!("scripts/pin.apdu"), support::card(CardKind::Jpki, CardProfile::A));
}

#[test]
fn sticky() {
    let mut personalisation = support::personalisation(CardKind::Jpki, CardProfile::A);
    personalisation.reselecting = Reselecting::Remembers;
    run(include_str!("scripts/sticky.apdu"), support::card_of(personalisation));
}

#[test]
fn sign() {
    run(include_str!("scripts/sign.apdu"), support::card(CardKind::Jpki, CardProfile::A));
    run(include_str!("scripts/sign.apdu"), support::card(CardKind::JpkiPss, CardProfile::A));
}

#[test]
fn sign_p384() {
    run(include_str!("scripts/sign_p384.apdu"), support::card(CardKind::JpkiP384, CardProfile::A));
}

#[test]
fn challenge() {
    run(include_str!("scripts/challenge.apdu"), support::card(CardKind::Jpki, CardProfile::A));
}

#[test]
fn terminal_authentication() {
    run(include_str!("scripts/terminal_authentication.apdu"), support::card(CardKind::Jpki, CardProfile::A));
}

fn run(script: &str, mut card: VirtualCard) {
    let mut challenge = Vec::new();
    let steps = script.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    for (number, line) in steps {
        let [name, command, expected] = line.split('|').map(str::trim).collect::<Vec<_>>()[..] else {
            panic!("line {}: name | command | -> answer", number + 1);
        };
        if command == "reset" {
            card.reset();
            continue;
        }
        let command = bytes_of(command, &challenge);
        let answer = card.handle(&command);
        let (data, status) = answer.split_last_chunk::<2>().unwrap();
        if command[1] == 0x84 && !data.is_empty() {
            challenge = data.to_vec();
        }
        let (expected_status, expected_data) =
            expected.strip_prefix("-> ").unwrap().split_once(' ').unwrap_or((&expected[3..], ""));
        let at = format!("line {}, {name}", number + 1);
        assert_eq!(hex(status), expected_status, "{at}");
        match expected_data.strip_prefix('[') {
            Some(length) => assert_eq!(format!("{}]", data.len()), length, "{at}"),
            None if expected_data.is_empty() => {}
            None => assert_eq!(hex(data), expected_data, "{at}"),
        }
    }
}

/// Hex, with `{names}` for bytes that are made anew for every run.
fn bytes_of(text: &str, challenge: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap();
        bytes.extend(unhex(before));
        bytes.extend(named(name, challenge));
        rest = after;
    }
    bytes.extend(unhex(rest));
    bytes
}

fn named(name: &str, challenge: &[u8]) -> Vec<u8> {
    let certificate = WORLD.institution.certificate.as_bytes();
    match name {
        "digest" => vec![0xD1; 32],
        "digest-384" => vec![0xD1; 48],
        "digest-info" => {
            [unhex("3031300D060960864801650304020105000420"), named("digest", challenge)].concat()
        }
        "cv" => certificate.to_vec(),
        "cv-first" => certificate[..307].to_vec(),
        "cv-last" => certificate[307..].to_vec(),
        "cv-forged" => {
            let mut forged = certificate.to_vec();
            *forged.last_mut().unwrap() ^= 1;
            forged
        }
        "cv-stranger" => WORLD.stranger.certificate.as_bytes().to_vec(),
        "ea" => WORLD.institution.external_authenticate(challenge, None),
        _ => vec![0x55; name.strip_suffix(" bytes").unwrap().parse().unwrap()],
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}
