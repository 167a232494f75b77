//! INJECT: which secrets replace which, and how many an element keeps.

use jushin_pki::{CvCertificate, CvKeyId};
use jushin_secure_element::{Nvm, Slot, StatusWord};
use jushin_statement::{Bytes, Injection, InjectionKind};

use crate::actors::actors;
use crate::bench::{Bench, refusal};

fn stored(bench: &Bench, secret: &[u8]) -> bool {
    Slot::ALL.iter().any(|slot| {
        bench.nvm.read(*slot).is_some_and(|bytes| bytes.windows(secret.len()).any(|part| part == secret))
    })
}

/// A card CA key: of the next generations, with moduli that nobody has factors of.
fn card_ca(bench: &Bench, number: u8) -> Injection {
    let mut modulus = [0xC5; 256];
    modulus[1] = number;
    Injection {
        kind: InjectionKind::CardCa,
        value: jushin_pki::spki::from_rsa_modulus(&modulus).into(),
        ..bench.pseudonym_injection(0, 0)
    }
}

#[test]
fn the_lowest_epoch_never_falls() {
    let mut bench = Bench::keyed();
    let first = bench.pseudonym_injection(1, 0);
    bench.inject(&first).unwrap();
    bench.inject(&bench.pseudonym_injection(2, 2)).unwrap();
    bench.inject(&bench.pseudonym_injection(3, 0)).unwrap();
    assert_eq!(refusal(bench.inject(&first)), StatusWord::WrongState);
}

#[test]
fn a_key_of_an_epoch_below_the_lowest_is_erased() {
    let mut bench = Bench::keyed();
    bench.inject(&bench.pseudonym_injection(1, 0)).unwrap();
    assert!(stored(&bench, &[1; 32]));
    bench.inject(&bench.pseudonym_injection(2, 2)).unwrap();
    assert!(!stored(&bench, &[1; 32]) && stored(&bench, &[2; 32]));
}

#[test]
fn an_epochs_new_key_takes_the_place_of_its_old_one() {
    let mut bench = Bench::keyed();
    bench.inject(&bench.pseudonym_injection(1, 0)).unwrap();
    bench.inject(&Injection { value: Bytes(vec![9; 32]), ..bench.pseudonym_injection(1, 0) }).unwrap();
    assert!(!stored(&bench, &[1; 32]) && stored(&bench, &[9; 32]));
}

#[test]
fn a_seventeenth_epoch_is_refused_until_old_ones_are_erased() {
    let mut bench = Bench::keyed();
    for epoch in 1..=16 {
        bench.inject(&bench.pseudonym_injection(epoch, 0)).unwrap();
    }
    assert_eq!(refusal(bench.inject(&bench.pseudonym_injection(17, 0))), StatusWord::Exhausted);
    bench.inject(&bench.pseudonym_injection(16, 0)).unwrap();
    bench.inject(&bench.pseudonym_injection(17, 2)).unwrap();
}

#[test]
fn a_seventeenth_card_ca_is_refused_and_one_that_comes_again_takes_no_place() {
    let mut bench = Bench::keyed();
    for number in 1..=16 {
        for _ in 0..2 {
            bench.inject(&card_ca(&bench, number)).unwrap();
        }
    }
    assert_eq!(refusal(bench.inject(&card_ca(&bench, 17))), StatusWord::Exhausted);
    bench.inject(&card_ca(&bench, 3)).unwrap();
}

#[test]
fn n1_5_an_institution_key_without_a_cv_certificate_is_refused() {
    let mut bench = Bench::keyed();
    let injection = Injection { certificate: None, ..bench.institution_injection() };
    assert_eq!(refusal(bench.inject(&injection)), StatusWord::Malformed);
    assert!(!stored(&bench, &actors().institution_key.pkcs8));
}

#[test]
fn n1_5_a_cv_certificate_that_names_no_institution_is_refused() {
    let mut bench = Bench::keyed();
    let (nobody, spki) = (CvKeyId::new(*b"0000000000000CAI"), actors().institution_key.key.spki());
    let issuer = CvKeyId::new(*b"9000000000CA0001");
    let cv = CvCertificate::issue(&*actors().cv_issuer, issuer, nobody, spki).unwrap();
    let certificate = Some(cv.as_bytes().as_slice().into());
    let injection = Injection { certificate, ..bench.institution_injection() };
    assert_eq!(refusal(bench.inject(&injection)), StatusWord::Malformed);
}
