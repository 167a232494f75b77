//! Judges SPDX licence expressions.

use super::rules::LICENCES;

/// Whether an expression can be fulfilled with licences of the list. `/` is an old way to write `OR`.
pub(crate) fn is_allowed(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    any(&mut rest) && rest.is_empty()
}

fn any(rest: &mut &[&str]) -> bool {
    let mut allowed = all(rest);
    while let ["OR", tail @ ..] = rest {
        *rest = tail;
        allowed |= all(rest);
    }
    allowed
}

fn all(rest: &mut &[&str]) -> bool {
    let mut allowed = one(rest);
    while let ["AND", tail @ ..] = rest {
        *rest = tail;
        allowed &= one(rest);
    }
    allowed
}

fn one(rest: &mut &[&str]) -> bool {
    match rest {
        ["(", tail @ ..] => {
            *rest = tail;
            let allowed = any(rest);
            if let [")", tail @ ..] = rest {
                *rest = tail;
            }
            allowed
        }
        [licence, "WITH", exception, tail @ ..] => {
            let name = format!("{licence} WITH {exception}");
            *rest = tail;
            LICENCES.contains(&name.as_str())
        }
        [licence, tail @ ..] => {
            let allowed = LICENCES.contains(licence);
            *rest = tail;
            allowed
        }
        [] => false,
    }
}

#[test]
fn an_expression_is_allowed_if_one_way_to_fulfil_it_is() {
    for (expression, allowed) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("MIT OR GPL-3.0", true),
        ("MIT AND GPL-3.0", false),
        ("MIT/Apache-2.0", true),
        ("ISC AND (Apache-2.0 OR GPL-2.0)", true),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("Apache-2.0 WITH LLVM-exception OR GPL-3.0", true),
        ("GPL-3.0 WITH Classpath-exception", false),
        ("", false),
    ] {
        assert_eq!(is_allowed(expression), allowed, "{expression}");
    }
}
