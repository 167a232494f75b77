//! `vectors/objects.json`: every object and message, encoded by an independent implementation.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use cddl_cat::validate_cbor_bytes;
use jushin_statement::{Alg, Context, to_be_signed};
use support::{kind, kinds, objects};

#[test]
fn every_object_has_a_vector_and_every_vector_a_decoder() {
    let vectors = objects();
    for kind in kinds() {
        assert!(vectors.iter().any(|vector| vector.object == kind.name), "no vector for {}", kind.name);
    }
    for vector in vectors {
        kind(&vector.object);
    }
}

#[test]
fn every_vector_is_reproduced_byte_for_byte() {
    for vector in objects() {
        let encoded = (kind(&vector.object).reencode)(&vector.bytes);
        assert_eq!(encoded.as_deref(), Ok(&vector.bytes[..]), "{}", vector.object);
    }
}

#[test]
fn every_vector_is_what_the_cddl_says() {
    let cddl = include_str!("../../../docs/jushin.cddl");
    for vector in objects() {
        let rules: &[&str] = match vector.object.as_str() {
            "anchor" => &["anchor", "anchor-off", "anchor-close", "anchor-beacon"],
            name => &[name],
        };
        let accepted = rules.iter().any(|rule| validate_cbor_bytes(rule, cddl, &vector.bytes).is_ok());
        assert!(accepted, "{}", vector.object);
    }
}

#[test]
fn an_object_decodes_as_no_other_object() {
    for vector in objects() {
        for kind in kinds() {
            let accepted = (kind.reencode)(&vector.bytes).is_ok();
            assert_eq!(accepted, kind.name == vector.object, "{} read as {}", vector.object, kind.name);
        }
    }
}

#[test]
fn no_two_contexts_give_the_same_bytes_to_sign() {
    let contexts: Vec<Context> = kinds().iter().filter_map(|kind| kind.context).collect();
    for vector in objects() {
        for (at, one) in contexts.iter().enumerate() {
            for two in contexts.iter().skip(at + 1).filter(|two| *two != one) {
                for alg in [Alg::Es256, Alg::Rs256] {
                    let signed = to_be_signed(*one, alg, None, &vector.bytes);
                    assert_ne!(signed, to_be_signed(*two, alg, None, &vector.bytes), "{one:?} {two:?}");
                }
            }
        }
    }
}

#[test]
fn only_records_of_the_element_share_a_context() {
    let kinds = kinds();
    for one in &kinds {
        let same: Vec<_> = kinds
            .iter()
            .filter(|two| one.context.is_some() && one.context == two.context)
            .map(|two| two.name)
            .collect();
        match one.context {
            None => assert!(same.is_empty()),
            Some(Context::Element) => {
                assert_eq!(same, ["bind-ack", "ts1", "ts2", "commit", "boot", "stamp", "close"]);
            }
            Some(_) => assert_eq!(same, [one.name]),
        }
    }
}

#[test]
fn what_is_signed_starts_like_nothing_else_that_is_signed() {
    for vector in objects() {
        let bytes = to_be_signed(Context::Element, Alg::Es256, None, &vector.bytes);
        assert!(bytes.starts_with(b"\x84\x6aSignature1"));
    }
}
