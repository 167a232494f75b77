//! UTCTime and GeneralizedTime (RFC 5280 §4.1.2.5, RFC 3161 §2.4.2).

use crate::der::{NotDer, Reader, Value, Writer, tag};
use crate::moment::Moment;

/// Takes a `Time` of a certificate or CRL: UTCTime until 2049, GeneralizedTime from 2050, seconds, `Z`.
pub(crate) fn time(reader: &mut Reader<'_>) -> Result<Moment, NotDer> {
    let value = reader.any()?;
    from_value(value).ok_or(NotDer::Content { of: value.tag })
}

/// Takes a GeneralizedTime without a fraction, as OCSP states times.
pub(crate) fn generalized(reader: &mut Reader<'_>) -> Result<Moment, NotDer> {
    let content = reader.take(tag::GENERALIZED_TIME)?;
    let not_der = NotDer::Content { of: tag::GENERALIZED_TIME };
    let (moment, fraction) = split_fraction(content).ok_or(not_der)?;
    if fraction.is_empty() { Ok(moment) } else { Err(not_der) }
}

fn from_value(value: Value<'_>) -> Option<Moment> {
    match value.tag {
        tag::UTC_TIME => {
            let [digits @ .., b'Z'] = value.content else { return None };
            let [year, month, day, hour, minute, second] = pairs::<6>(digits)?;
            let century = if year < 50 { 2_000 } else { 1_900 };
            Moment::from_utc(century + year, month, day, hour, minute, second)
        }
        tag::GENERALIZED_TIME => {
            let (moment, fraction) = split_fraction(value.content)?;
            let after_2049 = moment >= Moment::from_utc(2050, 1, 1, 0, 0, 0)?;
            let before_1950 = moment < Moment::from_utc(1950, 1, 1, 0, 0, 0)?;
            (fraction.is_empty() && (after_2049 || before_1950)).then_some(moment)
        }
        _ => None,
    }
}

/// Splits a GeneralizedTime into its whole seconds and the digits of its fraction (none if there is none).
///
/// A fraction that ends in zero, or has no digit, is not DER.
pub(crate) fn split_fraction(content: &[u8]) -> Option<(Moment, &[u8])> {
    let [body @ .., b'Z'] = content else { return None };
    let (seconds, rest) = body.split_at_checked(14)?;
    let fraction = match rest {
        [] => rest,
        [b'.', digits @ ..] if digits.last().is_some_and(|last| *last != b'0') => digits,
        _ => return None,
    };
    if !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let [century, year, month, day, hour, minute, second] = pairs::<7>(seconds)?;
    Some((Moment::from_utc(century * 100 + year, month, day, hour, minute, second)?, fraction))
}

/// Writes a `Time` of a certificate or CRL; a part of a second is dropped.
pub(crate) fn put_time(writer: &mut Writer, moment: Moment) {
    let [year, month, day, hour, minute, second] = moment.to_utc();
    if (1950..2050).contains(&year) {
        let text = alloc::format!("{:02}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z", year % 100);
        writer.put(tag::UTC_TIME, text.as_bytes());
    } else {
        let text = alloc::format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
        writer.put(tag::GENERALIZED_TIME, text.as_bytes());
    }
}

fn pairs<const N: usize>(digits: &[u8]) -> Option<[i64; N]> {
    if digits.len() != 2 * N {
        return None;
    }
    let mut values = [0; N];
    for (value, pair) in values.iter_mut().zip(digits.chunks_exact(2)) {
        for digit in pair {
            *value = *value * 10 + i64::from(digit.is_ascii_digit().then(|| digit - b'0')?);
        }
    }
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(tag: u8, text: &str) -> Result<Moment, NotDer> {
        let mut writer = Writer::new();
        writer.put(tag, text.as_bytes());
        time(&mut Reader::new(&writer.into_bytes()))
    }

    #[test]
    fn two_digit_years_end_in_2049() {
        assert_eq!(parsed(tag::UTC_TIME, "491231235959Z"), Ok(Moment::from_seconds(2_524_607_999)));
        assert_eq!(parsed(tag::UTC_TIME, "500101000000Z"), Ok(Moment::from_seconds(-631_152_000)));
        assert_eq!(parsed(tag::GENERALIZED_TIME, "20500101000000Z"), Ok(Moment::from_seconds(2_524_608_000)));
    }

    #[test]
    fn a_time_has_one_form() {
        for (tag, text) in [
            (tag::UTC_TIME, "2611010000Z"),
            (tag::UTC_TIME, "261101000000+0900"),
            (tag::UTC_TIME, "26110100000aZ"),
            (tag::GENERALIZED_TIME, "20261101000000Z"),
            (tag::GENERALIZED_TIME, "20510101000000.5Z"),
            (tag::GENERALIZED_TIME, "20510101000000"),
        ] {
            assert_eq!(parsed(tag, text), Err(NotDer::Content { of: tag }), "{text}");
        }
        assert_eq!(split_fraction(b"20261101000000.50Z"), None);
        assert_eq!(split_fraction(b"20261101000000.Z"), None);
        assert_eq!(split_fraction(b"20261101000000.5Z").map(|(_, fraction)| fraction), Some(&b"5"[..]));
    }
}
