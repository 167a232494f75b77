//! What an operator does, sees and can look up.

use jushin_pki::{CvCertificate, KeyKind};
use jushin_statement::{Binding, BindingState, Gap, Hash, Id16, InstitutionCode, UnixMillis};

use crate::config::Institution;
use crate::enrolment::{newest_binding, newest_terminal, private_key_key};
use crate::operator::{missing, refused};
use crate::platform::Platform;
use crate::records::highest_counter;
use crate::refusal::Refusal;
use crate::store::rows::{
    ElementRow, ForkRow, InstitutionKeyRow, InstitutionRow, OperationRow, Secret, SecretRow, key, transact,
};
use crate::store::{Scan, Transaction};

/// A terminal as the operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TerminalStatus {
    /// Its element.
    pub element: Id16,
    /// The terminal; nil before it was appointed.
    pub terminal: Option<Id16>,
    /// The institution.
    pub institution: InstitutionCode,
    /// Where it stands.
    pub state: TerminalState,
    /// Seq of its newest binding; 0 before the first.
    pub binding_seq: u64,
    /// Highest counter value that was seen.
    pub counter: u64,
    /// Whether two different records of one counter value were seen.
    pub forked: bool,
    /// Counter values below a close that nothing explains (G3) and that have not arrived since.
    pub missing: Vec<Gap>,
    /// What arrived although it is void: counter values of each check-in or record.
    pub refused: Vec<Gap>,
    /// Whether the element is made up ◇.
    pub simulated: bool,
}

/// Where a terminal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TerminalState {
    /// Has a certificate, but no confirmed binding yet.
    Enrolling,
    /// May be unlocked.
    Able,
    /// Suspended: counter values from this one on are void.
    Suspended {
        /// First void one.
        from: u64,
    },
    /// Retired: counter values from this one on are void.
    Retired {
        /// First void one.
        from: u64,
    },
}

/// Something that an operator, or the platform by itself, did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// When.
    pub at: UnixMillis,
    /// About which element, if about one.
    pub element: Option<Id16>,
    /// What, in words.
    pub what: String,
}

impl Platform {
    /// Registers an institution, or replaces what was registered.
    ///
    /// # Errors
    ///
    /// [`Refusal::Mismatch`] if the code's check digit is wrong; [`Refusal::Store`].
    pub fn register_institution(&self, institution: &Institution) -> Result<(), Refusal> {
        if !institution.code.check_digit_fits() {
            return Err(Refusal::Mismatch { object: "institution", field: "check digit of the code" });
        }
        let row = InstitutionRow {
            name: institution.name.clone(),
            administrators: institution.administrators.clone(),
            jpki_acknowledged: institution.jpki_acknowledged,
        };
        transact(&*self.inner().ports.store, |tx| {
            let newest = tx.newest::<InstitutionRow>(&key(&[&institution.code]))?;
            let version = newest.and_then(|(row_key, _)| row_key.get(10..18)?.try_into().ok());
            let version = version.map_or(0, |bytes| u64::from_be_bytes(bytes) + 1);
            tx.put(&key(&[&institution.code, &version]), &row)?;
            self.note(tx, None, &format!("institution {} registered", institution.code))
        })
    }

    /// Takes an institution key with its CV certificate from the issuer's medium. One element gets it.
    /// An empty `pkcs8` brings the certificate of a key that was made inside an element.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownInstitution`]; [`Refusal::CertificateRefused`] if key, certificate, code and CA do
    /// not belong together.
    pub fn import_institution_key(
        &self,
        code: InstitutionCode,
        pkcs8: &[u8],
        certificate: &[u8],
    ) -> Result<(), Refusal> {
        let inner = self.inner();
        let crypto = &*inner.ports.crypto;
        let refused = |why: &str| Refusal::CertificateRefused { why: why.to_owned() };
        let parsed = CvCertificate::parse(certificate).map_err(|error| refused(&error.to_string()))?;
        if parsed.institution().as_deref() != Some(code.as_str()) {
            return Err(refused("it names another institution"));
        }
        if !inner.anchors.institutions.iter().any(|authority| parsed.verify(authority, crypto).is_ok()) {
            return Err(refused("no CA for institutions that is trusted made it"));
        }
        if !pkcs8.is_empty() {
            let key = crypto.private_key(pkcs8).map_err(|error| refused(&error.to_string()))?;
            if key.kind() != KeyKind::Rsa2048 || key.spki() != parsed.spki() {
                return Err(refused("the private key is another one's"));
            }
        }
        let hash = Hash::of(certificate);
        transact(&*inner.ports.store, |tx| {
            if tx.newest::<InstitutionRow>(&key(&[&code]))?.is_none() {
                return Err(Refusal::UnknownInstitution(code));
            }
            let row = InstitutionKeyRow { certificate: certificate.into(), public_key: parsed.spki().into() };
            if tx.put(&key(&[&code, &hash]), &row)?.is_none() && !pkcs8.is_empty() {
                tx.put(&private_key_key(code, hash), &SecretRow { bytes: Secret::new(pkcs8) })?;
            }
            self.note(tx, None, &format!("institution key of {code} imported"))
        })
    }

