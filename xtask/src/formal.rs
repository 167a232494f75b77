//! The models in `formal/`: every answer is compared with `formal/expected.txt`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::tally::Tally;

/// Instead of answers: the model was changed and has not been run since.
const NOT_RUN: &str = "not run";

/// Runs each model of `formal/` and counts its answers.
pub(crate) fn run() -> anyhow::Result<Tally> {
    let folder = workspace().join("formal");
    let text = fs::read_to_string(folder.join("expected.txt")).context("formal/expected.txt")?;
    let expected = read(&text)?;
    check_complete(&folder, &expected)?;
    let proverif = is_on_path("proverif");
    let mut tally = Tally { succeeded: true, ..Tally::default() };
    let mut left_out = 0;
    for (model, expected) in &expected {
        if expected == &[NOT_RUN] {
            println!("model {model} ... NOT RUN: expected.txt has no answer yet");
            continue;
        }
        let answers = match model.split_once(".pml") {
            Some((name, flags)) => vec![ask_spin(&folder, name, flags)?],
            None if proverif => ask_proverif(&folder, model)?,
            None => {
                left_out += 1;
                continue;
            }
        };
        compare(&mut tally, model, expected, &answers);
    }
    if left_out > 0 {
        println!("skipped: proverif is not on PATH: {left_out} MODELS WERE NOT CHECKED");
    }
    println!("models: {} answers as expected, {} not", tally.passed, tally.failed);
    Ok(tally)
}

/// Model and flags, as `expected.txt` names them, with the answers in order.
type Expected<'a> = BTreeMap<&'a str, Vec<&'a str>>;

fn read(text: &str) -> anyhow::Result<Expected<'_>> {
    let mut expected = Expected::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (model, answer) = line.split_once(": ").with_context(|| format!("expected.txt: {line}"))?;
        expected.entry(model).or_default().push(answer);
    }
    Ok(expected)
}

/// A model without an expected answer would never be missed.
fn check_complete(folder: &Path, expected: &Expected<'_>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let is_model = [".pv", ".pml"].iter().any(|ending| name.ends_with(ending));
        if is_model && !expected.keys().any(|model| model.split(' ').next() == Some(&name)) {
            bail!("expected.txt has no answer for {name}");
        }
    }
    Ok(())
}

/// One count for each answer: too many or too few are failures as well.
fn compare(tally: &mut Tally, model: &str, expected: &[&str], answers: &[String]) {
    for place in 0..expected.len().max(answers.len()) {
        let expected = expected.get(place).copied().unwrap_or("no more");
        let answer = answers.get(place).map_or("nothing", String::as_str);
        if expected == answer {
            tally.passed += 1;
            println!("model {model} ... {answer}");
        } else {
            tally.failed += 1;
            println!("model {model} ... FAILED: expected {expected:?}, got {answer:?}");
        }
    }
}

/// The lines of ProVerif's verification summary.
fn ask_proverif(folder: &Path, model: &str) -> anyhow::Result<Vec<String>> {
    let answer = Command::new("proverif")
        .args(["-lib", "common.pvl", model])
        .current_dir(folder)
        .output()
        .context("proverif did not start")?;
    Ok(summary(&String::from_utf8_lossy(&answer.stdout)))
}

fn summary(output: &str) -> Vec<String> {
    output
        .lines()
        .skip_while(|line| !line.starts_with("Verification summary:"))
        .skip(1)
        .take_while(|line| !line.starts_with("---"))
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

/// `no error`, or the first error of Spin's search, which must have gone through every state.
fn ask_spin(folder: &Path, name: &str, flags: &str) -> anyhow::Result<String> {
    let room = room()?;
    let model = folder.join(format!("{name}.pml"));
    succeed(Command::new("spin").args(flags.split_whitespace()).arg("-a").arg(model).current_dir(&room))?;
    succeed(Command::new("cc").args(["-O2", "-w", "-o", "pan", "pan.c"]).current_dir(&room))?;
    let search = succeed(Command::new(room.join("pan")).arg("-m1000000").current_dir(&room))?;
    verdict(&search).with_context(|| format!("pan gave no result for {name}.pml{flags}:\n{search}"))
}

fn verdict(search: &str) -> Option<String> {
    if let Some(error) = search.lines().find_map(|line| line.strip_prefix("pan:1: ")) {
        return Some(error.split(" (at depth").next().unwrap_or(error).to_owned());
    }
    let whole = search.contains("errors: 0") && !search.contains("Search not completed");
    let deep_enough = !search.contains("max search depth too small");
    (whole && deep_enough).then(|| "no error".to_owned())
}

/// Where Spin's generated code goes.
fn room() -> anyhow::Result<PathBuf> {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from);
    let room = target.join("formal");
    fs::create_dir_all(&room).with_context(|| room.display().to_string())?;
    Ok(fs::canonicalize(room)?)
}

fn succeed(command: &mut Command) -> anyhow::Result<String> {
    let answer = command.output().with_context(|| format!("{:?} did not start", command.get_program()))?;
    if !answer.status.success() {
        let said = [answer.stdout, answer.stderr].concat();
        bail!("{:?} failed: {}", command.get_program(), String::from_utf8_lossy(&said));
    }
    Ok(String::from_utf8_lossy(&answer.stdout).into_owned())
}

fn is_on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_is_what_counts_of_proverifs_output() {
        let output = "RESULT x is true.\n---\nVerification summary:\n\nQuery x is true.\n\n---\nmore\n";
        assert_eq!(summary(output), ["Query x is true."]);
        assert!(summary("Error: syntax error.").is_empty());
    }

    #[test]
    fn a_search_that_did_not_end_is_no_verdict() {
        assert_eq!(verdict("State-vector, errors: 0\n").as_deref(), Some("no error"));
        let broken =
            "pan:1: assertion violated (a<=1) (at depth 60)\nWarning: Search not completed\nerrors: 1";
        assert_eq!(verdict(broken).as_deref(), Some("assertion violated (a<=1)"));
        assert_eq!(verdict("error: max search depth too small\nerrors: 0"), None);
        assert_eq!(verdict(""), None);
    }

    #[test]
    fn another_answer_one_too_many_and_one_too_few_are_failures() {
        let answers = ["a".to_owned(), "b".to_owned()];
        for (expected, passed, failed) in
            [(&["a", "b"][..], 2, 0), (&["a", "c"], 1, 1), (&["a"], 1, 1), (&["a", "b", "c"], 2, 1)]
        {
            let mut tally = Tally::default();
            compare(&mut tally, "m.pv", expected, &answers);
            assert_eq!((tally.passed, tally.failed), (passed, failed), "{expected:?}");
        }
    }

    #[test]
    fn answers_are_kept_in_order_by_model_and_flags() -> anyhow::Result<()> {
        let expected = read("# words\na.pv: Query x: y is true.\na.pv: z\ns.pml -DA=1: no error\n")?;
        assert_eq!(expected["a.pv"], ["Query x: y is true.", "z"]);
        assert_eq!(expected["s.pml -DA=1"], ["no error"]);
        Ok(())
    }
}
