//! Every object that travels or is kept: its fields, its one encoding, and what its signature covers.
//!
//! ```text
//!  struct ──encode──► payload (deterministic CBOR) ──to_be_signed──► Sig_structure ──sign──► Signed
//!  struct ◄──decode── payload ◄───────────────────────────parse────────────────────────────── Signed
//! ```
//!
//! An object has exactly one encoding; a decoder refuses every other one, so that a hash over received
//! bytes and a hash over re-encoded bytes can never differ. What was signed is kept byte for byte.
#![no_std]

extern crate alloc;

mod activation;
mod bundle;
mod card_id;
pub mod cbor;
mod check_in;
mod consent;
mod cose;
mod embedded;
mod enrolment;
mod field;
mod message;
mod object;
mod outcome;
mod record;
mod tpm;
mod value;

pub use activation::*;
pub use bundle::*;
pub use card_id::*;
pub use check_in::*;
pub use consent::*;
pub use cose::{Alg, KeyHint, Sign1, Signed, sign, to_be_signed};
pub use embedded::Embedded;
pub use enrolment::*;
pub use field::{Bytes, Field};
pub use message::*;
pub use object::{Context, Object, Statement};
pub use outcome::*;
pub use record::{Record, RecordLink};
pub use tpm::*;
pub use value::*;
