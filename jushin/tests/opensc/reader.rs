//! One reader for all tests, one card in it at a time.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jushin_devices::pcsc::{ReaderName, Readers};

/// The reader's first slot, by the name that `cargo xtask test` gives it.
pub(crate) const FIRST: &str = "jushin test reader 00 00";

/// Longest wait for a card to be seen: vpcd is polled, keys are made the first time.
const PATIENCE: Duration = Duration::from_secs(120);

static READER: Mutex<()> = Mutex::new(());

/// `jushin card serve` with its card in the reader; pulled when it is dropped.
pub(crate) struct Served {
    child: Child,
    folder: PathBuf,
    _alone: MutexGuard<'static, ()>,
}

impl Served {
    /// Starts the command and waits until PC/SC sees the card.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let alone = READER.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = folder(arguments);
        let child = command(&folder, arguments).stdout(Stdio::null()).spawn().unwrap();
        let served = Self { child, folder, _alone: alone };
        Readers::open().unwrap().wait_for_card(&first(), PATIENCE).unwrap();
        served
    }

    /// Runs a command that must end by itself, and gives what it wrote to standard error.
    pub(crate) fn refused(arguments: &[&str]) -> String {
        let _alone = READER.lock().unwrap_or_else(PoisonError::into_inner);
        let output = command(&folder(arguments), arguments).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// Path of a file in the card's folder.
    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    /// Text of a file in the card's folder.
    pub(crate) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap()
    }

    /// Pulls the card.
    pub(crate) fn pull(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        // The next card must not be taken for this one.
        if let Ok(readers) = Readers::open() {
            let _ = readers.wait_for_removal(&first(), PATIENCE);
        }
    }
}

/// Name of the reader's first slot.
pub(crate) fn first() -> ReaderName {
    ReaderName::new(FIRST).unwrap()
}

fn command(folder: &std::path::Path, arguments: &[&str]) -> Command {
    let address = std::env::var("JUSHIN_VPCD")
        .expect("this test needs a pcscd with a virtual reader of its own: run `cargo xtask test`");
    let mut command = Command::new(env!("CARGO_BIN_EXE_jushin"));
    command.args(["card", "serve", "--vpcd", &address, "--dir"]).arg(folder).args(arguments);
    command
}

/// Where the card's keys are: one card of each sort for all tests of this run, made by the first.
fn folder(arguments: &[&str]) -> PathBuf {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("opensc").join(std::process::id().to_string());
        let _of_an_earlier_run = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    });
    let sort = arguments.iter().find(|argument| argument.starts_with("hpki")).unwrap_or(&"person");
    let folder = FOLDER.join(sort);
    fs::create_dir_all(&folder).unwrap();
    folder
}
