//! OCSP over HTTP (RFC 6960 appendix A) and revocation lists.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use jushin_pki::pem;
use jushin_runtime::Problem;

use super::{authority, blocking, expect_type, failed, fresh};
use crate::TrustServices;

/// `POST /ocsp/{authority}`
pub(super) async fn posted(
    State(services): State<TrustServices>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let authority = authority(&name)?;
    expect_type(&headers, "application/ocsp-request")?;
    let reply = blocking(move || services.certificate_status(authority, &body)).await?;
    Ok(fresh("application/ocsp-response", reply))
}

/// `GET /ocsp/{authority}/{base64 of the request}`, percent-encoded or not.
pub(super) async fn fetched(
    State(services): State<TrustServices>,
    Path((name, encoded)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let authority = authority(&name)?;
    // The PEM reader is the one base64 decoder here; what it refuses is answered as an empty request.
    let block = format!("-----BEGIN OCSP-----\n{encoded}\n-----END OCSP-----\n");
    let request = pem::decode("OCSP", &block).unwrap_or_default();
    let reply = blocking(move || services.certificate_status(authority, &request)).await?;
    Ok(fresh("application/ocsp-response", reply))
}

/// `GET /crl/{authority}`
pub(super) async fn list(
    State(services): State<TrustServices>,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let authority = authority(&name)?;
    let list =
        blocking(move || services.revocation_list(authority)).await?.map_err(|error| failed(&error))?;
    Ok(fresh("application/pkix-crl", list))
}
