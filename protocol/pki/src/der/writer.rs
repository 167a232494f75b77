//! Writes DER.

use alloc::vec::Vec;

use super::tag;

/// DER that grows.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Starts with nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    /// What was written.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Puts bytes that already are DER.
    pub fn raw(&mut self, der: &[u8]) {
        self.bytes.extend_from_slice(der);
    }

    /// Puts one value.
    pub fn put(&mut self, tag: u8, content: &[u8]) {
        self.bytes.push(tag);
        self.length(content.len());
        self.bytes.extend_from_slice(content);
    }

    /// Puts a constructed value.
    pub fn nest(&mut self, tag: u8, fill: impl FnOnce(&mut Self)) {
        let mut content = Self::new();
        fill(&mut content);
        self.put(tag, &content.bytes);
    }

    /// Puts a SET OF: the values in ascending order of their encoding.
    pub fn set_of(&mut self, tag: u8, mut values: Vec<Vec<u8>>) {
        values.sort();
        self.put(tag, &values.concat());
    }

    /// Puts a BIT STRING around DER.
    pub fn bit_string_nest(&mut self, fill: impl FnOnce(&mut Self)) {
        let mut content = Self::new();
        content.bytes.push(0);
        fill(&mut content);
        self.put(tag::BIT_STRING, &content.bytes);
    }

    /// Puts a BIT STRING of whole octets.
    pub fn bit_string(&mut self, octets: &[u8]) {
        self.bit_string_nest(|content| content.raw(octets));
    }

    /// Puts an INTEGER of 0 or above, given big-endian; leading zeros are left out.
    pub fn unsigned(&mut self, bytes: &[u8]) {
        let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
        let (_, significant) = bytes.split_at(start);
        let mut content = Vec::with_capacity(significant.len() + 1);
        if significant.first().is_none_or(|first| *first >= 0x80) {
            content.push(0);
        }
        content.extend_from_slice(significant);
        self.put(tag::INTEGER, &content);
    }

    /// Puts BOOLEAN TRUE.
    pub fn true_(&mut self) {
        self.put(tag::BOOLEAN, &[0xFF]);
    }

    fn length(&mut self, length: usize) {
        let bytes = length.to_be_bytes();
        let significant = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
        let (_, octets) = bytes.split_at(significant);
        match octets {
            [] => self.bytes.push(0),
            [short] if *short < 0x80 => self.bytes.push(*short),
            octets => {
                // At most eight octets, so the count fits the low seven bits.
                self.bytes.push(0x80 | u8::try_from(octets.len()).unwrap_or(8));
                self.bytes.extend_from_slice(octets);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::vec;

    use super::*;
    use crate::der::Reader;

    #[test]
    fn what_is_written_reads_back() {
        for length in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            let content = vec![7; length];
            let mut writer = Writer::new();
            writer.put(tag::OCTET_STRING, &content);
            let bytes = writer.into_bytes();
            let mut reader = Reader::new(&bytes);
            assert_eq!(reader.take(tag::OCTET_STRING), Ok(&content[..]));
            assert_eq!(reader.finish(), Ok(()));
        }
    }

    #[test]
    fn an_integer_loses_leading_zeros_and_keeps_its_sign() {
        for (value, content) in
            [(&[0, 0][..], &[0][..]), (&[0, 0x4D], &[0x4D]), (&[0x80], &[0, 0x80]), (&[], &[0])]
        {
            let mut writer = Writer::new();
            writer.unsigned(value);
            assert_eq!(Reader::new(&writer.into_bytes()).take(tag::INTEGER), Ok(content));
        }
    }
}
