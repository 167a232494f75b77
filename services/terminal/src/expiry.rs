//! Until when a card says that it is good: one date is looked at, nothing else, and nothing is kept.
//!
//! Only a hint for the desk, so that a patient with an old card is not sent through a check-in that the
//! platform must reject. The certificate stays opaque: no name, number or key is read here.

use jushin_statement::UnixMillis;

/// `notAfter` as `YYYYMMDD`, if the certificate has one where RFC 5280 §4.1 puts it.
pub(crate) fn last_day(certificate: &[u8]) -> Option<[u8; 8]> {
    let mut to_be_signed = Der(Der(certificate).take(0x30)?);
    let mut body = Der(to_be_signed.take(0x30)?);
    if body.0.first() == Some(&0xA0) {
        body.take(0xA0)?; // version
    }
    body.take(0x02)?; // serial number
    body.take(0x30)?; // signature algorithm
    body.take(0x30)?; // issuer
    let mut validity = Der(body.take(0x30)?);
    validity.next()?; // notBefore
    let (tag, not_after) = validity.next()?;
    let mut day = [0; 8];
    match tag {
        // Two digits of the year: 00 to 49 are 20xx (RFC 5280 §4.1.2.5.1).
        0x17 => {
            let text = not_after.get(..6)?;
            day[..2].copy_from_slice(if text < &b"50"[..] { b"20" } else { b"19" });
            day[2..].copy_from_slice(text);
        }
        0x18 => day.copy_from_slice(not_after.get(..8)?),
        _ => return None,
    }
    day.iter().all(u8::is_ascii_digit).then_some(day)
}

/// The terminal's clock as `YYYYMMDD`, in UTC like the dates in certificates.
pub(crate) fn text_of(now: UnixMillis) -> [u8; 8] {
    let (mut year, mut day) = (1970_u64, now.0 / 86_400_000);
    let length = |year: u64| {
        if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) {
            366
        } else {
            365
        }
    };
    while day >= length(year) && year < 9999 {
        day -= length(year);
        year += 1;
    }
    let february = if length(year) == 366 { 29 } else { 28 };
    let mut month = 1_u64;
    for days in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if day < days {
            break;
        }
        day -= days;
        month += 1;
    }
    let mut text = [b'0'; 8];
    for (place, digit) in text.iter_mut().zip(format!("{year:04}{month:02}{:02}", day + 1).bytes()) {
        *place = digit;
    }
    text
}

/// The rest of a DER sequence.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    fn take(&mut self, wanted: u8) -> Option<&'a [u8]> {
        let (tag, content) = self.next()?;
        (tag == wanted).then_some(content)
    }

    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7F => (usize::from(first), rest),
            0x81 | 0x82 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
                (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, u8::try_from(content.len()).unwrap()][..], content].concat()
    }

    fn certificate(not_after: &[u8]) -> Vec<u8> {
        let validity = [der(0x17, b"200101000000Z"), not_after.to_vec()].concat();
        let body = [
            der(0xA0, b"\x02\x01\x02"),
            der(0x02, &[7]),
            der(0x30, b""),
            der(0x30, b""),
            der(0x30, &validity),
        ];
        der(0x30, &der(0x30, &body.concat()))
    }

    #[test]
    fn the_last_day_is_found_in_both_forms_of_time() {
        assert_eq!(last_day(&certificate(&der(0x17, b"310407235959Z"))), Some(*b"20310407"));
        assert_eq!(last_day(&certificate(&der(0x17, b"990407235959Z"))), Some(*b"19990407"));
        assert_eq!(last_day(&certificate(&der(0x18, b"20510407235959Z"))), Some(*b"20510407"));
    }

    #[test]
    fn what_is_no_certificate_has_no_last_day() {
        assert_eq!(last_day(b""), None);
        assert_eq!(last_day(&certificate(&der(0x0C, b"310407235959Z"))), None);
        let whole = certificate(&der(0x17, b"310407235959Z"));
        for length in 0..whole.len() {
            assert_eq!(last_day(&whole[..length]), None, "cut to {length}");
        }
    }

    #[test]
    fn days_are_counted_as_the_calendar_does() {
        for (millis, text) in [
            (0, b"19700101"),
            (1_775_519_523_000, b"20260406"),
            (1_709_164_800_000, b"20240229"),
            (4_107_542_400_000, b"21000301"),
        ] {
            assert_eq!(text_of(UnixMillis(millis)), *text);
        }
    }
}
