//! What carries commands to a card.

use alloc::boxed::Box;
use alloc::string::String;

use crate::apdu::{CommandBytes, Response, ResponseError};

/// A connected card: a reader's, a virtual one, a recorded script.
///
/// Its holder has it alone: a reader must be opened exclusively, since what a PIN opened stays open to
/// every program that reaches the card.
pub trait CardTransport: Send {
    /// Sends one command and waits for the answer.
    ///
    /// # Errors
    ///
    /// [`TransportError`]; a card that was pulled out is [`TransportError::Removed`].
    fn transmit(&mut self, command: &CommandBytes) -> Result<Response, TransportError>;

    /// Whether the card was reset or replaced since the last question, and so forgot everything.
    fn was_reset(&mut self) -> bool;

    /// The session is over: the card should be reset before anyone else reaches it. May do nothing.
    fn reset_hint(&mut self) {}
}

/// No answer came from a card.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The card was pulled out. An ordinary event.
    #[error("the card was removed")]
    Removed,
    /// The card or the reader answered with no response.
    #[error(transparent)]
    Response(#[from] ResponseError),
    /// The reader failed.
    #[error("the reader failed: {0}")]
    Reader(String),
}

impl<T: CardTransport + ?Sized> CardTransport for &mut T {
    fn transmit(&mut self, command: &CommandBytes) -> Result<Response, TransportError> {
        (**self).transmit(command)
    }
    fn was_reset(&mut self) -> bool {
        (**self).was_reset()
    }
    fn reset_hint(&mut self) {
        (**self).reset_hint();
    }
}

impl<T: CardTransport + ?Sized> CardTransport for Box<T> {
    fn transmit(&mut self, command: &CommandBytes) -> Result<Response, TransportError> {
        (**self).transmit(command)
    }
    fn was_reset(&mut self) -> bool {
        (**self).was_reset()
    }
    fn reset_hint(&mut self) {
        (**self).reset_hint();
    }
}
