//! A virtual JPKI card ◇ (simulated / 模擬): a card's only door, and behind it what is publicly known of
//! the JPKI application, with terminal authentication of our own profile.
//!
//! ```text
//!  handle(bytes) ─► Command::parse ─► Chain ─► dispatch ─► select │ read │ pin │ authenticate │ sign
//!                                                            └── Files, Pins, Terminal, Keys ──┘
//! ```
//!
//! Wrap [`VirtualCard::handle`] for a virtual PC/SC reader, or put the card into a [`VirtualReader`].

mod answer;
mod authenticate;
mod files;
mod keys;
mod log;
mod personalisation;
mod pin;
mod pkcs8;
mod raw_rsa;
mod read;
mod reader;
mod select;
mod sign;
mod terminal;

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use jushin_pki::Crypto;
use rand_core::RngCore;

use crate::apdu::{Chain, Command, Response};
use crate::jpki::FileId;
use crate::terminal_auth::CardProfile;
use files::Files;
use keys::Keys;
use pin::Pins;
use terminal::Terminal;

pub(crate) use raw_rsa::RawRsa;

pub use log::{OpenedBy, SignatureForm, SignedDigest};
pub use personalisation::{
    CardKind, PersonalKey, Personalisation, PersonalisationError, Reselecting, TerminalCa,
};
pub use reader::VirtualReader;

/// Answer to reset of a contactless card as PC/SC part 3 builds it.
const ATR: [u8; 13] = [0x3B, 0x88, 0x80, 0x01, 0x00, 0x00, 0x05, 0xE0, 0xB3, 0x81, 0xA1, 0x00, 0x7F];

/// Longest chain of commands: a CV certificate, with room for a longer one that is then refused as such.
const LONGEST_CHAIN: usize = 1024;

/// A simulated card.
pub struct VirtualCard {
    kind: CardKind,
    profile: CardProfile,
    reselecting: Reselecting,
    serial: [u8; 16],
    crypto: Arc<dyn Crypto>,
    rng: Box<dyn RngCore + Send>,
    files: Files,
    keys: Keys,
    pins: Pins,
    terminal: Terminal,
    chain: Chain,
    /// The JPKI application is selected.
    selected: bool,
    current: Option<FileId>,
    log: Vec<SignedDigest>,
}

impl VirtualCard {
    /// Makes a card. Challenges come from `rng`; signatures, and the salt of PSS, from `crypto`.
    ///
    /// # Errors
    ///
    /// [`PersonalisationError`] if keys, certificates or PINs do not fit the kind of card.
    pub fn new(
        personalisation: Personalisation,
        crypto: Arc<dyn Crypto>,
        rng: Box<dyn RngCore + Send>,
    ) -> Result<Self, PersonalisationError> {
        let keys = Keys::load(&personalisation, crypto.as_ref())?;
        let terminal = Terminal::load(&personalisation, crypto.as_ref())?;
        Ok(Self {
            kind: personalisation.kind,
            profile: personalisation.profile,
            reselecting: personalisation.reselecting,
            serial: personalisation.serial,
            files: Files::new(&personalisation),
            pins: Pins::new(&personalisation)?,
            keys,
            terminal,
            crypto,
            rng,
            chain: Chain::new(LONGEST_CHAIN),
            selected: false,
            current: None,
            log: Vec::new(),
        })
    }

    /// Takes one command and answers it. The answer has always at least the two bytes of a status word.
    pub fn handle(&mut self, command: &[u8]) -> Vec<u8> {
        let answer = match Command::parse(command) {
            Ok(command) => self.receive(command),
            Err(_) => {
                self.chain.clear();
                Err(crate::apdu::StatusWord::WRONG_LENGTH)
            }
        };
        answer.unwrap_or_else(Response::status_only).to_bytes()
    }

    /// Power-off and power-on: nothing selected, nothing verified. Tries left and changed PINs stay.
    pub fn reset(&mut self) {
        self.leave();
        self.chain.clear();
    }

    /// The answer to reset. Says nothing about the application: select it to know.
    #[must_use]
    pub const fn atr(&self) -> &'static [u8] {
        &ATR
    }

    /// What kind of card it is.
    #[must_use]
    pub const fn kind(&self) -> CardKind {
        self.kind
    }

    /// What terminal authentication lets it sign.
    #[must_use]
    pub const fn profile(&self) -> CardProfile {
        self.profile
    }

    /// Everything it has signed since it was made, so that tests can say that nothing else was.
    #[must_use]
    pub fn signed(&self) -> &[SignedDigest] {
        &self.log
    }
}

impl fmt::Debug for VirtualCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "virtual card ({:?}, profile {:?}, {} signatures)", self.kind, self.profile, self.log.len())
    }
}
