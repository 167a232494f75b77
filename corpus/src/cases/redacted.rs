//! V12 and the redacted form: what rests on the platform's verdict, and what is recomputed.

use jushin_statement::{
    BindingState, Bundle, Class, Commit, CommitOutcome, Hash, Object as _, Presence, Signed, Status,
    UnixMillis, Verdict, Visits,
};

use super::USUAL;
use crate::answer::{Answer, Window, conflict, invalid, stopped, undecided, valid};
use crate::book::{Book, By, evid};
use crate::forge::{closed, edited, open_day, resigned};
use crate::world::{MORNING, sign_as_platform, sign_es256};
use crate::{Desk, Edit, Form, world};

pub(super) fn write(book: &mut Book) {
    with_and_without(book);
    worse_verdicts(book);
    windows(book);
    recomputed(book);
    several(book);
}

fn at(millis: i64) -> Option<UnixMillis> {
    Some(UnixMillis(u64::try_from(MORNING + millis).unwrap()))
}

/// The platform's verdict on the first visit: VALID, tight, the usual window.
fn verdict_of(desk: &Desk) -> Verdict {
    Verdict {
        evid: evid(&desk.visits[0].commit),
        status: Status::Valid,
        class: Class::Tight,
        lo: at(59_194),
        hi: at(63_109),
        reasons: Vec::new(),
        policy: Hash::of(b"the platform's policy"),
        simulated: true,
        at: UnixMillis(5),
    }
}

fn signed(verdict: &Verdict) -> Signed {
    sign_as_platform(verdict, &world().receipt)
}

fn good() -> Answer {
    valid(USUAL, Class::Tight)
}

fn unknown() -> Answer {
    undecided(&[11], USUAL, Class::Tight)
}

fn with_and_without(book: &mut Book) {
    let mut v12 = book.chapter(12);
    let desk = Desk::complete(Form::Demo);
    let verdict = verdict_of(&desk);
    let mut case = |name, by, what, results: Vec<Signed>, answer| {
        v12.case(name, by, what, desk.redacted(results), answer);
    };
    case(
        "good-redacted",
        By::Nobody,
        "The redacted form with the platform's verdict.",
        vec![signed(&verdict)],
        good(),
    );
    case("redacted-without-a-verdict", By::Stranger, "The verdict was left out.", vec![], unknown());
    case(
        "redacted-with-the-verdict-of-another-visit",
        By::Host,
        "The verdict is on another visit.",
        vec![signed(&Verdict { evid: Hash::of(b"another"), ..verdict.clone() })],
        unknown(),
    );
    case(
        "redacted-with-a-verdict-by-another-key",
        By::Platform,
        "The verdict is signed with the key for bindings.",
        vec![sign_as_platform(&verdict, &world().binding)],
        unknown(),
    );
    case(
        "redacted-with-a-verdict-by-the-institution",
        By::Institution,
        "The institution signed the verdict itself.",
        vec![sign_as_platform(&verdict, &world().provider)],
        unknown(),
    );
    case(
        "redacted-with-a-verdict-without-key-id",
        By::Stranger,
        "The verdict's header has no key id.",
        vec![sign_es256(&verdict, &world().receipt.key)],
        unknown(),
    );
    case(
        "redacted-with-a-damaged-verdict",
        By::Stranger,
        "A byte of the verdict's signature is changed.",
        vec![resigned(&signed(&verdict), |bytes| crate::forge::flipped(bytes, 9))],
        unknown(),
    );
    v12.case(
        "redacted-receipt-key-not-trusted",
        By::Platform,
        "The key that signed the verdict is not trusted.",
        desk.redacted(vec![signed(&verdict)]),
        unknown(),
    )
    .under("trust-without-receipt-key");
    let mut hidden = desk.redacted(vec![signed(&verdict)]);
    hidden.certificates.push(world().card.certificate.der().into());
    v12.case(
        "redacted-with-a-hidden-certificate",
        By::Stranger,
        "The card's certificate is among the others: no effect here.",
        hidden,
        good(),
    );
    let full =
        Bundle { results: vec![signed(&Verdict { status: Status::Conflict, ..verdict })], ..desk.bundle() };
    v12.case(
        "full-with-another-verdict",
        By::Platform,
        "A full bundle with a verdict of CONFLICT: it is recomputed.",
        full,
        good(),
    );
}

