//! Fuzzing: each target of `fuzz/` runs for some seconds from its checked-in corpus.
//!
//! A second round shows that this is worth something: in each target one fault is planted behind what the
//! target must reach, the corpus alone does not set it off, and the fuzzer finds it in the same time.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;

use anyhow::{Context, bail};

use crate::cargo;
use crate::private::Scale;
use crate::tally::Tally;

/// Seconds for each target in CI, and in `soak`.
const SECONDS: u32 = 10;
const SOAK_SECONDS: u32 = 600;

/// Most memory of one target in MiB, and most seconds for one input: more is a finding.
const LIMITS: [&str; 2] = ["-rss_limit_mb=2048", "-timeout=20"];

/// What is to be run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan<'a> {
    /// Part of a target's name; empty for all.
    pub(crate) filter: &'a str,
    /// How long each target runs.
    pub(crate) seconds: u32,
    /// With the planted faults, which are to be found.
    pub(crate) planted: bool,
}

impl Plan<'_> {
    /// The planted faults of every target.
    pub(crate) const PLANTED: Self = Self { filter: "", seconds: SECONDS, planted: true };

    /// Every target, for as long as the scale says.
    pub(crate) fn of(scale: Scale) -> Self {
        let seconds = match scale {
            Scale::Once => SECONDS,
            Scale::Soak => SOAK_SECONDS,
        };
        Self { filter: "", seconds, planted: false }
    }
}

/// Reads `[TARGET] [--seconds N] [--planted]`.
pub(crate) fn plan<'a>(arguments: &[&'a str]) -> anyhow::Result<Plan<'a>> {
    let mut plan = Plan { filter: "", seconds: SECONDS, planted: false };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match *argument {
            "--planted" => plan.planted = true,
            "--seconds" => {
                plan.seconds = rest.next().and_then(|text| text.parse().ok()).context("--seconds N")?;
            }
            name if !name.starts_with('-') => plan.filter = name,
            other => bail!("{other}? usage: cargo xtask fuzz [TARGET] [--seconds N] [--planted]"),
        }
    }
    Ok(plan)
}

/// Builds the one program of all targets. Needs the network the first time.
pub(crate) fn build() -> anyhow::Result<()> {
    let status = Command::new(cargo())
        .args(["build", "--release", "--locked"])
        .env("CARGO_TARGET_DIR", room())
        .env_remove("RUSTFLAGS")
        .current_dir(folder())
        .status()
        .context("cargo did not start")?;
    if !status.success() {
        bail!("the fuzz targets were not built");
    }
    Ok(())
}

/// Runs what the plan says, as many targets at a time as there are cores, and counts one each.
pub(crate) fn run(plan: Plan<'_>) -> anyhow::Result<Tally> {
    let program = program()?;
    let targets: Vec<String> =
        targets(&program)?.into_iter().filter(|name| name.contains(plan.filter)).collect();
    if targets.is_empty() {
        bail!("no target has {:?} in its name", plan.filter);
    }
    let queue = Mutex::new(targets.into_iter());
    let cores = thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let work = || -> anyhow::Result<Tally> {
        let mut tally = Tally { succeeded: true, ..Tally::default() };
        loop {
            let next = queue.lock().ok().and_then(|mut queue| queue.next());
            let Some(name) = next else { return Ok(tally) };
            let target = Target { program: &program, name: &name };
            let passed =
                if plan.planted { target.find(plan.seconds)? } else { target.search(plan.seconds)? };
            if passed {
                tally.passed += 1;
            } else {
                tally.failed += 1;
            }
        }
    };
    let mut tally = Tally { succeeded: true, ..Tally::default() };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            tally.add(worker.join().map_err(|_| anyhow::anyhow!("a worker stopped"))??);
        }
        anyhow::Ok(())
    })?;
    println!("fuzz: {} targets as expected, {} not", tally.passed, tally.failed);
    Ok(tally)
}

/// One target of the program.
struct Target<'a> {
    program: &'a Path,
    name: &'a str,
}

/// What a run of libFuzzer said.
struct Run {
    clean: bool,
    said: String,
}

impl Target<'_> {
    /// Looks for inputs that make it fail; there must be none.
    fn search(&self, seconds: u32) -> anyhow::Result<bool> {
        let run = self.start(false, &[&format!("-max_total_time={seconds}")])?;
        let summary = summary(&run.said);
        if run.clean {
            println!("fuzz {} ... ok: {summary}", self.name);
            return Ok(true);
        }
        println!("fuzz {} ... FAILED: {summary}\n{}", self.name, tail(&run.said));
        match artifact(&run.said) {
            Some(path) => {
                println!("replay with\n  JUSHIN_FUZZ_TARGET={} {} {path}", self.name, self.program.display())
            }
            None => println!("no input was kept: the target did not start, or the machine stopped it"),
        }
        Ok(false)
    }

    /// Looks for the planted fault, which the corpus alone must not set off.
    fn find(&self, seconds: u32) -> anyhow::Result<bool> {
        let seeds = self.start(true, &["-runs=0"])?;
        if !seeds.clean {
            println!("planted {} ... FAILED: its corpus sets it off\n{}", self.name, tail(&seeds.said));
            return Ok(false);
        }
        // The same search on every machine: only how far it gets depends on the machine's speed.
        let run = self.start(true, &["-seed=1", &format!("-max_total_time={seconds}")])?;
        let found = !run.clean && run.said.contains("planted fault");
        match found {
            true => println!("planted {} ... found: {}", self.name, summary(&run.said)),
            false => println!("planted {} ... NOT FOUND: {}", self.name, summary(&run.said)),
        }
        Ok(found)
    }

    /// Runs libFuzzer over the corpus. What it finds new is kept in the build folder.
    fn start(&self, planted: bool, arguments: &[&str]) -> anyhow::Result<Run> {
        let found = room().join(if planted { "planted" } else { "found" }).join(self.name);
        if planted && found.exists() {
            // What an earlier round found would find it again.
            fs::remove_dir_all(&found).with_context(|| found.display().to_string())?;
        }
        let failed = room().join("failed").join(self.name);
        for folder in [&found, &failed] {
            fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        let mut command = Command::new(self.program);
        command
            .args(LIMITS)
            .args(arguments)
            .arg("-print_final_stats=1")
            .arg(format!("-artifact_prefix={}/", failed.display()))
            .env("JUSHIN_FUZZ_TARGET", self.name)
            .stdin(Stdio::null())
            // The first folder takes what is new; the checked-in corpus is only read.
            .arg(&found);
        if planted {
            command.env("JUSHIN_FUZZ_PLANTED", "1");
        }
        let answer = command.arg(corpus().join(self.name)).output().context("the fuzzer did not start")?;
        let said = String::from_utf8_lossy(&answer.stderr).into_owned();
        Ok(Run { clean: answer.status.success(), said })
    }
}

