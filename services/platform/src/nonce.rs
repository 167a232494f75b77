//! Numbers used once.

use jushin_statement::{Hash, Id16, InstitutionCode, UnixMillis};

use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::store::Transaction;
use crate::store::rows::{NonceRow, NonceSpentRow, key, transact};

/// What a number is for: one given out for one purpose is void for every other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A certificate request of an element.
    Enrolment,
    /// A TickStamp1.
    Activation,
    /// A patient's sign-in ◇.
    SignIn,
    /// The ticket of a sign-in.
    Ticket,
    /// A close.
    Close,
}

impl Purpose {
    /// How long one lives, in milliseconds.
    pub(crate) const fn lifetime_ms(self) -> u64 {
        match self {
            Self::Enrolment => 600_000,
            Self::Activation | Self::SignIn | Self::Ticket => 60_000,
            Self::Close => 86_400_000,
        }
    }

    const fn prefix(self) -> &'static str {
        match self {
            Self::Enrolment => "enrolment ",
            Self::Activation => "activation ",
            Self::SignIn => "sign-in ",
            Self::Ticket => "ticket ",
            Self::Close => "close ",
        }
    }
}

/// What a number was given out for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct About {
    /// The element.
    pub(crate) element: Option<Id16>,
    /// The institution.
    pub(crate) institution: Option<InstitutionCode>,
    /// A person handle.
    pub(crate) subject: Option<Hash>,
}

impl Platform {
    /// Gives out a number.
    pub(crate) fn issue_nonce(&self, purpose: Purpose, about: About) -> Result<(Hash, UnixMillis), Refusal> {
        let ports = &self.inner().ports;
        let (nonce, at) = (Hash(ports.random.bytes()), ports.clock.now());
        transact(&*ports.store, |tx| {
            let row = NonceRow {
                at,
                element: about.element,
                institution: about.institution,
                subject: about.subject,
            };
            tx.put(&key(&[&purpose.prefix(), &nonce]), &row)?;
            Ok((nonce, at))
        })
    }
}

/// A number that could be spent now.
pub(crate) fn unspent(
    tx: &mut (dyn Transaction + '_),
    purpose: Purpose,
    nonce: Hash,
    now: UnixMillis,
) -> Result<NonceRow, Refusal> {
    let stale = Refusal::StaleNonce { lifetime_ms: purpose.lifetime_ms() };
    let key = key(&[&purpose.prefix(), &nonce]);
    let row: NonceRow = tx.find(&key)?.ok_or_else(|| stale.clone())?;
    let young = now >= row.at && now.0 - row.at.0 <= purpose.lifetime_ms();
    let spent = tx.find::<NonceSpentRow>(&key)?.is_some();
    if young && !spent { Ok(row) } else { Err(stale) }
}

/// Spends a number: it was given out for this purpose, is young enough, and is spent for the first time.
pub(crate) fn spend(
    tx: &mut (dyn Transaction + '_),
    purpose: Purpose,
    nonce: Hash,
    now: UnixMillis,
) -> Result<NonceRow, Refusal> {
    let row = unspent(tx, purpose, nonce, now)?;
    tx.put(&key(&[&purpose.prefix(), &nonce]), &NonceSpentRow { at: now })?;
    Ok(row)
}
