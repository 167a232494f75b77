//! Tests as a page names them, and as the tree holds them.

use std::collections::BTreeSet;

/// What stands between backticks.
pub(crate) fn quoted(text: &str) -> BTreeSet<String> {
    text.lines().flat_map(|line| line.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

/// Names of the functions that carry a test attribute.
pub(crate) fn tests_in(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        if let Some((_, rest)) = line.split_once("fn ").filter(|_| is_test) {
            let name = rest.split(['(', '<']).next().unwrap_or_default();
            found.insert(name.to_owned());
            is_test = false;
        }
    }
    found
}
