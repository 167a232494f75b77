//! A staff card ◇, found by walking its directory.

use jushin_card::hpki::{
    StaffCard, StaffCardError, StaffKey, StaffLayout, StaffPersonalisation, StaffPersonalisationError,
    StaffPin, StaffPinForm, VirtualStaffCard,
};
use jushin_card::{CardError, Session};
use jushin_crypto::AwsLc;
use jushin_pki::issue::{Issuer, NewExtension, Template};
use jushin_pki::name::Name;
use jushin_pki::{Crypto as _, KeyUsage, Moment, Suite};
use zeroize::Zeroizing;

use jushin_card::CardProfile;
use jushin_card::virtual_card::CardKind;

use crate::support::{WORLD, card, statement};

const STAFF_PIN: &str = "administrator 1";

/// A key of the test world under a certificate with this usage.
fn key(number: usize, usage: KeyUsage) -> StaffKey {
    let ca = AwsLc.private_key(&WORLD.rsa[1 - number]).unwrap();
    let template = |name: &str, spki: &[u8], extensions| Template {
        subject: Name::new().country("JP").common_name(name),
        serial: vec![1],
        not_before: Moment(0),
        not_after: Moment(1_900_000_000_000),
        spki: spki.to_vec(),
        extensions,
    };
    let root = template("HPKI CA (simulated)", &[], Vec::new());
    let issuer = Issuer::self_signed(root, ca, Suite::RsaPkcs1Sha256).unwrap();
    let own = AwsLc.private_key(&WORLD.rsa[number]).unwrap();
    let usage = vec![NewExtension::key_usage(usage)];
    let certificate = issuer.issue(&template("Yama Hiroshi (simulated)", own.spki(), usage)).unwrap();
    StaffKey {
        private_key: WORLD.rsa[number].clone(),
        certificate: certificate.der().to_vec(),
        ca_certificate: issuer.certificate().der().to_vec(),
        pin: Zeroizing::new(STAFF_PIN.as_bytes().to_vec()),
    }
}

fn authentication() -> StaffKey {
    key(0, KeyUsage::DIGITAL_SIGNATURE)
}

fn signing() -> StaffKey {
    key(1, KeyUsage::NON_REPUDIATION)
}

fn staff_card(layout: StaffLayout, keys: [Option<StaffKey>; 2]) -> VirtualStaffCard {
    let [authentication, signature] = keys;
    let serial = *b"0000000000000002";
    VirtualStaffCard::new(&StaffPersonalisation { authentication, signature, layout, serial }).unwrap()
}

fn pin(typed: &str) -> StaffPin {
    StaffPin::new(typed).unwrap()
}

#[test]
fn whatever_its_layout_the_card_is_found_by_its_directory_and_signs_rs256_after_its_pin() {
    for layout in [StaffLayout::Guideline, StaffLayout::Issuer] {
        let mut virtual_card = staff_card(layout, [Some(authentication()), Some(signing())]);
        let mut found = StaffCard::find(Session::new(&mut virtual_card)).unwrap();
        assert_eq!(found.certificate(), authentication().certificate, "{layout:?}");
        let message = statement("adm");
        let early = found.sign(&message).unwrap_err();
        assert!(matches!(early, StaffCardError::Card(CardError::Refused { .. })), "{early}");
        found.verify(&pin(STAFF_PIN)).unwrap();
        // The application for authentication asks for its PIN once.
        for _ in 0..2 {
            let signature = found.sign(&message).unwrap();
            let key = AwsLc.private_key(&WORLD.rsa[0]).unwrap();
            let key = AwsLc.public_key(key.spki()).unwrap();
            key.verify(Suite::RsaPkcs1Sha256, &message, &signature).unwrap();
        }
        drop(found);
        assert_eq!(virtual_card.signatures(), 2);
    }
}

#[test]
fn a_card_for_signing_only_is_recognised_and_asked_for_nothing() {
    let mut virtual_card = staff_card(StaffLayout::Guideline, [None, Some(signing())]);
    let refused = StaffCard::find(Session::new(&mut virtual_card)).unwrap_err();
    assert_eq!(refused, StaffCardError::SigningOnly);
    assert_eq!(virtual_card.signatures(), 0);
}