fn worse_verdicts(book: &mut Book) {
    let mut v12 = book.chapter(12);
    let desk = Desk::complete(Form::Demo);
    let mut case = |name, what, change: &dyn Fn(&mut Verdict), answer| {
        let mut verdict = verdict_of(&desk);
        change(&mut verdict);
        v12.case(name, By::Platform, what, desk.redacted(vec![signed(&verdict)]), answer);
    };
    case(
        "verdict-invalid",
        "The platform found the card revoked.",
        &|verdict| {
            (verdict.status, verdict.class, verdict.reasons) = (Status::Invalid, Class::None, vec![10])
        },
        invalid(&[10]),
    );
    case(
        "verdict-conflict",
        "The platform knows a fork.",
        &|verdict| {
            (verdict.status, verdict.class, verdict.reasons) = (Status::Conflict, Class::None, vec![12])
        },
        conflict(&[12]),
    );
    case(
        "verdict-indeterminate",
        "The platform did not know the card's status.",
        &|verdict| {
            (verdict.status, verdict.class, verdict.reasons) = (Status::Indeterminate, Class::Date, vec![11])
        },
        undecided(&[11], USUAL, Class::Date),
    );
    case(
        "verdict-open-ended",
        "The platform knew no later end.",
        &|verdict| (verdict.status, verdict.class, verdict.hi) = (Status::OpenEnded, Class::OrderOnly, None),
        Answer { status: Status::OpenEnded, ..valid(USUAL, Class::OrderOnly) },
    );
    case(
        "verdict-of-a-lower-class",
        "The platform capped the class.",
        &|verdict| (verdict.class, verdict.reasons) = (Class::Interval, vec![15]),
        valid(USUAL, Class::Interval).because(&[15]),
    );
    case(
        "verdict-with-unknown-reasons",
        "The verdict has the reasons 0, 13, 16 and 999.",
        &|verdict| verdict.reasons = vec![999, 16, 13, 0],
        good().because(&[13]),
    );
    case(
        "verdict-with-reasons-twice",
        "The verdict has its reasons twice and out of order.",
        &|verdict| verdict.reasons = vec![15, 13, 15, 13],
        good().because(&[13, 15]),
    );
    case(
        "verdict-without-the-mark",
        "The verdict says that nothing is simulated.",
        &|verdict| verdict.simulated = false,
        good(),
    );
    let applet = Desk::complete(Form::Applet);
    let marked = verdict_of(&applet);
    v12.case(
        "verdict-with-the-mark",
        By::Platform,
        "The verdict alone says that the element is simulated.",
        applet.redacted(vec![signed(&marked)]),
        good(),
    );
}

fn windows(book: &mut Book) {
    let mut v12 = book.chapter(12);
    let desk = Desk::complete(Form::Demo);
    let mut case = |name, what, window: [Option<UnixMillis>; 2], answer| {
        let verdict = Verdict { lo: window[0], hi: window[1], ..verdict_of(&desk) };
        v12.case(name, By::Platform, what, desk.redacted(vec![signed(&verdict)]), answer);
    };
    case(
        "verdict-begins-later",
        "The verdict's window begins and ends 100 ms later.",
        [at(59_294), at(63_209)],
        valid(Window::of(59_294, 63_109), Class::Tight),
    );
    case(
        "verdict-ends-earlier",
        "The verdict's window begins and ends 100 ms earlier.",
        [at(59_094), at(63_009)],
        valid(Window::of(59_194, 63_009), Class::Tight),
    );
    case("verdict-without-a-window", "The verdict has no window.", [None, None], good());
    case(
        "verdict-of-one-millisecond",
        "The windows meet in one millisecond.",
        [at(63_109), at(99_999)],
        valid(Window::of(63_109, 63_109), Class::Tight),
    );
    case(
        "verdict-after-the-visit",
        "The verdict's window begins where the other has ended.",
        [at(63_110), at(99_999)],
        conflict(&[14]),
    );
    case(
        "verdict-before-the-visit",
        "The verdict's window ends before the other begins.",
        [at(1), at(59_193)],
        conflict(&[14]),
    );
}

