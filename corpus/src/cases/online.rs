//! V4, online: the bracket of two tick stamps around a time-stamp token, and the provider's activation.

use jushin_pki::issue::{NewExtension, Template};
use jushin_pki::{KeyKind, KeyUsage, Moment, oid};
use jushin_statement::{Activation, Anchor, Bytes, Class, Embedded, Hash, Signed, TickStamp2, Ticks};

use super::{CLOSED, USUAL};
use crate::answer::{Answer, Window, invalid, undecided, valid};
use crate::book::{Book, By};
use crate::forge::{closed, flipped, resigned, visited};
use crate::token::{Flaws, Stated, flawed_token, token, token_over};
use crate::unlock::Bracket;
use crate::world::{Holder, MORNING, YEAR, key, leaf, root, sign_es256, template, time_stamper_extensions};
use crate::{Desk, Edit, Form, world};

pub(super) fn write(book: &mut Book) {
    tokens(book);
    time_stampers(book);
    activations(book);
    parts(book);
    others(book);
}

fn day(bracket: &Bracket<'_>) -> Desk {
    let mut desk = Desk::new(Form::Demo);
    desk.unlock_with(bracket);
    visited(desk, &Edit::default())
}

fn refused() -> Answer {
    invalid(&[5])
}

/// The anchor that the card named is not at hand, and nothing bounds the visit from below.
fn missing() -> Answer {
    undecided(&[5], CLOSED, Class::OrderOnly)
}

fn tokens(book: &mut Book) {
    let mut v4 = book.chapter(4);
    let signer = &world().time_stamper[0];
    let mut case = |name, by, what, token: &dyn Fn(&Signed, i64) -> Vec<u8>, answer| {
        v4.case(name, by, what, day(&Bracket { token, ..Bracket::default() }), answer);
    };
    let flawed = |flaws: Flaws| {
        move |stamp: &Signed, now| flawed_token(stamp.imprint(), Stated::at(now), signer, &flaws)
    };
    case(
        "token-over-something-else",
        By::Host,
        "The token is over another stamp.",
        &|_, now| token_over(Hash::of(b"another"), Stated::at(now), signer),
        refused(),
    );
    case(
        "token-over-the-payload",
        By::Host,
        "The token is over the payload of the stamp alone.",
        &|stamp, now| token_over(stamp.parse().unwrap().payload_hash(), Stated::at(now), signer),
        refused(),
    );
    case(
        "token-over-the-signed-bytes-twice",
        By::Host,
        "The token is over the hash of the hash.",
        &|stamp, now| token_over(Hash::of(&stamp.imprint().0), Stated::at(now), signer),
        refused(),
    );
    case("token-empty", By::Host, "There is no token.", &|_, _| Vec::new(), refused());
    case(
        "token-with-a-byte-more",
        By::Host,
        "A byte follows the token.",
        &|stamp, now| [token(stamp, Stated::at(now), signer), vec![0]].concat(),
        refused(),
    );
    case(
        "token-cut",
        By::Host,
        "The last byte of the token is missing.",
        &|stamp, now| {
            let mut cut = token(stamp, Stated::at(now), signer);
            cut.pop();
            cut
        },
        refused(),
    );
    case(
        "token-with-a-bad-signature",
        By::Host,
        "A bit of the token's signature is turned.",
        &flawed(Flaws { bad_signature: true, ..Flaws::default() }),
        refused(),
    );
    case(
        "token-names-another-certificate",
        By::TimeStamper,
        "ESSCertIDv2 names another certificate than the signer's.",
        &flawed(Flaws { names: Some(Hash::of(b"another")), ..Flaws::default() }),
        refused(),
    );
    case(
        "token-of-another-digest",
        By::TimeStamper,
        "message-digest is not that of the TSTInfo.",
        &flawed(Flaws { digest: Some(Hash::of(b"another")), ..Flaws::default() }),
        refused(),
    );
    case(
        "token-without-its-certificate",
        By::TimeStamper,
        "The signer's certificate is not in the token.",
        &flawed(Flaws { without_certificate: true, ..Flaws::default() }),
        refused(),
    );
    case(
        "token-with-a-nonce",
        By::TimeStamper,
        "A nonce that nobody asked for: not looked at.",
        &flawed(Flaws { more: vec![2, 1, 77], ..Flaws::default() }),
        valid(USUAL, Class::Tight),
    );
    case(
        "token-with-a-negative-nonce",
        By::TimeStamper,
        "The nonce is negative.",
        &flawed(Flaws { more: vec![2, 1, 0xff], ..Flaws::default() }),
        refused(),
    );
    case(
        "token-with-ordering",
        By::TimeStamper,
        "The token claims an order: not looked at.",
        &flawed(Flaws { more: vec![1, 1, 0xff], ..Flaws::default() }),
        valid(USUAL, Class::Tight),
    );
    let critical = [&[0xa1, 0x0e, 0x30, 0x0c, 6, 3, 0x2a, 3, 4][..], &[1, 1, 0xff, 4, 2, 5, 0]].concat();
    case(
        "token-with-a-critical-extension",
        By::TimeStamper,
        "The token has a critical extension.",
        &flawed(Flaws { more: critical, ..Flaws::default() }),
        refused(),
    );
    case(
        "token-of-zero-milliseconds",
        By::TimeStamper,
        "The accuracy has zero milliseconds, which none may be.",
        &|stamp, now| {
            token(stamp, Stated { accuracy: Some(&[2, 1, 1, 0x80, 1, 0]), ..Stated::at(now) }, signer)
        },
        refused(),
    );
    case(
        "token-of-a-thousand-milliseconds",
        By::TimeStamper,
        "The accuracy has a thousand milliseconds.",
        &|stamp, now| token(stamp, Stated { accuracy: Some(&[0x80, 2, 3, 0xe8]), ..Stated::at(now) }, signer),
        refused(),
    );
    case(
        "token-of-a-negative-accuracy",
        By::TimeStamper,
        "The accuracy is minus one second.",
        &|stamp, now| token(stamp, Stated { accuracy: Some(&[2, 1, 0xff]), ..Stated::at(now) }, signer),
        refused(),
    );
    case(
        "token-from-before-1970",
        By::TimeStamper,
        "The token states the year 1969.",
        &|stamp, _| token(stamp, Stated::at(-1_000_001), signer),
        refused(),
    );
}

