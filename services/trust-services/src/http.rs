//! The routes. Protocol errors travel in their protocol; what never reached it is a problem document.

mod front;
mod revocation;
mod time_stamp;

use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jushin_pki::pem;
use jushin_runtime::Problem;
use serde::Deserialize;

use crate::{Authority, RegisterPage, TrustServices};

/// Largest body of a request, in bytes. A query over SHA-512 with a long nonce has under 200.
const BODY_LIMIT: usize = 16 << 10;

/// Everything but the page for people.
pub(crate) fn protocols(services: TrustServices) -> Router {
    Router::new()
        .route("/tsa/{number}", post(time_stamp::answer))
        .route("/ocsp/{authority}", post(revocation::posted))
        .route("/ocsp/{authority}/{*encoded}", get(revocation::fetched))
        .route("/crl/{authority}", get(revocation::list))
        .route("/ca/{file}", get(certificate))
        .route("/register/rows", get(rows))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(services)
}

/// The page for people, with its style.
pub(crate) fn front(services: TrustServices) -> Router {
    let page = Router::new().route("/", get(front::show)).with_state(services);
    jushin_pages::secure(page.merge(jushin_pages::assets()))
}

/// `GET /ca/ca-u-1.pem`
async fn certificate(State(services): State<TrustServices>, Path(file): Path<String>) -> Response {
    let found = file.rsplit_once('.').and_then(|(name, ending)| Some((Authority::named(name)?, ending)));
    match found {
        Some((authority, "der")) => {
            let der = services.certificate(authority).to_vec();
            ([(header::CONTENT_TYPE, "application/pkix-cert")], der).into_response()
        }
        Some((authority, "pem")) => {
            let text = pem::encode("CERTIFICATE", services.certificate(authority));
            ([(header::CONTENT_TYPE, "application/pem-certificate-chain")], text).into_response()
        }
        _ => not_found(&file).into_response(),
    }
}

#[derive(Deserialize)]
struct Since {
    #[serde(default)]
    since: u64,
}

/// `GET /register/rows?since=N`
async fn rows(
    State(services): State<TrustServices>,
    Query(Since { since }): Query<Since>,
) -> Result<Json<RegisterPage>, Problem> {
    blocking(move || services.register_rows(since)).await?.map(Json).map_err(|error| failed(&error))
}

fn authority(name: &str) -> Result<Authority, Problem> {
    Authority::named(name).ok_or_else(|| not_found(name))
}

fn not_found(name: &str) -> Problem {
    let names: Vec<_> = Authority::ALL.into_iter().map(Authority::name).collect();
    Problem::new(
        StatusCode::NOT_FOUND,
        "no such authority",
        format!("{name:?} is not among {}", names.join(", ")),
    )
}

/// The store or a key failed: ours to mend.
fn failed(error: &crate::TrustError) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not served now", error.to_string())
}

fn expect_type(headers: &HeaderMap, wanted: &'static str) -> Result<(), Problem> {
    let sent = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = sent.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "wrong media type",
        format!("sent {sent:?}, wanted {wanted}"),
    ))
}

/// An answer that no cache may repeat: it holds a time or a status.
fn fresh(media_type: &'static str, body: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-store")], body).into_response()
}

/// Runs what commits or signs off the asynchronous threads.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not served now", error.to_string()))
}
