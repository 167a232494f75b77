//! OCSP and revocation lists, judged by openssl and by our own verifier.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test")]

mod support;

use std::sync::LazyLock;

use jushin_statement::UnixMillis;
use jushin_trust_services::{
    Authority, CardKey, CardKind, CertificateId, Config, Generation, Serial, TrustError,
};
use support::{Folder, HandClock, Listening, hanako, now, open_at, openssl, order, pem};

static SERVER: LazyLock<Listening> = LazyLock::new(|| Listening::new(|_| {}));

fn card(generation: Generation) -> CardKey {
    let person = SERVER.services.add_person(&hanako()).unwrap();
    SERVER.services.personalise(&order(person, CardKind::P384, generation)).unwrap().authentication
}

fn ask(authority: Authority, issuer: &str, serial: &str, more: &[&str]) -> (bool, String) {
    let url = SERVER.url(&format!("/ocsp/{}", authority.name()));
    let fixed = ["ocsp", "-url", &url, "-issuer", issuer, "-CAfile", issuer, "-serial", serial];
    openssl(&[&fixed[..], more].concat())
}

#[test]
fn openssl_hears_good_revoked_and_unknown_from_each_generation() {
    let folder = Folder::new();
    for (generation, authority) in [
        (Generation::First, Authority::UserAuthentication1),
        (Generation::Second, Authority::UserAuthentication2),
    ] {
        let issuer = folder.file("issuer.pem", &pem(SERVER.services.certificate(authority)));
        let good = card(generation);
        let revoked = card(generation);
        SERVER.services.revoke(&revoked.id, UnixMillis(now().0 - 60_000)).unwrap();
        for (serial, status) in [
            (good.id.serial.to_string(), "good"),
            (revoked.id.serial.to_string(), "revoked"),
            ("01020304".to_owned(), "unknown"),
        ] {
            for hash in ["-sha1", "-sha256"] {
                let hexadecimal = format!("0x{serial}");
                let url = SERVER.url(&format!("/ocsp/{}", authority.name()));
                let (accepted, text) = openssl(&[
                    "ocsp",
                    "-url",
                    &url,
                    "-issuer",
                    &issuer,
                    "-CAfile",
                    &issuer,
                    hash,
                    "-serial",
                    &hexadecimal,
                ]);
                assert!(accepted && text.contains("Response verify OK"), "{text}");
                assert!(text.contains(&format!("{hexadecimal}: {status}")), "{status}: {text}");
                assert!(!text.contains("Nonce"), "the nonce is echoed: {text}");
            }
        }
        let (_, text) = ask(authority, &issuer, &format!("0x{}", revoked.id.serial), &[]);
        assert!(text.contains("Revocation Time"), "{text}");
    }
}

#[test]
fn a_certificate_of_the_other_generation_is_unknown() {
    let folder = Folder::new();
    let issuer = SERVER.services.certificate(Authority::UserAuthentication1);
    let issuer = folder.file("issuer.pem", &pem(issuer));
    let serial = format!("0x{}", card(Generation::First).id.serial);
    let (_, text) = ask(Authority::UserAuthentication1, &issuer, &serial, &["-no_nonce"]);
    assert!(text.contains(&format!("{serial}: good")), "{text}");
    // Asked at the wrong responder: its answer is about no certificate of its own.
    let (_, text) = ask(Authority::UserAuthentication2, &issuer, &serial, &["-noverify"]);
    assert!(text.contains(&format!("{serial}: unknown")), "{text}");
}

#[test]
fn a_request_may_come_by_get() {
    let folder = Folder::new();
    let authority = Authority::UserAuthentication2;
    let issuer = folder.file("issuer.pem", &pem(SERVER.services.certificate(authority)));
    let serial = format!("0x{}", card(Generation::Second).id.serial);
    let request = folder.name("request.der");
    let (made, text) = openssl(&["ocsp", "-issuer", &issuer, "-serial", &serial, "-reqout", &request]);
    assert!(made, "{text}");
    let (_, base64) = openssl(&["base64", "-A", "-in", &request]);
    let plain = base64.trim().to_owned();
    let escaped = plain.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D");
    for path in [plain, escaped] {
        let answer = SERVER.get(&format!("/ocsp/{}/{path}", authority.name()));
        assert_eq!(answer.status, 200);
        let response = folder.file("response.der", &answer.body);
        let (good, text) = openssl(&[
            "ocsp", "-respin", &response, "-reqin", &request, "-issuer", &issuer, "-CAfile", &issuer,
        ]);
        assert!(good && text.contains("Response verify OK"), "{text}");
    }
}

#[test]
fn the_list_holds_what_was_revoked_and_nothing_else() {
    let folder = Folder::new();
    let authority = Authority::UserAuthentication1;
    let [good, revoked] = [card(Generation::First), card(Generation::First)];
    SERVER.services.revoke(&revoked.id, UnixMillis(now().0 - 60_000)).unwrap();
    let answer = SERVER.get("/crl/ca-u-1");
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("content-type: application/pkix-crl"), "{}", answer.head);
    let list = folder.file("list.der", &answer.body);
    let issuer = folder.file("issuer.pem", &pem(SERVER.services.certificate(authority)));
    let (good_list, text) =
        openssl(&["crl", "-inform", "DER", "-in", &list, "-CAfile", &issuer, "-noout", "-text"]);
    assert!(good_list && text.contains("verify OK"), "{text}");
    let shown = |key: &CardKey| format!("Serial Number: {}", key.id.serial).to_uppercase();
    assert!(text.to_uppercase().contains(&shown(&revoked)), "{text}");
    assert!(!text.to_uppercase().contains(&shown(&good)), "{text}");

    let list = folder.name("list.pem");
    let der = folder.name("list.der");
    assert!(openssl(&["crl", "-inform", "DER", "-in", &der, "-out", &list]).0);
    for (key, accepted) in [(&good, true), (&revoked, false)] {
        let leaf = folder.file("leaf.pem", &pem(&key.certificate));
        let (valid, text) = openssl(&["verify", "-crl_check", "-CAfile", &issuer, "-CRLfile", &list, &leaf]);
        assert_eq!(valid, accepted, "{text}");
        assert!(accepted || text.contains("certificate revoked"), "{text}");
    }
}

