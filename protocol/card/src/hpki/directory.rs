//! The directory files of ISO/IEC 7816-15: which keys, certificates and PINs an application has.
//!
//! Read as far as signing needs it; what else an entry holds is passed over.

use alloc::vec::Vec;

use jushin_pki::der::{NotDer, Reader, Writer, tag};

use crate::jpki::FileId;

/// A directory that is none. The card is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryError {
    /// Not DER, or not in the order that the standard has.
    #[error("the card's directory is unreadable: {0}")]
    Der(#[from] NotDer),
    /// A path that names no file.
    #[error("the card's directory names a file by {0} bytes")]
    Path(usize),
    /// A number that no command can carry.
    #[error("the card's directory holds a reference that no command can carry")]
    Reference,
}

/// Files of EF.OD: where the other directories are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ObjectDirectory {
    pub(super) private_keys: Option<FileId>,
    pub(super) certificates: Option<FileId>,
    pub(super) pins: Option<FileId>,
}

/// How MSE SET names a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyName {
    /// Tag 81: by its file.
    File(FileId),
    /// Tag 84: by a reference.
    Reference(u16),
}

/// An entry of the directory of private keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyEntry {
    pub(super) id: Vec<u8>,
    /// Which PIN opens it.
    pub(super) pin: Option<Vec<u8>>,
    pub(super) signs: bool,
    pub(super) non_repudiation: bool,
    pub(super) name: KeyName,
}

/// An entry of the directory of certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CertificateEntry {
    pub(super) id: Vec<u8>,
    pub(super) file: FileId,
}

/// An entry of the directory of PINs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PinEntry {
    pub(super) id: Vec<u8>,
    /// P2 of VERIFY.
    pub(super) reference: u8,
}

/// Bits of `KeyUsageFlags`.
const SIGN: u8 = 0x20;
const NON_REPUDIATION: u8 = 0x40;

/// Values one after the other, up to the end or to the first byte that pads a file.
struct Entries<'a>(Reader<'a>);

impl<'a> Iterator for Entries<'a> {
    type Item = Result<(u8, Reader<'a>), DirectoryError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.0.peek() {
            None | Some(0x00 | 0xFF) => None,
            Some(_) => Some(
                self.0
                    .any()
                    .map(|value| (value.tag, Reader::new(value.content)))
                    .map_err(DirectoryError::from),
            ),
        }
    }
}

impl ObjectDirectory {
    pub(super) fn parse(file: &[u8]) -> Result<Self, DirectoryError> {
        let mut found = Self::default();
        for entry in Entries(Reader::new(file)) {
            let (kind, mut content) = entry?;
            let place = match kind {
                PRIVATE_KEYS => &mut found.private_keys,
                CERTIFICATES => &mut found.certificates,
                PINS => &mut found.pins,
                _ => continue,
            };
            *place = Some(path(&mut content)?);
        }
        Ok(found)
    }

    pub(super) fn write(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        for (kind, file) in
            [(PRIVATE_KEYS, self.private_keys), (CERTIFICATES, self.certificates), (PINS, self.pins)]
        {
            if let Some(file) = file {
                writer.nest(kind, |entry| put_path(entry, file));
            }
        }
        writer.into_bytes()
    }
}

const PRIVATE_KEYS: u8 = tag::context_constructed(0);
const CERTIFICATES: u8 = tag::context_constructed(4);
const PINS: u8 = tag::context_constructed(8);
/// `typeAttributes` of every entry.
const TYPE_ATTRIBUTES: u8 = tag::context_constructed(1);

impl KeyEntry {
    /// RSA keys of a directory; other kinds of key are passed over.
    pub(super) fn parse_all(file: &[u8]) -> Result<Vec<Self>, DirectoryError> {
        let of_kind = |entry: Result<(u8, Reader<'_>), DirectoryError>| match entry {
            Ok((tag::SEQUENCE, content)) => Some(Self::parse(content)),
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        };
        Entries(Reader::new(file)).filter_map(of_kind).collect()
    }

