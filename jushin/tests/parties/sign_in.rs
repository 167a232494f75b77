//! The patient's sign-in: card and PIN at home, a ticket, a pseudonym.

use axum::http::StatusCode;
use jushin_history::CardLogin as _;
use jushin_statement::cbor::{Reader, Writer};
use jushin_statement::{Field as _, Pid, PidScheme};

use crate::support::stage::Stage;

fn redemption(ticket: &[u8; 32]) -> Vec<u8> {
    let mut body = Writer::new();
    body.bytes(ticket);
    body.into_bytes()
}

#[tokio::test]
async fn a_ticket_is_good_for_one_redemption() {
    let stage = Stage::set().await;
    let ticket = stage.world.home.login("P1", "1234").await.unwrap();
    let pid = stage.post("/v1/sign-in/redeem", redemption(&ticket)).await.ok();
    let pid = Pid::read(&mut Reader::new(&pid).unwrap()).unwrap();
    assert_eq!(pid.scheme, PidScheme::Platform);
    let again = stage.post("/v1/sign-in/redeem", redemption(&ticket)).await;
    assert_eq!((again.status, again.title().as_str()), (StatusCode::CONFLICT, "stale nonce"));
}

#[tokio::test]
async fn a_ticket_is_good_for_a_minute() {
    let stage = Stage::set().await;
    let ticket = stage.world.home.login("P1", "1234").await.unwrap();
    stage.pass(61_000);
    let late = stage.post("/v1/sign-in/redeem", redemption(&ticket)).await;
    assert_eq!((late.status, late.title().as_str()), (StatusCode::CONFLICT, "stale nonce"));
}

#[tokio::test]
async fn a_ticket_that_nobody_gave_out_is_refused() {
    let stage = Stage::set().await;
    let unknown = stage.post("/v1/sign-in/redeem", redemption(&[7; 32])).await;
    assert_eq!((unknown.status, unknown.title().as_str()), (StatusCode::CONFLICT, "stale nonce"));
}
