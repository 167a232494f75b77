//! V8: dates and revocation of the card's certificate, over a window of 59 194 to 63 109.

use jushin_pki::issue::{Issuer, Template};
use jushin_pki::{KeyKind, Moment, ObjectIdentifier, oid};
use jushin_statement::{Bytes, Class};

use super::USUAL;
use crate::answer::{Answer, invalid, undecided, valid};
use crate::book::{Book, By};
use crate::forge::edited;
use crate::ocsp::{Responder, Says, response};
use crate::world::{Holder, MORNING, World, YEAR, key, leaf, template, time_stamper_extensions};
use crate::{Desk, Edit, Form, world};

pub(super) fn write(book: &mut Book) {
    dates(book);
    lists(book);
    answers(book);
    delegates(book);
}

fn unknown() -> Answer {
    undecided(&[11], USUAL, Class::Tight)
}

fn good() -> Answer {
    valid(USUAL, Class::Tight)
}

fn dates(book: &mut Book) {
    let mut v8 = book.chapter(8);
    for (name, what, from, until, answer) in [
        ("card-expired-before", "The card's certificate had ended.", -YEAR, 58_000, invalid(&[10])),
        (
            "card-expired-a-year-before",
            "The card's certificate ended a year ago.",
            -YEAR - 1,
            -YEAR,
            invalid(&[10]),
        ),
        ("card-expired-within", "The card's certificate ends within the window.", -YEAR, 60_000, unknown()),
        (
            "card-expired-at-the-beginning",
            "The window begins in the certificate's last second.",
            -YEAR,
            59_000,
            unknown(),
        ),
        (
            "card-expired-in-the-last-second",
            "The window ends in the certificate's last second.",
            -YEAR,
            63_000,
            good(),
        ),
        (
            "card-not-yet-valid",
            "The card's certificate begins after the window.",
            64_000,
            YEAR,
            invalid(&[10]),
        ),
        (
            "card-valid-from-within",
            "The card's certificate begins within the window.",
            60_000,
            YEAR,
            unknown(),
        ),
        (
            "card-valid-from-just-before",
            "The card's certificate begins just before the window.",
            59_000,
            YEAR,
            good(),
        ),
    ] {
        let certificate = Some(world().card_certificate(MORNING + from, MORNING + until));
        v8.case(name, By::CardHolder, what, edited(&Edit { certificate, ..Edit::default() }), answer);
    }
}