#[test]
fn the_leaf_of_a_time_stamping_authority_is_good() {
    let folder = Folder::new();
    let authority = Authority::TimeStamping1;
    let reply = SERVER.services.time_stamp(
        jushin_trust_services::Tsa::First,
        &jushin_pki::time_stamp::TimeStampRequest::new([7; 32], &[1]).to_der(),
    );
    let token = jushin_pki::time_stamp::token_of_response(&reply).unwrap();
    let token = jushin_pki::time_stamp::Token::parse(&token).unwrap();
    let leaf = token.certificates()[0].der().to_vec();
    let leaf = folder.file("leaf.pem", &pem(&leaf));
    let issuer = folder.file("issuer.pem", &pem(SERVER.services.certificate(authority)));
    let url = SERVER.url("/ocsp/tsa-1");
    let (good, text) =
        openssl(&["ocsp", "-url", &url, "-issuer", &issuer, "-CAfile", &issuer, "-cert", &leaf]);
    assert!(good && text.contains("leaf.pem: good"), "{text}");
}

#[test]
fn a_revocation_counts_from_its_moment_and_the_earliest_wins() {
    const START: u64 = 1_795_000_000_000;
    let clock = HandClock::at(START);
    let services = open_at(Config::in_memory("http://trust"), clock.clone());
    let person = services.add_person(&hanako()).unwrap();
    let mut order = order(person, CardKind::P384, Generation::Second);
    order.not_before = UnixMillis(START);
    let card = services.personalise(&order).unwrap().authentication;
    let listed = || {
        let list = services.revocation_list(Authority::UserAuthentication2).unwrap();
        let list = jushin_pki::revocation::Crl::parse(&list).unwrap();
        list.revoked().map(|(serial, at)| (serial.to_vec(), at.millis())).collect::<Vec<_>>()
    };
    services.revoke(&card.id, UnixMillis(START + 60_000)).unwrap();
    assert_eq!(listed(), []);
    clock.set(START + 60_000);
    let serial = card.id.serial.as_bytes().to_vec();
    assert_eq!(listed(), [(serial.clone(), 1_795_000_060_000)]);
    services.revoke(&card.id, UnixMillis(START + 60_000)).unwrap();
    services.revoke(&card.id, UnixMillis(START + 90_000)).unwrap();
    services.revoke(&card.id, UnixMillis(START + 30_000)).unwrap();
    assert_eq!(listed(), [(serial, 1_795_000_030_000)]);
}

#[test]
fn only_what_was_issued_can_be_revoked() {
    let mut id: CertificateId = card(Generation::First).id;
    id.serial = Serial::new(&[1, 2, 3]).unwrap();
    let refused = SERVER.services.revoke(&id, now());
    assert!(
        matches!(&refused, Err(TrustError::UnknownCertificate(unknown)) if *unknown == id),
        "{refused:?}"
    );
}

#[test]
fn our_verifier_hears_the_same_from_answers_and_lists() {
    use jushin_crypto::AwsLc;
    use jushin_pki::Certificate;
    use jushin_pki::revocation::{IdHash, OcspRequest, OcspResponse, Status, answer};
    let issuer = Certificate::parse(SERVER.services.certificate(Authority::UserAuthentication1)).unwrap();
    let other = Certificate::parse(SERVER.services.certificate(Authority::UserAuthentication2)).unwrap();
    let [good, revoked] = [card(Generation::First), card(Generation::First)];
    SERVER.services.revoke(&revoked.id, UnixMillis(1_795_000_000_000)).unwrap();
    let list = SERVER.services.revocation_list(Authority::UserAuthentication1).unwrap();
    for hash in [IdHash::Sha1, IdHash::Sha256] {
        for (key, is_revoked) in [(&good, false), (&revoked, true)] {
            let leaf = Certificate::parse(&key.certificate).unwrap();
            let request = OcspRequest::new(&leaf, &issuer, hash, Some(&[5; 32])).to_der();
            let response = SERVER.services.certificate_status(Authority::UserAuthentication1, &request);
            OcspResponse::parse(&response).unwrap().check_nonce(&[5; 32]).unwrap();
            for data in [&response, &list] {
                let heard = answer(data, &leaf, &issuer, &AwsLc).unwrap();
                match heard.status {
                    Status::Good => assert!(!is_revoked),
                    Status::Revoked { at, .. } => {
                        assert!(is_revoked);
                        assert_eq!(at.millis(), 1_795_000_000_000);
                    }
                    status => panic!("{status:?}"),
                }
                let lifetime = heard.next_update.unwrap().millis() - heard.this_update.millis();
                assert_eq!(lifetime, 3_600_000);
            }
            let request = OcspRequest::new(&leaf, &other, hash, None).to_der();
            let response = SERVER.services.certificate_status(Authority::UserAuthentication2, &request);
            let heard = answer(&response, &leaf, &other, &AwsLc).map(|answer| answer.status);
            assert!(!matches!(heard, Ok(Status::Good | Status::Revoked { .. })), "{heard:?}");
        }
    }
}
