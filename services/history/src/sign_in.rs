//! Signing in with the card: this service learns a pseudonym and never sees a certificate.
//!
//! The card is authenticated by the platform; what comes back here is a ticket, which the platform
//! redeems for the person's pseudonym at this service (P11).

use std::future::Future;
use std::pin::Pin;

/// A card that can be placed on the patient's reader at home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardChoice {
    /// What the form sends back.
    pub id: String,
    /// What the patient reads.
    pub label: String,
}

/// Why signing in failed, in words for the patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoginRefused {
    /// Wrong PIN.
    #[error("wrong PIN, {0} tries left")]
    WrongPin(u8),
    /// The PIN is blocked.
    #[error("the PIN is blocked")]
    PinBlocked,
    /// No such card is on the reader.
    #[error("no card")]
    NoCard,
    /// The platform does not know the card, or cannot be reached.
    #[error("the card could not be confirmed now")]
    NotConfirmed,
}

/// The answer of a [`CardLogin`]: a ticket that the platform redeems once.
pub type LoginFuture<'a> = Pin<Box<dyn Future<Output = Result<[u8; 32], LoginRefused>> + Send + 'a>>;

/// The patient's own reader, and the platform's authentication behind it.
pub trait CardLogin: Send + Sync {
    /// The cards that can be placed.
    fn cards(&self) -> Vec<CardChoice>;

    /// Authenticates the card with its PIN.
    fn login<'a>(&'a self, card: &'a str, pin: &'a str) -> LoginFuture<'a>;
}
