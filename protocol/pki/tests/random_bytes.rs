//! No parser panics, whatever it is given, and what it accepts it gives back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use jushin_pki::revocation::{Crl, OcspRequest, OcspResponse};
use jushin_pki::time_stamp::{TimeStampRequest, Token, token_of_response};
use jushin_pki::{Certificate, CvCertificate, pem, spki};
use proptest::collection::vec;
use proptest::prelude::*;

fn parse_all(bytes: &[u8]) {
    if let Ok(certificate) = Certificate::parse(bytes) {
        assert_eq!(certificate.der(), bytes);
        let _ = (certificate.common_name(), certificate.extensions().count(), certificate.policies());
    }
    let _ = CvCertificate::parse(bytes);
    if let Ok(crl) = Crl::parse(bytes) {
        let _ = crl.revoked().count();
    }
    let _ = OcspResponse::parse(bytes);
    let _ = OcspRequest::parse(bytes);
    let _ = Token::parse(bytes);
    let _ = token_of_response(bytes);
    let _ = TimeStampRequest::parse(bytes);
    let _ = spki::parse(bytes);
    let _ = pem::decode_all("CERTIFICATE", &String::from_utf8_lossy(bytes));
}

/// Nested values with lengths that fit, so that random content gets past the first byte.
fn der_like() -> impl Strategy<Value = Vec<u8>> {
    let tags = prop_oneof![
        Just(0x30_u8),
        Just(0x31),
        Just(0x02),
        Just(0x03),
        Just(0x04),
        Just(0x06),
        Just(0x0A),
        Just(0x17),
        Just(0x18),
        Just(0xA0),
        Just(0xA1),
        Just(0x80),
        any::<u8>()
    ];
    let leaf = (tags.clone(), vec(any::<u8>(), 0..20)).prop_map(|(tag, content)| value(tag, &content));
    leaf.prop_recursive(6, 64, 6, move |inner| {
        (tags.clone(), vec(inner, 0..6)).prop_map(|(tag, values)| value(tag, &values.concat()))
    })
}

fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut writer = jushin_pki::der::Writer::new();
    writer.put(tag, content);
    writer.into_bytes()
}

proptest! {
    #[test]
    fn random_bytes_make_no_parser_panic(bytes in vec(any::<u8>(), 0..600)) {
        parse_all(&bytes);
    }

    #[test]
    fn random_values_make_no_parser_panic(bytes in der_like()) {
        parse_all(&bytes);
    }

    #[test]
    fn spliced_certificates_make_no_parser_panic(
        from in 0_usize..1_590, length in 0_usize..40, patch in vec(any::<u8>(), 0..40),
    ) {
        let mut bytes = support::data("jpki/test-card-auth.der");
        let end = (from + length).min(bytes.len());
        bytes.splice(from..end, patch);
        parse_all(&bytes);
    }

    #[test]
    fn a_time_reads_back(seconds in -631_152_000_i64..253_402_300_800) {
        let moment = jushin_pki::Moment::from_seconds(seconds);
        let [year, month, day, hour, minute, second] = moment.to_utc();
        prop_assert_eq!(jushin_pki::Moment::from_utc(year, month, day, hour, minute, second), Some(moment));
    }
}
