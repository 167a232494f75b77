//! What an element's certificate says of it (V2). Nothing the element itself states is used instead.

use std::sync::Arc;

use jushin_pki::path::validate;
use jushin_pki::{AsOf, Certificate, Crypto, Profile, PublicKey, TrustAnchors, ValidPath, oid};
use jushin_statement::{
    Context, ElementCaExtension, ElementExtension, ElementKind, Hash, Id16, Object, Record, RecordLink,
    Signed, TickSpec, TpmRecord,
};

use crate::signed::check_signature;
use crate::tpm::{self, Attested};
use crate::window::{Reading, Stamp};

/// An element as its certificate describes it, under a trusted CA.
#[derive(Clone)]
pub(crate) struct Element {
    pub(crate) id: Id16,
    /// SHA-256 of the certificate: what everything verified with it depends on.
    pub(crate) certificate_hash: Hash,
    pub(crate) path: ValidPath,
    pub(crate) kind: ElementKind,
    pub(crate) tick: TickSpec,
    pub(crate) counter_name: Option<Vec<u8>>,
    pub(crate) simulated: bool,
    /// Whether the trust anchor itself carries the mark.
    pub(crate) under_simulated_ca: bool,
}

impl Element {
    /// Judges a certificate; its dates are judged later, against the window.
    pub(crate) fn certified(
        certificate: &Certificate,
        anchors: &TrustAnchors,
        crypto: &dyn Crypto,
    ) -> Option<Self> {
        let path = validate(certificate, &[], anchors, &Profile::element(), AsOf::Unjudged, crypto).ok()?;
        let extension = certificate.extension(&oid::ELEMENT).filter(|extension| !extension.critical)?;
        let description = ElementExtension::decode(extension.value).ok()?;
        let under_simulated_ca = match path.anchor().extension(&oid::ELEMENT) {
            Some(extension) => ElementCaExtension::decode(extension.value).ok()?.simulated,
            None => false,
        };
        if under_simulated_ca && !description.simulated {
            return None; // a CA that is marked certifies made-up elements only
        }
        Some(Self {
            id: Id16::of_spki(certificate.spki()),
            certificate_hash: Hash(certificate.sha256()),
            kind: description.kind,
            tick: description.tick,
            counter_name: description.counter_name.map(|name| name.0),
            simulated: description.simulated,
            under_simulated_ca,
            path,
        })
    }

    pub(crate) fn key(&self) -> &Arc<dyn PublicKey> {
        self.path.key()
    }

    /// Checks the signature over a record: a COSE_Sign1, or of a TPM its own form.
    pub(crate) fn verify(&self, signed: &Signed) -> Option<ElementRecord> {
        let payload = payload_of(signed)?;
        let record = Record::decode(&payload).ok()?;
        let link = record.link();
        if link.element != self.id {
            return None; // what is another's costs no check of a signature
        }
        let attested = if self.kind == ElementKind::Tpm {
            let record = TpmRecord::decode(signed.as_bytes()).ok()?;
            let name = self.counter_name.as_deref()?;
            let attested = tpm::verify(&record, link.counter, name, self.key().as_ref())?;
            if link.ticks.count > attested.time {
                return None;
            }
            Some(attested)
        } else {
            check_signature(&signed.parse().ok()?, Context::Element, self.key().as_ref()).ok()?;
            None
        };
        let (hash, first16) = (Hash::of(&payload), signed.imprint().first16());
        Some(ElementRecord { record, link, hash, first16, attested })
    }
}

/// A record that this element signed.
#[derive(Clone, Debug)]
pub(crate) struct ElementRecord {
    pub(crate) record: Record,
    pub(crate) link: RecordLink,
    /// SHA-256 of the payload.
    pub(crate) hash: Hash,
    /// First 16 bytes of SHA-256 of the record as signed.
    pub(crate) first16: Id16,
    pub(crate) attested: Option<Attested>,
}

impl ElementRecord {
    /// Counter and ticks; of a TPM the ticks that it attested, not those that its host wrote.
    pub(crate) fn stamp(&self) -> Stamp {
        let count = self.attested.map_or(self.link.ticks.count, |attested| attested.time);
        Stamp { counter: self.link.counter, count }
    }

    pub(crate) fn reading(&self) -> Reading {
        Reading { cycle: self.link.ticks.cycle, stamp: self.stamp() }
    }
}

/// The payload of a record in either form; its signature is not checked.
pub(crate) fn payload_of(signed: &Signed) -> Option<Vec<u8>> {
    match signed.as_bytes().first()? {
        0x87 => TpmRecord::decode(signed.as_bytes()).ok().map(|record| record.payload.0),
        _ => signed.parse().ok().map(|parsed| parsed.payload.to_vec()),
    }
}
