//! Reads DER without copying.

use super::tag;

/// The bytes are not the DER that stands here. Whoever encoded or changed them is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotDer {
    /// The value ends before its length says.
    #[error("value needs {needed} more bytes than there are")]
    Short {
        /// Bytes that are missing.
        needed: usize,
    },
    /// A length not in its shortest form, indefinite, or above 2^32.
    #[error("length is not in its one DER form")]
    Length,
    /// Bytes follow where nothing may.
    #[error("{left} bytes follow the end")]
    Trailing {
        /// How many.
        left: usize,
    },
    /// Another type stands here.
    #[error("type {found:#04x} where {expected:#04x} belongs")]
    Tag {
        /// What belongs here.
        expected: u8,
        /// What is here; 0 at the end of the bytes.
        found: u8,
    },
    /// The content is not in its one DER form or out of range.
    #[error("content of type {of:#04x} is not in its one DER form")]
    Content {
        /// The type.
        of: u8,
    },
}

/// One value with everything that identifies it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value<'a> {
    /// Identifier octet.
    pub tag: u8,
    /// Content octets.
    pub content: &'a [u8],
    /// Identifier, length and content as received.
    pub whole: &'a [u8],
}

/// A place within DER bytes.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether nothing is left.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Identifier octet of the next value.
    #[must_use]
    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Ends reading.
    ///
    /// # Errors
    ///
    /// [`NotDer::Trailing`] if something is left.
    pub const fn finish(&self) -> Result<(), NotDer> {
        match self.rest.len() {
            0 => Ok(()),
            left => Err(NotDer::Trailing { left }),
        }
    }

    /// Takes the next value, whatever it is.
    ///
    /// # Errors
    ///
    /// [`NotDer`]; also for identifiers of more than one octet, which no format here has.
    pub fn any(&mut self) -> Result<Value<'a>, NotDer> {
        let (&tag, after_tag) = self.rest.split_first().ok_or(NotDer::Short { needed: 1 })?;
        if tag & 0x1F == 0x1F {
            return Err(NotDer::Content { of: tag });
        }
        let (length, content_and_rest) = length(after_tag)?;
        if content_and_rest.len() < length {
            return Err(NotDer::Short { needed: length - content_and_rest.len() });
        }
        let (content, rest) = content_and_rest.split_at(length);
        let (whole, _) = self.rest.split_at(self.rest.len() - rest.len());
        self.rest = rest;
        Ok(Value { tag, content, whole })
    }

    /// Takes the next value, which must have this tag.
    ///
    /// # Errors
    ///
    /// [`NotDer`].
    pub fn value(&mut self, tag: u8) -> Result<Value<'a>, NotDer> {
        match self.peek() {
            Some(found) if found == tag => self.any(),
            found => Err(NotDer::Tag { expected: tag, found: found.unwrap_or(0) }),
        }
    }

    /// Takes the content of the next value, which must have this tag.
    ///
    /// # Errors
    ///
    /// [`NotDer`].
    pub fn take(&mut self, tag: u8) -> Result<&'a [u8], NotDer> {
        Ok(self.value(tag)?.content)
    }

    /// Takes the next value if it has this tag.
    ///
    /// # Errors
    ///
    /// [`NotDer`] if it has the tag and is malformed.
    pub fn optional(&mut self, tag: u8) -> Result<Option<Value<'a>>, NotDer> {
        if self.peek() == Some(tag) { self.any().map(Some) } else { Ok(None) }
    }

    /// Enters the next value, which must have this tag.
    ///
    /// # Errors
    ///
    /// [`NotDer`].
    pub fn nested(&mut self, tag: u8) -> Result<Self, NotDer> {
        self.take(tag).map(Self::new)
    }

    /// Takes an INTEGER of 0 or above; gives its bytes without leading zeros (`[0]` for 0).
    ///
    /// # Errors
    ///
    /// [`NotDer::Content`] if it is negative or not in its shortest form.
    pub fn unsigned(&mut self) -> Result<&'a [u8], NotDer> {
        match self.take(tag::INTEGER)? {
            [0] => Ok(&[0]),
            [0, rest @ ..] if rest.first().is_some_and(|first| *first >= 0x80) => Ok(rest),
            [first, ..] if *first == 0 || *first >= 0x80 => Err(NotDer::Content { of: tag::INTEGER }),
            [] => Err(NotDer::Content { of: tag::INTEGER }),
            whole => Ok(whole),
        }
    }

    /// Takes an INTEGER of 0 or above that fits 64 bits.
    ///
    /// # Errors
    ///
    /// [`NotDer::Content`] if it does not.
    pub fn small_unsigned(&mut self) -> Result<u64, NotDer> {
        number(self.unsigned()?).ok_or(NotDer::Content { of: tag::INTEGER })
    }

    /// Takes a BOOLEAN.
    ///
    /// # Errors
    ///
    /// [`NotDer::Content`] unless it is 00 or FF.
    pub fn boolean(&mut self) -> Result<bool, NotDer> {
        match self.take(tag::BOOLEAN)? {
            [0x00] => Ok(false),
            [0xFF] => Ok(true),
            _ => Err(NotDer::Content { of: tag::BOOLEAN }),
        }
    }

    /// Takes a BOOLEAN DEFAULT FALSE: absent or TRUE.
    ///
    /// # Errors
    ///
    /// [`NotDer::Content`] if the default is written out, which DER forbids.
    pub fn boolean_or_false(&mut self) -> Result<bool, NotDer> {
        match self.peek() {
            Some(tag::BOOLEAN) if self.boolean()? => Ok(true),
            Some(tag::BOOLEAN) => Err(NotDer::Content { of: tag::BOOLEAN }),
            _ => Ok(false),
        }
    }

    /// Takes a BIT STRING whose bits are whole octets.
    ///
    /// # Errors
    ///
    /// [`NotDer::Content`] if bits are unused.
    pub fn bit_string_of_octets(&mut self) -> Result<&'a [u8], NotDer> {
        match self.take(tag::BIT_STRING)? {
            [0, octets @ ..] => Ok(octets),
            _ => Err(NotDer::Content { of: tag::BIT_STRING }),
        }
    }
}

