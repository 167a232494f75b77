//! CBOR, one item a line: its bytes, and what it is.

use std::fmt::Write as _;

use crate::support::bytes::hexadecimal;

/// Longer byte strings are shown by their ends.
const WHOLE: usize = 32;
/// Column of the comments, if the bytes leave room.
const COMMENT: usize = 48;

/// The items of `encoded` in order, each with the next of `names`; arrays and maps have a name, too.
pub(crate) fn annotated(encoded: &[u8], names: &[&str]) -> String {
    let mut walker = Walker { bytes: encoded, at: 0, names: names.iter(), text: String::new() };
    walker.item(0);
    assert_eq!(walker.at, encoded.len(), "bytes are left");
    assert_eq!(walker.names.next(), None, "a name is left");
    walker.text
}

struct Walker<'a> {
    bytes: &'a [u8],
    at: usize,
    names: std::slice::Iter<'a, &'a str>,
    text: String,
}

impl Walker<'_> {
    fn item(&mut self, depth: usize) {
        let start = self.at;
        let first = self.bytes[start];
        let extra = match first & 0x1f {
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            _ => 0,
        };
        let mut value = u64::from(first & 0x1f);
        if extra > 0 {
            value = self.bytes[start + 1..=start + extra]
                .iter()
                .fold(0, |value, byte| value << 8 | u64::from(*byte));
        }
        self.at += 1 + extra;
        let head = hexadecimal(&self.bytes[start..self.at]);
        let name = self.names.next().unwrap_or_else(|| panic!("no name for item at {start}"));
        match first >> 5 {
            0 => self.line(depth, &head, name, &value.to_string()),
            1 => self.line(depth, &head, name, &format!("-{}", value + 1)),
            2 => {
                let content = self.take(value);
                let shown = format!("{head} {}", shortened(&content));
                self.line(depth, &shown, name, &format!("{} bytes", content.len()));
            }
            3 => {
                let content = self.take(value);
                let text = String::from_utf8(content.clone()).unwrap();
                self.line(depth, &format!("{head} {}", hexadecimal(&content)), name, &format!("\"{text}\""));
            }
            4 => {
                self.line(depth, &head, name, &format!("array of {value}"));
                (0..value).for_each(|_| self.item(depth + 1));
            }
            7 => {
                let said = match first {
                    0xf4 => "false",
                    0xf5 => "true",
                    0xf6 => "nil",
                    other => panic!("{other:#x} is not in our encoding"),
                };
                self.line(depth, &head, name, said);
            }
            other => panic!("major type {other}"),
        }
    }

    fn take(&mut self, length: u64) -> Vec<u8> {
        let end = self.at + usize::try_from(length).unwrap();
        let content = self.bytes[self.at..end].to_vec();
        self.at = end;
        content
    }

    fn line(&mut self, depth: usize, bytes: &str, name: &str, value: &str) {
        let bytes = format!("{}{bytes}", "  ".repeat(depth));
        let _infallible = writeln!(self.text, "{bytes:COMMENT$}  {name}: {value}");
    }
}

/// Up to 32 bytes as they are, of more the first and the last ones.
pub(crate) fn shortened(bytes: &[u8]) -> String {
    if bytes.len() <= WHOLE {
        return hexadecimal(bytes);
    }
    format!("{}…{}", hexadecimal(&bytes[..12]), hexadecimal(&bytes[bytes.len() - 4..]))
}
