//! Card sessions, good and bad.

use jushin_secure_element::Instruction;
use jushin_statement::{Class, CommitOutcome, HolderCheck, Record, Status};
use jushin_terminal::{CardName, Chart};

use crate::bench::{Bench, MORNING};
use crate::cards::PIN;
use crate::platform::Answers;

const FACE: HolderCheck = HolderCheck::PhotoMachine;

pub(crate) fn chart() -> Chart {
    Chart { number: "10432".into(), name: "髙橋 渚󠄁".into(), kana: "タカハシ ナギサ".into() }
}

#[tokio::test]
async fn a_new_patient_gets_a_chart_and_is_known_by_it_the_next_time() {
    let bench = Bench::ready().await;
    assert_eq!(bench.state(), "ready");

    let first = bench.tap("P1", FACE).await;
    assert_eq!(first.trace.trouble, None);
    assert_eq!(first.state.0, "new");
    let verdict = first.verdict.unwrap();
    assert_eq!((verdict.status, verdict.class), (Status::Valid, Class::Tight));
    assert_eq!(Some(verdict.evid), first.trace.evid);
    assert!(first.receipt_code.unwrap().starts_with("R-"));
    assert_eq!(first.eligibility.unwrap().insurer, "さくら健保");

    bench.terminal.assign_chart(verdict.evid, chart()).unwrap();
    assert_eq!(bench.state(), "known");

    bench.clock.advance(86_400_000);
    let second = bench.tap("P1", FACE).await;
    assert_eq!(second.state.0, "known");
    let line = second.chart.unwrap();
    assert_eq!((line.number.as_str(), line.name.as_str()), ("10432", "髙橋 渚󠄁"));
    assert_eq!(line.last_visit, Some(MORNING));
    // The first visit of a day comes after an anchor of that day: two stamps.
    assert_eq!(second.trace.counter, first.trace.counter.map(|counter| counter + 4));

    let other = bench.tap("P2", FACE).await;
    assert_eq!(other.state.0, "new", "another card leads to no chart of somebody else");
}

#[tokio::test]
async fn a_tap_without_pin_costs_seven_commands_and_those_for_the_certificate() {
    let bench = Bench::ready().await;
    let tap = bench.tap("P1", FACE).await;
    // Select, token information, certificate (256 bytes each), challenge, CV certificate, authenticate, sign, end.
    let chunks = crate::cards::CERTIFICATE.len().div_ceil(256);
    assert_eq!(tap.trace.apdus as usize, 7 + chunks);
    let steps: Vec<_> = tap.trace.steps.iter().map(|(step, _)| *step).collect();
    assert_eq!(steps, ["card", "begin", "terminal", "holder", "record"]);
}

#[tokio::test]
async fn the_evidence_says_how_the_holder_was_checked() {
    let bench = Bench::ready().await;
    let tap = bench.terminal.tap_now(&CardName("P1".into()), HolderCheck::Pin, Some(PIN)).await;
    assert_eq!((tap.state.0, tap.trace.trouble), ("new", None));
    let evidence = bench.platform.opened().pop().unwrap();
    let presence: jushin_statement::Presence = jushin_statement::Object::decode(&evidence.presence).unwrap();
    assert_eq!(presence.method, HolderCheck::Pin);
}

#[tokio::test]
async fn a_wrong_pin_costs_a_try_and_no_counter_and_a_blocked_one_leaves_face_and_eye() {
    let bench = Bench::ready().await;
    bench.terminal.card_placed(CardName("P1".into())).await;
    bench.terminal.holder_chosen(HolderCheck::Pin).await;
    assert_eq!(bench.state(), "pin");
    for left in ["あと 2 回", "あと 1 回"] {
        bench.terminal.pin_given("0000").await.unwrap();
        assert_eq!(bench.state(), "pin");
        assert!(bench.page("/counter/").await.contains(left), "{left}");
    }
    bench.terminal.pin_given("0000").await.unwrap();
    assert_eq!(bench.state(), "card-locked");
    assert!(bench.terminal.pin_given("12a").await.is_err(), "the card is not asked for what is no PIN");

    bench.terminal.holder_chosen(HolderCheck::PhotoVisual).await;
    assert_eq!(bench.state(), "new");
    // 1 is the boot record, 2 to 6 are binding and stamps, which went by their own requests.
    assert_eq!(bench.platform.counters(), [1, 7, 8].into());
}

