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
