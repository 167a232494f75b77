//! Activation at the platform's door (P2, online).

use axum::Extension;
use jushin_crypto::AwsLc;
use jushin_pki::{Crypto as _, KeyKind};
use jushin_platform::ClientKey;
use jushin_runtime::Peer;
use jushin_statement::{Challenge, MEDIA_TYPE, Object as _, ReceiptPoll, Unlock};

use crate::support::keys::OUTSIDE;
use crate::support::terminal::Terminal;
use crate::support::{World, assert_refused};

#[tokio::test]
async fn n2_14_unlocking_twice_takes_tokens_of_two_authorities_in_turn() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    terminal.anchor(&world).await;
    terminal.anchor(&world).await;
    assert_eq!(*world.peers.stamped.lock().unwrap(), [1, 2, 1]);
}

#[tokio::test]
async fn with_one_authority_out_of_reach_the_other_unlocks() {
    let world = World::new();
    world.peers.change(|peers| peers.tsas[0] = None);
    Terminal::ready(&world).await;
    assert_eq!(*world.peers.stamped.lock().unwrap(), [2]);
}

#[tokio::test]
async fn without_any_authority_nothing_is_unlocked() {
    let world = World::new();
    let mut terminal = Terminal::enrolled(&world).await;
    terminal.pair();
    world.peers.change(|peers| peers.tsas = [None, None]);
    let stamp = terminal.stamp(&world).await;
    assert_refused(&world.post("/v1/stamps", stamp.0.0).await, 503, "no time-stamping authority");
}

