//! The eligibility platform: enrols and unlocks terminals, takes in and verifies evidence, answers.
//!
//! ```text
//!  element, terminal ──/v1/enrolment/…──► certificate, secrets, binding          (P1)
//!  terminal ──/v1/hello, stamps, anchors──► challenge, token + activation        (P2)  ──► TSA 1, TSA 2
//!  terminal ──/v1/batches──► open, verify, store, then receipt + verdict + elig  (P6)  ──► OCSP, register
//!                                            └── visit, redacted ──► history     (P11)
//! ```
//!
//! Only this service stores a patient's certificate. An answer that acknowledges something is always the
//! result of a transaction that wrote and committed; a repeated request writes too (one more attempt).
//!
//! A terminal speaks for its own element only: where mutual TLS is terminated in front of the router, the
//! client's key goes into the request's extensions as [`ClientKey`].
//!
//! Routes (bodies `application/jushin+cbor`, one object each, unless said otherwise; refusals are
//! `application/problem+json` whose `title` is one of [`Refusal::title`]):
//!
//! | route | body → answer |
//! |---|---|
//! | `POST /v1/enrolment/nonce` | institution code as CBOR text, or nothing if only one institution is registered → CBOR bstr 32 |
//! | `POST /v1/enrolment/elements` | sign1(se-csr) → DER certificate (`application/pkix-cert`) |
//! | `GET /v1/enrolment/elements/{se hex}/injections` | → CBOR array of [enc, ct, n] |
//! | `POST /v1/enrolment/elements/{se hex}/injections/ack` | the ea-test signature (`application/octet-stream`) → 204 |
//! | `POST /v1/enrolment/terminals` | CBOR [sign1(appoint), administrator's certificate, terminal SPKI] → DER certificate |
//! | `GET /v1/enrolment/elements/{se hex}/binding` | → sign1(binding), the newest |
//! | `POST /v1/enrolment/bindings/ack` | sign1(bind-ack) → 204 |
//! | `POST /v1/hello` | hello → act-chal |
//! | `POST /v1/stamps` | sign1(ts1) → unlock |
//! | `POST /v1/anchors` | sign1(ts2) → 204 |
//! | `POST /v1/batches` | batch → batch-ack |
//! | `POST /v1/gap-queries` | element as CBOR bstr 16 → gap-query |
//! | `POST /v1/receipts` | receipt-poll → batch-ack, or 202 while there is none |
//! | `GET /v1/keys/{sp,evid,rcpt,bind,rev,beacon}` | → DER certificate |
//! | `GET /log/checkpoint` | → the newest signed checkpoint, with cosignatures (C2SP tlog-tiles) |
//! | `GET /log/tile/…` | → a tile of hashes or of entries |
//! | `POST /v1/sign-in/challenge` | nothing → CBOR bstr 32 |
//! | `POST /v1/sign-in` | CBOR [nonce, certificate, signature] → CBOR bstr 32, a ticket |
//! | `POST /v1/sign-in/redeem` | CBOR bstr 32 → CBOR pid at the history service |

mod activation;
mod anchors;
mod authority;
mod card_status;
mod client;
mod config;
mod enrolment;
mod export;
mod intake;
mod keys;
mod log;
mod nonce;
mod operations;
mod operator;
mod outbox;
mod platform;
mod pseudonym;
mod records;
mod refusal;
mod register;
mod routes;
mod sign_in;
mod store;
mod time_stamping;
mod turn;
mod verify;
mod wire;

pub use client::ClientKey;
pub use config::{CardAuthority, Config, GapPolicy, Institution, Model, Ports, RegisterRow};
pub use intake::{GapKind, Stamped};
pub use keys::KeyName;
pub use log::{
    CheckpointStore, Entry, FolderFiles, LogAlarm, LogAudit, LogFiles, LogPorts, LogWitness, MemoryFiles,
    Sealed, SqliteCheckpoints,
};
pub use operations::{Operation, TerminalState, TerminalStatus};
pub use outbox::Delivery;
pub use platform::Platform;
pub use refusal::Refusal;
pub use store::{Finish, Inserted, Scan, Sqlite, Store, StoreError, StoredRow, Table, Transaction};
