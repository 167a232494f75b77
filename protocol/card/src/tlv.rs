//! BER-TLV as ISO/IEC 7816-4, 5.2.2 has it, read strictly: one encoding for each object.
//!
//! Tags of one or two bytes, definite lengths of one to three bytes in the shortest form.

use alloc::vec::Vec;
use core::fmt;

/// A tag, as its one or two bytes read as a number: `0x91`, `0x7F21`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tag(pub u16);

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:X}", self.0)
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// One data object.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// What it is.
    pub tag: Tag,
    /// What it holds.
    pub value: &'a [u8],
}

/// Bytes that are no strict BER-TLV. Whoever wrote them is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlvError {
    /// The bytes end inside an object.
    #[error("the bytes end inside a data object")]
    Cut,
    /// A tag of more than two bytes, or of two where one would do.
    #[error("a tag that is not written in one or two bytes, shortest form")]
    Tag,
    /// A length that is indefinite, longer than three bytes or not in the shortest form.
    #[error("a length that is not written in one to three bytes, shortest form")]
    Length,
    /// Bytes after the last object.
    #[error("{0} bytes after the last data object")]
    Trailing(usize),
    /// Another object than expected.
    #[error("data object {got} where {expected} was expected")]
    Unexpected {
        /// What should stand there.
        expected: Tag,
        /// What stands there.
        got: Tag,
    },
    /// A value too long to be written.
    #[error("a data object holds at most 65535 bytes, not {0}")]
    TooLong(usize),
}

/// Reads data objects one after the other.
#[derive(Clone, Debug)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Reads from `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next object.
    ///
    /// # Errors
    ///
    /// [`TlvError::Cut`], [`TlvError::Tag`], [`TlvError::Length`].
    pub fn read(&mut self) -> Result<Tlv<'a>, TlvError> {
        let (tag, rest) = read_tag(self.0)?;
        let (length, rest) = read_length(rest)?;
        let (value, rest) = rest.split_at_checked(length).ok_or(TlvError::Cut)?;
        self.0 = rest;
        Ok(Tlv { tag, value })
    }

    /// The value of the next object, which must be `tag`.
    ///
    /// # Errors
    ///
    /// As [`Reader::read`], and [`TlvError::Unexpected`].
    pub fn expect(&mut self, tag: Tag) -> Result<&'a [u8], TlvError> {
        let object = self.read()?;
        if object.tag == tag {
            Ok(object.value)
        } else {
            Err(TlvError::Unexpected { expected: tag, got: object.tag })
        }
    }

    /// Says that nothing may follow.
    ///
    /// # Errors
    ///
    /// [`TlvError::Trailing`].
    pub const fn finish(self) -> Result<(), TlvError> {
        if self.0.is_empty() { Ok(()) } else { Err(TlvError::Trailing(self.0.len())) }
    }
}

fn read_tag(bytes: &[u8]) -> Result<(Tag, &[u8]), TlvError> {
    match bytes {
        [] => Err(TlvError::Cut),
        // Low five bits all set: the number stands in the next byte, and only from 31 on.
        [first, rest @ ..] if first & 0x1F == 0x1F => match rest {
            [] => Err(TlvError::Cut),
            [second @ 0x1F..=0x7F, rest @ ..] => Ok((Tag(u16::from_be_bytes([*first, *second])), rest)),
            _ => Err(TlvError::Tag),
        },
        [0, ..] => Err(TlvError::Tag),
        [first, rest @ ..] => Ok((Tag(u16::from(*first)), rest)),
    }
}

fn read_length(bytes: &[u8]) -> Result<(usize, &[u8]), TlvError> {
    match bytes {
        [length @ 0x00..=0x7F, rest @ ..] => Ok((usize::from(*length), rest)),
        [0x81, length @ 0x80..=0xFF, rest @ ..] => Ok((usize::from(*length), rest)),
        [0x82, high @ 0x01..=0xFF, low, rest @ ..] => {
            Ok((usize::from(u16::from_be_bytes([*high, *low])), rest))
        }
        [] | [0x81] | [0x82] | [0x82, 0x01..=0xFF] => Err(TlvError::Cut),
        _ => Err(TlvError::Length),
    }
}

