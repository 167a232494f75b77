//! READ BINARY.

use super::VirtualCard;
use super::answer::Answer;
use super::files::{Access, File};
use crate::apdu::{Command, Response, StatusWord};
use crate::jpki::FileId;

/// Most that one READ BINARY gives.
const CHUNK: usize = 256;

impl VirtualCard {
    pub(super) fn read_binary(&mut self, command: &Command) -> Answer {
        let header = command.header();
        let (name, offset) = match header.p1 {
            p1 @ 0x81..=0x9E => (FileId(u16::from(p1 & 0x1F)), usize::from(header.p2)),
            0x00..=0x7F => {
                (self.current.ok_or(StatusWord::NO_FILE_SELECTED)?, usize::from(header.parameters()))
            }
            _ => return Err(StatusWord::WRONG_PARAMETERS),
        };
        if !self.selected {
            return Err(StatusWord::NO_FILE_SELECTED);
        }
        let length = command.expected().ok_or(StatusWord::WRONG_LENGTH)?;
        let (content, access) = match self.files.find(name).ok_or(StatusWord::NOT_FOUND)? {
            File::Transparent { content, access } => (content, *access),
            File::Pin(_) | File::Key(_) => return Err(StatusWord::WRONG_FILE_KIND),
        };
        self.current = Some(name);
        match access {
            Access::Free => {}
            Access::Behind(credential) if self.pins.is_verified(credential) => {}
            Access::Behind(_) => return Err(StatusWord::NOT_ALLOWED),
        }
        let rest = content.get(offset..).filter(|rest| !rest.is_empty()).ok_or(StatusWord::PAST_THE_END)?;
        let length = usize::try_from(length).unwrap_or(CHUNK).min(CHUNK).min(rest.len());
        Ok(Response::done(rest.get(..length).unwrap_or_default().to_vec()))
    }
}
