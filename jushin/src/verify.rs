//! `jushin verify`: what a bundle proves, for anyone, offline.

mod block;
mod json;

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use jushin_evidence::{Logged, Report, Trust, exit_code, logged, verify};
use jushin_statement::{Bundle, Object as _, Status};

pub(crate) use block::word;

/// Largest bundle that is read, in bytes.
const BUNDLE_LIMIT: u64 = 256 << 20;
/// Exit code for a call that cannot be carried out (sysexits `EX_USAGE`).
const USAGE: u8 = 64;

/// Checks bundles against a trust folder, without a network.
///
/// Exit code: 0 all valid or open-ended, 1 one is invalid or in conflict, 2 one is indeterminate,
/// 64 the call itself is wrong.
#[derive(Debug, clap::Args)]
pub struct VerifyArgs {
    /// The bundles (.jvb).
    #[arg(required = true, value_name = "BUNDLE")]
    bundles: Vec<PathBuf>,
    /// The trust folder. Default: `trust` beside the first bundle's folder.
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// One JSON document a bundle, a line each.
    #[arg(long)]
    json: bool,
}

/// What came of one bundle.
enum Outcome {
    /// With what the log proofs say of each visit.
    Checked(Report, Vec<Logged>),
    /// Not a bundle in its one encoding: nothing in it is proven.
    Malformed(String),
}

/// Runs the command.
pub fn run(args: &VerifyArgs) -> ExitCode {
    match verify_all(args) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("jushin verify: {error:#}");
            ExitCode::from(USAGE)
        }
    }
}

fn verify_all(args: &VerifyArgs) -> anyhow::Result<u8> {
    let folder = trust_folder(args)?;
    let trust = read_trust(&folder)?;
    let crypto = jushin_crypto::AwsLc;
    let mut statuses = Vec::new();
    let mut out = std::io::stdout().lock();
    let mut reader_left = false;
    for path in &args.bundles {
        let outcome = match Bundle::decode(&read_bundle(path)?) {
            Ok(bundle) => {
                let report = verify(&bundle, &trust, &crypto);
                let logged = logged(&bundle, &report, trust.policy(), &crypto);
                Outcome::Checked(report, logged)
            }
            Err(error) => Outcome::Malformed(error.to_string()),
        };
        let text = if args.json { json::line(path, &outcome) } else { block::text(path, &outcome, &folder) };
        if !reader_left {
            // Whoever reads the answer may stop reading (`| head`); the exit code is still due.
            reader_left = match writeln!(out, "{text}") {
                Err(error) if error.kind() == ErrorKind::BrokenPipe => true,
                printed => printed.map(|()| false).context("cannot print")?,
            };
        }
        match &outcome {
            Outcome::Checked(report, _) if report.visits.is_empty() => statuses.push(Status::Indeterminate),
            Outcome::Checked(report, _) => statuses.extend(report.visits.iter().map(|visit| visit.status)),
            Outcome::Malformed(_) => statuses.push(Status::Invalid),
        }
    }
    Ok(exit_code(statuses))
}

fn trust_folder(args: &VerifyArgs) -> anyhow::Result<PathBuf> {
    if let Some(folder) = &args.trust {
        return Ok(folder.clone());
    }
    // A bundle may be named from within its folder.
    let first = args.bundles.first().map(std::path::absolute).transpose()?;
    let beside = first.as_deref().and_then(|path| path.parent()?.parent()).map(|dir| dir.join("trust"));
    match beside {
        Some(folder) if folder.is_dir() => Ok(folder),
        _ => bail!("whom do you trust? Name a trust folder with --trust DIR"),
    }
}

/// Reads a trust folder. Every file in it must belong there.
pub(crate) fn read_trust(folder: &Path) -> anyhow::Result<Trust> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read the trust folder {}", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.push((name, fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?));
    }
    Trust::from_files(files).with_context(|| format!("the trust folder {} is unusable", folder.display()))
}

fn read_bundle(path: &Path) -> anyhow::Result<Vec<u8>> {
    let size = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?.len();
    if size > BUNDLE_LIMIT {
        bail!("{} has {size} bytes, more than the {BUNDLE_LIMIT} that are read", path.display());
    }
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