    fn parse(mut entry: Reader<'_>) -> Result<Self, DirectoryError> {
        let mut common = entry.nested(tag::SEQUENCE)?;
        common.optional(tag::UTF8_STRING)?;
        common.optional(tag::BIT_STRING)?;
        let pin = common.optional(tag::OCTET_STRING)?.map(|value| value.content.to_vec());
        let mut class = entry.nested(tag::SEQUENCE)?;
        let id = class.take(tag::OCTET_STRING)?.to_vec();
        let usage = class.take(tag::BIT_STRING)?;
        class.optional(tag::BOOLEAN)?;
        class.optional(tag::BIT_STRING)?;
        let reference = if class.peek() == Some(tag::INTEGER) { Some(class.small_unsigned()?) } else { None };
        let file = type_attributes(&mut entry)?;
        let name = match reference {
            Some(number) => KeyName::Reference(u16::try_from(number).map_err(|_| DirectoryError::Reference)?),
            None => KeyName::File(file),
        };
        let bits = |byte: usize, bit: u8| usage.get(1 + byte).is_some_and(|bits| bits & bit != 0);
        Ok(Self { id, pin, signs: bits(0, SIGN), non_repudiation: bits(1, NON_REPUDIATION), name })
    }

    pub(super) fn write(&self, label: &str, file: FileId) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.nest(tag::SEQUENCE, |entry| {
            entry.nest(tag::SEQUENCE, |common| {
                common.put(tag::UTF8_STRING, label.as_bytes());
                // private
                common.put(tag::BIT_STRING, &[7, 0x80]);
                if let Some(pin) = &self.pin {
                    common.put(tag::OCTET_STRING, pin);
                }
                if self.non_repudiation {
                    // userConsent: the PIN before every signature
                    common.unsigned(&[1]);
                }
            });
            entry.nest(tag::SEQUENCE, |class| {
                class.put(tag::OCTET_STRING, &self.id);
                let usage: &[u8] =
                    if self.non_repudiation { &[6, SIGN, NON_REPUDIATION] } else { &[5, SIGN] };
                class.put(tag::BIT_STRING, usage);
                if let KeyName::Reference(reference) = self.name {
                    class.unsigned(&reference.to_be_bytes());
                }
            });
            entry.nest(TYPE_ATTRIBUTES, |outer| {
                outer.nest(tag::SEQUENCE, |attributes| {
                    put_path(attributes, file);
                    attributes.unsigned(&2048_u16.to_be_bytes());
                });
            });
        });
        writer.into_bytes()
    }
}

impl CertificateEntry {
    /// X.509 certificates of a directory.
    pub(super) fn parse_all(file: &[u8]) -> Result<Vec<Self>, DirectoryError> {
        let of_kind = |entry: Result<(u8, Reader<'_>), DirectoryError>| match entry {
            Ok((tag::SEQUENCE, content)) => Some(Self::parse(content)),
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        };
        Entries(Reader::new(file)).filter_map(of_kind).collect()
    }

    fn parse(mut entry: Reader<'_>) -> Result<Self, DirectoryError> {
        entry.nested(tag::SEQUENCE)?;
        let id = entry.nested(tag::SEQUENCE)?.take(tag::OCTET_STRING)?.to_vec();
        Ok(Self { id, file: type_attributes(&mut entry)? })
    }

    pub(super) fn write(&self, label: &str, authority: bool) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.nest(tag::SEQUENCE, |entry| {
            entry.nest(tag::SEQUENCE, |common| common.put(tag::UTF8_STRING, label.as_bytes()));
            entry.nest(tag::SEQUENCE, |class| {
                class.put(tag::OCTET_STRING, &self.id);
                if authority {
                    class.true_();
                }
            });
            entry.nest(TYPE_ATTRIBUTES, |outer| {
                outer.nest(tag::SEQUENCE, |attributes| put_path(attributes, self.file));
            });
        });
        writer.into_bytes()
    }
}

impl PinEntry {
    /// Passwords of a directory.
    pub(super) fn parse_all(file: &[u8]) -> Result<Vec<Self>, DirectoryError> {
        let of_kind = |entry: Result<(u8, Reader<'_>), DirectoryError>| match entry {
            Ok((tag::SEQUENCE, content)) => Some(Self::parse(content)),
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        };
        Entries(Reader::new(file)).filter_map(of_kind).collect()
    }

