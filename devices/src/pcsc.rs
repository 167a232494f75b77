//! Card readers by PC/SC, through the client library of pcsc-lite.
//!
//! The library is opened when [`Readers::open`] is called, not when the program starts.

mod library;
mod status;

use std::ffi::CString;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jushin_card::apdu::{CommandBytes, Response};
use jushin_card::{CardTransport, TransportError};

pub use status::Status;

use library::{CardHandle, ContextHandle, Disposition, Library, ReaderState, Share};

/// State bits of `SCardGetStatusChange`.
const PRESENT: u32 = 0x0020;
const MUTE: u32 = 0x0200;
const CHANGED: u32 = 0x0002;

/// Why no reader or card could be used.
#[derive(Debug, thiserror::Error)]
pub enum PcscError {
    /// The machine has no PC/SC library.
    #[error("no PC/SC library: install pcscd")]
    NoLibrary(#[source] libloading::Error),
    /// The service, the reader or the card refused.
    #[error("{0}")]
    Refused(Status),
    /// The name holds a zero byte. The caller is at fault.
    #[error("a reader's name holds no zero byte")]
    BadName,
}

impl From<Status> for PcscError {
    fn from(status: Status) -> Self {
        Self::Refused(status)
    }
}

/// A reader's name, as PC/SC gives it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ReaderName(CString);

impl ReaderName {
    /// Takes a name, for instance from a configuration.
    ///
    /// # Errors
    ///
    /// [`PcscError::BadName`].
    pub fn new(name: &str) -> Result<Self, PcscError> {
        CString::new(name).map(Self).map_err(|_| PcscError::BadName)
    }
}

impl fmt::Display for ReaderName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.to_string_lossy())
    }
}

impl fmt::Debug for ReaderName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

/// The service, as long as anybody holds a reader or a card of it.
#[derive(Debug)]
struct Service {
    library: Library,
    context: ContextHandle,
}

impl Service {
    /// Waits until the state of a reader is as wanted. `within` is the longest time without any change.
    fn wait(
        &self,
        reader: &ReaderName,
        within: Duration,
        wanted: impl Fn(u32) -> bool,
    ) -> Result<ReaderState, Status> {
        let milliseconds = u32::try_from(within.as_millis()).unwrap_or(u32::MAX);
        let mut known = 0;
        loop {
            let state = self.library.status_change(self.context, &reader.0, known, milliseconds)?;
            if wanted(state.bits) {
                return Ok(state);
            }
            known = state.bits & !CHANGED;
        }
    }

    fn wait_for_removal(&self, reader: &ReaderName, within: Duration) -> Result<(), Status> {
        self.wait(reader, within, |bits| bits & PRESENT == 0).map(drop)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.library.release(self.context);
    }
}

/// A session with the PC/SC service.
#[derive(Debug)]
pub struct Readers(Arc<Service>);

impl Readers {
    /// Opens the library and a session.
    ///
    /// # Errors
    ///
    /// - [`PcscError::NoLibrary`] where none is installed;
    /// - [`PcscError::Refused`] with [`Status::NO_SERVICE`] where `pcscd` does not run.
    pub fn open() -> Result<Self, PcscError> {
        let library = Library::open()?;
        let context = library.establish()?;
        Ok(Self(Arc::new(Service { library, context })))
    }

    /// Lists the readers that are attached now; empty when there are none.
    ///
    /// # Errors
    ///
    /// [`PcscError::Refused`] where `pcscd` stopped.
    pub fn list(&self) -> Result<Vec<ReaderName>, PcscError> {
        match self.0.library.list_readers(self.0.context) {
            Ok(names) => Ok(split_names(&names)),
            Err(Status::NO_READERS) => Ok(Vec::new()),
            Err(status) => Err(status.into()),
        }
    }

    /// Waits until a card that answers lies in the reader, and gives its ATR.
    ///
    /// An ATR says how a card is connected, never which card it is: select an application for that.
    /// `within` is the longest time without any change at the reader.
    ///
    /// # Errors
    ///
    /// [`PcscError::Refused`] with [`Status::TIMEOUT`], or where the reader went away.
    pub fn wait_for_card(&self, reader: &ReaderName, within: Duration) -> Result<Vec<u8>, PcscError> {
        let state = self.0.wait(reader, within, |bits| bits & PRESENT != 0 && bits & MUTE == 0)?;
        Ok(state.atr)
    }