fn time_stampers(book: &mut Book) {
    let mut v4 = book.chapter(4);
    let good = || Desk::complete(Form::Demo);
    v4.case(
        "token-of-an-untrusted-authority",
        By::TimeStamper,
        "The authority's CA is not trusted.",
        good(),
        refused(),
    )
    .under("trust-without-tsa-1");
    v4.case("token-under-an-expired-ca", By::TimeStamper, "The authority's CA had ended.", good(), refused())
        .under("trust-expired-tsa-ca");
    let mut case = |name, what, signer: &Holder| {
        let token = |stamp: &Signed, now: i64| token(stamp, Stated::at(now), signer);
        v4.case(
            name,
            By::TimeStamper,
            what,
            day(&Bracket { token: &token, ..Bracket::default() }),
            refused(),
        );
    };
    case("token-by-a-server", "The signer's certificate is a server's.", &world().not_a_time_stamper);
    case("token-by-the-provider", "The provider signed the token itself.", &world().provider);
    let ca = &world().time_ca[0];
    let with = |extensions: Vec<NewExtension>| leaf(ca, "TSA 3", key(KeyKind::P256), extensions);
    case(
        "token-by-a-usage-that-is-not-critical",
        "The extended key usage is not critical.",
        &with(time_stamper_extensions(&[oid::TIME_STAMPING], false)),
    );
    case(
        "token-by-one-of-two-usages",
        "The signer may also be a server.",
        &with(time_stamper_extensions(&[oid::TIME_STAMPING, oid::SERVER_AUTH], true)),
    );
    case(
        "token-without-a-usage",
        "The certificate has no extended key usage.",
        &with(vec![NewExtension::key_usage(KeyUsage::DIGITAL_SIGNATURE)]),
    );
    let mut signs_certificates = time_stamper_extensions(&[oid::TIME_STAMPING], true);
    signs_certificates[0] = NewExtension::key_usage(KeyUsage::DIGITAL_SIGNATURE.and(KeyUsage::KEY_CERT_SIGN));
    case(
        "token-by-a-key-for-certificates",
        "The signer's key may sign certificates.",
        &with(signs_certificates),
    );
    let own = root("TSA CA 1", KeyKind::P256, vec![]);
    case(
        "token-under-a-ca-of-the-same-name",
        "A CA of the same name with another key issued the signer.",
        &leaf(&own, "TSA 1", key(KeyKind::P256), time_stamper_extensions(&[oid::TIME_STAMPING], true)),
    );
    let dated = |from: i64, until: i64| {
        let key = key(KeyKind::P256);
        let extensions = time_stamper_extensions(&[oid::TIME_STAMPING], true);
        let named = template("TSA 4", key.spki(), extensions);
        let dates =
            Template { not_before: Moment(MORNING + from), not_after: Moment(MORNING + until), ..named };
        Holder { certificate: ca.issue(&dates).unwrap(), key }
    };
    case("token-by-an-expired-certificate", "The signer's certificate had ended.", &dated(-YEAR, -1_000));
    case("token-by-a-certificate-to-come", "The signer's certificate had not begun.", &dated(1_000, YEAR));
}

