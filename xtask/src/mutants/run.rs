//! Building the copy and running the tests that are named for a mutant.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::process::Command;

use anyhow::{Context, bail};

use super::copy::Copy;
use super::list::Mutant;
use super::tests_in_tree::{Home, TestsInTree};

/// Longer than any of the named tests takes; a mutant may run for ever.
const SECONDS: &str = "900";

/// What became of a mutant.
pub(crate) enum Outcome {
    /// These of its tests failed.
    Killed {
        /// Their names.
        by: BTreeSet<String>,
    },
    /// It is listed as one that changes nothing.
    Same(String),
    /// All its tests passed.
    Survived,
    /// It is no program.
    DoesNotCompile(String),
    /// A test binary ended without a result, or nothing ran.
    NoResult(String),
}

impl Outcome {
    /// Whether the list or a test must be mended.
    pub(crate) const fn is_failure(&self) -> bool {
        !matches!(self, Self::Killed { .. } | Self::Same(_))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Killed { by } => {
                write!(f, "killed by {}", by.iter().cloned().collect::<Vec<_>>().join(", "))
            }
            Self::Same(reason) => write!(f, "changes nothing: {reason}"),
            Self::Survived => f.write_str("SURVIVED: none of its tests failed"),
            Self::DoesNotCompile(error) => write!(f, "DOES NOT COMPILE: {error}"),
            Self::NoResult(output) => write!(f, "NO RESULT: {output}"),
        }
    }
}

/// All tests that are named for `mutants` pass on the tree as it is.
pub(crate) fn without_mutant(copy: &Copy, mutants: &[Mutant], tests: &TestsInTree) -> anyhow::Result<()> {
    let named = mutants.iter().flat_map(|mutant| mutant.killers.iter().map(move |name| (name, mutant)));
    let mut plan = Plan::default();
    for (name, mutant) in named {
        plan.add(name, tests.homes_of(name, &mutant.file));
    }
    match plan.run(copy)? {
        Outcome::Survived => Ok(()),
        outcome => bail!("without any mutant: {outcome}"),
    }
}

/// Applies the mutant, runs its tests, and takes it back.
pub(crate) fn with_mutant(copy: &Copy, mutant: &Mutant, tests: &TestsInTree) -> anyhow::Result<Outcome> {
    let text = copy.text(&mutant.file)?;
    let mutated = mutant.apply(&text).with_context(|| mutant.id.clone())?;
    if let Some(reason) = &mutant.same {
        return Ok(Outcome::Same(reason.clone()));
    }
    let mut plan = Plan::default();
    for name in &mutant.killers {
        plan.add(name, tests.homes_of(name, &mutant.file));
    }
    copy.put(&mutant.file, mutated.as_bytes())?;
    let outcome = plan.run(copy);
    copy.put(&mutant.file, text.as_bytes())?;
    outcome
}

/// Tests to run: for each package the targets and names.
#[derive(Default)]
struct Plan(BTreeMap<String, (BTreeSet<Option<String>>, BTreeSet<String>)>);

impl Plan {
    fn add(&mut self, name: &str, homes: Vec<&Home>) {
        for home in homes {
            let (targets, names) = self.0.entry(home.package.clone()).or_default();
            targets.insert(home.target.clone());
            names.insert(name.to_owned());
        }
    }

    fn run(&self, copy: &Copy) -> anyhow::Result<Outcome> {
        let mut failed = BTreeSet::new();
        for (package, (targets, names)) in &self.0 {
            let mut command = Command::new("timeout");
            command.args([SECONDS, &crate::cargo(), "test", "--locked", "--no-fail-fast", "-p", package]);
            for target in targets {
                match target {
                    Some(target) => command.args(["--test", target]),
                    None => command.arg("--lib"),
                };
            }
            command.arg("--").args(names).current_dir(copy.tree()).env("CARGO_TARGET_DIR", copy.target());
            let output = command.output().context("timeout did not start")?;
            let printed = String::from_utf8_lossy(&output.stdout);
            let errors = String::from_utf8_lossy(&output.stderr);
            if errors.contains("could not compile") {
                let error = errors.lines().find(|line| line.starts_with("error")).unwrap_or_default();
                return Ok(Outcome::DoesNotCompile(error.to_owned()));
            }
            let results = printed.lines().filter(|line| line.starts_with("test result: ")).count();
            let ran =
                printed.lines().any(|line| line.starts_with("test ") && !line.starts_with("test result"));
            if results != targets.len() || !ran {
                let last = errors.lines().last().unwrap_or_default();
                return Ok(Outcome::NoResult(format!("{package}: {last}")));
            }
            failed.extend(
                printed
                    .lines()
                    .filter_map(failed_test)
                    .filter(|name| names.contains(*name))
                    .map(str::to_owned),
            );
        }
        Ok(if failed.is_empty() { Outcome::Survived } else { Outcome::Killed { by: failed } })
    }
}

/// The last word of the path in `test a::b::name ... FAILED`.
fn failed_test(line: &str) -> Option<&str> {
    let path = line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?;
    path.rsplit("::").next()
}
