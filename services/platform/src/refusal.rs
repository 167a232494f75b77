//! Why the platform refuses, and how a refusal looks outside: decided in one place.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jushin_runtime::Problem;
use jushin_statement::cbor::Malformed;
use jushin_statement::{BindingState, Id16, InstitutionCode};

use crate::store::StoreError;

/// Why the platform refuses. Says who is at fault and carries what was compared; never a certificate,
/// a serial or a person.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The sender's bytes are no such object.
    #[error("{object}: {why}")]
    Malformed {
        /// What was expected.
        object: &'static str,
        /// What is wrong.
        why: Malformed,
    },
    /// The sender names an element that is not enrolled here.
    #[error("no element {0} is enrolled")]
    UnknownElement(Id16),
    /// The TLS client's key is not that of the element's terminal.
    #[error("the client's key is not that of the terminal of element {0}")]
    WrongClientKey(Id16),
    /// The sender names an institution that is not registered here.
    #[error("institution {0} is not registered")]
    UnknownInstitution(InstitutionCode),
    /// The sender did not say which institution, and more than one, or none, is registered.
    #[error("say for which institution the element is meant")]
    InstitutionNotSaid,
    /// Nothing of that name is kept here.
    #[error("no {0} of that name")]
    Unknown(&'static str),
    /// The number is not one that was given out, was given out too long ago, or was used.
    #[error("the nonce is unknown, older than {lifetime_ms} ms, or was used")]
    StaleNonce {
        /// How long one lives.
        lifetime_ms: u64,
    },
    /// The object is not signed by whom it must be.
    #[error("{object} is not signed by {signer}")]
    BadSignature {
        /// The object.
        object: &'static str,
        /// Who should have signed.
        signer: &'static str,
    },
    /// A field of a signed object is not what it must be.
    #[error("{object}: {field} is not the one expected")]
    Mismatch {
        /// The object.
        object: &'static str,
        /// The field.
        field: &'static str,
    },
    /// The model is not on the list, or states another kind or clock than was certified for it.
    #[error("elements of model {model:?} are not enrolled here, or not with this kind and clock")]
    ModelNotAllowed {
        /// The model as stated.
        model: String,
    },
    /// No imported institution key is left for another element of the institution.
    #[error("institution {0} has no key left for another element; import one")]
    NoInstitutionKey(InstitutionCode),
    /// The secrets were confirmed before and no longer exist here.
    #[error("the element has confirmed its secrets; they are no longer kept here")]
    AlreadyConfirmed,
    /// A file among the trust anchors of others is unusable. The operator is at fault.
    #[error("trust file {name}: {why}")]
    TrustFile {
        /// The file.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// The administrator's card is not one that the institution named.
    #[error("the card is not one of the administrators that institution {0} named")]
    AdministratorNotAppointed(InstitutionCode),
    /// A JPKI card may serve an administrator only after the institution's acknowledgement was recorded.
    #[error("institution {0} has no recorded acknowledgement for a JPKI card as administrator's card")]
    AcknowledgementMissing(InstitutionCode),
    /// A certificate is not accepted.
    #[error("the certificate is refused: {why}")]
    CertificateRefused {
        /// Why; never names the holder.
        why: String,
    },
    /// The element has not confirmed a binding yet.
    #[error("element {0} has not confirmed a binding")]
    NotBound(Id16),
    /// The element holds another binding than the newest.
    #[error("the element holds binding {held}, the newest is {newest}")]
    StaleBinding {
        /// Seq that it holds.
        held: u64,
        /// Seq of the newest.
        newest: u64,
    },
    /// The terminal is suspended or retired.
    #[error("the terminal is not in use since counter {from}; call the platform's operator")]
    OutOfUse {
        /// Suspended or retired.
        state: BindingState,
        /// First void counter value.
        from: u64,
    },
    /// The counter is below one that was seen: a copy of the element, or an older state of it.
    #[error("the element shows counter {shown}, the platform has seen {seen}")]
    CounterWentBack {
        /// In the request.
        shown: u64,
        /// The highest one known.
        seen: u64,
    },
    /// No time-stamping authority can be reached. The terminal may try again or be unlocked offline.
    #[error("no time-stamping authority can be reached: {0}")]
    NoTimeStamper(String),
    /// A time-stamping authority answered with a token that is not accepted.
    #[error("the time-stamp token is refused: {0}")]
    TokenRefused(String),
    /// The bracket around the token is wider than the binding allows. Stamp again.
    #[error("the bracket around the time-stamp token may be {allowed_ms} ms wide, it is {found_ms} ms")]
    BracketTooWide {
        /// Allowed.
        allowed_ms: u64,
        /// Found, rounded up.
        found_ms: u64,
    },
    /// A batch must hold the records of one element.
    #[error("the batch is from {batch} and holds something of {other}")]
    TwoElements {
        /// The batch's.
        batch: Id16,
        /// The other.
        other: Id16,
    },
    /// A batch must hold something.
    #[error("the batch holds nothing")]
    EmptyBatch,
    /// A box was sealed for another visit, another element or another platform, or was changed.
    #[error("the box of counter {counter} cannot be opened under its own label")]
    BoxClosed {
        /// Counter on its label.
        counter: u64,
    },
    /// A box holds another visit than its label says.
    #[error("the box of counter {counter} holds another visit than its label says")]
    BoxMislabelled {
        /// Counter on its label.
        counter: u64,
    },
    /// Something that the platform asks cannot be reached. Trying again later is right.
    #[error("{what} cannot be reached: {why}")]
    PeerUnreachable {
        /// What.
        what: &'static str,
        /// Why.
        why: String,
    },
    /// Too many send at once. Trying again later is right; nothing was read.
    #[error("too many terminals send at once; nothing was taken, come later")]
    Busy,
    /// The rows know less of the log than was signed: an old copy of the data was put back.
    #[error(
        "the log was signed over {signed} entries, and the data knows {known}: an older copy was put back. \
         Bring the newer data back; never change the checkpoint store to fit. Nothing more is signed until then"
    )]
    LogAhead {
        /// Entries under the signed checkpoint.
        signed: u64,
        /// Entries that the rows know.
        known: u64,
    },
    /// The checkpoint store knows less than was signed: it was changed, or an old copy was put back.
    #[error(
        "a checkpoint over {signed} entries was given out, and the checkpoint store holds {held}: an older copy of \
         it was put back. Bring the newer one back. Nothing more is signed until then"
    )]
    CheckpointBehind {
        /// Entries under the newest checkpoint that was given out.
        signed: u64,
        /// Entries under the one in the checkpoint store.
        held: u64,
    },
    /// The log's files or rows are not those that were signed.
    #[error("the log cannot go on: {0}")]
    Log(String),
    /// The platform itself failed; nothing is acknowledged.
    #[error("the platform failed: {0}")]
    Internal(String),
    /// The store failed; nothing is acknowledged.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal {
    /// Short and stable: the `title` of the problem document.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        self.outside().1
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.outside().0
    }

    const fn outside(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Malformed { .. } => (StatusCode::BAD_REQUEST, "malformed object"),
            Self::UnknownElement(_) => (StatusCode::NOT_FOUND, "unknown element"),
            Self::WrongClientKey(_) => (StatusCode::FORBIDDEN, "wrong client key"),
            Self::UnknownInstitution(_) => (StatusCode::NOT_FOUND, "unknown institution"),
            Self::InstitutionNotSaid => (StatusCode::BAD_REQUEST, "institution not said"),
            Self::Unknown(_) => (StatusCode::NOT_FOUND, "not found"),
            Self::StaleNonce { .. } => (StatusCode::CONFLICT, "stale nonce"),
            Self::BadSignature { .. } => (StatusCode::FORBIDDEN, "signature refused"),
            Self::Mismatch { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "does not fit"),
            Self::ModelNotAllowed { .. } => (StatusCode::FORBIDDEN, "model not allowed"),
            Self::NoInstitutionKey(_) => (StatusCode::CONFLICT, "no institution key"),
            Self::AlreadyConfirmed => (StatusCode::CONFLICT, "already confirmed"),
            Self::AdministratorNotAppointed(_) => (StatusCode::FORBIDDEN, "administrator not appointed"),
            Self::AcknowledgementMissing(_) => (StatusCode::FORBIDDEN, "acknowledgement missing"),
            Self::CertificateRefused { .. } => (StatusCode::FORBIDDEN, "certificate refused"),
            Self::NotBound(_) => (StatusCode::CONFLICT, "binding not confirmed"),
            Self::StaleBinding { .. } => (StatusCode::CONFLICT, "stale binding"),
            Self::OutOfUse { state: BindingState::Retired, .. } => (StatusCode::FORBIDDEN, "retired"),
            Self::OutOfUse { .. } => (StatusCode::FORBIDDEN, "suspended"),
            Self::CounterWentBack { .. } => (StatusCode::CONFLICT, "counter went back"),
            Self::NoTimeStamper(_) => (StatusCode::SERVICE_UNAVAILABLE, "no time-stamping authority"),
            Self::TokenRefused(_) => (StatusCode::BAD_GATEWAY, "time-stamp token refused"),
            Self::BracketTooWide { .. } => (StatusCode::CONFLICT, "re-anchor"),
            Self::TwoElements { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "two elements in one batch"),
            Self::EmptyBatch => (StatusCode::UNPROCESSABLE_ENTITY, "empty batch"),
            Self::BoxClosed { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "box cannot be opened"),
            Self::BoxMislabelled { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "box does not fit its label"),
            Self::PeerUnreachable { .. } => (StatusCode::SERVICE_UNAVAILABLE, "peer unreachable"),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Self::TrustFile { .. }
            | Self::Internal(_)
            | Self::Log(_)
            | Self::LogAhead { .. }
            | Self::CheckpointBehind { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "platform failed"),
            Self::Store(_) => (StatusCode::SERVICE_UNAVAILABLE, "not stored"),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        Problem::new(self.status(), self.title(), self.to_string()).into_response()
    }
}
