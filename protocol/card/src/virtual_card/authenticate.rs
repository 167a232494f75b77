//! GET CHALLENGE, PSO VERIFY CERTIFICATE and EXTERNAL AUTHENTICATE.

use alloc::vec;
use alloc::vec::Vec;

use super::VirtualCard;
use super::answer::{Answer, done};
use crate::apdu::{Command, Form, Response, StatusWord};
use crate::terminal_auth::A2_FIRST_LENGTH;
use crate::tlv::{Reader, Tag};

/// The object that holds a CV certificate's body.
const CV_BODY: Tag = Tag(0x5F4E);
/// The object that holds its signature.
const CV_SIGNATURE: Tag = Tag(0x5F37);
/// Head of a CV certificate.
const CV_HEAD: [u8; 5] = [0x7F, 0x21, 0x82, 0x02, 0x33];

impl VirtualCard {
    pub(super) fn get_challenge(&mut self, command: &Command) -> Answer {
        if command.header().parameters() != 0 {
            return Err(StatusWord::WRONG_PARAMETERS);
        }
        if command.form() == Form::Extended {
            return Err(StatusWord::OUT_OF_ORDER);
        }
        let length =
            command.expected().filter(|_| command.data().is_empty()).ok_or(StatusWord::WRONG_LENGTH)?;
        let mut challenge = vec![0; usize::try_from(length).unwrap_or_default()];
        self.rng.fill_bytes(&mut challenge);
        self.terminal.give(&challenge);
        Ok(Response::done(challenge))
    }

    pub(super) fn verify_certificate(&mut self, command: &Command) -> Answer {
        if command.header().parameters() != 0x00BE {
            return Err(StatusWord::WRONG_PARAMETERS);
        }
        self.take_certificate(command.data())
    }

    /// The experimental form: `80 A2 06 C1` with everything before the signature, `80 A2 00 C1` with it.
    pub(super) fn take_observed_block(&mut self, command: &Command) -> Answer {
        let first = self.terminal.first_block.take();
        match (command.header().parameters(), first) {
            (0x06C1, _) => {
                let body = command.data().strip_prefix(&CV_HEAD).ok_or(StatusWord::WRONG_LENGTH)?;
                if command.data().len() != A2_FIRST_LENGTH || Reader::new(body).expect(CV_BODY).is_err() {
                    return Err(StatusWord::WRONG_LENGTH);
                }
                self.terminal.first_block = Some(command.data().to_vec());
                done()
            }
            (0x00C1, Some(first)) => {
                Reader::new(command.data()).expect(CV_SIGNATURE).map_err(|_| StatusWord::WRONG_LENGTH)?;
                self.take_certificate(&[&first, command.data()].concat())
            }
            (0x00C1, None) => Err(StatusWord::WRONG_LENGTH),
            _ => Err(StatusWord::WRONG_PARAMETERS),
        }
    }

    fn take_certificate(&mut self, bytes: &[u8]) -> Answer {
        self.terminal.take_certificate(bytes, self.crypto.as_ref())?;
        done()
    }

    pub(super) fn external_authenticate(&mut self, command: &Command) -> Answer {
        if command.header().parameters() != 0 {
            return Err(StatusWord::WRONG_PARAMETERS);
        }
        let signature: Vec<u8> = command.data().to_vec();
        self.terminal.authenticate(self.profile, &signature)?;
        done()
    }
}
