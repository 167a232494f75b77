//! Another service, reached over HTTP or in the same process.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use tower::util::BoxCloneSyncService;

/// How long an answer may take, unless somebody says otherwise.
const PATIENCE: Duration = Duration::from_secs(20);

/// Largest answer that is read, in bytes.
const ANSWER_LIMIT: usize = 16 << 20;

/// A service to post to.
#[derive(Clone, Debug)]
pub struct Peer {
    service: BoxCloneSyncService<Request<Body>, axum::response::Response, PeerError>,
    patience: Duration,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: StatusCode,
    /// Content type.
    pub content_type: String,
    /// Body.
    pub body: Vec<u8>,
}

impl Reply {
    /// The body of a 2xx answer.
    ///
    /// # Errors
    ///
    /// [`PeerError::Refused`] with what the problem document says.
    pub fn success(self) -> Result<Vec<u8>, PeerError> {
        if self.status.is_success() {
            return Ok(self.body);
        }
        let problem: serde_json::Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let text = |name| problem.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
        Err(PeerError::Refused { status: self.status, title: text("title"), detail: text("detail") })
    }
}

/// The peer gave no usable answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PeerError {
    /// Not reached: the network or the peer is down. Trying again later is right.
    #[error("the service cannot be reached: {0}")]
    Unreachable(String),
    /// It answered with a refusal.
    #[error("refused with {status} ({title}): {detail}")]
    Refused {
        /// HTTP status.
        status: StatusCode,
        /// `title` of the problem document, which names the kind of refusal for good; or empty.
        title: String,
        /// `detail` of the problem document, or empty.
        detail: String,
    },
}

impl Peer {
    /// A peer in the same process: requests go through the router that would serve the network.
    #[must_use]
    pub fn in_process(router: Router) -> Self {
        let service = tower::ServiceExt::<Request<Body>>::map_err(
            router,
            |never: std::convert::Infallible| match never {},
        );
        Self::new(BoxCloneSyncService::new(service))
    }

    /// A peer behind any HTTP client, or a switch that makes it unreachable.
    #[must_use]
    pub fn new(service: BoxCloneSyncService<Request<Body>, axum::response::Response, PeerError>) -> Self {
        Self { service, patience: PATIENCE }
    }

    /// The same peer, which has to answer within this time: from the request to the answer's last byte.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Posts a body and reads the whole answer, whatever its status.
    ///
    /// # Errors
    ///
    /// [`PeerError::Unreachable`].
    pub async fn post(&self, path: &str, content_type: &str, body: Vec<u8>) -> Result<Reply, PeerError> {
        let request = Request::post(path).header(header::CONTENT_TYPE, content_type).body(Body::from(body));
        self.send(request).await
    }

    /// Gets a resource and reads the whole answer, whatever its status.
    ///
    /// # Errors
    ///
    /// [`PeerError::Unreachable`].
    pub async fn get(&self, path: &str) -> Result<Reply, PeerError> {
        self.send(Request::get(path).body(Body::empty())).await
    }

    /// Posts an object's bytes as `application/jushin+cbor` and returns the body of a 2xx answer.
    ///
    /// # Errors
    ///
    /// [`PeerError`]; a problem document's `detail` is kept.
    pub async fn post_object(&self, path: &str, object: Vec<u8>) -> Result<Vec<u8>, PeerError> {
        self.post(path, jushin_statement::MEDIA_TYPE, object).await?.success()
    }

    async fn send(&self, request: Result<Request<Body>, axum::http::Error>) -> Result<Reply, PeerError> {
        let unreachable = |error: &dyn std::error::Error| PeerError::Unreachable(error.to_string());
        let request = request.map_err(|error| unreachable(&error))?;
        let answer = async {
            let (head, body) = self.service.clone().oneshot(request).await?.into_parts();
            let body = http_body_util::Limited::new(body, ANSWER_LIMIT).collect().await;
            Ok((head, body.map_err(|error| PeerError::Unreachable(error.to_string()))?))
        };
        // A peer that keeps silent is one that cannot be reached: nobody's lock or seat is held for it longer.
        let late = |_| PeerError::Unreachable(format!("no answer within {} s", self.patience.as_secs()));
        let (head, body) = tokio::time::timeout(self.patience, answer).await.map_err(late)??;
        let content_type = head.headers.get(header::CONTENT_TYPE);
        Ok(Reply {
            status: head.status,
            content_type: content_type.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned(),
            body: body.to_bytes().to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_peer_that_keeps_silent_or_stops_within_its_answer_cannot_be_reached() {
        let silent = tower::service_fn(|_| std::future::pending());
        let peer = Peer::new(BoxCloneSyncService::new(silent)).with_patience(Duration::ZERO);
        let answer = peer.get("/").await;
        assert!(matches!(answer, Err(PeerError::Unreachable(why)) if why.contains("no answer")));

        let endless = tower::service_fn(|_| async {
            let body = Body::from_stream(tokio_stream::pending::<Result<Vec<u8>, std::io::Error>>());
            Ok(axum::response::Response::new(body))
        });
        let peer = Peer::new(BoxCloneSyncService::new(endless)).with_patience(Duration::ZERO);
        assert!(matches!(peer.get("/").await, Err(PeerError::Unreachable(why)) if why.contains("no answer")));
    }
}
