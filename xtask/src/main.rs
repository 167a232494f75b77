//! Tests, their servers, and longer runs.
//!
//! - `cargo xtask test` passes every test of the workspace. It installs what is missing from Debian,
//!   builds with the network, then runs without: in namespaces of its own, where every server it
//!   starts is private and ends with it.
//!   The models of `formal/` are run with them, and every page is looked at in a real browser.
//! - `cargo xtask soak` runs the same tests with larger counts (`JUSHIN_SOAK=1`), then the mutants.
//! - `cargo xtask mutants [FILTER]` takes one check after another out of a copy of the tree and demands
//!   that a test notices.
//! - `cargo xtask fuzz [TARGET] [--seconds N] [--planted]` runs the targets of `fuzz/`, ten seconds each.
//! - `cargo xtask formal` runs the models of `formal/` alone.
//!
//! The last line is the sum: `N passed, N failed`.

mod formal;
mod fuzz;
mod mutants;
mod node;
mod packages;
mod private;
mod stage;
mod tally;

use std::process::{Command, ExitCode};

use anyhow::{Context, bail};

use stage::Stages;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["test"] => test(private::Scale::Once),
        ["soak"] => test(private::Scale::Soak).and_then(|()| mutants::run("")),
        ["mutants"] => mutants::run(""),
        ["mutants", filter] => mutants::run(filter),
        ["fuzz", arguments @ ..] => fuzz::plan(arguments).and_then(fuzzing),
        ["formal"] => models(),
        _ => Err(anyhow::anyhow!("usage: cargo xtask test | soak | mutants [X] | fuzz [X] | formal")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn test(scale: private::Scale) -> anyhow::Result<()> {
    let mut stages = Stages::default();
    stages.run("packages", packages::install_missing)?;
    stages.run("build", build)?;
    stages.run("fuzz build", fuzz::build)?;
    stages.run("fetch", node::fetch)?;
    let tests = stages.run("tests", || private::run_tests(scale))?;
    let mut tally = stages.run("formal", formal::run)?;
    tally.add(tests);
    tally.add(stages.run("fuzz", || fuzz::run(fuzz::Plan::of(scale)))?);
    tally.add(stages.run("planted", || fuzz::run(fuzz::Plan::PLANTED))?);
    tally.add(stages.run("pages", || node::run(&node::PAGES))?);
    tally.add(stages.run("second verifier", || node::run(&node::VERIFIER))?);
    stages.print();
    println!("{} passed, {} failed", tally.passed, tally.failed);
    if tests.passed == 0 {
        bail!("no test ran");
    }
    if tally.ignored > 0 {
        bail!("{} tests were ignored: a test is run or does not exist", tally.ignored);
    }
    if tally.failed > 0 || !tally.succeeded {
        bail!("the tests failed");
    }
    Ok(())
}

fn fuzzing(plan: fuzz::Plan<'_>) -> anyhow::Result<()> {
    let mut stages = Stages::default();
    stages.run("packages", packages::install_missing)?;
    stages.run("fuzz build", fuzz::build)?;
    let tally = stages.run("fuzz", || fuzz::run(plan))?;
    stages.print();
    println!("{} passed, {} failed", tally.passed, tally.failed);
    if tally.failed > 0 {
        bail!("a target did not do what was expected");
    }
    Ok(())
}

fn models() -> anyhow::Result<()> {
    let mut stages = Stages::default();
    stages.run("packages", packages::install_missing)?;
    let tally = stages.run("formal", formal::run)?;
    println!("{} passed, {} failed", tally.passed, tally.failed);
    if tally.failed > 0 {
        bail!("a model did not answer as expected");
    }
    Ok(())
}

/// Builds every test, so that nothing has to be fetched once the network is gone.
fn build() -> anyhow::Result<()> {
    for targets in [&[][..], &private::DEVICE_TESTS[..]] {
        let status = Command::new(cargo())
            .args(["test", "--workspace", "--locked", "--no-run"])
            .args(targets)
            .status()
            .context("cargo did not start")?;
        if !status.success() {
            bail!("the build failed");
        }
    }
    Ok(())
}

/// The cargo that runs us.
fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}
