//! Secrets for an element, sealed to it (P1, steps 3 and 4).
//!
//! The boxes are made once and given out again unchanged until the element has shown that it holds its
//! institution key; then the boxes and the platform's copy of the key are erased.

use jushin_pki::{Sealed, Suite};
use jushin_statement::cbor::Writer;
use jushin_statement::{CertificateRequest, Hash, Id16, Injection, InjectionKind, InstitutionCode};
use zeroize::Zeroize as _;

use crate::authority::KeyName;
use crate::enrolment::find_element;
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::store::rows::{
    ElementKeyRow, ElementRow, InjectionDoneRow, InjectionRow, InstitutionKeyRow, KeyPart as _, Secret,
    SecretRow, key, transact,
};
use crate::store::{Scan, Table, Transaction};
use crate::verify::unverified;

/// Info string of the HPKE box.
const INFO: &[u8] = b"jushin/1/inject";

/// Epoch of the pseudonym keys that are in use.
pub(crate) const EPOCH: u64 = 1;

impl Platform {
    /// The sealed secrets of an element: a CBOR array of [enc, ct, n].
    pub(crate) fn injections(&self, element: Id16) -> Result<Vec<u8>, Refusal> {
        transact(&*self.inner().ports.store, |tx| {
            let row = find_element(tx, element)?;
            if tx.find::<InjectionDoneRow>(&key(&[&element]))?.is_some() {
                return Err(Refusal::AlreadyConfirmed);
            }
            let made = match tx.find::<InjectionRow>(&key(&[&element]))? {
                Some(made) => made,
                None => self.make_injections(tx, element, &row)?,
            };
            tx.put(&key(&[&element]), &made)?;
            Ok(made.body.0)
        })
    }