/// Writes one object.
///
/// # Errors
///
/// [`TlvError::TooLong`] above 65 535 bytes; [`TlvError::Tag`] if `tag` is no tag.
pub fn write(tag: Tag, value: &[u8]) -> Result<Vec<u8>, TlvError> {
    let [high, low] = tag.0.to_be_bytes();
    let tag_bytes: &[u8] = if high == 0 { &[low] } else { &[high, low] };
    if read_tag(tag_bytes) != Ok((tag, &[])) {
        return Err(TlvError::Tag);
    }
    let [high, low] = u16::try_from(value.len()).map_err(|_| TlvError::TooLong(value.len()))?.to_be_bytes();
    let length_bytes: &[u8] = match (high, low) {
        (0, 0x00..=0x7F) => &[low],
        (0, _) => &[0x81, low],
        _ => &[0x82, high, low],
    };
    Ok([tag_bytes, length_bytes, value].concat())
}

impl fmt::Debug for Tlv<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{} bytes]", self.tag, self.value.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use proptest::prelude::*;

    #[test]
    fn the_heads_of_a_cv_certificate_have_their_known_bytes() {
        assert_eq!(write(Tag(0x5F4E), &[0; 297]).unwrap()[..5], [0x5F, 0x4E, 0x82, 0x01, 0x29]);
        assert_eq!(write(Tag(0x7F21), &[0; 563]).unwrap()[..5], [0x7F, 0x21, 0x82, 0x02, 0x33]);
        assert_eq!(write(Tag(0x90), &[1, 0, 1]).unwrap(), [0x90, 3, 1, 0, 1]);
        assert_eq!(write(Tag(0x91), &[0; 128]).unwrap()[..3], [0x91, 0x81, 0x80]);
    }

    #[test]
    fn every_other_encoding_is_refused() {
        let cases: [(&[u8], TlvError); 12] = [
            (&[], TlvError::Cut),
            (&[0x91], TlvError::Cut),
            (&[0x91, 2, 1], TlvError::Cut),
            (&[0x5F], TlvError::Cut),
            (&[0x91, 0x82, 1], TlvError::Cut),
            (&[0x00, 0], TlvError::Tag),
            (&[0x5F, 0x1E, 0], TlvError::Tag),
            (&[0x5F, 0x81, 0x01, 0], TlvError::Tag),
            (&[0x91, 0x80, 0, 0], TlvError::Length),
            (&[0x91, 0x81, 0x7F], TlvError::Length),
            (&[0x91, 0x82, 0x00, 0xFF], TlvError::Length),
            (&[0x91, 0x83, 1, 0, 0], TlvError::Length),
        ];
        for (bytes, reason) in cases {
            assert_eq!(Reader::new(bytes).read(), Err(reason), "{bytes:02X?}");
        }
    }

    #[test]
    fn a_wrong_tag_and_trailing_bytes_name_what_they_are() {
        let mut reader = Reader::new(&[0x91, 1, 7, 0xFF, 0xFF]);
        assert_eq!(
            reader.clone().expect(Tag(0x90)),
            Err(TlvError::Unexpected { expected: Tag(0x90), got: Tag(0x91) })
        );
        assert_eq!(reader.expect(Tag(0x91)), Ok(&[7][..]));
        assert_eq!(reader.finish(), Err(TlvError::Trailing(2)));
    }

    #[test]
    fn what_fits_no_length_or_is_no_tag_is_not_written() {
        assert_eq!(write(Tag(0x91), &vec![0; 65_536]), Err(TlvError::TooLong(65_536)));
        assert_eq!(write(Tag(0x7F01), &[]), Err(TlvError::Tag));
        assert_eq!(write(Tag(0x1F), &[]), Err(TlvError::Tag));
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_back_byte_for_byte(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let mut reader = Reader::new(&bytes);
            if let Ok(object) = reader.read() {
                let rest = reader.0.len();
                prop_assert_eq!(&write(object.tag, object.value).unwrap()[..], &bytes[..bytes.len() - rest]);
            }
        }
    }
}
