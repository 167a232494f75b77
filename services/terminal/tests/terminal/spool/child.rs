//! The program that is killed: one terminal, taps one after another, one line for each that is done.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use jushin_statement::{Bytes, HolderCheck, Record, Signed};

use crate::bench::{Bench, Folder};

/// What the program is to do: the name of the variable, and its values.
pub(super) const ROLE: &str = "JUSHIN_SPOOL_ROLE";
/// Its folder: the name of the variable.
pub(super) const FOLDER: &str = "JUSHIN_SPOOL_FOLDER";
/// How many taps: the name of the variable.
pub(super) const TAPS: &str = "JUSHIN_SPOOL_TAPS";

/// Whether this process is such a program; then it has done its work.
pub(super) fn runs_here() -> bool {
    let Ok(role) = std::env::var(ROLE) else { return false };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        match role.as_str() {
            "enrol" => bench().enrol().await,
            "tap" => tap().await,
            _ => drain().await,
        }
    });
    true
}

fn bench() -> Bench {
    let folder = Folder::kept(PathBuf::from(std::env::var_os(FOLDER).unwrap()));
    let mut seed = [0; 32];
    std::io::Read::read_exact(&mut std::fs::File::open("/dev/urandom").unwrap(), &mut seed).unwrap();
    let bench = Bench::in_folder(folder, seed);
    bench.platform.allow(1_000_000);
    if let Some(element) = bench.terminal.element_id().unwrap() {
        bench.platform.remember(element);
    }
    bench
}

/// Unlocks, loses the network, and checks patients in. Where a tap fails, the network is back for a round of
/// what the terminal does by itself.
async fn tap() {
    let bench = bench();
    let taps: u64 = std::env::var(TAPS).unwrap().parse().unwrap();
    let _shown_at_the_desk = bench.terminal.power_on().await;
    for _ in 0..taps {
        bench.platform.network(false);
        let result = bench.tap("P1", HolderCheck::PhotoMachine).await;
        // What the receptionist sees as done.
        match result.trace.evid {
            Some(evid) if result.state.0 == "new-provisional" => say(&format!("done {evid}")),
            _ => {
                say(&format!("refused {} {}", result.state.0, result.trace.trouble.unwrap_or_default()));
                bench.platform.network(true);
                bench.terminal.background_round().await;
            }
        }
    }
    say_arrived(&bench);
}

/// The network is back: everything is sent, and what arrived is named.
async fn drain() {
    let bench = bench();
    bench.terminal.power_on().await.unwrap();
    bench.terminal.sync().await.unwrap();
    say_arrived(&bench);
    for counter in unexplained(&bench.folder.path().join("terminal.sqlite")) {
        say(&format!("unexplained {counter}"));
    }
    say(&format!("left {}", bench.terminal.waiting().unwrap()));
}

fn say_arrived(bench: &Bench) {
    for evidence in bench.platform.opened() {
        say(&format!("arrived {}", evidence.commit.parse().unwrap().payload_hash()));
    }
}

/// Counters of the journal that nothing explains: no record, nor the beginning of a visit, of a session that
/// was given up, or of one whose evidence was lost with the power (G0, G1).
fn unexplained(journal: &Path) -> Vec<u64> {
    let journal = rusqlite::Connection::open(journal).unwrap();
    let mut statement = journal.prepare("SELECT signed FROM record").unwrap();
    let signed = statement.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
    let mut explained = BTreeSet::new();
    for signed in signed {
        let signed = Signed(Bytes(signed.unwrap()));
        let record = Record::decode(signed.parse().unwrap().payload).unwrap();
        explained.insert(record.link().counter);
        match record {
            Record::Commit(commit) => explained.extend([commit.counter - 1]),
            Record::Boot(boot) => explained.extend(boot.pending),
            _ => {}
        }
    }
    let last = explained.last().copied().unwrap_or(0);
    (1..=last).filter(|counter| !explained.contains(counter)).collect()
}

/// One line, at once: the program may die before the next.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "spool: {line}").unwrap();
    out.flush().unwrap();
}

/// Reads a line that [`say`] wrote; the test harness may have begun it.
pub(super) fn said(line: &str) -> Option<(&str, &str)> {
    let (_, said) = line.split_once("spool: ")?;
    Some(said.split_once(' ').unwrap_or((said, "")))
}
