//! Both time-stamping authorities, judged by openssl and by our own verifier.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test")]

mod support;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jushin_crypto::AwsLc;
use jushin_pki::time_stamp::{TimeStamp, TimeStampRequest, Token, token_of_response};
use jushin_pki::{Certificate, TrustAnchors};
use jushin_trust_services::{Authority, Config, TrustServices, Tsa, TsaConfig};
use support::{Folder, HandClock, Listening, open, open_at, openssl, pem};

static SERVER: LazyLock<Listening> = LazyLock::new(|| Listening::new(|_| {}));

const NOON_MILLIS: u64 = 1_795_000_000_250;
const QUERY: &str = "application/timestamp-query";

fn verified(services: &TrustServices, tsa: Tsa, reply: &[u8], imprint: [u8; 32]) -> TimeStamp {
    let authority = match tsa {
        Tsa::First => Authority::TimeStamping1,
        Tsa::Second => Authority::TimeStamping2,
    };
    let crypto = AwsLc;
    let anchor = Certificate::parse(services.certificate(authority)).unwrap();
    let anchors = TrustAnchors::from_certificates([anchor], &crypto).unwrap();
    let token = token_of_response(reply).unwrap();
    Token::parse(&token).unwrap().verify(&imprint, &anchors, &crypto).unwrap()
}

fn query() -> Vec<u8> {
    TimeStampRequest::new([7; 32], &[1, 2, 3, 4, 5, 6, 7, 8]).to_der()
}

#[test]
fn openssl_accepts_the_token_of_each_authority_and_of_no_other() {
    let folder = Folder::new();
    let data = folder.file("data", b"visit");
    for digest in ["-sha256", "-sha384", "-sha512"] {
        for (path, own, other) in [
            ("/tsa/1", Authority::TimeStamping1, Authority::TimeStamping2),
            ("/tsa/2", Authority::TimeStamping2, Authority::TimeStamping1),
        ] {
            let query = folder.name("query.tsq");
            let made = openssl(&["ts", "-query", "-data", &data, digest, "-cert", "-out", &query]);
            assert!(made.0, "{}", made.1);
            let answer = SERVER.post(path, QUERY, &std::fs::read(&query).unwrap());
            assert_eq!(answer.status, 200);
            assert!(answer.head.contains("content-type: application/timestamp-reply"), "{}", answer.head);
            assert!(answer.head.contains("cache-control: no-store"), "{}", answer.head);
            let reply = folder.file("reply.tsr", &answer.body);
            let own = folder.file("own.pem", &pem(SERVER.services.certificate(own)));
            let other = folder.file("other.pem", &pem(SERVER.services.certificate(other)));
            let verify = |with: &[&str], ca: &str| {
                openssl(&[&["ts", "-verify", "-in", &reply, "-CAfile", ca], with].concat())
            };
            let (good, text) = verify(&["-queryfile", &query], &own);
            assert!(good && text.contains("Verification: OK"), "{text}");
            assert!(verify(&["-data", &data], &own).0);
            assert!(!verify(&["-queryfile", &query], &other).0);
            let changed = folder.file("changed", b"visit!");
            assert!(!verify(&["-data", &changed], &own).0);
        }
    }
}

#[test]
fn the_certificate_is_left_out_unless_asked_for() {
    let folder = Folder::new();
    let data = folder.file("data", b"visit");
    let query = folder.name("query.tsq");
    assert!(openssl(&["ts", "-query", "-data", &data, "-sha256", "-no_nonce", "-out", &query]).0);
    let answer = SERVER.post("/tsa/1", QUERY, &std::fs::read(&query).unwrap());
    let token = token_of_response(&answer.body).unwrap();
    assert_eq!(Token::parse(&token).unwrap().certificates().len(), 0);
    let with = SERVER.post("/tsa/1", QUERY, &self::query());
    let token = token_of_response(&with.body).unwrap();
    assert_eq!(Token::parse(&token).unwrap().certificates().len(), 1);
}

