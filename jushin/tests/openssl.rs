//! What the demo leaves, checked by OpenSSL: tokens, certificates and signatures need no code of ours.
//!
//! The bytes that a signature covers are put together here by hand, from the format alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::path::PathBuf;

use jushin_pki::{Certificate, pem};
use jushin_statement::Object as _;
use jushin_statement::{Alg, Anchor, Bundle, Id16, Presence, Signed, TickStamp1};
use support::{Answer, Folder, Played, evidence, run};

/// The morning after the story, when it is checked.
const CHECKED_AT: &str = "1775600000";

/// A played demo and a folder for OpenSSL's files.
struct Desk {
    played: Played,
    folder: Folder,
}

impl Desk {
    fn new() -> Self {
        Self { played: Played::well(), folder: Folder::new() }
    }

    fn trust(&self, name: &str) -> String {
        self.played.dir().join("trust").join(name).display().to_string()
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        self.folder.write(name, content).display().to_string()
    }

    fn certificate(&self, name: &str, der: &[u8]) -> String {
        self.file(name, pem::encode("CERTIFICATE", der))
    }

    fn public_key(&self, spki: &[u8]) -> String {
        self.file("key.pem", pem::encode("PUBLIC KEY", spki))
    }

    /// OpenSSL's opinion of a signature.
    fn signature(
        &self,
        digest: &str,
        options: &[&str],
        spki: &[u8],
        signed: &[u8],
        signature: &[u8],
    ) -> Answer {
        let (key, signed) = (self.public_key(spki), self.file("signed", signed));
        let signature = self.file("signature", signature);
        let fixed = ["dgst", digest, "-verify", &key, "-signature", &signature];
        run("openssl", &[&fixed[..], options, &[&signed]].concat())
    }
}

/// A CBOR byte string.
fn byte_string(content: &[u8]) -> Vec<u8> {
    let head = match content.len() {
        short @ ..24 => vec![0x40 | short as u8],
        medium @ ..256 => vec![0x58, medium as u8],
        long => vec![0x59, (long >> 8) as u8, long as u8],
    };
    [head, content.to_vec()].concat()
}

/// `["Signature1", {1: alg}, context, payload]`.
fn to_be_signed(alg: Alg, context: &str, payload: &[u8]) -> Vec<u8> {
    let alg: &[u8] = match alg {
        Alg::Es256 => &[0x26],
        Alg::Es384 => &[0x38, 0x22],
        Alg::Ps256 => &[0x38, 0x24],
        Alg::Rs256 => &[0x39, 0x01, 0x00],
        Alg::EdDsa => unreachable!("no card and no element signs Ed25519"),
    };
    let protected = [&[0xa1, 0x01], alg].concat();
    [
        b"\x84\x6aSignature1".to_vec(),
        byte_string(&protected),
        byte_string(context.as_bytes()),
        byte_string(payload),
    ]
    .concat()
}

/// A DER ECDSA-Sig-Value of r‖s.
fn ecdsa_der(signature: &[u8]) -> Vec<u8> {
    let integer = |part: &[u8]| {
        let digits = &part[part.iter().position(|byte| *byte != 0).unwrap()..];
        let sign: &[u8] = if digits[0] < 0x80 { &[] } else { &[0] };
        [&[0x02, (sign.len() + digits.len()) as u8], sign, digits].concat()
    };
    let (r, s) = signature.split_at(signature.len() / 2);
    let parts = [integer(r), integer(s)].concat();
    [&[0x30, parts.len() as u8], &parts[..]].concat()
}

/// The first stamp and the token of each online anchor.
fn anchors(bundle: &Bundle) -> Vec<(Signed, Vec<u8>)> {
    let online = bundle.anchors.iter().filter_map(|anchor| match &anchor.0 {
        Anchor::Online { stamp1, token, .. } => Some((stamp1.clone(), token.0.clone())),
        _ => None,
    });
    online.collect()
}

#[test]
fn each_token_is_over_the_signed_stamp_and_by_one_of_the_two_authorities() {
    let desk = Desk::new();
    for bundle in desk.played.decoded() {
        let mut authorities = Vec::new();
        for (stamp, token) in anchors(&bundle) {
            let (stamp, token) = (desk.file("ts1", stamp.as_bytes()), desk.file("token", token));
            let verify = |data: &str, authority: &str| {
                let trust = desk.trust(authority);
                let fixed = ["ts", "-verify", "-token_in", "-in", &token, "-data", data, "-CAfile", &trust];
                run("openssl", &[&fixed[..], &["-attime", CHECKED_AT]].concat())
            };
            let by: Vec<_> = ["tsa-1.pem", "tsa-2.pem"]
                .into_iter()
                .filter(|authority| verify(&stamp, authority).out.contains("Verification: OK"))
                .collect();
            assert_eq!(by.len(), 1, "{}", verify(&stamp, "tsa-1.pem").err);
            let other = desk.file("other", b"another stamp");
            let refused = verify(&other, by[0]);
            assert!(
                refused.code != Some(0) && refused.err.contains("message imprint mismatch"),
                "{}",
                refused.err
            );
            authorities.extend(by);
        }
        authorities.sort_unstable();
        authorities.dedup();
        assert_eq!(authorities, ["tsa-1.pem", "tsa-2.pem"], "n2_14: an unlock takes both");
    }
}

