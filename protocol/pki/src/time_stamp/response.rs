//! What comes back from a TSA.

use alloc::vec::Vec;

use crate::der::{Reader, tag};

use super::TimeStampError;

/// Takes the token out of a DER TimeStampResp.
///
/// # Errors
///
/// [`TimeStampError::Refused`] if the TSA granted none, [`TimeStampError::Malformed`].
pub fn token_of_response(der: &[u8]) -> Result<Vec<u8>, TimeStampError> {
    let mut outer = Reader::new(der);
    let mut response = outer.nested(tag::SEQUENCE)?;
    outer.finish()?;
    let mut info = response.nested(tag::SEQUENCE)?;
    let status = info.small_unsigned()?;
    info.optional(tag::SEQUENCE)?;
    info.optional(tag::BIT_STRING)?;
    info.finish()?;
    if status > 1 {
        return Err(TimeStampError::Refused { status });
    }
    let token = response.value(tag::SEQUENCE)?;
    response.finish()?;
    Ok(token.whole.to_vec())
}
