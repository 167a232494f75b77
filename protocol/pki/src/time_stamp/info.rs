//! TSTInfo: what the TSA states.

use crate::der::{NotDer, Reader, Writer, tag};
use crate::moment::Moment;
use crate::{oid, time};

use super::TimeStampError;

/// How far genTime may be from the true time, either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Accuracy {
    /// In milliseconds; a part of one counts whole.
    pub millis: u64,
}

/// What the TSA states.
#[derive(Clone, Copy, Debug)]
pub(super) struct Info<'a> {
    pub(super) policy: &'a [u8],
    pub(super) imprint: [u8; 32],
    pub(super) serial: &'a [u8],
    pub(super) gen_time: Moment,
    pub(super) has_fraction: bool,
    /// Whether digits below the millisecond were cut off.
    pub(super) cut: bool,
    pub(super) accuracy: Option<Accuracy>,
    pub(super) nonce: Option<&'a [u8]>,
}

impl<'a> Info<'a> {
    pub(super) fn parse(der: &'a [u8]) -> Result<Self, TimeStampError> {
        let mut outer = Reader::new(der);
        let mut info = outer.nested(tag::SEQUENCE)?;
        outer.finish()?;
        if info.small_unsigned()? != 1 {
            return Err(TimeStampError::NotAccepted { what: "version" });
        }
        let policy = info.take(tag::OID)?;
        let imprint = take_imprint(&mut info)?;
        let serial = info.unsigned()?;
        let (gen_time, has_fraction, cut) = take_gen_time(&mut info)?;
        let accuracy = info.optional(tag::SEQUENCE)?.map(|value| take_accuracy(value.content)).transpose()?;
        info.boolean_or_false()?;
        let nonce = match info.peek() {
            Some(tag::INTEGER) => Some(info.unsigned()?),
            _ => None,
        };
        info.optional(tag::context_constructed(0))?;
        if let Some(extensions) = info.optional(tag::context_constructed(1))? {
            refuse_critical(extensions.content)?;
        }
        info.finish()?;
        Ok(Self { policy, imprint, serial, gen_time, has_fraction, cut, accuracy, nonce })
    }
}

/// The moment in whole milliseconds, rounded down; whether there was a fraction; whether digits were cut.
fn take_gen_time(info: &mut Reader<'_>) -> Result<(Moment, bool, bool), NotDer> {
    let content = info.take(tag::GENERALIZED_TIME)?;
    let (seconds, fraction) =
        time::split_fraction(content).ok_or(NotDer::Content { of: tag::GENERALIZED_TIME })?;
    let mut digits = fraction.iter().map(|digit| i64::from(digit - b'0')).chain(core::iter::repeat(0));
    let millis = digits.by_ref().take(3).fold(0, |millis, digit| millis * 10 + digit);
    Ok((seconds.plus_millis(millis), !fraction.is_empty(), fraction.len() > 3))
}

fn take_accuracy(content: &[u8]) -> Result<Accuracy, NotDer> {
    let mut fields = Reader::new(content);
    let seconds = if fields.peek() == Some(tag::INTEGER) { fields.small_unsigned()? } else { 0 };
    let millis = part_of_thousand(fields.optional(tag::context(0))?.map(|value| value.content))?;
    let micros = part_of_thousand(fields.optional(tag::context(1))?.map(|value| value.content))?;
    fields.finish()?;
    let millis = seconds.saturating_mul(1_000).saturating_add(millis).saturating_add(micros.div_ceil(1_000));
    Ok(Accuracy { millis })
}

/// An INTEGER (1..999) under another tag; absent is 0.
fn part_of_thousand(content: Option<&[u8]>) -> Result<u64, NotDer> {
    match content {
        None => Ok(0),
        Some(content) => {
            let mut integer = Writer::new();
            integer.put(tag::INTEGER, content);
            match Reader::new(&integer.into_bytes()).small_unsigned()? {
                value @ 1..=999 => Ok(value),
                _ => Err(NotDer::Content { of: tag::INTEGER }),
            }
        }
    }
}

fn refuse_critical(content: &[u8]) -> Result<(), TimeStampError> {
    let mut list = Reader::new(content);
    while !list.is_empty() {
        let mut extension = list.nested(tag::SEQUENCE)?;
        extension.take(tag::OID)?;
        if extension.boolean_or_false()? {
            return Err(TimeStampError::NotAccepted { what: "critical extension" });
        }
        extension.take(tag::OCTET_STRING)?;
        extension.finish()?;
    }
    Ok(())
}

pub(super) fn put_imprint(writer: &mut Writer, imprint: &[u8; 32]) {
    writer.nest(tag::SEQUENCE, |message| {
        message.nest(tag::SEQUENCE, |algorithm| {
            algorithm.put(tag::OID, oid::SHA256.as_bytes());
            algorithm.put(tag::NULL, &[]);
        });
        message.put(tag::OCTET_STRING, imprint);
    });
}

pub(super) fn take_imprint(reader: &mut Reader<'_>) -> Result<[u8; 32], TimeStampError> {
    let mut message = reader.nested(tag::SEQUENCE)?;
    let mut algorithm = message.nested(tag::SEQUENCE)?;
    if algorithm.take(tag::OID)? != oid::SHA256.as_bytes() {
        return Err(TimeStampError::NotAccepted { what: "imprint other than SHA-256" });
    }
    if !algorithm.is_empty() {
        algorithm.take(tag::NULL)?;
    }
    algorithm.finish()?;
    let digest = message.take(tag::OCTET_STRING)?;
    message.finish()?;
    digest.try_into().map_err(|_| NotDer::Content { of: tag::OCTET_STRING }.into())
}
