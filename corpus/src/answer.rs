//! The answer that is due, written from the rules.

use jushin_statement::{Class, Status};

use crate::world::MORNING;

/// Both ends of a window in milliseconds after [`MORNING`]; `None` is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window(pub Option<i64>, pub Option<i64>);

impl Window {
    /// Nothing is known.
    pub const NONE: Self = Self(None, None);

    /// Both ends.
    #[must_use]
    pub const fn of(earliest: i64, latest: i64) -> Self {
        Self(Some(earliest), Some(latest))
    }

    /// The later end only.
    #[must_use]
    pub const fn until(latest: i64) -> Self {
        Self(None, Some(latest))
    }

    /// The earlier end only.
    #[must_use]
    pub const fn since(earliest: i64) -> Self {
        Self(Some(earliest), None)
    }

    /// Both ends in milliseconds since 1970.
    #[must_use]
    pub fn absolute(self) -> [Option<u64>; 2] {
        [self.0, self.1].map(|end| end.map(|end| u64::try_from(MORNING + end).unwrap()))
    }
}

/// What a right verifier says about one visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: Status,
    /// The class.
    pub class: Class,
    /// The window.
    pub window: Window,
    /// Numbers of the reasons, ascending.
    pub reasons: Vec<u8>,
    /// Whether the element is marked as simulated.
    pub simulated: bool,
}

impl Answer {
    /// Of an element without the mark.
    #[must_use]
    pub fn real(self) -> Self {
        Self { simulated: false, ..self }
    }

    /// With reasons that leave the status as it is.
    #[must_use]
    pub fn because(self, reasons: &[u8]) -> Self {
        Self { reasons: reasons.to_vec(), ..self }
    }
}

/// VALID.
#[must_use]
pub fn valid(window: Window, class: Class) -> Answer {
    Answer { status: Status::Valid, class, window, reasons: Vec::new(), simulated: true }
}

/// VALID (open-ended): nothing is known about the later end.
#[must_use]
pub fn open_ended(window: Window) -> Answer {
    Answer { status: Status::OpenEnded, ..valid(window, Class::OrderOnly) }
}

/// INDETERMINATE: something is not at hand.
#[must_use]
pub fn undecided(reasons: &[u8], window: Window, class: Class) -> Answer {
    Answer { status: Status::Indeterminate, ..valid(window, class) }.because(reasons)
}

/// INVALID.
#[must_use]
pub fn invalid(reasons: &[u8]) -> Answer {
    Answer { status: Status::Invalid, ..valid(Window::NONE, Class::None) }.because(reasons)
}

/// CONFLICT.
#[must_use]
pub fn conflict(reasons: &[u8]) -> Answer {
    Answer { status: Status::Conflict, ..invalid(reasons) }
}

/// The visit cannot be read, or no certificate of its element holds: nothing else is looked at.
#[must_use]
pub fn stopped(reason: u8) -> Answer {
    invalid(&[reason]).real()
}
