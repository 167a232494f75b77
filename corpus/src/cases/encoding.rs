//! V1, the bundle as a whole: other encodings than the one, and other objects than the right ones.

use jushin_statement::{Object as _, Redacted};

use crate::book::{Book, By, Unreadable};
use crate::raw::{
    array, bytes, change_item, content, in_pieces, indefinite, items, with_item, with_long_head,
};
use crate::{Desk, Form};

const NAME: usize = 0;
const VERSION: usize = 1;
const VISITS: usize = 2;
const ANCHORS: usize = 3;
const RECORDS: usize = 4;
const PROOFS: usize = 9;

pub(super) fn write(book: &mut Book) {
    let desk = Desk::complete(Form::Demo);
    let good = desk.bundle().encode();
    damage(book, &good);
    other_encodings(book, &good);
    other_objects(book, &good);
    visits(book, &good, &desk);
}

fn damage(book: &mut Book, good: &[u8]) {
    let mut v1 = book.chapter(1);
    let mut case = |name, what, material: Vec<u8>| {
        v1.case(name, By::Nobody, what, material, Unreadable);
    };
    case("empty-file", "Nothing is left of the file.", Vec::new());
    case("truncated-by-a-byte", "The last byte is missing.", good[..good.len() - 1].to_vec());
    case("truncated-in-the-middle", "The second half is missing.", good[..good.len() / 2].to_vec());
    case("trailing-zero", "A zero byte follows.", [good, &[0]].concat());
    case("two-bundles-in-one-file", "A second bundle follows.", [good, good].concat());
    case("text-with-line-feeds", "The file is text.", b"jushin-bundle\r\n".to_vec());
    let broken = good.iter().flat_map(|byte| if *byte == 10 { vec![13, 10] } else { vec![*byte] }).collect();
    case("line-feeds-converted", "Every 0a became 0d 0a, as in a transfer as text.", broken);
    case(
        "hexadecimal",
        "The file holds hexadecimal digits.",
        good.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect(),
    );
}

fn other_encodings(book: &mut Book, good: &[u8]) {
    let mut v1 = book.chapter(1);
    let mut case = |name, what, material: Vec<u8>| {
        v1.case(name, By::Stranger, what, material, Unreadable);
    };
    let version = |item: &[u8]| with_item(good, VERSION, item);
    let proofs = |item: &[u8]| with_item(good, PROOFS, item);
    case("head-longer-than-needed", "The version is written as 18 01.", version(&[0x18, 1]));
    case(
        "head-of-nine-bytes",
        "The length of a list has eight bytes.",
        change_item(good, RECORDS, with_long_head),
    );
    case(
        "outer-head-longer-than-needed",
        "The outer array begins with 98 0a.",
        [&[0x98, 10], &good[1..]].concat(),
    );
    case(
        "text-head-longer-than-needed",
        "The name's length has eight bytes.",
        change_item(good, NAME, with_long_head),
    );
    case("bundle-of-indefinite-length", "The outer array ends with a break.", indefinite(good));
    case("list-of-indefinite-length", "A list ends with a break.", change_item(good, ANCHORS, indefinite));
    case(
        "bytes-of-indefinite-length",
        "A record comes in two pieces.",
        change_item(good, RECORDS, |list| change_item(list, 0, in_pieces)),
    );
    case(
        "text-of-indefinite-length",
        "The name comes in two pieces.",
        with_item(good, NAME, b"\x7f\x66jushin\x67-bundle\xff"),
    );
    case(
        "self-described-tag",
        "The tag for CBOR stands before the bundle.",
        [&[0xd9, 0xd9, 0xf7], good].concat(),
    );
    case("tag-within", "A tag stands before the version.", version(&[0xc0, 1]));
    case("version-as-a-half-float", "The version is the float 1.0.", version(&[0xf9, 0x3c, 0]));
    case(
        "version-as-a-double",
        "The version is the float 1.0 in eight bytes.",
        version(&[0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0]),
    );
    case("undefined", "The list of proofs is `undefined`.", proofs(&[0xf7]));
    case("nil-for-a-list", "The list of proofs is nil.", proofs(&[0xf6]));
    case("false-for-a-list", "The list of proofs is false.", proofs(&[0xf4]));
    case("simple-value", "The list of proofs is the simple value 16.", proofs(&[0xf0]));
    case("simple-value-in-two-bytes", "The list of proofs is the simple value 255.", proofs(&[0xf8, 0xff]));
    case("reserved-head", "A head has the additional information 28.", proofs(&[0x9c]));
    case("map-for-a-list", "The list of proofs is an empty map.", proofs(&[0xa0]));
    case(
        "thirteen-deep",
        "An item lies within thirteen arrays.",
        proofs(&[vec![0x81; 12], vec![0x80]].concat()),
    );
    case("name-is-not-utf-8", "A byte of the name is ff.", with_item(good, NAME, b"\x6djushin-bundl\xff"));
    case("text-in-a-list-of-bytes", "A proof is text.", proofs(&[0x81, 0x61, b'x']));
    case("number-in-a-list-of-bytes", "A record is a number.", with_item(good, RECORDS, &[0x81, 0]));
}

