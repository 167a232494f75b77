//! A patient signs in with the card ◇.

use jushin_pki::{Moment, Suite};
use jushin_runtime::Reply;
use jushin_statement::cbor::{Reader, Writer};
use jushin_statement::{BatchAck, Field as _, Object as _, Pid, PidScheme, Visit};

use crate::support::keys::{Holder, OUTSIDE, START};
use crate::support::terminal::Terminal;
use crate::support::{World, assert_refused};

async fn challenge(world: &World) -> [u8; 32] {
    read32(&world.posted("/v1/sign-in/challenge", Vec::new()).await)
}

fn read32(body: &[u8]) -> [u8; 32] {
    <[u8; 32]>::read(&mut Reader::new(body).unwrap()).unwrap()
}

async fn sign_in(world: &World, nonce: [u8; 32], holder: &Holder, signed: &[u8]) -> Reply {
    let signature = holder.key.sign(Suite::RsaPkcs1Sha256, signed).unwrap();
    let mut body = Writer::new();
    body.array(3).bytes(&nonce).bytes(holder.certificate.der()).bytes(&signature);
    world.post("/v1/sign-in", body.into_bytes()).await
}

fn to_be_signed(nonce: [u8; 32]) -> Vec<u8> {
    [b"jushin/1/sign-in", &nonce[..]].concat()
}

async fn redeem(world: &World, ticket: [u8; 32]) -> Reply {
    let mut body = Writer::new();
    body.bytes(&ticket);
    world.post("/v1/sign-in/redeem", body.into_bytes()).await
}

#[tokio::test]
async fn a_ticket_is_redeemed_once_for_the_pseudonym_under_which_the_history_knows_the_visits() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let check_in = terminal.check_in(&world);
    let answer = world.posted("/v1/batches", terminal.batch(&check_in).encode()).await;
    assert_eq!(BatchAck::decode(&answer).unwrap().verdicts.len(), 1);
    world.platform.deliver_once().await.unwrap();

    let nonce = challenge(&world).await;
    let ticket = sign_in(&world, nonce, &OUTSIDE.patient, &to_be_signed(nonce)).await;
    let ticket = read32(&ticket.body);
    let reply = redeem(&world, ticket).await;
    let pid = Pid::decode(&reply.body).unwrap();
    assert_eq!(pid.scheme, PidScheme::Platform);
    let registered = world.peers.registered.lock().unwrap()[0].clone();
    assert_eq!(registered.results[1].parse().unwrap().object::<Visit>().unwrap().subject, pid);
    assert_refused(&redeem(&world, ticket).await, 409, "stale nonce");
}

#[tokio::test]
async fn a_nonce_signs_in_once_and_for_a_minute() {
    let world = World::new();
    let nonce = challenge(&world).await;
    let first = sign_in(&world, nonce, &OUTSIDE.patient, &to_be_signed(nonce)).await;
    assert!(first.status.is_success());
    let again = sign_in(&world, nonce, &OUTSIDE.patient, &to_be_signed(nonce)).await;
    assert_refused(&again, 409, "stale nonce");
    let ticket = read32(&first.body);
    let late = challenge(&world).await;
    world.clock.advance(60_001);
    assert_refused(&sign_in(&world, late, &OUTSIDE.patient, &to_be_signed(late)).await, 409, "stale nonce");
    assert_refused(&redeem(&world, ticket).await, 409, "stale nonce");
}

#[tokio::test]
async fn a_signature_for_something_else_signs_nobody_in() {
    let world = World::new();
    let nonce = challenge(&world).await;
    for other in [nonce.to_vec(), [b"jushin/1/presence", &nonce[..]].concat()] {
        assert_refused(&sign_in(&world, nonce, &OUTSIDE.patient, &other).await, 403, "signature refused");
    }
    let staff = sign_in(&world, nonce, &OUTSIDE.administrator, &to_be_signed(nonce)).await;
    assert_refused(&staff, 403, "certificate refused");
}

#[tokio::test]
async fn a_revoked_card_signs_nobody_in() {
    let world = World::new();
    world.peers.change(|peers| peers.revoked = Some(Moment(START as i64 - 1_000)));
    let nonce = challenge(&world).await;
    let reply = sign_in(&world, nonce, &OUTSIDE.patient, &to_be_signed(nonce)).await;
    assert_refused(&reply, 403, "certificate refused");
    world.peers.change(|peers| peers.responder = false);
    let reply = sign_in(&world, nonce, &OUTSIDE.patient, &to_be_signed(nonce)).await;
    assert_refused(&reply, 503, "peer unreachable");
}
