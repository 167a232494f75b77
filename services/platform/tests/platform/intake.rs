//! Taking in evidence at the platform's door (P6, online).

use jushin_crypto::AwsLc;
use jushin_evidence::Trust;
use jushin_pki::Moment;
use jushin_statement::{
    BatchAck, Bundle, Class, Eligibility, Gap, Hash, Id16, Object as _, PidScheme, Receipt, ReceiptPoll,
    Status, Validity, Verdict, Visit, Visits, seal_aad,
};

use crate::support::keys::{OUTSIDE, START};
use crate::support::terminal::{CheckIn, Terminal};
use crate::support::{World, assert_refused};

#[tokio::test]
async fn a_visit_is_verified_receipted_and_registered_in_the_history() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let check_in = terminal.check_in(&world);
    terminal.pass(&world, 1_000);
    let answer = world.posted("/v1/batches", terminal.batch(&check_in).encode()).await;
    let answer = BatchAck::decode(&answer).unwrap();
    let verdict: Verdict = answer.verdicts[0].parse().unwrap().object().unwrap();
    assert_eq!((verdict.evid, verdict.status), (check_in.evid, Status::Valid), "{verdict:?}");
    assert!(verdict.simulated);
    let receipt: Receipt = answer.receipt.parse().unwrap().object().unwrap();
    assert_eq!(
        (receipt.lo, receipt.hi, receipt.head),
        (check_in.counter, check_in.counter + 1, check_in.evid)
    );
    assert!(receipt.gaps.is_empty());
    assert_eq!(receipt.items[0].pid.unwrap().scheme, PidScheme::Platform);
    let eligibility: Eligibility = answer.eligibilities[0].parse().unwrap().object().unwrap();
    assert_eq!(eligibility.validity, Validity::NoneFound);

    let delivery = world.platform.deliver_once().await.unwrap();
    assert_eq!((delivery.delivered, delivery.waiting), (1, 0));
    let registered = world.peers.registered.lock().unwrap();
    assert!(matches!(registered[0].visits, Visits::Redacted(_)));
}

#[tokio::test]
async fn n6_3_two_visits_under_one_counter_are_a_conflict_both_kept_and_the_terminal_stops() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let honest = terminal.check_in(&world);
    let first = world.posted("/v1/batches", terminal.batch(&honest).encode()).await;
    assert_eq!(statuses(&first), [Status::Valid]);

    let forged = terminal.fork(&honest);
    let second = world.posted("/v1/batches", terminal.batch(&forged).encode()).await;
    assert_eq!(statuses(&second), [Status::Conflict]);
    assert_eq!(world.platform.visits().unwrap().len(), 2, "both are kept");
    assert_eq!(newest_status(&world, &honest), Status::Conflict);
    assert_refused(&world.post("/v1/hello", terminal.hello()).await, 403, "suspended");
    assert!(world.platform.terminals().unwrap()[0].forked);
    assert_eq!(
        world.posted("/v1/batches", terminal.batch(&honest).encode()).await,
        first,
        "as answered before"
    );
}

#[tokio::test]
async fn n6_4_the_same_visit_again_gets_the_same_answer_however_it_was_sealed() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let check_in = terminal.check_in(&world);
    let batch = terminal.batch(&check_in);
    let first = world.posted("/v1/batches", batch.encode()).await;
    terminal.pass(&world, 3_600_000);
    assert_eq!(world.posted("/v1/batches", batch.encode()).await, first);
    assert_eq!(world.posted("/v1/batches", terminal.batch(&check_in).encode()).await, first);
    assert_eq!(world.platform.visits().unwrap(), [check_in.evid]);
    assert_eq!(world.platform.deliver_once().await.unwrap().delivered, 1, "registered once");
}

#[tokio::test]
async fn n6_7_a_box_sealed_for_another_element_counter_or_visit_stays_closed() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let check_in = terminal.check_in(&world);
    for aad in [
        seal_aad(Id16([0; 16]), check_in.counter, check_in.evid),
        seal_aad(terminal.id, check_in.counter + 1, check_in.evid),
        seal_aad(terminal.id, check_in.counter, Hash([0; 32])),
    ] {
        let batch = terminal.batch_under(&check_in, &aad);
        assert_refused(&world.post("/v1/batches", batch.encode()).await, 422, "box cannot be opened");
    }
    assert!(world.platform.visits().unwrap().is_empty());
}