fn activations(book: &mut Book) {
    let mut v4 = book.chapter(4);
    let other = Hash::of(b"another");
    let mut act = |name, what, activation: &dyn Fn(&mut Activation)| {
        v4.case(name, By::Provider, what, day(&Bracket { activation, ..Bracket::default() }), refused());
    };
    act("activation-of-another-element", "The activation names another element.", &|act| {
        act.element = other.first16()
    });
    act("activation-of-another-power-cycle", "The activation names another power cycle.", &|act| {
        act.cycle = other.first16()
    });
    act("activation-of-another-counter", "The activation names the next counter value.", &|act| {
        act.counter += 1
    });
    act("activation-of-another-stamp", "The activation names another first stamp.", &|act| act.stamp = other);
    act("activation-of-another-token", "The activation names another token.", &|act| act.token = other);
    act("activation-of-another-seq", "The activation names another seq of the binding.", &|act| {
        act.binding_seq += 1
    });
    let mut second = |name, what, second: &dyn Fn(&mut TickStamp2)| {
        v4.case(name, By::Element, what, day(&Bracket { second, ..Bracket::default() }), refused());
    };
    second(
        "second-stamp-of-another-activation",
        "The second stamp names another activation's id.",
        &|stamp| stamp.activation = other.first16(),
    );
    second("second-stamp-of-another-token", "The second stamp names another token.", &|stamp| {
        stamp.token = other
    });
    second(
        "second-stamp-of-another-activation-hash",
        "The second stamp names the hash of another activation.",
        &|stamp| stamp.activation_hash = other,
    );
    second("second-stamp-of-another-power-cycle", "The second stamp is of another power cycle.", &|stamp| {
        stamp.ticks.cycle = other.first16()
    });
    second(
        "second-stamp-with-the-same-counter",
        "The second stamp has the counter value of the first.",
        &|stamp| stamp.counter = 2,
    );
    let by = |provider: &'static Holder| Bracket { provider: Some(provider), ..Bracket::default() };
    v4.case(
        "activation-by-another-provider",
        By::Provider,
        "A trusted provider signed that the binding does not name.",
        day(&by(&world().other_provider)),
        refused(),
    );
    v4.case(
        "activation-by-a-stranger",
        By::Stranger,
        "The platform's key for receipts signed the activation.",
        day(&by(&world().receipt)),
        refused(),
    );
    v4.case(
        "activation-provider-not-trusted",
        By::Provider,
        "The provider is not trusted.",
        day(&Bracket::default()),
        refused(),
    )
    .under("trust-without-provider");
    let mut desk = Desk::new(Form::Demo);
    desk.wait(1_000);
    let early =
        Bracket { second: &|stamp| stamp.ticks = Ticks { count: 999, ..stamp.ticks }, ..Bracket::default() };
    desk.unlock_with(&early);
    v4.case(
        "second-stamp-before-the-first",
        By::Element,
        "The second stamp's count is below that of the first.",
        visited(desk, &Edit::default()),
        refused(),
    );
    let unasked = Bracket { activation: &|act| (act.begins, act.max_ticks) = (0, 0), ..Bracket::default() };
    v4.case(
        "activation-without-a-budget",
        By::Element,
        "The activation allows no check-in: not judged.",
        day(&unasked),
        valid(USUAL, Class::Tight),
    );
}

/// A complete day whose unlock was changed afterwards.
fn changed(change: impl FnOnce(&mut Signed, &mut Bytes, &mut Signed, &mut Signed)) -> Desk {
    let mut desk = Desk::complete(Form::Demo);
    if let Anchor::Online { stamp1, token, activation, stamp2 } = &mut desk.anchors[0].0 {
        change(stamp1, token, activation, stamp2);
    }
    desk
}

