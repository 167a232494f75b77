//! Gap query, close, holes, and what a close does to visits before it (P6).

use jushin_crypto::AwsLc;
use jushin_evidence::{Reason, Trust, verify};
use jushin_pki::{Crypto as _, KeyKind, Suite};
use jushin_platform::{Delivery, Stamped, TerminalState};
use jushin_statement::cbor::Writer;
use jushin_statement::{
    Alg, Anchor, Batch, BatchAck, Bundle, Close, Embedded, Gap, GapQuery, Hash, Id16, Object as _, Receipt,
    ReceiptPoll, Signed, Status, Verdict, sign,
};

use crate::support::keys::OUTSIDE;
use crate::support::terminal::{CheckIn, Terminal};
use crate::support::{World, assert_refused};

/// Asks for everything since the last close.
async fn query(world: &World, element: Id16) -> GapQuery {
    let mut body = Writer::new();
    body.bytes(&element.0);
    GapQuery::decode(&world.posted("/v1/gap-queries", body.into_bytes()).await).unwrap()
}

async fn closed(world: &World, terminal: &mut Terminal) -> Signed {
    let query = query(world, terminal.id).await;
    // With nothing new there is nothing after the last close but the last close itself.
    let lo = query.lo.min(terminal.element.status().unwrap().counter);
    terminal.element.close(query.nonce, lo, query.hi).unwrap()
}

fn batch_of(terminal: &Terminal, records: Vec<Signed>, close: Option<Signed>) -> Batch {
    Batch { element: terminal.id, records, anchors: Vec::new(), boxes: Vec::new(), close }
}

/// Everything that the platform has not seen of a terminal that is ready: its boot records.
fn boots(terminal: &Terminal) -> Vec<Signed> {
    vec![terminal.boot.clone().unwrap().boot]
}

fn receipt(answer: &[u8]) -> Receipt {
    BatchAck::decode(answer).unwrap().receipt.parse().unwrap().object().unwrap()
}

fn verdict(world: &World, check_in: &CheckIn) -> Verdict {
    let bundle = world.platform.bundle(check_in.evid).unwrap();
    bundle.results[0].parse().unwrap().object().unwrap()
}

#[tokio::test]
async fn a_close_over_the_platforms_number_is_receipted_up_to_itself_and_the_next_query_starts_after_it() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let check_in = terminal.check_in(&world);
    assert_eq!(query(&world, terminal.id).await.lo, 1);
    let close = closed(&world, &mut terminal).await;
    let mut batch = terminal.batch(&check_in);
    batch.records = boots(&terminal);
    batch.close = Some(close.clone());
    let answer = world.posted("/v1/batches", batch.encode()).await;
    let content: Close = close.parse().unwrap().object().unwrap();
    let receipt = receipt(&answer);
    assert_eq!((receipt.lo, receipt.hi, receipt.head), (1, content.counter, content.hash()));
    assert_eq!(receipt.gaps, []);
    assert_eq!(world.posted("/v1/batches", batch.encode()).await, answer, "the same again");
    assert_eq!(query(&world, terminal.id).await.lo, content.counter + 1);
    let anchors = world.platform.bundle(check_in.evid).unwrap().anchors;
    let close_anchor = |anchor: &Embedded<Anchor>| matches!(&anchor.0, Anchor::Close { close: found, .. } if *found == close);
    assert!(anchors.iter().any(close_anchor), "it travels with the visit");
}

