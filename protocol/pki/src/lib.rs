//! Checks certificates, CV certificates, revocation answers and time-stamp tokens as of a given time.
//!
//! Signatures are checked through [`Crypto`], an argument; nothing here holds a clock, a socket or a
//! random number generator. Every check runs over the bytes as received, never over a re-encoding, and
//! bytes that are not DER are refused before anything else, so that one object has one hash.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod algorithm;
mod certificate;
pub mod cv;
pub mod der;
mod extension;
pub mod issue;
mod moment;
pub mod name;
pub mod oid;
pub mod path;
pub mod pem;
pub mod revocation;
mod signature;
pub mod spki;
mod time;
pub mod time_stamp;

pub use ::der::asn1::ObjectIdentifier;
pub use certificate::{BadCertificate, Certificate};
pub use cv::{CvAuthority, CvCertificate, CvError, CvKeyId};
pub use extension::{BasicConstraints, Extension, KeyUsage, Oids};
pub use moment::Moment;
pub use path::{AsOf, PathError, Profile, TrustAnchors, ValidPath};
pub use signature::{
    BadSignature, Crypto, KeyKind, PrivateKey, PublicKey, Sealed, SealingKey, SigningFailed, Suite,
    UnusableKey,
};
