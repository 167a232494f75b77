//! V10: the window, and clocks that contradict.

use jushin_statement::{
    Anchor, Beacon, Boot, Class, Embedded, Hash, Object as _, Signed, Stamp, StampContext, StampSubject,
    Ticks, UnixMillis, beacon_hash,
};

use crate::answer::{Answer, Window, conflict, open_ended, undecided, valid};
use crate::book::{Book, By};
use crate::forge::{closed, open_day, visited};
use crate::token::{Flaws, ONE_SECOND, Stated, flawed_token, token, token_over};
use crate::world::{MORNING, sign_as_platform, sign_es256};
use crate::{Desk, Edit, Form, world};

const HOUR: i64 = 3_600_000;

pub(super) fn write(book: &mut Book) {
    accuracies(book);
    authorities(book);
    counts(book);
    power_cycles(book);
    closes(book);
    beacons(book);
    neighbours(book);
}

fn tight(earliest: i64, latest: i64) -> Answer {
    valid(Window::of(earliest, latest), Class::Tight)
}

/// The token of the unlock states 201; the ticks add 59 993 to 61 908.
fn accuracies(book: &mut Book) {
    let mut v10 = book.chapter(10);
    let day = |stated: &dyn Fn(i64) -> Stated| {
        let mut desk = Desk::new(Form::Demo);
        desk.unlock_stated(stated);
        visited(desk, &Edit::default())
    };
    let with = |accuracy: Option<&'static [u8]>| day(&move |time| Stated { accuracy, ..Stated::at(time) });
    let mut case = |name, what, desk: Desk, answer| {
        v10.case(name, By::TimeStamper, what, desk, answer);
    };
    case(
        "accuracy-absent",
        "The token states no accuracy: the policy's second.",
        with(None),
        tight(59_194, 63_109),
    );
    case(
        "accuracy-zero",
        "The token states an accuracy of nought: the policy's second.",
        with(Some(&[2, 1, 0])),
        tight(59_194, 63_109),
    );
    case(
        "accuracy-of-eleven-seconds",
        "The token states eleven seconds.",
        with(Some(&[2, 1, 11])),
        tight(49_194, 73_109),
    );
    case(
        "accuracy-of-milliseconds",
        "The token states 50 milliseconds.",
        with(Some(&[0x80, 1, 50])),
        tight(60_144, 62_159),
    );
    case(
        "accuracy-of-a-microsecond",
        "The token states a microsecond: a whole millisecond.",
        with(Some(&[0x81, 1, 1])),
        tight(60_193, 62_110),
    );
    // The earliest moment lies before 1970, where certificates were not valid yet.
    let huge = undecided(&[11], Window::of(-MORNING, 2_147_483_647_000 + 62_109), Class::Interval);
    let mut open = Desk::new(Form::Demo);
    open.unlock_stated(|time| Stated { accuracy: Some(&[2, 4, 0x7f, 0xff, 0xff, 0xff]), ..Stated::at(time) });
    open.wait(60_000);
    open.visit();
    case("accuracy-of-68-years", "The token states an accuracy of 68 years.", open, huge);
    let whole =
        day(&|time| Stated { time: time - time % 1_000, fraction: false, accuracy: Some(ONE_SECOND) });
    case(
        "time-without-a-fraction",
        "The token's time has no fraction: a second more at each end.",
        whole,
        tight(57_993, 63_908),
    );
    let mut desk = Desk::new(Form::Demo);
    desk.unlock_with(&crate::unlock::Bracket {
        token: &|stamp, now| {
            flawed_token(
                stamp.imprint(),
                Stated::at(now),
                &world().time_stamper[0],
                &Flaws { four_digits: true, ..Flaws::default() },
            )
        },
        ..crate::unlock::Bracket::default()
    });
    case(
        "time-with-four-digits",
        "The token's time has tenths of milliseconds: one more at each end.",
        visited(desk, &Edit::default()),
        tight(59_193, 63_110),
    );
    let mut short = Desk::new(Form::Demo);
    short.unlock_stated(|time| Stated { accuracy: None, ..Stated::at(time) });
    v10.case(
        "accuracy-of-the-policy",
        By::TimeStamper,
        "The token states no accuracy, the policy 7 milliseconds.",
        visited(short, &Edit::default()),
        tight(60_187, 62_116),
    )
    .under("trust-accuracy-7");
}

