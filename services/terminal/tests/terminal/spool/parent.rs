//! Starts the program, ends it, and says what must be there afterwards.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use super::child::{self, said};
use super::disk::{self, Fault, Power};
use crate::bench::Folder;
use crate::cards::KEPT_KEYS;

/// How often: once in a while, or with full counts.
pub(super) fn rounds(few: u64, full: u64) -> u64 {
    if std::env::var_os("JUSHIN_SOAK").is_some() { full } else { few }
}

/// The folders of one such program.
pub(super) struct Spool {
    test: &'static str,
    live: Folder,
    disk: Folder,
    keys: Folder,
    /// What the platform got on the way.
    arrived: Vec<String>,
}

/// What a full disk did.
pub(super) struct Filled {
    pub(super) done: Vec<String>,
    pub(super) refused: usize,
    /// Whether the last tap was done again, in the same program.
    pub(super) recovered: bool,
}

/// What the program said, and how it ended.
struct Ran {
    text: String,
    code: Option<i32>,
}

impl Ran {
    fn of(program: &mut Command) -> Self {
        let output = program.output().unwrap();
        Self { text: String::from_utf8(output.stdout).unwrap(), code: output.status.code() }
    }

    fn named(&self, word: &str) -> Vec<String> {
        let lines = self.text.lines().filter_map(said).filter(|(what, _)| *what == word);
        lines.map(|(_, rest)| rest.to_owned()).collect()
    }

    fn last_tap(&self) -> Option<&str> {
        let taps = self.text.lines().filter_map(said).filter(|(what, _)| matches!(*what, "done" | "refused"));
        taps.map(|(what, _)| what).next_back()
    }
}

/// What the platform got in the end.
pub(super) struct Drained {
    arrived: Vec<String>,
    unexplained: Vec<String>,
    left: String,
}

impl Spool {
    /// Enrols a terminal in a new folder. `test` is the name of the calling test, which the program plays.
    pub(super) fn prepare(test: &'static str) -> Self {
        let spool =
            Self { test, live: Folder::new(), disk: Folder::new(), keys: Folder::new(), arrived: Vec::new() };
        let enrolled = spool.program("enrol", 0).output().unwrap();
        assert!(enrolled.status.success(), "{}", String::from_utf8_lossy(&enrolled.stderr));
        disk::copy_all(spool.live.path(), spool.disk.path());
        spool
    }

    /// Lets it check patients in and kills it once `taps` of them were called done. Returns those.
    pub(super) fn kill_after(&self, taps: u64) -> Vec<String> {
        let mut program = self.program("tap", 1_000).stdout(Stdio::piped()).spawn().unwrap();
        let mut done = Vec::new();
        for line in BufReader::new(program.stdout.take().unwrap()).lines() {
            let Ok(line) = line else { break };
            if let Some(("done", evid)) = said(&line) {
                done.push(evid.to_owned());
                if done.len() as u64 == taps {
                    // SIGKILL: whatever it does right now ends here. Lines it still got out count.
                    program.kill().unwrap();
                }
            }
        }
        program.wait().unwrap();
        assert!(done.len() as u64 >= taps, "the program ended by itself: {done:?}");
        done
    }

    /// Cuts the power; what was synced is what there is afterwards. Returns what was called done, and whether
    /// the cut came before the program's end.
    pub(super) fn cut_power(&mut self, power: &Power, fault: Fault, luck: u64) -> (Vec<String>, bool) {
        let ran = self.run_on(power, fault, 8);
        let done = ran.named("done");
        self.arrived.extend(ran.named("arrived"));
        if ran.code == Some(0) {
            // It ended in peace: closing a database is no cut, and syncs what it moves.
            disk::copy_all(self.live.path(), self.disk.path());
            return (done, false);
        }
        assert_eq!(ran.code, Some(99), "the program ended otherwise than by the cut");
        if matches!(fault, Fault::CutAt(_)) {
            disk::let_some_sectors_through(self.live.path(), self.disk.path(), luck.wrapping_mul(2) | 1);
        }
        drop_unnamed(self.disk.path());
        disk::copy_all(self.disk.path(), self.live.path());
        (done, true)
    }

    /// Fills the disk while it works, for so many writes.
    pub(super) fn fill_disk(&mut self, power: &Power, from: u64, writes: u64) -> Filled {
        let ran = self.run_on(power, Fault::Full { from, writes }, 8);
        assert!(ran.code == Some(0), "a full disk is no reason to crash: {:?}", ran.code);
        self.arrived.extend(ran.named("arrived"));
        let refused = ran.named("refused").len();
        let recovered = ran.last_tap() == Some("done");
        Filled { done: ran.named("done"), refused, recovered }
    }

    /// With the network back and the disk in order, everything goes to the platform.
    pub(super) fn drain(mut self) -> Drained {
        let ran = Ran::of(&mut self.program("drain", 0));
        assert!(ran.code == Some(0), "{}", ran.text);
        self.arrived.extend(ran.named("arrived"));
        Drained {
            unexplained: ran.named("unexplained"),
            left: ran.named("left").pop().unwrap_or_default(),
            arrived: self.arrived,
        }
    }

    fn run_on(&self, power: &Power, fault: Fault, taps: u64) -> Ran {
        let mut program = self.program("tap", taps);
        power.put_under(&mut program, self.live.path(), self.disk.path(), fault);
        Ran::of(&mut program)
    }

    fn program(&self, role: &str, taps: u64) -> Command {
        let mut program = Command::new(std::env::current_exe().unwrap());
        program
            .args(["--exact", &format!("spool::{}", self.test), "--nocapture", "--test-threads=1"])
            .env(child::ROLE, role)
            .env(child::FOLDER, self.live.path())
            .env(child::TAPS, taps.to_string())
            .env(KEPT_KEYS, self.keys.path());
        program
    }
}

impl Drained {
    /// Every visit that was called done has arrived, and nothing is missing between.
    pub(super) fn holds_all(&self, done: &[String]) {
        let lost: Vec<_> = done.iter().filter(|evid| !self.arrived.contains(evid)).collect();
        assert!(lost.is_empty(), "{} of {} were called done and are lost: {lost:?}", lost.len(), done.len());
        assert!(self.unexplained.is_empty(), "nothing explains the counters {:?}", self.unexplained);
        assert_eq!(self.left, "0", "boxes that nobody took");
    }

    /// Whether something that was called done is not there.
    pub(super) fn lacks_some(&self, done: &[String]) -> bool {
        done.iter().any(|evid| !self.arrived.contains(evid))
    }
}

/// Files whose folder was never synced have no name after a cut.
fn drop_unnamed(disk: &Path) {
    for file in disk::files(disk) {
        let name = file.to_string_lossy().into_owned();
        if name.ends_with(".unnamed") || name.ends_with(".half") {
            std::fs::remove_file(file).unwrap();
        }
    }
}
