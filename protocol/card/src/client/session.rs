//! The driver: runs steps over a transport, counts and shows what went by.

use alloc::boxed::Box;
use core::fmt;

use super::select::select_card_manager;
use super::{CardError, Next, Step};
use crate::apdu::{Command, Header, Response, StatusWord};
use crate::transport::CardTransport;

/// One command and its response, as far as they may be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Counts from 1 within the session.
    pub number: u32,
    /// What was sent.
    pub header: Header,
    /// How many bytes of data went with it.
    pub sent: usize,
    /// How many bytes of data came back.
    pub received: usize,
    /// The answer.
    pub status: StatusWord,
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, header, sent, received, status } = self;
        write!(f, "{number:>3}  {header} [{sent}] -> [{received}] {status}")
    }
}

type Trace<'t> = Box<dyn FnMut(&Exchange) + Send + 't>;

/// A session with one card, from its insertion to its end.
///
/// Dropping a session ends it too, so that nothing a PIN opened stays open after an error.
pub struct Session<'t> {
    transport: Box<dyn CardTransport + 't>,
    trace: Option<Trace<'t>>,
    exchanges: u32,
    ended: bool,
}

impl<'t> Session<'t> {
    /// Begins a session. Resets of before do not count.
    #[must_use]
    pub fn new(transport: impl CardTransport + 't) -> Self {
        let mut transport: Box<dyn CardTransport + 't> = Box::new(transport);
        let _before = transport.was_reset();
        Self { transport, trace: None, exchanges: 0, ended: false }
    }

    /// The same session, showing every exchange to `trace`: headers and lengths, never data.
    #[must_use]
    pub fn traced(mut self, trace: impl FnMut(&Exchange) + Send + 't) -> Self {
        self.trace = Some(Box::new(trace));
        self
    }

    /// How many commands were answered so far.
    #[must_use]
    pub const fn exchanges(&self) -> u32 {
        self.exchanges
    }

    /// Runs one step to its end.
    ///
    /// # Errors
    ///
    /// [`CardError::Reset`] if the card forgot what it was shown, [`CardError::Transport`] if it was pulled
    /// out, else what the step says.
    pub fn run<S: Step>(&mut self, mut step: S) -> Result<S::Output, CardError> {
        if self.transport.was_reset() {
            return Err(CardError::Reset);
        }
        loop {
            let command = step.command()?;
            let response = self.exchange(&command)?;
            match step.receive(response)? {
                Next::Command(next) => step = next,
                Next::Done(output) => return Ok(output),
            }
        }
    }

    /// Ends the session: leaves the application, asks the reader for a reset, and says how many commands
    /// were answered in all.
    ///
    /// # Errors
    ///
    /// [`CardError::Transport`] if the card is gone; there is then nothing left to close.
    pub fn end(mut self) -> Result<u32, CardError> {
        self.ended = true;
        self.close()?;
        Ok(self.exchanges)
    }

    fn close(&mut self) -> Result<(), CardError> {
        let closed =
            select_card_manager().map_err(CardError::from).and_then(|command| self.exchange(&command));
        // Asked for in any case: a card without a card manager is closed by the reset alone.
        self.transport.reset_hint();
        closed.map(drop)
    }

    fn exchange(&mut self, command: &Command) -> Result<Response, CardError> {
        let response = self.transport.transmit(&command.to_bytes())?;
        self.exchanges += 1;
        if let Some(trace) = &mut self.trace {
            trace(&Exchange {
                number: self.exchanges,
                header: command.header(),
                sent: command.data().len(),
                received: response.data().len(),
                status: response.status(),
            });
        }
        Ok(response)
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        if !self.ended {
            // Best effort: if the card is gone, so is what it had opened.
            let _ = self.close();
        }
    }
}

impl fmt::Debug for Session<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "session of {} exchanges", self.exchanges)
    }
}
