//! The one encoding, by its bytes: each departure is refused for its own reason.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use jushin_statement::cbor::{Malformed, Reader, check};
use jushin_statement::{Alg, Context, KeyHint, Sign1, Signed, to_be_signed};

#[test]
fn bytes_that_are_not_the_one_encoding_are_refused_for_their_own_reason() {
    use Malformed::{Length, NotDeterministic, Unsupported};
    let nested = [&[0x81; 13][..], &[0x00]].concat();
    let refused: [(&str, &[u8], Malformed); 16] = [
        ("a byte after the object", &[0x00, 0x00], Length { at: 1 }),
        ("nothing", &[], Length { at: 0 }),
        ("a string longer than the bytes", &[0x42, 0x00], Length { at: 0 }),
        ("a head that is cut off", &[0x19, 0x01], Length { at: 0 }),
        ("nesting of thirteen", &nested, Unsupported { at: 13 }),
        ("text that is no UTF-8", &[0x61, 0xff], Unsupported { at: 0 }),
        ("simple value 0", &[0xe0], Unsupported { at: 0 }),
        ("undefined", &[0xf7], Unsupported { at: 0 }),
        ("simple value of two bytes", &[0xf8, 0x20], Unsupported { at: 0 }),
        ("a float", &[0xf9, 0x00, 0x00], Unsupported { at: 0 }),
        ("a tag", &[0xc0, 0x00], Unsupported { at: 0 }),
        ("reserved", &[0x1c], Unsupported { at: 0 }),
        ("an array without a length", &[0x9f, 0xff], NotDeterministic { at: 0 }),
        ("a number longer than it need be", &[0x18, 0x17], NotDeterministic { at: 0 }),
        ("keys in the other order", &[0xa2, 0x01, 0x00, 0x00, 0x00], NotDeterministic { at: 3 }),
        ("a key twice", &[0xa2, 0x00, 0x00, 0x00, 0x00], NotDeterministic { at: 3 }),
    ];
    for (what, bytes, reason) in refused {
        assert_eq!(check(bytes), Err(reason), "{what}");
    }
    assert_eq!(check(&nested[1..]), Ok(()), "nesting of twelve");
}

#[test]
fn a_reader_takes_an_array_of_one_length_and_its_end() {
    let mut reader = Reader::new(&[0x82, 0x00, 0x00]).unwrap();
    assert_eq!(reader.array("pair", 1), Err(Malformed::Arity { object: "pair", wanted: 1, found: 2 }));
    let reader = Reader::new(&[0x00]).unwrap();
    assert_eq!(reader.end(), Err(Malformed::Length { at: 0 }));
    assert!(Reader::new(&[0x18, 0x17]).is_err());
}

/// A COSE_Sign1 with these bytes as protected header and these as unprotected one.
fn sign1(protected: &[u8], unprotected: &[u8]) -> Vec<u8> {
    let length = u8::try_from(protected.len()).unwrap();
    [&[0x84, 0x40 | length], protected, unprotected, &[0x41, 0x00, 0x41, 0x00]].concat()
}

#[test]
fn a_signature_has_one_header() {
    let header = |field| Malformed::Value { field };
    let key = [&[0xa2, 0x01, 0x26, 0x04, 0x48][..], &[7; 8]].concat();
    assert!(Sign1::parse(&sign1(&[0xa1, 0x01, 0x26], &[0xa0])).is_ok());
    assert!(Sign1::parse(&sign1(&key, &[0xa0])).is_ok());
    let other_key = [&[0xa2, 0x01, 0x26, 0x05, 0x48][..], &[7; 8]].concat();
    let three = [&[0xa3, 0x01, 0x26, 0x04, 0x48][..], &[7; 8], &[0x05, 0x00]].concat();
    let refused: [(&[u8], &[u8], Malformed); 6] = [
        (&[0xa1, 0x01, 0x26], &[0xa1, 0x04, 0x00], header("unprotected header")),
        (&[0xa0], &[0xa0], header("protected header")),
        (&[0xa1, 0x02, 0x26], &[0xa0], header("protected header")),
        (&other_key, &[0xa0], header("protected header")),
        (&three, &[0xa0], header("protected header")),
        (&[0xa1, 0x01, 0x27 + 1], &[0xa0], header("alg")),
    ];
    for (protected, unprotected, reason) in refused {
        assert_eq!(Sign1::parse(&sign1(protected, unprotected)).err(), Some(reason), "{protected:02x?}");
    }
}

#[test]
fn what_is_signed_differs_with_context_algorithm_and_key() {
    let signed = |context, alg, key| to_be_signed(context, alg, key, b"payload");
    let usual = signed(Context::Presence, Alg::Rs256, None);
    assert_ne!(usual, signed(Context::CardId, Alg::Rs256, None));
    assert_ne!(usual, signed(Context::Presence, Alg::Ps256, None));
    assert_ne!(usual, signed(Context::Presence, Alg::Rs256, Some(KeyHint([0; 8]))));
    let assembled = Signed::assemble(Alg::Rs256, None, b"payload", b"signature");
    assert_eq!(assembled.parse().unwrap().to_be_signed(Context::Presence), usual);
}