#[tokio::test]
async fn n6_6_a_close_over_a_number_that_is_anothers_old_or_used_is_refused() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let mut other = Terminal::new(&world, 2);
    let request = other.request(&world).await;
    world.posted("/v1/enrolment/elements", request.0.0).await;
    let foreign = query(&world, other.id).await.nonce;
    let close = terminal.element.close(foreign, 1, None).unwrap();
    let batch = batch_of(&terminal, boots(&terminal), Some(close));
    assert_refused(&world.post("/v1/batches", batch.encode()).await, 409, "stale nonce");

    let close = closed(&world, &mut terminal).await;
    terminal.pass(&world, 86_400_001);
    let batch = batch_of(&terminal, boots(&terminal), Some(close));
    assert_refused(&world.post("/v1/batches", batch.encode()).await, 409, "stale nonce");

    let own = query(&world, terminal.id).await;
    let first = terminal.element.close(own.nonce, own.lo, None).unwrap();
    let second = terminal.element.close(own.nonce, own.lo, None).unwrap();
    world.posted("/v1/batches", batch_of(&terminal, boots(&terminal), Some(first)).encode()).await;
    let batch = batch_of(&terminal, Vec::new(), Some(second));
    assert_refused(&world.post("/v1/batches", batch.encode()).await, 409, "stale nonce");
}

#[tokio::test]
async fn n6_5_a_close_over_another_head_range_or_number_of_values_is_refused() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let close = closed(&world, &mut terminal).await;
    let honest: Close = close.parse().unwrap().object().unwrap();
    let key = terminal.stolen_key();
    let forged = |close: Close| {
        let key = AwsLc.private_key(&key).unwrap();
        sign(&close, Alg::Es256, None, |bytes| key.sign(Suite::P256Sha256Cose, bytes)).unwrap()
    };
    for close in [
        Close { head: Hash([5; 32]), ..honest.clone() },
        Close { hi: honest.hi - 1, ..honest.clone() },
        Close { lo: honest.hi, ..honest.clone() },
        Close { lo: honest.lo + 1, ..honest.clone() },
    ] {
        let batch = batch_of(&terminal, boots(&terminal), Some(forged(close)));
        assert_refused(&world.post("/v1/batches", batch.encode()).await, 422, "does not fit");
    }
    let batch = batch_of(&terminal, boots(&terminal), Some(close));
    world.posted("/v1/batches", batch.encode()).await;
}

#[tokio::test]
async fn n6_1_records_left_out_below_a_close_are_alarms_and_the_policys_count_suspends_the_terminal() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let mut sent = boots(&terminal);
    for round in 1..=2_u64 {
        let kept_back = terminal.check_in(&world);
        let check_in = terminal.check_in(&world);
        let close = closed(&world, &mut terminal).await;
        let mut batch = terminal.batch(&check_in);
        batch.records = core::mem::take(&mut sent);
        batch.close = Some(close);
        let answer = world.posted("/v1/batches", batch.encode()).await;
        let gap = Gap { from: kept_back.counter, to: kept_back.counter + 1 };
        assert_eq!(receipt(&answer).gaps, [gap]);
        assert_eq!(receipt(&answer).items[0].status, Status::Valid, "what did come stands");
        let state = world.platform.terminals().unwrap()[0].state;
        let suspended = matches!(state, TerminalState::Suspended { .. });
        assert_eq!(
            suspended,
            round == 2,
            "two values after round 1, four after round 2, three are the limit"
        );
    }
    assert_refused(&world.post("/v1/hello", terminal.hello()).await, 403, "suspended");
    query(&world, terminal.id).await;
}

#[tokio::test]
async fn n6_1_another_appointment_by_the_institution_does_not_start_the_count_anew() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let mut sent = boots(&terminal);
    for round in 1..=2_u64 {
        terminal.check_in(&world);
        let check_in = terminal.check_in(&world);
        let close = closed(&world, &mut terminal).await;
        let mut batch = terminal.batch(&check_in);
        batch.records = core::mem::take(&mut sent);
        batch.close = Some(close);
        world.posted("/v1/batches", batch.encode()).await;
        if round == 1 {
            world.clock.advance(60_000);
            let other_key = AwsLc.generate(KeyKind::P256).unwrap();
            let appointment = terminal.appointment_of(other_key.spki(), &OUTSIDE.administrator);
            world.posted("/v1/enrolment/terminals", appointment).await;
            world.clock.advance(60_000);
        }
    }
    let state = world.platform.terminals().unwrap()[0].state;
    assert!(matches!(state, TerminalState::Suspended { .. }), "{state:?}");
}

