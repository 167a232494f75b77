//! V5: the presence; and what happens to one that is changed after it was signed.

use jushin_statement::{
    AuthenticationForm, CardChallenge, Class, Hash, HolderCheck, Id16, InstitutionCode, Presence, Purpose,
};

use super::USUAL;
use crate::answer::{conflict, invalid, stopped, valid};
use crate::book::{Book, By};
use crate::forge::{closed, edited, visited, with_presence};
use crate::world::OTHER_INSTITUTION;
use crate::{Desk, Edit, Form};

pub(super) fn write(book: &mut Book) {
    signed(book);
    changed_afterwards(book);
}

fn signed(book: &mut Book) {
    let mut v5 = book.chapter(5);
    let mut desk = Desk::unlocked(Form::Demo);
    desk.wait(30_000);
    desk.power_on();
    v5.case(
        "unlock-of-another-power-cycle",
        By::Element,
        "The unlock was of the power cycle before.",
        visited(desk, &Edit::default()),
        invalid(&[7]),
    );
    let mut case = |name, what, presence: &dyn Fn(&mut Presence), answer| {
        v5.case(name, By::Element, what, edited(&Edit { presence, ..Edit::default() }), answer);
    };
    case(
        "holder-check-not-allowed",
        "The photo was checked by eye, which the binding does not allow.",
        &|presence| presence.method = HolderCheck::PhotoVisual,
        invalid(&[7]),
    );
    case(
        "holder-check-by-pin",
        "The holder gave a PIN, which the binding allows.",
        &|presence| (presence.method, presence.method_record) = (HolderCheck::Pin, None),
        valid(USUAL, Class::Tight),
    );
    // Counter 2 is the first stamp's; its count lies far below the presence's.
    case(
        "presence-before-its-unlock",
        "The presence has the counter value of the unlock's first stamp.",
        &|presence| presence.counter = 2,
        conflict(&[7, 8, 12, 14]),
    );
    case(
        "presence-at-its-unlock",
        "The presence has the counter value of the unlock's second stamp.",
        &|presence| presence.counter = 3,
        conflict(&[7, 8, 12]),
    );
    case(
        "presence-in-an-emergency",
        "The purpose is an emergency: any purpose will do.",
        &|presence| presence.purpose = Purpose::Emergency,
        valid(USUAL, Class::Tight),
    );
    case(
        "presence-at-a-thin-desk",
        "A desk is named: a claim.",
        &|presence| presence.desk = Some(Id16([1; 16])),
        valid(USUAL, Class::Tight),
    );
}

fn changed_afterwards(book: &mut Book) {
    let mut v5 = book.chapter(5);
    let mut case = |name, by, what, change: &dyn Fn(&mut Presence), reasons: &[u8]| {
        v5.case(name, by, what, with_presence(change), invalid(reasons));
    };
    let other = Hash::of(b"another");
    let elsewhere = InstitutionCode::new(OTHER_INSTITUTION).unwrap();
    case(
        "changed-institution",
        By::Institution,
        "Another institution claims the visit.",
        &|presence| presence.institution = elsewhere,
        &[4, 8, 9],
    );
    case(
        "changed-desk",
        By::Host,
        "Another desk is named.",
        &|presence| presence.desk = Some(Id16([1; 16])),
        &[8, 9],
    );
    case(
        "changed-unlock",
        By::Host,
        "Another unlock is named.",
        &|presence| presence.anchor = other,
        &[5, 8, 9],
    );
    case(
        "changed-power-cycle",
        By::Host,
        "Another power cycle is named.",
        &|presence| presence.ticks.cycle = other.first16(),
        &[7, 8, 9],
    );
    case(
        "changed-count",
        By::Host,
        "The visit begins a tick later.",
        &|presence| presence.ticks.count += 1,
        &[8, 9],
    );
    case(
        "changed-counter",
        By::Host,
        "The visit begins at the next counter value.",
        &|presence| presence.counter += 1,
        &[8, 9],
    );
    case(
        "changed-nonce",
        By::Host,
        "The element's nonce is another.",
        &|presence| presence.nonce = other.first16(),
        &[8, 9],
    );
    case(
        "changed-challenge",
        By::Host,
        "The card's challenge is another.",
        &|presence| presence.challenge = CardChallenge::new(&[8; 16]).unwrap(),
        &[8, 9],
    );
    case(
        "changed-form",
        By::Host,
        "Another form of authentication is claimed.",
        &|presence| presence.form = AuthenticationForm::CoversDigest,
        &[8, 9],
    );
    case(
        "changed-certificate-hash",
        By::Host,
        "Another certificate is named.",
        &|presence| presence.certificate = other,
        &[8, 9],
    );
    case(
        "changed-method",
        By::Institution,
        "Another holder check is claimed that is allowed.",
        &|presence| presence.method = HolderCheck::Pin,
        &[8, 9],
    );
    case(
        "changed-method-to-one-not-allowed",
        By::Institution,
        "Another holder check is claimed that is not allowed.",
        &|presence| presence.method = HolderCheck::PhotoVisual,
        &[7, 8, 9],
    );
    case(
        "changed-method-record",
        By::Institution,
        "The record of the holder check is withdrawn.",
        &|presence| presence.method_record = None,
        &[8, 9],
    );
    case(
        "changed-purpose",
        By::Institution,
        "A check-in becomes an emergency.",
        &|presence| presence.purpose = Purpose::Emergency,
        &[8, 9],
    );
    case(
        "added-consent",
        By::Institution,
        "A consent is added that nobody gave.",
        &|presence| (presence.purpose, presence.consent) = (Purpose::CheckInAndConsent, Some(other)),
        &[8, 9],
    );
    case(
        "changed-beacon",
        By::Host,
        "A beacon is named.",
        &|presence| presence.beacon = Some(other),
        &[8, 9],
    );
    case(
        "changed-predecessor",
        By::Host,
        "Another record before is named.",
        &|presence| presence.previous = other,
        &[8, 9],
    );
    v5.case(
        "changed-element",
        By::Host,
        "An element is named of which nothing is known.",
        with_presence(|presence| presence.element = other.first16()),
        stopped(2),
    );
    let consent = |hash: &'static [u8]| {
        move |presence: &mut Presence| {
            (presence.purpose, presence.consent) = (Purpose::CheckInAndConsent, Some(Hash::of(hash)))
        }
    };
    let mut desk = Desk::unlocked(Form::Demo);
    desk.wait(60_000);
    desk.visit_with(&Edit { presence: &consent(b"one institution"), ..Edit::default() });
    let mut desk = closed(desk);
    let mut presence = <Presence as jushin_statement::Object>::decode(&desk.visits[0].presence).unwrap();
    consent(b"every institution")(&mut presence);
    desk.visits[0].presence = jushin_statement::Object::encode(&presence).into();
    v5.case(
        "changed-consent",
        By::Institution,
        "Another consent stands in place of the one that the card signed.",
        desk,
        invalid(&[8, 9]),
    );
}
