//! VERIFY and CHANGE REFERENCE DATA.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::answer::{Answer, done};
use super::files::File;
use super::{Personalisation, PersonalisationError, VirtualCard};
use crate::apdu::{Command, StatusWord};
use crate::jpki::Credential;

#[derive(Clone)]
struct PinState {
    value: Zeroizing<Vec<u8>>,
    tries_left: u8,
    verified: bool,
}

/// Both PINs.
#[derive(Clone)]
pub(super) struct Pins {
    authentication: PinState,
    signature: PinState,
}

impl Pins {
    pub(super) fn new(personalisation: &Personalisation) -> Result<Self, PersonalisationError> {
        let state = |credential: Credential| {
            let value = personalisation.of(credential).pin.clone();
            if credential.pin_has_form(&value) {
                Ok(PinState { value, tries_left: credential.tries(), verified: false })
            } else {
                Err(PersonalisationError::Pin(credential))
            }
        };
        Ok(Self {
            authentication: state(Credential::Authentication)?,
            signature: state(Credential::Signature)?,
        })
    }

    pub(super) const fn is_verified(&self, credential: Credential) -> bool {
        match credential {
            Credential::Authentication => self.authentication.verified,
            Credential::Signature => self.signature.verified,
        }
    }

    pub(super) const fn forget(&mut self) {
        self.authentication.verified = false;
        self.signature.verified = false;
    }

    const fn of(&mut self, credential: Credential) -> &mut PinState {
        match credential {
            Credential::Authentication => &mut self.authentication,
            Credential::Signature => &mut self.signature,
        }
    }
}

impl VirtualCard {
    pub(super) fn verify(&mut self, command: &Command) -> Answer {
        let header = command.header();
        if header.p1 != 0 {
            return Err(StatusWord::WRONG_PARAMETERS);
        }
        let credential = self.pin_in(header.p2)?;
        let pin = self.pins.of(credential);
        if command.data().is_empty() {
            // Also after a PIN was verified, and also for a blocked one: clients find the card by this.
            return Err(StatusWord::tries_left_of(pin.tries_left));
        }
        if pin.tries_left == 0 {
            return Err(StatusWord::REFERENCE_UNUSABLE);
        }
        if pin.value[..] == *command.data() {
            pin.tries_left = credential.tries();
            pin.verified = true;
            done()
        } else {
            pin.tries_left -= 1;
            pin.verified = false;
            Err(StatusWord::tries_left_of(pin.tries_left))
        }
    }

    pub(super) fn change_pin(&mut self, command: &Command) -> Answer {
        let header = command.header();
        if header.p1 != 1 {
            return Err(StatusWord::WRONG_PARAMETERS);
        }
        let credential = self.pin_in(header.p2)?;
        let pin = self.pins.of(credential);
        if !pin.verified {
            return Err(StatusWord::NOT_ALLOWED);
        }
        if !credential.pin_has_form(command.data()) {
            return Err(StatusWord::WRONG_DATA);
        }
        pin.value = Zeroizing::new(command.data().to_vec());
        done()
    }

    /// The PIN that P2 means; its file becomes the current one.
    fn pin_in(&mut self, p2: u8) -> Result<Credential, StatusWord> {
        let file = self.referenced(p2)?;
        match self.files.find(file).ok_or(StatusWord::NOT_FOUND)? {
            File::Pin(credential) => {
                self.current = Some(file);
                Ok(*credential)
            }
            File::Key(_) | File::Transparent { .. } => Err(StatusWord::WRONG_FILE_KIND),
        }
    }
}