#[tokio::test]
async fn n6_2_the_order_within_a_batch_changes_nothing() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let (first, abort, third) =
        (terminal.check_in(&world), terminal.give_up(&world), terminal.check_in(&world));
    let close = closed(&world, &mut terminal).await;
    let mut batch = terminal.batch(&third);
    batch.boxes.extend(terminal.batch(&first).boxes);
    batch.records = [vec![abort], boots(&terminal)].concat();
    batch.close = Some(close);
    let answer = world.posted("/v1/batches", batch.encode()).await;
    assert_eq!(receipt(&answer).gaps, []);
    batch.boxes.reverse();
    batch.records.reverse();
    assert_eq!(world.posted("/v1/batches", batch.encode()).await, answer);
    assert!(!world.platform.terminals().unwrap()[0].forked);
}

#[tokio::test]
async fn n6_9_a_boot_explains_the_session_that_it_names_and_nothing_before_it() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let first_boot = boots(&terminal);
    let check_in = terminal.check_in(&world);
    terminal.begin_and_lose_power(&world);
    let named = check_in.counter + 2;
    let close = closed(&world, &mut terminal).await;
    let records = [first_boot, boots(&terminal)].concat();
    // The boot names the session's beginning, but the commit before it is cut off.
    let batch = batch_of(&terminal, records, Some(close));
    let answer = world.posted("/v1/batches", batch.encode()).await;
    let gap = Gap { from: check_in.counter, to: check_in.counter + 1 };
    assert_eq!(receipt(&answer).gaps, [gap], "{named} is explained");
}

#[tokio::test]
async fn n6_14_more_commits_lost_to_power_cuts_than_the_policy_allows_are_alarms() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let mut records = boots(&terminal);
    let mut lost = Vec::new();
    for round in 0..4 {
        if round > 0 {
            terminal.anchor(&world).await;
        }
        let check_in = terminal.check_in(&world);
        records.push(check_in.evidence.commit.clone());
        lost.push(check_in.counter);
        terminal.power_cycle();
        records.extend(boots(&terminal));
    }
    let close = closed(&world, &mut terminal).await;
    let answer = world.posted("/v1/batches", batch_of(&terminal, records, Some(close)).encode()).await;
    assert_eq!(receipt(&answer).gaps, [Gap { from: lost[3], to: lost[3] }]);
    assert_eq!(world.platform.terminals().unwrap()[0].state, TerminalState::Able, "one alarm is below three");
}

#[tokio::test]
async fn a_record_that_names_another_one_before_it_than_the_platform_has_is_a_fork() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let records = boots(&terminal);
    let honest = terminal.check_in(&world);
    // The terminal's host sends the commit of a copied element, the element itself goes on from its own.
    let forged = terminal.fork(&honest);
    world.posted("/v1/batches", terminal.batch(&forged).encode()).await;
    let close = closed(&world, &mut terminal).await;
    world.posted("/v1/batches", batch_of(&terminal, records, Some(close)).encode()).await;
    let status = &world.platform.terminals().unwrap()[0];
    assert!(status.forked && matches!(status.state, TerminalState::Suspended { .. }), "{status:?}");
    assert_eq!(verdict(&world, &forged).status, Status::Conflict);
}

/// A visit that nothing closes: the element has no timer, and no anchor follows.
async fn open_ended(world: &World) -> (Terminal, CheckIn, Vec<Signed>) {
    let mut terminal = Terminal::ready(world).await;
    let records = boots(&terminal);
    let check_in = terminal.check_in(world);
    terminal.pass(world, 3_600_000);
    (terminal, check_in, records)
}