#[test]
fn a_signing_certificate_in_the_place_for_authentication_is_recognised_by_its_issuers_word() {
    let mut virtual_card = staff_card(StaffLayout::Guideline, [Some(signing()), None]);
    let refused = StaffCard::find(Session::new(&mut virtual_card)).unwrap_err();
    assert_eq!(refused, StaffCardError::SigningOnly);
}

#[test]
fn three_wrong_pins_block_the_card_for_good() {
    let mut virtual_card = staff_card(StaffLayout::Guideline, [Some(authentication()), None]);
    for tries_left in [2, 1, 0] {
        let mut found = StaffCard::find(Session::new(&mut virtual_card)).unwrap();
        let refused = found.verify(&pin("0000")).unwrap_err();
        assert_eq!(refused, StaffCardError::WrongPin { tries_left });
    }
    let mut found = StaffCard::find(Session::new(&mut virtual_card)).unwrap();
    assert_eq!(found.verify(&pin(STAFF_PIN)), Err(StaffCardError::PinBlocked));
}

#[test]
fn a_patients_card_is_no_staff_card() {
    let mut reader = jushin_card::VirtualReader::with(card(CardKind::Jpki, CardProfile::A));
    let refused = StaffCard::find(Session::new(&mut reader)).unwrap_err();
    assert!(matches!(refused, StaffCardError::NotStaff { .. }), "{refused}");
}

#[test]
fn nothing_but_a_statement_is_signed_and_a_block_of_another_form_is_refused_by_the_card() {
    let mut virtual_card = staff_card(StaffLayout::Guideline, [Some(authentication()), None]);
    let mut found = StaffCard::find(Session::new(&mut virtual_card)).unwrap();
    found.verify(&pin(STAFF_PIN)).unwrap();
    assert!(matches!(
        found.sign(b"a TLS transcript"),
        Err(StaffCardError::Card(CardError::NotToBeSigned(_)))
    ));
    drop(found);

    let mut bare = vec![0x00, 0x2A, 0x9E, 0x9A, 0x00, 0x01, 0x00];
    bare.extend([0x55; 256]);
    bare.extend([0, 0]);
    for command in [
        &[0x00, 0xA4, 0x04, 0x00, 0x05, 0xE8, 0x28, 0xBD, 0x08, 0x0F, 0x00][..],
        &[&[0x00, 0x20, 0x00, 0x96, 0x0F], STAFF_PIN.as_bytes()].concat(),
        &[0x00, 0x22, 0x41, 0xB6, 0x04, 0x81, 0x02, 0x00, 0x17],
    ] {
        assert!(virtual_card.handle(command).ends_with(&[0x90, 0x00]), "{command:02x?}");
    }
    assert_eq!(virtual_card.handle(&bare), [0x6A, 0x80]);
}

#[test]
fn a_pin_has_4_to_16_bytes() {
    assert_eq!(StaffPin::new("123").unwrap_err(), StaffPinForm(3));
    assert_eq!(StaffPin::new("12345678901234567").unwrap_err(), StaffPinForm(17));
    assert_eq!(format!("{:?}", pin("1234")), "PIN of a staff card");
    let mut short = authentication();
    short.pin = Zeroizing::new(b"1".to_vec());
    let serial = *b"0000000000000002";
    let layout = StaffLayout::Guideline;
    let personalisation =
        StaffPersonalisation { authentication: Some(short), signature: None, layout, serial };
    assert_eq!(VirtualStaffCard::new(&personalisation).unwrap_err(), StaffPersonalisationError::Pin(1));
}

#[test]
fn any_bytes_get_a_status_word() {
    let mut virtual_card = staff_card(StaffLayout::Issuer, [Some(authentication()), Some(signing())]);
    for instruction in 0..=255_u8 {
        for p1 in [0x00, 0x02, 0x04, 0x41, 0x91, 0x9E] {
            for body in [&[][..], &[0], &[1, 7], &[5, 0xE8, 0x28, 0xBD, 0x08, 0x0F]] {
                let command = [&[0x00, instruction, p1, 0xB6], body].concat();
                assert!(virtual_card.handle(&command).len() >= 2);
            }
        }
    }
}
