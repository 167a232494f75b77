//! Selecting the application.

use super::{CardError, Next, Step};
use crate::apdu::{Command, CommandError, Header, Response};
use crate::jpki::{APPLICATION, CARD_MANAGER, FileId};

/// SELECT the JPKI application. Forgets PINs and terminal authentication of before.
///
/// Never recognise a card by its ATR: readers invent ATRs, and new cards bring new ones.
#[derive(Debug)]
pub struct SelectApplication;

/// The JPKI application is selected. Made by [`SelectApplication`] only.
#[derive(Debug)]
pub struct Selected(());

/// How a file is addressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Addressing {
    /// SELECT EF first: what every public client does.
    #[default]
    Select,
    /// By short identifier inside the command: one command less; reported of real cards by one source.
    ShortIdentifier,
}

impl Step for SelectApplication {
    type Output = Selected;

    fn command(&self) -> Result<Command, CommandError> {
        Command::new(Header::new(0x00, 0xA4, 0x04, 0x0C)).with_data(&APPLICATION)
    }

    fn receive(self, response: Response) -> Result<Next<Self>, CardError> {
        if response.status().is_done() {
            Ok(Next::Done(Selected(())))
        } else {
            Err(CardError::NotJpki { status: response.status() })
        }
    }
}

/// SELECT EF, without asking for file control information.
pub(super) fn select_file(file: FileId) -> Result<Command, CommandError> {
    Command::new(Header::new(0x00, 0xA4, 0x02, 0x0C)).with_data(&file.0.to_be_bytes())
}

/// SELECT the card manager, which leaves the application.
pub(super) fn select_card_manager() -> Result<Command, CommandError> {
    Command::new(Header::new(0x00, 0xA4, 0x04, 0x0C)).with_data(&CARD_MANAGER)
}

/// P2 that means "this file": bit 8, and the short identifier unless the file is selected before.
pub(super) fn reference(file: FileId, addressing: Addressing) -> u8 {
    match addressing {
        Addressing::Select => 0x80,
        Addressing::ShortIdentifier => 0x80 | file.short().unwrap_or(0),
    }
}

pub(super) fn refused(step: &'static str, response: &Response) -> CardError {
    CardError::Refused { step, status: response.status() }
}
