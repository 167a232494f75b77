//! Checks certificates, CV certificates, revocation answers and time-stamp tokens as of a given time.
//!
//! Signatures are checked through [`Crypto`], an argument; nothing here holds a clock, a socket or a
//! random number generator. Every check runs over the bytes as received, never over a re-encoding.
#![no_std]

extern crate alloc;

mod signature;

pub use signature::{
    BadSignature, Crypto, KeyKind, PrivateKey, PublicKey, Sealed, SealingKey, SigningFailed, Suite,
    UnusableKey,
};