fn parts(book: &mut Book) {
    let mut v4 = book.chapter(4);
    let none = || Signed(Vec::new().into());
    // The bracket still bounds from above: it was begun before the visit.
    let open = || undecided(&[5], Window::until(63_109), Class::OrderOnly);
    v4.case(
        "bracket-never-closed",
        By::Host,
        "The second stamp was left out: nothing bounds from below.",
        changed(|_, _, _, stamp2| *stamp2 = none()),
        open(),
    );
    v4.case(
        "bracket-without-its-end",
        By::Host,
        "Activation and second stamp were left out.",
        changed(|_, _, activation, stamp2| (*activation, *stamp2) = (none(), none())),
        open(),
    );
    v4.case(
        "bracket-without-its-activation",
        By::Host,
        "The activation alone was left out.",
        changed(|_, _, activation, _| *activation = none()),
        missing(),
    );
    v4.case(
        "bracket-without-its-token",
        By::Host,
        "The token was left out.",
        changed(|_, token, _, _| *token = Vec::new().into()),
        missing(),
    );
    v4.case(
        "bracket-with-the-other-authoritys-token",
        By::Host,
        "Another authority's token over the same stamp stands in its place.",
        changed(|stamp1, other, _, _| {
            *other = token(stamp1, Stated::at(MORNING + 201), &world().time_stamper[1]).into();
        }),
        missing(),
    );
    v4.case(
        "bracket-first-stamp-damaged",
        By::Stranger,
        "A byte of the first stamp's signature is changed.",
        changed(|stamp1, _, _, _| *stamp1 = resigned(stamp1, |bytes| flipped(bytes, 9))),
        refused(),
    );
    v4.case(
        "bracket-second-stamp-damaged",
        By::Stranger,
        "A byte of the second stamp's signature is changed.",
        changed(|_, _, _, stamp2| *stamp2 = resigned(stamp2, |bytes| flipped(bytes, 9))),
        refused(),
    );
    v4.case(
        "bracket-activation-damaged",
        By::Stranger,
        "A byte of the activation's signature is changed.",
        changed(|_, _, activation, _| *activation = resigned(activation, |bytes| flipped(bytes, 9))),
        refused(),
    );
    v4.case(
        "bracket-second-stamp-by-another-element",
        By::Element,
        "Another element signed the second stamp.",
        changed(|_, _, _, stamp2| {
            let stamp: TickStamp2 = stamp2.parse().unwrap().object().unwrap();
            *stamp2 = sign_es256(&stamp, &world().second_device);
        }),
        refused(),
    );
    v4.case(
        "bracket-swapped",
        By::Host,
        "First and second stamp stand in each other's place.",
        changed(|stamp1, _, _, stamp2| std::mem::swap(stamp1, stamp2)),
        missing(),
    );
    v4.case(
        "bracket-activation-with-a-key-id",
        By::Provider,
        "The activation's header has a key id.",
        changed(|_, _, activation, _| {
            let act: Activation = activation.parse().unwrap().object().unwrap();
            *activation = crate::world::sign_as_platform(&act, &world().provider);
        }),
        refused(),
    );
}

fn others(book: &mut Book) {
    let mut v4 = book.chapter(4);
    let mut bundle = Desk::complete(Form::Demo).bundle();
    bundle.anchors.remove(0);
    v4.case("unlock-missing", By::Stranger, "The unlock was left out.", bundle, missing());
    let mut desk = Desk::new(Form::Demo);
    desk.wait(60_400);
    desk.visit();
    v4.case("never-unlocked", By::Element, "The presence names no unlock at all.", closed(desk), missing());
    let mut other = Desk::with_device(Form::Demo, world().second_device.clone());
    other.unlock();
    let mut desk = Desk::new(Form::Demo);
    desk.anchor = other.anchor;
    desk.visit();
    desk.anchors = other.anchors.clone();
    let mut bundle = desk.bundle();
    bundle.certificates.push(other.certificate.der().into());
    bundle.bindings.extend(other.bindings);
    v4.case(
        "unlock-of-another-element",
        By::Element,
        "The presence names another element's unlock.",
        bundle,
        refused(),
    );
    let mut twice = Desk::unlocked(Form::Demo);
    let first = twice.anchors[0].clone();
    twice.unlock();
    let mut twice = visited(twice, &Edit::default());
    let (Embedded(Anchor::Online { activation, .. }), Embedded(Anchor::Online { activation: own, .. })) =
        (&first, &mut twice.anchors[1])
    else {
        return;
    };
    *own = activation.clone();
    // The first bracket is whole; the visit begins 60 399 ticks after it, ends 62 301 after its first stamp.
    v4.case(
        "unlock-with-the-activation-before",
        By::Host,
        "The second unlock has the first one's activation.",
        twice,
        undecided(&[5], Window::of(59_593, 63_509), Class::Tight),
    );
}
