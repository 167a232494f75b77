//! Distinguished names (RFC 5280 §4.1.2.4). Compared byte by byte, never normalised.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use ::der::asn1::ObjectIdentifier;

use crate::der::{NotDer, Reader, Value, Writer, tag};
use crate::oid;

/// A name to be written: attributes in their order, each in an RDN of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    attributes: Vec<(ObjectIdentifier, String)>,
}

impl Name {
    /// An empty name.
    #[must_use]
    pub const fn new() -> Self {
        Self { attributes: Vec::new() }
    }

    /// Adds any attribute.
    #[must_use]
    pub fn with(mut self, attribute: ObjectIdentifier, text: &str) -> Self {
        self.attributes.push((attribute, text.to_string()));
        self
    }

    /// Adds C (PrintableString; every other attribute is UTF8String).
    #[must_use]
    pub fn country(self, text: &str) -> Self {
        self.with(oid::COUNTRY, text)
    }

    /// Adds O.
    #[must_use]
    pub fn organization(self, text: &str) -> Self {
        self.with(oid::ORGANIZATION, text)
    }

    /// Adds OU.
    #[must_use]
    pub fn unit(self, text: &str) -> Self {
        self.with(oid::ORGANIZATIONAL_UNIT, text)
    }

    /// Adds L.
    #[must_use]
    pub fn locality(self, text: &str) -> Self {
        self.with(oid::LOCALITY, text)
    }

    /// Adds CN.
    #[must_use]
    pub fn common_name(self, text: &str) -> Self {
        self.with(oid::COMMON_NAME, text)
    }

    /// DER Name.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.nest(tag::SEQUENCE, |name| {
            for (attribute, text) in &self.attributes {
                let kind = if *attribute == oid::COUNTRY { tag::PRINTABLE_STRING } else { tag::UTF8_STRING };
                name.nest(tag::SET, |set| {
                    set.nest(tag::SEQUENCE, |pair| {
                        pair.put(tag::OID, attribute.as_bytes());
                        pair.put(kind, text.as_bytes());
                    });
                });
            }
        });
        writer.into_bytes()
    }
}

/// Checks that a value is a Name.
pub(crate) fn check(name: Value<'_>) -> Result<(), NotDer> {
    visit(name.content, |_, _| {})
}

/// The last attribute of this kind in a DER Name, if it is UTF-8 text.
#[must_use]
pub fn last_text<'a>(name: &'a [u8], attribute: &ObjectIdentifier) -> Option<&'a str> {
    let content = Reader::new(name).take(tag::SEQUENCE).ok()?;
    let mut last = None;
    visit(content, |found, value: Value<'a>| {
        if found == attribute.as_bytes() {
            last = Some(value);
        }
    })
    .ok()?;
    last.filter(|value| matches!(value.tag, tag::UTF8_STRING | tag::PRINTABLE_STRING | tag::IA5_STRING))
        .and_then(|value| core::str::from_utf8(value.content).ok())
}

fn visit<'a>(content: &'a [u8], mut each: impl FnMut(&'a [u8], Value<'a>)) -> Result<(), NotDer> {
    let mut names = Reader::new(content);
    while !names.is_empty() {
        let mut set = names.nested(tag::SET)?;
        let mut before: &[u8] = &[];
        loop {
            let pair = set.value(tag::SEQUENCE)?;
            if pair.whole <= before {
                return Err(NotDer::Content { of: tag::SET });
            }
            before = pair.whole;
            let mut pair = Reader::new(pair.content);
            let attribute = pair.take(tag::OID)?;
            let value = pair.any()?;
            pair.finish()?;
            each(attribute, value);
            if set.is_empty() {
                break;
            }
        }
    }
    Ok(())
}

/// A DER Name as text for people, `C=JP, O=…`; never for comparing.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a>(pub &'a [u8]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let content = Reader::new(self.0).take(tag::SEQUENCE).unwrap_or_default();
        let mut text = String::new();
        let _ = visit(content, |attribute, value| {
            if !text.is_empty() {
                text.push_str(", ");
            }
            text.push_str(short(attribute));
            text.push('=');
            text.push_str(&String::from_utf8_lossy(value.content));
        });
        f.write_str(&text)
    }
}

fn short(attribute: &[u8]) -> &'static str {
    [
        (oid::COUNTRY, "C"),
        (oid::ORGANIZATION, "O"),
        (oid::ORGANIZATIONAL_UNIT, "OU"),
        (oid::LOCALITY, "L"),
        (oid::COMMON_NAME, "CN"),
    ]
    .iter()
    .find_map(|(known, name)| (known.as_bytes() == attribute).then_some(*name))
    .unwrap_or("?")
}
