//! `jushin demo`.

use std::net::TcpListener;

use serde_json::Value;
use unicode_width::UnicodeWidthStr as _;

use crate::support::{Folder, Played, jushin};

#[test]
fn the_day_is_as_it_must_be_and_every_line_fits_into_80_cells() {
    let played = Played::well();
    assert_eq!(played.answer.err, "");
    let lines: Vec<&str> = played.answer.out.lines().collect();
    for line in &lines {
        assert!(line.width() <= 80, "{} cells: {line}", line.width());
        assert!(!line.contains('\u{1b}') && !line.contains('\r'), "no colour, no spinner: {line:?}");
    }
    let visits = played.bundles().len();
    let sum = lines.last().unwrap();
    assert!(sum.starts_with(&format!("  {visits} visits: {visits} valid. ")), "{sum}");
    assert!(sum.contains("Unexplained: 0."), "{sum}");
    let simulated = lines[..2].iter().all(|line| line.contains('◇'));
    assert!(simulated, "the first lines say what is simulated: {lines:?}");
}

#[test]
fn the_same_seed_prints_the_same_lines_but_for_what_is_measured() {
    let lines = |seed| -> Vec<String> {
        let played = Played::with(&["--seed", seed]);
        played.answer.expect(0).out.lines().map(unmeasured).collect()
    };
    let first = lines("11");
    assert_eq!(first, lines("11"));
    assert_ne!(first, lines("12"), "the first line names the seed");
}

/// A line without what was measured: the length of the story, and the ends of a proven window.
fn unmeasured(line: &str) -> String {
    if let Some((start, _)) = line.split_once("Story: ") {
        return start.to_owned();
    }
    if line.trim_start().starts_with("when ") { "when".to_owned() } else { line.to_owned() }
}

#[test]
fn quiet_prints_the_last_block_only() {
    let loud = Played::well().answer.out;
    let quiet = Played::with(&["--quiet"]).answer.expect(0).out;
    let loud: Vec<String> = loud.lines().map(unmeasured).collect();
    let quiet: Vec<String> = quiet.lines().map(unmeasured).collect();
    assert!(quiet.len() <= 4, "{quiet:?}");
    assert!(quiet.iter().any(|line| line.starts_with("Believe nothing, check:")));
    assert_eq!(loud[loud.len() - quiet.len()..], quiet);
}

type IsRight = fn(&Value) -> bool;

/// Types of a value by the documented shape: keys that must be there, and what their values are.
fn check(value: &Value, keys: &[(&str, IsRight)]) {
    for (key, is_right) in keys {
        assert!(value.get(key).is_some_and(is_right), "{key} in {value}");
    }
}

/// ISO 8601 in Japan's time.
fn time(value: &Value) -> bool {
    let Some(text) = value.as_str() else { return false };
    text.len() == 29 && text.ends_with("+09:00") && text.as_bytes()[10] == b'T'
}

#[test]
fn the_summary_has_the_documented_shape_and_says_what_verify_says() {
    let played = Played::well();
    let summary = played.summary();
    let text = Value::is_string;
    check(
        &summary,
        &[
            ("seed", |value| value == 7),
            ("simulated", |value| value == true),
            ("story_seconds", Value::is_f64),
        ],
    );
    let list = |key: &str| summary[key].as_array().filter(|list| !list.is_empty()).unwrap().clone();
    for chapter in list("chapters") {
        check(&chapter, &[("name", text), ("steps", Value::is_array)]);
        for step in chapter["steps"].as_array().unwrap() {
            check(
                step,
                &[("at", time), ("step", text), ("outcome", text), ("milliseconds", Value::is_number)],
            );
        }
    }
    for attack in list("attacks") {
        check(&attack, &[("name", text), ("outcome", text), ("reason", text)]);
    }
    for page in list("pages") {
        check(
            &page,
            &[("path", |path| path.as_str().is_some_and(|path| path.starts_with('/'))), ("title", text)],
        );
    }
    let visits = list("visits");
    assert_eq!(visits.len(), played.bundles().len());
    for visit in visits {
        check(
            &visit,
            &[
                ("bundle", text),
                ("status", text),
                ("class", Value::is_u64),
                ("earliest", time),
                ("latest", |value| value.is_null() || time(value)),
                ("institution", text),
                ("terminal", text),
                ("online", Value::is_boolean),
            ],
        );
        let bundle = format!("d/bundles/{}", visit["bundle"].as_str().unwrap());
        let folder = played.dir().parent().unwrap().to_owned();
        let verified = jushin(&folder, &["verify", "--json", &bundle]).expect(0);
        let verified: Value = serde_json::from_str(&verified.out).unwrap();
        for key in ["status", "class", "earliest", "latest", "institution", "terminal"] {
            assert_eq!(verified["visits"][0][key], visit[key], "{key} of {bundle}");
        }
    }
}

#[test]
fn a_changed_verdict_is_noticed_and_named() {
    let played = Played::with(&["--sabotage", "verdict"]);
    let out = played.answer.expect(1).out;
    let trouble: Vec<&str> = out.lines().filter(|line| line.starts_with("  ! ")).collect();
    assert!(!trouble.is_empty() && !out.contains("Unexplained: 0."), "{out}");
    for line in trouble {
        assert!(line.contains("the stored verdict says CONFLICT"), "{line}");
        assert!(line.contains("the evidence proves VALID"), "{line}");
    }
}

#[test]
fn a_changed_card_signature_is_noticed_and_named() {
    let played = Played::with(&["--sabotage", "evidence"]);
    let out = played.answer.expect(1).out;
    assert!(!out.contains("Unexplained: 0."), "{out}");
    assert!(out.lines().any(|line| line == "  ! not so: the visit is valid"), "{out}");
    let named = |line: &str| line.starts_with("  ! ") && line.contains("the evidence proves INVALID");
    assert!(out.lines().any(named), "{out}");
}

#[test]
fn a_port_in_use_is_said_at_once_and_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = Folder::new();
    let answer = jushin(folder.path(), &["demo", "--listen", &address, "--dir", "d"]).expect(1);
    assert_eq!(answer.out, "");
    let wanted = format!("jushin: cannot listen on {address}: choose another with --listen 127.0.0.1:PORT");
    assert!(answer.err.starts_with(&wanted), "{}", answer.err);
}

#[test]
fn a_folder_that_is_not_empty_is_left_alone() {
    let folder = Folder::new();
    folder.write("mine.txt", "mine");
    let answer = jushin(folder.path(), &["demo", "--once", "--dir", "."]).expect(1);
    assert_eq!(answer.err, "jushin: . is not empty: every demo starts with a new folder\n");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
