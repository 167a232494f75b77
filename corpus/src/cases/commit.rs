//! V6: the element's commit.

use jushin_statement::{
    Alg, Class, Commit, CommitOutcome, Context, Hash, Id16, KeyHint, Signed, to_be_signed,
};

use super::USUAL;
use crate::answer::{conflict, invalid, valid};
use crate::book::{Book, By};
use crate::forge::{P256_ORDER, edited, flipped, open_day, resigned, tampered, twin, visited};
use crate::world::sign_es256;
use crate::{Desk, Edit, Form, world};

pub(super) fn write(book: &mut Book) {
    contents(book);
    signatures(book);
    sessions(book);
}

fn contents(book: &mut Book) {
    let mut v6 = book.chapter(6);
    let mut case = |name, what, commit: &dyn Fn(&mut Commit), answer| {
        v6.case(name, By::Element, what, edited(&Edit { commit, ..Edit::default() }), answer);
    };
    let other = Hash::of(b"another");
    case(
        "commit-given-up",
        "The session was given up.",
        &|commit| (commit.outcome, commit.card_signature) = (CommitOutcome::Aborted, None),
        invalid(&[8]),
    );
    case(
        "commit-too-late",
        "The card signed too late.",
        &|commit| (commit.outcome, commit.card_signature) = (CommitOutcome::TooLate, None),
        invalid(&[8]),
    );
    case(
        "commit-of-another-presence",
        "The commit names the hash of another presence.",
        &|commit| commit.presence = other,
        invalid(&[8]),
    );
    case(
        "commit-of-another-signature",
        "The commit names the hash of another card signature.",
        &|commit| commit.card_signature = Some(other),
        invalid(&[8]),
    );
    case(
        "commit-after-another-record",
        "The commit does not follow its presence.",
        &|commit| commit.previous = other,
        invalid(&[8]),
    );
    case(
        "commit-after-nothing",
        "The commit says that nothing came before.",
        &|commit| commit.previous = Hash::ZERO,
        invalid(&[8]),
    );
    // The presence is at 60 400, the commit at nought: the clock runs backwards too.
    case(
        "commit-before-its-presence",
        "The commit's count is below the presence's.",
        &|commit| commit.ticks.count = 0,
        conflict(&[8, 14]),
    );
    // The close, of the first power cycle, comes after it.
    case(
        "commit-of-another-power-cycle",
        "The commit is of another power cycle, within this one.",
        &|commit| commit.ticks.cycle = Id16([3; 16]),
        conflict(&[8, 14]),
    );
    // The close then has the same counter value and names the commit as its predecessor, under counter 5.
    case(
        "commit-skips-a-counter",
        "The commit's counter is one too high, and the next record's the same.",
        &|commit| commit.counter += 1,
        conflict(&[8, 12]),
    );
    let mut open = |name, what, commit: &dyn Fn(&mut Commit), answer| {
        let mut desk = open_day(Form::Demo);
        desk.visit_with(&Edit { commit, ..Edit::default() });
        v6.case(name, By::Element, what, desk, answer);
    };
    open(
        "commit-skips-a-counter-at-the-end",
        "The commit's counter is one too high, and nothing follows.",
        &|commit| commit.counter += 1,
        invalid(&[8]),
    );
    open(
        "commit-of-the-next-power-cycle",
        "The commit is of another power cycle, and nothing follows.",
        &|commit| commit.ticks.cycle = Id16([3; 16]),
        invalid(&[8]),
    );
    open(
        "commit-names-another-element",
        "The commit names another element.",
        &|commit| commit.element = Id16([3; 16]),
        invalid(&[8]),
    );
}

