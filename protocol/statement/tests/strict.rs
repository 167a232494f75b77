//! One object has one encoding: every other way to write the same thing, and every other shape, is refused.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use jushin_statement::cbor;
use support::{Kind, Vector, kind, objects, to_hex};

/// One item's head: where it starts, how long the head is, its major type and its argument.
#[derive(Clone, Copy)]
struct Head {
    at: usize,
    length: usize,
    major: u8,
    argument: u64,
}

/// The heads of all items, outermost first. The bytes must be deterministic.
fn heads(bytes: &[u8]) -> Vec<Head> {
    let mut heads = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let (major, short) = (bytes[at] >> 5, bytes[at] & 0x1f);
        let width = match short {
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            _ => 0,
        };
        let argument = if width == 0 {
            u64::from(short)
        } else {
            bytes[at + 1..=at + width].iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
        };
        heads.push(Head { at, length: 1 + width, major, argument });
        at += 1 + width;
        if major == 2 || major == 3 {
            at += usize::try_from(argument).unwrap();
        }
    }
    heads
}

fn spliced(bytes: &[u8], at: usize, length: usize, with: &[u8]) -> Vec<u8> {
    [&bytes[..at], with, &bytes[at + length..]].concat()
}

/// The same head with its argument in each wider form.
fn longer_heads(head: Head) -> Vec<Vec<u8>> {
    let all = head.argument.to_be_bytes();
    [(24_u8, 1), (25, 2), (26, 4), (27, 8)]
        .into_iter()
        .filter(|(_, width)| width + 1 > head.length)
        .map(|(short, width)| [&[head.major << 5 | short], &all[8 - width..]].concat())
        .collect()
}

fn refuse(kind: &Kind, vector: &Vector, changed: &[u8], what: &str) {
    assert!((kind.reencode)(changed).is_err(), "{}: {what} accepted: {}", vector.object, to_hex(changed));
}

fn each(test: impl Fn(&Kind, &Vector, &[Head])) {
    for vector in objects() {
        test(&kind(&vector.object), &vector, &heads(&vector.bytes));
    }
}

#[test]
fn a_longer_head_is_refused_at_every_position() {
    each(|kind, vector, heads| {
        for head in heads.iter().filter(|head| head.major != 7) {
            for longer in longer_heads(*head) {
                let changed = spliced(&vector.bytes, head.at, head.length, &longer);
                refuse(kind, vector, &changed, "a longer head");
                assert!(cbor::check(&changed).is_err());
            }
        }
    });
}

#[test]
fn an_indefinite_length_is_refused_at_every_position() {
    each(|kind, vector, heads| {
        for head in heads {
            if head.major == 4 {
                let opened = spliced(&vector.bytes, head.at, head.length, &[0x9f]);
                let closed = [&opened[..], &[0xff]].concat();
                refuse(kind, vector, &closed, "an indefinite array");
            }
            if head.major == 2 || head.major == 3 {
                let content = head.at + head.length;
                let end = content + usize::try_from(head.argument).unwrap();
                let chunk = [&[head.major << 5 | 0x1f], &vector.bytes[head.at..end], &[0xff]].concat();
                let changed = spliced(&vector.bytes, head.at, end - head.at, &chunk);
                refuse(kind, vector, &changed, "an indefinite string");
            }
        }
    });
}

#[test]
fn a_tag_is_refused_at_every_position() {
    each(|kind, vector, heads| {
        for head in heads {
            for tag in [&[0xc0][..], &[0xd2], &[0xd8, 0x18], &[0xd9, 0xd9, 0xf7]] {
                let changed = spliced(&vector.bytes, head.at, 0, tag);
                refuse(kind, vector, &changed, "a tag");
            }
        }
    });
}

#[test]
fn another_kind_of_item_is_refused_at_every_position() {
    let others: [&[u8]; 7] =
        [&[0xf9, 0, 0], &[0xfb, 0, 0, 0, 0, 0, 0, 0, 0], &[0xf7], &[0xe0], &[0xf8, 0x20], &[0xa0], &[0x20]];
    each(|kind, vector, heads| {
        for head in heads {
            let end = if head.major == 2 || head.major == 3 {
                head.length + usize::try_from(head.argument).unwrap()
            } else {
                head.length
            };
            if head.major == 4 && head.argument > 0 {
                continue; // replacing the head alone leaves the elements behind: covered by arity
            }
            for other in others {
                if kind.name == "evidence" && other == [0x20] && head.major == 1 {
                    continue; // -1 in place of another negative number is judged by the number
                }
                let changed = spliced(&vector.bytes, head.at, end, other);
                refuse(kind, vector, &changed, "another kind of item");
            }
        }
    });
}

