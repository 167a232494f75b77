//! Bindings: element, terminal, institution, administrators (P1, steps 6 and 8).

use jushin_statement::{
    Administrator, AdministratorKind, Binding, BindingAck, BindingState, Hash, Id16, Signed, UnixMillis,
};

use crate::authority::KeyName;
use crate::enrolment::find_element;
use crate::enrolment::terminal::newest_terminal;
use crate::log::Entry;
use crate::platform::Platform;
use crate::records::{highest_counter, take_record};
use crate::refusal::Refusal;
use crate::store::rows::{
    BindingAckRow, BindingRow, ElementKeyRow, InjectionDoneRow, InstitutionRow, key, transact,
};
use crate::store::{Scan, Transaction};
use crate::verify::{Signer, unverified, verified};

/// How long a binding is good for: five years of 365 days, in milliseconds.
const LIFETIME_MS: u64 = 5 * 365 * 86_400_000;

/// A binding that is stored.
pub(crate) struct StoredBinding {
    /// What it says.
    pub(crate) binding: Binding,
    /// As signed.
    pub(crate) signed: Signed,
    /// SHA-256 of its payload.
    pub(crate) hash: Hash,
    /// Whether the element has confirmed it.
    pub(crate) confirmed: bool,
}

/// The newest binding of an element.
pub(crate) fn newest_binding(
    tx: &mut (dyn Transaction + '_),
    element: Id16,
) -> Result<Option<StoredBinding>, Refusal> {
    let Some((row_key, row)) = tx.newest::<BindingRow>(&key(&[&element]))? else { return Ok(None) };
    let binding: Binding = unverified(&row.signed)?;
    let hash = payload_hash(&row.signed)?;
    let confirmed = tx.find::<BindingAckRow>(&row_key)?.is_some();
    Ok(Some(StoredBinding { binding, signed: row.signed, hash, confirmed }))
}

/// When an operator put the terminal back into use last, if ever. Another terminal key or administrator makes
/// a new binding too, and says nothing about what was missing before.
pub(crate) fn resumed(tx: &mut (dyn Transaction + '_), element: Id16) -> Result<Option<UnixMillis>, Refusal> {
    let mut resumed = None;
    for (_, row) in tx.list::<BindingRow>(Scan::all(&element.0))? {
        let binding: Binding = unverified(&row.signed)?;
        if binding.state == BindingState::InUse && binding.from_counter.is_some() {
            resumed = Some(row.at);
        }
    }
    Ok(resumed)
}

pub(crate) fn payload_hash(signed: &Signed) -> Result<Hash, Refusal> {
    let sign1 = signed.parse().map_err(|why| Refusal::Malformed { object: "COSE_Sign1", why })?;
    Ok(sign1.payload_hash())
}

impl Platform {
    /// The newest binding, for the element to store.
    pub(crate) fn binding(&self, element: Id16) -> Result<Signed, Refusal> {
        transact(&*self.inner().ports.store, |tx| {
            find_element(tx, element)?;
            let newest = newest_binding(tx, element)?.ok_or(Refusal::Unknown("binding"))?;
            Ok(newest.signed)
        })
    }

    /// Issues a binding once secrets are confirmed and a terminal is appointed, and again when another
    /// terminal is.
    pub(crate) fn ensure_binding(
        &self,
        tx: &mut (dyn Transaction + '_),
        element: Id16,
    ) -> Result<(), Refusal> {
        let Some((_, terminal)) = newest_terminal(tx, element)? else { return Ok(()) };
        let Some(_) = tx.find::<InjectionDoneRow>(&key(&[&element]))? else { return Ok(()) };
        let terminal_key = Hash::of(&terminal.key);
        match newest_binding(tx, element)? {
            Some(newest) if newest.binding.terminal_key == terminal_key => Ok(()),
            Some(newest) if newest.binding.state != BindingState::InUse => Ok(()),
            newest => {
                let seq = newest.map_or(1, |newest| newest.binding.seq + 1);
                self.issue_binding(tx, element, seq, BindingState::InUse, None).map(|_| ())
            }
        }
    }

    /// Signs and stores a binding from what is registered now.
    fn issue_binding(
        &self,
        tx: &mut (dyn Transaction + '_),
        element: Id16,
        seq: u64,
        state: BindingState,
        from_counter: Option<u64>,
    ) -> Result<Binding, Refusal> {
        let inner = self.inner();
        let row = find_element(tx, element)?;
        let (_, terminal) = newest_terminal(tx, element)?.ok_or(Refusal::NotBound(element))?;
        let assigned: ElementKeyRow = tx.find(&key(&[&element]))?.ok_or(Refusal::NotBound(element))?;
        let (_, institution): (_, InstitutionRow) =
            tx.newest(&key(&[&row.institution]))?.ok_or(Refusal::UnknownInstitution(row.institution))?;
        let now = inner.ports.clock.now();
        let binding = Binding {
            id: Id16(inner.ports.random.bytes()),
            seq,
            state,
            from_counter,
            element,
            terminal: terminal.terminal,
            terminal_key: Hash::of(&terminal.key),
            institution: row.institution,
            certificate: assigned.key,
            administrators: allowed_administrators(&institution),
            provider_key: Hash::of(&inner.authority.spki(KeyName::Provider)),
            time_stampers: inner.anchors.time_stamper_hashes(),
            not_before: now,
            not_after: UnixMillis(now.0.saturating_add(LIFETIME_MS)),
            policy: inner.config.policy,
        };
        let signed = inner.authority.sign(KeyName::Bind, &binding)?;
        let hash = payload_hash(&signed)?;
        tx.put(&key(&[&element, &seq]), &BindingRow { signed, at: now })?;
        self.enter(tx, Entry::Binding, hash, now)?;
        Ok(binding)
    }

    /// The element has stored a binding.
    pub(crate) fn acknowledge_binding(&self, signed: &Signed) -> Result<(), Refusal> {
        let inner = self.inner();
        let now = inner.ports.clock.now();
        transact(&*inner.ports.store, |tx| {
            let claimed: BindingAck = unverified(signed)?;
            let element = find_element(tx, claimed.element)?;
            let ack: BindingAck =
                verified(&*inner.ports.crypto, signed, Signer::element(&element.device_key))?;
            let row_key = key(&[&ack.element, &ack.seq]);
            let row: BindingRow = tx.find(&row_key)?.ok_or(Refusal::Unknown("binding"))?;
            if payload_hash(&row.signed)? != ack.binding {
                return Err(Refusal::Mismatch { object: "bind-ack", field: "bind-h" });
            }
            take_record(tx, ack.element, ack.counter, signed, now)?;
            tx.put(&row_key, &BindingAckRow { signed: signed.clone(), at: now })?;
            Ok(())
        })
    }

    /// Suspends, resumes or retires by a new binding, which the unlock sees at once.
    pub(crate) fn change_binding(
        &self,
        tx: &mut (dyn Transaction + '_),
        element: Id16,
        state: BindingState,
        from: Option<u64>,
        why: &str,
    ) -> Result<Binding, Refusal> {
        find_element(tx, element)?;
        let newest = newest_binding(tx, element)?.ok_or(Refusal::NotBound(element))?.binding;
        if newest.state == BindingState::Retired {
            let from = newest.from_counter.unwrap_or_default();
            return Err(Refusal::OutOfUse { state: newest.state, from });
        }
        let from = match from {
            Some(from) => from,
            None => highest_counter(tx, element)? + 1,
        };
        let binding = self.issue_binding(tx, element, newest.seq + 1, state, Some(from))?;
        let word = match state {
            BindingState::InUse => "resumed",
            BindingState::Suspended => "suspended",
            BindingState::Retired => "retired",
        };
        self.note(tx, Some(element), &format!("{word} from counter {from}: {why}"))?;
        Ok(binding)
    }
}

/// The named administrators, JPKI cards only behind the recorded acknowledgement.
fn allowed_administrators(institution: &InstitutionRow) -> Vec<Administrator> {
    let allowed = |administrator: &&Administrator| {
        administrator.kind == AdministratorKind::Hpki || institution.jpki_acknowledged.is_some()
    };
    institution.administrators.iter().filter(allowed).copied().collect()
}
