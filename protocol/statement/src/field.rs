//! What may stand in a field, and how it is written.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::cbor::{Malformed, Reader, Writer};

/// Something that one field of an object can hold.
pub trait Field: Sized {
    /// Writes the value.
    fn write(&self, writer: &mut Writer);
    /// Reads one value.
    ///
    /// # Errors
    ///
    /// [`Malformed`] if the next item is not a value of this kind.
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed>;
}

/// A byte string whose meaning is another format's: DER, a payload, a signature.
///
/// `Debug` shows the length only, so that no certificate or signature reaches a log by accident.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub Vec<u8>);

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl core::ops::Deref for Bytes {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl Field for Bytes {
    fn write(&self, writer: &mut Writer) {
        writer.bytes(&self.0);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self(reader.bytes()?.to_vec()))
    }
}

impl<const N: usize> Field for [u8; N] {
    fn write(&self, writer: &mut Writer) {
        writer.bytes(self);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let bytes = reader.bytes()?;
        bytes.try_into().map_err(|_| Malformed::Value { field: "byte string of fixed size" })
    }
}

impl Field for u64 {
    fn write(&self, writer: &mut Writer) {
        writer.uint(*self);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.uint()
    }
}

impl Field for bool {
    fn write(&self, writer: &mut Writer) {
        writer.bool(*self);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.bool()
    }
}

impl Field for String {
    fn write(&self, writer: &mut Writer) {
        writer.text(self);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self::from(reader.text()?))
    }
}

impl<T: Field> Field for Option<T> {
    fn write(&self, writer: &mut Writer) {
        match self {
            Some(value) => value.write(writer),
            None => {
                writer.nil();
            }
        }
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        if reader.take_nil() { Ok(None) } else { T::read(reader).map(Some) }
    }
}

impl<T: Field> Field for Vec<T> {
    fn write(&self, writer: &mut Writer) {
        writer.array(self.len());
        for item in self {
            item.write(writer);
        }
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let count = reader.array_of_any()?;
        (0..count).map(|_| T::read(reader)).collect()
    }
}