#[tokio::test]
async fn a_card_pulled_before_the_element_began_leaves_no_record() {
    let bench = Bench::ready().await;
    bench.cards.pull_after("P1", 3);
    assert_eq!(bench.tap("P1", FACE).await.state.0, "pulled");
    bench.cards.put_back("P1");
    assert_eq!(bench.tap("P1", FACE).await.state.0, "new");
    assert_eq!(aborts(&bench), 0);
}

#[tokio::test]
async fn a_card_pulled_in_mid_session_leaves_pulled_and_an_aborted_record() {
    let bench = Bench::ready().await;
    let reading = 2 + u32::try_from(crate::cards::CERTIFICATE.len().div_ceil(256)).unwrap();
    for after_challenge in 1..=3 {
        bench.cards.pull_after("P1", reading + after_challenge);
        let tap = bench.tap("P1", FACE).await;
        assert_eq!(tap.state.0, "pulled", "{:?}", tap.trace.trouble);
        bench.cards.put_back("P1");
    }
    assert_eq!(bench.tap("P1", FACE).await.state.0, "new");
    assert_eq!(aborts(&bench), 3, "each given-up session is a record that the platform gets");
}

fn aborts(bench: &Bench) -> usize {
    let records = bench.platform.batches().into_iter().flat_map(|batch| batch.records);
    records
        .filter(|record| {
            let record = Record::decode(record.parse().unwrap().payload).unwrap();
            matches!(record, Record::Commit(commit) if commit.outcome == CommitOutcome::Aborted)
        })
        .count()
}

#[tokio::test]
async fn a_card_pulled_while_the_receptionist_chooses_leaves_pulled() {
    let bench = Bench::ready().await;
    bench.terminal.card_placed(CardName("P1".into())).await;
    assert_eq!(bench.state(), "verify-holder");
    bench.terminal.card_removed().await;
    assert_eq!(bench.state(), "pulled");
}

#[tokio::test]
async fn n3_7_a_signature_that_comes_too_late_is_recorded_as_late_and_is_no_visit() {
    let bench = Bench::ready().await;
    bench.cards.slow_down(bench.ticker.clone(), 10_001);
    let tap = bench.tap("P1", FACE).await;
    assert_eq!(tap.state.0, "pulled");
    assert_eq!(tap.trace.trouble.as_deref(), Some("the element recorded the session as TooLate"));
    assert_eq!(bench.terminal.waiting().unwrap(), 0);
}

#[tokio::test]
async fn n3_8_a_card_of_an_unknown_ca_is_not_ours() {
    let bench = Bench::ready().await;
    assert_eq!(bench.tap("foreign", FACE).await.state.0, "wrong-card");
    assert_eq!(bench.tap("bus pass", FACE).await.state.0, "wrong-card");
    assert_eq!(bench.tap("P1", FACE).await.state.0, "new", "the next card is read as ever");
}

#[tokio::test]
async fn an_expired_card_is_told_before_it_is_asked_to_sign() {
    let bench = Bench::ready().await;
    assert_eq!(bench.tap("old", FACE).await.state.0, "card-expired");
    assert_eq!(bench.terminal.waiting().unwrap(), 0);
}

#[tokio::test]
async fn a_stopped_card_needs_another_check_and_care_goes_on() {
    let bench = Bench::ready().await;
    bench.platform.answer(Answers::Stopped);
    assert_eq!(bench.tap("P1", FACE).await.state.0, "revoked");
    assert_eq!(bench.terminal.waiting().unwrap(), 0, "an invalid visit is final");
}