#[tokio::test]
async fn a_visit_without_an_upper_end_is_valid_once_a_close_is_stamped_and_the_history_hears_of_it() {
    let world = World::in_date_mode();
    let (mut terminal, check_in, records) = open_ended(&world).await;
    let mut batch = terminal.batch(&check_in);
    batch.records = records;
    let answer = world.posted("/v1/batches", batch.encode()).await;
    assert_eq!(receipt(&answer).items[0].status, Status::OpenEnded, "{:?}", receipt(&answer).items);
    assert_eq!(world.platform.deliver_once().await.unwrap(), Delivery { delivered: 1, waiting: 0 });

    let close = closed(&world, &mut terminal).await;
    world.posted("/v1/batches", batch_of(&terminal, Vec::new(), Some(close)).encode()).await;
    let later = verdict(&world, &check_in);
    assert_eq!(later.status, Status::Valid);
    assert!(later.hi.is_some());
    assert_eq!(world.platform.deliver_once().await.unwrap(), Delivery { delivered: 1, waiting: 0 });
    let sent = world.peers.registered.lock().unwrap();
    let statuses: Vec<Status> = sent
        .iter()
        .map(|bundle| bundle.results[0].parse().unwrap().object::<Verdict>().unwrap().status)
        .collect();
    assert_eq!(statuses, [Status::OpenEnded, Status::Valid]);
    let trust = Trust::from_files(world.platform.trust_files()).unwrap();
    let report = verify(&world.platform.bundle(check_in.evid).unwrap(), &trust, &AwsLc);
    assert_eq!(report.visits[0].status, Status::Valid, "anybody else finds the same");
}

#[tokio::test]
async fn however_many_closes_lie_between_a_visit_still_finds_the_unlock_that_it_names() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    for _ in 0..12 {
        let close = closed(&world, &mut terminal).await;
        world.posted("/v1/batches", batch_of(&terminal, Vec::new(), Some(close)).encode()).await;
    }
    let check_in = terminal.check_in(&world);
    let answer = world.posted("/v1/batches", terminal.batch(&check_in).encode()).await;
    assert_eq!(receipt(&answer).items[0].status, Status::Valid);
}

#[tokio::test]
async fn a_close_that_no_authority_stamps_is_kept_and_stamped_later() {
    let world = World::in_date_mode();
    let (mut terminal, check_in, records) = open_ended(&world).await;
    world.peers.change(|peers| peers.tsas = [None, None]);
    let close = closed(&world, &mut terminal).await;
    let mut batch = terminal.batch(&check_in);
    batch.records = records;
    batch.close = Some(close);
    let answer = world.posted("/v1/batches", batch.encode()).await;
    assert_eq!(receipt(&answer).items[0].status, Status::OpenEnded);
    assert_eq!(world.platform.stamp_closes_once().await.unwrap(), Stamped { stamped: 0, waiting: 1 });

    world.peers.change(|peers| peers.tsas = OUTSIDE.tsas.clone().map(Some));
    assert_eq!(world.platform.stamp_closes_once().await.unwrap(), Stamped { stamped: 1, waiting: 0 });
    assert_eq!(world.platform.stamp_closes_once().await.unwrap(), Stamped::default());
    assert_eq!(verdict(&world, &check_in).status, Status::Valid);
    let poll = ReceiptPoll { element: terminal.id, lo: check_in.counter, hi: check_in.counter + 1 };
    assert_eq!(receipt(&world.posted("/v1/receipts", poll.encode()).await).items[0].status, Status::Valid);
}

#[tokio::test]
async fn a_later_anchor_closes_a_visit_too() {
    let world = World::in_date_mode();
    let (mut terminal, check_in, records) = open_ended(&world).await;
    let mut batch = terminal.batch(&check_in);
    batch.records = records;
    world.posted("/v1/batches", batch.encode()).await;
    assert_eq!(verdict(&world, &check_in).status, Status::OpenEnded);
    terminal.anchor(&world).await;
    assert_eq!(verdict(&world, &check_in).status, Status::Valid);
}

#[tokio::test]
async fn a_visit_that_a_later_report_makes_void_is_invalid_and_the_history_hears_of_it() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let check_in = terminal.check_in(&world);
    world.posted("/v1/batches", terminal.batch(&check_in).encode()).await;
    assert_eq!(world.platform.deliver_once().await.unwrap().delivered, 1);
    world.platform.suspend(terminal.id, Some(check_in.counter), "stolen before").unwrap();
    assert_eq!(verdict(&world, &check_in).status, Status::Invalid);
    assert_eq!(world.platform.deliver_once().await.unwrap().delivered, 1);
    let sent = world.peers.registered.lock().unwrap();
    let last: Verdict = sent[1].results[0].parse().unwrap().object().unwrap();
    assert_eq!(last.status, Status::Invalid);
    assert!(last.reasons.contains(&Reason::Void.number()), "{:?}", last.reasons);
}

