//! A stolen terminal.

use axum::http::StatusCode;
use jushin::demo::stage::{Interposed, SAKURA};
use jushin_platform::TerminalState;
use jushin_runtime::PeerError;
use jushin_statement::Hello;
use jushin_terminal::PowerOnError;

use crate::support::stage::{Heard, Stage};

#[tokio::test]
async fn n2_7_a_stolen_terminal_is_not_greeted() {
    let stage = Stage::set().await;
    let site = stage.enrolled(&SAKURA).await;
    stage.world.platform.suspend(site.element, None, "reported stolen").unwrap();
    let hello = Hello { element: site.element, binding_seq: 1, last: 3, tpm_nonce: None };
    let refused = stage.post_object("/v1/hello", &hello).await;
    assert_eq!((refused.status, refused.title().as_str()), (StatusCode::FORBIDDEN, "suspended"));
    let state = &stage.world.platform.terminals().unwrap()[0].state;
    assert!(matches!(state, TerminalState::Suspended { .. }), "{state:?}");
}

#[tokio::test]
async fn n2_7_a_terminal_reported_stolen_between_challenge_and_stamp_stays_locked() {
    let stage = Stage::set().await;
    let site = stage.enrolled(&SAKURA).await;
    let (platform, element) = (stage.world.platform.clone(), site.element);
    stage.world.platform_wire.interpose(move |path, _| {
        if path == "/v1/stamps" {
            platform.suspend(element, None, "reported stolen").unwrap();
        }
        Interposed::Passed
    });
    let refused = site.terminal.power_on().await.unwrap_err();
    let PowerOnError::Platform(PeerError::Refused { status, title, .. }) = refused else {
        panic!("{refused}");
    };
    assert_eq!((status, title.as_str()), (StatusCode::FORBIDDEN, "suspended"));
    let tapped = crate::support::stage::tap(&site, 0).await;
    assert_eq!(tapped.trace.evid, None, "the element holds its key locked");
}

#[tokio::test]
async fn a_stamp_that_was_seen_on_the_wire_unlocks_no_other_element() {
    let stage = Stage::set().await;
    let heard = Heard::on(&stage.world.platform_wire);
    stage.unlocked(&SAKURA).await;
    let stamp = heard.last("/v1/stamps");
    // The nonce was spent by its owner; the same bytes get the same answer, which fits that element only.
    let first = stage.post("/v1/stamps", stamp.clone()).await.ok();
    assert_eq!(stage.post("/v1/stamps", stamp.clone()).await.ok(), first);
    let mut forged = stamp;
    *forged.last_mut().unwrap() ^= 1;
    let refused = stage.post("/v1/stamps", forged).await;
    assert_eq!((refused.status, refused.title().as_str()), (StatusCode::FORBIDDEN, "signature refused"));
}
