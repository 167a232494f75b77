//! The private environment: namespaces with a loopback interface and a PC/SC service of their own.
//!
//! Fixed ports never collide, an accidental request to the outside fails at once, and every server
//! ends with the environment, also when it is killed. The user's own `pcscd` is not touched.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::tally::Tally;
use crate::{cargo, packages};

/// How much the tests do.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scale {
    /// Each rule once.
    Once,
    /// Larger counts, for hours rather than minutes.
    Soak,
}

/// Tests that need the environment. Plain `cargo test` does not build them (`test = false`), so that
/// it passes anywhere; here they run.
pub(crate) const DEVICE_TESTS: [&str; 4] = ["--test", "opensc", "--test", "golog"];

/// What runs inside.
const SCRIPT: &str = include_str!("private.sh");

/// Namespaces: own mounts, network and processes; whatever is left running dies with the first.
const NAMESPACES: [&str; 8] =
    ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private"];

/// Runs every test inside and counts.
pub(crate) fn run_tests(scale: Scale) -> anyhow::Result<Tally> {
    check_permission()?;
    let mut unshare = unshare()?;
    unshare.args(["sh", "-euc", SCRIPT, "private.sh"]).args(DEVICE_TESTS).env("CARGO", cargo());
    if matches!(scale, Scale::Soak) {
        unshare.env("JUSHIN_SOAK", "1");
    }
    count(unshare)
}

/// Runs a command of the environment, shows what it prints, and counts.
pub(crate) fn count(mut unshare: Command) -> anyhow::Result<Tally> {
    let mut child = unshare.stdout(Stdio::piped()).spawn().context("unshare did not start")?;
    let output = child.stdout.take().context("the tests have no output")?;
    let mut tally = Tally::default();
    for line in BufReader::new(output).lines() {
        let line = line.context("the tests' output broke off")?;
        println!("{line}");
        tally.read(&line);
    }
    tally.succeeded = child.wait().context("unshare was lost")?.success();
    Ok(tally)
}

/// Says why, where a machine does not permit namespaces: no test is left out silently.
fn check_permission() -> anyhow::Result<()> {
    let answer = unshare()?.arg("true").output().context("unshare did not start")?;
    if !answer.status.success() {
        bail!(
            "this machine permits no private namespaces ({}): run as root, or allow them to users \
             (kernel.unprivileged_userns_clone=1; in a container, CAP_SYS_ADMIN)",
            String::from_utf8_lossy(answer.stderr.trim_ascii())
        );
    }
    Ok(())
}

/// `unshare` with the namespaces; root within them, also for a user who is not.
pub(crate) fn unshare() -> anyhow::Result<Command> {
    let mut unshare = Command::new("unshare");
    if !packages::is_root()? {
        unshare.args(["--user", "--map-root-user"]);
    }
    unshare.args(NAMESPACES);
    Ok(unshare)
}