#[test]
fn bytes_before_after_and_missing_are_refused() {
    each(|kind, vector, _| {
        for extra in [0x00, 0x80, 0xf6, 0xff] {
            refuse(kind, vector, &[&vector.bytes[..], &[extra]].concat(), "a trailing byte");
            refuse(kind, vector, &[&[extra], &vector.bytes[..]].concat(), "a leading byte");
        }
        for end in 0..vector.bytes.len() {
            refuse(kind, vector, &vector.bytes[..end], "a shorter text");
        }
    });
}

/// Lists may have any length; everything else has a fixed number of elements.
const LISTS: &[&str] = &["trust-list"];

#[test]
fn one_element_more_or_less_is_refused() {
    each(|kind, vector, heads| {
        let outer = heads[0];
        if LISTS.contains(&kind.name) {
            return;
        }
        let more = longest_form(4, outer.argument + 1);
        let mut changed = spliced(&vector.bytes, 0, outer.length, &more);
        for filler in [&[0x00][..], &[0xf6], &[0x80], &[0x40]] {
            changed.extend(filler);
            refuse(kind, vector, &changed, "one element more");
            changed.truncate(changed.len() - filler.len());
        }
        let last = last_element(&vector.bytes);
        let fewer = longest_form(4, outer.argument - 1);
        refuse(kind, vector, &spliced(&vector.bytes[..last], 0, outer.length, &fewer), "one element less");
    });
}

/// The shortest head of a small array.
fn longest_form(major: u8, argument: u64) -> Vec<u8> {
    let argument = u8::try_from(argument).unwrap();
    if argument < 24 { vec![major << 5 | argument] } else { vec![major << 5 | 24, argument] }
}

/// Offset of the outer array's last element.
fn last_element(bytes: &[u8]) -> usize {
    let heads = heads(bytes);
    let mut last = 0;
    let mut at = 1;
    for _ in 0..heads[0].argument {
        last = heads[at].at;
        at = skip(&heads, at);
    }
    last
}

/// Index of the head after the item whose head has index `at`.
fn skip(heads: &[Head], at: usize) -> usize {
    let mut next = at + 1;
    if heads[at].major == 4 {
        for _ in 0..heads[at].argument {
            next = skip(heads, next);
        }
    }
    next
}

#[test]
fn another_type_number_or_version_is_refused() {
    each(|kind, vector, heads| {
        if ["se-ext", "se-ca-ext", "trust-list"].contains(&kind.name) {
            return;
        }
        for (index, what) in [(1, "another type"), (2, "another version")] {
            let head = heads[index];
            if head.major == 3 {
                let mut changed = vector.bytes.clone();
                changed[head.at + 1] ^= 1;
                refuse(kind, vector, &changed, what);
                continue;
            }
            for number in 0..=100 {
                if number != head.argument {
                    let changed = spliced(&vector.bytes, head.at, head.length, &longest_form(0, number));
                    refuse(kind, vector, &changed, what);
                }
            }
        }
    });
}

#[test]
fn nil_is_refused_where_none_belongs() {
    // Fields that may be nil, by object: place in the outer array, counting from 0.
    let may_be_nil: &[(&str, &[u64])] = &[
        ("se-csr", &[4]),
        ("binding", &[5]),
        ("presence", &[4, 13, 15, 16]),
        ("commit", &[5]),
        ("boot", &[5]),
        ("inject", &[7]),
        ("verdict", &[5, 6]),
        ("ref", &[2, 3]),
        ("paper", &[3]),
        ("card-id", &[3]),
        ("rev-list", &[7]),
        ("cap", &[8, 9, 10]),
        ("break-glass", &[4, 8]),
        ("hello", &[5]),
        ("unlock", &[4]),
        ("gap-query", &[4]),
        ("batch", &[6]),
        ("cap-fetch", &[3, 4, 5]),
        ("ref-fetch", &[2]),
        ("bg-open", &[3]),
        ("bg-person", &[3]),
        ("se-ext", &[2]),
    ];
    each(|kind, vector, heads| {
        let allowed = may_be_nil.iter().find(|(name, _)| *name == kind.name).map_or(&[][..], |(_, at)| at);
        let mut at = 1;
        for place in 0..heads[0].argument {
            let next = skip(heads, at);
            let start = heads[at].at;
            let end = heads.get(next).map_or(vector.bytes.len(), |head| head.at);
            if !allowed.contains(&place) {
                let changed = spliced(&vector.bytes, start, end - start, &[0xf6]);
                refuse(kind, vector, &changed, "nil");
            }
            at = next;
        }
    });
}

#[test]
fn every_changed_byte_is_refused_or_another_object() {
    each(|kind, vector, _| {
        for at in 0..vector.bytes.len() {
            for bit in 0..8 {
                let mut changed = vector.bytes.clone();
                changed[at] ^= 1 << bit;
                if let Ok(encoded) = (kind.reencode)(&changed) {
                    assert_eq!(encoded, changed, "{}: what was read is what is written", vector.object);
                }
            }
        }
    });
}
