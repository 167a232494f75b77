//! `docs/one-visit.md`: one check-in followed through the code, with its real bytes.
//!
//! The visit is kept in `tests/one-visit/`; the page is made from it and must be what is in `docs/`.
//! `JUSHIN_BLESS=1 cargo test -p jushin --test one_visit` writes the page anew, `JUSHIN_BLESS=visit` first
//! makes a new visit (simulated, like everything in it).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;
mod one_visit {
    pub(crate) mod annotate;
    pub(crate) mod capture;
    pub(crate) mod kept;
    pub(crate) mod page;
}

use std::fs;
use std::path::Path;

use jushin_evidence::Authentication;
use jushin_statement::{Class, Status};
use one_visit::kept::{FOLDER, Kept};
use one_visit::{capture, page};
use support::{evidence, jushin};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/one-visit.md");

#[test]
fn the_page_shows_the_bytes_of_the_kept_visit() {
    let bless = std::env::var("JUSHIN_BLESS").unwrap_or_default();
    if bless == "visit" {
        capture::a_visit(Path::new(FOLDER));
    }
    let page = page::render(&Kept::read());
    assert!(page.lines().count() <= 400, "{} lines are not read in ten minutes", page.lines().count());
    if !bless.is_empty() {
        fs::write(PAGE, &page).unwrap();
    }
    let kept = fs::read_to_string(PAGE).unwrap();
    assert!(kept == page, "docs/one-visit.md is not what the code makes of the kept visit: JUSHIN_BLESS=1");
}

#[test]
fn the_kept_visit_is_valid_for_the_command() {
    let answer = jushin(Path::new(FOLDER), &["verify", "visit.jvb", "--trust", "trust"]).expect(0);
    assert!(answer.out.starts_with("VALID  "), "{}", answer.out);
    let redacted = jushin(Path::new(FOLDER), &["verify", "history.jvb", "--trust", "trust"]).expect(0);
    assert!(redacted.out.contains("redacted"), "{}", redacted.out);
}

#[test]
fn every_hash_of_the_kept_visit_is_of_the_bytes_that_the_page_says() {
    let kept = Kept::read();
    for join in kept.joins() {
        assert_eq!(join.computed, join.found, "{} in {}", join.name, join.place);
    }
    let visit = kept.appraisal();
    assert_eq!((visit.status, visit.class), (Status::Valid, Class::Tight));
    assert_eq!(visit.authentication, Authentication::Fits);
    assert_eq!(visit.presence.as_ref(), Some(&kept.presence));
    assert_eq!(evidence(&kept.bundle).card_signature.len(), 256);
}

#[test]
fn the_files_that_the_page_names_are_in_the_tree() {
    let page = page::render(&Kept::read());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let named: Vec<&str> = page
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|code| code.ends_with(".rs") || code.ends_with(".jvb") || code.ends_with('/'))
        .filter(|code| !code.contains(' ') && !code.starts_with('/'))
        .collect();
    assert!(named.len() > 10, "{named:?}");
    for path in named {
        assert!(root.join(path).exists(), "{path}");
    }
}
