//! The one encoding: RFC 8949 §4.2.1, restricted to what the objects use.
//!
//! [`check`] walks the bytes once and refuses non-shortest heads, indefinite lengths, tags, floats,
//! unknown simple values, unsorted map keys and trailing bytes. Only then does a [`Reader`] look at them.

use alloc::vec::Vec;
use minicbor::data::Type;

/// How deep arrays may nest. The deepest object of ours needs five.
const MAX_DEPTH: usize = 12;

/// Why bytes are not an object. Whoever made the bytes is at fault.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The bytes end before the object does, or go on after it.
    #[error("the bytes end too early or too late (at {at})")]
    Length {
        /// Offset in bytes.
        at: usize,
    },
    /// A second encoding of the same thing: a longer head, an indefinite length, unsorted keys.
    #[error("not the one deterministic encoding (at {at})")]
    NotDeterministic {
        /// Offset in bytes.
        at: usize,
    },
    /// A tag, a float, an unknown simple value, or nesting that no object has.
    #[error("CBOR that no object uses (at {at})")]
    Unsupported {
        /// Offset in bytes.
        at: usize,
    },
    /// Another kind of item stands where the named one is due.
    #[error("expected {expected} (at {at})")]
    Expected {
        /// What is due here.
        expected: &'static str,
        /// Offset in bytes.
        at: usize,
    },
    /// The array has another number of elements than the object.
    #[error("{object} has {wanted} elements, found {found}")]
    Arity {
        /// The object's name in the CDDL.
        object: &'static str,
        /// Elements of the object.
        wanted: u64,
        /// Elements that were found.
        found: u64,
    },
    /// Another type number or version.
    #[error("not a {object} of version 1")]
    Type {
        /// The object's name in the CDDL.
        object: &'static str,
    },
    /// The value is outside what the field may hold.
    #[error("{field} has a value that it may not have")]
    Value {
        /// The field or type.
        field: &'static str,
    },
}

/// Checks that `bytes` are exactly one item in the one encoding.
///
/// # Errors
///
/// [`Malformed`] with the offset of the first byte that is wrong.
pub fn check(bytes: &[u8]) -> Result<(), Malformed> {
    let end = check_item(bytes, 0, 0)?;
    if end == bytes.len() { Ok(()) } else { Err(Malformed::Length { at: end }) }
}

/// Checks the item at `at`; returns the offset after it.
fn check_item(bytes: &[u8], at: usize, depth: usize) -> Result<usize, Malformed> {
    if depth > MAX_DEPTH {
        return Err(Malformed::Unsupported { at });
    }
    let (major, argument, next) = head(bytes, at)?;
    match major {
        0 | 1 => Ok(next),
        2 | 3 => {
            let end = usize::try_from(argument)
                .ok()
                .and_then(|length| next.checked_add(length))
                .filter(|end| *end <= bytes.len())
                .ok_or(Malformed::Length { at })?;
            if major == 3 && core::str::from_utf8(bytes.get(next..end).unwrap_or_default()).is_err() {
                return Err(Malformed::Unsupported { at });
            }
            Ok(end)
        }
        4 => (0..argument).try_fold(next, |at, _| check_item(bytes, at, depth + 1)),
        5 => check_map(bytes, argument, next, depth),
        7 if matches!(argument, 20..=22) => Ok(next),
        _ => Err(Malformed::Unsupported { at }),
    }
}

/// Keys must stand in bytewise order, none twice.
fn check_map(bytes: &[u8], pairs: u64, start: usize, depth: usize) -> Result<usize, Malformed> {
    let mut at = start;
    let mut last: Option<&[u8]> = None;
    for _ in 0..pairs {
        let after_key = check_item(bytes, at, depth + 1)?;
        let key = bytes.get(at..after_key).unwrap_or_default();
        if last.is_some_and(|last| last >= key) {
            return Err(Malformed::NotDeterministic { at });
        }
        last = Some(key);
        at = check_item(bytes, after_key, depth + 1)?;
    }
    Ok(at)
}

/// Major type, argument, and offset after the head.
fn head(bytes: &[u8], at: usize) -> Result<(u8, u64, usize), Malformed> {
    let first = *bytes.get(at).ok_or(Malformed::Length { at })?;
    let (major, short) = (first >> 5, first & 0x1f);
    let (width, least) = match short {
        0..=23 => return Ok((major, u64::from(short), at + 1)),
        24 => (1, 24),
        25 => (2, 0x100),
        26 => (4, 0x1_0000),
        27 => (8, 0x1_0000_0000),
        31 => return Err(Malformed::NotDeterministic { at }),
        _ => return Err(Malformed::Unsupported { at }),
    };
    if major == 7 {
        return Err(Malformed::Unsupported { at }); // floats and simple values above 23
    }
    let end = at + 1 + width;
    let argument = bytes
        .get(at + 1..end)
        .ok_or(Malformed::Length { at })?
        .iter()
        .fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    if argument < least {
        return Err(Malformed::NotDeterministic { at });
    }
    Ok((major, argument, end))
}

/// Reads items one after another from bytes that [`check`] has passed.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    inner: minicbor::Decoder<'a>,
}

impl<'a> Reader<'a> {
    /// Checks the bytes, then reads from their start.
    ///
    /// # Errors
    ///
    /// As [`check`].
    pub fn new(bytes: &'a [u8]) -> Result<Self, Malformed> {
        check(bytes)?;
        Ok(Self { inner: minicbor::Decoder::new(bytes) })
    }