#[test]
fn a_token_echoes_the_nonce_and_states_accuracy_and_fraction() {
    let services = open_at(Config::in_memory("http://tsa"), HandClock::at(NOON_MILLIS));
    let reply = services.time_stamp(Tsa::First, &query());
    let token = token_of_response(&reply).unwrap();
    let token = Token::parse(&token).unwrap();
    token.check_nonce(&[1, 2, 3, 4, 5, 6, 7, 8]).unwrap();
    let stamp = verified(&services, Tsa::First, &reply, [7; 32]);
    assert_eq!(stamp.gen_time().millis(), 1_795_000_000_250);
    assert_eq!(stamp.uncertainty_millis(1_000), 500);
}

#[test]
fn an_authority_can_be_made_to_lie_or_to_say_less() {
    let mut config = Config::in_memory("http://tsa");
    config.tsa = [
        TsaConfig { offset_ms: 3_600_000, ..TsaConfig::default() },
        TsaConfig { accuracy_ms: None, fraction: false, ..TsaConfig::default() },
    ];
    let services = open_at(config, HandClock::at(NOON_MILLIS));
    let first = services.time_stamp(Tsa::First, &query());
    let stamp = verified(&services, Tsa::First, &first, [7; 32]);
    assert_eq!(stamp.gen_time().millis(), 1_795_003_600_250);
    let second = services.time_stamp(Tsa::Second, &query());
    let stamp = verified(&services, Tsa::Second, &second, [7; 32]);
    assert_eq!(stamp.gen_time().millis(), 1_795_000_000_000);
    assert_eq!(stamp.uncertainty_millis(1_000), 2_000, "default accuracy and a second for the fraction");
}

#[test]
fn no_serial_is_given_twice_not_even_after_a_restart() {
    let folder = Folder::new();
    let config = || Config::in_folder(folder.path(), "http://tsa");
    let mut serials = BTreeSet::new();
    for _ in 0..3 {
        let services = open(config());
        for tsa in [Tsa::First, Tsa::Second] {
            for _ in 0..3 {
                let reply = services.time_stamp(tsa, &query());
                let stamp = verified(&services, tsa, &reply, [7; 32]);
                assert!(serials.insert((tsa.number(), stamp.serial().to_vec())), "{:?}", stamp.serial());
            }
        }
    }
}

/// PKIStatus rejection, and the content of the failure's BIT STRING at the end.
fn is_rejected_with(reply: &[u8], failure: &[u8]) -> bool {
    let status = token_of_response(reply);
    let refused = jushin_pki::time_stamp::TimeStampError::Refused { status: 2 };
    status == Err(refused) && reply.ends_with(failure)
}

#[test]
fn what_cannot_be_served_is_rejected_with_its_failure_bit() {
    let folder = Folder::new();
    let data = folder.file("data", b"visit");
    let made = |arguments: &[&str]| {
        let out = folder.name("query.tsq");
        let (good, text) = openssl(&[&["ts", "-query", "-data", &data, "-out", &out], arguments].concat());
        assert!(good, "{text}");
        std::fs::read(out).unwrap()
    };
    let bad_algorithm = [2, 7, 0x80];
    let bad_request = [2, 5, 0x20];
    let bad_format = [2, 2, 0x04];
    let unaccepted_policy = [3, 0, 0, 0x01];
    let version_2 = {
        let mut query = query();
        query[4] = 2;
        query
    };
    let short_digest = {
        // SHA-384 over the 32 bytes of a SHA-256.
        let mut query = query();
        let oid = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
        let at = query.windows(9).position(|window| window == oid).unwrap();
        query[at + 8] = 2;
        query
    };
    let doubled = [query(), vec![0]].concat();
    for (name, query, failure) in [
        ("SHA-1", made(&["-sha1"]), &bad_algorithm[..]),
        ("policy", made(&["-sha256", "-tspolicy", "1.2.3.4"]), &unaccepted_policy),
        ("version", version_2, &bad_request),
        ("digest length", short_digest, &bad_format),
        ("trailing byte", doubled, &bad_format),
        ("empty", Vec::new(), &bad_format),
        ("text", b"time, please".to_vec(), &bad_format),
    ] {
        let answer = SERVER.post("/tsa/1", QUERY, &query);
        assert_eq!(answer.status, 200, "{name}");
        assert!(is_rejected_with(&answer.body, failure), "{name}: {:02x?}", answer.body);
        let reply = folder.file("reply.tsr", &answer.body);
        let (_, text) = openssl(&["ts", "-reply", "-in", &reply, "-text"]);
        assert!(text.contains("Status: Rejected."), "{name}: {text}");
    }
}
