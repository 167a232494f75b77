//! Encoding and decoding are inverse, and nothing that can be received makes a decoder panic.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use jushin_statement::{
    AuthenticationForm, CardChallenge, Commit, CommitOutcome, Evidence, Hash, HolderCheck, Id16,
    InstitutionCode, Object, Presence, Purpose, Receipt, ReceiptItem, Record, Sign1, Signed, Status, Ticks,
    UnixMillis, cbor,
};
use proptest::prelude::*;
use support::{kind, kinds, objects};

prop_compose! {
    fn hash()(bytes in any::<[u8; 32]>()) -> Hash { Hash(bytes) }
}

prop_compose! {
    fn id()(bytes in any::<[u8; 16]>()) -> Id16 { Id16(bytes) }
}

prop_compose! {
    fn institution()(text in "[0-9]{10}") -> InstitutionCode { InstitutionCode::new(&text).unwrap() }
}

prop_compose! {
    fn ticks()(cycle in id(), count in any::<u64>()) -> Ticks { Ticks { cycle, count } }
}

prop_compose! {
    fn presence()(
        institution in institution(),
        ids in (id(), proptest::option::of(id()), id()),
        hashes in (hash(), hash(), proptest::option::of(hash()), proptest::option::of(hash()), hash()),
        consent in hash(),
        ticks in ticks(),
        counter in any::<u64>(),
        challenge in proptest::collection::vec(any::<u8>(), 8..=32),
        numbers in (1_u64..=3, 1_u64..=4, 1_u64..=4),
    ) -> Presence {
        let purpose = Purpose::from_number(numbers.2).unwrap();
        Presence {
            institution,
            element: ids.0,
            desk: ids.1,
            anchor: hashes.0,
            ticks,
            counter,
            nonce: ids.2,
            challenge: CardChallenge::new(&challenge).unwrap(),
            form: AuthenticationForm::from_number(numbers.0).unwrap(),
            certificate: hashes.1,
            method: HolderCheck::from_number(numbers.1).unwrap(),
            method_record: hashes.2,
            purpose,
            consent: (purpose == Purpose::CheckInAndConsent).then_some(consent),
            beacon: hashes.3,
            previous: hashes.4,
        }
    }
}

prop_compose! {
    fn receipt()(
        element in id(),
        range in any::<[u64; 3]>(),
        head in hash(),
        items in proptest::collection::vec((any::<u64>(), 0_u64..=4, proptest::collection::vec(1_u64..=15, 0..3)), 0..40),
    ) -> Receipt {
        Receipt {
            element,
            lo: range[0],
            hi: range[1],
            head,
            at: UnixMillis(range[2]),
            gaps: Vec::new(),
            items: items
                .into_iter()
                .map(|(counter, status, reasons)| ReceiptItem {
                    counter,
                    status: Status::from_number(status).unwrap(),
                    reasons,
                    pid: None,
                })
                .collect(),
        }
    }
}

proptest! {
    #[test]
    fn a_presence_survives_its_encoding(presence in presence()) {
        let bytes = presence.encode();
        prop_assert_eq!(cbor::check(&bytes), Ok(()));
        prop_assert_eq!(Presence::decode(&bytes), Ok(presence));
    }

    #[test]
    fn a_receipt_survives_its_encoding(receipt in receipt()) {
        let bytes = receipt.encode();
        let back = Receipt::decode(&bytes);
        prop_assert_eq!(back.as_ref().map(Object::encode), Ok(bytes));
        prop_assert_eq!(back, Ok(receipt));
    }

    #[test]
    fn random_bytes_are_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for kind in kinds() {
            if let Ok(encoded) = (kind.reencode)(&bytes) {
                prop_assert_eq!(&encoded, &bytes);
            }
        }
        let _ = Record::decode(&bytes);
        let _ = Sign1::parse(&bytes);
    }

    #[test]
    fn a_vector_with_a_changed_stretch_is_refused_or_reproduced(
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        stretch in proptest::collection::vec(any::<u8>(), 1..12),
    ) {
        let vectors = objects();
        let vector = which.get(&vectors);
        let mut bytes = vector.bytes.clone();
        let start = at.index(bytes.len());
        let end = (start + stretch.len()).min(bytes.len());
        bytes.splice(start..end, stretch);
        if let Ok(encoded) = (kind(&vector.object).reencode)(&bytes) {
            prop_assert_eq!(encoded, bytes);
        }
    }

    #[test]
    fn what_was_signed_is_kept_byte_for_byte(payload in proptest::collection::vec(any::<u8>(), 0..100),
        signature in proptest::collection::vec(any::<u8>(), 0..100)) {
        let signed = Signed::assemble(jushin_statement::Alg::Es256, None, &payload, &signature);
        let parsed = signed.parse().unwrap();
        prop_assert_eq!(parsed.payload, &payload[..]);
        prop_assert_eq!(parsed.signature, &signature[..]);
        prop_assert_eq!(parsed.payload_hash(), Hash::of(&payload));
    }
}

#[test]
fn a_long_list_cannot_exhaust_the_stack_or_the_memory() {
    for bytes in [vec![0x81; 100_000], vec![0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]] {
        assert!(cbor::check(&bytes).is_err());
        assert!(Evidence::decode(&bytes).is_err());
    }
}

#[test]
fn a_nil_where_the_outcome_forbids_it_is_refused() {
    let commit = |outcome, card_signature| Commit {
        element: Id16([1; 16]),
        outcome,
        presence: Hash::ZERO,
        card_signature,
        ticks: Ticks { cycle: Id16([2; 16]), count: 0 },
        counter: 1,
        previous: Hash::ZERO,
    };
    assert!(Commit::decode(&commit(CommitOutcome::Signed, None).encode()).is_err());
    assert!(Commit::decode(&commit(CommitOutcome::Aborted, Some(Hash::ZERO)).encode()).is_err());
    assert!(Commit::decode(&commit(CommitOutcome::TooLate, None).encode()).is_ok());
}

#[test]
fn the_debug_form_of_evidence_shows_no_bytes() {
    let evidence = objects().into_iter().find(|vector| vector.object == "evidence").unwrap();
    let shown = format!("{:?}", Evidence::decode(&evidence.bytes).unwrap());
    assert!(shown.contains("256 bytes"), "{shown}");
}
