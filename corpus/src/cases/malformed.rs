//! V1, one visit: a presence or a commit that is none. Nothing else of the visit is looked at.

use jushin_statement::{Evidence, Signed};

use crate::answer::stopped;
use crate::book::{Book, By, Chapter};
use crate::forge::tampered;
use crate::raw::{array, bytes, change_item, in_pieces, indefinite, items, with_item, with_long_head};
use crate::{Desk, Form};

pub(super) fn write(book: &mut Book) {
    presence_fields(book);
    presences(book);
    commits(book);
}

fn case(v1: &mut Chapter<'_>, name: &'static str, what: &'static str, change: impl FnOnce(&mut Evidence)) {
    v1.case(name, By::Host, what, tampered(change), stopped(1));
}

fn presence_fields(book: &mut Book) {
    let mut v1 = book.chapter(1);
    for (name, what, field, item) in [
        ("presence-of-another-type", "The presence has the type number 21.", 0, &[21][..]),
        ("presence-of-another-version", "The presence has the version 2.", 1, &[2]),
        ("presence-of-nine-digits", "The institution code has nine digits.", 2, b"\x69261320001"),
        ("presence-with-a-letter-in-the-code", "The institution code has a letter.", 2, b"\x6a261320001A"),
        (
            "presence-with-a-short-element",
            "The element's name has 15 bytes.",
            3,
            &[0x4f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ),
        ("presence-with-a-false-desk", "The desk is false instead of nil.", 4, &[0xf4]),
        (
            "presence-with-ticks-of-one",
            "The ticks have no count.",
            6,
            &[0x81, 0x50, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ),
        ("presence-with-a-negative-counter", "The counter is −5.", 7, &[0x24]),
        ("presence-with-a-float-counter", "The counter is the float 4.0.", 7, &[0xf9, 0x44, 0]),
        ("presence-with-a-long-counter", "The counter is written as 18 04.", 7, &[0x18, 4]),
        (
            "presence-with-a-challenge-of-seven",
            "The card's challenge has seven bytes.",
            9,
            &[0x47, 0, 0, 0, 0, 0, 0, 0],
        ),
        ("presence-of-form-zero", "The form of authentication is 0.", 10, &[0]),
        ("presence-of-form-four", "The form of authentication is 4.", 10, &[4]),
        ("presence-of-method-zero", "The holder check is 0.", 12, &[0]),
        ("presence-of-method-five", "The holder check is 5.", 12, &[5]),
        ("presence-of-purpose-zero", "The purpose is 0.", 14, &[0]),
        ("presence-of-purpose-five", "The purpose is 5.", 14, &[5]),
        (
            "presence-of-purpose-three-without-consent",
            "The purpose is a consent, and none is there.",
            14,
            &[3],
        ),
    ] {
        case(&mut v1, name, what, |evidence| {
            evidence.presence = with_item(&evidence.presence, field, item).into();
        });
    }
    let hash = bytes(&[1; 32]);
    case(
        &mut v1,
        "presence-with-a-consent-without-its-purpose",
        "A consent is there, and the purpose is a check-in.",
        |evidence| {
            evidence.presence = with_item(&evidence.presence, 15, &hash).into();
        },
    );
    let long = bytes(&[0; 33]);
    case(&mut v1, "presence-with-a-challenge-of-33", "The card's challenge has 33 bytes.", |evidence| {
        evidence.presence = with_item(&evidence.presence, 9, &long).into();
    });
}

fn presences(book: &mut Book) {
    let mut v1 = book.chapter(1);
    case(&mut v1, "presence-empty", "The presence is an empty byte string.", |evidence| {
        evidence.presence = Vec::new().into()
    });
    case(&mut v1, "presence-with-a-byte-more", "A byte follows the presence.", |evidence| {
        evidence.presence = [&evidence.presence[..], &[0]].concat().into();
    });
    case(&mut v1, "presence-cut", "The last field of the presence is missing.", |evidence| {
        evidence.presence = array(&items(&evidence.presence)[..17]).into();
    });
    case(&mut v1, "presence-with-a-field-more", "The presence has a nineteenth field.", |evidence| {
        evidence.presence = array(&[items(&evidence.presence), vec![vec![0xf6]]].concat()).into();
    });
    case(&mut v1, "presence-of-indefinite-length", "The presence ends with a break.", |evidence| {
        evidence.presence = indefinite(&evidence.presence).into();
    });
    case(&mut v1, "presence-with-a-long-head", "The length of a hash has eight bytes.", |evidence| {
        evidence.presence = change_item(&evidence.presence, 17, with_long_head).into();
    });
    case(&mut v1, "presence-in-pieces", "A hash comes in two pieces.", |evidence| {
        evidence.presence = change_item(&evidence.presence, 17, in_pieces).into();
    });
    case(&mut v1, "presence-tagged", "A tag stands before the presence.", |evidence| {
        evidence.presence = [&[0xc1], &evidence.presence[..]].concat().into();
    });
    case(
        &mut v1,
        "commit-for-presence",
        "The commit's payload stands in place of the presence.",
        |evidence| {
            evidence.presence = evidence.commit.parse().unwrap().payload.to_vec().into();
        },
    );
}

fn commits(book: &mut Book) {
    let mut v1 = book.chapter(1);
    let boot = Desk::new(Form::Demo).records[0].clone();
    case(&mut v1, "boot-for-commit", "A boot record stands in place of the commit.", |evidence| {
        evidence.commit = boot
    });
    case(&mut v1, "commit-empty", "The commit is an empty byte string.", |evidence| {
        evidence.commit = Signed(Vec::new().into())
    });
    let mut changed = |name, what, change: &dyn Fn(&[u8]) -> Vec<u8>| {
        case(&mut v1, name, what, |evidence| {
            evidence.commit = Signed(change(evidence.commit.as_bytes()).into());
        });
    };
    changed("commit-tagged", "The tag of COSE_Sign1 stands before the commit.", &|commit| {
        [&[0xd2], commit].concat()
    });
    changed("commit-with-a-byte-more", "A byte follows the commit.", &|commit| [commit, &[0]].concat());
    changed("commit-with-an-unprotected-header", "The unprotected header holds the algorithm.", &|commit| {
        with_item(commit, 1, &[0xa1, 1, 0x26])
    });
    changed("commit-with-an-unknown-header", "The protected header has one key more.", &|commit| {
        with_item(commit, 0, &bytes(&[0xa2, 1, 0x26, 3, 0]))
    });
    changed("commit-without-an-algorithm", "The protected header is empty.", &|commit| {
        with_item(commit, 0, &bytes(&[0xa0]))
    });
    changed(
        "commit-with-a-header-out-of-order",
        "The protected header has key id before algorithm.",
        &|commit| with_item(commit, 0, &bytes(&[&[0xa2, 4, 0x48][..], &[0; 8], &[1, 0x26]].concat())),
    );
    changed("commit-with-an-unknown-algorithm", "The algorithm of the commit is −46.", &|commit| {
        with_item(commit, 0, &bytes(&[0xa1, 1, 0x38, 45]))
    });
    changed("commit-of-three-items", "The signature of the commit is missing.", &|commit| {
        array(&items(commit)[..3])
    });
    changed("commit-detached", "The payload of the commit is nil.", &|commit| with_item(commit, 2, &[0xf6]));
    let payload = |change: &dyn Fn(&[u8]) -> Vec<u8>, commit: &[u8]| {
        change_item(commit, 2, |payload| bytes(&change(&crate::raw::content(payload))))
    };
    changed("commit-of-outcome-four", "The outcome is 4.", &|commit| {
        payload(&|payload| with_item(payload, 3, &[4]), commit)
    });
    changed(
        "commit-without-the-signatures-hash",
        "The outcome is 1 and the hash of the signature nil.",
        &|commit| payload(&|payload| with_item(payload, 5, &[0xf6]), commit),
    );
    changed(
        "commit-given-up-with-a-signature",
        "The outcome is 2 and there is a hash of the signature.",
        &|commit| payload(&|payload| with_item(payload, 3, &[2]), commit),
    );
    changed("commit-of-another-version", "The commit has the version 2.", &|commit| {
        payload(&|payload| with_item(payload, 1, &[2]), commit)
    });
    changed("commit-not-shortest", "The counter of the commit is written as 18 05.", &|commit| {
        payload(&|payload| with_item(payload, 7, &[0x18, 5]), commit)
    });
    changed("tpm-record-that-is-none", "The commit begins as a TPM's record and is none.", &|_| {
        vec![0x87, 16, 1, 0x40, 0x40, 0x40, 0x40, 0x40]
    });
}