fn signatures(book: &mut Book) {
    let mut v6 = book.chapter(6);
    let mut case = |name, by, what, change: &dyn Fn(&[u8]) -> Vec<u8>, answer| {
        let desk = tampered(|evidence| evidence.commit = resigned(&evidence.commit, change));
        v6.case(name, by, what, desk, answer);
    };
    let bad = || invalid(&[8]);
    case(
        "commit-with-the-twin-signature",
        By::Stranger,
        "s became n − s: as valid, and the same visit.",
        &|signature| twin(signature, &P256_ORDER),
        valid(USUAL, Class::Tight),
    );
    case(
        "commit-with-a-damaged-signature",
        By::Stranger,
        "A bit of the element's signature is turned.",
        &|signature| flipped(signature, 40),
        bad(),
    );
    case(
        "commit-with-s-zero",
        By::Stranger,
        "s is 0.",
        &|signature| [&signature[..32], &[0; 32]].concat(),
        bad(),
    );
    case(
        "commit-with-r-zero",
        By::Stranger,
        "r is 0.",
        &|signature| [&[0; 32], &signature[32..]].concat(),
        bad(),
    );
    case("commit-with-both-zero", By::Stranger, "r and s are 0.", &|_| vec![0; 64], bad());
    case(
        "commit-with-s-the-order",
        By::Stranger,
        "s is n.",
        &|signature| [&signature[..32], &P256_ORDER[..]].concat(),
        bad(),
    );
    case(
        "commit-with-r-the-order",
        By::Stranger,
        "r is n.",
        &|signature| [&P256_ORDER[..], &signature[32..]].concat(),
        bad(),
    );
    case(
        "commit-with-s-all-ones",
        By::Stranger,
        "s is 2^256 − 1.",
        &|signature| [&signature[..32], &[0xff; 32]].concat(),
        bad(),
    );
    case(
        "commit-with-r-and-s-swapped",
        By::Stranger,
        "r and s stand in each other's place.",
        &|signature| [&signature[32..], &signature[..32]].concat(),
        bad(),
    );
    case(
        "commit-with-a-short-signature",
        By::Stranger,
        "The signature has 63 bytes.",
        &|signature| signature[..63].to_vec(),
        bad(),
    );
    case(
        "commit-with-a-long-signature",
        By::Stranger,
        "A zero stands before the signature.",
        &|signature| [&[0], signature].concat(),
        bad(),
    );
    case(
        "commit-with-a-der-signature",
        By::Stranger,
        "The signature is in DER instead of r and s.",
        &|signature| der(signature),
        bad(),
    );
    case("commit-without-a-signature", By::Stranger, "The signature is empty.", &|_| Vec::new(), bad());
    let mut case = |name, what, sign: &dyn Fn(&Commit, &[u8]) -> Signed| {
        let desk = tampered(|evidence| {
            let parsed = evidence.commit.parse().unwrap();
            evidence.commit = sign(&parsed.object().unwrap(), parsed.signature);
        });
        v6.case(name, By::Element, what, desk, invalid(&[8]));
    };
    case("commit-by-another-element", "Another element signed the commit.", &|commit, _| {
        sign_es256(commit, &world().second_device)
    });
    let payload = |commit: &Commit| jushin_statement::Object::encode(commit);
    let key = &world().device;
    case("commit-with-a-key-id", "The commit's header has a key id.", &|commit, _| {
        let hint = Some(KeyHint::of_spki(key.spki()));
        let message = to_be_signed(Context::Element, Alg::Es256, hint, &payload(commit));
        Signed::assemble(
            Alg::Es256,
            hint,
            &payload(commit),
            &key.sign(jushin_pki::Suite::P256Sha256Cose, &message).unwrap(),
        )
    });
    for (name, what, context) in [
        (
            "commit-under-the-context-of-a-presence",
            "The commit is signed as if by a card.",
            Context::Presence,
        ),
        (
            "commit-under-the-context-of-a-receipt",
            "The commit is signed as if it were a receipt.",
            Context::Receipt,
        ),
        ("commit-under-the-context-of-a-pairing", "The commit is signed as if by a terminal.", Context::Pair),
        (
            "commit-under-the-context-of-an-enrolment",
            "The commit is signed as a request for a certificate.",
            Context::Enrol,
        ),
    ] {
        case(name, what, &|commit, _| {
            let message = to_be_signed(context, Alg::Es256, None, &payload(commit));
            Signed::assemble(
                Alg::Es256,
                None,
                &payload(commit),
                &key.sign(jushin_pki::Suite::P256Sha256Cose, &message).unwrap(),
            )
        });
    }
    for (name, what, alg) in [
        ("commit-labelled-es384", "The commit says ES384.", Alg::Es384),
        ("commit-labelled-rs256", "The commit says RS256.", Alg::Rs256),
        ("commit-labelled-eddsa", "The commit says EdDSA.", Alg::EdDsa),
    ] {
        case(name, what, &|commit, signature| Signed::assemble(alg, None, &payload(commit), signature));
    }
    let mut two = open_day(Form::Demo);
    two.visit();
    two.wait(58_500);
    two.visit();
    two.visits[1].commit = two.visits[0].commit.clone();
    // It then ends a minute before it begins.
    v6.case(
        "commit-of-another-visit",
        By::Host,
        "The second visit has the first one's commit.",
        two,
        vec![valid(USUAL, Class::Tight), conflict(&[8, 14])],
    );
}

/// SEQUENCE of two INTEGERs.
fn der(signature: &[u8]) -> Vec<u8> {
    let mut writer = jushin_pki::der::Writer::new();
    writer.nest(jushin_pki::der::tag::SEQUENCE, |both| {
        both.unsigned(&signature[..32]);
        both.unsigned(&signature[32..]);
    });
    writer.into_bytes()
}

/// The session takes 1500 ticks.
fn sessions(book: &mut Book) {
    let mut v6 = book.chapter(6);
    for (name, what, limit, answer) in [
        ("session-too-long", "The session takes a tick more than the binding allows.", 1_499, invalid(&[8])),
        (
            "session-as-long-as-allowed",
            "The session takes exactly what the binding allows.",
            1_500,
            valid(USUAL, Class::Tight),
        ),
    ] {
        let mut desk = Desk::new(Form::Demo);
        desk.bind(|binding| binding.policy.session_ticks = limit);
        desk.unlock();
        v6.case(name, By::Host, what, visited(desk, &Edit::default()), answer);
    }
}
