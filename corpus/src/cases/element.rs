//! V2: the element's certificate, and counter values that are void.

use jushin_pki::issue::{Issuer, NewExtension, Template};
use jushin_pki::{Certificate, KeyKind, KeyUsage, Moment, oid};
use jushin_statement::{BindingState, Class, ElementCaExtension, ElementKind, Id16, Object as _};

use super::{CLOSED, USUAL};
use crate::answer::{invalid, stopped, undecided, valid};
use crate::book::{Book, By};
use crate::forge::{closed, edited, open_day};
use crate::world::{
    MORNING, World, element_template, extension, millisecond_clock, root, sign_as_platform, sign_es256,
};
use crate::{Desk, Edit, Form, world};

pub(super) fn write(book: &mut Book) {
    trusted(book);
    certificates(book);
    dates(book);
    revoked(book);
    void(book);
}

fn trusted(book: &mut Book) {
    let mut v2 = book.chapter(2);
    let good = || Desk::complete(Form::Demo).bundle();
    v2.case("nobody-is-trusted", By::Stranger, "The trust folder is empty.", good(), stopped(2))
        .under("trust-nothing");
    v2.case("element-ca-not-trusted", By::Certifier, "The element's CA is not trusted.", good(), stopped(2))
        .under("trust-without-element-ca");
    let mut bundle = good();
    bundle.certificates.remove(0);
    v2.case(
        "element-certificate-missing",
        By::Stranger,
        "The element's certificate was left out.",
        bundle,
        stopped(2),
    );
    let mut bundle = good();
    bundle.certificates[0] = world().card_ca.certificate().der().into();
    v2.case(
        "element-certificate-of-somebody-else",
        By::Stranger,
        "A CA's certificate stands in its place.",
        bundle,
        stopped(2),
    );
    let mut bundle = good();
    let mut der = bundle.certificates[0].to_vec();
    *der.last_mut().unwrap() ^= 1;
    bundle.certificates[0] = der.into();
    v2.case(
        "element-certificate-damaged",
        By::Stranger,
        "A bit of the CA's signature is turned.",
        bundle,
        stopped(2),
    );
    let mut bundle = good();
    bundle.certificates[0] = [&bundle.certificates[0][..], &[0]].concat().into();
    v2.case(
        "element-certificate-with-a-byte-more",
        By::Stranger,
        "A byte follows the certificate.",
        bundle,
        stopped(2),
    );
    let other = Desk::with_device(Form::Demo, world().second_device.clone());
    let mut desk =
        edited(&Edit { presence: &|presence| presence.element = other.element, ..Edit::default() });
    desk.bindings.extend(other.bindings.clone());
    let mut bundle = desk.bundle();
    bundle.certificates.push(other.certificate.der().into());
    v2.case(
        "another-elements-name",
        By::Element,
        "The presence names another element than the one that signs.",
        bundle,
        invalid(&[5, 8]),
    );
}

/// A day whose element has this certificate.
fn certified(form: Form, certificate: Certificate) -> Desk {
    let mut desk = Desk::complete(form);
    desk.certificate = certificate;
    desk
}

fn marked() -> NewExtension {
    let software = extension(ElementKind::Software, millisecond_clock(100), true);
    NewExtension::new(oid::ELEMENT, false, software.encode())
}

