//! What the routes do with whatever is sent.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test")]

mod support;

use std::sync::LazyLock;

use jushin_pki::time_stamp::{TimeStampError, TimeStampRequest, token_of_response};
use jushin_trust_services::{Authority, Config, TrustServices, Tsa};
use proptest::prelude::*;
use support::{Listening, open};

static SERVER: LazyLock<Listening> = LazyLock::new(|| Listening::new(|_| {}));
static SERVICES: LazyLock<TrustServices> = LazyLock::new(|| open(Config::in_memory("http://trust")));

#[test]
fn what_never_reaches_a_protocol_is_a_problem_document() {
    let large = vec![0x30; 20 << 10];
    for (answer, status, detail) in [
        (SERVER.post("/tsa/1", "text/plain", b"x"), 415, "application/timestamp-query"),
        (SERVER.post("/tsa/3", "application/timestamp-query", b"x"), 404, "neither 1 nor 2"),
        (SERVER.post("/ocsp/ca-u-1", "text/plain", b"x"), 415, "application/ocsp-request"),
        (SERVER.post("/ocsp/ca-x-1", "application/ocsp-request", b"x"), 404, "ca-u-1, ca-u-2"),
        (SERVER.get("/crl/ca-x-1"), 404, "ca-u-1, ca-u-2"),
        (SERVER.get("/ca/ca-x-1.pem"), 404, "ca-u-1, ca-u-2"),
        (SERVER.get("/ca/ca-u-1.exe"), 404, "ca-u-1, ca-u-2"),
    ] {
        assert_eq!(answer.status, status, "{}", answer.text());
        assert!(answer.head.contains("content-type: application/problem+json"), "{}", answer.head);
        assert!(answer.text().contains(detail), "{}", answer.text());
    }
    assert_eq!(SERVER.post("/tsa/1", "application/timestamp-query", &large).status, 413);
    assert_eq!(SERVER.post("/ocsp/ca-u-1", "application/ocsp-request", &large).status, 413);
    assert_eq!(SERVER.get("/register/rows?since=-1").status, 400);
    assert_eq!(SERVER.get("/tsa/1").status, 405);
}

#[test]
fn a_ca_certificate_comes_in_both_forms() {
    let der = SERVER.get("/ca/ca-u-1.der");
    assert_eq!(der.body, SERVER.services.certificate(Authority::UserAuthentication1));
    let text = SERVER.get("/ca/ca-u-1.pem").text();
    assert_eq!(jushin_pki::pem::decode("CERTIFICATE", &text).unwrap(), der.body);
}

#[test]
fn the_page_for_people_says_in_both_languages_that_all_is_simulated() {
    for (path, word) in [("/?lang=ja", "模擬"), ("/?lang=en", "Everything here is simulated")] {
        let answer = SERVER.get(path);
        assert_eq!(answer.status, 200);
        assert!(answer.text().contains(word), "{}", answer.text());
        assert!(answer.text().contains("◇"), "{}", answer.text());
        assert!(answer.head.contains("content-security-policy"), "{}", answer.head);
    }
    assert_eq!(SERVER.get("/assets/style.css").status, 200);
}

/// OCSPResponseStatus of a response without statement; `None` if there is a statement.
fn failure(response: &[u8]) -> Option<u8> {
    match response {
        [0x30, 3, 0x0A, 1, status] => Some(*status),
        _ => None,
    }
}

#[test]
fn malformed_ocsp_requests_are_answered_as_malformed() {
    for body in [&b""[..], b"hello", &[0x30, 0], &[0x30, 4, 0x30, 2, 0x30, 0]] {
        let answer = SERVER.post("/ocsp/ca-u-1", "application/ocsp-request", body);
        assert_eq!((answer.status, failure(&answer.body)), (200, Some(1)), "{body:02x?}");
    }
    let answer = SERVER.get("/ocsp/ca-u-1/not*base64");
    assert_eq!((answer.status, failure(&answer.body)), (200, Some(1)));
}

fn mutated(mut bytes: Vec<u8>, changes: &[(usize, u8)]) -> Vec<u8> {
    for (at, byte) in changes {
        let at = at % bytes.len();
        bytes[at] ^= byte;
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_get_a_protocol_answer(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let reply = SERVICES.time_stamp(Tsa::First, &body);
        prop_assert_eq!(token_of_response(&reply), Err(TimeStampError::Refused { status: 2 }));
        let response = SERVICES.certificate_status(Authority::UserAuthentication1, &body);
        prop_assert_eq!(failure(&response), Some(1));
    }

    #[test]
    fn a_changed_query_is_served_or_rejected(
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..4)
    ) {
        let query = mutated(TimeStampRequest::new([7; 32], &[1, 2, 3]).to_der(), &changes);
        let reply = SERVICES.time_stamp(Tsa::Second, &query);
        let token = token_of_response(&reply);
        prop_assert!(matches!(token, Ok(_) | Err(TimeStampError::Refused { status: 2 })), "{:?}", token);
    }

    #[test]
    fn a_changed_ocsp_request_is_served_or_refused(
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..4)
    ) {
        use jushin_pki::Certificate;
        use jushin_pki::revocation::{IdHash, OcspRequest, OcspResponse};
        let ca = Certificate::parse(SERVICES.certificate(Authority::UserAuthentication1)).unwrap();
        let request = OcspRequest::new(&ca, &ca, IdHash::Sha256, Some(&[5; 16])).to_der();
        let response =
            SERVICES.certificate_status(Authority::UserAuthentication1, &mutated(request, &changes));
        prop_assert!(failure(&response) == Some(1) || OcspResponse::parse(&response).is_ok());
    }
}
