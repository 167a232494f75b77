//! Commands and responses of ISO/IEC 7816-4.
//!
//! ```text
//!  Command ──to_bytes──► CommandBytes ──transport──► card ──► bytes ──Response::parse──► Response
//!     ▲                       │
//!     └──────── parse ────────┘   (the virtual card's side; the same bytes come out again)
//! ```

mod chaining;
mod command;
mod header;
mod response;
mod status;

pub use chaining::{Chain, ChainError, ChainLink};
pub use command::{Command, CommandBytes, CommandError, Form};
pub use header::Header;
pub use response::{Response, ResponseError};
pub use status::StatusWord;
