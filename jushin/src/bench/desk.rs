//! A reader on which one virtual card ◇ after the other is laid, and which measures what the card takes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jushin_card::apdu::{CommandBytes, Response};
use jushin_card::{CardTransport, TransportError, VirtualCard, VirtualReader};
use jushin_secure_element::client::{ElementTransport, ElementUnreachable};
use jushin_terminal::{CardName, Reader, ReaderError};

use super::limit::timed;

/// Time and commands at one door.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Door {
    pub(super) commands: usize,
    pub(super) time: Duration,
}

/// A door's meter, read by the bench.
#[derive(Clone, Default)]
pub(super) struct Meter(Arc<Mutex<Door>>);

impl Meter {
    fn count<T>(&self, command: impl FnOnce() -> T) -> T {
        let (time, result) = timed(command);
        let mut door = self.door();
        door.commands += 1;
        door.time += time;
        result
    }

    /// What went through since it was last taken.
    pub(super) fn take(&self) -> Door {
        std::mem::take(&mut *self.door())
    }

    fn door(&self) -> MutexGuard<'_, Door> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The desk of one terminal.
#[derive(Clone, Default)]
pub(super) struct Desk {
    reader: Arc<Mutex<VirtualReader>>,
    pub(super) card: Meter,
    pub(super) element: Meter,
}

impl Desk {
    /// Lays a card on the reader and gives back the one that lay there.
    pub(super) fn lay(&self, card: VirtualCard) -> Option<VirtualCard> {
        self.reader().insert(card)
    }

    fn reader(&self) -> MutexGuard<'_, VirtualReader> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reader for Desk {
    fn placeable(&self) -> Vec<CardName> {
        Vec::new()
    }

    fn connect(&self, _card: &CardName) -> Result<Box<dyn CardTransport>, ReaderError> {
        Ok(Box::new(self.clone()))
    }
}

impl CardTransport for Desk {
    fn transmit(&mut self, command: &CommandBytes) -> Result<Response, TransportError> {
        self.card.count(|| self.reader().transmit(command))
    }

    fn was_reset(&mut self) -> bool {
        self.reader().was_reset()
    }

    fn reset_hint(&mut self) {
        self.reader().reset_hint();
    }
}

/// The way to an element, with a meter.
pub(super) struct Measured<T>(pub(super) T, pub(super) Meter);

impl<T: ElementTransport> ElementTransport for Measured<T> {
    fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, ElementUnreachable> {
        let Self(element, meter) = self;
        meter.count(|| element.transmit(apdu))
    }
}
