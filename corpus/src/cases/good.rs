//! Nothing was done to these.

use jushin_statement::{AuthenticationForm, Class, Hash, Purpose};

use super::{OFFLINE, USUAL};
use crate::answer::{Window, open_ended, valid};
use crate::book::{Book, By};
use crate::forge::{closed, edited, open_day};
use crate::{Card, Desk, Edit, Form};

const HOUR: i64 = 3_600_000;

pub(super) fn write(book: &mut Book) {
    elements(book);
    cards(book);
    days(book);
}

fn elements(book: &mut Book) {
    let mut good = book.chapter(12);
    let usual = valid(USUAL, Class::Tight);
    good.case(
        "good-demo",
        By::Nobody,
        "A visit at a simulated element under a marked CA, whose cap the policy lifts.",
        Desk::complete(Form::Demo),
        usual.clone(),
    );
    good.case(
        "good-applet",
        By::Nobody,
        "A visit at an applet with a clock.",
        Desk::complete(Form::Applet),
        usual.real(),
    );
    good.case(
        "good-software",
        By::Nobody,
        "A visit at a software element under an unmarked CA: the order only.",
        Desk::complete(Form::Software),
        valid(USUAL, Class::OrderOnly).real().because(&[15]),
    );
    // The close states 122 201; there are no ticks that bound.
    good.case(
        "good-date-stamp",
        By::Nobody,
        "A visit at an applet that counts records, closed two minutes after its unlock.",
        Desk::complete(Form::DateStamp),
        valid(Window::of(-799, 123_201), Class::Tight).real(),
    );
    // Later end: 1201 + 61 901 / 0.85.
    good.case(
        "good-tpm",
        By::Nobody,
        "A visit at a TPM: never more than a date.",
        Desk::complete(Form::Tpm),
        valid(Window::of(-799, 74_026), Class::Date).real().because(&[15]),
    );
}

fn cards(book: &mut Book) {
    use AuthenticationForm::{CardBindsInstitution, CoversDigest, OpensState};
    let mut good = book.chapter(7);
    for (name, what, card, form) in [
        ("good-card-pss", "The card signs with RSASSA-PSS.", Card::Pss, OpensState),
        ("good-card-p384", "The card signs with P-384.", Card::P384, OpensState),
        ("good-card-covers-digest", "EXTERNAL AUTHENTICATE covers the digest.", Card::Rsa, CoversDigest),
        (
            "good-card-binds-institution",
            "The card signs over the institution too.",
            Card::Rsa,
            CardBindsInstitution,
        ),
        (
            "good-card-p384-binds-institution",
            "A P-384 card signs over the institution too.",
            Card::P384,
            CardBindsInstitution,
        ),
        (
            "good-card-pss-binds-institution",
            "A PSS card signs over the institution too.",
            Card::Pss,
            CardBindsInstitution,
        ),
    ] {
        let desk = edited(&Edit { card, presence: &|presence| presence.form = form, ..Edit::default() });
        good.case(name, By::Nobody, what, desk, valid(USUAL, Class::Tight));
    }
    let consent = edited(&Edit {
        presence: &|presence| {
            (presence.purpose, presence.consent) = (Purpose::CheckInAndConsent, Some(Hash::of(b"consent")));
        },
        ..Edit::default()
    });
    good.case(
        "good-consent",
        By::Nobody,
        "The card also signs a consent.",
        consent,
        valid(USUAL, Class::Tight),
    );
}

fn days(book: &mut Book) {
    let mut good = book.chapter(10);
    let mut open = open_day(Form::Demo);
    open.visit();
    good.case(
        "good-not-closed",
        By::Nobody,
        "No close yet: the element's own clock bounds the visit.",
        open,
        valid(USUAL, Class::Tight),
    );
    let mut date = open_day(Form::DateStamp);
    date.visit();
    good.case(
        "good-open-ended",
        By::Nobody,
        "An element that counts records, not closed yet.",
        date,
        open_ended(Window::since(-799)).real(),
    );
    let mut offline = Desk::unlocked(Form::Demo);
    offline.power_on();
    offline.unlock_offline();
    offline.wait(60_000);
    offline.visit();
    good.case(
        "good-offline",
        By::Nobody,
        "Unlocked by an administrator's card between an online unlock and the close.",
        closed(offline),
        valid(OFFLINE, Class::Tight),
    );
    for (name, what, before, after, class) in [
        (
            "good-date",
            "Records are counted, an hour before the visit and an hour after it.",
            HOUR,
            HOUR,
            Class::Date,
        ),
        (
            "good-interval",
            "Records are counted, and midnight in Japan lies between unlock and close.",
            15 * HOUR,
            HOUR,
            Class::Interval,
        ),
    ] {
        let mut desk = Desk::unlocked(Form::DateStamp);
        desk.wait(before);
        desk.visit();
        desk.wait(after);
        desk.close();
        // Unlocked at 401; the check-in takes 1500, the close 300.
        let latest = 401 + before + 1_500 + after + 300 + 1_000;
        good.case(name, By::Nobody, what, desk, valid(Window::of(-799, latest), class).real());
    }
    midnight(book);
    let mut good = book.chapter(10);
    let mut several = open_day(Form::Demo);
    several.visit();
    several.wait(58_500);
    several.visit();
    // A minute later: 119 999 / 1.0001 and 121 901 / 0.9999.
    let second = valid(Window::of(119_188, 123_115), Class::Tight);
    good.case(
        "good-two-visits",
        By::Nobody,
        "Two visits of one power cycle.",
        closed(several),
        vec![valid(USUAL, Class::Tight), second],
    );
}

/// Narrow windows across midnight in Japan: a clock proves them as they are, a count of records proves dates.
fn midnight(book: &mut Book) {
    let mut good = book.chapter(11);
    let to_midnight = 15 * HOUR + 20 * 60_000;
    for (name, what, form, before, class) in [
        (
            "good-date-stamp-across-midnight",
            "Records are counted, unlocked at 23:59, closed at 00:01.",
            Form::DateStamp,
            to_midnight - 60_000,
            Class::Interval,
        ),
        (
            "good-date-stamp-before-midnight",
            "Records are counted, unlocked at 23:57, closed at 23:59.",
            Form::DateStamp,
            to_midnight - 180_000,
            Class::Tight,
        ),
    ] {
        let mut desk = Desk::new(form);
        desk.wait(before);
        desk.unlock();
        desk.wait(59_000);
        desk.visit();
        desk.wait(59_000);
        desk.close();
        // As in the morning: the token may be a second late, the close states 120 201 and may be a second early.
        let window = Window::of(before - 799, before + 121_201);
        good.case(name, By::Nobody, what, desk, valid(window, class).real());
    }
    let mut desk = Desk::new(Form::Applet);
    let before = to_midnight - 61_000;
    desk.wait(before);
    desk.unlock();
    desk.wait(60_000);
    desk.visit();
    good.case(
        "good-clock-across-midnight",
        By::Nobody,
        "An applet with a clock, in the second before midnight.",
        desk,
        valid(Window::of(before + 59_194, before + 63_109), Class::Tight).real(),
    );
}
