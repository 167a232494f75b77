//! From a command to the code that answers it.

use super::VirtualCard;
use crate::apdu::{ChainError, ChainLink, Command, Header, Response, StatusWord};

/// What every command's code gives back.
pub(super) type Answer = Result<Response, StatusWord>;

/// 9000 without data.
pub(super) fn done() -> Answer {
    Ok(Response::status_only(StatusWord::DONE))
}

impl VirtualCard {
    pub(super) fn receive(&mut self, command: Command) -> Answer {
        let header = command.header();
        // Class 00 or 80, chained or not: no secure messaging and only the basic channel.
        if header.without_chaining().class & 0x7F != 0 {
            self.chain.clear();
            return Err(StatusWord::UNKNOWN_CLASS);
        }
        if header.is_chained() && !takes_chains(header) {
            self.chain.clear();
            return Err(StatusWord::CHAINING_NOT_SUPPORTED);
        }
        match self.chain.take(command) {
            Ok(ChainLink::More) => done(),
            Ok(ChainLink::Whole(command)) => self.dispatch(&command),
            Err(ChainError::Broken { .. }) => Err(StatusWord::LAST_OF_CHAIN_EXPECTED),
            Err(ChainError::TooLong { .. }) => Err(StatusWord::WRONG_LENGTH),
        }
    }

    fn dispatch(&mut self, command: &Command) -> Answer {
        let header = command.header();
        match (header.class, header.instruction) {
            (0x00, 0xA4) => self.select(command),
            (0x00, 0x84) => self.get_challenge(command),
            (0x00, 0xCA) => self.get_data(command),
            (0x00, 0xB0) => self.read_binary(command),
            _ if !self.selected => Err(StatusWord::UNKNOWN_INSTRUCTION),
            (0x00, 0x20) => self.verify(command),
            (0x00, 0x24) => self.change_pin(command),
            (0x00, 0x2A) => self.verify_certificate(command),
            (0x00, 0x82) => self.external_authenticate(command),
            (0x80, 0x2A) => self.sign(command),
            (0x80, 0xA2) => self.take_observed_block(command),
            // INTERNAL AUTHENTICATE and SET SESSION KEY exist, but not for what is in this application.
            (0x00, 0x88) | (0x80, 0xAE) => Err(StatusWord::NOT_ALLOWED),
            _ => Err(StatusWord::UNKNOWN_INSTRUCTION),
        }
    }
}

/// PSO VERIFY CERTIFICATE and EXTERNAL AUTHENTICATE, whose data a short command cannot carry.
const fn takes_chains(header: Header) -> bool {
    header.without_chaining().class == 0x00 && matches!(header.instruction, 0x2A | 0x82)
}
