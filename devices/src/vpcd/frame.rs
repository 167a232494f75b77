//! Frames of vpcd: two bytes of length, then the content.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::linux::net::TcpStreamExt;

use super::VpcdError;

/// What vpcd asks of a card.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame {
    PowerOff,
    PowerOn,
    Reset,
    AnswerToReset,
    Command(Vec<u8>),
}

impl Frame {
    /// Reads the next frame; `None` when the reader closed between frames.
    pub(super) fn read(stream: &mut TcpStream) -> Result<Option<Self>, VpcdError> {
        let mut length = [0; 2];
        if !fill(stream, &mut length)? {
            return Ok(None);
        }
        let mut content = vec![0; usize::from(u16::from_be_bytes(length))];
        if !content.is_empty() && !fill(stream, &mut content)? {
            return Err(VpcdError::BrokenFrame(ErrorKind::UnexpectedEof.into()));
        }
        Self::parse(content).map(Some)
    }

    fn parse(content: Vec<u8>) -> Result<Self, VpcdError> {
        match content.as_slice() {
            [] => Err(VpcdError::EmptyFrame),
            [0x00] => Ok(Self::PowerOff),
            [0x01] => Ok(Self::PowerOn),
            [0x02] => Ok(Self::Reset),
            [0x04] => Ok(Self::AnswerToReset),
            [other] => Err(VpcdError::UnknownControl(*other)),
            _ => Ok(Self::Command(content)),
        }
    }
}

/// Sends length and content in one write, so that neither waits for the other's acknowledgement.
pub(super) fn write(stream: &mut TcpStream, content: &[u8]) -> Result<(), VpcdError> {
    let length = u16::try_from(content.len()).map_err(|_| VpcdError::AnswerTooLong(content.len()))?;
    let mut frame = Vec::with_capacity(content.len().saturating_add(2));
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(content);
    stream.write_all(&frame).map_err(VpcdError::BrokenFrame)
}

/// Fills `buffer`; `false` when the stream ended before its first byte.
///
/// vpcd 3.3 sends length and content in two writes, and its second waits for the acknowledgement of
/// the first, which Linux delays by 40 ms unless asked not to. The request holds for one read only,
/// so it is made before each: 44 ms an APDU become 0.06 ms.
fn fill(stream: &mut TcpStream, buffer: &mut [u8]) -> Result<bool, VpcdError> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        stream.set_quickack(true).map_err(VpcdError::BrokenFrame)?;
        match stream.read(rest) {
            Ok(0) if filled == 0 => return Ok(false),
            Ok(0) => return Err(VpcdError::BrokenFrame(ErrorKind::UnexpectedEof.into())),
            Ok(count) => filled = filled.saturating_add(count),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // A pulled card, or a reader that was killed: the card is out all the same.
            Err(error) if error.kind() == ErrorKind::ConnectionReset && filled == 0 => return Ok(false),
            Err(error) => return Err(VpcdError::BrokenFrame(error)),
        }
    }
    Ok(true)
}