    fn make_injections(
        &self,
        tx: &mut (dyn Transaction + '_),
        element: Id16,
        row: &ElementRow,
    ) -> Result<InjectionRow, Refusal> {
        let inner = self.inner();
        let code = row.institution;
        let request: CertificateRequest = unverified(&row.request)?;
        let assigned = match tx.find::<ElementKeyRow>(&key(&[&element]))? {
            Some(assigned) => assigned,
            None => assign_key(tx, element, code, request.institution_key.as_deref())?,
        };
        let private_key = tx.find::<SecretRow>(&private_key_key(code, assigned.key))?;
        let pseudonym_key = self.secret(tx, &key(&[&"element pseudonyms ", &code, &EPOCH]))?;

        let injection = |kind, value: &[u8]| Injection {
            element,
            kind,
            epoch: if kind == InjectionKind::PseudonymKey { EPOCH } else { 0 },
            keep: if kind == InjectionKind::PseudonymKey { EPOCH } else { 0 },
            value: value.into(),
            certificate: (kind == InjectionKind::InstitutionKey).then(|| assigned.certificate.clone()),
        };
        let mut messages = vec![injection(InjectionKind::PseudonymKey, &pseudonym_key)];
        messages.extend(inner.anchors.card_keys().map(|spki| injection(InjectionKind::CardCa, spki)));
        // Last, so that its test signature says that all the others have arrived.
        let private_key = private_key.map(|row| row.bytes);
        messages.push(injection(InjectionKind::InstitutionKey, private_key.as_deref().unwrap_or_default()));

        let mut writer = Writer::new();
        writer.array(messages.len());
        let mut test_nonce = Hash::ZERO;
        for mut message in messages {
            let nonce = Hash(inner.ports.random.bytes());
            if message.kind == InjectionKind::InstitutionKey {
                test_nonce = nonce;
            }
            let sealed = self.seal_injection(row, &message);
            message.value.0.zeroize();
            let sealed = sealed?;
            writer.array(3).bytes(&sealed.enc).bytes(&sealed.ciphertext).bytes(&nonce.0);
        }
        Ok(InjectionRow { body: writer.into_bytes().into(), test_nonce })
    }

    fn seal_injection(&self, row: &ElementRow, message: &Injection) -> Result<Sealed, Refusal> {
        let inner = self.inner();
        let mut signed = inner.authority.sign(KeyName::Bind, message)?;
        let sealed = inner.ports.crypto.seal(&row.sealing_key, INFO, &message.element.0, signed.as_bytes());
        signed.0.0.zeroize();
        sealed.map_err(|_| Refusal::Mismatch { object: "se-csr", field: "spki-seal" })
    }

    /// The element signed the test nonce with its institution key: the platform's copy goes.
    pub(crate) fn confirm_injections(&self, element: Id16, signature: &[u8]) -> Result<(), Refusal> {
        let inner = self.inner();
        let now = inner.ports.clock.now();
        transact(&*inner.ports.store, |tx| {
            let row = find_element(tx, element)?;
            let done = InjectionDoneRow { at: now, signature: signature.into() };
            if let Some(before) = tx.put(&key(&[&element]), &done)? {
                let again = before.signature.0 == signature;
                return if again { Ok(()) } else { Err(Refusal::AlreadyConfirmed) };
            }
            let made: InjectionRow = tx.find(&key(&[&element]))?.ok_or(Refusal::Unknown("injection"))?;
            let assigned: ElementKeyRow = tx.find(&key(&[&element]))?.ok_or(Refusal::Unknown("injection"))?;
            let bad = Refusal::BadSignature { object: "ea-test", signer: "the institution key" };
            let public_key = inner.ports.crypto.public_key(&assigned.public_key).map_err(|_| bad.clone())?;
            let digest = Hash::of_parts(&[b"jushin/1/ea-test", &made.test_nonce.0]);
            public_key.verify_digest(Suite::RsaPkcs1Sha256, &digest.0, signature).map_err(|_| bad)?;

            tx.erase(Table::Injection, &key(&[&element]))?;
            tx.erase(Table::Secret, &private_key_key(row.institution, assigned.key))?;
            let [first, second] = &inner.config.key_custodians;
            let what = format!("platform's copy of the institution key erased; custodians {first}, {second}");
            self.note(tx, Some(element), &what)?;
            self.ensure_binding(tx, element)
        })
    }

    /// A secret of 32 bytes, made when it is first needed.
    pub(crate) fn secret(&self, tx: &mut (dyn Transaction + '_), name: &[u8]) -> Result<Secret, Refusal> {
        if let Some(row) = tx.find::<SecretRow>(name)? {
            return Ok(row.bytes);
        }
        let bytes: [u8; 32] = self.inner().ports.random.bytes();
        let row = SecretRow { bytes: Secret::new(&bytes) };
        tx.put(name, &row)?;
        Ok(row.bytes)
    }
}

/// Where the private half of an imported institution key waits.
pub(crate) fn private_key_key(code: InstitutionCode, certificate: Hash) -> Vec<u8> {
    key(&[&"institution key ", &code, &certificate])
}

/// Gives the element a key of its institution that no other element has; of a key that was made in the
/// element, the certificate over it.
fn assign_key(
    tx: &mut (dyn Transaction + '_),
    element: Id16,
    code: InstitutionCode,
    made_inside: Option<&[u8]>,
) -> Result<ElementKeyRow, Refusal> {
    for (_, imported) in tx.list::<InstitutionKeyRow>(Scan::all(&key(&[&code])))? {
        let assigned = ElementKeyRow {
            key: Hash::of(&imported.certificate),
            certificate: imported.certificate,
            public_key: imported.public_key,
        };
        let fits = match made_inside {
            Some(spki) => *assigned.public_key == *spki,
            None => tx.find::<SecretRow>(&private_key_key(code, assigned.key))?.is_some(),
        };
        let mut taken = b"taken ".to_vec();
        assigned.key.append(&mut taken);
        if fits && tx.find::<ElementKeyRow>(&taken)?.is_none() {
            tx.put(&taken, &assigned)?;
            tx.put(&key(&[&element]), &assigned)?;
            return Ok(assigned);
        }
    }
    Err(Refusal::NoInstitutionKey(code))
}