    fn parse(mut entry: Reader<'_>) -> Result<Self, DirectoryError> {
        entry.nested(tag::SEQUENCE)?;
        let id = entry.nested(tag::SEQUENCE)?.take(tag::OCTET_STRING)?.to_vec();
        let mut attributes = entry.nested(TYPE_ATTRIBUTES)?.nested(tag::SEQUENCE)?;
        attributes.take(tag::BIT_STRING)?;
        attributes.take(tag::ENUMERATED)?;
        for _lengths in 0..3 {
            attributes.optional(tag::INTEGER)?;
        }
        let reference = match attributes.optional(tag::context(0))?.map(|value| value.content) {
            None => 0,
            Some([reference] | [0, reference]) => *reference,
            Some(_) => return Err(DirectoryError::Reference),
        };
        Ok(Self { id, reference })
    }

    pub(super) fn write(&self, label: &str, file: FileId) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.nest(tag::SEQUENCE, |entry| {
            entry.nest(tag::SEQUENCE, |common| common.put(tag::UTF8_STRING, label.as_bytes()));
            entry.nest(tag::SEQUENCE, |class| class.put(tag::OCTET_STRING, &self.id));
            entry.nest(TYPE_ATTRIBUTES, |outer| {
                outer.nest(tag::SEQUENCE, |attributes| {
                    // case-sensitive, local, initialized; ascii-numeric; 4 to 16 bytes
                    attributes.put(tag::BIT_STRING, &[3, 0xC8]);
                    attributes.put(tag::ENUMERATED, &[1]);
                    for length in [4, 16, 16] {
                        attributes.unsigned(&[length]);
                    }
                    let reference: &[u8] =
                        if self.reference < 0x80 { &[self.reference] } else { &[0, self.reference] };
                    attributes.put(tag::context(0), reference);
                    put_path(attributes, file);
                });
            });
        });
        writer.into_bytes()
    }
}

/// The file that the type attributes of a key or certificate begin with.
fn type_attributes(entry: &mut Reader<'_>) -> Result<FileId, DirectoryError> {
    entry.optional(tag::context_constructed(0))?;
    path(&mut entry.nested(TYPE_ATTRIBUTES)?.nested(tag::SEQUENCE)?)
}

/// A path, absolute or relative: the file is its last two bytes.
fn path(reader: &mut Reader<'_>) -> Result<FileId, DirectoryError> {
    let name = reader.nested(tag::SEQUENCE)?.take(tag::OCTET_STRING)?;
    match name {
        [.., high, low] if name.len() % 2 == 0 => Ok(FileId(u16::from_be_bytes([*high, *low]))),
        _ => Err(DirectoryError::Path(name.len())),
    }
}

fn put_path(writer: &mut Writer, file: FileId) {
    writer.nest(tag::SEQUENCE, |path| path.put(tag::OCTET_STRING, &file.0.to_be_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn what_is_written_reads_back_and_padding_ends_a_file() {
        let directory = ObjectDirectory {
            private_keys: Some(FileId(0x14)),
            certificates: None,
            pins: Some(FileId(0x13)),
        };
        let padded = [directory.write(), vec![0; 7]].concat();
        assert_eq!(ObjectDirectory::parse(&padded), Ok(directory));

        for name in [KeyName::File(FileId(0x17)), KeyName::Reference(0x0C)] {
            for non_repudiation in [false, true] {
                let key = KeyEntry { id: vec![1], pin: Some(vec![2]), signs: true, non_repudiation, name };
                let file = [key.write("key", FileId(0x17)), vec![0xFF; 3]].concat();
                assert_eq!(KeyEntry::parse_all(&file), Ok(vec![key]));
            }
        }
        let certificate = CertificateEntry { id: vec![9], file: FileId(0x18) };
        assert_eq!(CertificateEntry::parse_all(&certificate.write("CA", true)), Ok(vec![certificate]));
        for reference in [0x01, 0x96] {
            let pin = PinEntry { id: vec![7], reference };
            assert_eq!(PinEntry::parse_all(&pin.write("PIN", FileId(0x16))), Ok(vec![pin]));
        }
    }

    #[test]
    fn a_path_of_an_odd_number_of_bytes_names_no_file() {
        let odd = [0xA0, 0x07, 0x30, 0x05, 0x04, 0x03, 0x3F, 0x00, 0x14];
        assert_eq!(ObjectDirectory::parse(&odd), Err(DirectoryError::Path(3)));
    }
}
