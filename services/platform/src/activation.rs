//! The service provider's half of an activation (P2): challenge, token, activation, anchor.

use jushin_statement::{
    Activation, Anchor, Binding, BindingState, Bytes, Challenge, Embedded, Hash, Hello, Id16, Object as _,
    Signed, TickKind, TickSpec, TickStamp1, TickStamp2, Unlock, online_anchor_hash,
};

use crate::authority::KeyName;
use crate::enrolment::{StoredBinding, find_element, newest_binding};
use crate::nonce::{About, Purpose, spend};
use crate::platform::{Platform, blocking};
use crate::records::{highest_counter, take_record};
use crate::refusal::Refusal;
use crate::store::Transaction;
use crate::store::rows::{AnchorRow, BindingRow, UnlockOfActivationRow, UnlockRow, key, transact};
use crate::verify::{Signer, unverified, verified};

/// In date mode an activation allows at most so many check-ins.
const DATE_MODE_BEGINS: u64 = 500;

/// A TickStamp1 that passed every check of the service provider.
struct Admitted {
    stamp: TickStamp1,
    signed: Signed,
    binding: StoredBinding,
    kind: TickKind,
    /// The time-stamping authority whose turn it is.
    first: usize,
}

/// What checking a TickStamp1 found.
enum Admission {
    /// It was answered before.
    Answered(Unlock),
    /// It is to be time-stamped.
    New(Box<Admitted>),
}

impl Platform {
    /// A challenge for an element that may be unlocked.
    pub(crate) fn challenge(&self, hello: &Hello) -> Result<Challenge, Refusal> {
        transact(&*self.inner().ports.store, |tx| {
            find_element(tx, hello.element)?;
            let newest = binding_in_use(tx, hello.element)?;
            if hello.binding_seq != newest.binding.seq {
                return Err(Refusal::StaleBinding { held: hello.binding_seq, newest: newest.binding.seq });
            }
            confirmed(&newest)
        })?;
        let about = About { element: Some(hello.element), ..About::default() };
        let (nonce, provider_time) = self.issue_nonce(Purpose::Activation, about)?;
        Ok(Challenge { nonce, provider_time, element: hello.element })
    }

    /// Time-stamps a TickStamp1 and unlocks its element. The same stamp again gets the same answer.
    pub(crate) async fn unlock(&self, signed: Signed) -> Result<Unlock, Refusal> {
        let platform = self.clone();
        let admitted = match blocking(move || platform.admit_stamp(signed)).await? {
            Admission::Answered(unlock) => return Ok(unlock),
            Admission::New(admitted) => admitted,
        };
        let (token, time_stamper) = self.time_stamp(&admitted.signed, admitted.first).await?;
        let platform = self.clone();
        blocking(move || platform.activate(*admitted, token, time_stamper)).await
    }

    /// Everything that is checked before the time-stamping authority is asked; spends the nonce.
    fn admit_stamp(&self, signed: Signed) -> Result<Admission, Refusal> {
        let inner = self.inner();
        let now = inner.ports.clock.now();
        transact(&*inner.ports.store, |tx| {
            let claimed: TickStamp1 = unverified(&signed)?;
            let element = find_element(tx, claimed.element)?;
            let stamp: TickStamp1 =
                verified(&*inner.ports.crypto, &signed, Signer::element(&element.device_key))?;
            if let Some(unlock) = answered(tx, &stamp)? {
                return Ok(Admission::Answered(unlock));
            }
            let binding = binding_in_use(tx, stamp.element)?;
            confirmed(&binding)?;
            if stamp.binding != binding.hash {
                return Err(Refusal::Mismatch { object: "ts1", field: "bind-h" });
            }
            let nonce = spend(tx, Purpose::Activation, stamp.nonce, now)?;
            if nonce.element != Some(stamp.element) || nonce.at != stamp.provider_time {
                return Err(Refusal::StaleNonce { lifetime_ms: Purpose::Activation.lifetime_ms() });
            }
            let seen = highest_counter(tx, stamp.element)?;
            if stamp.counter <= seen {
                return Err(Refusal::CounterWentBack { shown: stamp.counter, seen });
            }
            take_record(tx, stamp.element, stamp.counter, &signed, now)?;
            let first = self.whose_turn(tx, stamp.element)?;
            let kind = element.tick.kind;
            Ok(Admission::New(Box::new(Admitted { stamp, signed: signed.clone(), binding, kind, first })))
        })
    }

