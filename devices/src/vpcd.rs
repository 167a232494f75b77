//! Inserts a virtual card into a vpcd reader, the virtual smart-card reader of the vsmartcard project.
//!
//! vpcd is a driver of `pcscd`. It listens on TCP (35963 for its first slot, 35964 for its second),
//! and whoever connects is a card: **to connect is to insert it**, to close is to pull it. The port
//! must therefore never be probed.
//!
//! A frame is two bytes of length, big endian, and that many bytes. Frames of one byte are control:
//! `00` power off, `01` power on, `02` reset, none of them answered; `04` asks for the ATR. Longer
//! frames are command APDUs, each answered by one frame with the response APDU.

mod frame;

use std::io;
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use jushin_card::VirtualCard;
use jushin_card::hpki::VirtualStaffCard;

use frame::Frame;

/// Where vpcd of Debian's package waits for the card of its first slot.
pub const DEFAULT_ADDRESS: &str = "127.0.0.1:35963";

/// What can lie in a reader: an ATR, a power switch, and one door for APDUs.
pub trait Chip {
    /// Answer to reset (ISO 7816-3 clause 8), at most 33 bytes.
    fn answer_to_reset(&self) -> Vec<u8>;

    /// Power was switched on or off, or the reader reset the card: all volatile state is lost.
    fn reset(&mut self);

    /// Answers one command APDU with one response APDU. Never fails: a card always answers.
    fn handle(&mut self, command: &[u8]) -> Vec<u8>;
}

impl Chip for VirtualCard {
    fn answer_to_reset(&self) -> Vec<u8> {
        self.atr().to_vec()
    }

    fn reset(&mut self) {
        Self::reset(self);
    }

    fn handle(&mut self, command: &[u8]) -> Vec<u8> {
        Self::handle(self, command)
    }
}

impl Chip for VirtualStaffCard {
    fn answer_to_reset(&self) -> Vec<u8> {
        self.atr().to_vec()
    }

    fn reset(&mut self) {
        Self::reset(self);
    }

    fn handle(&mut self, command: &[u8]) -> Vec<u8> {
        Self::handle(self, command)
    }
}

/// Why a card is not, or no longer, in the reader.
#[derive(Debug, thiserror::Error)]
pub enum VpcdError {
    /// Nobody listens there.
    #[error(
        "no virtual reader at {address} after {attempts} attempts ({source}): install vsmartcard-vpcd and pcscd, and start pcscd"
    )]
    NoReader {
        /// Host and port that were tried.
        address: String,
        /// How often.
        attempts: u32,
        /// The last answer.
        source: io::Error,
    },
    /// The connection broke within a frame.
    #[error("the virtual reader broke off within a frame")]
    BrokenFrame(#[source] io::Error),
    /// The peer is no vpcd.
    #[error("the peer is no vpcd reader: it sent a control byte {0:02x}, known are 00, 01, 02 and 04")]
    UnknownControl(u8),
    /// The peer is no vpcd.
    #[error("the peer is no vpcd reader: it sent a frame without content")]
    EmptyFrame,
    /// The card's answer does not fit a frame. The card is at fault.
    #[error("the card answered {0} bytes, a frame holds 65535")]
    AnswerTooLong(usize),
}

/// How long to wait for a reader: vpcd may start after the card, and takes one card at a time.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Connection attempts, at least one. `None` tries for ever.
    pub attempts: Option<u32>,
    /// Pause between two attempts.
    pub pause: Duration,
}

impl Patience {
    /// Tries four times a second for ever.
    pub const ENDLESS: Self = Self { attempts: None, pause: Duration::from_millis(250) };

    /// Tries four times a second for about this many seconds.
    #[must_use]
    pub const fn seconds(seconds: u32) -> Self {
        Self { attempts: Some(seconds.saturating_mul(4)), pause: Duration::from_millis(250) }
    }
}

/// A slot of a virtual reader with a card in it that nobody has answered for yet.
#[derive(Debug)]
pub struct Slot {
    stream: TcpStream,
}

impl Slot {
    /// Inserts a card: connects until vpcd accepts.
    ///
    /// `on_wait` is told of the first attempt that found nobody, so that a person who forgot to start
    /// `pcscd` reads it at once.
    ///
    /// # Errors
    ///
    /// [`VpcdError::NoReader`] when patience runs out.
    pub fn insert(
        address: &str,
        patience: Patience,
        mut on_wait: impl FnMut(&io::Error),
    ) -> Result<Self, VpcdError> {
        let mut attempts = 0_u32;
        loop {
            attempts = attempts.saturating_add(1);
            match TcpStream::connect(address) {
                Ok(stream) => return Ok(Self { stream }),
                Err(source) if patience.attempts.is_some_and(|limit| attempts >= limit) => {
                    return Err(VpcdError::NoReader { address: address.to_owned(), attempts, source });
                }
                Err(source) => {
                    if attempts == 1 {
                        on_wait(&source);
                    }
                    std::thread::sleep(patience.pause);
                }
            }
        }
    }

    /// What pulls this card while [`Slot::serve`] is busy in another thread.
    ///
    /// # Errors
    ///
    /// The operating system's, when it has no descriptor left.
    pub fn puller(&self) -> io::Result<Puller> {
        self.stream.try_clone().map(Puller)
    }

    /// Answers for the card until the reader closes the connection (`pcscd` stopped) or the card is
    /// pulled by its [`Puller`].
    ///
    /// # Errors
    ///
    /// [`VpcdError`] when the connection breaks within a frame or the peer is no vpcd.
    pub fn serve(self, chip: &mut dyn Chip) -> Result<(), VpcdError> {
        let mut stream = self.stream;
        loop {
            match Frame::read(&mut stream)? {
                None => return Ok(()),
                Some(Frame::AnswerToReset) => frame::write(&mut stream, &chip.answer_to_reset())?,
                Some(Frame::PowerOff | Frame::PowerOn | Frame::Reset) => chip.reset(),
                Some(Frame::Command(command)) => frame::write(&mut stream, &chip.handle(&command))?,
            }
        }
    }
}

/// Pulls a card out of its slot.
#[derive(Debug)]
pub struct Puller(TcpStream);

impl Puller {
    /// Closes the connection. To pull a card twice is no error.
    pub fn pull(&self) {
        // Fails only on a connection that is closed already, which is what was wanted.
        let _ = self.0.shutdown(Shutdown::Both);
    }
}