fn recomputed(book: &mut Book) {
    let mut v12 = book.chapter(12);
    let mut case = |name, by, what, desk: &Desk, answer| {
        v12.case(name, by, what, desk.redacted(vec![signed(&verdict_of(desk))]), answer);
    };
    let mut stolen = Desk::complete(Form::Demo);
    stolen.rebind(BindingState::Suspended, Some(4));
    case(
        "redacted-and-stolen",
        By::Thief,
        "VALID by the verdict, and suspended since.",
        &stolen,
        invalid(&[3]),
    );
    let commit = |commit: &dyn Fn(&mut Commit)| edited(&Edit { commit, ..Edit::default() });
    case(
        "redacted-and-given-up",
        By::Platform,
        "VALID by the verdict, and the session was given up.",
        &commit(&|commit| (commit.outcome, commit.card_signature) = (CommitOutcome::Aborted, None)),
        invalid(&[8]),
    );
    case(
        "redacted-of-another-presence",
        By::Platform,
        "VALID by the verdict, and the commit names another presence.",
        &commit(&|commit| commit.presence = Hash::of(b"another")),
        invalid(&[8]),
    );
    let changed = |change: &dyn Fn(&mut Presence)| {
        let mut desk = Desk::complete(Form::Demo);
        let mut presence = Presence::decode(&desk.visits[0].presence).unwrap();
        change(&mut presence);
        desk.visits[0].presence = presence.encode().into();
        desk
    };
    case(
        "redacted-with-a-changed-desk",
        By::Host,
        "VALID by the verdict, and the presence names another desk.",
        &changed(&|presence| presence.desk = Some(Hash::ZERO.first16())),
        invalid(&[8]),
    );
    case(
        "redacted-with-a-changed-institution",
        By::Institution,
        "VALID by the verdict, and another institution claims the visit.",
        &changed(&|presence| {
            presence.institution =
                jushin_statement::InstitutionCode::new(crate::world::OTHER_INSTITUTION).unwrap()
        }),
        invalid(&[4, 8]),
    );
    for (name, what, card) in [
        ("good-redacted-pss", "The card signed with PSS.", crate::Card::Pss),
        ("good-redacted-p384", "The card signed with P-384.", crate::Card::P384),
    ] {
        case(name, By::Nobody, what, &edited(&Edit { card, ..Edit::default() }), good());
    }
    let another_signature = commit(&|commit| commit.card_signature = Some(Hash::ZERO));
    case(
        "redacted-of-another-signature",
        By::Element,
        "The commit names another card signature: it rests on the verdict.",
        &another_signature,
        good(),
    );
    let mut unreadable = Desk::complete(Form::Demo);
    unreadable.visits[0].presence = vec![0x80].into();
    let readable = Desk::complete(Form::Demo);
    case(
        "redacted-with-an-unreadable-presence",
        By::Host,
        "VALID by the verdict, and the presence is none.",
        &unreadable,
        Answer { simulated: true, ..stopped(1) },
    );
    let verdict = signed(&verdict_of(&readable));
    let mut bundle = readable.redacted(vec![verdict]);
    bundle.certificates.remove(0);
    v12.case(
        "redacted-without-the-elements-certificate",
        By::Stranger,
        "VALID by the verdict, and the element's certificate was left out.",
        bundle,
        Answer { simulated: true, ..stopped(2) },
    );
}

fn several(book: &mut Book) {
    let mut v12 = book.chapter(12);
    let desk = Desk::complete(Form::Demo);
    let good_one = verdict_of(&desk);
    let bad = Verdict { status: Status::Indeterminate, reasons: vec![11], ..good_one.clone() };
    let mut case = |name, what, verdicts: [&Verdict; 2], answer| {
        v12.case(name, By::Stranger, what, desk.redacted(verdicts.map(signed).to_vec()), answer);
    };
    let newer = |verdict: &Verdict| Verdict { at: UnixMillis(6), ..verdict.clone() };
    case(
        "verdicts-new-and-old",
        "A newer verdict stands before an older, worse one.",
        [&newer(&good_one), &bad],
        good(),
    );
    case(
        "verdicts-old-and-new",
        "A newer verdict stands after an older, worse one.",
        [&bad, &newer(&good_one)],
        good(),
    );
    case(
        "verdicts-worse-and-newer",
        "A newer verdict is worse than the older one.",
        [&good_one, &newer(&bad)],
        unknown(),
    );
    case(
        "verdicts-of-one-moment",
        "Of two verdicts of one moment the worse one counts.",
        [&bad, &good_one],
        unknown(),
    );
    let mut two = open_day(Form::Demo);
    two.visit();
    two.wait(58_500);
    two.visit();
    let two = closed(two);
    let second = undecided(&[11], Window::of(119_188, 123_115), Class::Tight);
    v12.case(
        "redacted-with-one-verdict-of-two",
        By::Stranger,
        "Only the first of two visits has its verdict.",
        two.redacted(vec![signed(&verdict_of(&two))]),
        vec![good(), second],
    );
    let empty = Bundle { visits: Visits::Redacted(Vec::new()), ..desk.redacted(vec![]) };
    v12.case("no-visits", By::Stranger, "The bundle holds no visit: nothing is shown.", empty, Vec::new());
}
