//! ISO 7816 with JPKI and staff cards, as the reader and as virtual cards.
//!
//! ```text
//!  Session::run(step) ── CommandBytes ──► CardTransport ──► a card in a reader
//!     ▲    each step consumes itself           └──────────► VirtualReader ──► VirtualCard ◇
//!     └── proof: Selected, HolderVerified, CertificateAccepted, InstitutionAccepted, PatientSigned
//! ```
//!
//! Both sides use the same [`apdu`], [`tlv`], [`jpki`] and [`terminal_auth`] modules, so that the virtual
//! card cannot drift from the reader. What is known of the JPKI application comes from public sources;
//! what happens after the card has taken a terminal's certificate is not public, and is here a profile of
//! our own, "jushin-TA1" ([`terminal_auth`]).
#![no_std]

extern crate alloc;

pub mod apdu;
pub mod client;
pub mod hpki;
pub mod jpki;
pub mod terminal_auth;
pub mod tlv;
mod transport;
pub mod virtual_card;

pub use client::{CardError, Session};
pub use terminal_auth::CardProfile;
pub use transport::{CardTransport, TransportError};
pub use virtual_card::{Personalisation, VirtualCard, VirtualReader};