#[tokio::test]
async fn a_box_that_holds_another_visit_than_its_label_says_is_refused() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let mut check_in = terminal.check_in(&world);
    check_in.evid = Hash([5; 32]);
    let reply = world.post("/v1/batches", terminal.batch(&check_in).encode()).await;
    assert_refused(&reply, 422, "box does not fit its label");
}

#[tokio::test]
async fn n6_6_a_close_over_no_nonce_of_ours_is_refused() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let check_in = terminal.check_in(&world);
    let mut batch = terminal.batch(&check_in);
    batch.close = Some(terminal.element.close(Hash([1; 32]), 1, None).unwrap());
    assert_refused(&world.post("/v1/batches", batch.encode()).await, 409, "stale nonce");
}

#[tokio::test]
async fn n6_10_a_batch_mixing_two_elements_is_refused() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let check_in = terminal.check_in(&world);
    let mut other = Terminal::new(&world, 2);
    let request = other.request(&world).await;
    world.posted("/v1/enrolment/elements", request.0.0).await;
    let mut batch = terminal.batch(&check_in);
    batch.records.push(other.element.boot().unwrap().boot);
    assert_refused(&world.post("/v1/batches", batch.encode()).await, 422, "two elements in one batch");
    batch.element = other.id;
    assert_refused(&world.post("/v1/batches", batch.encode()).await, 422, "box cannot be opened");
}

#[tokio::test]
async fn n3_2_a_signature_of_another_card_is_invalid() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let mut check_in = terminal.check_in(&world);
    let mut changed = check_in.evidence.card_signature.0.clone();
    changed[100] ^= 1;
    check_in.evidence.card_signature = changed.into();
    let answer = world.posted("/v1/batches", terminal.batch(&check_in).encode()).await;
    assert_eq!(statuses(&answer), [Status::Invalid]);
    let receipt = receipt(&answer);
    assert_eq!(receipt.items[0].pid, None, "nobody is named for a visit that is not proven");
    assert!(BatchAck::decode(&answer).unwrap().eligibilities.is_empty());
    assert_eq!(world.platform.deliver_once().await.unwrap().delivered, 0);
}

#[tokio::test]
async fn a_card_revoked_before_the_visit_is_invalid() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    world.peers.change(|peers| peers.revoked = Some(Moment(START as i64 - 86_400_000)));
    let check_in = terminal.check_in(&world);
    let answer = world.posted("/v1/batches", terminal.batch(&check_in).encode()).await;
    assert_eq!(statuses(&answer), [Status::Invalid]);
    assert_eq!(receipt(&answer).items[0].reasons, [10]);
}

#[tokio::test]
async fn without_revocation_data_a_visit_waits_and_a_later_poll_decides_it() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    world.peers.change(|peers| peers.responder = false);
    let check_in = terminal.check_in(&world);
    let answer = world.posted("/v1/batches", terminal.batch(&check_in).encode()).await;
    assert_eq!(statuses(&answer), [Status::Indeterminate]);
    assert_eq!(receipt(&answer).items[0].reasons, [11]);

    world.peers.change(|peers| peers.responder = true);
    terminal.pass(&world, 60_000);
    let poll = ReceiptPoll { element: terminal.id, lo: check_in.counter, hi: check_in.counter + 1 };
    let later = world.posted("/v1/receipts", poll.encode()).await;
    assert_eq!(statuses(&later), [Status::Valid]);
    assert_eq!(receipt(&later).head, check_in.evid);
    assert_eq!(world.posted("/v1/receipts", poll.encode()).await, later);
    assert_eq!(world.platform.deliver_once().await.unwrap().delivered, 1);
}

#[tokio::test]
async fn a_poll_about_nothing_known_is_answered_later() {
    let world = World::new();
    let terminal = Terminal::ready(&world).await;
    let poll = ReceiptPoll { element: terminal.id, lo: 1_000, hi: 1_001 };
    assert_eq!(world.post("/v1/receipts", poll.encode()).await.status, 202);
}

#[tokio::test]
async fn n6_1_the_receipt_names_counters_that_nothing_explains_and_no_others() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let first = terminal.check_in(&world);
    let _kept_back = terminal.check_in(&world);
    let third = terminal.check_in(&world);
    let mut batch = terminal.batch(&first);
    batch.boxes.extend(terminal.batch(&third).boxes);
    let answer = world.posted("/v1/batches", batch.encode()).await;
    let gap = Gap { from: first.counter + 2, to: first.counter + 3 };
    assert_eq!(receipt(&answer).gaps, [gap]);
    assert_eq!((receipt(&answer).lo, receipt(&answer).hi), (first.counter, third.counter + 1));
}

