//! Real hardware and its buses.
//!
//! - [`pcsc`]: card readers. The PC/SC library is opened at run time, so that a program built with
//!   this crate starts on a machine that has none, and says so only when a reader is asked for.
//! - [`vpcd`]: the other side of a virtual reader. It inserts a virtual card, which every program
//!   that speaks PC/SC can then use as it would a real one.

pub mod pcsc;
pub mod vpcd;
