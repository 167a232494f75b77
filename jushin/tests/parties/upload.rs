//! What the platform makes of uploads, and the terminal of receipts.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use jushin::demo::stage::{Interposed, SAKURA, SharedElement, Site, YAMABIKO};
use jushin_evidence::{Reason, Trust, verify};
use jushin_platform::TerminalState;
use jushin_runtime::PeerError;
use jushin_secure_element::client::ElementClient;
use jushin_statement::{Batch, BatchAck, Boot, Hello, MEDIA_TYPE, Object as _, Receipt, Signed, Status};
use jushin_terminal::{ReceiptRefused, SyncError};

use crate::support::Folder;
use crate::support::stage::{Heard, Stage, tap, value};

#[tokio::test]
async fn n6_4_the_same_batch_again_gets_the_same_bytes_and_makes_no_second_visit() {
    let stage = Stage::set().await;
    let site = stage.unlocked(&SAKURA).await;
    let heard = Heard::on(&stage.world.platform_wire);
    let tapped = tap(&site, 0).await;
    assert_eq!(tapped.verdict.unwrap().status, Status::Valid);
    let batch = heard.last("/v1/batches");

    let again = stage.post("/v1/batches", batch.clone()).await.ok();
    assert_eq!(stage.post("/v1/batches", batch).await.ok(), again);
    let kept: Vec<u8> =
        value(&stage.folder.path().join("terminal-T1.sqlite"), "SELECT signed FROM receipt ORDER BY at DESC");
    assert_eq!(BatchAck::decode(&again).unwrap().receipt.as_bytes(), kept, "the receipt that the desk got");

    let delivery = stage.world.platform.deliver_once().await.unwrap();
    assert_eq!((delivery.delivered, delivery.waiting), (1, 0));
    assert_eq!(stage.world.platform.deliver_once().await.unwrap().delivered, 0);
    let rows: u64 = value(&stage.folder.path().join("history.sqlite"), "SELECT count(*) FROM visit");
    assert_eq!(rows, 1);
}

/// A copy of an element's memory as it is now, to be set back to later.
fn copy_of_memory(stage: &Stage) -> Folder {
    let folder = Folder::new();
    let original = rusqlite::Connection::open(stage.folder.path().join("element-E1.sqlite")).unwrap();
    let copy = folder.path().join("element-E1.sqlite");
    original.execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
    folder
}

/// Another record of the same counter, made by a copy of the element that was set back.
fn rival(stage: &Stage, memory: &Folder, counter: u64) -> Signed {
    loop {
        let element = SharedElement::build(&stage.world, memory.path(), &SAKURA).unwrap();
        let mut client = ElementClient::new(element);
        let mut booted = client.boot().unwrap();
        while booted.is_due_again() {
            booted = client.boot().unwrap();
        }
        let boot = booted.boot;
        let record: Boot = boot.parse().unwrap().object().unwrap();
        assert!(record.counter <= counter, "the copy passed counter {counter}");
        if record.counter == counter {
            return boot;
        }
    }
}

#[tokio::test]
async fn n6_3_two_payloads_of_one_counter_are_both_kept_and_the_terminal_is_suspended() {
    let stage = Stage::set().await;
    let site = stage.enrolled(&SAKURA).await;
    let memory = copy_of_memory(&stage);
    site.terminal.power_on().await.unwrap();
    let tapped = tap(&site, 0).await;
    let evid = tapped.trace.evid.unwrap();
    let rival = rival(&stage, &memory, tapped.trace.counter.unwrap() + 1);

    let batch = Batch {
        element: site.element,
        records: vec![rival.clone()],
        anchors: Vec::new(),
        boxes: Vec::new(),
        close: None,
    };
    stage.post_object("/v1/batches", &batch).await.ok();

    let bundle = stage.world.platform.bundle(evid).unwrap();
    let commit = &crate::support::evidence(&bundle).commit;
    assert!(bundle.records.contains(&rival), "the rival is kept");
    assert_ne!(commit.parse().unwrap().payload, rival.parse().unwrap().payload);
    let trust = Trust::from_files(stage.world.platform.trust_files()).unwrap();
    let report = verify(&bundle, &trust, stage.world.crypto.as_ref());
    let visit = &report.visits[0];
    assert_eq!(visit.status, Status::Conflict, "n7_10");
    assert!(visit.reasons.contains(&Reason::from_number(12).unwrap()), "{:?}", visit.reasons);

    let terminals = stage.world.platform.terminals().unwrap();
    assert!(terminals[0].forked);
    assert!(matches!(terminals[0].state, TerminalState::Suspended { .. }), "{:?}", terminals[0].state);
    let hello = Hello { element: site.element, binding_seq: 1, last: 99, tpm_nonce: None };
    let refused = stage.post_object("/v1/hello", &hello).await;
    assert_eq!((refused.status, refused.title().as_str()), (StatusCode::FORBIDDEN, "suspended"));
}