#[tokio::test]
async fn a_session_that_was_given_up_leaves_no_gap() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let first = terminal.check_in(&world);
    let abort = terminal.give_up(&world);
    let third = terminal.check_in(&world);
    let mut batch = terminal.batch(&first);
    batch.records.push(abort);
    batch.boxes.extend(terminal.batch(&third).boxes);
    let answer = world.posted("/v1/batches", batch.encode()).await;
    assert_eq!(receipt(&answer).gaps, []);
}

#[tokio::test]
async fn n1_10_of_a_stolen_element_what_it_did_before_stands_and_what_came_after_is_void() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let before = terminal.check_in(&world);
    let after = terminal.check_in(&world);
    world.platform.suspend(terminal.id, Some(after.counter), "reported stolen").unwrap();
    let answer = world.posted("/v1/batches", terminal.batch(&before).encode()).await;
    assert_eq!(statuses(&answer), [Status::Valid]);
    let answer = world.posted("/v1/batches", terminal.batch(&after).encode()).await;
    assert_eq!(statuses(&answer), [Status::Invalid]);
    assert!(receipt(&answer).items[0].reasons.contains(&3));
}

#[tokio::test]
async fn one_person_is_one_pseudonym_at_an_institution_and_another_elsewhere() {
    let world = World::new();
    world.peers.change(|peers| peers.register = register());
    let mut terminal = Terminal::ready(&world).await;
    let mut pids = Vec::new();
    for _ in 0..2 {
        let check_in = terminal.check_in(&world);
        let answer = world.posted("/v1/batches", terminal.batch(&check_in).encode()).await;
        pids.push(receipt(&answer).items[0].pid.unwrap());
        let answer = BatchAck::decode(&answer).unwrap();
        let eligibility: Eligibility = answer.eligibilities[0].parse().unwrap().object().unwrap();
        assert_eq!((eligibility.insurer.as_str(), eligibility.copay_tenths), ("協会けんぽ", 3));
        assert_eq!(eligibility.validity, Validity::Valid);
    }
    assert_eq!(pids[0], pids[1]);
    world.platform.deliver_once().await.unwrap();
    for bundle in &*world.peers.registered.lock().unwrap() {
        let visit: Visit = bundle.results[1].parse().unwrap().object().unwrap();
        assert_eq!(visit.local, pids[0]);
        assert_ne!(visit.subject.value, pids[0].value, "unequal from place to place");
    }
}

#[tokio::test]
async fn n6_17_nothing_of_the_insurance_leaves_for_the_history() {
    let world = World::new();
    world.peers.change(|peers| peers.register = register());
    let mut terminal = Terminal::ready(&world).await;
    let check_in = terminal.check_in(&world);
    let answer = world.posted("/v1/batches", terminal.batch(&check_in).encode()).await;
    let [signed] = &BatchAck::decode(&answer).unwrap().eligibilities[..] else { panic!("one answer") };
    let payload = signed.parse().unwrap().payload.to_vec();
    world.platform.deliver_once().await.unwrap();
    let sent: Vec<_> = world.peers.registered.lock().unwrap().iter().map(|bundle| bundle.encode()).collect();
    let kept = world.platform.redacted_bundle(check_in.evid).unwrap().encode();
    assert!(!sent.is_empty());
    for bytes in sent.iter().chain([&kept]) {
        for secret in ["協会けんぽ".as_bytes(), &payload] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret));
        }
    }
}

#[tokio::test]
async fn n7_16_no_byte_of_certificate_signature_blind_or_serial_leaves_for_the_history() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let check_in = terminal.check_in(&world);
    world.posted("/v1/batches", terminal.batch(&check_in).encode()).await;
    world.platform.deliver_once().await.unwrap();
    let sent = world.peers.registered.lock().unwrap()[0].encode();
    let redacted = world.platform.redacted_bundle(check_in.evid).unwrap().encode();
    let evidence = &check_in.evidence;
    for bundle in [&sent, &redacted] {
        for secret in [
            &evidence.certificate[..],
            &evidence.card_signature[..],
            &evidence.blind[..],
            OUTSIDE.patient.certificate.serial(),
            OUTSIDE.patient.certificate.spki(),
        ] {
            assert!(!bundle.windows(secret.len()).any(|window| window == secret));
        }
    }
}

