//! A witness of transparency logs (C2SP tlog-witness), to be run by somebody else than the log.
//!
//! It remembers the largest tree of each log and cosigns only what goes on from there. A log that shows one tree
//! to some and another to others, or that takes something back, gets no further cosignature here.
//!
//! | route | body → answer |
//! |---|---|
//! | `POST /add-checkpoint` | old size, consistency proof, signed checkpoint → a cosignature line |
//! | `GET /{hex SHA-256 of the log's name}/checkpoint` | → the newest checkpoint with our cosignature |

mod state;

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jushin_log::{
    AddCheckpoint, KeyName, Note, NoteCrypto, Refusal, SigningKey, VerifierKey, Witness as Decider,
};
use jushin_runtime::Clock;
use sha2::{Digest as _, Sha256};

use state::States;

/// No request is larger: 63 hashes and a note of 64 KiB.
const BODY_LIMIT: usize = 70_000;

/// What a witness is given.
pub struct Config {
    /// Its name.
    pub name: KeyName,
    /// Its key, never used for anything else.
    pub key: Arc<dyn SigningKey>,
    /// The logs that it watches.
    pub logs: Vec<VerifierKey>,
    /// Ed25519.
    pub crypto: Arc<dyn NoteCrypto>,
    /// Its clock: the time in a cosignature is its claim.
    pub clock: Arc<dyn Clock>,
}

/// A witness. Clones share everything.
#[derive(Clone)]
pub struct Witness(Arc<Inner>);

struct Inner {
    config: Config,
    states: States,
}

/// The state cannot be kept: then nothing is cosigned.
#[derive(Debug, thiserror::Error)]
#[error("the witness's file: {0}")]
pub struct StateError(#[from] rusqlite::Error);

/// Why a request gets no cosignature.
enum Failure {
    Refused(Refusal),
    NotKept,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(_: rusqlite::Error) -> Self {
        Self::NotKept
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Self::Refused(refusal) = self else {
            return (StatusCode::SERVICE_UNAVAILABLE, "the state cannot be kept\n").into_response();
        };
        let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        match refusal {
            Refusal::OtherSize { size } => {
                (status, [(header::CONTENT_TYPE, "text/x.tlog.size")], format!("{size}\n")).into_response()
            }
            refusal => (status, format!("{refusal}\n")).into_response(),
        }
    }
}

impl Witness {
    /// Opens the witness with its state in a file. Losing the file is losing its memory: never restore it from a
    /// backup, make a new witness instead.
    ///
    /// # Errors
    ///
    /// [`StateError`].
    pub fn open(config: Config, file: &Path) -> Result<Self, StateError> {
        Ok(Self(Arc::new(Inner { config, states: States::open(file)? })))
    }

    /// A witness that forgets when it is dropped, for tests.
    ///
    /// # Errors
    ///
    /// [`StateError`].
    pub fn in_memory(config: Config) -> Result<Self, StateError> {
        Ok(Self(Arc::new(Inner { config, states: States::in_memory()? })))
    }

    /// The key by which verifiers know its cosignatures.
    #[must_use]
    pub fn verifier_key(&self) -> VerifierKey {
        VerifierKey::of_witness(self.0.config.name.clone(), self.0.config.key.public())
    }

    /// What it serves.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/add-checkpoint", post(add))
            .route("/{origin}/checkpoint", get(newest))
            .layer(DefaultBodyLimit::max(BODY_LIMIT))
            .with_state(self.clone())
    }

    /// Reads what it saw last, decides and remembers in one transaction; only then the cosignature is given out.
    fn add(&self, body: &str) -> Result<String, Failure> {
        let Config { name, key, logs, crypto, clock } = &self.0.config;
        let decider = Decider { name, key: &**key, logs, crypto: &**crypto };
        let request = AddCheckpoint::parse(body)?;
        let checkpoint = decider.open(&request)?;
        let at = clock.now().0 / 1_000;
        self.0.states.step(&origin_id(checkpoint.origin.as_str()), |last| {
            let (state, line) = decider.decide(&request, &checkpoint, last, at)?;
            // What others wrote below the checkpoint is not kept.
            let note = Note::parse(&request.checkpoint).map_err(|_| Refusal::Malformed)?;
            let signed = logs.iter().find(|key| note.verify(key, &**crypto).is_ok());
            let signed = signed.ok_or(Refusal::NotSigned)?;
            Ok((state, note.with_signatures_of(signed) + &line, line))
        })
    }
}

/// The name of a log in paths.
#[must_use]
pub fn origin_id(origin: &str) -> String {
    Sha256::digest(origin).iter().fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

const TEXT: [(header::HeaderName, &str); 1] = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];

async fn add(State(witness): State<Witness>, body: String) -> Result<Response, Failure> {
    let added = tokio::task::spawn_blocking(move || witness.add(&body)).await;
    Ok((TEXT, added.map_err(|_| Failure::NotKept)??).into_response())
}

async fn newest(
    State(witness): State<Witness>,
    axum::extract::Path(origin): axum::extract::Path<String>,
) -> Result<Response, Failure> {
    let read = tokio::task::spawn_blocking(move || witness.0.states.newest(&origin)).await;
    match read.map_err(|_| Failure::NotKept)?? {
        Some(note) => Ok((TEXT, note).into_response()),
        None => Ok((StatusCode::NOT_FOUND, "no checkpoint of that log\n").into_response()),
    }
}
