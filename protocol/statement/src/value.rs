//! Values that many objects hold.

use alloc::string::String;
use core::fmt;

use sha2::{Digest, Sha256};

use crate::cbor::{Malformed, Reader, Writer};
use crate::field::Field;
use crate::object::{numbers, part};

/// A SHA-256 value, 32 bytes, never truncated.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// What stands where there is nothing before.
    pub const ZERO: Self = Self([0; 32]);

    /// SHA-256 of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// SHA-256 of the parts, one after another.
    #[must_use]
    pub fn of_parts(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }
}

/// Sixteen bytes: an element, a terminal, a power cycle, a number used once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id16(pub [u8; 16]);

impl Id16 {
    /// The id of an element: the first 16 bytes of SHA-256(SPKI of its device key).
    #[must_use]
    pub fn of_spki(spki: &[u8]) -> Self {
        Hash::of(spki).first16()
    }
}

impl Hash {
    /// The first sixteen bytes.
    #[must_use]
    pub fn first16(&self) -> Id16 {
        let mut id = [0; 16];
        id.copy_from_slice(&self.0[..16]);
        Id16(id)
    }
}

macro_rules! hexadecimal {
    ($($name:ident),*) => { $(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
        impl Field for $name {
            fn write(&self, writer: &mut Writer) {
                self.0.write(writer);
            }
            fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
                Field::read(reader).map(Self)
            }
        }
        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }
    )* };
}
hexadecimal!(Hash, Id16);

/// Milliseconds since 1970-01-01T00:00:00Z by somebody's clock: a claim, never a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMillis(pub u64);

impl Field for UnixMillis {
    fn write(&self, writer: &mut Writer) {
        writer.uint(self.0);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.uint().map(Self)
    }
}

/// A medical institution code: ten ASCII digits (prefecture 2, fee table 1, institution 7).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstitutionCode([u8; 10]);

impl InstitutionCode {
    /// Takes ten ASCII digits.
    ///
    /// # Errors
    ///
    /// [`Malformed::Value`] if `text` is anything else.
    pub fn new(text: &str) -> Result<Self, Malformed> {
        let digits: [u8; 10] =
            text.as_bytes().try_into().map_err(|_| Malformed::Value { field: "institution code" })?;
        if digits.iter().all(u8::is_ascii_digit) {
            Ok(Self(digits))
        } else {
            Err(Malformed::Value { field: "institution code" })
        }
    }

    /// The digits as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The digits as bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 10] {
        &self.0
    }

    /// Whether the last digit is the Luhn check digit of the others.
    #[must_use]
    pub fn check_digit_fits(&self) -> bool {
        let sum: u32 = self
            .0
            .iter()
            .rev()
            .enumerate()
            .map(|(place, digit)| {
                let digit = u32::from(digit - b'0');
                let doubled = if place % 2 == 1 { digit * 2 } else { digit };
                doubled / 10 + doubled % 10
            })
            .sum();
        sum.is_multiple_of(10)
    }
}

impl fmt::Display for InstitutionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for InstitutionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Field for InstitutionCode {
    fn write(&self, writer: &mut Writer) {
        writer.text(self.as_str());
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Self::new(reader.text()?)
    }
}

/// A calendar date in Japan, `YYYY-MM-DD`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DateText(String);

impl DateText {
    /// Takes `YYYY-MM-DD`; only the shape is checked.
    ///
    /// # Errors
    ///
    /// [`Malformed::Value`].
    pub fn new(text: &str) -> Result<Self, Malformed> {
        let shape = |(place, byte): (usize, u8)| match place {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        };
        if text.len() == 10 && text.bytes().enumerate().all(shape) {
            Ok(Self(String::from(text)))
        } else {
            Err(Malformed::Value { field: "date" })
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Field for DateText {
    fn write(&self, writer: &mut Writer) {
        writer.text(&self.0);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Self::new(reader.text()?)
    }
}

part! {
    /// What the element's tick counter showed, and the number of that power cycle.
    ///
    /// Not a time: two values compare only when their cycles are equal, and records are ordered by
    /// their counter, never by ticks (slides 17 and 18: `TickCounter ‖ TickNonce`).
    #[derive(Copy)]
    pub struct Ticks = "ticks" {
        /// TickNonce: random, new at every power-on.
        pub cycle: Id16,
        /// TickCounter: ticks since power-on; the period is in the element's certificate.
        pub count: u64,
    }
}

part! {
    /// A pseudonym of a person at one institution.
    #[derive(Copy)]
    pub struct Pid = "pid" {
        /// How the value was made.
        pub scheme: PidScheme,
        /// Which key of the institution made it.
        pub epoch: u64,
        /// The value itself.
        pub value: Hash,
    }
}

numbers! {
    /// How a pseudonym was made.
    pub enum PidScheme = "pid scheme" {
        /// From the card's deterministic signature over the institution code.
        Signature = 1,
        /// By the platform, from its person handle.
        Platform = 2,
        /// By the element, over the card's public key.
        ElementKeyed = 3,
    }
}

numbers! {
    /// How many guarantees an element's build gives.
    pub enum ElementKind = "element kind" {
        /// A smart-card applet.
        Applet = 1,
        /// A TPM 2.0.
        Tpm = 2,
        /// Software, or a PKCS#11 key with software around it.
        Software = 3,
    }
}

numbers! {
    /// What the tick counter counts.
    pub enum TickKind = "tick kind" {
        /// Time: every tick takes tau (Time Stamp with Tick Stamp).
        Time = 1,
        /// Records of the element: order only (Date Stamp with Tick Stamp).
        Date = 2,
    }
}

part! {
    /// The element's clock as its certificate states it.
    #[derive(Copy)]
    pub struct TickSpec = "tick-spec", check tick_spec {
        /// What is counted.
        pub kind: TickKind,
        /// Nominal length of a tick in microseconds; 0 in date mode.
        pub tau_us: u64,
        /// Certified bound of the clock's deviation in millionths; 0 in date mode.
        pub rho_ppm: u64,
    }
}

fn tick_spec(spec: &TickSpec) -> Result<(), Malformed> {
    let fits = match spec.kind {
        TickKind::Time => spec.tau_us > 0 && spec.rho_ppm <= 999_999,
        TickKind::Date => spec.tau_us == 0 && spec.rho_ppm == 0,
    };
    if fits { Ok(()) } else { Err(Malformed::Value { field: "tick-spec" }) }
}