#[tokio::test]
async fn the_exported_bundles_verify_against_the_exported_trust_folder() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let check_in = terminal.check_in(&world);
    world.posted("/v1/batches", terminal.batch(&check_in).encode()).await;
    let trust = Trust::from_files(world.platform.trust_files()).unwrap();
    for bundle in [
        world.platform.bundle(check_in.evid).unwrap(),
        world.platform.redacted_bundle(check_in.evid).unwrap(),
    ] {
        let bundle = Bundle::decode(&bundle.encode()).unwrap();
        let report = jushin_evidence::verify(&bundle, &trust, &AwsLc);
        assert_eq!(report.visits[0].status, Status::Valid, "{:?}", report.visits[0].reasons);
        assert_eq!(report.visits[0].class, Class::Tight);
        assert!(report.visits[0].simulated);
    }
    assert!(world.platform.bundle(Hash([0; 32])).is_err());
}

#[tokio::test]
async fn while_the_history_is_down_visits_wait_and_none_is_sent_twice() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    world.peers.change(|peers| peers.history = 503);
    let check_in = terminal.check_in(&world);
    world.posted("/v1/batches", terminal.batch(&check_in).encode()).await;
    let delivery = world.platform.deliver_once().await.unwrap();
    assert_eq!((delivery.delivered, delivery.waiting), (0, 1));
    world.peers.change(|peers| peers.history = 204);
    assert_eq!(world.platform.deliver_once().await.unwrap().delivered, 1);
    assert_eq!(world.platform.deliver_once().await.unwrap(), jushin_platform::Delivery::default());
    assert_eq!(world.peers.registered.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn n6_13_the_commit_released_again_is_no_fork_and_another_record_under_its_counter_is() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let before = terminal.snapshot();
    let check_in = terminal.check_in(&world);
    terminal.power_cycle();
    let booted = terminal.boot.clone().unwrap();
    let mut batch = terminal.batch(&check_in);
    batch.records = vec![booted.last_record.unwrap(), booted.boot];
    assert_eq!(batch.records[0], check_in.evidence.commit);
    let answer = world.posted("/v1/batches", batch.encode()).await;
    assert_eq!(statuses(&answer), [Status::Valid]);
    assert!(!world.platform.terminals().unwrap()[0].forked);

    terminal.roll_back(before);
    batch.boxes.clear();
    batch.records = vec![terminal.boot.clone().unwrap().boot];
    world.posted("/v1/batches", batch.encode()).await;
    assert!(world.platform.terminals().unwrap()[0].forked);
    assert_eq!(newest_status(&world, &check_in), Status::Conflict);
    assert_refused(&world.post("/v1/hello", terminal.hello()).await, 403, "suspended");
}

#[tokio::test]
async fn n6_14_a_commit_without_its_evidence_is_a_gap_unless_power_went_right_after_it() {
    for power_cut in [false, true] {
        let world = World::new();
        let mut terminal = Terminal::ready(&world).await;
        let first = terminal.check_in(&world);
        let kept_back = terminal.check_in(&world);
        let mut batch = terminal.batch(&first);
        batch.records.push(kept_back.evidence.commit.clone());
        if power_cut {
            terminal.power_cycle();
            batch.records.push(terminal.boot.clone().unwrap().boot);
        }
        let answer = world.posted("/v1/batches", batch.encode()).await;
        let gap = Gap { from: kept_back.counter, to: kept_back.counter };
        assert_eq!(receipt(&answer).gaps, if power_cut { vec![] } else { vec![gap] });
    }
}

fn receipt(answer: &[u8]) -> Receipt {
    BatchAck::decode(answer).unwrap().receipt.parse().unwrap().object().unwrap()
}

fn statuses(answer: &[u8]) -> Vec<Status> {
    receipt(answer).items.iter().map(|item| item.status).collect()
}

fn newest_status(world: &World, check_in: &CheckIn) -> Status {
    let bundle = world.platform.bundle(check_in.evid).unwrap();
    bundle.results[0].parse().unwrap().object::<Verdict>().unwrap().status
}

/// The register's feed with a row for the patient's card.
fn register() -> String {
    let hexadecimal = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let certificate = &OUTSIDE.patient.certificate;
    let row = serde_json::json!({
        "number": 1,
        "serial": hexadecimal(certificate.serial()),
        "issuer_key_id": hexadecimal(certificate.authority_key_id().unwrap()),
        "person": "person 1", "insurer": "協会けんぽ", "copay_tenths": 3, "validity": 1,
    });
    serde_json::json!({ "rows": [row], "next": 1, "more": false }).to_string()
}
