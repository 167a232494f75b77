//! The `.jvb` bundle: everything a third party needs to check visits, offline.

use alloc::vec::Vec;

use crate::cbor::{Malformed, Reader, Writer};
use crate::cose::Signed;
use crate::embedded::Embedded;
use crate::field::{Bytes, Field};
use crate::object::Object;
use crate::{Anchor, Evidence, Redacted};

/// The visits of a bundle: all full, or all redacted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Visits {
    /// Made by the platform alone, for the holder or an authority.
    Full(Vec<Evidence>),
    /// What the history service and institutions hold.
    Redacted(Vec<Redacted>),
}

/// A bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The visits.
    pub visits: Visits,
    /// Anchors of every kind.
    pub anchors: Vec<Embedded<Anchor>>,
    /// All other records of the elements.
    pub records: Vec<Signed>,
    /// X.509 and CV certificates.
    pub certificates: Vec<Bytes>,
    /// OCSP responses and CRLs, DER.
    pub revocation: Vec<Bytes>,
    /// Binding histories.
    pub bindings: Vec<Signed>,
    /// Receipts, verdicts, references, visits.
    pub results: Vec<Signed>,
    /// tlog-proof texts.
    pub proofs: Vec<Bytes>,
}

const MAGIC: &str = "jushin-bundle";

impl Object for Bundle {
    const NAME: &'static str = "bundle";

    fn write(&self, writer: &mut Writer) {
        writer.array(10).text(MAGIC).uint(1);
        match &self.visits {
            Visits::Full(visits) => write_each(visits, writer),
            Visits::Redacted(visits) => write_each(visits, writer),
        }
        self.anchors.write(writer);
        self.records.write(writer);
        self.certificates.write(writer);
        self.revocation.write(writer);
        self.bindings.write(writer);
        self.results.write(writer);
        self.proofs.write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.array(Self::NAME, 10)?;
        if reader.text()? != MAGIC || reader.uint()? != 1 {
            return Err(Malformed::Type { object: Self::NAME });
        }
        Ok(Self {
            visits: read_visits(reader)?,
            anchors: Field::read(reader)?,
            records: Field::read(reader)?,
            certificates: Field::read(reader)?,
            revocation: Field::read(reader)?,
            bindings: Field::read(reader)?,
            results: Field::read(reader)?,
            proofs: Field::read(reader)?,
        })
    }
}

fn write_each<T: Object>(objects: &[T], writer: &mut Writer) {
    writer.array(objects.len());
    for object in objects {
        writer.bytes(&object.encode());
    }
}

fn read_visits(reader: &mut Reader<'_>) -> Result<Visits, Malformed> {
    let visits: Vec<Bytes> = Field::read(reader)?;
    let full: Result<Vec<_>, _> = visits.iter().map(|bytes| Evidence::decode(bytes)).collect();
    match full {
        Ok(visits) => Ok(Visits::Full(visits)),
        Err(why) => visits
            .iter()
            .map(|bytes| Redacted::decode(bytes))
            .collect::<Result<_, _>>()
            .map(Visits::Redacted)
            .map_err(|_| why),
    }
}

impl Bundle {
    /// A bundle of full visits and nothing else.
    #[must_use]
    pub fn of(visits: Visits) -> Self {
        Self {
            visits,
            anchors: Vec::new(),
            records: Vec::new(),
            certificates: Vec::new(),
            revocation: Vec::new(),
            bindings: Vec::new(),
            results: Vec::new(),
            proofs: Vec::new(),
        }
    }

    /// File name extension.
    pub const EXTENSION: &'static str = "jvb";
}
