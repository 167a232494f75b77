//! V9: forks and gaps. The visit has the counter values 4 and 5; the unlock 2 and 3, the close 6.

use jushin_statement::{
    Boot, Class, Commit, CommitOutcome, Gap, Hash, Id16, Object as _, Receipt, Signed, Stamp, StampContext,
    StampSubject, Ticks, UnixMillis,
};

use super::USUAL;
use crate::answer::{Answer, conflict, valid};
use crate::book::{Book, By};
use crate::forge::{closed, open_day, visited};
use crate::world::{sign_as_platform, sign_es256};
use crate::{Desk, Edit, Form, world};

pub(super) fn write(book: &mut Book) {
    forks(book);
    whole_forks(book);
    gaps(book);
    explained_gaps(book);
}

fn good() -> Answer {
    valid(USUAL, Class::Tight)
}

/// A record under a counter value that is taken, or the next.
fn stamp(desk: &Desk, counter: u64, count: u64, previous: Hash) -> Stamp {
    Stamp {
        element: desk.element,
        anchor: desk.anchor,
        context: StampContext(StampSubject::Heartbeat),
        message: Hash::ZERO,
        ticks: Ticks { cycle: desk.cycle, count },
        counter,
        previous,
    }
}

fn forks(book: &mut Book) {
    let mut v9 = book.chapter(9);
    let open = || {
        let mut desk = open_day(Form::Demo);
        desk.visit();
        desk
    };
    let (desk, complete) = (open(), Desk::complete(Form::Demo));
    let presence = Hash::of(&complete.visits[0].presence);
    let before = presence_before(&complete);
    let mut case = |name, what, desk: &Desk, records: &[Stamp], answer| {
        let mut desk = desk.clone();
        desk.records.extend(records.iter().map(|record| sign_es256(record, &desk.device)));
        v9.case(name, By::Element, what, desk, answer);
    };
    let other = Hash::of(b"another history");
    case(
        "fork-before-the-visit",
        "A second record has the counter value of the unlock's second stamp.",
        &complete,
        &[stamp(&complete, 3, 400, Hash::ZERO)],
        conflict(&[12]),
    );
    case(
        "fork-at-the-beginning",
        "A record has the counter value of the presence.",
        &complete,
        &[stamp(&complete, 4, 60_400, before)],
        conflict(&[12]),
    );
    case(
        "fork-at-the-commit",
        "A second record has the counter value of the commit.",
        &complete,
        &[stamp(&complete, 5, 61_900, presence)],
        conflict(&[12]),
    );
    case(
        "fork-by-the-next-record",
        "The next record names another record before it.",
        &desk,
        &[stamp(&desk, 6, 70_000, other)],
        conflict(&[12]),
    );
    case(
        "fork-by-a-record-in-place-of-the-presence",
        "A record at the commit's counter names another presence.",
        &desk,
        &[stamp(&desk, 5, 61_900, other)],
        conflict(&[12]),
    );
    case(
        "fork-by-two-next-records",
        "Two records follow: not next to the visit's own counter values.",
        &desk,
        &[stamp(&desk, 6, 70_000, desk.previous), stamp(&desk, 6, 70_001, desk.previous)],
        good(),
    );
    case(
        "fork-later",
        "Two records have one counter value after the close.",
        &complete,
        &[stamp(&complete, 8, 130_000, Hash::ZERO), stamp(&complete, 8, 130_001, Hash::ZERO)],
        good(),
    );
    let strange = Stamp { element: Id16([9; 16]), ..stamp(&complete, 4, 60_400, before) };
    case(
        "fork-of-another-element",
        "A record of another name has the presence's counter value.",
        &complete,
        &[strange],
        good(),
    );
    let mut forged = complete.clone();
    forged.records.push(sign_es256(&stamp(&complete, 4, 60_400, before), &world().second_device));
    v9.case(
        "fork-signed-by-a-stranger",
        By::Stranger,
        "Another key signed the record with the presence's counter value.",
        forged,
        good(),
    );
}

/// What the presence names as its predecessor.
fn presence_before(desk: &Desk) -> Hash {
    jushin_statement::Presence::decode(&desk.visits[0].presence).unwrap().previous
}