#[tokio::test]
async fn n6_13_the_same_record_again_is_no_fork() {
    let stage = Stage::set().await;
    let site = stage.unlocked(&SAKURA).await;
    let heard = Heard::on(&stage.world.platform_wire);
    tap(&site, 0).await;
    let batch = Batch::decode(&heard.last("/v1/batches")).unwrap();
    let again = Batch { boxes: Vec::new(), ..batch };
    stage.post_object("/v1/batches", &again).await.ok();
    assert!(!stage.world.platform.terminals().unwrap()[0].forked);
}

/// Taps while the platform takes no batches, so that a box waits.
async fn provisional(stage: &Stage, site: &Site) {
    stage.world.platform_wire.interpose(|path, _| match path {
        "/v1/batches" => Interposed::Lost,
        _ => Interposed::Passed,
    });
    let tapped = tap(site, 0).await;
    assert!(tapped.trace.evid.is_some() && tapped.verdict.is_none());
    assert_eq!(site.terminal.waiting().unwrap(), 1);
    stage.world.platform_wire.release();
}

fn answered(body: Vec<u8>) -> Response {
    ([(axum::http::header::CONTENT_TYPE, MEDIA_TYPE)], Body::from(body)).into_response()
}

#[tokio::test]
async fn n6_15_a_signed_receipt_of_another_element_frees_no_box() {
    let stage = Stage::set().await;
    let (sakura, yamabiko) = (stage.unlocked(&SAKURA).await, stage.unlocked(&YAMABIKO).await);
    provisional(&stage, &sakura).await;
    let heard = Heard::on(&stage.world.platform_wire);
    tap(&yamabiko, 1).await;
    let answer = stage.post("/v1/batches", heard.last("/v1/batches")).await.ok();

    stage.world.platform_wire.interpose(move |_, _| Interposed::Answered(answered(answer.clone())));
    let refused = sakura.terminal.sync().await.unwrap_err();
    let SyncError::Refused(ReceiptRefused::OtherElement { theirs, own }) = refused else {
        panic!("{refused}");
    };
    assert_eq!((theirs, own), (yamabiko.element, sakura.element));
    assert_eq!(sakura.terminal.waiting().unwrap(), 1);

    stage.world.platform_wire.release();
    assert_eq!(sakura.terminal.sync().await.unwrap().waiting, 0);
}

#[tokio::test]
async fn n6_15_a_changed_receipt_frees_no_box() {
    let stage = Stage::set().await;
    let site = stage.unlocked(&SAKURA).await;
    provisional(&stage, &site).await;
    let batch = Arc::new(Mutex::new(Vec::new()));
    let taken = batch.clone();
    stage.world.platform_wire.interpose(move |_, body| {
        *taken.lock().unwrap() = body.to_vec();
        Interposed::Lost
    });
    assert!(matches!(site.terminal.sync().await, Err(SyncError::Platform(PeerError::Unreachable(_)))));
    let body = batch.lock().unwrap().clone();
    let mut answer = BatchAck::decode(&stage.post("/v1/batches", body).await.ok()).unwrap();
    let sign1 = answer.receipt.parse().unwrap();
    let mut receipt: Receipt = sign1.object().unwrap();
    receipt.items[0].status = Status::Invalid;
    answer.receipt = Signed::assemble(sign1.alg, sign1.key, &receipt.encode(), sign1.signature);

    stage.world.platform_wire.interpose(move |_, _| Interposed::Answered(answered(answer.encode())));
    let refused = site.terminal.sync().await.unwrap_err();
    assert!(matches!(refused, SyncError::Refused(ReceiptRefused::Signature("receipt"))), "{refused}");
    assert_eq!(site.terminal.waiting().unwrap(), 1);
}
