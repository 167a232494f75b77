//! DER as ITU-T X.690 clause 10 wants it, and nothing wider.
//!
//! Own reader and writer, because the general ones accept lengths in more than one form or re-encode
//! what was signed; here a value keeps the bytes it came in.

mod reader;
pub mod tag;
mod writer;

pub use reader::{NotDer, Reader, Value};
pub use writer::Writer;
