//! Time-stamp tokens, against those that the openssl command makes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use jushin_crypto::AwsLc;
use jushin_pki::issue::{Issuer, NewExtension};
use jushin_pki::name::Name;
use jushin_pki::time_stamp::{Accuracy, TimeStampError, TimeStampRequest, Token, token_of_response};
use jushin_pki::{KeyKind, KeyUsage, Moment, PathError, oid};
use sha2::{Digest as _, Sha256};

use support::{Directory, Key, root, template, trust};

const NONCE: [u8; 16] = [0, 0x91, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

fn imprint() -> [u8; 32] {
    Sha256::digest(b"a signed statement").into()
}

/// A TSA run by openssl under a CA of ours.
struct Tsa {
    directory: Directory,
    ca: Issuer,
}

impl Tsa {
    fn new(kind: KeyKind) -> Self {
        let directory = Directory::new();
        let ca = root(KeyKind::P256);
        let key = Key::new(kind);
        let extensions = vec![
            NewExtension::extended_key_usage(&[oid::TIME_STAMPING], true),
            NewExtension::key_usage(KeyUsage::DIGITAL_SIGNATURE),
        ];
        let mut template = template(Name::new().common_name("TSA 1 ◇"), 3, key.key.spki(), extensions);
        // openssl stamps with the machine's clock.
        template.not_before = Moment::from_utc(2020, 1, 1, 0, 0, 0).unwrap();
        template.not_after = Moment::from_utc(2045, 1, 1, 0, 0, 0).unwrap();
        let mut root = support::template(support::ca_name(), 1, &[], vec![]);
        root.not_before = template.not_before;
        root.not_after = template.not_after;
        let ca = Issuer::self_signed(root, ca.key().clone(), ca.suite()).unwrap();
        directory.certificate("ca.pem", ca.certificate());
        directory.certificate("tsa.pem", &ca.issue(&template).unwrap());
        directory.write("tsa.key", key.pem());
        Self { directory, ca }
    }

    fn configure(&self, digest: &str, accuracy: &str, fraction: u8) {
        let text = format!(
            "[tsa]\ndefault_tsa = t\n[t]\nserial = serial\nsigner_cert = tsa.pem\ncerts = ca.pem\nsigner_key = tsa.key\n\
             signer_digest = {digest}\ndefault_policy = 1.2.3.4.1\ndigests = sha256\n{accuracy}\n\
             clock_precision_digits = {fraction}\nordering = no\ntsa_name = yes\ness_cert_id_chain = no\n\
             ess_cert_id_alg = sha256\n"
        );
        self.directory.write("tsa.cnf", text);
    }

    fn response(&self, request: &TimeStampRequest) -> Vec<u8> {
        self.directory.write("request.tsq", request.to_der());
        self.directory.openssl("ts -reply -queryfile request.tsq -config tsa.cnf -out response.tsr");
        self.directory.read("response.tsr")
    }

    fn token(&self) -> Vec<u8> {
        self.configure("sha256", "accuracy = secs:1, millisecs:500, microsecs:100", 3);
        token_of_response(&self.response(&TimeStampRequest::new(imprint(), &NONCE))).unwrap()
    }
}

#[test]
fn a_request_reads_as_it_was_meant() {
    let request = TimeStampRequest::new(imprint(), &NONCE);
    let directory = Directory::new();
    directory.write("request.tsq", request.to_der());
    let text = directory.openssl("ts -query -in request.tsq -text");
    for line in [
        "Version: 1",
        "Hash Algorithm: sha256",
        "Nonce: 0x9102030405060708090A0B0C0D0E0F",
        "Certificate required: yes",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    let parsed = TimeStampRequest::parse(&request.to_der()).unwrap();
    assert_eq!(parsed.nonce.as_deref(), Some(&NONCE[1..]));
    assert_eq!((parsed.imprint, parsed.certificate_wanted), (imprint(), true));
}

#[test]
fn a_token_by_openssl_verifies_for_every_key_and_digest() {
    for kind in [KeyKind::Rsa2048, KeyKind::RsaOther, KeyKind::P256, KeyKind::P384] {
        let tsa = Tsa::new(kind);
        for digest in ["sha256", "sha384", "sha512"] {
            tsa.configure(digest, "accuracy = secs:1, millisecs:500, microsecs:100", 3);
            let response = tsa.response(&TimeStampRequest::new(imprint(), &NONCE));
            let der = token_of_response(&response).unwrap();
            let token = Token::parse(&der).unwrap();
            let stamp = token.verify(&imprint(), &trust(&[&tsa.ca]), &AwsLc).unwrap_or_else(|error| {
                panic!("{kind:?} {digest}: {error}");
            });
            token.check_nonce(&NONCE).unwrap();
            assert_eq!(token.check_nonce(&[1]), Err(TimeStampError::Nonce));
            assert_eq!(stamp.policy(), "1.2.3.4.1");
            assert_eq!(stamp.tsa().anchor(), tsa.ca.certificate());
            assert_eq!(stamp.accuracy(), Some(Accuracy { millis: 1_501 }));
            assert_eq!(stamp.uncertainty_millis(1_000), if stamp.has_fraction() { 1_501 } else { 2_501 });
        }
    }
}

#[test]
fn gen_time_is_what_openssl_says_it_is() {
    let tsa = Tsa::new(KeyKind::P256);
    for digits in [0, 3, 6] {
        tsa.configure("sha256", "", digits);
        let response = tsa.response(&TimeStampRequest::new(imprint(), &NONCE));
        let der = token_of_response(&response).unwrap();
        let stamp = Token::parse(&der).unwrap().verify(&imprint(), &trust(&[&tsa.ca]), &AwsLc).unwrap();
        let text = tsa.directory.openssl("ts -reply -in response.tsr -text");
        let said = text.lines().find_map(|line| line.strip_prefix("Time stamp: ")).unwrap();
        // "Nov  1 00:00:00.123456 2026 GMT": the fraction is there as far as it is not zero.
        let clock = said.split_whitespace().nth(2).unwrap();
        let (time, fraction) = clock.split_once('.').unwrap_or((clock, ""));
        let [.., hour, minute, second] = stamp.gen_time().to_utc();
        assert_eq!(time, format!("{hour:02}:{minute:02}:{second:02}"));
        let millis: i64 = format!("{fraction:0<3}")[..3].parse().unwrap();
        assert_eq!(stamp.gen_time().millis().rem_euclid(1_000), millis);
        assert_eq!(stamp.has_fraction(), !fraction.is_empty());
        assert_eq!(stamp.accuracy(), None);
        let whole_second = if fraction.is_empty() { 1_000 } else { 0 };
        let cut = u64::from(fraction.len() > 3);
        assert_eq!(stamp.uncertainty_millis(1_000), 1_000 + whole_second + cut);
    }
}

#[test]
fn openssl_verifies_what_it_made_under_the_ca_we_issued() {
    let tsa = Tsa::new(KeyKind::P256);
    tsa.token();
    let said = tsa.directory.openssl("ts -verify -queryfile request.tsq -in response.tsr -CAfile ca.pem");
    assert!(said.contains("Verification: OK"), "{said}");
}

#[test]
fn n2_3_a_token_over_other_bytes_is_refused() {
    let tsa = Tsa::new(KeyKind::P256);
    let der = tsa.token();
    let other = [7; 32];
    let refused = Token::parse(&der).unwrap().verify(&other, &trust(&[&tsa.ca]), &AwsLc).unwrap_err();
    assert_eq!(refused, TimeStampError::Imprint { found: imprint(), expected: other });
}

#[test]
fn n2_4_a_token_of_an_untrusted_tsa_is_refused() {
    let tsa = Tsa::new(KeyKind::P256);
    let der = tsa.token();
    let stranger = Tsa::new(KeyKind::P256);
    let refused =
        Token::parse(&der).unwrap().verify(&imprint(), &trust(&[&stranger.ca]), &AwsLc).unwrap_err();
    assert!(matches!(refused, TimeStampError::Path(PathError::NoIssuer { .. })), "{refused}");
}

#[test]
fn a_token_without_the_signers_certificate_proves_nothing() {
    let tsa = Tsa::new(KeyKind::P256);
    tsa.configure("sha256", "", 0);
    let request = TimeStampRequest { certificate_wanted: false, ..TimeStampRequest::new(imprint(), &NONCE) };
    let der = token_of_response(&tsa.response(&request)).unwrap();
    let refused = Token::parse(&der).unwrap().verify(&imprint(), &trust(&[&tsa.ca]), &AwsLc).unwrap_err();
    assert_eq!(refused, TimeStampError::NoSigner);
}

#[test]
fn a_refusal_of_the_tsa_is_no_token() {
    let tsa = Tsa::new(KeyKind::P256);
    tsa.configure("sha256", "", 0);
    let other_digest = tsa.directory.path("data");
    std::fs::write(other_digest, b"x").unwrap();
    tsa.directory.openssl("ts -query -data data -sha512 -out request.tsq");
    tsa.directory.openssl("ts -reply -queryfile request.tsq -config tsa.cnf -out response.tsr");
    let refused = token_of_response(&tsa.directory.read("response.tsr")).unwrap_err();
    assert_eq!(refused, TimeStampError::Refused { status: 2 });
    assert!(TimeStampRequest::parse(&tsa.directory.read("request.tsq")).is_err());
}

#[test]
fn every_changed_byte_of_a_token_is_refused_or_changes_nothing() {
    let tsa = Tsa::new(KeyKind::P256);
    let anchors = trust(&[&tsa.ca]);
    let der = tsa.token();
    let genuine = Token::parse(&der).unwrap().verify(&imprint(), &anchors, &AwsLc).unwrap();
    let mut unprotected = 0;
    for (at, changed) in support::mutations(&der) {
        let Ok(token) = Token::parse(&changed) else { continue };
        if let Ok(stamp) = token.verify(&imprint(), &anchors, &AwsLc) {
            // CMS leaves its own frame and unused certificates unsigned; what was stated stands.
            unprotected += 1;
            assert_eq!(stamp.gen_time(), genuine.gen_time(), "byte {at}");
            assert_eq!(stamp.accuracy(), genuine.accuracy(), "byte {at}");
            assert_eq!(stamp.serial(), genuine.serial(), "byte {at}");
            assert_eq!(stamp.tsa().leaf(), genuine.tsa().leaf(), "byte {at}");
        }
    }
    println!("{unprotected} of {} changes leave the statement as it was", 3 * der.len());
}
