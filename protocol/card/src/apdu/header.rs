//! The four bytes that say what a command does.

use core::fmt;

/// CLA, INS, P1, P2. Holds no data, so it may be logged.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Header {
    /// Class byte.
    pub class: u8,
    /// Instruction byte.
    pub instruction: u8,
    /// First parameter.
    pub p1: u8,
    /// Second parameter.
    pub p2: u8,
}

/// CLA bit 5: another part of this command's data follows (ISO/IEC 7816-4, 5.3.3).
const CHAINING: u8 = 0x10;

impl Header {
    /// A header of these four bytes.
    #[must_use]
    pub const fn new(class: u8, instruction: u8, p1: u8, p2: u8) -> Self {
        Self { class, instruction, p1, p2 }
    }

    /// P1 and P2 as one number, most significant byte first.
    #[must_use]
    pub const fn parameters(self) -> u16 {
        u16::from_be_bytes([self.p1, self.p2])
    }

    /// Whether another part of the command's data follows.
    #[must_use]
    pub const fn is_chained(self) -> bool {
        self.class & CHAINING != 0
    }

    /// The same header, announcing another part.
    #[must_use]
    pub const fn with_chaining(self) -> Self {
        Self { class: self.class | CHAINING, ..self }
    }

    /// The same header, announcing no other part.
    #[must_use]
    pub const fn without_chaining(self) -> Self {
        Self { class: self.class & !CHAINING, ..self }
    }

    pub(super) const fn to_bytes(self) -> [u8; 4] {
        [self.class, self.instruction, self.p1, self.p2]
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02X} {:02X} {:02X} {:02X}", self.class, self.instruction, self.p1, self.p2)
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