/// A big-endian number of at most eight bytes.
pub(crate) fn number(bytes: &[u8]) -> Option<u64> {
    (bytes.len() <= 8).then(|| bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}

fn length(bytes: &[u8]) -> Result<(usize, &[u8]), NotDer> {
    let (&first, rest) = bytes.split_first().ok_or(NotDer::Short { needed: 1 })?;
    if first < 0x80 {
        return Ok((usize::from(first), rest));
    }
    let count = usize::from(first & 0x7F);
    if count == 0 || count > 4 {
        return Err(NotDer::Length);
    }
    if rest.len() < count {
        return Err(NotDer::Short { needed: count - rest.len() });
    }
    let (octets, rest) = rest.split_at(count);
    let length = number(octets).and_then(|length| usize::try_from(length).ok()).ok_or(NotDer::Length)?;
    if length < 0x80 || octets.first() == Some(&0) {
        return Err(NotDer::Length);
    }
    Ok((length, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_has_one_form() {
        for bytes in
            [&[0x30, 0x80, 0, 0][..], &[0x30, 0x81, 0x01, 0], &[0x30, 0x82, 0x00, 0x80], &[0x30, 0xFF]]
        {
            assert_eq!(Reader::new(bytes).any(), Err(NotDer::Length), "{bytes:02x?}");
        }
    }

    #[test]
    fn an_integer_has_one_form() {
        for bytes in [&[2, 0][..], &[2, 2, 0, 0x7F], &[2, 1, 0x80], &[2, 2, 0, 0]] {
            assert_eq!(
                Reader::new(bytes).unsigned(),
                Err(NotDer::Content { of: tag::INTEGER }),
                "{bytes:02x?}"
            );
        }
        assert_eq!(Reader::new(&[2, 2, 0, 0x80]).unsigned(), Ok(&[0x80][..]));
        assert_eq!(Reader::new(&[2, 1, 0]).small_unsigned(), Ok(0));
    }

    #[test]
    fn a_default_is_not_written() {
        assert_eq!(Reader::new(&[1, 1, 0]).boolean_or_false(), Err(NotDer::Content { of: tag::BOOLEAN }));
        assert_eq!(Reader::new(&[1, 1, 1]).boolean(), Err(NotDer::Content { of: tag::BOOLEAN }));
        assert_eq!(Reader::new(&[]).boolean_or_false(), Ok(false));
    }

    #[test]
    fn a_value_ends_where_its_length_says() {
        assert_eq!(Reader::new(&[4, 3, 1, 2]).any(), Err(NotDer::Short { needed: 1 }));
        let mut reader = Reader::new(&[4, 1, 1, 2]);
        assert_eq!(reader.take(tag::OCTET_STRING), Ok(&[1][..]));
        assert_eq!(reader.finish(), Err(NotDer::Trailing { left: 1 }));
    }
}