fn authorities(book: &mut Book) {
    let mut v10 = book.chapter(10);
    let second = |off: i64| {
        let mut desk = Desk::unlocked(Form::Demo);
        (desk.authority, desk.off[1]) = (1, off);
        desk.wait(1_000);
        desk.unlock();
        visited(desk, &Edit::default())
    };
    v10.case(
        "two-authorities-an-hour-apart",
        By::TimeStamper,
        "Two authorities' times contradict each other.",
        second(HOUR),
        conflict(&[14]),
    );
    v10.case(
        "two-authorities-an-hour-apart-the-other-way",
        By::TimeStamper,
        "The second authority is an hour slow.",
        second(-HOUR),
        conflict(&[14]),
    );
    let mut late = Desk::unlocked(Form::Demo);
    late.off[0] = -600_000;
    late.wait(60_000);
    late.visit();
    v10.case(
        "close-before-the-visit",
        By::TimeStamper,
        "The close states a time ten minutes before the visit.",
        closed(late),
        conflict(&[14]),
    );
    for (name, what, fast, answer) in [
        (
            "clock-too-fast",
            "The element's clock runs 2000 millionths fast, its bound is 100.",
            2_000,
            conflict(&[14]),
        ),
        ("clock-too-slow", "The element's clock runs 2000 millionths slow.", -2_000, conflict(&[14])),
    ] {
        let mut desk = Desk::new(Form::Demo);
        desk.fast_ppm = fast;
        desk.unlock();
        desk.visit();
        desk.wait(HOUR);
        desk.unlock();
        v10.case(name, By::Element, what, desk, answer);
    }
}

fn counts(book: &mut Book) {
    let mut v10 = book.chapter(10);
    let mut back = open_day(Form::Demo);
    back.visit();
    back.wait(-30_000);
    back.visit();
    back.wait(60_000);
    v10.case(
        "counts-that-fall",
        By::Element,
        "The second visit has a lower count than the first.",
        back,
        vec![conflict(&[14]), conflict(&[14])],
    );
    // The unlock's second record is the second of its power cycle.
    let same = Edit { presence: &|presence| presence.ticks.count = 2, ..Edit::default() };
    v10.case(
        "records-counted-twice",
        By::Element,
        "An element that counts records gives one count twice.",
        visited(Desk::unlocked(Form::DateStamp), &same),
        conflict(&[14]).real(),
    );
    let mut desk = open_day(Form::Demo);
    desk.visit();
    let hidden = stamp(&desk, desk.cycle, 6, 10_000);
    desk.records.push(sign_es256(&hidden, &desk.device));
    v10.case(
        "count-that-falls-after-the-visit",
        By::Element,
        "A record after the visit has a lower count.",
        desk,
        conflict(&[14]),
    );
}

fn stamp(desk: &Desk, cycle: jushin_statement::Id16, counter: u64, count: u64) -> Stamp {
    Stamp {
        element: desk.element,
        anchor: desk.anchor,
        context: StampContext(StampSubject::Heartbeat),
        message: Hash::ZERO,
        ticks: Ticks { cycle, count },
        counter,
        previous: Hash::ZERO,
    }
}