    /// Waits until no card lies in the reader. `within` as for [`Readers::wait_for_card`].
    ///
    /// # Errors
    ///
    /// [`PcscError::Refused`] with [`Status::TIMEOUT`], or where the reader went away.
    pub fn wait_for_removal(&self, reader: &ReaderName, within: Duration) -> Result<(), PcscError> {
        Ok(self.0.wait_for_removal(reader, within)?)
    }

    /// Connects to the card in the reader, with no other program beside: a verified PIN lasts until
    /// another application is selected, so nobody else may speak to the card meanwhile.
    ///
    /// # Errors
    ///
    /// [`PcscError::Refused`] with [`Status::NO_CARD`], [`Status::SHARING_VIOLATION`] and others.
    pub fn connect(&self, reader: &ReaderName) -> Result<ReaderCard, PcscError> {
        let card = self.0.library.connect(self.0.context, &reader.0, Share::Exclusive)?;
        let (service, reader) = (Arc::clone(&self.0), reader.clone());
        Ok(ReaderCard { service, reader, card, was_reset: false, failed: false })
    }
}

/// An exclusive connection to the card in a reader. Dropping it resets the card, which clears every
/// verified PIN.
#[derive(Debug)]
pub struct ReaderCard {
    service: Arc<Service>,
    reader: ReaderName,
    card: CardHandle,
    was_reset: bool,
    /// An exchange failed, as it does when the card is pulled.
    failed: bool,
}

/// How long `pcscd` may take to see that a card is gone: it looks every 0.4 s.
const POLL: Duration = Duration::from_secs(1);

impl ReaderCard {
    /// Powers the card anew, so that it forgets what it was shown and the next command reaches it.
    fn reset(&mut self) -> Result<(), Status> {
        self.card = self.service.library.reconnect(self.card, Share::Exclusive)?;
        self.was_reset = true;
        Ok(())
    }

    /// Whether the card was pulled. After a failed exchange `pcscd` is given time to see it: asked to
    /// reset a card that is gone, it would note an empty reader and then overlook the next card.
    fn is_gone(&self) -> bool {
        self.failed && self.service.wait_for_removal(&self.reader, POLL).is_ok()
    }
}

impl CardTransport for ReaderCard {
    fn transmit(&mut self, command: &CommandBytes) -> Result<Response, TransportError> {
        let status = match self.service.library.transmit(self.card, command.as_bytes()) {
            Ok(response) => return Ok(Response::parse(&response)?),
            Err(status) => status,
        };
        if status == Status::RESET_CARD {
            self.reset().map_err(to_transport_error)?;
        } else {
            self.failed = true;
        }
        Err(to_transport_error(status))
    }

    fn was_reset(&mut self) -> bool {
        std::mem::take(&mut self.was_reset)
    }

    fn reset_hint(&mut self) {
        if !self.is_gone() && self.reset().is_err() {
            self.failed = true;
        }
    }
}

fn to_transport_error(status: Status) -> TransportError {
    if status.is_card_gone() { TransportError::Removed } else { TransportError::Reader(status.to_string()) }
}

impl Drop for ReaderCard {
    fn drop(&mut self) {
        let disposition = if self.is_gone() { Disposition::Leave } else { Disposition::Reset };
        self.service.library.disconnect(self.card, disposition);
    }
}

/// Splits a list of names, each ended by a zero byte, the list by another.
fn split_names(list: &[u8]) -> Vec<ReaderName> {
    list.split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
        .filter_map(|name| CString::new(name).ok().map(ReaderName))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_readers_ends_with_an_empty_name() {
        let names = split_names(b"Reader A 00 00\0Reader B 01 00\0\0");
        assert_eq!(
            names.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["Reader A 00 00", "Reader B 01 00"]
        );
        assert!(split_names(b"\0").is_empty());
    }

    #[test]
    fn a_name_with_a_zero_byte_is_refused() {
        assert!(matches!(ReaderName::new("a\0b"), Err(PcscError::BadName)));
    }

    #[test]
    fn a_pulled_card_is_an_ordinary_event() {
        assert_eq!(to_transport_error(Status::REMOVED_CARD), TransportError::Removed);
        assert_eq!(
            to_transport_error(Status::SERVICE_STOPPED),
            TransportError::Reader(
                "the PC/SC service stopped: start pcscd again (PC/SC 8010001e)".to_owned()
            )
        );
    }
}
