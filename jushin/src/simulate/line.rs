//! Lines between the parties: down in an outage, slow, and sometimes an answer gets lost on its way back.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use jushin_runtime::{Peer, PeerError};
use tower::ServiceExt as _;
use tower::util::BoxCloneSyncService;

use super::stage::{Aim, Stage};

/// Longest time that one way takes ordinarily, in microseconds.
const WAY_US: u64 = 400_000;
/// The same when the line is slow.
const SLOW_WAY_US: u64 = 20_000_000;
/// What the authority that states its accuracy may be off, and the one that states none.
const OFF_US: [i64; 2] = [500_000, 1_000_000];

/// A terminal's line to the platform.
pub(super) fn to_platform(stage: Arc<Stage>, terminal: usize, platform: Router) -> Peer {
    peer(move |request| {
        let (stage, platform) = (stage.clone(), platform.clone());
        async move {
            let now = stage.time.now();
            let network = stage.weather.networks.get(terminal);
            if network.is_some_and(|outages| outages.contain(now)) || stage.weather.platform.contain(now) {
                stage.take_time(3_000_000);
                return Err(unreachable("an outage"));
            }
            carry(&stage, platform, request).await
        }
    })
}

/// The platform's line to CAs, responders and time-stamping authorities.
pub(super) fn to_trust(stage: Arc<Stage>, services: Router) -> Peer {
    peer(move |request| {
        let (stage, services) = (stage.clone(), services.clone());
        async move {
            let stamper = match request.uri().path() {
                "/tsa/1" => 0,
                "/tsa/2" => 1,
                _ => return deliver(services, request).await,
            };
            let outages = stage.weather.stampers.get(stamper);
            if outages.is_some_and(|outages| outages.contain(stage.time.now())) {
                return Err(unreachable("an outage"));
            }
            stage.take_time(WAY_US);
            stage.before_tick(Aim::Low);
            let off = OFF_US.get(stamper).copied().unwrap_or_default();
            stage.stamps.be_wrong_by(match stage.aim() {
                Aim::Low => off,
                Aim::High => -off,
                Aim::Nothing => stage.chance.signed(-off, off),
            });
            stage.token_made();
            let answer = deliver(services, request).await;
            stage.stamps.be_right();
            stage.take_time(WAY_US);
            answer
        }
    })
}

fn peer<F>(carry: impl Fn(Request<Body>) -> F + Clone + Send + Sync + 'static) -> Peer
where
    F: Future<Output = Result<Response, PeerError>> + Send + 'static,
{
    Peer::new(BoxCloneSyncService::new(tower::service_fn(carry)))
}

async fn carry(stage: &Stage, far_end: Router, request: Request<Body>) -> Result<Response, PeerError> {
    let slow = stage.aim() == Aim::Nothing && stage.chance.percent(4);
    let way = if slow { SLOW_WAY_US } else { WAY_US };
    stage.take_time(way);
    let answer = deliver(far_end, request).await;
    stage.take_time(way);
    // Terminals are set up in good weather.
    let lost = stage.time.now() >= super::FIRST_MIDNIGHT_US && stage.chance.percent(2);
    if lost { Err(unreachable("the answer got lost")) } else { answer }
}

async fn deliver(far_end: Router, request: Request<Body>) -> Result<Response, PeerError> {
    let Ok(answer) = far_end.oneshot(request).await;
    Ok(answer)
}

fn unreachable(why: &str) -> PeerError {
    PeerError::Unreachable(why.to_owned())
}
