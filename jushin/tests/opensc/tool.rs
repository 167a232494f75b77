//! Programs that are not ours.

use std::process::Command;

/// What a program answered.
pub(crate) struct Answer {
    what: String,
    /// Exit code 0.
    pub(crate) success: bool,
    /// Standard output.
    pub(crate) text: String,
    errors: String,
}

impl Answer {
    /// Standard output of a program that must have succeeded.
    #[track_caller]
    pub(crate) fn expect_success(self) -> String {
        assert!(self.success, "{} failed\n{}\n{}", self.what, self.text, self.errors);
        self.text
    }
}

/// Runs a program of OpenSC, without its file cache.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Answer {
    let output = Command::new(program)
        .args(arguments)
        .env("OPENSC_CONF", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/opensc/opensc.conf"))
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap_or_else(|error| panic!("{program} did not start ({error}): run `cargo xtask test`"));
    Answer {
        what: format!("{program} {}", arguments.join(" ")),
        success: output.status.success(),
        text: String::from_utf8_lossy(&output.stdout).into_owned(),
        errors: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Runs OpenSSL's command.
pub(crate) fn openssl(arguments: &[&str]) -> Answer {
    run("openssl", arguments)
}
