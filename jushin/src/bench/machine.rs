//! Where a figure was measured.

use std::fmt;
use std::fs;

use serde_json::{Value, json};

use super::parallel::cores;

/// The versions that this build was resolved to.
const LOCK: &str = include_str!("../../../Cargo.lock");

pub(super) struct Machine {
    cpu: String,
    cores: usize,
    system: String,
    crypto: String,
}

impl Machine {
    pub(super) fn here() -> Self {
        let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        Self {
            cpu: cpu().unwrap_or_else(|| "unknown CPU".to_owned()),
            cores: cores(),
            system: [std::env::consts::OS, release.trim(), std::env::consts::ARCH].join(" "),
            crypto: format!("aws-lc-rs {}, aws-lc-sys {}", locked("aws-lc-rs"), locked("aws-lc-sys")),
        }
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "cpu": self.cpu, "cores": self.cores, "system": self.system, "crypto": self.crypto,
            "build": build(),
        })
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "machine  {}, {} cores, {}", self.cpu, self.cores, self.system)?;
        write!(f, "         {}; {} build", self.crypto, build())
    }
}

const fn build() -> &'static str {
    if cfg!(debug_assertions) { "debug" } else { "release" }
}

/// As Linux names it.
fn cpu() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The version of a package in the lock file.
fn locked(package: &str) -> &'static str {
    let name = format!("name = \"{package}\"");
    let version = || {
        let after = LOCK.split_once(&name)?.1;
        after.split_once("version = \"")?.1.split('"').next()
    };
    version().unwrap_or("?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_the_crypto_library_is_the_locked_one() {
        let version = locked("aws-lc-rs");
        assert!(version.split('.').count() == 3, "{version}");
        assert_eq!(locked("no such package"), "?");
    }
}