    /// An array head; the number of elements must be `wanted`.
    ///
    /// # Errors
    ///
    /// [`Malformed::Arity`] or [`Malformed::Expected`].
    pub fn array(&mut self, object: &'static str, wanted: u64) -> Result<(), Malformed> {
        let found = self.array_of_any()?;
        if found == wanted { Ok(()) } else { Err(Malformed::Arity { object, wanted, found }) }
    }

    /// An array head with any number of elements.
    ///
    /// # Errors
    ///
    /// [`Malformed::Expected`].
    pub fn array_of_any(&mut self) -> Result<u64, Malformed> {
        let at = self.inner.position();
        self.inner.array().ok().flatten().ok_or(Malformed::Expected { expected: "an array", at })
    }

    /// A map head; returns the number of pairs.
    ///
    /// # Errors
    ///
    /// [`Malformed::Expected`].
    pub fn map(&mut self) -> Result<u64, Malformed> {
        let at = self.inner.position();
        self.inner.map().ok().flatten().ok_or(Malformed::Expected { expected: "a map", at })
    }

    /// An unsigned integer.
    ///
    /// # Errors
    ///
    /// [`Malformed::Expected`].
    pub fn uint(&mut self) -> Result<u64, Malformed> {
        let at = self.inner.position();
        self.inner.u64().map_err(|_| Malformed::Expected { expected: "an unsigned integer", at })
    }

    /// An integer of either sign.
    ///
    /// # Errors
    ///
    /// [`Malformed::Expected`].
    pub fn int(&mut self) -> Result<i64, Malformed> {
        let at = self.inner.position();
        self.inner.i64().map_err(|_| Malformed::Expected { expected: "an integer", at })
    }

    /// A byte string.
    ///
    /// # Errors
    ///
    /// [`Malformed::Expected`].
    pub fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let at = self.inner.position();
        self.inner.bytes().map_err(|_| Malformed::Expected { expected: "a byte string", at })
    }

    /// A text string.
    ///
    /// # Errors
    ///
    /// [`Malformed::Expected`].
    pub fn text(&mut self) -> Result<&'a str, Malformed> {
        let at = self.inner.position();
        self.inner.str().map_err(|_| Malformed::Expected { expected: "a text string", at })
    }

    /// True or false.
    ///
    /// # Errors
    ///
    /// [`Malformed::Expected`].
    pub fn bool(&mut self) -> Result<bool, Malformed> {
        let at = self.inner.position();
        self.inner.bool().map_err(|_| Malformed::Expected { expected: "true or false", at })
    }

    /// Takes a nil if the next item is one.
    pub fn take_nil(&mut self) -> bool {
        matches!(self.inner.datatype(), Ok(Type::Null)) && self.inner.null().is_ok()
    }

    /// Offset of the next item in bytes.
    #[must_use]
    pub fn position(&self) -> usize {
        self.inner.position()
    }

    /// Nothing may follow.
    ///
    /// # Errors
    ///
    /// [`Malformed::Length`].
    pub fn end(&self) -> Result<(), Malformed> {
        let at = self.inner.position();
        if at == self.inner.input().len() { Ok(()) } else { Err(Malformed::Length { at }) }
    }
}

/// Writes items; every head is the shortest one.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty writer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty writer with room for so many bytes.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes) }
    }

    /// What was written.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    #[allow(clippy::cast_possible_truncation, reason = "each arm holds the value that its width fits")]
    fn head(&mut self, major: u8, argument: u64) {
        let major = major << 5;
        match argument {
            0..=23 => self.bytes.push(major | argument as u8),
            24..=0xff => self.bytes.extend([major | 24, argument as u8]),
            0x100..=0xffff => {
                self.bytes.push(major | 25);
                self.bytes.extend((argument as u16).to_be_bytes());
            }
            0x1_0000..=0xffff_ffff => {
                self.bytes.push(major | 26);
                self.bytes.extend((argument as u32).to_be_bytes());
            }
            _ => {
                self.bytes.push(major | 27);
                self.bytes.extend(argument.to_be_bytes());
            }
        }
    }

    /// An array head.
    pub fn array(&mut self, elements: usize) -> &mut Self {
        self.head(4, elements as u64);
        self
    }

    /// A map head.
    pub fn map(&mut self, pairs: usize) -> &mut Self {
        self.head(5, pairs as u64);
        self
    }

    /// An unsigned integer.
    pub fn uint(&mut self, value: u64) -> &mut Self {
        self.head(0, value);
        self
    }

    /// An integer of either sign.
    pub fn int(&mut self, value: i64) -> &mut Self {
        if value < 0 {
            self.head(1, !value.cast_unsigned());
        } else {
            self.head(0, value.cast_unsigned());
        }
        self
    }

    /// A byte string.
    pub fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.head(2, value.len() as u64);
        self.bytes.extend_from_slice(value);
        self
    }

    /// A text string.
    pub fn text(&mut self, value: &str) -> &mut Self {
        self.head(3, value.len() as u64);
        self.bytes.extend_from_slice(value.as_bytes());
        self
    }

    /// True or false.
    pub fn bool(&mut self, value: bool) -> &mut Self {
        self.bytes.push(if value { 0xf5 } else { 0xf4 });
        self
    }

    /// Nil.
    pub fn nil(&mut self) -> &mut Self {
        self.bytes.push(0xf6);
        self
    }
}
