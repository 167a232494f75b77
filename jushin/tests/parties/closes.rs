//! What follows a spell without network, with somebody on the wire.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use jushin::demo::stage::{Interposed, SAKURA, Site};
use jushin_platform::TerminalState;
use jushin_statement::{Batch, HolderCheck, MEDIA_TYPE, Object as _, Receipt, Signed, Status, Verdict};
use jushin_terminal::CardName;
use tokio::runtime::Handle;

use crate::support::stage::{Heard, Stage, post, value};

/// What happens to one message on its way.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// It does not arrive.
    Lost,
    /// It arrives, and its answer does not come back.
    AnswerLost,
    /// It arrives twice.
    Twice,
}

/// Counts the messages to the platform, and lets `fate` happen to the n-th.
fn interpose(stage: &Stage, nth: usize, fate: Fate) -> Arc<AtomicUsize> {
    let router = stage.world.router();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    stage.world.platform_wire.interpose(move |path, body| {
        if counted.fetch_add(1, Ordering::SeqCst) != nth {
            return Interposed::Passed;
        }
        match fate {
            Fate::Lost => Interposed::Lost,
            Fate::AnswerLost => {
                deliver(&router, path, body);
                Interposed::Lost
            }
            Fate::Twice => {
                deliver(&router, path, body);
                Interposed::Passed
            }
        }
    });
    count
}

fn deliver(router: &Router, path: &str, body: &[u8]) {
    tokio::task::block_in_place(|| {
        Handle::current().block_on(post(router, path, MEDIA_TYPE, body.to_vec()));
    });
}

/// Three check-ins and a session that was given up while no batch gets through.
async fn spell(stage: &Stage, site: &Site) -> Vec<jushin_statement::Hash> {
    stage.world.platform_wire.interpose(|_, _| Interposed::Lost);
    let mut evids = Vec::new();
    for patient in [0, 1, 0] {
        let card = CardName(jushin::demo::stage::PATIENTS[patient].card.to_owned());
        let tapped = site.terminal.tap_now(&card, HolderCheck::PhotoVisual, None).await;
        evids.push(tapped.trace.evid.unwrap());
        stage.pass(60_000);
    }
    stage.world.platform_wire.release();
    evids
}

fn newest(stage: &Stage, evid: jushin_statement::Hash) -> Verdict {
    stage.world.platform.bundle(evid).unwrap().results[0].parse().unwrap().object().unwrap()
}

fn receipt(stage: &Stage) -> Receipt {
    let file = stage.folder.path().join("terminal-T1.sqlite");
    let signed: Vec<u8> = value(&file, "SELECT signed FROM receipt ORDER BY rowid DESC");
    Signed(signed.into()).parse().unwrap().object().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_spell_boxes_go_first_then_the_chain_is_closed_and_nothing_is_left() {
    let stage = Stage::set().await;
    let site = stage.unlocked(&SAKURA).await;
    spell(&stage, &site).await;
    let heard = Heard::on(&stage.world.platform_wire);
    let synced = site.terminal.sync().await.unwrap();
    assert_eq!((synced.settled, synced.waiting), (3, 0));
    let paths: Vec<String> = heard.all().into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["/v1/batches", "/v1/gap-queries", "/v1/batches"]);
    let last = Batch::decode(&heard.last("/v1/batches")).unwrap();
    assert!(last.close.is_some() && last.boxes.is_empty());
    let receipt = receipt(&stage);
    assert_eq!((receipt.lo, receipt.gaps), (1, vec![]), "from the first record on, without a hole");
    let due: u64 = value(&stage.folder.path().join("terminal-T1.sqlite"), "SELECT count(*) FROM record_due");
    assert_eq!(due, 0, "no record waits");

    site.terminal.sync().await.unwrap();
    assert_eq!(heard.all().len(), 3, "with nothing left, nothing is sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_with_a_close_resumes_after_an_interruption_between_any_two_messages() {
    let stage = Stage::set().await;
    let site = stage.unlocked(&SAKURA).await;
    let mut visits = 0;
    for fate in [Fate::Lost, Fate::AnswerLost, Fate::Twice] {
        let mut hit = 0;
        for nth in 0.. {
            let evids = spell(&stage, &site).await;
            let count = interpose(&stage, nth, fate);
            let first = site.terminal.sync().await;
            let reached = nth < count.load(Ordering::SeqCst);
            assert_eq!(first.is_err(), reached && !matches!(fate, Fate::Twice), "{fate:?} {nth}");
            let synced = site.terminal.sync().await.unwrap();
            assert_eq!(synced.waiting, 0, "{fate:?} {nth}");
            assert!(evids.iter().all(|evid| newest(&stage, *evid).status == Status::Valid), "{fate:?} {nth}");
            visits += evids.len();
            assert_eq!(stage.world.platform.visits().unwrap().len(), visits, "each once");
            let (receipt, terminal) = (receipt(&stage), &stage.world.platform.terminals().unwrap()[0]);
            assert_eq!(receipt.gaps, [], "{fate:?} {nth}");
            assert_eq!((terminal.state, terminal.forked), (TerminalState::Able, false), "{fate:?} {nth}");
            if !reached {
                break;
            }
            hit += 1;
        }
        assert!(hit >= 3, "query, boxes and close were each hit");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strays_are_sent_without_a_next_visit_and_the_evening_closes_the_day() {
    let stage = Stage::set().await;
    let site = stage.unlocked(&SAKURA).await;
    let heard = Heard::on(&stage.world.platform_wire);
    assert!(site.terminal.background_round().await);
    let stray = Batch::decode(&heard.last("/v1/batches")).unwrap();
    assert!(stray.boxes.is_empty() && stray.close.is_none() && !stray.records.is_empty());
    site.terminal.close_day().await.unwrap();
    assert!(Batch::decode(&heard.last("/v1/batches")).unwrap().close.is_some());
}