#[tokio::test]
async fn a_reader_that_is_gone_is_said_so_and_goes_on_by_itself() {
    let bench = Bench::ready().await;
    bench.cards.plug(false);
    assert_eq!(bench.tap("P1", FACE).await.state.0, "reader-lost");
    bench.cards.plug(true);
    bench.terminal.reader_found().await;
    assert_eq!(bench.tap("P1", FACE).await.state.0, "new");
}

#[tokio::test]
async fn a_suspended_terminal_does_not_unlock() {
    let bench = Bench::new();
    bench.enrol().await;
    bench.platform.suspend();
    assert!(bench.terminal.power_on().await.is_err());
    assert_eq!(bench.state(), "suspended");
    assert_eq!(bench.tap("P1", FACE).await.state.0, "suspended");
}

#[tokio::test]
async fn a_terminal_that_is_put_back_into_use_takes_its_new_binding_and_goes_on_by_itself() {
    let bench = Bench::new();
    bench.enrol().await;
    bench.platform.suspend();
    assert!(bench.terminal.power_on().await.is_err());
    assert!(!bench.terminal.background_round().await, "still suspended");
    bench.platform.resume();
    assert!(bench.terminal.background_round().await);
    assert_eq!(bench.state(), "ready");
    assert_eq!(bench.tap("P1", FACE).await.state.0, "new");
}

#[tokio::test]
async fn without_network_at_power_on_the_desk_waits_and_goes_on_by_itself() {
    let bench = Bench::new();
    bench.enrol().await;
    bench.platform.network(false);
    assert!(bench.terminal.power_on().await.is_err());
    assert_eq!(bench.state(), "locked");
    assert!(!bench.terminal.background_round().await);
    bench.platform.network(true);
    assert!(bench.terminal.background_round().await);
    assert_eq!(bench.state(), "ready");
}

#[tokio::test]
async fn when_the_unlock_is_used_up_the_terminal_fetches_another_by_itself() {
    let bench = Bench::ready().await;
    for _ in 0..5 {
        assert_eq!(bench.tap("P1", FACE).await.state.0, "new");
    }
    assert_eq!(bench.terminal.remaining(), Some(0));
    assert_eq!(bench.tap("P1", FACE).await.state.0, "ready", "unlocked again, the card is placed once more");
    assert_eq!(bench.tap("P1", FACE).await.state.0, "new");
}

#[tokio::test]
async fn between_patients_the_anchor_is_renewed_before_the_window_grows_too_wide() {
    let bench = Bench::ready().await;
    bench.tap("P1", FACE).await;
    let before = bench.terminal.remaining();
    bench.ticker.advance(30_000_000);
    bench.terminal.back().await;
    bench.tap("P2", FACE).await;
    bench.terminal.background_round().await;
    assert_eq!(bench.terminal.remaining().map(|left| left + 1), before, "not a moment too early");
    bench.ticker.advance(3_000);
    bench.terminal.background_round().await;
    assert!(bench.terminal.remaining() > before, "a new unlock came with the anchor");
}

#[tokio::test]
async fn an_element_that_lost_power_is_unlocked_again_by_itself() {
    let bench = Bench::ready().await;
    bench.socket.cut_after(Instruction::Begin);
    bench.tap("P1", FACE).await;
    bench.socket.power_on();
    bench.terminal.power_on().await.unwrap();
    assert_eq!(bench.state(), "ready");
    assert_eq!(bench.tap("P1", FACE).await.state.0, "new");
}

#[tokio::test]
async fn a_clock_that_is_ten_years_off_sends_no_patient_away() {
    let bench = Bench::new();
    bench.enrol().await;
    bench.clock.advance(10 * 365 * 86_400_000);
    bench.terminal.power_on().await.unwrap();
    // Past its date by this clock, and not by the provider's.
    assert_eq!(bench.tap("P1", FACE).await.state.0, "new");
}
