//! What ARCHITECTURE.md names.

use std::collections::{BTreeMap, BTreeSet};

use super::source;

/// The section whose table has a row for each crate: its second column is the folder, its fourth
/// what the crate may use.
pub(crate) const SECTION: &str = "## Rooms";

/// Names on the page.
pub(crate) struct Page {
    /// Folders in the table of crates, and what each may use.
    pub(crate) rooms: BTreeMap<String, Vec<String>>,
    /// Files and folders, wherever they stand between backticks.
    pub(crate) paths: BTreeSet<String>,
    /// Crates, likewise.
    pub(crate) crates: BTreeSet<String>,
}

/// Reads the page.
pub(crate) fn read() -> Page {
    let text = source::read("ARCHITECTURE.md");
    let quoted: BTreeSet<String> =
        text.lines().flat_map(|line| line.split('`').skip(1).step_by(2)).map(str::to_owned).collect();
    Page {
        rooms: rooms(&text),
        paths: quoted.iter().filter(|word| is_path(word)).cloned().collect(),
        crates: quoted.into_iter().filter(|word| is_crate(word)).collect(),
    }
}

fn rooms(text: &str) -> BTreeMap<String, Vec<String>> {
    let section = text.split_once(SECTION).map_or("", |(_, rest)| rest);
    let section = section.split("\n## ").next().unwrap_or_default();
    section.lines().filter(|line| line.starts_with('|')).skip(2).filter_map(room).collect()
}

fn room(row: &str) -> Option<(String, Vec<String>)> {
    let columns: Vec<&str> = row.split('|').map(str::trim).collect();
    let folder = columns.get(2)?.trim_matches('`').to_owned();
    let may_use = columns.get(4)?.split(", ").filter(|name| *name != "–");
    Some((folder, may_use.map(str::to_owned).collect()))
}

/// A relative path of the tree, or a file at its root.
fn is_path(word: &str) -> bool {
    let plain = word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._/-".contains(c));
    let at_root = [".md", ".toml", ".rs"].iter().any(|ending| word.ends_with(ending)) && !word.contains('/');
    let inside = plain
        && word.contains('/')
        && !word.starts_with('/')
        && !["application/", "text/", "image/"].iter().any(|media| word.starts_with(media));
    (at_root && !word.contains(' ')) || inside
}

fn is_crate(word: &str) -> bool {
    word.strip_prefix("jushin-").is_some_and(|rest| rest.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
}

#[test]
fn the_table_of_rooms_gives_folders_and_edges() {
    let text = "# A\n## Rooms\n\n| crate | folder | what | may use |\n|---|---|---|---|\n\
                | `a` | `protocol/a` | a | b, c |\n| b | xtask | b | – |\n\n## Next\n| c | no | c | d |\n";
    let expected =
        [("protocol/a".to_owned(), vec!["b".to_owned(), "c".to_owned()]), ("xtask".to_owned(), Vec::new())];
    assert_eq!(rooms(text), BTreeMap::from(expected));
}

#[test]
fn paths_are_told_from_addresses_and_media_types() {
    for (word, path) in [
        ("protocol/card", true),
        ("deny.toml", true),
        ("ARCHITECTURE.md", true),
        ("/counter/", false),
        ("application/jushin+cbor", false),
        ("DIR/trust", false),
        ("std::fs", false),
    ] {
        assert_eq!(is_path(word), path, "{word}");
    }
}
