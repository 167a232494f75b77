//! What a terminal is given: card reader, element, platform, clock, stopwatch.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jushin_card::CardTransport;
use jushin_card::hpki::StaffPin;
use jushin_pki::Crypto;
use jushin_runtime::{Clock, Peer};
use jushin_secure_element::client::ElementTransport;
use jushin_statement::AuthenticationForm;

/// What a reader calls a card: a reader's name, or a virtual card's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CardName(pub String);

impl fmt::Display for CardName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A card reader. Insertions and removals are told to the terminal by whoever watches the reader
/// ([`Terminal::card_placed`](crate::Terminal::card_placed) and its neighbours).
pub trait Reader: Send + Sync {
    /// Virtual cards ◇ that somebody at this desk can place by a button; empty with a real reader.
    fn placeable(&self) -> Vec<CardName>;

    /// Connects to a card that lies on the reader.
    ///
    /// # Errors
    ///
    /// [`ReaderError`].
    fn connect(&self, card: &CardName) -> Result<Box<dyn CardTransport>, ReaderError>;

    /// Which form of EXTERNAL AUTHENTICATE the card expects. How a card says so is not known; the form of
    /// profile A is presumed of every real one.
    fn form(&self, _card: &CardName) -> AuthenticationForm {
        AuthenticationForm::OpensState
    }
}

/// No connection to a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReaderError {
    /// The reader is unplugged or its driver is gone.
    #[error("the card reader does not answer")]
    NoReader,
    /// No such card lies there.
    #[error("the card is not on the reader")]
    NoCard,
    /// It lies there and says nothing.
    #[error("the card does not answer")]
    Silent,
}

/// Where administrators place their cards: the same reader as the patients', or one of its own.
pub trait StaffReader: Send + Sync {
    /// Virtual staff cards ◇ that somebody at this desk can place by a button; empty with a real reader.
    fn placeable(&self) -> Vec<StaffChoice>;

    /// Connects to a card that lies on the reader and finds its key for authentication.
    ///
    /// # Errors
    ///
    /// [`AdministratorCardError`].
    fn open(&self, card: &CardName) -> Result<Box<dyn AdministratorCard>, AdministratorCardError>;
}

/// A staff card that can be placed by a button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffChoice {
    /// What the reader calls it.
    pub name: CardName,
    /// What the button says; a virtual card's begins with ◇.
    pub label: String,
}

/// A desk where no administrator can place a card.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoStaffReader;

impl StaffReader for NoStaffReader {
    fn placeable(&self) -> Vec<StaffChoice> {
        Vec::new()
    }

    fn open(&self, _card: &CardName) -> Result<Box<dyn AdministratorCard>, AdministratorCardError> {
        Err(AdministratorCardError::NoCard)
    }
}

/// The card of an administrator: certificate, then PIN, then signature.
pub trait AdministratorCard: Send {
    /// Its certificate for authentication, DER. Needs no PIN.
    ///
    /// # Errors
    ///
    /// [`AdministratorCardError`].
    fn certificate(&mut self) -> Result<Vec<u8>, AdministratorCardError>;

    /// Shows the card its PIN. Each wrong one takes a try.
    ///
    /// # Errors
    ///
    /// [`AdministratorCardError`].
    fn show_pin(&mut self, pin: &StaffPin) -> Result<(), AdministratorCardError>;

    /// RS256 over `to_be_signed`, after the PIN.
    ///
    /// # Errors
    ///
    /// [`AdministratorCardError`].
    fn sign(&mut self, to_be_signed: &[u8]) -> Result<Vec<u8>, AdministratorCardError>;
}

/// The administrator's card did not do its part.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdministratorCardError {
    /// No card lies there, or it was taken away.
    #[error("the administrator's card is not on the reader")]
    NoCard,
    /// The card, or the certificate on it, is for signing documents.
    #[error("the card is for signing; the one for authentication is needed")]
    SigningCard,
    /// It is no staff card, or has no key that can sign RS256.
    #[error("the card has nothing to authenticate with: {0}")]
    Unsupported(String),
    /// The PIN was wrong.
    #[error("wrong PIN, {tries_left} tries left")]
    WrongPin {
        /// Tries left; 0 means that this one has blocked it.
        tries_left: u8,
    },
    /// The PIN was blocked before.
    #[error("the card's PIN is blocked")]
    PinBlocked,
    /// What was typed cannot be a PIN of this card, which was not asked.
    #[error("what was typed has not the form of the card's PIN")]
    PinForm,
    /// Anything else.
    #[error("the administrator's card failed: {0}")]
    Failed(String),
}

/// Measures how long steps take. Never enters a proof or a page.
#[derive(Clone)]
pub struct Stopwatch(Arc<dyn Fn() -> Duration + Send + Sync>);

impl Stopwatch {
    /// Reads `elapsed`, the time since any fixed moment.
    pub fn new(elapsed: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(elapsed))
    }

    /// A stopwatch that stands still.
    #[must_use]
    pub fn stopped() -> Self {
        Self::new(|| Duration::ZERO)
    }

    pub(crate) fn read(&self) -> Duration {
        (self.0)()
    }
}

impl fmt::Debug for Stopwatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stopwatch")
    }
}

/// Everything a terminal is given.
pub struct Ports {
    /// Patients' cards.
    pub reader: Arc<dyn Reader>,
    /// Administrators' cards, for unlocking without network.
    pub staff: Arc<dyn StaffReader>,
    /// The element.
    pub element: Box<dyn ElementTransport>,
    /// The platform.
    pub platform: Peer,
    /// The terminal's own clock: a claim.
    pub clock: Arc<dyn Clock>,
    /// Cryptography, with its own randomness.
    pub crypto: Arc<dyn Crypto>,
    /// For durations.
    pub stopwatch: Stopwatch,
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ports").field("platform", &self.platform).finish_non_exhaustive()
    }
}