fn lists(book: &mut Book) {
    let mut v8 = book.chapter(8);
    let card = &world().card.certificate;
    let ca = &world().card_ca;
    let later = Desk::complete(Form::Demo).now + 3_600_000;
    let list = |at: i64, since: Option<i64>| -> Bytes {
        let revoked: Vec<_> = since.iter().map(|since| (card, MORNING + since)).collect();
        World::crl(ca, at, &revoked).into()
    };
    let mut case = |name, by, what, revocation: Vec<Bytes>, answer| {
        let mut bundle = Desk::complete(Form::Demo).bundle();
        bundle.revocation = revocation;
        v8.case(name, by, what, bundle, answer);
    };
    case(
        "card-revoked-before",
        By::CardHolder,
        "The card was revoked just before the window.",
        vec![list(later, Some(59_000))],
        invalid(&[10]),
    );
    case(
        "card-revoked-a-day-before",
        By::CardHolder,
        "The card was revoked the day before.",
        vec![list(later, Some(-86_400_000))],
        invalid(&[10]),
    );
    case(
        "card-revoked-within",
        By::CardHolder,
        "The card was revoked within the window.",
        vec![list(later, Some(60_000))],
        unknown(),
    );
    case(
        "card-revoked-at-the-end",
        By::CardHolder,
        "The card was revoked in the window's last second.",
        vec![list(later, Some(63_000))],
        unknown(),
    );
    case(
        "card-revoked-after",
        By::CardHolder,
        "The card was revoked just after the window.",
        vec![list(later, Some(64_000))],
        good(),
    );
    case("card-status-missing", By::Stranger, "No revocation data are there.", vec![], unknown());
    case(
        "card-status-of-before",
        By::Stranger,
        "The list is from an hour before.",
        vec![list(MORNING - 3_600_000, None)],
        unknown(),
    );
    case(
        "card-status-of-just-before",
        By::Stranger,
        "The list is from the second before the window.",
        vec![list(MORNING + 58_000, None)],
        unknown(),
    );
    case(
        "card-status-of-the-same-second",
        By::Stranger,
        "The list is from the second in which the window begins.",
        vec![list(MORNING + 59_000, None)],
        good(),
    );
    case(
        "card-revoked-and-forgotten",
        By::Platform,
        "An old list has the card, a new one does not.",
        vec![list(MORNING - 3_600_000, Some(-86_400_000)), list(later, None)],
        invalid(&[10]),
    );
    case(
        "card-revoked-on-a-list-from-before",
        By::Stranger,
        "Only an old list that has the card is there.",
        vec![list(MORNING - 3_600_000, Some(-86_400_000))],
        invalid(&[10]),
    );
    case(
        "card-list-of-a-ca-of-the-same-name",
        By::Stranger,
        "A CA of the same name with another key signed the list.",
        vec![World::crl(&world().other_card_ca, later, &[]).into()],
        unknown(),
    );
    case(
        "card-list-of-another-ca",
        By::Stranger,
        "The list is the staff CA's.",
        vec![World::crl(&world().staff_ca, later, &[]).into()],
        unknown(),
    );
    let mut damaged = list(later, None).to_vec();
    *damaged.last_mut().unwrap() ^= 1;
    case(
        "card-list-damaged",
        By::Stranger,
        "A bit of the list's signature is turned.",
        vec![damaged.into()],
        unknown(),
    );
    case(
        "card-list-with-a-byte-more",
        By::Stranger,
        "A byte follows the list.",
        vec![[&list(later, None)[..], &[0]].concat().into()],
        unknown(),
    );
    case(
        "card-list-is-none",
        By::Stranger,
        "In place of the list is an empty SEQUENCE.",
        vec![vec![0x30, 0].into()],
        unknown(),
    );
    case(
        "card-revoked-on-a-strangers-list",
        By::Stranger,
        "A CA of the same name with another key revokes the card.",
        vec![World::crl(&world().other_card_ca, later, &[(card, MORNING)]).into(), list(later, None)],
        good(),
    );
    case(
        "another-card-revoked",
        By::Stranger,
        "Another card was revoked.",
        vec![World::crl(ca, later, &[(&world().second_card.certificate, MORNING)]).into()],
        good(),
    );
}

fn answers(book: &mut Book) {
    let mut v8 = book.chapter(8);
    let (ca, card) = (&world().card_ca, &world().card.certificate);
    let other = &world().second_card.certificate;
    let later = Desk::complete(Form::Demo).now + 3_600_000;
    let mut case = |name, by, what, responses: &[Vec<u8>], answer| {
        let mut bundle = Desk::complete(Form::Demo).bundle();
        bundle.revocation = responses.iter().map(|response| response.clone().into()).collect();
        v8.case(name, by, what, bundle, answer);
    };
    let says = |says, at| response(ca, &Responder::ca(ca), card, says, at);
    let since = |millis: i64| Says::Revoked(MORNING + millis);
    case(
        "good-ocsp",
        By::Nobody,
        "The responder says good: enough without a list.",
        &[says(Says::Good, later)],
        good(),
    );
    case(
        "ocsp-revoked-before",
        By::CardHolder,
        "The responder says revoked before the window.",
        &[says(since(59_000), later)],
        invalid(&[10]),
    );
    case(
        "ocsp-revoked-within",
        By::CardHolder,
        "The responder says revoked within the window.",
        &[says(since(60_000), later)],
        unknown(),
    );
    case(
        "ocsp-revoked-after",
        By::CardHolder,
        "The responder says revoked after the window.",
        &[says(since(64_000), later)],
        good(),
    );
    case(
        "ocsp-unknown",
        By::Stranger,
        "The responder does not know the card.",
        &[says(Says::Unknown, later)],
        unknown(),
    );
    case(
        "ocsp-good-before",
        By::Stranger,
        "The responder said good an hour before.",
        &[says(Says::Good, MORNING - 3_600_000)],
        unknown(),
    );
    case(
        "ocsp-of-another-card",
        By::Stranger,
        "The responder says that another card is good.",
        &[response(ca, &Responder::ca(ca), other, Says::Good, later)],
        unknown(),
    );
    case(
        "ocsp-by-a-ca-of-the-same-name",
        By::Stranger,
        "A CA of the same name with another key signed the response.",
        &[response(ca, &Responder::ca(&world().other_card_ca), card, Says::Good, later)],
        unknown(),
    );
    case(
        "ocsp-of-a-ca-of-the-same-name",
        By::Stranger,
        "The response is about a CA of the same name with another key.",
        &[response(&world().other_card_ca, &Responder::ca(&world().other_card_ca), card, Says::Good, later)],
        unknown(),
    );
    case(
        "ocsp-by-another-ca",
        By::Stranger,
        "The staff CA signed the response.",
        &[response(ca, &Responder::ca(&world().staff_ca), card, Says::Good, later)],
        unknown(),
    );
    case(
        "ocsp-revoked-by-a-stranger",
        By::Stranger,
        "A CA of the same name revokes the card, the right one does not.",
        &[
            response(ca, &Responder::ca(&world().other_card_ca), card, since(0), later),
            says(Says::Good, later),
        ],
        good(),
    );
    let mut damaged = says(Says::Good, later);
    *damaged.last_mut().unwrap() ^= 1;
    case("ocsp-damaged", By::Stranger, "A bit of the response's signature is turned.", &[damaged], unknown());
    case(
        "ocsp-try-later",
        By::Stranger,
        "The responder asks to try later.",
        &[vec![0x30, 3, 0x0a, 1, 3]],
        unknown(),
    );
    case(
        "ocsp-good-after-revoked",
        By::Platform,
        "One response says revoked before the window, a newer one good.",
        &[says(since(0), MORNING + 1_000), says(Says::Good, later)],
        invalid(&[10]),
    );
}

