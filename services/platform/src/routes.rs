//! The doors: which path takes which object.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use jushin_runtime::{Cbor, Problem};
use jushin_statement::{
    Batch, BindingAck, Bytes, Hello, Id16, InstitutionCode, ReceiptPoll, TickStamp1, TickStamp2,
};

use crate::client::Client;
use crate::keys::KeyName;
use crate::platform::{Platform, blocking};
use crate::refusal::Refusal;
use crate::turn::Turn;
use crate::verify::unverified;
use crate::wire::{BODY_LIMIT, Body, Octets, answer, item_answer, read_item, read_three, signed_answer};

const CERTIFICATE: &str = "application/pkix-cert";

impl Platform {
    /// Everything it serves.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/v1/enrolment/nonce", post(enrolment_nonce))
            .route("/v1/enrolment/elements", post(enrol))
            .route("/v1/enrolment/elements/{element}/injections", get(injections))
            .route("/v1/enrolment/elements/{element}/injections/ack", post(confirm_injections))
            .route("/v1/enrolment/elements/{element}/binding", get(binding))
            .route("/v1/enrolment/terminals", post(appoint))
            .route("/v1/enrolment/bindings/ack", post(acknowledge_binding))
            .route("/v1/hello", post(hello))
            .route("/v1/stamps", post(stamp))
            .route("/v1/anchors", post(anchor))
            .route("/v1/batches", post(batch))
            .route("/v1/gap-queries", post(gap_query))
            .route("/v1/receipts", post(receipts))
            .route("/v1/keys/{name}", get(key))
            .route("/log/checkpoint", get(crate::log::checkpoint))
            .route("/log/tile/{*path}", get(crate::log::tile))
            .route("/v1/sign-in/challenge", post(sign_in_challenge))
            .route("/v1/sign-in", post(sign_in))
            .route("/v1/sign-in/redeem", post(redeem))
            .layer(DefaultBodyLimit::max(BODY_LIMIT))
            .with_state(self.clone())
    }
}

type Answer = Result<Response, Refusal>;

fn no_content(_: ()) -> Response {
    StatusCode::NO_CONTENT.into_response()
}

async fn enrolment_nonce(State(platform): State<Platform>, Body(body): Body) -> Answer {
    let object = "institution code";
    let institution: Option<InstitutionCode> = match body.as_slice() {
        [] => None,
        body => Some(read_item(body).map_err(|why| Refusal::Malformed { object, why })?),
    };
    let nonce = blocking(move || platform.enrolment_nonce(institution)).await?;
    Ok(item_answer(&nonce))
}

async fn enrol(State(platform): State<Platform>, body: Body) -> Answer {
    let certificate = blocking(move || platform.enrol(&body.signed())).await?;
    Ok(answer(CERTIFICATE, certificate))
}

async fn injections(State(platform): State<Platform>, element: Element) -> Answer {
    let boxes = blocking(move || platform.injections(element.0)).await?;
    Ok(answer(jushin_statement::MEDIA_TYPE, boxes))
}

async fn confirm_injections(
    State(platform): State<Platform>,
    element: Element,
    Octets(signature): Octets,
) -> Answer {
    blocking(move || platform.confirm_injections(element.0, &signature)).await.map(no_content)
}

async fn binding(State(platform): State<Platform>, element: Element) -> Answer {
    let binding = blocking(move || platform.binding(element.0)).await?;
    Ok(signed_answer(&binding))
}

async fn appoint(State(platform): State<Platform>, Body(body): Body) -> Answer {
    let three = read_three(&body).map_err(|why| Refusal::Malformed { object: "appointment", why })?;
    Ok(answer(CERTIFICATE, platform.appoint(three).await?))
}

async fn acknowledge_binding(State(platform): State<Platform>, client: Client, body: Body) -> Answer {
    let signed = body.signed();
    client.speaks_for(&platform, unverified::<BindingAck>(&signed)?.element).await?;
    blocking(move || platform.acknowledge_binding(&signed)).await.map(no_content)
}

