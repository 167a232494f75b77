//! The register's feed, and what outlives a restart.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test")]

mod support;

use jushin_trust_services::{
    Authority, CardKind, Config, Generation, Insurance, PersonCard, RegisterPage, TrustError, TrustServices,
    Validity,
};
use support::{Folder, Listening, hanako, insurance, open, order};

#[test]
fn a_feed_row_tells_whose_certificate_it_is_and_how_the_person_is_insured() {
    let server = Listening::new(|_| {});
    let services = &server.services;
    let person = services.add_person(&hanako()).unwrap();
    services.insure(person, &insurance("模擬健康保険組合")).unwrap();
    let order = PersonCard { with_signature: true, ..order(person, CardKind::P384, Generation::First) };
    let first = services.personalise(&order).unwrap();
    let answer = server.get("/register/rows?since=0");
    assert_eq!(answer.status, 200);
    let page: RegisterPage = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!((page.rows.len(), page.next, page.more), (1, 1, false), "the signing certificate is not fed");
    let row = &page.rows[0];
    assert_eq!(row.serial, first.authentication.id.serial.to_string());
    assert_eq!(row.issuer_key_id, first.authentication.id.issuer.to_string());
    assert_eq!(row.person, person.to_string());
    assert_eq!((row.insurer.as_str(), row.copay_tenths, row.validity), ("模擬健康保険組合", 3, 1));
    assert!(!answer.text().contains("髙橋"), "the feed has no name");

    // A renewed card is another certificate of the same person; a new insurance is a new row for each.
    let second = services.personalise(&PersonCard { generation: Generation::Second, ..order }).unwrap();
    let ended = Insurance { insurer: "模擬国保".into(), copay_tenths: 0, validity: Validity::Replaced };
    services.insure(person, &ended).unwrap();
    let page = services.register_rows(1).unwrap();
    let rows: Vec<_> = page.rows.iter().map(|row| (row.number, row.validity)).collect();
    assert_eq!(rows, [(2, 1), (3, 3), (4, 3)]);
    assert!(page.rows.iter().all(|row| row.person == person.to_string()));
    assert_eq!(page.rows[0].serial, second.authentication.id.serial.to_string());
    assert_eq!(services.register_rows(4).unwrap().rows, []);
}

#[test]
fn a_person_of_whom_no_insurer_reported_is_not_found() {
    let services = open(Config::in_memory("http://trust"));
    let person = services.add_person(&hanako()).unwrap();
    services.personalise(&order(person, CardKind::P384, Generation::Second)).unwrap();
    let row = services.register_rows(0).unwrap().rows.remove(0);
    assert_eq!((row.insurer.as_str(), row.copay_tenths, row.validity), ("", 0, 4));
}

#[test]
fn a_page_holds_500_rows_and_says_that_there_are_more() {
    let services = open(Config::in_memory("http://trust"));
    let person = services.add_person(&hanako()).unwrap();
    services.personalise(&order(person, CardKind::P384, Generation::Second)).unwrap();
    for number in 0..505 {
        services.insure(person, &insurance(&format!("insurer {number}"))).unwrap();
    }
    let page = services.register_rows(0).unwrap();
    assert_eq!((page.rows.len(), page.next, page.more), (500, 500, true));
    let rest = services.register_rows(page.next).unwrap();
    assert_eq!((rest.rows.len(), rest.next, rest.more), (6, 506, false));
}

fn certificates(services: &TrustServices) -> Vec<Vec<u8>> {
    Authority::ALL.into_iter().map(|authority| services.certificate(authority).to_vec()).collect()
}

#[test]
fn keys_register_and_revocations_outlive_a_restart() {
    let folder = Folder::new();
    let config = || Config::in_folder(folder.path().join("kept"), "http://trust");
    let services = open(config());
    let before = (certificates(&services), services.terminal_authority(), services.trust_files());
    let person = services.add_person(&hanako()).unwrap();
    let card = services.personalise(&order(person, CardKind::P384, Generation::Second)).unwrap();
    services.revoke(&card.authentication.id, support::now()).unwrap();
    drop(services);
    let services = open(config());
    assert_eq!(before, (certificates(&services), services.terminal_authority(), services.trust_files()));
    assert_eq!(services.register_rows(0).unwrap().rows.len(), 1);
    services.insure(person, &insurance("after the restart")).unwrap();
    assert_eq!(services.register_rows(1).unwrap().rows[0].insurer, "after the restart");
    let list = services.revocation_list(Authority::UserAuthentication2).unwrap();
    let list = jushin_pki::revocation::Crl::parse(&list).unwrap();
    assert_eq!(list.revoked().count(), 1);
}

#[cfg(unix)]
#[test]
fn the_store_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    let kept = folder.path().join("kept");
    let _services = open(Config::in_folder(&kept, "http://trust"));
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&kept), 0o700);
    for entry in std::fs::read_dir(&kept).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_store_of_a_newer_format_or_of_another_program_is_refused() {
    let folder = Folder::new();
    let config = || Config::in_folder(folder.path(), "http://trust");
    let file = folder.path().join("trust-services.sqlite");
    let try_open = || {
        let crypto = std::sync::Arc::new(jushin_crypto::AwsLc);
        TrustServices::open(
            config(),
            crypto,
            std::sync::Arc::new(jushin_runtime::SystemClock),
            support::random(1),
        )
    };
    let other = rusqlite::Connection::open(&file).unwrap();
    other.execute_batch("PRAGMA user_version = 3; CREATE TABLE theirs (x)").unwrap();
    let refused = try_open().map(drop);
    assert!(
        matches!(&refused, Err(TrustError::Store(text)) if text.contains("another program")),
        "{refused:?}"
    );
    other.execute_batch("PRAGMA application_id = 0x4A735453; PRAGMA user_version = 9").unwrap();
    let refused = try_open().map(drop);
    assert!(matches!(refused, Err(TrustError::NewerStore { found: 9, known: 1 })), "{refused:?}");
}
