//! A reader in the same process, from which the card can be pulled at any moment.

use super::VirtualCard;
use crate::apdu::{CommandBytes, Response};
use crate::transport::{CardTransport, TransportError};

/// A reader ◇ with at most one virtual card in it.
#[derive(Debug, Default)]
pub struct VirtualReader {
    card: Option<VirtualCard>,
    was_reset: bool,
    /// After how many further commands the card's holder takes it away.
    patience: Option<u32>,
}

impl VirtualReader {
    /// An empty reader.
    #[must_use]
    pub const fn new() -> Self {
        Self { card: None, was_reset: false, patience: None }
    }

    /// A reader with this card in it.
    #[must_use]
    pub fn with(card: VirtualCard) -> Self {
        let mut reader = Self::new();
        reader.insert(card);
        reader
    }

    /// Puts a card in, powered on afresh, and gives back the one that was there.
    pub fn insert(&mut self, mut card: VirtualCard) -> Option<VirtualCard> {
        card.reset();
        self.was_reset = true;
        self.patience = None;
        self.card.replace(card)
    }

    /// Pulls the card out. It has forgotten what it was shown.
    pub fn pull(&mut self) -> Option<VirtualCard> {
        self.patience = None;
        let mut card = self.card.take()?;
        card.reset();
        Some(card)
    }

    /// Lets the card answer `commands` more and then be gone, until [`Self::pull`] and [`Self::insert`].
    pub const fn pull_after(&mut self, commands: u32) {
        self.patience = Some(commands);
    }

    /// Resets the card, as another program at the same reader might.
    pub fn reset(&mut self) {
        if let Some(card) = &mut self.card {
            card.reset();
            self.was_reset = true;
        }
    }

    /// The card in the reader.
    #[must_use]
    pub fn card(&self) -> Option<&VirtualCard> {
        self.card.as_ref().filter(|_| self.patience != Some(0))
    }
}

impl CardTransport for VirtualReader {
    fn transmit(&mut self, command: &CommandBytes) -> Result<Response, TransportError> {
        let card = self.card.as_mut().ok_or(TransportError::Removed)?;
        if let Some(patience) = &mut self.patience {
            *patience = patience.checked_sub(1).ok_or(TransportError::Removed)?;
        }
        Ok(Response::parse(&card.handle(command.as_bytes()))?)
    }

    fn was_reset(&mut self) -> bool {
        core::mem::take(&mut self.was_reset)
    }

    fn reset_hint(&mut self) {
        self.reset();
    }
}
