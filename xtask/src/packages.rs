//! What the tests need from Debian.

use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::node;

/// Package, and what it is needed for.
const NEEDED: &[(&str, &str)] = &[
    ("util-linux", "unshare, mount"),
    ("iproute2", "the loopback interface of the private environment"),
    ("pcscd", "the PC/SC service"),
    ("libpcsclite1", "its library, opened at run time"),
    ("vsmartcard-vpcd", "a virtual card reader"),
    ("opensc", "an independent client of our virtual card"),
    ("opensc-pkcs11", "the same behind PKCS#11"),
    ("openssl", "an independent judge of certificates and signatures"),
    ("golang-go", "an independent judge of the log's files"),
    ("golang-golang-x-mod-dev", "the same"),
    ("spin", "the models of the element's storage"),
    ("g++", "libFuzzer's own part"),
];

/// Installs what is missing. Nothing missing: apt is not called.
pub(crate) fn install_missing() -> anyhow::Result<()> {
    let needed = [NEEDED, node::NEEDED, node::node_packages()].concat();
    let mut missing = Vec::new();
    for (package, purpose) in &needed {
        if !is_installed(package)? {
            println!("missing {package}: {purpose}");
            missing.push(*package);
        }
    }
    if missing.is_empty() {
        println!("all {} packages are installed", needed.len());
        return Ok(());
    }
    if !is_root()? {
        bail!(
            "run this once, then again:\n  sudo apt-get update && sudo apt-get install -y --no-install-recommends {}",
            missing.join(" ")
        );
    }
    apt_get(&["update", "-q"])?;
    apt_get(&[&["install", "-y", "-q", "--no-install-recommends"], missing.as_slice()].concat())
}

fn is_installed(package: &str) -> anyhow::Result<bool> {
    let answer = Command::new("dpkg-query")
        .args(["-W", "-f=${db:Status-Status}", package])
        .stderr(Stdio::null())
        .output()
        .context("dpkg-query did not start: the tests run on Debian and its descendants")?;
    Ok(answer.status.success() && answer.stdout == b"installed")
}

fn apt_get(arguments: &[&str]) -> anyhow::Result<()> {
    let status = Command::new("apt-get")
        .env("DEBIAN_FRONTEND", "noninteractive")
        .args(arguments)
        .status()
        .context("apt-get did not start")?;
    if !status.success() {
        bail!("apt-get {} failed", arguments.join(" "));
    }
    Ok(())
}

/// Whether we may install packages.
pub(crate) fn is_root() -> anyhow::Result<bool> {
    let answer = Command::new("id").arg("-u").output().context("id did not start")?;
    Ok(answer.stdout.trim_ascii() == b"0")
}
