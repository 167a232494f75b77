//! Stand-ins with real protocols for what nobody can run at home: the CAs of the My Number Card and of
//! HPKI, two time-stamping authorities, an OCSP responder, revocation lists and the eligibility register.
//!
//! Every protocol is the real one (RFC 5280, RFC 6960, RFC 3161), every name says "simulated": nothing
//! made here can be taken for something of J-LIS, MEDIS or an accredited time-stamping authority.
//!
//! Routes of [`TrustServices::router`]:
//!
//! | route | body | answer |
//! |---|---|---|
//! | `POST /tsa/{1\|2}` | `application/timestamp-query` | `application/timestamp-reply` |
//! | `POST /ocsp/{authority}`, `GET /ocsp/{authority}/{base64}` | `application/ocsp-request` | `application/ocsp-response` |
//! | `GET /crl/{authority}` | | `application/pkix-crl` |
//! | `GET /ca/{authority}.pem`, `.der` | | the CA certificate |
//! | `GET /register/rows?since=N` | | JSON, a [`RegisterPage`] |
//! | `GET /` | | what is simulated, for people |
//!
//! Authorities are named by [`Authority::name`]: `ca-u-1`, `ca-u-2`, `ca-s-1`, `hpki-1`, `tsa-1`, `tsa-2`.

mod authority;
mod card;
mod config;
mod error;
mod extension;
mod first_start;
mod http;
mod institution;
mod keys;
mod ocsp;
mod oid;
mod register;
mod serial;
mod services;
mod staff;
mod store;
mod time_stamp;

pub use authority::{Authority, TrustFile};
pub use card::{CardFiles, CardKey, CardKind, Generation, PersonCard, TerminalAuthority};
pub use config::{Config, Place, Tsa, TsaConfig};
pub use error::TrustError;
pub use institution::{KeyMedium, KeyMediumError};
pub use register::{Insurance, Person, PersonId, RegisterPage, RegisterRow, Sex, Validity};
pub use serial::{CertificateId, KeyId, Serial};
pub use services::TrustServices;
pub use staff::{StaffCard, StaffFiles, StaffPurpose};
