//! The tests that node runs: the pages in a real browser, and the second verifier beside the first.

use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::private;
use crate::tally::Tally;

/// A folder of tests.
pub(crate) struct Suite {
    folder: &'static str,
    /// What runs them, after the loopback interface is up.
    script: &'static str,
}

/// The pages, looked at in Chromium.
pub(crate) const PAGES: Suite = Suite {
    folder: concat!(env!("CARGO_MANIFEST_DIR"), "/../browser"),
    script: "exec node --test --test-reporter=tap pages.test.mjs",
};

/// The second verifier: types first, then its tests, which also ask the first one and take the corpus.
pub(crate) const VERIFIER: Suite = Suite {
    folder: concat!(env!("CARGO_MANIFEST_DIR"), "/../verifier-js"),
    script: "node node_modules/typescript/bin/tsc --noEmit -p . && exec node --test --test-reporter=tap test/",
};

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
    for Suite { folder, .. } in [PAGES, VERIFIER] {
        let status = Command::new("npm")
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder])
            .status()
            .context("npm did not start")?;
        if !status.success() {
            bail!("npm ci failed in {folder}");
        }
    }
    Ok(())
}

/// Runs the tests in the private environment: a demo that asked for anything outside would fail.
pub(crate) fn run(suite: &Suite) -> anyhow::Result<Tally> {
    // Built with the tests, into the folder that we were built into.
    let ourselves = std::env::current_exe().context("where is this program?")?;
    let mut unshare = private::unshare()?;
    unshare
        .args(["sh", "-euc", &format!("ip link set lo up; {}", suite.script)])
        .env("JUSHIN", ourselves.with_file_name("jushin"))
        .env("JUSHIN_CORPUS", ourselves.with_file_name("jushin-corpus"))
        .current_dir(suite.folder);
    let tally = private::count(unshare)?;
    if tally.passed == 0 {
        bail!("no test ran in {}", suite.folder);
    }
    Ok(tally)
}
