//! What integration tests share: the command as a process, folders that go again, bytes in other forms.
#![allow(dead_code, reason = "each test target uses its own part")]

pub(crate) mod bytes;
pub(crate) mod stage;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

use jushin_statement::{Bundle, Evidence, Object as _, Visits};

/// A folder that goes when it is dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{}-{number}", env!("CARGO_CRATE_NAME"), std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file and returns its path.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, content).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _left_for_cargo_clean = fs::remove_dir_all(&self.0);
    }
}

/// The command with these arguments, run in `folder`.
pub(crate) fn jushin(folder: &Path, arguments: &[&str]) -> Answer {
    let output = Command::new(env!("CARGO_BIN_EXE_jushin")).args(arguments).current_dir(folder).output();
    Answer::of(&output.unwrap(), &format!("jushin {}", arguments.join(" ")))
}

/// What a program answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) what: String,
    /// Exit code; nil after a signal.
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Answer {
    fn of(output: &Output, what: &str) -> Self {
        Self {
            what: what.to_owned(),
            code: output.status.code(),
            out: String::from_utf8(output.stdout.clone()).unwrap(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}\n{}", self.what, self.out, self.err);
        self
    }
}

/// A program that is not ours.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Answer {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{program} did not start: {error}"));
    Answer::of(&output, &format!("{program} {}", arguments.join(" ")))
}

/// A demo that was played to its end with `--once`.
pub(crate) struct Played {
    folder: Folder,
    pub(crate) answer: Answer,
}

impl Played {
    /// Plays the demo with these further arguments.
    pub(crate) fn with(arguments: &[&str]) -> Self {
        let folder = Folder::new();
        let arguments = [&["demo", "--once", "--dir", "d"], arguments].concat();
        let answer = jushin(folder.path(), &arguments);
        Self { folder, answer }
    }

    /// Plays the demo as it is, successfully.
    pub(crate) fn well() -> Self {
        let played = Self::with(&[]);
        assert_eq!(played.answer.code, Some(0), "{}\n{}", played.answer.out, played.answer.err);
        played
    }

    /// What the demo left.
    pub(crate) fn dir(&self) -> PathBuf {
        self.folder.path().join("d")
    }

    /// The paths of the bundles, as they are named in the file system's order of names.
    pub(crate) fn bundles(&self) -> Vec<PathBuf> {
        let mut paths: Vec<_> =
            fs::read_dir(self.dir().join("bundles")).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        assert!(!paths.is_empty());
        paths
    }

    /// The bundles.
    pub(crate) fn decoded(&self) -> Vec<Bundle> {
        self.bundles().iter().map(|path| Bundle::decode(&fs::read(path).unwrap()).unwrap()).collect()
    }

    /// `summary.json`.
    pub(crate) fn summary(&self) -> serde_json::Value {
        serde_json::from_slice(&fs::read(self.dir().join("summary.json")).unwrap()).unwrap()
    }
}

/// The one visit of a full bundle.
pub(crate) fn evidence(bundle: &Bundle) -> &Evidence {
    match &bundle.visits {
        Visits::Full(visits) => &visits[0],
        Visits::Redacted(_) => panic!("a redacted bundle"),
    }
}
