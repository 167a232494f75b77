//! A staff card ◇ through `pcscd`: its APDUs by OpenSC, its unlock by the terminal's own reader side.

use jushin_card::CardTransport;
use jushin_crypto::AwsLc;
use jushin_devices::pcsc::Readers;
use jushin_pki::{Certificate, Crypto as _, Suite};
use jushin_terminal::{AdministratorCard, AdministratorCardError, StaffPin, administrator_card};

use super::reader::{FIRST, Served, first};
use super::tool::{openssl, run};

const SELECT: &str = "00:A4:04:00:05:E8:28:BD:08:0F:00";

fn on_the_reader() -> Result<Box<dyn AdministratorCard>, AdministratorCardError> {
    let readers = Readers::open().unwrap();
    administrator_card(|| Ok(Box::new(readers.connect(&first()).unwrap()) as Box<dyn CardTransport>))
}

#[test]
fn opensc_selects_the_card_by_the_beginning_of_its_name_and_reads_its_directory() {
    let card = Served::start(&["--kind", "hpki"]);
    let atr = run("opensc-tool", &["--reader", FIRST, "--atr"]).expect_success();
    assert!(atr.starts_with("3b:88:80:01"), "{atr}");
    let send = ["--reader", FIRST, "--send-apdu", SELECT, "--send-apdu", "00:B0:91:00:00"];
    let answers = run("opensc-tool", &send).expect_success();
    assert_eq!(answers.matches("SW1=0x90, SW2=0x00").count(), 2, "{answers}");
    assert!(answers.contains("6F 12 84 10 E8 28 BD 08 0F"), "{answers}");
    openssl(&["verify", "-CAfile", &card.path("auth-ca.pem"), &card.path("auth.pem")]).expect_success();
}

#[test]
fn the_terminals_reader_finds_the_certificate_for_authentication_and_has_it_sign() {
    let card = Served::start(&["--kind", "hpki"]);
    let mut found = on_the_reader().unwrap();
    let certificate = found.certificate().unwrap();
    let pem = jushin_pki::pem::encode("CERTIFICATE", &certificate);
    assert_eq!(pem.trim(), card.text("auth.pem").trim());
    let wrong = found.show_pin(&StaffPin::new("0000").unwrap()).unwrap_err();
    assert_eq!(wrong, AdministratorCardError::WrongPin { tries_left: 2 });
    found.show_pin(&StaffPin::new("24680").unwrap()).unwrap();
    let message = b"\x84\x6aSignature1 over an adm";
    let signature = found.sign(message).unwrap();
    let key = Certificate::parse(&certificate).unwrap();
    let key = AwsLc.public_key(key.spki()).unwrap();
    key.verify(Suite::RsaPkcs1Sha256, message, &signature).unwrap();
}

#[test]
fn a_card_for_signing_only_is_named_as_such() {
    let _card = Served::start(&["--kind", "hpki-signing"]);
    assert_eq!(on_the_reader().err(), Some(AdministratorCardError::SigningCard));
}
