//! Mutants: the tree with one check taken out. For each, a test that is named for it must fail.
//!
//! `xtask/mutants/*.txt` holds them ([`list`] says in which form). Each is applied to a copy of the tree,
//! built and tried there; the copy and what was built stay in the target folder for the next run.
//! A mutant whose old text is not found exactly once is an error: whoever moves a check moves its mutant.

mod copy;
mod list;
mod page;
mod run;
mod tests_in_tree;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::bail;

use copy::Copy;
use list::Mutant;
use run::Outcome;
use tests_in_tree::TestsInTree;

/// Tries every mutant whose id or file contains `filter`, and prints what killed it.
pub(crate) fn run(filter: &str) -> anyhow::Result<()> {
    let root = root();
    let mutants: Vec<Mutant> = list::read(&root)?
        .into_iter()
        .filter(|mutant| mutant.id.contains(filter) || mutant.file.contains(filter))
        .collect();
    if mutants.is_empty() {
        bail!("no mutant is called {filter:?}");
    }
    let tests = TestsInTree::read(&root)?;
    let copy = Copy::of(&root)?;
    run::without_mutant(&copy, &mutants, &tests)?;
    let mut outcomes = BTreeMap::new();
    for (at, mutant) in mutants.iter().enumerate() {
        let outcome = run::with_mutant(&copy, mutant, &tests)?;
        println!("{:>3}/{} {:<28} {outcome}", at + 1, mutants.len(), mutant.id);
        outcomes.insert(mutant.id.as_str(), outcome);
    }
    page::print(&root, &mutants, &outcomes)?;
    sum(&outcomes)
}

fn sum(outcomes: &BTreeMap<&str, Outcome>) -> anyhow::Result<()> {
    let killed = outcomes.values().filter(|outcome| matches!(outcome, Outcome::Killed { .. })).count();
    let same = outcomes.values().filter(|outcome| matches!(outcome, Outcome::Same(_))).count();
    let failed: Vec<_> = outcomes.iter().filter(|(_, outcome)| outcome.is_failure()).collect();
    for (id, outcome) in &failed {
        println!("NOT KILLED {id}: {outcome}");
    }
    println!(
        "{} mutants: {killed} killed, {same} change nothing, {} not killed",
        outcomes.len(),
        failed.len()
    );
    if !failed.is_empty() {
        bail!("a check can be taken out and no test that is named for it notices");
    }
    Ok(())
}

/// The workspace.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_mutant_still_applies() {
        let root = root();
        for mutant in list::read(&root).unwrap() {
            let text = std::fs::read_to_string(root.join(&mutant.file)).unwrap();
            assert!(mutant.apply(&text).is_ok(), "{}: {:#}", mutant.id, mutant.apply(&text).unwrap_err());
        }
    }

    #[test]
    fn every_mutant_names_tests_that_exist() {
        let root = root();
        let tests = TestsInTree::read(&root).unwrap();
        for mutant in list::read(&root).unwrap() {
            assert_eq!(mutant.killers.is_empty(), mutant.same.is_some(), "{}: tests, or why none", mutant.id);
            for killer in &mutant.killers {
                assert!(!tests.homes_of(killer, &mutant.file).is_empty(), "{}: {killer}", mutant.id);
            }
        }
    }

    #[test]
    fn every_step_of_the_verifier_and_every_command_of_the_element_has_a_mutant() {
        let mutants = list::read(&root()).unwrap();
        let ids: BTreeSet<&str> = mutants.iter().map(|mutant| mutant.id.as_str()).collect();
        assert_eq!(ids.len(), mutants.len(), "an id is used twice");
        let steps = (1..=12).map(|step| format!("v{step}-"));
        let commands = [
            "csr",
            "inject",
            "bind",
            "boot",
            "pair",
            "ts1",
            "act",
            "adm-build",
            "adm-put",
            "begin",
            "commit",
            "pid-build",
            "pid",
            "stamp",
            "close",
            "status",
            "door",
        ];
        for start in steps.chain(commands.map(|command| format!("{command}-"))) {
            assert!(ids.iter().any(|id| id.starts_with(&start)), "no mutant {start}*");
        }
    }
}
