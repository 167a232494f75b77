//! An object inside a byte string.

use crate::cbor::{Malformed, Reader, Writer};
use crate::field::Field;
use crate::object::Object;

/// An object that stands in a field as a byte string holding its encoding.
///
/// Since there is one encoding, the bytes that were received are the bytes that are written again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embedded<T>(pub T);

impl<T: Object> Field for Embedded<T> {
    fn write(&self, writer: &mut Writer) {
        writer.bytes(&self.0.encode());
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        T::decode(reader.bytes()?).map(Self)
    }
}
