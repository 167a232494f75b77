//! THREATS.md names tests, models and files: they exist, and a test is one that runs.

#![expect(clippy::expect_used, clippy::panic, reason = "a test ends where something it needs is missing")]

use std::collections::BTreeSet;

#[path = "support/named_tests.rs"]
mod named_tests;
#[path = "architecture/source.rs"]
#[expect(dead_code, reason = "the architecture's tests use the rest")]
mod source;

use named_tests::{quoted, tests_in};

/// What stands between backticks in the page.
fn named() -> BTreeSet<String> {
    quoted(&source::read("THREATS.md"))
}

fn is_path(word: &str) -> bool {
    word.contains('/') || [".md", ".rs"].iter().any(|ending| word.ends_with(ending))
}

/// The rule in words, joined by underscores.
fn is_test_name(word: &str) -> bool {
    word.contains('_') && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

#[test]
fn every_test_that_the_threats_name_exists() {
    let tests: BTreeSet<String> = source::rust_files().flat_map(|file| tests_in(&file.text)).collect();
    let named: Vec<_> = named().into_iter().filter(|word| is_test_name(word)).collect();
    let missing: Vec<_> = named.iter().filter(|name| !tests.contains(*name)).collect();
    assert!(!named.is_empty(), "the page names no test");
    assert!(missing.is_empty(), "THREATS.md names tests that do not exist: {missing:#?}");
}

#[test]
fn every_model_and_file_that_the_threats_name_exists() {
    let paths: Vec<_> = named().into_iter().filter(|word| is_path(word)).collect();
    let missing: Vec<_> = paths.iter().filter(|path| !source::exists(path)).collect();
    assert!(paths.iter().any(|path| path.starts_with("formal/")), "the page names no model");
    assert!(missing.is_empty(), "THREATS.md names files that do not exist: {missing:#?}");
}

#[test]
fn an_attack_without_a_test_says_what_remains() {
    for row in source::read("THREATS.md").lines().filter(|line| line.starts_with("| ")) {
        let columns: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [.., shown, remains] = columns.as_slice() else { panic!("no table row: {row}") };
        assert!(*shown != "–" || *remains != "–", "neither a test nor what remains: {row}");
    }
}

#[test]
fn only_functions_with_a_test_attribute_are_tests() {
    let text = "#[test]\nfn a_b() {}\nfn c_d() {}\n#[tokio::test]\n#[expect(x)]\nasync fn e_f() {}\n";
    assert_eq!(tests_in(text), BTreeSet::from(["a_b".to_owned(), "e_f".to_owned()]));
}
