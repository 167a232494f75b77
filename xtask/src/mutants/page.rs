//! The table: number, door, reason, and which mutants the number's tests kill.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::list::Mutant;
use super::run::Outcome;

/// Prints a line for each row of `docs/negative-tests.md` that killed a mutant, then the mutants that were
/// killed by tests without a number.
pub(crate) fn print(
    root: &Path,
    mutants: &[Mutant],
    outcomes: &BTreeMap<&str, Outcome>,
) -> anyhow::Result<()> {
    let page = std::fs::read_to_string(root.join("docs/negative-tests.md"))?;
    let mut numbered = BTreeSet::new();
    println!("\nnumber | door | reason | with this taken out, its tests fail");
    for row in page.lines().filter(|line| line.starts_with("| N")) {
        let columns: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [number, _, door, reason, tests, ..] = columns.as_slice() else { continue };
        let tests: BTreeSet<&str> = tests.split('`').skip(1).step_by(2).collect();
        let mut killed = Vec::new();
        for (id, outcome) in outcomes {
            let Outcome::Killed { by } = outcome else { continue };
            if by.iter().any(|name| tests.contains(name.as_str())) {
                killed.push(*id);
                numbered.insert(*id);
            }
        }
        if !killed.is_empty() {
            println!("{number} | {door} | {reason} | {}", killed.join(", "));
        }
    }
    println!("\nby tests without a number");
    for mutant in mutants.iter().filter(|mutant| !numbered.contains(mutant.id.as_str())) {
        let Some(outcome) = outcomes.get(mutant.id.as_str()) else { continue };
        println!("{} ({}) | {outcome}", mutant.id, mutant.what);
    }
    println!();
    Ok(())
}
