//! Whatever bytes come, the card answers with a status word and goes on.

use jushin_card::apdu::{Command, Header};
use jushin_card::virtual_card::CardKind;
use jushin_card::{CardProfile, VirtualCard};
use proptest::prelude::*;

use crate::support::{self, WORLD};

fn answers(card: &mut VirtualCard, command: &[u8]) -> Result<(), TestCaseError> {
    let answer = card.handle(command);
    prop_assert!(answer.len() >= 2);
    prop_assert!(answer.len() <= 258);
    Ok(())
}

/// Commands that come further than random bytes: real headers, and any data.
fn likely() -> impl Strategy<Value = Vec<u8>> {
    let header = prop_oneof![
        Just([0x00, 0xA4, 0x02, 0x0C]),
        Just([0x00, 0xB0, 0x00, 0x00]),
        Just([0x00, 0x20, 0x00, 0x80]),
        Just([0x00, 0x24, 0x01, 0x98]),
        Just([0x00, 0x2A, 0x00, 0xBE]),
        Just([0x10, 0x2A, 0x00, 0xBE]),
        Just([0x00, 0x82, 0x00, 0x00]),
        Just([0x00, 0x84, 0x00, 0x00]),
        Just([0x80, 0x2A, 0x00, 0x97]),
        Just([0x80, 0xA2, 0x06, 0xC1]),
        Just([0x80, 0xA2, 0x00, 0xC1]),
        any::<[u8; 4]>(),
    ];
    (header, prop::collection::vec(any::<u8>(), 0..300))
        .prop_map(|(header, body)| [&header[..], &body].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_bytes_are_answered(commands in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..20)) {
        let mut card = support::card(CardKind::Jpki, CardProfile::B);
        for command in commands {
            answers(&mut card, &command)?;
        }
    }

    #[test]
    fn likely_commands_are_answered(commands in prop::collection::vec(likely(), 1..20), pin in any::<bool>()) {
        let mut card = support::card(CardKind::Jpki, CardProfile::A);
        card.handle(&[&[0x00, 0xA4, 0x04, 0x0C, 10][..], &jushin_card::jpki::APPLICATION].concat());
        if pin {
            card.handle(&[&[0x00, 0x20, 0x00, 0x98, 4][..], support::PIN.as_bytes()].concat());
        }
        for command in commands {
            answers(&mut card, &command)?;
        }
    }

    #[test]
    fn every_chained_split_does_what_the_extended_command_does(part in 1..=255usize, forged in proptest::option::of(0..568usize)) {
        let mut certificate = WORLD.institution.certificate.as_bytes().to_vec();
        if let Some(at) = forged {
            certificate[at] ^= 1;
        }
        let command = Command::new(Header::new(0x00, 0x2A, 0x00, 0xBE)).with_data(&certificate).unwrap();
        let select = [&[0x00, 0xA4, 0x04, 0x0C, 10][..], &jushin_card::jpki::APPLICATION].concat();

        let mut card = support::card(CardKind::Jpki, CardProfile::A);
        card.handle(&select);
        let extended = card.handle(command.to_bytes().as_bytes());

        card.handle(&select);
        let mut chained: Vec<_> = command
            .into_chain_of(part)
            .unwrap()
            .iter()
            .map(|part| card.handle(part.to_bytes().as_bytes()))
            .collect();
        prop_assert_eq!(chained.pop(), Some(extended.clone()));
        prop_assert!(chained.iter().all(|answer| answer[..] == [0x90, 0x00]));
        prop_assert_eq!(extended == [0x90, 0x00], forged.is_none());
    }
}
