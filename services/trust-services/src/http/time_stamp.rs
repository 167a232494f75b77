//! `POST /tsa/{1|2}` (RFC 3161 §3.4).

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jushin_runtime::Problem;

use super::{blocking, expect_type, fresh};
use crate::{TrustServices, Tsa};

pub(super) async fn answer(
    State(services): State<TrustServices>,
    Path(number): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let tsa = match number.as_str() {
        "1" => Tsa::First,
        "2" => Tsa::Second,
        other => {
            let detail = format!("{other:?} is neither 1 nor 2");
            return Err(Problem::new(StatusCode::NOT_FOUND, "no such time-stamping authority", detail));
        }
    };
    expect_type(&headers, "application/timestamp-query")?;
    let reply = blocking(move || services.time_stamp(tsa, &body)).await?;
    Ok(fresh("application/timestamp-reply", reply))
}