async fn hello(State(platform): State<Platform>, client: Client, Cbor(hello): Cbor<Hello>) -> Answer {
    client.speaks_for(&platform, hello.element).await?;
    let challenge = blocking(move || platform.challenge(&hello)).await?;
    Ok(Cbor(challenge).into_response())
}

async fn stamp(State(platform): State<Platform>, client: Client, body: Body) -> Answer {
    let signed = body.signed();
    client.speaks_for(&platform, unverified::<TickStamp1>(&signed)?.element).await?;
    Ok(Cbor(platform.unlock(signed).await?).into_response())
}

async fn anchor(State(platform): State<Platform>, client: Client, body: Body) -> Answer {
    let signed = body.signed();
    let element = unverified::<TickStamp2>(&signed)?.element;
    client.speaks_for(&platform, element).await?;
    let keeper = platform.clone();
    blocking(move || keeper.anchor(&signed)).await?;
    platform.judge_open(element).await.map(no_content)
}

async fn batch(
    State(platform): State<Platform>,
    _turn: Turn,
    client: Client,
    Cbor(batch): Cbor<Batch>,
) -> Answer {
    client.speaks_for(&platform, batch.element).await?;
    Ok(Cbor(platform.take_batch(batch).await?).into_response())
}

async fn gap_query(State(platform): State<Platform>, client: Client, Body(body): Body) -> Answer {
    let element: Id16 = read_item(&body).map_err(|why| Refusal::Malformed { object: "element", why })?;
    client.speaks_for(&platform, element).await?;
    let query = blocking(move || platform.gap_query(element)).await?;
    Ok(Cbor(query).into_response())
}

async fn receipts(
    State(platform): State<Platform>,
    _turn: Turn,
    client: Client,
    Cbor(poll): Cbor<ReceiptPoll>,
) -> Answer {
    client.speaks_for(&platform, poll.element).await?;
    Ok(match platform.poll_receipt(poll).await? {
        Some(answer) => Cbor(answer).into_response(),
        None => StatusCode::ACCEPTED.into_response(),
    })
}

async fn key(State(platform): State<Platform>, Path(name): Path<String>) -> Answer {
    let name = KeyName::served(&name).ok_or(Refusal::Unknown("key"))?;
    Ok(answer(CERTIFICATE, platform.certificate(name)))
}

async fn sign_in_challenge(State(platform): State<Platform>) -> Answer {
    let nonce = blocking(move || platform.sign_in_challenge()).await?;
    Ok(item_answer(&nonce))
}

async fn sign_in(State(platform): State<Platform>, Body(body): Body) -> Answer {
    let three = read_three(&body).map_err(|why| Refusal::Malformed { object: "sign-in", why })?;
    Ok(item_answer(&platform.sign_in(three).await?))
}

async fn redeem(State(platform): State<Platform>, Body(body): Body) -> Answer {
    let ticket: [u8; 32] = read_item(&body).map_err(|why| Refusal::Malformed { object: "ticket", why })?;
    let pid = blocking(move || platform.redeem(&ticket)).await?;
    Ok(item_answer(&pid))
}

/// The element of a path, 32 hexadecimal digits.
struct Element(Id16);

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for Element {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, state: &S) -> Result<Self, Problem> {
        let malformed =
            || Problem::new(StatusCode::NOT_FOUND, "unknown element", "an element has 32 hexadecimal digits");
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| malformed())?;
        let digits: Option<Bytes> = text
            .as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(core::str::from_utf8(pair).ok()?, 16).ok())
            .collect::<Option<Vec<u8>>>()
            .map(Bytes);
        let id = digits.and_then(|bytes| bytes.0.try_into().ok()).ok_or_else(malformed)?;
        Ok(Self(Id16(id)))
    }
}
