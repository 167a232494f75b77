//! Any record of an element, by its type number, and what joins it to its neighbours.

use crate::activation::{TickStamp1, TickStamp2};
use crate::cbor::{Malformed, Reader};
use crate::check_in::{Boot, Commit, Stamp};
use crate::enrolment::BindingAck;
use crate::object::Object as _;
use crate::outcome::Close;
use crate::value::{Hash, Id16, Ticks};

/// One of the element's records, whichever it is, reduced to what the chain needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordLink {
    /// The element.
    pub element: Id16,
    /// Ticks.
    pub ticks: Ticks,
    /// Counter.
    pub counter: u64,
    /// SHA-256 of the payload of the record before.
    pub previous: Hash,
}

/// The payload of any record that an element signs under [`Context::Element`](crate::Context::Element).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// `bind-ack`
    BindingAck(BindingAck),
    /// `ts1`
    TickStamp1(TickStamp1),
    /// `ts2`
    TickStamp2(TickStamp2),
    /// `commit`
    Commit(Commit),
    /// `boot`
    Boot(Boot),
    /// `stamp`
    Stamp(Stamp),
    /// `close`
    Close(Close),
}

impl Record {
    /// Decodes a payload by its type number.
    ///
    /// # Errors
    ///
    /// [`Malformed`] if it is no record.
    pub fn decode(payload: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(payload)?;
        reader.array_of_any()?;
        match reader.uint()? {
            3 => BindingAck::decode(payload).map(Self::BindingAck),
            11 => TickStamp1::decode(payload).map(Self::TickStamp1),
            13 => TickStamp2::decode(payload).map(Self::TickStamp2),
            21 => Commit::decode(payload).map(Self::Commit),
            22 => Boot::decode(payload).map(Self::Boot),
            24 => Stamp::decode(payload).map(Self::Stamp),
            31 => Close::decode(payload).map(Self::Close),
            _ => Err(Malformed::Type { object: "record" }),
        }
    }

    /// Element, ticks, counter and predecessor.
    #[must_use]
    pub const fn link(&self) -> RecordLink {
        macro_rules! link {
            ($record:expr) => {
                RecordLink {
                    element: $record.element,
                    ticks: $record.ticks,
                    counter: $record.counter,
                    previous: $record.previous,
                }
            };
        }
        match self {
            Self::BindingAck(record) => link!(record),
            Self::TickStamp1(record) => link!(record),
            Self::TickStamp2(record) => link!(record),
            Self::Commit(record) => link!(record),
            Self::Boot(record) => link!(record),
            Self::Stamp(record) => link!(record),
            Self::Close(record) => link!(record),
        }
    }
}
