//! `jushin verify`: exit codes, reasons and the answer for programs.

use std::fs;

use jushin_statement::{Bundle, Object as _, Visits};
use serde_json::Value;

use crate::support::{Played, jushin};

/// A demo's folder with bundles `valid`, `indeterminate`, `invalid` and `broken` in `d/bundles`.
fn set() -> Played {
    let played = Played::well();
    let honest = fs::read(&played.bundles()[0]).unwrap();
    let bundle = Bundle::decode(&honest).unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(played.dir().join("bundles").join(name), bytes).unwrap();
    write("valid", &honest);
    let without_anchors = Bundle { anchors: Vec::new(), ..bundle.clone() };
    write("indeterminate", &without_anchors.encode());
    let mut forged = bundle;
    if let Visits::Full(visits) = &mut forged.visits {
        visits[0].card_signature.0[7] ^= 1;
    }
    write("invalid", &forged.encode());
    write("broken", &honest[..honest.len() - 1]);
    played
}

fn verify(played: &Played, arguments: &[&str]) -> crate::support::Answer {
    jushin(&played.dir().join("bundles"), &[&["verify"], arguments].concat())
}

#[test]
fn n7_18_the_exit_code_is_the_worst_of_all_1_before_2_before_0() {
    let played = set();
    for (bundles, code) in [
        (&["valid"][..], 0),
        (&["indeterminate"], 2),
        (&["invalid"], 1),
        (&["broken"], 1),
        (&["valid", "indeterminate"], 2),
        (&["indeterminate", "valid"], 2),
        (&["valid", "indeterminate", "invalid"], 1),
        (&["invalid", "valid"], 1),
        (&["broken", "indeterminate"], 1),
    ] {
        let answer = verify(&played, bundles).expect(code);
        assert_eq!(answer.err, "", "{bundles:?}");
    }
}

#[test]
fn the_first_words_are_the_answer_and_the_reason_follows() {
    let played = set();
    for (bundle, word, reason) in [
        ("valid", "VALID", None),
        ("indeterminate", "INDETERMINATE", Some("R05")),
        ("invalid", "INVALID", Some("R08")),
        ("broken", "INVALID", Some("R01")),
    ] {
        let answer = verify(&played, &[bundle]);
        let first = answer.out.lines().next().unwrap();
        assert!(first.starts_with(&format!("{word}  ")), "{first}");
        let reasons: Vec<&str> =
            answer.out.lines().filter_map(|line| line.strip_prefix("  reason  ")).collect();
        match reason {
            None => assert_eq!(reasons, [""; 0]),
            Some(number) => {
                assert!(reasons.iter().any(|line| line.starts_with(number)), "{bundle}: {reasons:?}");
            }
        }
        if bundle != "broken" {
            assert!(first.ends_with("◇ simulated"), "{first}");
        }
    }
}

#[test]
fn programs_get_one_document_a_bundle_in_the_same_order() {
    let played = set();
    let answer = verify(&played, &["--json", "valid", "broken", "invalid"]).expect(1);
    let documents: Vec<Value> = answer.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let field = |key: &str| documents.iter().map(|document| document[key].clone()).collect::<Vec<_>>();
    assert_eq!(field("bundle"), ["valid", "broken", "invalid"]);
    assert_eq!(field("status"), ["VALID", "INVALID", "INVALID"]);
    let visit = &documents[0]["visits"][0];
    assert_eq!(visit["simulated"], true);
    assert_eq!(visit["reasons"], serde_json::json!([]));
    assert_eq!(documents[1]["reasons"], serde_json::json!(["R01"]));
    assert!(documents[2]["visits"][0]["reasons"].as_array().unwrap().contains(&"R08".into()));
}

#[test]
fn a_wrong_call_is_64_and_says_what_is_wrong() {
    let played = set();
    for (arguments, words) in [
        (&[][..], "<BUNDLE>"),
        (&["--nonsense"], "--nonsense"),
        (&["absent"], "cannot read absent"),
        (&["--trust", "absent", "valid"], "cannot read the trust folder absent"),
        (&["--trust", "..", "valid"], "cannot read"),
    ] {
        let answer = verify(&played, arguments).expect(64);
        assert!(answer.err.contains(words), "{arguments:?}: {}", answer.err);
        assert_eq!(answer.out, "", "{arguments:?}");
    }
}

#[test]
fn without_a_trust_folder_nothing_is_believed() {
    let played = set();
    let elsewhere = crate::support::Folder::new();
    let bundle = elsewhere.write("valid", fs::read(played.dir().join("bundles/valid")).unwrap());
    let answer = jushin(elsewhere.path(), &["verify", bundle.to_str().unwrap()]).expect(64);
    assert!(answer.err.contains("whom do you trust?"), "{}", answer.err);
}

#[test]
fn n7_17_a_trust_file_more_is_another_policy_and_a_strange_name_is_refused() {
    let played = set();
    let policy = |_: ()| -> Value {
        let answer = verify(&played, &["--json", "valid"]);
        serde_json::from_str::<Value>(&answer.out).unwrap()["policy"].clone()
    };
    let before = policy(());
    let trust = played.dir().join("trust");
    fs::copy(trust.join("ca-u-1.pem"), trust.join("ca-u-3.pem")).unwrap();
    assert_ne!(policy(()), before);
    fs::remove_file(trust.join("ca-u-3.pem")).unwrap();
    assert_eq!(policy(()), before);
    fs::write(trust.join("notes.txt"), "mine").unwrap();
    let answer = verify(&played, &["valid"]).expect(64);
    assert!(answer.err.contains("notes.txt"), "{}", answer.err);
}

#[test]
fn a_reader_that_leaves_changes_no_exit_code() {
    use std::process::{Command, Stdio};
    let played = set();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(env!("CARGO_BIN_EXE_jushin"));
    command.args(["verify", "valid", "indeterminate"]).current_dir(played.dir().join("bundles"));
    let answer = command.stdout(writer).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(answer.status.code(), Some(2), "{}", String::from_utf8_lossy(&answer.stderr));
}