/// The targets that the program knows; each has a corpus, and no corpus is without a target.
fn targets(program: &Path) -> anyhow::Result<BTreeSet<String>> {
    let answer = Command::new(program).env("JUSHIN_FUZZ_TARGET", "list").output()?;
    let known: BTreeSet<String> =
        String::from_utf8_lossy(&answer.stdout).lines().map(str::to_owned).collect();
    let kept = fs::read_dir(corpus())?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<anyhow::Result<BTreeSet<String>>>()?;
    let apart: Vec<&String> = known.symmetric_difference(&kept).collect();
    if known.is_empty() || !apart.is_empty() {
        bail!("targets and folders of fuzz/corpus differ: {apart:?}");
    }
    Ok(known)
}

/// Executions a second, coverage at the start and at the end, inputs in the corpus.
fn summary(said: &str) -> String {
    let count = |line: &str, word: &str| {
        let mut words = line.split_whitespace().skip_while(|found| *found != word).skip(1);
        words.next().and_then(|number| number.parse::<u64>().ok()).unwrap_or(0)
    };
    let mut covered = said.lines().filter(|line| line.contains(" cov: "));
    let first = covered.next().unwrap_or_default();
    let last = covered.next_back().unwrap_or(first);
    let statistic = |name: &str| {
        let line = said.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.trim().parse::<u64>().ok()).unwrap_or(0)
    };
    format!(
        "{} runs, {}/s, coverage {} -> {}, {} inputs",
        statistic("stat::number_of_executed_units:"),
        statistic("stat::average_exec_per_sec:"),
        count(first, "cov:"),
        count(last, "cov:"),
        said.lines().rfind(|line| line.contains(" corp: ")).map_or(0, |line| {
            let text = line.split(" corp: ").nth(1).unwrap_or_default();
            text.split('/').next().and_then(|number| number.parse().ok()).unwrap_or(0)
        }),
    )
}

/// The input that failed, as libFuzzer says where it wrote it.
fn artifact(said: &str) -> Option<&str> {
    said.lines().find_map(|line| line.split("Test unit written to ").nth(1)).map(str::trim)
}

fn tail(said: &str) -> String {
    let lines: Vec<&str> = said.lines().collect();
    lines.get(lines.len().saturating_sub(60)..).unwrap_or_default().join("\n")
}

/// The program, in the folder of whatever machine this is.
fn program() -> anyhow::Result<PathBuf> {
    for entry in fs::read_dir(room())? {
        let program = entry?.path().join("release/jushin-fuzz");
        if program.is_file() {
            return Ok(program);
        }
    }
    bail!("the fuzz targets were not built")
}

/// Everything that is built and found.
fn room() -> PathBuf {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from);
    let target = if target.is_absolute() { target } else { workspace().join(target) };
    target.join("fuzz")
}

fn corpus() -> PathBuf {
    folder().join("corpus")
}

fn folder() -> PathBuf {
    workspace().join("fuzz")
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_read_in_any_order() -> anyhow::Result<()> {
        let read = plan(&["--planted", "card", "--seconds", "3"])?;
        assert_eq!((read.filter, read.seconds, read.planted), ("card", 3, true));
        assert_eq!(plan(&[])?.seconds, SECONDS);
        assert!(plan(&["--seconds"]).is_err() && plan(&["--fast"]).is_err());
        Ok(())
    }

    #[test]
    fn what_libfuzzer_says_is_summed_up() {
        let said = "#12\tINITED cov: 10 ft: 20 corp: 3/9b exec/s: 0 rss: 30Mb\n\
                    #99\tNEW    cov: 15 ft: 25 corp: 4/9b lim: 4 exec/s: 5\n\
                    #1000\tDONE   cov: 17 ft: 30 corp: 5/90b lim: 4 exec/s: 100 rss: 31Mb\n\
                    stat::number_of_executed_units: 1000\n\
                    stat::average_exec_per_sec:     100\n";
        assert_eq!(summary(said), "1000 runs, 100/s, coverage 10 -> 17, 5 inputs");
        assert_eq!(artifact("x; Test unit written to a/crash-1\n"), Some("a/crash-1"));
        assert_eq!(artifact(said), None);
    }
}
