//! Storage that is not what this element wrote.

use std::sync::Arc;

use jushin_crypto::AwsLc;
use jushin_secure_element::{Element, ManualTicker, Nvm, Slot, StorageDamaged};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::bench::{Bench, GlassNvm, build};

fn start(nvm: GlassNvm) -> Result<Element, StorageDamaged> {
    let random = ChaCha20Rng::seed_from_u64(8);
    Element::new(build(), Box::new(nvm), Box::new(ManualTicker::new()), Box::new(random), Arc::new(AwsLc))
}

#[test]
fn an_element_starts_again_from_its_storage() {
    let mut bench = Bench::active();
    let status = bench.client.status().unwrap();
    let mut element = start(bench.nvm.clone()).unwrap();
    let answer = element.handle(&[0x80, 0x3E, 0, 0, 1, 0x80]);
    assert_eq!(answer[answer.len() - 2..], [0x90, 0x00]);
    assert_eq!(u64::from(answer[2]), status.counter, "[state, counter, …]");
}

#[test]
fn damaged_storage_keeps_the_element_dark_and_is_named() {
    for slot in [Slot::Identity, Slot::Institution, Slot::Pseudonyms, Slot::Binding, Slot::Journal] {
        let good = Bench::bound().nvm.read(slot).unwrap();
        let mut other_format = good.clone();
        let at = other_format.iter().position(|byte| *byte == 1).unwrap();
        other_format[at] = 2;
        for bytes in [&[][..], &[0x80], &good[..good.len() - 1], &other_format] {
            let mut bench = Bench::bound();
            bench.nvm.write(&[(slot, bytes)]).unwrap();
            assert_eq!(start(bench.nvm.clone()).err(), Some(StorageDamaged { slot }));
            assert!(bench.client.transport().power_on().is_err());
            assert!(bench.client.status().is_err(), "dark");
        }
    }
}