fn certificates(book: &mut Book) {
    let mut v2 = book.chapter(2);
    let mut case = |name, what, ca: &Issuer, extensions: Vec<NewExtension>| {
        let template = Template {
            extensions,
            ..element_template(
                world().device.spki(),
                &extension(ElementKind::Software, millisecond_clock(100), true),
            )
        };
        v2.case(name, By::Certifier, what, certified(Form::Demo, ca.issue(&template).unwrap()), stopped(2));
    };
    let ca = &world().demo_ca;
    let usage = || NewExtension::key_usage(KeyUsage::DIGITAL_SIGNATURE);
    let mark = ElementCaExtension { simulated: true }.encode();
    let same_name = root("demo SE-CA", KeyKind::P256, vec![NewExtension::new(oid::ELEMENT, false, mark)]);
    case(
        "element-ca-of-the-same-name",
        "A CA of the same name with another key issued it.",
        &same_name,
        vec![usage(), marked()],
    );
    let unmarked = extension(ElementKind::Software, millisecond_clock(100), false).encode();
    case(
        "element-unmarked-under-a-marked-ca",
        "It hides that it is simulated; its CA does not.",
        ca,
        vec![usage(), NewExtension::new(oid::ELEMENT, false, unmarked)],
    );
    case("element-extension-missing", "It does not say what the element is.", ca, vec![usage()]);
    case(
        "element-extension-critical",
        "The extension about the element is critical.",
        ca,
        vec![usage(), NewExtension { critical: true, ..marked() }],
    );
    case(
        "element-extension-in-der",
        "The extension's content is wrapped in an OCTET STRING.",
        ca,
        vec![usage(), NewExtension { value: [&[4, 7], &marked().value[..]].concat(), ..marked() }],
    );
    case(
        "element-extension-with-a-byte-more",
        "A byte follows the extension's content.",
        ca,
        vec![usage(), NewExtension { value: [&marked().value[..], &[0]].concat(), ..marked() }],
    );
    let bound = jushin_statement::TickSpec { rho_ppm: 1_000_000, ..millisecond_clock(0) };
    case(
        "element-with-a-clock-without-bound",
        "The clock's bound is a million millionths.",
        ca,
        vec![
            usage(),
            NewExtension { value: extension(ElementKind::Software, bound, true).encode(), ..marked() },
        ],
    );
    let still = jushin_statement::TickSpec { tau_us: 0, ..millisecond_clock(100) };
    case(
        "element-with-ticks-of-nothing",
        "The clock's ticks have no length.",
        ca,
        vec![
            usage(),
            NewExtension { value: extension(ElementKind::Software, still, true).encode(), ..marked() },
        ],
    );
    case("element-without-key-usage", "It has no key usage.", ca, vec![marked()]);
    case(
        "element-key-signs-certificates",
        "Its key may sign certificates.",
        ca,
        vec![NewExtension::key_usage(KeyUsage::DIGITAL_SIGNATURE.and(KeyUsage::KEY_CERT_SIGN)), marked()],
    );
    case(
        "element-key-for-encryption",
        "Its key is for encryption only.",
        ca,
        vec![NewExtension::key_usage(KeyUsage::KEY_ENCIPHERMENT), marked()],
    );
    case("element-is-a-ca", "It is a CA itself.", ca, vec![NewExtension::ca(None), usage(), marked()]);
    case(
        "element-with-an-unknown-critical-extension",
        "It has a critical extension that nobody knows.",
        ca,
        vec![
            usage(),
            marked(),
            NewExtension::new(
                oid::CERTIFICATE_POLICIES,
                true,
                NewExtension::policies(&[oid::HPKI_AUTHENTICATION]).value,
            ),
        ],
    );
    case("element-under-the-card-ca", "The card CA issued it.", &world().card_ca, vec![usage(), marked()]);
}

/// The usual visit begins after 59 194 and ends before 63 109.
fn dates(book: &mut Book) {
    let mut v2 = book.chapter(2);
    let applet = extension(ElementKind::Applet, millisecond_clock(100), false);
    for (name, what, from, until, answer) in [
        (
            "element-expired-before",
            "Its certificate ended before the visit.",
            -1_000_000,
            58_000,
            invalid(&[2]),
        ),
        (
            "element-expired-within",
            "Its certificate ended within the window.",
            -1_000_000,
            60_000,
            undecided(&[11], USUAL, Class::Tight),
        ),
        (
            "element-not-yet-valid",
            "Its certificate begins after the visit.",
            64_000,
            1_000_000,
            invalid(&[2]),
        ),
        (
            "element-valid-from-within",
            "Its certificate begins within the window.",
            60_000,
            1_000_000,
            undecided(&[11], USUAL, Class::Tight),
        ),
        (
            "element-expired-after",
            "Its certificate ended a second after the visit.",
            -1_000_000,
            64_000,
            valid(USUAL, Class::Tight),
        ),
        // The last second of a certificate is 63 000 to 63 999.
        (
            "element-expired-in-the-last-second",
            "The window ends in the certificate's last second.",
            -1_000_000,
            63_000,
            valid(USUAL, Class::Tight),
        ),
    ] {
        let (not_before, not_after) = (Moment(MORNING + from), Moment(MORNING + until));
        let template = Template { not_before, not_after, ..element_template(world().device.spki(), &applet) };
        let desk = certified(Form::Applet, world().element_ca.issue(&template).unwrap());
        v2.case(name, By::Element, what, desk, answer.real());
    }
}

fn revoked(book: &mut Book) {
    let mut v2 = book.chapter(2);
    for (name, what, since, answer) in [
        ("element-revoked-before", "It was revoked before the visit.", 59_000, invalid(&[2])),
        (
            "element-revoked-within",
            "It was revoked within the window.",
            60_000,
            undecided(&[11], USUAL, Class::Tight),
        ),
        ("element-revoked-after", "It was revoked after the visit.", 64_000, valid(USUAL, Class::Tight)),
    ] {
        let desk = Desk::complete(Form::Applet);
        let mut bundle = desk.bundle();
        let list =
            World::crl(&world().element_ca, desk.now + 900_000, &[(&desk.certificate, MORNING + since)]);
        bundle.revocation.push(list.into());
        v2.case(name, By::Element, what, bundle, answer.real());
    }
    let twin = Desk::with_device(Form::Tpm, world().second_device.clone());
    let mut bundle = Desk::complete(Form::Tpm).bundle();
    bundle.certificates.push(twin.certificate.der().into());
    v2.case(
        "two-elements-with-one-counter",
        By::Element,
        "Two certificates name the same TPM counter.",
        bundle,
        stopped(2),
    );
}