/// What anybody finds who checks the bundle, and the receipt in it.
fn checked(world: &World, bundle: &Bundle) -> (Status, Vec<Reason>, Receipt) {
    let trust = Trust::from_files(world.platform.trust_files()).unwrap();
    let visit = verify(bundle, &trust, &AwsLc).visits.remove(0);
    let receipt = bundle.results[1].parse().unwrap().object().unwrap();
    (visit.status, visit.reasons, receipt)
}

#[tokio::test]
async fn a_bundle_of_either_form_says_that_the_record_beside_its_visit_is_missing_until_it_comes() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let [before, kept_back, after, last] = [(); 4].map(|()| terminal.check_in(&world));
    let mut batch = terminal.batch(&before);
    batch.records = boots(&terminal);
    for one in [&after, &last] {
        batch.boxes.extend(terminal.batch(one).boxes);
    }
    world.posted("/v1/batches", batch.encode()).await;
    let bundles = |check_in: &CheckIn| {
        let platform = &world.platform;
        [platform.bundle(check_in.evid).unwrap(), platform.redacted_bundle(check_in.evid).unwrap()]
    };
    let found = |check_in: &CheckIn| bundles(check_in).map(|bundle| checked(&world, &bundle));
    for check_in in [&before, &after] {
        for (status, reasons, receipt) in found(check_in) {
            assert_eq!((status, reasons), (Status::Valid, vec![]), "it may still come");
            assert_eq!(receipt.gaps, []);
            assert!(receipt.lo >= check_in.counter - 1 && receipt.hi == check_in.counter + 1);
        }
    }

    let close = closed(&world, &mut terminal).await;
    world.posted("/v1/batches", batch_of(&terminal, Vec::new(), Some(close)).encode()).await;
    let missing = [kept_back.counter, kept_back.counter + 1];
    for (check_in, gap, hi) in [
        (&before, Gap { from: missing[0], to: missing[1] }, after.counter),
        (&after, Gap { from: missing[1], to: missing[1] }, after.counter + 1),
    ] {
        for (status, reasons, receipt) in found(check_in) {
            assert_eq!((status, reasons), (Status::Valid, vec![Reason::Gap]));
            assert_eq!((receipt.hi, receipt.gaps), (hi, vec![gap]));
            let [item] = &receipt.items[..] else { panic!("{} items", receipt.items.len()) };
            assert_eq!((item.counter, item.pid), (check_in.counter, None), "no other patient's visit");
        }
    }
    for (_, reasons, receipt) in found(&last) {
        assert_eq!((reasons, receipt.gaps), (vec![], vec![]), "the gap is not beside it");
    }

    world.posted("/v1/batches", terminal.batch(&kept_back).encode()).await;
    for check_in in [&before, &after, &kept_back] {
        for (_, reasons, receipt) in found(check_in) {
            assert_eq!((reasons, receipt.gaps), (vec![], vec![]), "it came");
        }
    }
}

#[tokio::test]
async fn n6_1_a_record_left_out_right_below_a_close_is_an_alarm_too() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let sent = boots(&terminal);
    terminal.power_cycle();
    let close = closed(&world, &mut terminal).await;
    let before = close.parse().unwrap().object::<Close>().unwrap().counter - 1;
    let answer = world.posted("/v1/batches", batch_of(&terminal, sent, Some(close)).encode()).await;
    assert_eq!(receipt(&answer).gaps, [Gap { from: before, to: before }]);
    let noted = world.platform.operations(10).unwrap();
    assert!(noted.iter().any(|done| done.what.starts_with("1 counter values below a close are missing")));
}
