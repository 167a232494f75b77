//! The wires between the services of one process. A wire can be laid before its far end exists.

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use jushin_runtime::{Peer, PeerError};
use tower::ServiceExt as _;
use tower::util::BoxCloneSyncService;

/// One end of a wire to a service.
#[derive(Clone, Default)]
pub(super) struct Wire {
    far_end: Arc<OnceLock<Router>>,
}

impl Wire {
    /// Connects the service that answers. A wire is connected once.
    pub(super) fn connect(&self, router: Router) {
        let _already_connected = self.far_end.set(router);
    }

    /// The peer that a caller posts to.
    pub(super) fn peer(&self) -> Peer {
        let wire = self.clone();
        Peer::new(BoxCloneSyncService::new(tower::service_fn(move |request| carry(wire.clone(), request))))
    }
}

async fn carry(wire: Wire, request: Request<Body>) -> Result<Response, PeerError> {
    let Some(router) = wire.far_end.get() else {
        return Err(PeerError::Unreachable("the service has not started yet".to_owned()));
    };
    let answer: Result<Response, Infallible> = router.clone().oneshot(request).await;
    answer.map_err(|never| match never {})
}
