//! V11: what the class is capped at.

use jushin_statement::{Class, ElementKind};

use super::USUAL;
use crate::answer::{Window, valid};
use crate::book::{Book, By};
use crate::world::{extension, millisecond_clock};
use crate::{Desk, Form, world};

pub(super) fn write(book: &mut Book) {
    let mut v11 = book.chapter(11);
    let mut case = |name, by, what, desk: Desk, trust: &'static str, answer| {
        v11.case(name, by, what, desk, answer).under(trust);
    };
    let capped = |class| valid(USUAL, class).because(&[15]);
    let tpm = Window::of(-799, 74_026);
    let day = Desk::complete;
    case(
        "class-without-a-policy",
        By::Host,
        "A simulated element, and no policy that lifts its cap.",
        day(Form::Demo),
        "trust-without-policy",
        capped(Class::OrderOnly),
    );
    case(
        "class-of-software-lifted-in-vain",
        By::Host,
        "A software element under an unmarked CA, and a policy that lifts the cap.",
        day(Form::Software),
        "trust",
        capped(Class::OrderOnly).real(),
    );
    case(
        "class-capped-by-the-policy",
        By::Host,
        "The policy caps applets at an interval.",
        day(Form::Applet),
        "trust-caps",
        capped(Class::Interval).real(),
    );
    case(
        "class-of-a-demo-capped-by-the-policy",
        By::Host,
        "The policy caps simulated software at a date.",
        day(Form::Demo),
        "trust-caps",
        capped(Class::Date),
    );
    case(
        "class-of-a-tpm-capped-by-the-policy",
        By::Host,
        "The policy caps TPMs at the order.",
        day(Form::Tpm),
        "trust-caps",
        valid(tpm, Class::OrderOnly).real().because(&[15]),
    );
    case(
        "class-of-software-capped-at-nothing",
        By::Host,
        "The policy allows software no class, its CA being marked.",
        day(Form::Demo),
        "trust-cap-none",
        capped(Class::None),
    );
    case(
        "class-of-unmarked-software-capped-at-nothing",
        By::Host,
        "The policy allows software no class, its CA not being marked.",
        day(Form::Software),
        "trust-cap-none",
        capped(Class::None).real(),
    );
    case(
        "class-of-a-tpm-lifted-in-vain",
        By::Host,
        "The policy allows TPMs the highest class.",
        day(Form::Tpm),
        "trust-tpm-cap-four",
        valid(tpm, Class::Date).real().because(&[15]),
    );
    case(
        "class-of-a-window-just-tight-enough",
        By::Host,
        "The window is as wide as the policy's widest tight one.",
        day(Form::Demo),
        "trust-tight-3915",
        valid(USUAL, Class::Tight),
    );
    case(
        "class-of-a-window-too-wide",
        By::Host,
        "The window is a millisecond wider than a tight one.",
        day(Form::Demo),
        "trust-tight-3914",
        valid(USUAL, Class::Date),
    );
    // Its own mark is no mark of its CA.
    let marked = extension(ElementKind::Software, millisecond_clock(100), true);
    let mut desk = day(Form::Software);
    desk.certificate = world().element_certificate(&world().element_ca, &desk.device, &marked);
    case(
        "class-lifted-by-its-own-mark",
        By::Certifier,
        "An element that says it is simulated, under an unmarked CA.",
        desk,
        "trust",
        capped(Class::OrderOnly),
    );
}
