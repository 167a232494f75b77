//! The administrator's card appoints the key of a terminal (P1, step 5).

use jushin_statement::{Administrator, AdministratorKind, Appointment, Bytes, Hash, Id16, Signed};

use crate::enrolment::find_element;
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::store::Transaction;
use crate::store::rows::{InstitutionRow, TerminalRow, key, transact};
use crate::verify::{Signer, unverified, verified};

impl Platform {
    /// Certifies a terminal's key; the same appointment again gets the same certificate.
    pub(crate) async fn appoint(
        &self,
        [signed, administrator, terminal_key]: [Bytes; 3],
    ) -> Result<Vec<u8>, Refusal> {
        let signed = Signed(signed);
        let card = self.administrator(&administrator)?;
        let appointment: Appointment = unverified(&signed)?;
        self.admit_administrator(&appointment, &card)?;
        let _: Appointment =
            verified(&*self.inner().ports.crypto, &signed, Signer::administrator(&card.spki))?;
        self.require_good(&card.path).await?;
        let platform = self.clone();
        crate::platform::blocking(move || {
            platform.certify_terminal(&signed, &appointment, administrator, terminal_key)
        })
        .await
    }

    /// Whether the institution named this card, and whether a card of this kind may serve there.
    fn admit_administrator(
        &self,
        appointment: &Appointment,
        card: &AdministratorCard,
    ) -> Result<(), Refusal> {
        let code = appointment.institution;
        transact(&*self.inner().ports.store, |tx| {
            let element = find_element(tx, appointment.element)?;
            if element.institution != code {
                return Err(Refusal::Mismatch { object: "appoint", field: "i" });
            }
            let (_, institution): (_, InstitutionRow) =
                tx.newest(&key(&[&code]))?.ok_or(Refusal::UnknownInstitution(code))?;
            if card.kind == AdministratorKind::Jpki && institution.jpki_acknowledged.is_none() {
                return Err(Refusal::AcknowledgementMissing(code));
            }
            let wanted = Administrator { kind: card.kind, key: Hash::of(&card.spki) };
            if institution.administrators.contains(&wanted) {
                Ok(())
            } else {
                Err(Refusal::AdministratorNotAppointed(code))
            }
        })
    }

    fn certify_terminal(
        &self,
        signed: &Signed,
        appointment: &Appointment,
        administrator: Bytes,
        terminal_key: Bytes,
    ) -> Result<Vec<u8>, Refusal> {
        let inner = self.inner();
        let kind = inner.ports.crypto.public_key(&terminal_key).map(|key| key.kind());
        if kind != Ok(jushin_pki::KeyKind::P256) || Hash::of(&terminal_key) != appointment.terminal_key {
            return Err(Refusal::Mismatch { object: "appoint", field: "term-key" });
        }
        let now = inner.ports.clock.now();
        let certificate = inner.authority.terminal(&terminal_key, appointment.terminal, now)?;
        transact(&*inner.ports.store, |tx| {
            if let Some((known_key, known)) = newest_terminal(tx, appointment.element)?
                && same_payload(&known.appointment, signed)
            {
                tx.put(&known_key, &known)?;
                return Ok(known.certificate.0);
            }
            let row = TerminalRow {
                terminal: appointment.terminal,
                key: terminal_key.clone(),
                certificate: certificate.clone().into(),
                appointment: signed.clone(),
                administrator: administrator.clone(),
                at: now,
            };
            tx.put(&key(&[&appointment.element, &now.0]), &row)?;
            self.note(
                tx,
                Some(appointment.element),
                &format!("terminal {} appointed", appointment.terminal),
            )?;
            self.ensure_binding(tx, appointment.element)?;
            Ok(certificate.clone())
        })
    }
}

/// An administrator's card as its certificate shows it.
pub(crate) struct AdministratorCard {
    /// Which PKI.
    pub(crate) kind: AdministratorKind,
    /// DER SubjectPublicKeyInfo.
    pub(crate) spki: Vec<u8>,
    /// The certificate, validated.
    pub(crate) path: jushin_pki::ValidPath,
}

fn same_payload(one: &Signed, other: &Signed) -> bool {
    match (one.parse(), other.parse()) {
        (Ok(one), Ok(other)) => one.payload == other.payload,
        _ => false,
    }
}

/// The terminal that was appointed last for an element.
pub(crate) fn newest_terminal(
    tx: &mut (dyn Transaction + '_),
    element: Id16,
) -> Result<Option<(Vec<u8>, TerminalRow)>, Refusal> {
    Ok(tx.newest(&key(&[&element]))?)
}
