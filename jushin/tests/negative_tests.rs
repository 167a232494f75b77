//! docs/negative-tests.md names what must be refused, by number: each number of what is built has a test.

#![expect(clippy::expect_used, clippy::panic, reason = "a test ends where something it needs is missing")]

use std::collections::{BTreeMap, BTreeSet};

#[path = "support/named_tests.rs"]
mod named_tests;
#[path = "architecture/source.rs"]
#[expect(dead_code, reason = "the architecture's tests use the rest")]
mod source;

use named_tests::{quoted, tests_in};

/// Protocol and running number, of N3.12 (3, 12).
type Number = (u32, u32);

fn page() -> String {
    source::read("docs/negative-tests.md")
}

fn cells(row: &str) -> Vec<&str> {
    row.trim_matches('|').split(" | ").map(str::trim).collect()
}

fn number(text: &str) -> Option<Number> {
    let (protocol, number) = text.strip_prefix('N')?.split_once('.')?;
    Some((protocol.parse().ok()?, number.parse().ok()?))
}

/// All numbers of a list such as `N11.1–N11.11, N11.13`.
fn numbers(text: &str) -> Vec<Number> {
    text.split(", ")
        .flat_map(|part| {
            let (first, last) = part.split_once('–').unwrap_or((part, part));
            let read = |text| number(text).unwrap_or_else(|| panic!("no number: {text}"));
            let ((protocol, first), (same, last)) = (read(first), read(last));
            assert!(protocol == same && first <= last, "no range: {part}");
            (first..=last).map(move |number| (protocol, number))
        })
        .collect()
}

/// Every number, by the table of protocols.
fn all() -> BTreeSet<Number> {
    page().lines().filter(|line| line.starts_with("| P")).flat_map(|row| numbers(cells(row)[2])).collect()
}

/// Numbers with their tests.
fn rows() -> BTreeMap<Number, BTreeSet<String>> {
    let page = page();
    let (tested, _) = page.split_once("## Not built yet").expect("what is not built");
    let mut rows = BTreeMap::new();
    for row in tested.lines().filter(|line| line.starts_with("| N")) {
        let cells = cells(row);
        let [first, refused, door, reason, tests] = cells.as_slice() else { panic!("no row: {row}") };
        assert!([refused, door, reason].iter().all(|cell| cell.len() > 2), "{row}");
        let number = number(first).unwrap_or_else(|| panic!("no number: {row}"));
        assert!(rows.insert(number, quoted(tests)).is_none(), "{first} has two rows");
    }
    rows
}

/// Numbers of what is not built, each with what is missing.
fn not_built() -> BTreeSet<Number> {
    let page = page();
    let (_, rest) = page.split_once("## Not built yet").expect("what is not built");
    rest.lines().filter(|line| line.starts_with("| N")).flat_map(|row| numbers(cells(row)[0])).collect()
}

/// The numbers in a test's name: `n5_1_and_n5_2_…` has two.
fn numbers_of(test: &str) -> BTreeSet<Number> {
    let mut found = BTreeSet::new();
    let mut words = test.split('_').peekable();
    while let Some(word) = words.next() {
        let protocol = word.strip_prefix('n').and_then(|digits| digits.parse().ok());
        if let (Some(protocol), Some(number)) = (protocol, words.peek().and_then(|next| next.parse().ok())) {
            found.insert((protocol, number));
        }
    }
    found
}

fn tests() -> BTreeSet<String> {
    source::rust_files().flat_map(|file| tests_in(&file.text)).collect()
}

#[test]
fn every_number_has_a_row_or_is_said_to_be_not_built() {
    let (rows, not_built) = (rows(), not_built());
    for number in all() {
        let said = (rows.contains_key(&number), not_built.contains(&number));
        assert!(said == (true, false) || said == (false, true), "N{}.{}: {said:?}", number.0, number.1);
    }
    let known = all();
    assert!(rows.keys().chain(&not_built).all(|number| known.contains(number)), "a number of no protocol");
}

#[test]
fn every_row_names_a_test_of_its_number_that_exists() {
    let tests = tests();
    for (number, named) in rows() {
        let missing: Vec<_> = named.iter().filter(|name| !tests.contains(*name)).collect();
        assert!(missing.is_empty(), "N{}.{} names tests that do not exist: {missing:?}", number.0, number.1);
        let own = |name: &String| numbers_of(name).contains(&number);
        assert!(!named.is_empty() && named.iter().all(own), "N{}.{}: {named:?}", number.0, number.1);
    }
}

#[test]
fn every_numbered_test_stands_in_the_rows_of_its_numbers() {
    let rows = rows();
    for test in tests() {
        for number in numbers_of(&test) {
            let named = rows.get(&number).is_some_and(|named| named.contains(&test));
            assert!(named, "{test} is not in a row N{}.{}", number.0, number.1);
        }
    }
}

#[test]
fn numbers_are_read_from_names_and_ranges() {
    assert_eq!(numbers_of("n5_1_and_n5_2_a_date"), BTreeSet::from([(5, 1), (5, 2)]));
    assert_eq!(numbers_of("numbers_of_2_things_in_n_3"), BTreeSet::new());
    assert_eq!(numbers("N9.8–N9.9, N11.13"), [(9, 8), (9, 9), (11, 13)]);
}