fn power_cycles(book: &mut Book) {
    let mut v10 = book.chapter(10);
    let other = Hash::of(b"another power cycle").first16();
    let mut case = |name, what, desk: Desk, answer| {
        v10.case(name, By::Element, what, desk, answer);
    };
    let mut again = open_day(Form::Demo);
    again.visit();
    let (_, counter, previous) = again.step();
    let ticks = Ticks { cycle: again.cycle, count: 100_000 };
    let record = again.sign(&Boot { element: again.element, ticks, counter, pending: None, previous });
    again.records.push(record);
    case(
        "power-cycle-that-comes-again",
        "A second boot record has the TickNonce of the first.",
        again.clone(),
        conflict(&[14]),
    );
    again.records.remove(0);
    case(
        "power-cycle-booted-after-the-visit",
        "The only boot record of the power cycle comes after the visit.",
        again,
        conflict(&[14]),
    );
    // The visit at 4 and 5, a lost 6, the close at 7.
    let mut between = open_day(Form::Demo);
    between.visit();
    between.counter += 1;
    let mut between = closed(between);
    let record = stamp(&between, other, 6, 70_000);
    between.records.push(sign_es256(&record, &between.device));
    case(
        "power-cycles-interleaved",
        "A record of another power cycle lies between the visit and the close.",
        between,
        conflict(&[14]),
    );
    // The unlock at 2 and 3, a lost 4, the visit at 5 and 6.
    let mut before = Desk::unlocked(Form::Demo);
    before.counter += 1;
    let mut before = visited(before, &Edit::default());
    let record = stamp(&before, other, 4, 10);
    before.records.push(sign_es256(&record, &before.device));
    // The presence names the second stamp as the record before: a fork too.
    case(
        "power-cycles-interleaved-before",
        "A record of another power cycle lies between the unlock and the visit.",
        before,
        conflict(&[12, 14]),
    );
    let mut after = Desk::complete(Form::Demo);
    let record = stamp(&after, other, 7, 10);
    after.records.push(sign_es256(&record, &after.device));
    case(
        "power-cycle-after-the-close",
        "A record of another power cycle follows the close.",
        after,
        tight(59_194, 63_109),
    );
}

fn closes(book: &mut Book) {
    let mut v10 = book.chapter(10);
    let date = || {
        let mut desk = open_day(Form::DateStamp);
        desk.visit();
        desk
    };
    let open = || open_ended(Window::since(-799)).real();
    let mut other = Desk::with_device(Form::DateStamp, world().second_device.clone());
    other.unlock();
    other.visit();
    other.close();
    let mut desk = date();
    desk.anchors.push(other.anchors[1].clone());
    v10.case("close-of-another-element", By::Host, "Another element's close is there.", desk, open());
    let with_close = |change: &dyn Fn(&mut Signed, &mut jushin_statement::Bytes)| {
        let mut desk = closed(date());
        if let Anchor::Close { close, token } = &mut desk.anchors[1].0 {
            change(close, token);
        }
        desk
    };
    v10.case(
        "close-over-something-else",
        By::Host,
        "The close's token is over something else.",
        with_close(&|_, bytes| {
            *bytes = token_over(Hash::ZERO, Stated::at(MORNING), &world().time_stamper[0]).into()
        }),
        open(),
    );
    v10.case(
        "close-signed-by-a-stranger",
        By::Host,
        "Another key signed the close.",
        with_close(&|close, bytes| {
            let record: jushin_statement::Close = close.parse().unwrap().object().unwrap();
            *close = sign_es256(&record, &world().second_device);
            *bytes = token(close, Stated::at(MORNING + 70_000), &world().time_stamper[0]).into();
        }),
        open(),
    );
    let mut early = Desk::unlocked(Form::DateStamp);
    early.close();
    early.wait(60_000);
    early.visit();
    v10.case(
        "close-before-the-visits-counter",
        By::Host,
        "The close has a lower counter value than the visit.",
        early,
        open(),
    );
    let mut two = closed(date());
    two.wait(HOUR);
    two.close();
    two.anchors.reverse();
    v10.case(
        "close-twice",
        By::Host,
        "Two closes: the earlier one counts.",
        two,
        valid(Window::of(-799, 123_201), Class::Tight).real(),
    );
    let mut desk = date();
    desk.records.push(sign_es256(&stamp(&desk, desk.cycle, 6, 9), &desk.device));
    let record = desk.records.last().cloned().unwrap();
    let bytes = token(&record, Stated::at(MORNING + 70_000), &world().time_stamper[0]).into();
    desk.anchors.push(Embedded(Anchor::Close { close: record, token: bytes }));
    v10.case(
        "heartbeat-for-a-close",
        By::Host,
        "A time-stamped heartbeat stands in place of a close.",
        desk,
        open(),
    );
}