fn whole_forks(book: &mut Book) {
    let mut v9 = book.chapter(9);
    let mut one = open_day(Form::Demo);
    let mut two = one.clone();
    one.visit();
    two.wait(1_000);
    two.visit();
    let (mut both, mut commits) = (one.clone(), one.clone());
    both.visits.extend(two.visits.clone());
    v9.case(
        "two-visits-under-one-counter",
        By::Element,
        "Two visits have the same counter values.",
        both,
        vec![conflict(&[12]), conflict(&[12])],
    );
    commits.records.push(two.visits[0].commit.clone());
    v9.case(
        "commit-of-a-copy",
        By::Element,
        "The commit of another visit has the same counter value.",
        commits,
        conflict(&[12]),
    );
    let mut twice = one.clone();
    twice.visits.push(twice.visits[0].clone());
    v9.case(
        "the-same-visit-twice",
        By::Stranger,
        "The evidence is there twice: one visit.",
        closed(twice),
        vec![good(), good()],
    );
    let mut untaken = open_day(Form::Demo);
    let mut refused = untaken.clone();
    refused.unlock_offline();
    untaken.visit();
    untaken.anchors.extend(refused.anchors.last().cloned());
    v9.case(
        "unlock-that-was-never-taken",
        By::Administrator,
        "An administrator's request has the presence's counter value: no record.",
        untaken,
        good(),
    );
    let mut desk = Desk::unlocked(Form::Demo);
    let other = desk.clone();
    desk.wait(60_000);
    desk.visit();
    let mut desk = closed(desk);
    let mut other = other;
    other.wait(30_000);
    other.unlock();
    // The copy's unlock has the counter values 4 and 5, after half a minute: the counts fall too.
    desk.anchors.push(other.anchors[1].clone());
    v9.case(
        "copied-element-unlocked-again",
        By::Element,
        "An unlock of a copy has the visit's counter values.",
        desk,
        conflict(&[12, 14]),
    );
}

fn receipt_of(desk: &Desk, gaps: &[u64]) -> Receipt {
    let gaps = gaps.iter().map(|counter| Gap { from: *counter, to: *counter }).collect();
    Receipt {
        element: desk.element,
        lo: 1,
        hi: desk.counter,
        head: desk.previous,
        at: UnixMillis(1),
        gaps,
        items: Vec::new(),
    }
}

fn stated(desk: &Desk, gaps: &[u64]) -> Signed {
    sign_as_platform(&receipt_of(desk, gaps), &world().receipt)
}

fn gaps(book: &mut Book) {
    let mut v9 = book.chapter(9);
    let gap = || good().because(&[13]);
    // 4 is lost, the visit has 5 and 6.
    let mut before = Desk::unlocked(Form::Demo);
    before.counter += 1;
    let before = visited(before, &Edit::default());
    // The visit has 4 and 5, 6 is lost.
    let mut after = open_day(Form::Demo);
    after.visit();
    after.counter += 1;
    let after = closed(after);
    let mut case = |name, by, what, desk: &Desk, results: Vec<Signed>, answer| {
        let mut bundle = desk.bundle();
        bundle.results = results;
        v9.case(name, by, what, bundle, answer);
    };
    case(
        "gap-before",
        By::Institution,
        "A receipt states that the record before the visit is missing.",
        &before,
        vec![stated(&before, &[4])],
        gap(),
    );
    case(
        "gap-after",
        By::Institution,
        "A receipt states that the record after the visit is missing.",
        &after,
        vec![stated(&after, &[6])],
        gap(),
    );
    case(
        "gap-within-a-range",
        By::Institution,
        "The missing record lies within a range of the receipt.",
        &before,
        vec![sign_as_platform(
            &Receipt { gaps: vec![Gap { from: 2, to: 40 }], ..receipt_of(&before, &[]) },
            &world().receipt,
        )],
        gap(),
    );
    case(
        "gap-not-stated",
        By::Institution,
        "A record is missing and no receipt says so: no reason.",
        &before,
        vec![],
        good(),
    );
    case(
        "gap-elsewhere",
        By::Institution,
        "A record that does not adjoin the visit is missing.",
        &after,
        vec![stated(&after, &[40])],
        good(),
    );
    let complete = Desk::complete(Form::Demo);
    case(
        "gap-that-is-none",
        By::Platform,
        "A receipt states as missing what is there.",
        &complete,
        vec![stated(&complete, &[3, 4, 5, 6])],
        good(),
    );
    case(
        "gap-stated-by-another-key",
        By::Platform,
        "The receipt is signed with the key for bindings.",
        &before,
        vec![sign_as_platform(&receipt_of(&before, &[4]), &world().binding)],
        good(),
    );
    case(
        "gap-stated-without-a-key-id",
        By::Stranger,
        "The receipt's header has no key id.",
        &before,
        vec![sign_es256(&receipt_of(&before, &[4]), &world().receipt.key)],
        good(),
    );
    let elsewhere = Receipt { element: Id16([9; 16]), ..receipt_of(&before, &[4]) };
    case(
        "gap-of-another-element",
        By::Stranger,
        "The receipt is another element's.",
        &before,
        vec![sign_as_platform(&elsewhere, &world().receipt)],
        good(),
    );
    v9.case(
        "gap-receipt-key-not-trusted",
        By::Platform,
        "The platform's key for receipts is not trusted.",
        {
            let mut bundle = before.bundle();
            bundle.results = vec![stated(&before, &[4])];
            bundle
        },
        good(),
    )
    .under("trust-without-receipt-key");
}