    /// The authority after the one that stamped for this element last.
    pub(crate) fn whose_turn(
        &self,
        tx: &mut (dyn Transaction + '_),
        element: Id16,
    ) -> Result<usize, Refusal> {
        let newest = tx.newest::<UnlockRow>(&element.0)?;
        let next = newest.map_or(0, |(_, row)| usize::try_from(row.time_stamper).unwrap_or(0) + 1);
        Ok(next.checked_rem(self.inner().config.time_stampers.len()).unwrap_or(0))
    }

    /// Signs the activation and keeps it with its token.
    fn activate(&self, admitted: Admitted, token: Vec<u8>, time_stamper: usize) -> Result<Unlock, Refusal> {
        let inner = self.inner();
        let Admitted { stamp, signed, binding, kind, .. } = admitted;
        let policy = binding.binding.policy;
        let begins = match kind {
            TickKind::Time => policy.begins_online,
            TickKind::Date => policy.begins_online.min(DATE_MODE_BEGINS),
        };
        let activation = Activation {
            id: Id16(inner.ports.random.bytes()),
            element: stamp.element,
            cycle: stamp.ticks.cycle,
            counter: stamp.counter,
            stamp: stamp.hash(),
            token: Hash::of(&token),
            binding_seq: binding.binding.seq,
            begins,
            max_ticks: policy.ticks_online,
        };
        let row = UnlockRow {
            stamp: signed,
            token: token.into(),
            activation: inner.authority.sign(KeyName::Provider, &activation)?,
            time_stamper: time_stamper as u64,
            at: inner.ports.clock.now(),
        };
        transact(&*inner.ports.store, |tx| {
            // Suspended while the token was on its way: no unlock.
            binding_in_use(tx, stamp.element)?;
            tx.put(&key(&[&stamp.element, &stamp.counter]), &row)?;
            let index = UnlockOfActivationRow { counter: stamp.counter };
            tx.put(&key(&[&stamp.element, &activation.id]), &index)?;
            Ok(unlock_of(&row))
        })
    }

    /// Keeps the anchor that a TickStamp2 closes, unless its bracket is too wide.
    pub(crate) fn anchor(&self, signed: &Signed) -> Result<(), Refusal> {
        let inner = self.inner();
        let now = inner.ports.clock.now();
        let too_wide = transact(&*inner.ports.store, |tx| {
            let claimed: TickStamp2 = unverified(signed)?;
            let element = find_element(tx, claimed.element)?;
            let second: TickStamp2 =
                verified(&*inner.ports.crypto, signed, Signer::element(&element.device_key))?;
            let unlock = unlock_of_activation(tx, second.element, second.activation)?;
            let first: TickStamp1 = unverified(&unlock.stamp)?;
            let activation: Activation = unverified(&unlock.activation)?;
            closes(&first, &activation, &unlock.token, &second)?;
            take_record(tx, second.element, second.counter, signed, now)?;

            let ticks = second.ticks.count - first.ticks.count;
            let found_ms = bracket_ms(element.tick, ticks);
            let allowed_ms = bracket_allowed(tx, &activation)?;
            if found_ms > allowed_ms {
                return Ok(Some(Refusal::BracketTooWide { allowed_ms, found_ms }));
            }
            let hash = online_anchor_hash(first.hash(), activation.token, activation.hash(), second.hash());
            let anchor = Embedded(Anchor::Online {
                stamp1: unlock.stamp,
                token: unlock.token,
                activation: unlock.activation,
                stamp2: signed.clone(),
            });
            tx.put(&key(&[&second.element, &first.counter, &hash]), &AnchorRow { anchor, at: now })?;
            Ok(None)
        })?;
        too_wide.map_or(Ok(()), Err)
    }
}

/// The newest binding, if the terminal is in use.
fn binding_in_use(tx: &mut (dyn Transaction + '_), element: Id16) -> Result<StoredBinding, Refusal> {
    let newest = newest_binding(tx, element)?.ok_or(Refusal::NotBound(element))?;
    match newest.binding.state {
        BindingState::InUse => Ok(newest),
        state => Err(Refusal::OutOfUse { state, from: newest.binding.from_counter.unwrap_or_default() }),
    }
}

fn confirmed(binding: &StoredBinding) -> Result<(), Refusal> {
    if binding.confirmed { Ok(()) } else { Err(Refusal::NotBound(binding.binding.element)) }
}

/// The answer that a stamp got before; counts the attempt.
fn answered(tx: &mut (dyn Transaction + '_), stamp: &TickStamp1) -> Result<Option<Unlock>, Refusal> {
    let row_key = key(&[&stamp.element, &stamp.counter]);
    let Some(row) = tx.find::<UnlockRow>(&row_key)? else { return Ok(None) };
    let known: TickStamp1 = unverified(&row.stamp)?;
    if known != *stamp {
        return Ok(None);
    }
    binding_in_use(tx, stamp.element)?;
    tx.put(&row_key, &row)?;
    Ok(Some(unlock_of(&row)))
}

fn unlock_of_activation(
    tx: &mut (dyn Transaction + '_),
    element: Id16,
    activation: Id16,
) -> Result<UnlockRow, Refusal> {
    let unknown = Refusal::Unknown("activation");
    let index: UnlockOfActivationRow = tx.find(&key(&[&element, &activation]))?.ok_or(unknown.clone())?;
    tx.find(&key(&[&element, &index.counter]))?.ok_or(unknown)
}

fn unlock_of(row: &UnlockRow) -> Unlock {
    Unlock { token: row.token.clone(), activation: row.activation.clone(), grant: None }
}

/// The widest bracket under the binding that was activated.
fn bracket_allowed(tx: &mut (dyn Transaction + '_), activation: &Activation) -> Result<u64, Refusal> {
    let row: Option<BindingRow> = tx.find(&key(&[&activation.element, &activation.binding_seq]))?;
    let binding: Binding = unverified(&row.ok_or(Refusal::Unknown("binding"))?.signed)?;
    Ok(binding.policy.bracket_ms)
}

/// Whether a TickStamp2 closes the bracket of this activation.
fn closes(
    first: &TickStamp1,
    activation: &Activation,
    token: &Bytes,
    second: &TickStamp2,
) -> Result<(), Refusal> {
    let field = if second.token != Hash::of(token) {
        "tst-h"
    } else if second.activation_hash != activation.hash() {
        "act-h"
    } else if second.ticks.cycle != first.ticks.cycle || second.ticks.count < first.ticks.count {
        "t"
    } else if second.counter <= first.counter {
        "ctr"
    } else {
        return Ok(());
    };
    Err(Refusal::Mismatch { object: "ts2", field })
}

/// Width of a bracket of `ticks` ticks, (ticks + 1)·tau/(1 − rho), rounded up to a millisecond; 0 in date
/// mode.
fn bracket_ms(tick: TickSpec, ticks: u64) -> u64 {
    let microseconds = u128::from(ticks).saturating_add(1).saturating_mul(u128::from(tick.tau_us));
    let scaled = microseconds.saturating_mul(1_000_000);
    let slowest = u128::from(1_000_000_u64.saturating_sub(tick.rho_ppm).max(1)) * 1_000;
    u64::try_from(scaled.div_ceil(slowest)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bracket_is_as_wide_as_its_ticks_and_one_more_on_the_slowest_clock() {
        let tick = |tau_us, rho_ppm| TickSpec { kind: TickKind::Time, tau_us, rho_ppm };
        for (tau_us, rho_ppm, ticks, expected) in
            [(1_000, 0, 0, 1), (1_000, 0, 99, 100), (1_000, 100, 99, 101), (1_000_000, 500_000, 0, 2_000)]
        {
            assert_eq!(bracket_ms(tick(tau_us, rho_ppm), ticks), expected, "{tau_us} {rho_ppm} {ticks}");
        }
        assert_eq!(bracket_ms(TickSpec { kind: TickKind::Date, tau_us: 0, rho_ppm: 0 }, 9), 0);
    }
}
