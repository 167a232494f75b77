//! The holder's PINs.

use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroizing;

use super::select::{reference, refused, select_file};
use super::{Addressing, CardError, Next, Selected, Step};
use crate::apdu::{Command, CommandError, Header, Response, StatusWord};
use crate::jpki::Credential;

/// A PIN or password in the form its credential has. Zeroised when it goes; `Debug` shows no digit.
pub struct Pin {
    credential: Credential,
    digits: Zeroizing<Vec<u8>>,
}

/// What was typed has not the form of a PIN. Whoever typed it is at fault; the card was not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PinForm {
    /// For user authentication.
    #[error("the PIN has 4 digits, {0} bytes were typed")]
    Authentication(usize),
    /// For signing.
    #[error("the password has 6 to 16 capital letters and digits, {0} bytes were typed")]
    Signature(usize),
}

impl Pin {
    /// Takes what was typed for `credential`.
    ///
    /// # Errors
    ///
    /// [`PinForm`].
    pub fn new(credential: Credential, typed: &str) -> Result<Self, PinForm> {
        if credential.pin_has_form(typed.as_bytes()) {
            return Ok(Self { credential, digits: Zeroizing::new(typed.as_bytes().to_vec()) });
        }
        Err(match credential {
            Credential::Authentication => PinForm::Authentication(typed.len()),
            Credential::Signature => PinForm::Signature(typed.len()),
        })
    }

    /// Whose it is.
    #[must_use]
    pub const fn credential(&self) -> Credential {
        self.credential
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PIN for {:?}", self.credential)
    }
}

/// The card has taken the holder's PIN. Made by [`VerifyPin`] only.
#[derive(Debug)]
pub struct HolderVerified(Credential);

impl HolderVerified {
    /// Which key is open.
    #[must_use]
    pub const fn credential(&self) -> Credential {
        self.0
    }
}

/// Whether the PIN's file has been selected, as far as that is needed.
#[derive(Debug, PartialEq, Eq)]
enum At {
    Select,
    Reference,
}

impl At {
    const fn first(addressing: Addressing) -> Self {
        match addressing {
            Addressing::Select => Self::Select,
            Addressing::ShortIdentifier => Self::Reference,
        }
    }
}

/// VERIFY: shows a PIN to the card. Each wrong one takes a try.
#[derive(Debug)]
pub struct VerifyPin {
    pin: Pin,
    addressing: Addressing,
    at: At,
}

impl VerifyPin {
    /// Shows `pin`.
    #[must_use]
    pub fn new(_: &Selected, pin: Pin, addressing: Addressing) -> Self {
        Self { pin, addressing, at: At::first(addressing) }
    }
}

impl Step for VerifyPin {
    type Output = HolderVerified;

    fn command(&self) -> Result<Command, CommandError> {
        let file = self.pin.credential.pin();
        match self.at {
            At::Select => select_file(file),
            At::Reference => Command::new(Header::new(0x00, 0x20, 0x00, reference(file, self.addressing)))
                .with_data(&self.pin.digits),
        }
    }

    fn receive(self, response: Response) -> Result<Next<Self>, CardError> {
        match (self.at, response.status()) {
            (At::Select, StatusWord::DONE) => Ok(Next::Command(Self { at: At::Reference, ..self })),
            (At::Reference, StatusWord::DONE) => Ok(Next::Done(HolderVerified(self.pin.credential))),
            (At::Reference, StatusWord::METHOD_BLOCKED | StatusWord::REFERENCE_UNUSABLE) => {
                Err(CardError::PinBlocked)
            }
            (At::Reference, status) => Err(status.tries_left().map_or_else(
                || refused("VERIFY", &response),
                |tries_left| CardError::WrongPin { tries_left },
            )),
            (At::Select, _) => Err(refused("selecting the PIN", &response)),
        }
    }
}

/// VERIFY without data: how many tries are left. Takes none; 0 is a blocked PIN.
#[derive(Debug)]
pub struct TriesLeft {
    credential: Credential,
    addressing: Addressing,
    at: At,
}

impl TriesLeft {
    /// Asks for one PIN.
    #[must_use]
    pub fn new(_: &Selected, credential: Credential, addressing: Addressing) -> Self {
        Self { credential, addressing, at: At::first(addressing) }
    }
}

impl Step for TriesLeft {
    type Output = u8;

    fn command(&self) -> Result<Command, CommandError> {
        let file = self.credential.pin();
        match self.at {
            At::Select => select_file(file),
            At::Reference => {
                Ok(Command::new(Header::new(0x00, 0x20, 0x00, reference(file, self.addressing))))
            }
        }
    }

    fn receive(self, response: Response) -> Result<Next<Self>, CardError> {
        match (self.at, response.status()) {
            (At::Select, StatusWord::DONE) => Ok(Next::Command(Self { at: At::Reference, ..self })),
            (At::Reference, status) => status
                .tries_left()
                .map(Next::Done)
                .ok_or_else(|| refused("asking for the tries left", &response)),
            (At::Select, _) => Err(refused("selecting the PIN", &response)),
        }
    }
}

/// CHANGE REFERENCE DATA: sets a new PIN in place of the one that was verified.
#[derive(Debug)]
pub struct ChangePin {
    new: Pin,
    at: At,
}

impl ChangePin {
    /// Sets `new`; the PIN verified before must be of the same credential, or the card refuses.
    #[must_use]
    pub fn new(_: &HolderVerified, new: Pin) -> Self {
        Self { new, at: At::Select }
    }
}

impl Step for ChangePin {
    type Output = ();

    fn command(&self) -> Result<Command, CommandError> {
        match self.at {
            At::Select => select_file(self.new.credential.pin()),
            At::Reference => Command::new(Header::new(0x00, 0x24, 0x01, 0x80)).with_data(&self.new.digits),
        }
    }

    fn receive(self, response: Response) -> Result<Next<Self>, CardError> {
        match (self.at, response.status()) {
            (At::Select, StatusWord::DONE) => Ok(Next::Command(Self { at: At::Reference, ..self })),
            (At::Reference, StatusWord::DONE) => Ok(Next::Done(())),
            _ => Err(refused("CHANGE REFERENCE DATA", &response)),
        }
    }
}