/// Beginning of the visit: counter 4. Unlock: 2 and 3. Close: 6.
fn void(book: &mut Book) {
    let mut v2 = book.chapter(2);
    let usual = || valid(USUAL, Class::Tight);
    let mut case = |name, by, what, states: &[(BindingState, Option<u64>)], answer| {
        let mut desk = Desk::complete(Form::Demo);
        states.iter().for_each(|(state, from)| desk.rebind(*state, *from));
        v2.case(name, by, what, desk, answer);
    };
    use BindingState::{InUse, Retired, Suspended};
    case(
        "stolen-before-the-visit",
        By::Thief,
        "Suspended from the visit's counter value on.",
        &[(Suspended, Some(4))],
        invalid(&[3]),
    );
    case(
        "stolen-after-the-visit",
        By::Thief,
        "Suspended from the commit's counter value on.",
        &[(Suspended, Some(5))],
        usual(),
    );
    case(
        "retired-before-the-visit",
        By::Thief,
        "Retired from the visit's counter value on.",
        &[(Retired, Some(4))],
        invalid(&[3]),
    );
    case(
        "stolen-before-the-unlock",
        By::Thief,
        "Suspended from the unlock's counter value on.",
        &[(Suspended, Some(2))],
        invalid(&[3, 5]),
    );
    case(
        "recovered-at-the-visit",
        By::Institution,
        "Suspended and recovered before the visit, after the unlock.",
        &[(Suspended, Some(4)), (InUse, Some(4))],
        usual(),
    );
    case(
        "recovered-after-the-visit",
        By::Thief,
        "Suspended before the visit and recovered after it.",
        &[(Suspended, Some(4)), (InUse, Some(6))],
        invalid(&[3]),
    );
    case(
        "recovered-without-a-counter",
        By::Institution,
        "In use again, but no counter value is valid again.",
        &[(Suspended, Some(4)), (InUse, None)],
        invalid(&[3]),
    );
    case(
        "recovered-and-stolen-again",
        By::Thief,
        "Suspended, recovered, and suspended once more.",
        &[(Suspended, Some(2)), (InUse, Some(2)), (Suspended, Some(4))],
        invalid(&[3]),
    );
    case(
        "unlocked-by-a-thief",
        By::Thief,
        "The unlock is void, the visit after the recovery is not.",
        &[(Suspended, Some(2)), (InUse, Some(4))],
        undecided(&[5], CLOSED, Class::OrderOnly),
    );
    case(
        "recovered-before-it-was-stolen",
        By::Thief,
        "The recovery has a lower seq than the suspension.",
        &[(InUse, Some(1)), (Suspended, Some(4))],
        invalid(&[3]),
    );
    let mut desk = Desk::complete(Form::Demo);
    desk.rebind(Suspended, Some(1));
    let suspended: jushin_statement::Binding = desk.bindings[1].parse().unwrap().object().unwrap();
    let mut case = |name, by, what, signed, answer| {
        let mut desk = Desk::complete(Form::Demo);
        desk.bindings.push(signed);
        v2.case(name, by, what, desk, answer);
    };
    case(
        "suspension-by-another-key",
        By::Platform,
        "The suspension is signed with the key for receipts.",
        sign_as_platform(&suspended, &world().receipt),
        usual(),
    );
    case(
        "suspension-without-key-id",
        By::Stranger,
        "The suspension's header has no key id.",
        sign_es256(&suspended, &world().binding.key),
        usual(),
    );
    let elsewhere = jushin_statement::Binding { element: Id16([9; 16]), ..suspended };
    case(
        "suspension-of-another-element",
        By::Stranger,
        "Another element was suspended.",
        sign_as_platform(&elsewhere, &world().binding),
        usual(),
    );
    let mut late = open_day(Form::Demo);
    late.visit();
    late.wait(58_500);
    late.visit();
    let mut late = closed(late);
    late.rebind(Suspended, Some(6));
    let first = usual();
    v2.case(
        "stolen-between-two-visits",
        By::Thief,
        "Suspended from the second visit's counter value on.",
        late,
        vec![first, invalid(&[3])],
    );
}