fn other_objects(book: &mut Book, good: &[u8]) {
    let mut v1 = book.chapter(1);
    let mut case = |name, what, material: Vec<u8>| {
        v1.case(name, By::Stranger, what, material, Unreadable);
    };
    case("another-name", "The bundle has another name.", with_item(good, NAME, b"\x6djushin-bundlf"));
    case("name-as-bytes", "The name is a byte string.", with_item(good, NAME, b"\x4djushin-bundle"));
    case("version-two", "The version is 2.", with_item(good, VERSION, &[2]));
    case("version-zero", "The version is 0.", with_item(good, VERSION, &[0]));
    case("version-minus-two", "The version is −2.", with_item(good, VERSION, &[0x21]));
    case("nine-lists-short", "The list of proofs is missing.", array(&items(good)[..9]));
    case("one-list-more", "There is an eleventh element.", array(&[items(good), vec![vec![0x80]]].concat()));
    let anchor = |change: &dyn Fn(&[u8]) -> Vec<u8>| {
        change_item(good, ANCHORS, |list| change_item(list, 0, |anchor| bytes(&change(&content(anchor)))))
    };
    case(
        "anchor-of-an-unknown-kind",
        "An anchor has the kind 5.",
        anchor(&|anchor| with_item(anchor, 2, &[5])),
    );
    case("anchor-of-kind-zero", "An anchor has the kind 0.", anchor(&|anchor| with_item(anchor, 2, &[0])));
    case(
        "anchor-of-another-type",
        "An anchor has the type number 16.",
        anchor(&|anchor| with_item(anchor, 0, &[16])),
    );
    case(
        "anchor-of-another-version",
        "An anchor has the version 2.",
        anchor(&|anchor| with_item(anchor, 1, &[2])),
    );
    case(
        "anchor-without-its-last-field",
        "An online anchor has no second stamp at all.",
        anchor(&|anchor| array(&items(anchor)[..6])),
    );
    case(
        "anchor-with-nil",
        "An online anchor has nil for its second stamp.",
        anchor(&|anchor| with_item(anchor, 6, &[0xf6])),
    );
    case("anchor-empty", "An anchor is an empty byte string.", anchor(&|_| Vec::new()));
    case("anchor-with-a-byte-more", "A byte follows an anchor.", anchor(&|anchor| [anchor, &[0]].concat()));
    case(
        "anchor-not-shortest",
        "The type of an anchor is written as 18 0f.",
        anchor(&|anchor| with_item(anchor, 0, &[0x19, 0, 15])),
    );
}

fn visits(book: &mut Book, good: &[u8], desk: &Desk) {
    let mut v1 = book.chapter(1);
    let mut case = |name, what, material: Vec<u8>| {
        v1.case(name, By::Stranger, what, material, Unreadable);
    };
    let evidence = desk.visits[0].encode();
    let with = |visits: &[Vec<u8>]| {
        let list: Vec<_> = visits.iter().map(|visit| bytes(visit)).collect();
        with_item(good, VISITS, &array(&list))
    };
    let field = |index: usize, item: &[u8]| with(&[with_item(&evidence, index, item)]);
    case("evidence-of-an-unknown-type", "The evidence has the type number 29.", field(0, &[0x18, 29]));
    case("evidence-of-another-version", "The evidence has the version 2.", field(1, &[2]));
    case(
        "evidence-with-a-field-more",
        "The evidence has a tenth field.",
        with(&[array(&[items(&evidence), vec![vec![0xf6]]].concat())]),
    );
    case(
        "evidence-without-its-commit",
        "The evidence ends before its commit.",
        with(&[array(&items(&evidence)[..8])]),
    );
    case(
        "evidence-with-a-byte-more",
        "A byte follows the evidence.",
        with(&[[&evidence[..], &[0]].concat()]),
    );
    case(
        "evidence-not-shortest",
        "The length of the presence has eight bytes.",
        with(&[change_item(&evidence, 2, with_long_head)]),
    );
    case(
        "evidence-in-pieces",
        "The presence comes in two pieces.",
        with(&[change_item(&evidence, 2, in_pieces)]),
    );
    case("evidence-of-an-unknown-algorithm", "The card's algorithm is −38.", field(3, &[0x38, 37]));
    case("evidence-of-a-positive-algorithm", "The card's algorithm is 1.", field(3, &[1]));
    case("evidence-with-a-short-blind", "The blind has 31 bytes.", field(6, &bytes(&[0; 31])));
    case("evidence-with-a-long-blind", "The blind has 33 bytes.", field(6, &bytes(&[0; 33])));
    case("evidence-with-text-for-bytes", "The certificate is text.", field(5, b"\x61x"));
    case("evidence-empty", "The evidence is an empty byte string.", with(&[Vec::new()]));
    let redacted =
        Redacted { presence: desk.visits[0].presence.clone(), commit: desk.visits[0].commit.clone() };
    case(
        "full-and-redacted-mixed",
        "A full and a redacted visit stand in one bundle.",
        with(&[evidence.clone(), redacted.encode()]),
    );
    case(
        "redacted-and-full-mixed",
        "A redacted and a full visit stand in one bundle.",
        with(&[redacted.encode(), evidence.clone()]),
    );
}
