//! The DER reader, OIDs, names, keys and PEM: one encoding, and no depth that breaks it.

use jushin_pki::der::{Reader, Writer};
use jushin_pki::{name, oid, pem, spki};

use crate::planted;

pub(super) fn run(data: &[u8]) {
    walk(data, 0);
    integers(data);
    let _ = spki::parse(data).map(|key| key.kind());
    let _ = spki::key_bits(data);
    let _ = name::Shown(data).to_string();
    if let Ok(text) = str::from_utf8(data)
        && let Ok(blocks) = pem::decode_all("CERTIFICATE", text)
    {
        let written: String = blocks.iter().map(|block| pem::encode("CERTIFICATE", block)).collect();
        assert_eq!(pem::decode_all("CERTIFICATE", &written).ok(), Some(blocks));
    }
}

/// Reads every value, down to the leaves, and writes it again.
fn walk(data: &[u8], depth: usize) {
    let mut reader = Reader::new(data);
    while let Ok(value) = reader.any() {
        let mut writer = Writer::new();
        writer.put(value.tag, value.content);
        assert_eq!(writer.into_bytes(), value.whole, "a value has two encodings");
        if value.tag == 0x06 {
            let dotted = oid::dotted(value.content);
            assert!(!dotted.is_empty());
        }
        if value.tag == 0x02 {
            let negative = value.content.first().is_some_and(|first| *first >= 0x80);
            planted::fault(depth > 2 && negative, "a negative number, three levels down");
        }
        if value.tag & 0x20 != 0 && depth < 32 {
            walk(value.content, depth + 1);
        }
    }
}

fn integers(data: &[u8]) {
    let value = Reader::new(data).unsigned();
    if let Ok(digits) = value {
        let mut writer = Writer::new();
        writer.unsigned(digits);
        assert!(data.starts_with(&writer.into_bytes()), "an INTEGER has two encodings");
    }
    if let Ok(small) = Reader::new(data).small_unsigned() {
        let digits = value.unwrap_or_default();
        assert_eq!(digits.iter().fold(0, |sum, digit| sum << 8 | u64::from(*digit)), small);
    }
    let _ = Reader::new(data).boolean();
    let _ = Reader::new(data).bit_string_of_octets();
}
