//! What is kept, what is sent, and what may go.

use jushin_secure_element::Instruction;
use jushin_statement::{HolderCheck, Record, Status};
use jushin_terminal::{Fact, OwnRecord, SqliteStore, Store as _, StoreError};

use crate::bench::Bench;
use crate::platform::Answers;

const FACE: HolderCheck = HolderCheck::PhotoMachine;

#[tokio::test]
async fn a_right_receipt_frees_the_box_and_is_kept_with_its_verdict() {
    let bench = Bench::ready().await;
    bench.tap("P1", FACE).await;
    assert_eq!(bench.terminal.waiting().unwrap(), 0);
    let today = bench.terminal.today().unwrap();
    assert_eq!(today.len(), 1);
    assert_eq!(today[0].status, Some(Status::Valid));
}

#[tokio::test]
async fn n6_8_a_receipt_with_another_head_deletes_nothing() {
    receipt_deletes_nothing(Answers::OtherHead).await;
}

#[tokio::test]
async fn n6_15_a_signed_receipt_of_another_element_or_key_deletes_nothing() {
    receipt_deletes_nothing(Answers::OtherElement).await;
    receipt_deletes_nothing(Answers::OtherKey).await;
}

async fn receipt_deletes_nothing(answers: Answers) {
    let bench = Bench::ready().await;
    bench.platform.answer(answers);
    let tap = bench.tap("P1", FACE).await;
    assert_eq!(tap.state.0, "new-provisional");
    assert!(tap.verdict.is_none());
    assert_eq!(bench.terminal.waiting().unwrap(), 1, "{answers:?}");
    let refusal = bench.terminal.sync().await.unwrap_err().to_string();
    let expected = match answers {
        Answers::OtherHead => "the receipt ends at counter",
        Answers::OtherElement => "the receipt is for element",
        _ => "the receipt is not signed by the platform's key",
    };
    assert!(refusal.contains(expected), "{refusal}");

    bench.platform.answer(Answers::Right);
    assert_eq!(bench.terminal.sync().await.unwrap().settled, 1);
}

#[tokio::test]
async fn n6_15_a_visit_that_is_not_final_keeps_its_box_and_is_asked_for_again() {
    let bench = Bench::ready().await;
    bench.platform.answer(Answers::Undecided);
    assert_eq!(bench.tap("P1", FACE).await.state.0, "new-provisional");
    assert_eq!(bench.terminal.waiting().unwrap(), 1);
    bench.terminal.sync().await.unwrap();
    assert_eq!(bench.terminal.waiting().unwrap(), 1);
    assert_eq!(bench.platform.batches().len(), 1, "polled, not sent twice");

    bench.platform.answer(Answers::Right);
    assert_eq!(bench.terminal.sync().await.unwrap().settled, 1);
    assert_eq!(bench.state(), "new", "the desk is corrected where it stands");
}

#[tokio::test]
async fn without_network_the_check_in_is_provisional_and_confirmed_when_it_is_back() {
    let bench = Bench::ready().await;
    bench.platform.network(false);
    assert_eq!(bench.tap("P1", FACE).await.state.0, "new-provisional");
    assert_eq!(bench.tap("P2", FACE).await.state.0, "new-provisional");
    let today = bench.terminal.today().unwrap();
    let numbers: Vec<_> = today.iter().map(|row| row.waiting_number).collect();
    assert_eq!(numbers, [Some(1), Some(2)]);
    assert!(!bench.terminal.background_round().await);
    assert_eq!(bench.terminal.waiting().unwrap(), 2);

    bench.platform.network(true);
    assert!(bench.terminal.background_round().await);
    assert_eq!(bench.terminal.waiting().unwrap(), 0);
    let today = bench.terminal.today().unwrap();
    assert!(today.iter().all(|row| row.status == Some(Status::Valid)));
    assert_eq!(bench.state(), "new");
}

#[tokio::test]
async fn n6_4_a_batch_whose_answer_was_lost_is_sent_again_byte_for_byte() {
    let bench = Bench::ready().await;
    bench.platform.answer(Answers::Lost);
    assert_eq!(bench.tap("P1", FACE).await.state.0, "new-provisional");
    bench.platform.answer(Answers::Right);
    assert_eq!(bench.terminal.sync().await.unwrap().settled, 1);
    let batches = bench.platform.batches();
    assert_eq!(batches.len(), 2);
    assert_eq!(batches[0], batches[1]);
}

