//! The pages in a real browser: what node needs, and its tests, run where every test runs.

use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::private;
use crate::tally::Tally;

/// The tests' folder.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../browser");

/// What the browser tests need from Debian.
pub(crate) const NEEDED: &[(&str, &str)] = &[
    ("chromium", "the browser that looks at every page"),
    ("fonts-noto-cjk", "Japanese letters; without them every page shows boxes"),
];

/// Node from Debian, where there is none yet. Where it came from elsewhere, Debian's would collide.
pub(crate) fn node_packages() -> &'static [(&'static str, &'static str)] {
    if starts("node") && starts("npm") {
        &[]
    } else {
        &[("nodejs", "runs the browser tests"), ("npm", "fetches what they use")]
    }
}

fn starts(program: &str) -> bool {
    let answer = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    answer.is_ok_and(|status| status.success())
}

/// Fetches the locked packages, without running any script of theirs. Needs the network.
pub(crate) fn fetch() -> anyhow::Result<()> {
    let status = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", FOLDER])
        .status()
        .context("npm did not start")?;
    if !status.success() {
        bail!("npm ci failed");
    }
    Ok(())
}

/// Runs the tests in the private environment: a demo that asked for anything outside would fail.
pub(crate) fn run() -> anyhow::Result<Tally> {
    // Built with the tests, into the folder that we were built into.
    let ourselves = std::env::current_exe().context("where is this program?")?;
    let mut unshare = private::unshare()?;
    unshare
        .args(["sh", "-euc", "ip link set lo up; exec node --test --test-reporter=tap pages.test.mjs"])
        .env("JUSHIN", ourselves.with_file_name("jushin"))
        .current_dir(FOLDER);
    let tally = private::count(unshare)?;
    if tally.passed == 0 {
        bail!("no page was looked at");
    }
    Ok(tally)
}
