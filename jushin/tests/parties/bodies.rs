//! Bodies that nobody of ours sends: refused as problem documents, never a failure of the service.

use std::collections::BTreeMap;

use axum::Router;
use axum::http::StatusCode;
use jushin::demo::stage::{SAKURA, Site};
use jushin_history::CardLogin as _;
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore as _, SeedableRng as _};

use crate::support::stage::{Heard, Reply, Stage, media_type_of, post, tap};

/// Bodies of each kind that a route gets.
const BODIES: usize = 100;

/// Everything that was posted to the platform and the history service during a day, one body a route.
async fn day() -> (Stage, Site, BTreeMap<String, Vec<u8>>) {
    let stage = Stage::set().await;
    let (platform, history) = (Heard::on(&stage.world.platform_wire), Heard::on(&stage.world.history_wire));
    let site = stage.unlocked(&SAKURA).await;
    tap(&site, 0).await;
    stage.world.platform.deliver_once().await.unwrap();
    let ticket = stage.world.home.login("P1", "1234").await.unwrap();
    let mut bodies: BTreeMap<_, _> = platform.all().into_iter().chain(history.all()).collect();
    bodies.retain(|_, body| !body.is_empty());
    bodies.insert("/v1/sign-in/redeem".to_owned(), [&[0x58, 0x20][..], &ticket].concat());
    let poll = jushin_statement::ReceiptPoll { element: site.element, lo: 1, hi: 20 };
    bodies.insert("/v1/receipts".to_owned(), jushin_statement::Object::encode(&poll));
    stage.world.platform_wire.release();
    stage.world.history_wire.release();
    for route in ["nonce", "elements", "terminals", "bindings/ack"] {
        assert!(bodies.contains_key(&format!("/v1/enrolment/{route}")), "{route}");
    }
    for route in ["hello", "stamps", "anchors", "batches", "receipts", "sign-in", "sign-in/redeem", "visits"]
    {
        assert!(bodies.contains_key(&format!("/v1/{route}")), "{route}");
    }
    assert!(bodies.keys().any(|route| route.ends_with("/injections/ack")));
    (stage, site, bodies)
}

/// Never a failure of ours; a refusal is a problem document.
#[track_caller]
fn assert_judged(reply: &Reply, what: &str) {
    assert!(reply.status.is_success() || reply.status.is_client_error(), "{what}: {reply:?}");
    if reply.status.is_client_error() {
        assert!(!reply.title().is_empty(), "{what}");
    }
}

fn random(dice: &mut ChaCha20Rng) -> Vec<u8> {
    let mut body = vec![0; (dice.next_u32() % 400 + 1) as usize];
    dice.fill_bytes(&mut body);
    // Some begin like an array or a byte string, so that the reader goes on.
    if dice.next_u32().is_multiple_of(2) {
        body[0] = 0x80 | (dice.next_u32() % 0x20) as u8;
    }
    body
}

fn mutated(dice: &mut ChaCha20Rng, original: &[u8]) -> Vec<u8> {
    let mut body = original.to_vec();
    for _ in 0..=dice.next_u32() % 3 {
        let place = dice.next_u64() as usize % body.len().max(1);
        match dice.next_u32() % 4 {
            0 => body.truncate(place),
            1 => body.insert(place, dice.next_u32() as u8),
            _ => {
                if let Some(byte) = body.get_mut(place) {
                    *byte ^= 1 << (dice.next_u32() % 8);
                }
            }
        }
    }
    body
}

#[tokio::test]
async fn random_and_mutated_bodies_are_refused_and_never_break_a_service() {
    let (stage, _site, bodies) = day().await;
    let router = stage.world.router();
    let mut dice = ChaCha20Rng::seed_from_u64(0x6a75_7368_696e);
    for (path, original) in &bodies {
        for number in 0..BODIES {
            let body = random(&mut dice);
            let reply = post(&router, path, media_type_of(path), body.clone()).await;
            assert_judged(&reply, &format!("{path}, random body {number}: {body:02x?}"));
            assert!(reply.status.is_client_error(), "{path} took random bytes: {body:02x?}");
            let body = mutated(&mut dice, original);
            let reply = post(&router, path, media_type_of(path), body.clone()).await;
            assert_judged(&reply, &format!("{path}, mutated body {number}: {body:02x?}"));
        }
    }
    // After all that the services still do their work.
    assert!(stage.world.home.login("P2", "1234").await.is_ok());
}

#[tokio::test]
async fn another_media_type_and_a_body_too_large_are_said_so() {
    let (stage, _site, bodies) = day().await;
    let router: Router = stage.world.router();
    let large = vec![0x41; (16 << 20) + 1];
    for (path, body) in &bodies {
        for media_type in ["application/json", "application/cbor", "text/plain", ""] {
            let reply = post(&router, path, media_type, body.clone()).await;
            assert_eq!(reply.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path} as {media_type:?}");
            assert_eq!(reply.title(), "wrong media type", "{path}");
        }
        let reply = post(&router, path, media_type_of(path), large.clone()).await;
        assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        assert!(!reply.title().is_empty(), "{path}");
    }
}

#[tokio::test]
async fn forms_and_protocols_of_others_never_break_either() {
    let (stage, site, _) = day().await;
    let router = stage.world.router().merge(site.terminal.router());
    let mut dice = ChaCha20Rng::seed_from_u64(0x666f_726d);
    const FORM: &str = "application/x-www-form-urlencoded";
    let forms = ["tap", "remove", "holder", "pin", "charts", "back"].map(|form| format!("/counter/{form}"));
    let mut routes: Vec<(String, &str)> = forms.into_iter().map(|path| (path, FORM)).collect();
    routes.extend(["/me/sign-in", "/me/sign-out"].map(|path| (path.to_owned(), FORM)));
    routes.push(("/tsa/1".to_owned(), "application/timestamp-query"));
    routes.push(("/ocsp/ca-u-1".to_owned(), "application/ocsp-request"));
    for (path, media_type) in routes {
        for number in 0..2 * BODIES {
            let body = if number % 2 == 0 {
                random(&mut dice)
            } else {
                mutated(&mut dice, b"card=P1&method=2&pin=12&chart=10&lang=ja")
            };
            let reply = post(&router, &path, media_type, body.clone()).await;
            assert!(!reply.status.is_server_error(), "{path}: {reply:?} to {body:02x?}");
        }
    }
}
