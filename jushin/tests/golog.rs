//! The log's files, judged by a program that is not ours: `golang.org/x/mod/sumdb`, from Debian.
//!
//! Needs Go: `cargo xtask test` installs it. Plain `cargo test` leaves this target out (`test = false`).
#![expect(clippy::unwrap_used, reason = "a test ends where something it needs is missing")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jushin_crypto::NoteKey;
use jushin_log::{
    Checkpoint, Growth, Hash, KeyName, SigningKey as _, Tile, VerifierKey, entry_bundle, leaf_hash,
};
use jushin_platform::{FolderFiles, LogFiles as _};

/// Thirteen bits of fifteen are set: a reader that checks only whole subtrees does not get by.
const SIZE: usize = 20_479;
const EARLIER: usize = 11_007;

/// A log on the disk, and the program.
struct Log {
    folder: PathBuf,
    program: PathBuf,
    key: String,
    earlier: Hash,
}

fn base64(hash: &Hash) -> String {
    // A checkpoint writes hashes in the one form that all of these texts use.
    let origin = KeyName::new("x").unwrap();
    let text = Checkpoint { origin, size: 1, root: *hash }.text();
    text.lines().nth(2).unwrap().to_owned()
}

impl Log {
    /// Writes both steps of the log and builds the program.
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("jushin-golog-{}", std::process::id()));
        let _absent = fs::remove_dir_all(&folder);
        let files = FolderFiles::open(&folder.join("log")).unwrap();
        let key = NoteKey::from_seed(&[1; 32]).unwrap();
        let origin = KeyName::new("log.example").unwrap();
        let entries: Vec<Hash> = (0..SIZE).map(|index| leaf_hash(&index.to_be_bytes())).collect();
        let leaves: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        let mut growth = Growth::empty();
        growth.append(&leaves[..EARLIER]);
        let earlier = growth.root();
        let mut growth = Growth::empty();
        let tiles = growth.append(&leaves).tiles;
        let mut written: Vec<_> = tiles.into_iter().map(|(tile, bytes)| (tile.path(), bytes)).collect();
        for (index, chunk) in (0..).zip(entries.chunks(256)) {
            let tile = Tile { level: 0, index, width: u16::try_from(chunk.len()).unwrap() };
            let bundle = entry_bundle(chunk.iter().map(<[u8; 32]>::as_slice)).unwrap();
            written.push((tile.entries_path(), bundle));
        }
        let checkpoint = Checkpoint { origin: origin.clone(), size: growth.size(), root: growth.root() };
        written.push(("checkpoint".to_owned(), checkpoint.sign(&key).into_bytes()));
        files.write(&written).unwrap();

        let program = folder.join("verify");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golog/verify.go");
        let built = Command::new("go")
            .args(["build", "-o"])
            .args([&program, &source])
            .env("GO111MODULE", "off")
            .env("GOPATH", "/usr/share/gocode")
            .env("GOCACHE", folder.join("cache"))
            .output()
            .unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        let key = VerifierKey::of_log(origin, key.public()).to_text();
        Self { folder, program, key, earlier }
    }

    /// What the program says.
    fn judged(&self, earlier: &Hash) -> String {
        let output = Command::new(&self.program)
            .arg(self.folder.join("log"))
            .args([self.key.as_str(), &EARLIER.to_string(), &base64(earlier)])
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// What it says of a file with one bit flipped. The file is put back.
    fn flipped(&self, path: &str, at: usize) -> String {
        let path = self.folder.join("log").join(path);
        let honest = fs::read(&path).unwrap();
        let mut bytes = honest.clone();
        bytes[at] ^= 1;
        fs::write(&path, bytes).unwrap();
        let said = self.judged(&self.earlier);
        fs::write(&path, honest).unwrap();
        said
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        let _absent = fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn go_verifies_signature_inclusion_and_consistency_and_finds_a_flipped_bit() {
    let log = Log::new();
    let said = log.judged(&log.earlier);
    assert!(said.starts_with("VERIFIED 20479 entries"), "{said}");
    assert!(said.contains("goes on from 11007"), "{said}");
    assert!(log.judged(&[9; 32]).starts_with("REFUSED from 11007"), "another earlier root");
    // The first tile, the last unfinished one, the upper level, an entry, the signature, the size.
    for (path, at) in [
        ("tile/0/000", 40),
        ("tile/0/079.p/255", 254 * 32),
        ("tile/1/000.p/79", 31),
        ("tile/entries/000", 5),
        ("checkpoint", 120),
        ("checkpoint", 13),
    ] {
        let said = log.flipped(path, at);
        assert!(said.starts_with("REFUSED"), "{path} at {at}: {said}");
    }
    assert!(log.judged(&log.earlier).starts_with("VERIFIED"), "as it was");
}
