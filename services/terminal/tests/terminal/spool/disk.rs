//! A disk that keeps only what was synced, made of a library that stands before the C library's writes.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bench::Folder;

/// What goes wrong.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    /// The power goes at this write or sync.
    CutAt(u64),
    /// From this write on the disk is full, for so many writes.
    Full { from: u64, writes: u64 },
    /// Nothing is synced, as with `synchronous=OFF`; the power goes at this write.
    Lies { cut_at: u64 },
}

/// The library, built once.
pub(super) struct Power {
    library: PathBuf,
    _workshop: Folder,
}

impl Power {
    pub(super) fn new() -> Self {
        let workshop = super::workshop();
        let library = workshop.path().join("power.so");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/terminal/spool/power.c");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .args([library.as_path(), Path::new(source)])
            .arg("-ldl")
            .status();
        assert!(built.unwrap().success(), "the C compiler builds {source}");
        Self { library, _workshop: workshop }
    }

    /// Puts a program on such a disk.
    pub(super) fn put_under(&self, program: &mut Command, live: &Path, disk: &Path, fault: Fault) {
        program.env("LD_PRELOAD", &self.library).env("POWER_LIVE", live).env("POWER_DISK", disk);
        match fault {
            Fault::CutAt(at) => program.env("POWER_CUT", at.to_string()),
            Fault::Full { from, writes } => {
                program.env("POWER_FULL", from.to_string()).env("POWER_FREED", (from + writes).to_string())
            }
            Fault::Lies { cut_at } => program.env("POWER_CUT", cut_at.to_string()).env("POWER_LIES", "1"),
        };
    }
}

/// The files of a folder but for SQLite's shared memory, which no disk has.
pub(super) fn files(folder: &Path) -> Vec<PathBuf> {
    let all = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    all.filter(|path| path.is_file() && !path.to_string_lossy().ends_with("-shm")).collect()
}

/// Makes `to` hold what `from` holds and nothing else.
pub(super) fn copy_all(from: &Path, to: &Path) {
    for file in std::fs::read_dir(to).unwrap() {
        std::fs::remove_file(file.unwrap().path()).unwrap();
    }
    for file in files(from) {
        std::fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
    }
}

/// After a cut, sectors of 512 bytes that were written and not synced are there or not, as it happens.
pub(super) fn let_some_sectors_through(live: &Path, disk: &Path, mut luck: u64) {
    const SECTOR: usize = 512;
    for file in files(disk) {
        let mut kept = std::fs::read(&file).unwrap();
        let Ok(written) = std::fs::read(live.join(file.file_name().unwrap())) else { continue };
        for (sector, new) in kept.chunks_mut(SECTOR).zip(written.chunks(SECTOR)) {
            // xorshift64: which sectors had reached the platter.
            luck ^= luck << 13;
            luck ^= luck >> 7;
            luck ^= luck << 17;
            if luck & 1 == 1 && sector.len() == new.len() {
                sector.copy_from_slice(new);
            }
        }
        if luck & 2 == 2 && written.len() > kept.len() {
            let more = written[kept.len()..].to_vec();
            kept.extend(more);
        }
        std::fs::write(&file, kept).unwrap();
    }
}