#[tokio::test]
async fn a_killed_program_loses_nothing_that_was_done() {
    let mut bench = Bench::ready().await;
    bench.platform.network(false);
    let taps = [bench.tap("P1", FACE).await, bench.tap("P2", FACE).await];
    bench.restart();
    assert_eq!(bench.state(), "starting");
    assert_eq!(bench.terminal.waiting().unwrap(), 2);

    bench.platform.network(true);
    bench.terminal.power_on().await.unwrap();
    bench.terminal.sync().await.unwrap();
    let evids: Vec<_> = bench.platform.batches()[0].boxes.iter().map(|sealed| Some(sealed.evid)).collect();
    assert_eq!(evids, taps.map(|tap| tap.trace.evid));
    assert_eq!(bench.tap("P1", FACE).await.state.0, "new");
}

#[tokio::test]
async fn power_that_goes_right_after_the_commit_loses_the_visit_but_no_record() {
    let bench = Bench::ready().await;
    bench.tap("P1", FACE).await;
    bench.socket.cut_after(Instruction::Commit);
    bench.tap("P1", FACE).await;
    assert_eq!(bench.terminal.today().unwrap().len(), 1, "what was not sealed is no visit");
    // The terminal has switched the element on and unlocked it again by itself.
    assert!(bench.tap("P2", FACE).await.trace.evid.is_some());

    let batches = bench.platform.batches();
    let kinds: Vec<_> = batches.last().unwrap().records.iter().map(kind).collect();
    assert_eq!(kinds, ["commit", "boot"], "the commit came back with the boot, and both are sent");
}

fn kind(record: &jushin_statement::Signed) -> &'static str {
    match Record::decode(record.parse().unwrap().payload).unwrap() {
        Record::BindingAck(_) => "bind-ack",
        Record::TickStamp1(_) => "ts1",
        Record::TickStamp2(_) => "ts2",
        Record::Commit(_) => "commit",
        Record::Boot(_) => "boot",
        Record::Stamp(_) => "stamp",
        Record::Close(_) => "close",
    }
}

#[tokio::test]
async fn the_platform_gets_every_counter_value_once_the_network_was_there() {
    let bench = Bench::ready().await;
    bench.tap("P1", FACE).await;
    let first = bench.platform.batches().remove(0);
    let kinds: Vec<_> = first.records.iter().map(kind).collect();
    // bind-ack, stamps and anchors were taken by their own requests.
    assert_eq!(kinds, ["boot"]);
    assert!(first.anchors.is_empty());
    bench.tap("P1", FACE).await;
    let second = bench.platform.batches().remove(1);
    assert!(second.records.is_empty(), "what a receipt acknowledged is not sent again");
    assert_eq!(second.boxes.len(), 1);
}

#[tokio::test]
async fn two_payloads_under_one_counter_are_a_fork_and_the_first_stays() {
    let bench = Bench::ready().await;
    let store = SqliteStore::open(&bench.folder.path().join("terminal.sqlite")).unwrap();
    let kept = store.record_hash(1).unwrap().unwrap();
    let signed = jushin_statement::Signed(store.fact(Fact::Boot).unwrap().unwrap().into());
    let forged = OwnRecord { counter: 1, payload_hash: jushin_statement::Hash::ZERO, signed };
    assert!(matches!(store.keep_record(&forged), Err(StoreError::Fork { counter: 1, .. })));
    assert_eq!(store.record_hash(1).unwrap(), Some(kept));
}

#[tokio::test]
async fn a_card_leads_to_one_chart_only() {
    let bench = Bench::ready().await;
    let tap = bench.tap("P1", FACE).await;
    let evid = tap.trace.evid.unwrap();
    bench.terminal.assign_chart(evid, crate::taps::chart()).unwrap();
    let other = jushin_terminal::Chart { number: "99999".into(), ..crate::taps::chart() };
    let refused = bench.terminal.assign_chart(evid, other).unwrap_err().to_string();
    assert_eq!(refused, "this card already leads to chart 10432");
}

#[tokio::test]
async fn a_journal_of_another_version_is_refused_and_left_as_it_is() {
    let bench = Bench::ready().await;
    let path = bench.folder.path().join("terminal.sqlite");
    let file = rusqlite::Connection::open(&path).unwrap();
    for found in [0, 1, 3] {
        file.pragma_update(None, "user_version", found).unwrap();
        let refused = SqliteStore::open(&path).map(|_| ());
        assert!(
            matches!(refused, Err(StoreError::OtherVersion { found: in_file, known: 2 }) if in_file == found)
        );
    }
    file.pragma_update(None, "user_version", 2).unwrap();
    assert!(SqliteStore::open(&path).is_ok());
}
