//! The wires between the services of one process. A wire can be laid before its far end exists.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use jushin_runtime::{Peer, PeerError};
use tower::ServiceExt as _;
use tower::util::BoxCloneSyncService;

/// One end of a wire to a service.
#[derive(Clone, Default)]
pub struct Wire {
    far_end: Arc<OnceLock<FarEnd>>,
    between: Arc<Mutex<Option<Interposer>>>,
}

/// Where a wire leads.
enum FarEnd {
    Service(Router),
    /// It joins another wire, and whoever sits on that one sees its requests too.
    Joins(Wire),
}

/// What somebody on the wire does with a request.
#[derive(Debug)]
pub enum Interposed {
    /// Lets it through.
    Passed,
    /// Answers in the far end's place.
    Answered(Response),
    /// Cuts the wire: the request does not arrive.
    Lost,
}

type Interposer = Arc<dyn Fn(&str, &[u8]) -> Interposed + Send + Sync>;

impl Wire {
    /// Connects the service that answers. A wire is connected once.
    pub(super) fn connect(&self, router: Router) {
        let _already_connected = self.far_end.set(FarEnd::Service(router));
    }

    /// A wire of its own that joins this one: it can be cut, and the others go on.
    #[must_use]
    pub fn branch(&self) -> Self {
        let branch = Self::default();
        let _nothing_was_connected = branch.far_end.set(FarEnd::Joins(self.clone()));
        branch
    }

    /// Cuts the wire: no request arrives until it is released.
    pub fn cut(&self) {
        self.interpose(|_, _| Interposed::Lost);
    }

    /// The peer that a caller posts to.
    #[must_use]
    pub fn peer(&self) -> Peer {
        let wire = self.clone();
        Peer::new(BoxCloneSyncService::new(tower::service_fn(move |request| {
            Box::pin(carry(wire.clone(), request))
        })))
    }

    /// Puts somebody on the wire, who sees path and body of every request from now on.
    pub fn interpose(&self, somebody: impl Fn(&str, &[u8]) -> Interposed + Send + Sync + 'static) {
        *self.between.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(somebody));
    }

    /// Leaves the wire to itself again.
    pub fn release(&self) {
        *self.between.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn interposer(&self) -> Option<Interposer> {
        self.between.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn carry(wire: Wire, mut request: Request<Body>) -> Result<Response, PeerError> {
    let unreachable = |why: &str| Err(PeerError::Unreachable(why.to_owned()));
    if let Some(somebody) = wire.interposer() {
        let (head, body) = request.into_parts();
        let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else {
            return unreachable("the request ended early");
        };
        match somebody(head.uri.path(), &body) {
            Interposed::Passed => request = Request::from_parts(head, Body::from(body)),
            Interposed::Answered(answer) => return Ok(answer),
            Interposed::Lost => return unreachable("the wire is cut"),
        }
    }
    match wire.far_end.get() {
        None => unreachable("the service has not started yet"),
        Some(FarEnd::Joins(main)) => Box::pin(carry(main.clone(), request)).await,
        Some(FarEnd::Service(router)) => {
            let answer: Result<Response, Infallible> = router.clone().oneshot(request).await;
            answer.map_err(|never| match never {})
        }
    }
}
