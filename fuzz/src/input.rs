//! Reads structured input: small numbers and byte strings with their length in front.
//!
//! Whatever is missing at the end reads as nothing, so that every input means something.

/// What is left of the input.
pub(crate) struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One byte; 0 at the end.
    pub(crate) fn byte(&mut self) -> u8 {
        self.array::<1>()[0]
    }

    /// Big-endian, two bytes.
    pub(crate) fn short(&mut self) -> u16 {
        u16::from_be_bytes(self.array())
    }

    /// Big-endian, four bytes.
    pub(crate) fn word(&mut self) -> u32 {
        u32::from_be_bytes(self.array())
    }

    /// A number below `end`, from one byte.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end.max(1)
    }

    /// A byte string with its length in two bytes in front.
    pub(crate) fn string(&mut self) -> &'a [u8] {
        let length = usize::from(self.short()).min(self.0.len());
        let (string, rest) = self.0.split_at(length);
        self.0 = rest;
        string
    }

    /// Everything.
    pub(crate) const fn rest(self) -> &'a [u8] {
        self.0
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        let present = N.min(self.0.len());
        let (head, rest) = self.0.split_at(present);
        array[..present].copy_from_slice(head);
        self.0 = rest;
        array
    }
}
