//! What PC/SC functions return.

use std::ffi::c_long;
use std::fmt;

/// A code other than success.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Status(u32);

impl Status {
    /// No reader is attached.
    pub const NO_READERS: Self = Self(0x8010_002e);
    /// `pcscd` does not run.
    pub const NO_SERVICE: Self = Self(0x8010_001d);
    /// `pcscd` stopped meanwhile.
    pub const SERVICE_STOPPED: Self = Self(0x8010_001e);
    /// No such reader: it was unplugged, or the name is wrong.
    pub const UNKNOWN_READER: Self = Self(0x8010_0009);
    /// The reader was unplugged meanwhile.
    pub const READER_UNAVAILABLE: Self = Self(0x8010_0017);
    /// Nothing changed within the time given.
    pub const TIMEOUT: Self = Self(0x8010_000a);
    /// Another program holds the card.
    pub const SHARING_VIOLATION: Self = Self(0x8010_000b);
    /// No card lies in the reader.
    pub const NO_CARD: Self = Self(0x8010_000c);
    /// The card does not answer.
    pub const UNRESPONSIVE_CARD: Self = Self(0x8010_0066);
    /// The card lost power.
    pub const UNPOWERED_CARD: Self = Self(0x8010_0067);
    /// The card was reset by another program: its state is lost.
    pub const RESET_CARD: Self = Self(0x8010_0068);
    /// The card was pulled.
    pub const REMOVED_CARD: Self = Self(0x8010_0069);
    /// The exchange with the card failed: usually it was pulled within.
    pub const NOT_TRANSACTED: Self = Self(0x8010_0016);
    /// The reader's driver lost contact.
    pub const COMMUNICATION: Self = Self(0x8010_0013);

    /// Turns a return value into a result. `long` is 64 bits wide; the code fills the lower 32.
    pub(super) fn check(code: c_long) -> Result<(), Self> {
        match u32::try_from(code & 0xffff_ffff).unwrap_or(u32::MAX) {
            0 => Ok(()),
            code => Err(Self(code)),
        }
    }

    /// Whether the card is simply no longer there.
    #[must_use]
    pub fn is_card_gone(self) -> bool {
        [
            Self::NO_CARD,
            Self::UNRESPONSIVE_CARD,
            Self::UNPOWERED_CARD,
            Self::REMOVED_CARD,
            Self::NOT_TRANSACTED,
            Self::COMMUNICATION,
            Self::READER_UNAVAILABLE,
        ]
        .contains(&self)
    }

    fn words(self) -> &'static str {
        match self {
            Self::NO_READERS => "no card reader is attached",
            Self::NO_SERVICE => "the PC/SC service does not run: start pcscd",
            Self::SERVICE_STOPPED => "the PC/SC service stopped: start pcscd again",
            Self::UNKNOWN_READER | Self::READER_UNAVAILABLE => {
                "the card reader is not there: check its cable"
            }
            Self::TIMEOUT => "nothing changed within the time given",
            Self::SHARING_VIOLATION => "another program holds the card: close it",
            Self::NO_CARD | Self::REMOVED_CARD => "no card lies in the reader",
            Self::UNRESPONSIVE_CARD | Self::UNPOWERED_CARD => "the card does not answer: place it once more",
            Self::RESET_CARD => "another program reset the card",
            Self::NOT_TRANSACTED | Self::COMMUNICATION => "the exchange failed: place the card once more",
            _ => "the PC/SC service refused",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} (PC/SC {:08x})", self.words(), self.0)
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_whether_long_was_signed_or_not() {
        assert_eq!(Status::check(0x8010_000a), Err(Status::TIMEOUT));
        assert_eq!(Status::check(c_long::from(0x8010_000a_u32.cast_signed())), Err(Status::TIMEOUT));
        assert_eq!(Status::check(0), Ok(()));
    }

    #[test]
    fn a_refusal_says_what_to_do() {
        assert_eq!(
            Status::NO_SERVICE.to_string(),
            "the PC/SC service does not run: start pcscd (PC/SC 8010001d)"
        );
    }
}