fn explained_gaps(book: &mut Book) {
    let mut v9 = book.chapter(9);
    let mut case = |name, what, desk: Desk, gap, answer: Answer| {
        let mut bundle = desk.bundle();
        bundle.results = vec![stated(&desk, &[gap])];
        v9.case(name, By::Host, what, bundle, answer);
    };
    let mut cut = open_day(Form::Demo);
    cut.visit();
    cut.counter += 1;
    cut.previous = Hash::of(b"the presence that is missing");
    let mut unsaid = cut.clone();
    boot_after(&mut cut, Some(6));
    boot_after(&mut unsaid, None);
    case("gap-of-a-power-cut", "The next boot record says that a session was open.", cut, 6, good());
    case(
        "gap-before-a-boot",
        "A record before a boot is missing, and the boot says nothing of it.",
        unsaid,
        6,
        good().because(&[13]),
    );
    // A visit at 4 and 5, then 6 and 7: the power was cut after the commit.
    let mut after = open_day(Form::Demo);
    after.visit();
    after.counter += 1;
    after.previous = Hash::of(b"the presence that is missing");
    let commit = ended(&mut after, CommitOutcome::Signed);
    after.records.push(commit);
    let kept_back = after.clone();
    boot_after(&mut after, None);
    case(
        "gap-before-a-commit-and-a-boot",
        "The missing presence's commit is followed by a boot.",
        after,
        6,
        good(),
    );
    case(
        "gap-before-a-commit",
        "The missing presence's commit is there, and no boot follows: kept back.",
        kept_back,
        6,
        good().because(&[13]),
    );
    let mut given_up = open_day(Form::Demo);
    given_up.visit();
    given_up.counter += 1;
    given_up.previous = Hash::of(b"the presence that is missing");
    let commit = ended(&mut given_up, CommitOutcome::Aborted);
    given_up.records.push(commit);
    case(
        "gap-after-of-a-session-given-up",
        "The missing presence after the visit was given up.",
        given_up,
        6,
        good(),
    );
}

/// The commit of the session whose presence is missing.
fn ended(desk: &mut Desk, outcome: CommitOutcome) -> Signed {
    let (ticks, counter, previous) = desk.step();
    let card_signature = (outcome == CommitOutcome::Signed).then_some(Hash::ZERO);
    let commit = Commit {
        element: desk.element,
        outcome,
        presence: Hash::of(b"d"),
        card_signature,
        ticks,
        counter,
        previous,
    };
    desk.sign(&commit)
}

/// A boot record, of a power cycle of its own.
fn boot_after(desk: &mut Desk, pending: Option<u64>) {
    let (_, counter, previous) = desk.step();
    let ticks = Ticks { cycle: Hash::of(b"the next power cycle").first16(), count: 0 };
    let boot = Boot { element: desk.element, ticks, counter, pending, previous };
    let record = desk.sign(&boot);
    desk.records.push(record);
}
