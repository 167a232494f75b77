//! What may not be written down: only the platform stores a patient's certificate and serial; nobody writes
//! a card's signature, a blind or a PIN into a log; the history service knows no names.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::path::Path;

use jushin::demo::stage::{PATIENTS, SAKURA};
use jushin_pki::Certificate;
use support::bytes::{base64, contains, decimal, hexadecimal};
use support::stage::{Heard, Stage, tap};
use support::{Played, evidence};

/// A value, and the forms in which somebody could have written it.
struct Planted {
    what: String,
    forms: Vec<Vec<u8>>,
}

impl Planted {
    fn bytes(what: impl Into<String>, value: &[u8]) -> Self {
        let hex = hexadecimal(value);
        let spaced: Vec<&str> =
            hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap()).collect();
        let decimals: Vec<String> = value.iter().map(u8::to_string).collect();
        let mut forms = vec![
            value.to_vec(),
            hex.to_uppercase().into_bytes(),
            spaced.join(" ").into_bytes(),
            spaced.join(":").to_uppercase().into_bytes(),
            decimals.join(", ").into_bytes(),
            hex.into_bytes(),
        ];
        // The middle of a long value stands in base64 in one of three alignments.
        for skip in 0..3_usize.min(value.len() / 6) {
            let text = base64(&value[skip..]);
            forms.push(text.as_bytes()[..(value.len() - skip) / 3 * 4].to_vec());
            forms.push(forms.last().unwrap().iter().map(|byte| url_safe(*byte)).collect());
        }
        forms.retain(|form| form.len() >= 6);
        Self { what: what.into(), forms }
    }

    fn serial(what: String, serial: &[u8]) -> Self {
        // Bare, a short serial is anywhere; in a certificate it stands as a DER INTEGER.
        let sign = if serial[0] < 0x80 { &[][..] } else { &[0] };
        let number = [sign, serial].concat();
        let mut planted = Self::bytes(what, &[&[0x02, number.len() as u8], &number[..]].concat());
        let hex = hexadecimal(serial);
        let forms = [hex.to_uppercase(), hex, decimal(serial), base64(serial)].map(String::into_bytes);
        planted.forms.extend(forms.into_iter().filter(|form| form.len() >= 8));
        planted
    }

    fn text(what: impl Into<String>, value: &str) -> Self {
        Self {
            what: what.into(),
            forms: vec![value.as_bytes().to_vec(), base64(value.as_bytes()).into_bytes()],
        }
    }

    fn in_bytes(&self, place: &[u8]) -> bool {
        self.forms.iter().any(|form| contains(place, form))
    }
}

const fn url_safe(byte: u8) -> u8 {
    match byte {
        b'+' => b'-',
        b'/' => b'_',
        other => other,
    }
}

/// The secrets of each visit, from the full bundles that the platform made.
fn secrets(played: &Played) -> Vec<Planted> {
    let mut planted = Vec::new();
    for (bundle, path) in played.decoded().iter().zip(played.bundles()) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let visit = evidence(bundle);
        let certificate = Certificate::parse(&visit.certificate).unwrap();
        planted.extend([
            Planted::bytes(format!("certificate of {name}"), &visit.certificate),
            // A part of each also tells: what is in the certificate, and half of what is in a log line.
            Planted::bytes(format!("public key of {name}"), certificate.spki()),
            Planted::bytes(
                format!("end of the certificate of {name}"),
                &visit.certificate[visit.certificate.len() - 48..],
            ),
            Planted::serial(format!("serial of {name}"), certificate.serial()),
            Planted::bytes(format!("card signature of {name}"), &visit.card_signature),
            Planted::bytes(format!("beginning of the card signature of {name}"), &visit.card_signature[..32]),
            Planted::bytes(format!("blind of {name}"), &visit.blind),
        ]);
    }
    // VERIFY, short or with its length: what would stand in a log of commands.
    planted.push(Planted::bytes("PIN command", b"\x00\x20\x00\x80\x041234"));
    planted.push(Planted::bytes("PIN data", b"\x041234\0"));
    planted
}

fn names() -> Vec<Planted> {
    PATIENTS
        .iter()
        .flat_map(|patient| {
            [Planted::text(patient.card, patient.name), Planted::text(patient.card, patient.kana)]
        })
        .collect()
}

/// Every file below `folder` whose path begins with `prefix`, with its content.
fn files(folder: &Path, prefix: &str) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(
                files(&path, "").into_iter().map(|(inner, content)| (format!("{name}/{inner}"), content)),
            );
        } else {
            found.push((name, fs::read(path).unwrap()));
        }
    }
    found.retain(|(name, _)| name.starts_with(prefix));
    found
}

/// What is found where, one a line.
fn findings(planted: &[Planted], places: &[(String, Vec<u8>)]) -> Vec<String> {
    let in_place = |(name, content): &(String, Vec<u8>)| {
        let found = planted.iter().filter(|one| one.in_bytes(content));
        found.map(|one| format!("{}: {name}", one.what)).collect::<Vec<_>>()
    };
    places.iter().flat_map(in_place).collect()
}