fn beacons(book: &mut Book) {
    let mut v10 = book.chapter(10);
    let beacon = Beacon { seq: 1, issued: UnixMillis(1), revocation_lists: Hash::of(b"lists") };
    let signed = sign_as_platform(&beacon, &world().receipt);
    let at = |millis: i64| token(&signed, Stated::at(MORNING + millis), &world().time_stamper[0]);
    // Records are counted; the check-in takes place at 60 401, the close states 122 201.
    let day = |named: Option<Hash>, given: Option<Vec<u8>>| {
        let edit = Edit { presence: &|presence| presence.beacon = named, ..Edit::default() };
        let mut desk = visited(Desk::unlocked(Form::DateStamp), &edit);
        desk.anchors.extend(
            given.map(|token| Embedded(Anchor::Beacon { beacon: signed.clone(), token: token.into() })),
        );
        desk
    };
    let named = |token: &[u8]| Some(beacon_hash(beacon.hash(), Hash::of(token)));
    let mut case = |name, by, what, desk: Desk, answer: Answer| {
        v10.case(name, by, what, desk, answer.real());
    };
    let (early, late) = (at(50_001), at(150_001));
    let without = || tight(-799, 123_201);
    case(
        "good-beacon",
        By::Nobody,
        "A beacon that the presence names bounds it from below.",
        day(named(&early), Some(early.clone())),
        tight(49_001, 123_201),
    );
    case(
        "beacon-not-at-hand",
        By::Stranger,
        "The beacon that the presence names was left out.",
        day(named(&early), None),
        without(),
    );
    case(
        "beacon-not-named",
        By::Host,
        "A beacon is there that the presence does not name.",
        day(None, Some(early.clone())),
        without(),
    );
    case(
        "beacon-with-another-token",
        By::Host,
        "The beacon is there with another token than the named one.",
        day(named(&early), Some(at(55_001))),
        without(),
    );
    case(
        "beacon-named-without-its-token",
        By::Host,
        "The presence names the beacon's payload alone.",
        day(Some(beacon.hash()), Some(early.clone())),
        without(),
    );
    case(
        "beacon-over-something-else",
        By::Host,
        "The beacon's token is over something else.",
        {
            let other = token_over(Hash::ZERO, Stated::at(MORNING + 50_001), &world().time_stamper[0]);
            day(named(&other), Some(other))
        },
        without(),
    );
    case(
        "beacon-after-the-close",
        By::TimeStamper,
        "The beacon is younger than the close.",
        day(named(&late), Some(late)),
        conflict(&[14]),
    );
}

fn neighbours(book: &mut Book) {
    let mut v10 = book.chapter(10);
    // A power cycle without an online unlock of its own; the next one at 121 901, its token states 122 101.
    let mut desk = Desk::unlocked(Form::Demo);
    desk.power_on();
    desk.unlock_offline();
    desk.wait(60_000);
    desk.visit();
    desk.wait(60_000);
    let mut backwards = desk.clone();
    desk.power_on();
    desk.unlock();
    v10.case(
        "good-bounded-by-the-next-unlock",
        By::Nobody,
        "An unlock of the next power cycle bounds from above.",
        &desk,
        tight(-799, 123_101),
    );
    desk.anchors.remove(0);
    v10.case(
        "bounded-from-above-only",
        By::Stranger,
        "The unlock before was left out: nothing bounds from below.",
        &desk,
        undecided(&[6, 11], Window::until(123_101), Class::OrderOnly),
    );
    backwards.power_on();
    backwards.off[0] = -200_000;
    backwards.unlock();
    v10.case(
        "next-unlock-before-the-visit",
        By::TimeStamper,
        "The next power cycle's unlock states a time before the one before.",
        backwards,
        conflict(&[14]),
    );
}