#[test]
fn each_card_certificate_is_by_a_ca_of_the_trust_folder() {
    let desk = Desk::new();
    for bundle in desk.played.decoded() {
        let card = desk.certificate("card.pem", &evidence(&bundle).certificate);
        let by: Vec<_> = ["ca-u-1.pem", "ca-u-2.pem"]
            .into_iter()
            .filter(|ca| {
                let trust = desk.trust(ca);
                run("openssl", &["verify", "-x509_strict", "-attime", CHECKED_AT, "-CAfile", &trust, &card])
                    .code
                    == Some(0)
            })
            .collect();
        assert_eq!(by.len(), 1, "one generation of the CA made it");
        let trust = desk.trust(by[0]);
        let responses: Vec<Answer> = bundle
            .revocation
            .iter()
            .map(|response| {
                let response = desk.file("response.der", &response.0);
                let fixed = [
                    "ocsp",
                    "-no_nonce",
                    "-respin",
                    &response,
                    "-issuer",
                    &trust,
                    "-cert",
                    &card,
                    "-CAfile",
                    &trust,
                ];
                run(
                    "openssl",
                    &[&fixed[..], &["-attime", CHECKED_AT, "-validity_period", "999999999"]].concat(),
                )
            })
            .collect();
        assert!(responses.iter().any(|answer| answer.out.contains(": good")), "{responses:?}");
    }
}

#[test]
fn each_card_signed_the_presence_under_its_own_certificate() {
    let desk = Desk::new();
    let mut algorithms = Vec::new();
    for bundle in desk.played.decoded() {
        let visit = evidence(&bundle);
        let certificate = Certificate::parse(&visit.certificate).unwrap();
        let signed = to_be_signed(visit.card_alg, "jushin/1/presence", &visit.presence);
        let (digest, options, signature): (_, &[&str], _) = match visit.card_alg {
            Alg::Rs256 => ("-sha256", &[], visit.card_signature.0.clone()),
            Alg::Ps256 => (
                "-sha256",
                &["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"],
                visit.card_signature.0.clone(),
            ),
            _ => ("-sha384", &[], ecdsa_der(&visit.card_signature)),
        };
        let verify = |signed: &[u8]| desk.signature(digest, options, certificate.spki(), signed, &signature);
        assert_eq!(verify(&signed).expect(0).out, "Verified OK\n");
        let elsewhere = to_be_signed(visit.card_alg, "jushin/1/card-id", &visit.presence);
        assert_ne!(verify(&elsewhere).code, Some(0), "a signature counts under its own context only");
        algorithms.push(visit.card_alg.number());
    }
    algorithms.sort_unstable();
    algorithms.dedup();
    assert_eq!(algorithms, [-257, -37, -35], "today's card, a PSS card and the next generation");
}

/// DER of the element's certificate in a bundle.
fn element_certificate(bundle: &Bundle, element: Id16) -> Certificate {
    let parsed = bundle.certificates.iter().filter_map(|der| Certificate::parse(der).ok());
    parsed.into_iter().find(|certificate| Id16::of_spki(certificate.spki()) == element).unwrap()
}

#[test]
fn each_commit_and_stamp_is_signed_by_the_element_whose_certificate_the_se_ca_made() {
    let desk = Desk::new();
    for bundle in desk.played.decoded() {
        let visit = evidence(&bundle);
        let presence = Presence::decode(&visit.presence).unwrap();
        let certificate = element_certificate(&bundle, presence.element);
        let element = desk.certificate("element.pem", certificate.der());
        let trust = desk.trust("se-ca-1.pem");
        let chain = ["verify", "-partial_chain", "-attime", CHECKED_AT, "-CAfile", &trust, &element];
        run("openssl", &chain).expect(0);

        let mut records = vec![visit.commit.clone()];
        records.extend(anchors(&bundle).into_iter().map(|(stamp, _)| stamp));
        for record in &records {
            let sign1 = record.parse().unwrap();
            let signed = to_be_signed(Alg::Es256, "jushin/1/se", sign1.payload);
            let signature = ecdsa_der(sign1.signature);
            let verify =
                |signed: &[u8]| desk.signature("-sha256", &[], certificate.spki(), signed, &signature);
            assert_eq!(verify(&signed).expect(0).out, "Verified OK\n");
            assert_ne!(verify(&[&signed[..], b"x"].concat()).code, Some(0));
        }
        let stamp: TickStamp1 = records[1].parse().unwrap().object().unwrap();
        assert_eq!(stamp.element, presence.element);
    }
}

#[test]
fn the_folder_holds_certificates_that_openssl_reads() {
    let desk = Desk::new();
    let trust: Vec<PathBuf> = std::fs::read_dir(desk.played.dir().join("trust"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    let certificates: Vec<_> =
        trust.iter().filter(|path| path.extension().is_some_and(|ext| ext == "pem")).collect();
    assert!(certificates.len() >= 8);
    for path in certificates {
        let path = path.display().to_string();
        let text = run("openssl", &["x509", "-in", &path, "-noout", "-text", "-certopt", "ext_error"]);
        text.expect(0);
    }
}