#[test]
fn n3_18_after_a_day_no_secret_stands_outside_the_platform() {
    let played = Played::well();
    let secrets = secrets(&played);
    let mut places = files(&played.dir(), "");
    // The bundles are the platform's, for the holder; the stand-in for J-LIS issued the cards.
    places.retain(|(name, _)| {
        !["platform.sqlite", "bundles/", "trust-services/"].iter().any(|own| name.starts_with(own))
    });
    for party in [
        "terminal-T1.sqlite",
        "terminal-T2.sqlite",
        "element-E1.sqlite",
        "history.sqlite",
        "trust/",
        "summary.json",
    ] {
        assert!(places.iter().any(|(name, _)| name.starts_with(party)), "{party} is among what is scanned");
    }
    places.push(("printed".to_owned(), played.answer.out.clone().into_bytes()));
    places.push(("errors".to_owned(), played.answer.err.clone().into_bytes()));
    assert_eq!(findings(&secrets, &places), [""; 0]);
}

#[test]
fn the_scan_finds_what_the_platform_does_store() {
    let played = Played::well();
    let places = files(&played.dir(), "platform.sqlite");
    let found = findings(&secrets(&played), &places);
    for (bundle, path) in played.decoded().iter().zip(played.bundles()) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(evidence(bundle).certificate.len() > 1000);
        for what in
            ["public key", "end of the certificate", "beginning of the card signature", "blind", "serial"]
        {
            let wanted = format!("{what} of {name}: ");
            assert!(found.iter().any(|line| line.starts_with(&wanted)), "{wanted}");
        }
    }
}

#[test]
fn the_scan_finds_each_form() {
    let value: Vec<u8> = (200..=240).collect();
    let planted = Planted::bytes("value", &value);
    let shifted = base64(&[&b"xy"[..], &value, b"z"].concat());
    for form in [
        value.clone(),
        hexadecimal(&value).into_bytes(),
        hexadecimal(&value).to_uppercase().into_bytes(),
        base64(&value).into_bytes(),
        shifted.into_bytes(),
        format!("{value:?}").into_bytes(),
    ] {
        assert!(planted.in_bytes(&form), "{}", String::from_utf8_lossy(&form));
    }
    assert!(!planted.in_bytes(&value[1..]));
    let serial = Planted::serial("serial".to_owned(), &[0x9c, 0x10, 0x32, 0x54]);
    for form in [&b"\x02\x05\x00\x9c\x10\x32\x54\x30"[..], b"9C103254", b"9c103254", b"2618307156"] {
        assert!(serial.in_bytes(form), "{}", String::from_utf8_lossy(form));
    }
    assert_eq!(decimal(&[1, 0, 0]), "65536");
    assert_eq!(base64(b"any carnal pleas"), "YW55IGNhcm5hbCBwbGVhcw==");
}

#[test]
fn names_are_the_desks_and_the_registers_and_nobody_elses() {
    let played = Played::well();
    let names = names();
    let places = |prefixes: &[&str]| {
        prefixes.iter().flat_map(|prefix| files(&played.dir(), prefix)).collect::<Vec<_>>()
    };
    assert_eq!(findings(&names, &places(&["history.sqlite", "element-", "trust/", "summary.json"])), [""; 0]);
    assert_eq!(findings(&names, &places(&["platform.sqlite"])), [""; 0]);
    let at_the_desk = findings(&names, &places(&["terminal-T1.sqlite"]));
    assert!(!at_the_desk.is_empty(), "the scan finds the names in the charts");
}

#[tokio::test]
async fn n3_18_no_secret_travels_in_clear_from_the_terminal_or_to_the_history() {
    let stage = Stage::set().await;
    let site = stage.unlocked(&SAKURA).await;
    let (upward, onward) = (Heard::on(&stage.world.platform_wire), Heard::on(&stage.world.history_wire));
    let mut planted = Vec::new();
    for patient in 0..PATIENTS.len() {
        let evid = tap(&site, patient).await.trace.evid.unwrap();
        let bundle = stage.world.platform.bundle(evid).unwrap();
        let visit = evidence(&bundle);
        let certificate = Certificate::parse(&visit.certificate).unwrap();
        planted.extend([
            Planted::bytes("public key", certificate.spki()),
            Planted::serial("serial".to_owned(), certificate.serial()),
            Planted::bytes("card signature", &visit.card_signature[..32]),
            Planted::bytes("blind", &visit.blind),
        ]);
    }
    assert_eq!(stage.world.platform.deliver_once().await.unwrap().delivered, 3);
    let travelled = [upward.all(), onward.all()].concat();
    assert!(travelled.iter().any(|(path, _)| path == "/v1/batches"));
    assert!(travelled.iter().any(|(path, _)| path == "/v1/visits"));
    assert_eq!(findings(&planted, &travelled), [""; 0]);
    assert_eq!(findings(&names(), &travelled), [""; 0]);
}