    /// Takes a terminal out of use: stolen, lost, under review. `from` is the first counter value that is
    /// void; nil: the one after the last that the platform has seen. Known to the unlock at once.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownElement`], [`Refusal::NotBound`], [`Refusal::OutOfUse`] for a retired one,
    /// [`Refusal::Store`].
    pub fn suspend(&self, element: Id16, from: Option<u64>, why: &str) -> Result<Binding, Refusal> {
        self.change(element, BindingState::Suspended, from, why)
    }

    /// Puts a suspended terminal back into use. `from` must be above every counter value that the element
    /// has written; nil: above all that the platform has seen. The element needs the new binding before it
    /// can be unlocked.
    ///
    /// # Errors
    ///
    /// As [`Platform::suspend`].
    pub fn resume(&self, element: Id16, from: Option<u64>, why: &str) -> Result<Binding, Refusal> {
        self.change(element, BindingState::InUse, from, why)
    }

    /// Retires a terminal for ever.
    ///
    /// # Errors
    ///
    /// As [`Platform::suspend`].
    pub fn retire(&self, element: Id16, from: Option<u64>, why: &str) -> Result<Binding, Refusal> {
        self.change(element, BindingState::Retired, from, why)
    }

    fn change(
        &self,
        element: Id16,
        state: BindingState,
        from: Option<u64>,
        why: &str,
    ) -> Result<Binding, Refusal> {
        let now = self.inner().ports.clock.now();
        let binding = transact(&*self.inner().ports.store, |tx| {
            let binding = self.change_binding(tx, element, state, from, why)?;
            if let (BindingState::Suspended | BindingState::Retired, Some(from)) = (state, from) {
                // What is void now may have been valid before.
                self.judge_from(tx, element, from, now)?;
            }
            Ok(binding)
        })?;
        self.inner().wake.notify_one();
        Ok(binding)
    }

    /// All terminals.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`].
    pub fn terminals(&self) -> Result<Vec<TerminalStatus>, Refusal> {
        transact(&*self.inner().ports.store, |tx| {
            let mut terminals = Vec::new();
            for (row_key, row) in tx.list::<ElementRow>(Scan::all(&[]))? {
                if let Ok(element) = row_key.try_into().map(Id16) {
                    terminals.push(status(tx, element, &row)?);
                }
            }
            Ok(terminals)
        })
    }

    /// The newest operations, newest first.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`].
    pub fn operations(&self, limit: usize) -> Result<Vec<Operation>, Refusal> {
        transact(&*self.inner().ports.store, |tx| {
            let rows = tx.list::<OperationRow>(Scan { backwards: true, limit, ..Scan::all(&[]) })?;
            Ok(rows
                .into_iter()
                .map(|(_, row)| Operation { at: row.at, element: row.element, what: row.what })
                .collect())
        })
    }

    /// Writes into the log of operations.
    pub(crate) fn note(
        &self,
        tx: &mut (dyn Transaction + '_),
        element: Option<Id16>,
        what: &str,
    ) -> Result<(), Refusal> {
        let ports = &self.inner().ports;
        let at = ports.clock.now();
        // Random, so that two operations of one millisecond are two rows; the rising part keeps their order.
        let row_key = key(&[&at.0, &self.inner().next_operation(), &Id16(ports.random.bytes())]);
        tx.put(&row_key, &OperationRow { at, element, what: what.to_owned() })?;
        Ok(())
    }
}

pub(crate) fn status(
    tx: &mut (dyn Transaction + '_),
    element: Id16,
    row: &ElementRow,
) -> Result<TerminalStatus, Refusal> {
    let binding = newest_binding(tx, element)?;
    let from = binding.as_ref().and_then(|newest| newest.binding.from_counter).unwrap_or_default();
    let state = match &binding {
        None => TerminalState::Enrolling,
        Some(newest) => match newest.binding.state {
            BindingState::Suspended => TerminalState::Suspended { from },
            BindingState::Retired => TerminalState::Retired { from },
            BindingState::InUse if newest.confirmed => TerminalState::Able,
            BindingState::InUse => TerminalState::Enrolling,
        },
    };
    Ok(TerminalStatus {
        element,
        terminal: newest_terminal(tx, element)?.map(|(_, terminal)| terminal.terminal),
        institution: row.institution,
        state,
        binding_seq: binding.map_or(0, |newest| newest.binding.seq),
        counter: highest_counter(tx, element)?,
        forked: tx.newest::<ForkRow>(&element.0)?.is_some(),
        missing: missing(tx, element)?,
        refused: refused(tx, element)?,
        simulated: row.simulated,
    })
}
