//! An element gets its certificate (P1, steps 1 and 2).

use jushin_statement::{CertificateRequest, ElementExtension, Id16, InstitutionCode, Signed};

use crate::nonce::{About, Purpose, spend};
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::store::rows::{ElementRow, InstitutionRow, key, transact};
use crate::store::{Scan, Transaction};
use crate::verify::{Signer, unverified, verified};

impl Platform {
    /// A number for a certificate request. It remembers for which institution the element is meant.
    pub(crate) fn enrolment_nonce(&self, institution: Option<InstitutionCode>) -> Result<[u8; 32], Refusal> {
        let institution = transact(&*self.inner().ports.store, |tx| match institution {
            Some(code) => match tx.newest::<InstitutionRow>(&key(&[&code]))? {
                Some(_) => Ok(code),
                None => Err(Refusal::UnknownInstitution(code)),
            },
            None => only_institution(tx),
        })?;
        let about = About { institution: Some(institution), ..About::default() };
        self.issue_nonce(Purpose::Enrolment, about).map(|(nonce, _)| nonce.0)
    }

    /// Certifies an element; the same request again gets the same certificate.
    pub(crate) fn enrol(&self, signed: &Signed) -> Result<Vec<u8>, Refusal> {
        let inner = self.inner();
        let request: CertificateRequest = unverified(signed)?;
        let request: CertificateRequest =
            verified(&*inner.ports.crypto, signed, Signer::element(&request.device_key))?;
        let simulated = self.admit(&request)?;
        let element = Id16::of_spki(&request.device_key);
        let extension =
            ElementExtension { kind: request.kind, tick: request.tick, counter_name: None, simulated };
        let now = inner.ports.clock.now();
        let certificate = inner.authority.element(&request.device_key, &extension, now)?;
        transact(&*inner.ports.store, |tx| {
            if let Some(known) = tx.find::<ElementRow>(&key(&[&element]))?
                && known.request.parse().map(|sign1| sign1.payload_hash())
                    == signed.parse().map(|sign1| sign1.payload_hash())
            {
                tx.put(&key(&[&element]), &known)?;
                return Ok(known.certificate.0);
            }
            let nonce = spend(tx, Purpose::Enrolment, request.nonce, now)?;
            let institution = nonce.institution.ok_or(Refusal::InstitutionNotSaid)?;
            let row = ElementRow {
                institution,
                request: signed.clone(),
                certificate: certificate.clone().into(),
                device_key: request.device_key.clone(),
                sealing_key: request.sealing_key.clone(),
                tick: request.tick,
                simulated,
                at: now,
            };
            if tx.put(&key(&[&element]), &row)?.is_some() {
                return Err(Refusal::Mismatch {
                    object: "se-csr",
                    field: "spki-dev (another request has it)",
                });
            }
            self.note(
                tx,
                Some(element),
                &format!("element enrolled for {institution}, model {}", request.model),
            )?;
            Ok(certificate.clone())
        })
    }

    /// Whether the model is on the list with this kind and clock; returns whether the element is made up.
    fn admit(&self, request: &CertificateRequest) -> Result<bool, Refusal> {
        let inner = self.inner();
        for key in [&request.device_key, &request.sealing_key] {
            let kind = inner.ports.crypto.public_key(key).map(|key| key.kind());
            if kind != Ok(jushin_pki::KeyKind::P256) {
                return Err(Refusal::Mismatch { object: "se-csr", field: "spki-dev or spki-seal (P-256)" });
            }
        }
        let listed = inner.config.models.iter().find(|model| {
            model.name == request.model && model.kind == request.kind && model.tick == request.tick
        });
        // Under a CA that is marked as simulated everything is (N1.13).
        listed
            .map(|model| model.simulated || inner.config.simulated)
            .ok_or_else(|| Refusal::ModelNotAllowed { model: request.model.clone() })
    }
}

/// The one institution that is registered.
fn only_institution(tx: &mut (dyn Transaction + '_)) -> Result<InstitutionCode, Refusal> {
    let mut codes: Vec<InstitutionCode> = tx
        .list::<InstitutionRow>(Scan::all(&[]))?
        .iter()
        .filter_map(|(key, _)| core::str::from_utf8(key.get(..10)?).ok())
        .filter_map(|code| InstitutionCode::new(code).ok())
        .collect();
    codes.dedup();
    match codes.as_slice() {
        [code] => Ok(*code),
        _ => Err(Refusal::InstitutionNotSaid),
    }
}

/// An element that is enrolled.
pub(crate) fn find_element(tx: &mut (dyn Transaction + '_), element: Id16) -> Result<ElementRow, Refusal> {
    tx.find(&key(&[&element]))?.ok_or(Refusal::UnknownElement(element))
}
