//! ADM-BUILD and ADM-PUT: activation by an administrator's card (P2, offline).

use jushin_pki::{Certificate, Suite};
use jushin_statement::{AdminActivation, Alg, Hash, Id16, Object, Signed};

use super::Element;
use super::journal::for_card;
use super::memory::{Active, Begins, Phase};
use super::stop::Stop;
use crate::apdu::StatusWord;
use crate::exchange::{AdminActivated, AdminClaim, AdminRequest, AdminResponse, State};

/// Wrong ADM-PUTs after which only the service provider unlocks.
const MAX_FAILURES: u64 = 5;

impl Element {
    /// Reserves the next counter value and writes nothing.
    pub(super) fn build_admin_activation(&mut self, input: AdminClaim) -> Result<AdminRequest, Stop> {
        self.require_state(&[State::Bound])?;
        self.require_booted()?;
        self.require_paired()?;
        self.require_usable_key()?;
        let begins = self.offline_begins_left()?;
        if self.memory.journal.admin_failures >= MAX_FAILURES || begins == 0 {
            return Err(StatusWord::Exhausted.into());
        }
        let journal = self.memory.journal.clone();
        let place = self.place_after(&journal)?;
        let bound = self.bound()?;
        let (institution, binding) = (bound.binding.institution, bound.hash);
        let admin = AdminActivation {
            element: place.element,
            institution,
            binding,
            ticks: place.ticks,
            counter: place.counter,
            nonce: Id16(self.random_bytes()),
            claimed: input.claimed,
            last_anchor: journal.last_anchor,
            begins,
            previous: place.previous,
        };
        let to_be_signed = for_card(&admin, Alg::Rs256);
        self.memory.admin = Some(admin);
        Ok(AdminRequest { to_be_signed: to_be_signed.into(), grant_input: None })
    }

    /// Takes the administrator's signature. The certificate's validity is judged by the verifier, at the
    /// proven time: the element has no clock.
    pub(super) fn put_admin_activation(&mut self, input: AdminResponse) -> Result<AdminActivated, Stop> {
        self.require_state(&[State::Bound])?;
        let Some(admin) = self.memory.admin.clone() else {
            return Err(StatusWord::WrongState.into());
        };
        self.require_usable_key()?;
        if self.memory.journal.admin_failures >= MAX_FAILURES {
            return Err(StatusWord::Exhausted.into());
        }
        let mut journal = self.memory.journal.clone();
        if journal.counter.checked_add(1) != Some(admin.counter) || journal.head != admin.previous {
            return Err(StatusWord::WrongState.into());
        }
        if input.grant.is_some() {
            return Err(StatusWord::Malformed.into());
        }
        let certificate = Certificate::parse(&input.certificate).map_err(|_| StatusWord::Malformed)?;
        if let Err(word) = self.check_administrator(&admin, certificate.spki(), &input.signature) {
            journal.admin_failures += 1;
            self.persist(journal, &[])?;
            return Err(word.into());
        }

        let ticks_offline = self.bound()?.binding.policy.ticks_offline;
        let signed = Signed::assemble(Alg::Rs256, None, &admin.encode(), &input.signature);
        let anchor = signed.imprint();
        journal.counter = admin.counter;
        journal.head = admin.hash();
        journal.record = Some(signed);
        journal.boot = None;
        journal.last_anchor = anchor;
        journal.admin_failures = 0;
        self.persist(journal, &[])?;
        self.memory.admin = None;
        self.memory.stamp1 = None;
        self.memory.phase = Phase::Active(Active {
            anchor,
            begins: Begins::Offline,
            since: admin.ticks.count,
            max_ticks: ticks_offline,
        });
        Ok(AdminActivated { anchor })
    }

    fn check_administrator(
        &self,
        admin: &AdminActivation,
        spki: &[u8],
        signature: &[u8],
    ) -> Result<(), StatusWord> {
        let key_hash = Hash::of(spki);
        let binding = self.memory.bound.as_ref().ok_or(StatusWord::WrongState)?;
        if !binding.binding.administrators.iter().any(|administrator| administrator.key == key_hash) {
            return Err(StatusWord::UnknownKey);
        }
        let key = self.crypto.public_key(spki).map_err(|_| StatusWord::UnknownKey)?;
        let to_be_signed = for_card(admin, Alg::Rs256);
        key.verify(Suite::RsaPkcs1Sha256, &to_be_signed, signature).map_err(|_| StatusWord::WrongSignature)
    }

    /// What the binding's offline budget still allows since the last online activation; power cycles
    /// refill nothing.
    pub(super) fn offline_begins_left(&self) -> Result<u64, Stop> {
        let allowed = self.bound()?.binding.policy.begins_offline;
        Ok(allowed.saturating_sub(self.memory.journal.offline_begins))
    }
}
