//! Bodies that are no object: a signed object, a byte string, a short array of byte strings.

use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jushin_runtime::Problem;
use jushin_statement::cbor::{Malformed, Reader, Writer};
use jushin_statement::{Bytes, Field, MEDIA_TYPE, Signed};

/// Largest body that is read, in bytes.
pub(crate) const BODY_LIMIT: usize = 16 << 20;

/// A body of our media type, as received.
pub(crate) struct Body(pub(crate) Vec<u8>);

/// Bare bytes, as received.
pub(crate) struct Octets(pub(crate) Vec<u8>);

const OCTETS: &str = "application/octet-stream";

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        read(request, state, MEDIA_TYPE).await.map(Self)
    }
}

impl<S: Send + Sync> FromRequest<S> for Octets {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        read(request, state, OCTETS).await.map(Self)
    }
}

/// The whole body, which must be of this media type unless it is empty.
async fn read<S: Send + Sync>(request: Request, state: &S, wanted: &str) -> Result<Vec<u8>, Problem> {
    let sent = request.headers().get(header::CONTENT_TYPE).map(|value| value.as_bytes().to_vec());
    let body = axum::body::Bytes::from_request(request, state)
        .await
        .map_err(|error| Problem::new(error.status(), "unreadable body", error.body_text()))?;
    if !body.is_empty() && sent.as_deref() != Some(wanted.as_bytes()) {
        let detail = format!("send the body as {wanted}");
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong media type", detail));
    }
    Ok(body.to_vec())
}

impl Body {
    /// The whole body is one COSE_Sign1.
    pub(crate) fn signed(self) -> Signed {
        Signed(Bytes(self.0))
    }
}

/// The answer that is one signed object.
pub(crate) fn signed_answer(signed: &Signed) -> Response {
    answer(MEDIA_TYPE, signed.as_bytes().to_vec())
}

/// The answer that is one CBOR item.
pub(crate) fn item_answer(item: &impl Field) -> Response {
    answer(MEDIA_TYPE, item_bytes(item))
}

/// An answer of any media type.
pub(crate) fn answer(media_type: &'static str, body: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, media_type)], body).into_response()
}

/// One item in the one encoding.
pub(crate) fn item_bytes(item: &impl Field) -> Vec<u8> {
    let mut writer = Writer::new();
    item.write(&mut writer);
    writer.into_bytes()
}

/// Reads exactly one item.
pub(crate) fn read_item<T: Field>(bytes: &[u8]) -> Result<T, Malformed> {
    let mut reader = Reader::new(bytes)?;
    let item = T::read(&mut reader)?;
    reader.end()?;
    Ok(item)
}

/// Reads an array of three byte strings.
pub(crate) fn read_three(bytes: &[u8]) -> Result<[Bytes; 3], Malformed> {
    let mut reader = Reader::new(bytes)?;
    reader.array("array of three byte strings", 3)?;
    let three = [Bytes::read(&mut reader)?, Bytes::read(&mut reader)?, Bytes::read(&mut reader)?];
    reader.end()?;
    Ok(three)
}
