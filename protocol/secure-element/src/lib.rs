//! The element that holds the institution key: its command set, the software element, and its client.
//!
//! ```text
//!  host                                   element
//!  ElementClient ──APDU──► ElementTransport ──► Element::handle ──► one Nvm write ──► answer
//! ```
//!
//! An applet, a TPM behind a small driver and the software element answer the same commands
//! ([`Instruction`]), so a host never knows which one it talks to. The arrays that go in and come out
//! are in [`exchange`]; both sides use them.
//!
//! The rule that everything rests on: counter, head of the chain and the record's own bytes are stored
//! in one atomic write *before* anything leaves the element. A power cut then loses an answer, never a
//! record, and no counter value ever stands in two different records.
//!
//! ```
//! use std::sync::Arc;
//! use jushin_secure_element::client::ElementClient;
//! use jushin_secure_element::exchange::State;
//! use jushin_secure_element::{Build, Element, InstitutionKeyOrigin, ManualTicker, MemoryNvm};
//! use jushin_statement::{CertificateRequest, Hash, TickKind, TickSpec};
//! use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let build = Build {
//!     platform_key: Vec::new(), // DER SPKI of the platform's key
//!     card_cas: Vec::new(),
//!     model: "example".into(),
//!     firmware: "1".into(),
//!     tick: TickSpec { kind: TickKind::Date, tau_us: 0, rho_ppm: 0 },
//!     institution_key: InstitutionKeyOrigin::Injected,
//!     keyed_card_id: false,
//! };
//! let random = ChaCha20Rng::seed_from_u64(1);
//! let element = Element::new(
//!     build,
//!     Box::new(MemoryNvm::new()),
//!     Box::new(ManualTicker::new()),
//!     Box::new(random),
//!     Arc::new(jushin_crypto::AwsLc),
//! )?;
//! let mut client = ElementClient::new(element);
//! let signed = client.request_certificate(Hash::of(b"the platform's nonce"))?;
//! let request: CertificateRequest = signed.parse()?.object()?;
//! assert_eq!(request.model, "example");
//! client.boot()?;
//! assert_eq!(client.status()?.state, State::Keyed);
//! # Ok(())
//! # }
//! ```
#![no_std]

extern crate alloc;

mod apdu;
pub mod client;
mod element;
pub mod exchange;
mod nvm;
mod stored;
mod ticker;

pub use apdu::{Instruction, NotACommand, StatusWord, command, parse_command};
pub use element::{Build, Element, InstitutionKeyOrigin, StorageDamaged};
pub use nvm::{Cut, MemoryNvm, Nvm, PowerCut, Slot};
pub use ticker::{ManualTicker, Ticker};
