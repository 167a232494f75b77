//! Status words of ISO/IEC 7816-4, 5.6, as JPKI cards use them.

use core::fmt;

/// SW1 and SW2 as one number.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct StatusWord(pub u16);

impl StatusWord {
    /// Done.
    pub const DONE: Self = Self(0x9000);
    /// A signature or cryptogram of the outside world did not fit.
    pub const AUTHENTICATION_FAILED: Self = Self(0x6300);
    /// Wrong length.
    pub const WRONG_LENGTH: Self = Self(0x6700);
    /// The last part of a chain was expected.
    pub const LAST_OF_CHAIN_EXPECTED: Self = Self(0x6883);
    /// Command chaining is not supported for this command.
    pub const CHAINING_NOT_SUPPORTED: Self = Self(0x6884);
    /// The command does not fit this kind of file.
    pub const WRONG_FILE_KIND: Self = Self(0x6981);
    /// The security status does not allow it: no PIN and no terminal authentication.
    pub const NOT_ALLOWED: Self = Self(0x6982);
    /// The PIN is blocked (ISO's word for it).
    pub const METHOD_BLOCKED: Self = Self(0x6983);
    /// The PIN is blocked (what JPKI cards answer to every attempt after the one that blocked it).
    pub const REFERENCE_UNUSABLE: Self = Self(0x6984);
    /// Not in this order.
    pub const OUT_OF_ORDER: Self = Self(0x6985);
    /// No file is selected.
    pub const NO_FILE_SELECTED: Self = Self(0x6986);
    /// A signature inside secure data does not fit.
    pub const WRONG_SIGNATURE: Self = Self(0x6988);
    /// The data is not what it should be.
    pub const WRONG_DATA: Self = Self(0x6A80);
    /// No such file or application.
    pub const NOT_FOUND: Self = Self(0x6A82);
    /// P1 or P2 is wrong.
    pub const WRONG_PARAMETERS: Self = Self(0x6A86);
    /// No such data or key.
    pub const REFERENCE_NOT_FOUND: Self = Self(0x6A88);
    /// The offset lies past the end.
    pub const PAST_THE_END: Self = Self(0x6B00);
    /// No such instruction.
    pub const UNKNOWN_INSTRUCTION: Self = Self(0x6D00);
    /// No such class.
    pub const UNKNOWN_CLASS: Self = Self(0x6E00);
    /// The card failed.
    pub const FAILED: Self = Self(0x6F00);

    /// 63Cx: `left` further tries (at most 15 can be shown).
    #[must_use]
    pub const fn tries_left_of(left: u8) -> Self {
        Self(0x63C0 | (if left > 15 { 15 } else { left }) as u16)
    }

    /// The x of 63Cx.
    #[must_use]
    pub const fn tries_left(self) -> Option<u8> {
        match self.0 {
            0x63C0..=0x63CF => Some(self.0.to_be_bytes()[1] & 0x0F),
            _ => None,
        }
    }

    /// Whether the command did what it says.
    #[must_use]
    pub const fn is_done(self) -> bool {
        self.0 == Self::DONE.0
    }

    /// The meaning in words.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::DONE => "done",
            Self::AUTHENTICATION_FAILED => "authentication failed",
            Self(0x63C0) => "wrong PIN, no tries left",
            Self(0x63C1..=0x63CF) => "tries left in the last digit",
            Self::WRONG_LENGTH => "wrong length",
            Self::LAST_OF_CHAIN_EXPECTED => "last command of the chain expected",
            Self::CHAINING_NOT_SUPPORTED => "command chaining not supported",
            Self::WRONG_FILE_KIND => "command does not fit the file",
            Self::NOT_ALLOWED => "security status not satisfied",
            Self::METHOD_BLOCKED => "authentication method blocked",
            Self::REFERENCE_UNUSABLE => "PIN blocked",
            Self::OUT_OF_ORDER => "conditions of use not satisfied",
            Self::NO_FILE_SELECTED => "no file selected",
            Self::WRONG_SIGNATURE => "signature in the data is wrong",
            Self::WRONG_DATA => "wrong data",
            Self::NOT_FOUND => "file or application not found",
            Self::WRONG_PARAMETERS => "wrong P1 or P2",
            Self::REFERENCE_NOT_FOUND => "referenced data or key not found",
            Self::PAST_THE_END => "offset past the end",
            Self::UNKNOWN_INSTRUCTION => "instruction not supported",
            Self::UNKNOWN_CLASS => "class not supported",
            Self::FAILED => "card failed",
            _ => "no meaning known",
        }
    }
}

impl fmt::Display for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X} {}", self.0, self.meaning())
    }
}

impl fmt::Debug for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_left_are_the_last_digit_of_63cx() {
        assert_eq!(StatusWord(0x63C0).tries_left(), Some(0));
        assert_eq!(StatusWord::tries_left_of(3).tries_left(), Some(3));
        assert_eq!(StatusWord::tries_left_of(200), StatusWord(0x63CF));
        assert_eq!(StatusWord::AUTHENTICATION_FAILED.tries_left(), None);
    }
}
