//! A time-stamping authority (RFC 3161, RFC 5816).

mod query;
mod token;

use std::sync::{Mutex, PoisonError};

use jushin_pki::Moment;
use jushin_pki::der::{Writer, tag};

pub(crate) use query::{Query, Refusal};

use crate::authority::Signer;
use crate::error::TrustError;
use crate::{TsaConfig, oid};

/// How many serials are reserved at once, so that a token costs no write; those left at the end of the
/// process are never used.
const BLOCK: u64 = 1_024;

/// One authority: its leaf key, its configuration, the serials it still may use.
pub(crate) struct TimeStampAuthority {
    signer: Signer,
    config: TsaConfig,
    serials: Mutex<std::ops::Range<u64>>,
}

impl TimeStampAuthority {
    /// An authority that signs with this key.
    pub(crate) fn new(signer: Signer, config: TsaConfig) -> Self {
        Self { signer, config, serials: Mutex::new(0..0) }
    }

    /// Answers a query; any bytes get an answer. `now` is the honest time, `reserve` gives the first of
    /// that many serials that were never used.
    pub(crate) fn answer(
        &self,
        query: &[u8],
        now: Moment,
        reserve: impl FnOnce(u64) -> Result<u64, TrustError>,
    ) -> Vec<u8> {
        match self.token(query, now, reserve) {
            Ok(token) => granted(&token),
            Err(refusal) => rejected(refusal),
        }
    }

    fn token(
        &self,
        query: &[u8],
        now: Moment,
        reserve: impl FnOnce(u64) -> Result<u64, TrustError>,
    ) -> Result<Vec<u8>, Refusal> {
        let query = Query::parse(query)?;
        if query.policy.is_some_and(|policy| policy != oid::SIMULATED_TIME_STAMP_POLICY.as_bytes()) {
            return Err(Refusal::UnacceptedPolicy);
        }
        let serial = self.next_serial(reserve).map_err(|_| Refusal::SystemFailure)?;
        let time = now.plus_millis(self.config.offset_ms);
        let statement = token::Statement { query: &query, serial, time, config: &self.config };
        statement.signed_by(&self.signer).map_err(|_| Refusal::SystemFailure)
    }

    fn next_serial(&self, reserve: impl FnOnce(u64) -> Result<u64, TrustError>) -> Result<u64, TrustError> {
        let mut serials = self.serials.lock().unwrap_or_else(PoisonError::into_inner);
        if serials.is_empty() {
            let first = reserve(BLOCK)?;
            *serials = first..first.saturating_add(BLOCK);
        }
        serials.next().ok_or_else(|| TrustError::Store("no serial is left".into()))
    }
}

/// TimeStampResp with status granted (0).
fn granted(token: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.nest(tag::SEQUENCE, |response| {
        response.nest(tag::SEQUENCE, |status| status.unsigned(&[0]));
        response.raw(token);
    });
    writer.into_bytes()
}

/// TimeStampResp with status rejection (2), a sentence and the failure bit.
fn rejected(refusal: Refusal) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.nest(tag::SEQUENCE, |response| {
        response.nest(tag::SEQUENCE, |status| {
            status.unsigned(&[2]);
            status.nest(tag::SEQUENCE, |text| text.put(tag::UTF8_STRING, refusal.to_string().as_bytes()));
            status.put(tag::BIT_STRING, &failure_bits(refusal.bit()));
        });
    });
    writer.into_bytes()
}

/// A named bit list with one bit: DER ends it with that bit (X.690 11.2.2).
fn failure_bits(bit: u8) -> Vec<u8> {
    let octets = usize::from(bit / 8);
    let mut content = vec![7 - bit % 8];
    content.extend(std::iter::repeat_n(0, octets));
    content.push(0x80 >> (bit % 8));
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_bit_ends_its_bit_string() {
        assert_eq!(failure_bits(0), [7, 0x80]);
        assert_eq!(failure_bits(2), [5, 0x20]);
        assert_eq!(failure_bits(15), [0, 0, 0x01]);
        assert_eq!(failure_bits(25), [6, 0, 0, 0, 0x40]);
    }
}
