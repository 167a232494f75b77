//! SELECT, and the data that lies outside the application.

use super::answer::{Answer, done};
use super::{Reselecting, VirtualCard};
use crate::apdu::{Command, Response, StatusWord};
use crate::jpki::{APPLICATION, CARD_MANAGER, FileId};

/// GET DATA: the card's identification.
const CARD_ID: u16 = 0x0045;

impl VirtualCard {
    pub(super) fn select(&mut self, command: &Command) -> Answer {
        let header = command.header();
        match (header.p1, header.p2) {
            (0x04, 0x00 | 0x0C) => self.select_application(command.data()),
            (0x02, 0x00 | 0x0C) => self.select_file(command.data()),
            // Selecting the master file is answered inside an application, and does nothing.
            (0x00, 0x00) if self.selected => done(),
            _ => Err(StatusWord::WRONG_PARAMETERS),
        }
    }

    fn select_application(&mut self, name: &[u8]) -> Answer {
        if name == APPLICATION {
            let keep_pins = self.selected && self.reselecting == Reselecting::Remembers;
            let kept = keep_pins.then(|| self.pins.clone());
            self.leave();
            if let Some(pins) = kept {
                self.pins = pins;
            }
            self.selected = true;
            done()
        } else if name == CARD_MANAGER {
            self.leave();
            done()
        } else {
            Err(StatusWord::NOT_FOUND)
        }
    }

    /// Leaves the application: what was selected, verified and authenticated is forgotten.
    pub(super) fn leave(&mut self) {
        self.selected = false;
        self.current = None;
        self.pins.forget();
        self.terminal.forget();
    }

    fn select_file(&mut self, name: &[u8]) -> Answer {
        let Ok(name) = <[u8; 2]>::try_from(name) else {
            return Err(StatusWord::WRONG_LENGTH);
        };
        let file = FileId(u16::from_be_bytes(name));
        if !self.selected || self.files.find(file).is_none() {
            return Err(StatusWord::NOT_FOUND);
        }
        self.current = Some(file);
        done()
    }

    pub(super) fn get_data(&mut self, command: &Command) -> Answer {
        match command.header().parameters() {
            CARD_ID if !self.selected => Ok(Response::done(self.serial.to_vec())),
            _ => Err(StatusWord::REFERENCE_NOT_FOUND),
        }
    }

    /// The file that P2 = `80` (the current one) or `80|sfi` means.
    pub(super) fn referenced(&self, p2: u8) -> Result<FileId, StatusWord> {
        match p2 {
            0x80 => self.current.ok_or(StatusWord::NO_FILE_SELECTED),
            0x81..=0x9E => Ok(FileId(u16::from(p2 & 0x1F))),
            _ => Err(StatusWord::WRONG_PARAMETERS),
        }
    }
}
