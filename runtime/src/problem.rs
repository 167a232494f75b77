//! Bodies and refusals: one object a body, errors as problem+json (RFC 9457).

use axum::Json;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jushin_statement::{MEDIA_TYPE, Object};
use serde::Serialize;

/// A refusal that says who is at fault and what to do.
#[derive(Clone, Debug, Serialize)]
pub struct Problem {
    /// HTTP status code.
    pub status: u16,
    /// Short and stable: what kind of refusal this is.
    pub title: &'static str,
    /// One sentence for the person who reads the log of the sender.
    pub detail: String,
}

impl Problem {
    /// A refusal.
    #[must_use]
    pub fn new(status: StatusCode, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status: status.as_u16(), title, detail: detail.into() }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, [(header::CONTENT_TYPE, "application/problem+json")], Json(self)).into_response()
    }
}

/// A body that holds one object in its one encoding; also the answer with one.
#[derive(Clone, Debug)]
pub struct Cbor<T>(pub T);

impl<T: Object, S: Send + Sync> FromRequest<S> for Cbor<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let sent = request.headers().get(header::CONTENT_TYPE).map(|value| value.as_bytes());
        if sent != Some(MEDIA_TYPE.as_bytes()) {
            let detail = format!("send {} as {MEDIA_TYPE}", T::NAME);
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong media type", detail));
        }
        let body = axum::body::Bytes::from_request(request, state)
            .await
            .map_err(|error| Problem::new(error.status(), "unreadable body", error.body_text()))?;
        T::decode(&body).map(Self).map_err(|error| {
            Problem::new(StatusCode::BAD_REQUEST, "malformed object", format!("{}: {error}", T::NAME))
        })
    }
}

impl<T: Object> IntoResponse for Cbor<T> {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, MEDIA_TYPE)], self.0.encode()).into_response()
    }
}
