//! What a card answers: data and a status word.

use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroizing;

use super::StatusWord;

/// A card's answer. `Debug` shows the status and the length only; the data is zeroised when it goes.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    data: Zeroizing<Vec<u8>>,
    status: StatusWord,
}

/// Bytes that are no response. The card or the reader is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a response ends in a status word of 2 bytes, this has {0} bytes in all")]
pub struct ResponseError(pub usize);

impl Response {
    /// An answer of `data` and 9000.
    #[must_use]
    pub fn done(data: Vec<u8>) -> Self {
        Self { data: Zeroizing::new(data), status: StatusWord::DONE }
    }

    /// An answer without data.
    #[must_use]
    pub fn status_only(status: StatusWord) -> Self {
        Self { data: Zeroizing::default(), status }
    }

    /// Reads what came from a card.
    ///
    /// # Errors
    ///
    /// [`ResponseError`] below two bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, ResponseError> {
        let (data, status) = bytes.split_last_chunk::<2>().ok_or(ResponseError(bytes.len()))?;
        Ok(Self { data: Zeroizing::new(data.to_vec()), status: StatusWord(u16::from_be_bytes(*status)) })
    }

    /// The bytes as a card sends them.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.data[..], &self.status.0.to_be_bytes()].concat()
    }

    /// The status word.
    #[must_use]
    pub const fn status(&self) -> StatusWord {
        self.status
    }

    /// The data before it.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The data, taken out.
    #[must_use]
    pub fn into_data(self) -> Zeroizing<Vec<u8>> {
        self.data
    }
}

impl From<StatusWord> for Response {
    fn from(status: StatusWord) -> Self {
        Self::status_only(status)
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} bytes] {}", self.data.len(), self.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn data_and_status_come_apart_and_together_again() {
        let response = Response::parse(&[1, 2, 0x90, 0x00]).unwrap();
        assert_eq!(response, Response::done([1, 2].to_vec()));
        assert_eq!(response.to_bytes(), [1, 2, 0x90, 0x00]);
        assert_eq!(format!("{response:?}"), "[2 bytes] 9000 done");
    }

    #[test]
    fn a_single_byte_is_no_response() {
        assert_eq!(Response::parse(&[0x90]), Err(ResponseError(1)));
    }
}