/// The CA left the answers to somebody else.
fn delegates(book: &mut Book) {
    let mut v8 = book.chapter(8);
    let (ca, card) = (&world().card_ca, &world().card.certificate);
    let later = Desk::complete(Form::Demo).now + 3_600_000;
    let mut case = |name, by, what, responder: &Responder<'_>, answer| {
        let mut bundle = Desk::complete(Form::Demo).bundle();
        bundle.revocation = vec![response(ca, responder, card, Says::Good, later).into()];
        v8.case(name, by, what, bundle, answer);
    };
    let responder_key = key(KeyKind::Rsa2048);
    let with = |ca: &Issuer, usages: &[ObjectIdentifier]| {
        let extensions = time_stamper_extensions(usages, false);
        leaf(ca, "OCSP responder", responder_key.clone(), extensions)
    };
    let good_one = with(ca, &[oid::OCSP_SIGNING]);
    case(
        "good-ocsp-delegate",
        By::Nobody,
        "A responder under the card CA says good.",
        &Responder::delegate(&good_one),
        good(),
    );
    case(
        "ocsp-delegate-without-its-certificate",
        By::Stranger,
        "The responder's certificate was left out.",
        &Responder { embedded: false, ..Responder::delegate(&good_one) },
        unknown(),
    );
    case(
        "ocsp-delegate-for-something-else",
        By::Stranger,
        "The signer under the card CA is no responder.",
        &Responder::delegate(&with(ca, &[oid::CLIENT_AUTH])),
        unknown(),
    );
    case(
        "ocsp-delegate-of-another-ca",
        By::Stranger,
        "The responder is another CA's.",
        &Responder::delegate(&with(&world().staff_ca, &[oid::OCSP_SIGNING])),
        unknown(),
    );
    case(
        "ocsp-delegate-of-a-ca-of-the-same-name",
        By::Stranger,
        "The responder is of a CA of the same name with another key.",
        &Responder::delegate(&with(&world().other_card_ca, &[oid::OCSP_SIGNING])),
        unknown(),
    );
    let card_holder = &world().second_card;
    case(
        "ocsp-by-a-card",
        By::CardHolder,
        "Another patient's card signed the response.",
        &Responder::delegate(card_holder),
        unknown(),
    );
    let usages = time_stamper_extensions(&[oid::OCSP_SIGNING], false);
    let ended =
        Template { not_after: Moment(MORNING), ..template("OCSP responder", responder_key.spki(), usages) };
    let ended = Holder { key: responder_key.clone(), certificate: ca.issue(&ended).unwrap() };
    case(
        "ocsp-delegate-expired",
        By::Stranger,
        "The responder's certificate had ended when it answered.",
        &Responder::delegate(&ended),
        unknown(),
    );
}