#[tokio::test]
async fn the_same_stamp_again_gets_the_same_answer() {
    let world = World::new();
    let mut terminal = Terminal::enrolled(&world).await;
    terminal.pair();
    let stamp = terminal.stamp(&world).await;
    let first = world.posted("/v1/stamps", stamp.0.0.clone()).await;
    assert_eq!(world.posted("/v1/stamps", stamp.0.0).await, first);
    assert_eq!(world.peers.stamped.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn n2_3_a_token_over_another_stamp_unlocks_nothing() {
    let world = World::new();
    let mut terminal = Terminal::enrolled(&world).await;
    terminal.pair();
    world.peers.change(|peers| peers.honest_imprint = false);
    let stamp = terminal.stamp(&world).await;
    assert_refused(&world.post("/v1/stamps", stamp.0.0).await, 502, "time-stamp token refused");
}

#[tokio::test]
async fn n2_4_a_token_of_an_untrusted_authority_or_of_another_use_unlocks_nothing() {
    for holder in [&OUTSIDE.stranger_tsa, &OUTSIDE.wrong_use_tsa] {
        let world = World::new();
        let mut terminal = Terminal::enrolled(&world).await;
        terminal.pair();
        world.peers.change(|peers| peers.tsas = [Some(holder.clone()), None]);
        let stamp = terminal.stamp(&world).await;
        assert_refused(&world.post("/v1/stamps", stamp.0.0).await, 502, "time-stamp token refused");
    }
}

#[tokio::test]
async fn n2_5_a_bracket_that_is_too_wide_is_to_be_closed_again() {
    let world = World::new();
    let mut terminal = Terminal::enrolled(&world).await;
    terminal.pair();
    let stamp = terminal.stamp(&world).await;
    let unlock = Unlock::decode(&world.posted("/v1/stamps", stamp.0.0).await).unwrap();
    terminal.pass(&world, 5_000);
    let second = terminal.activate(&world, &unlock);
    assert_refused(&world.post("/v1/anchors", second.0.0).await, 409, "re-anchor");
    terminal.anchor(&world).await;
}

#[tokio::test]
async fn n2_6_a_stamp_over_a_nonce_that_is_old_used_or_anothers_is_refused() {
    let world = World::new();
    let mut terminal = Terminal::enrolled(&world).await;
    terminal.pair();
    let challenge = Challenge::decode(&world.posted("/v1/hello", terminal.hello()).await).unwrap();
    terminal.pass(&world, 60_001);
    let old = terminal.element.tick_stamp1(&challenge).unwrap();
    assert_refused(&world.post("/v1/stamps", old.0.0).await, 409, "stale nonce");

    let challenge = Challenge::decode(&world.posted("/v1/hello", terminal.hello()).await).unwrap();
    let first = terminal.element.tick_stamp1(&challenge).unwrap();
    world.posted("/v1/stamps", first.0.0).await;
    let again = terminal.element.tick_stamp1(&challenge).unwrap();
    assert_refused(&world.post("/v1/stamps", again.0.0).await, 409, "stale nonce");

    let challenge = Challenge::decode(&world.posted("/v1/hello", terminal.hello()).await).unwrap();
    let moved = Challenge { provider_time: jushin_statement::UnixMillis(1), ..challenge };
    let moved = terminal.element.tick_stamp1(&moved).unwrap();
    assert_refused(&world.post("/v1/stamps", moved.0.0).await, 409, "stale nonce");
}

#[tokio::test]
async fn n2_7_a_suspended_terminal_is_not_unlocked_and_works_again_after_its_new_binding() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let challenge = Challenge::decode(&world.posted("/v1/hello", terminal.hello()).await).unwrap();
    world.platform.suspend(terminal.id, None, "reported stolen").unwrap();
    let stamp = terminal.element.tick_stamp1(&challenge).unwrap();
    assert_refused(&world.post("/v1/stamps", stamp.0.0).await, 403, "suspended");
    assert_refused(&world.post("/v1/hello", terminal.hello()).await, 403, "suspended");

    world.platform.resume(terminal.id, Some(100), "found again").unwrap();
    assert_refused(&world.post("/v1/hello", terminal.hello()).await, 409, "stale binding");
    terminal.bind(&world).await;
    terminal.anchor(&world).await;
}

#[tokio::test]
async fn a_retired_terminal_is_never_unlocked_nor_resumed() {
    let world = World::new();
    let terminal = Terminal::ready(&world).await;
    world.platform.retire(terminal.id, None, "replaced").unwrap();
    assert_refused(&world.post("/v1/hello", terminal.hello()).await, 403, "retired");
    let refused = world.platform.resume(terminal.id, None, "by mistake").unwrap_err();
    assert_eq!(refused.title(), "retired");
}

#[tokio::test]
async fn a_stranger_is_not_greeted() {
    let world = World::new();
    let terminal = Terminal::new(&world, 1);
    assert_refused(&world.post("/v1/hello", terminal.hello()).await, 404, "unknown element");
}

#[tokio::test]
async fn n2_13_an_element_that_was_set_back_is_not_unlocked() {
    let world = World::new();
    let mut terminal = Terminal::enrolled(&world).await;
    let before = terminal.snapshot();
    terminal.unlock(&world).await;
    terminal.roll_back(before);
    let stamp = terminal.stamp(&world).await;
    assert_refused(&world.post("/v1/stamps", stamp.0.0).await, 409, "counter went back");
}

#[tokio::test]
async fn another_terminals_client_key_speaks_for_no_element() {
    let world = World::new();
    let mut terminal = Terminal::enrolled(&world).await;
    terminal.pair();
    let stranger = AwsLc.generate(KeyKind::P256).unwrap();
    for (key, status) in [(stranger.spki(), 403), (terminal.key.spki(), 200)] {
        let router = world.platform.router().layer(Extension(ClientKey(key.to_vec())));
        let door = Peer::in_process(router);
        let reply = door.post("/v1/hello", MEDIA_TYPE, terminal.hello()).await.unwrap();
        assert_eq!(reply.status, status);
        let poll = ReceiptPoll { element: terminal.id, lo: 1_000, hi: 1_001 }.encode();
        let reply = door.post("/v1/receipts", MEDIA_TYPE, poll).await.unwrap();
        assert_eq!(reply.status, if status == 200 { 202 } else { 403 });
    }
}
