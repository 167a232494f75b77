//! The witness over HTTP bodies: it goes on with a log, and never back or aside.

#![allow(clippy::unwrap_used, reason = "the helpers of a test fail by panicking, as the test does")]

use std::sync::Arc;

use jushin_crypto::{AwsLc, NoteKey};
use jushin_log::{
    AddCheckpoint, Checkpoint, Growth, Hash, KeyName, Note, SigningKey as _, Tile, Tiles, VerifierKey,
    leaf_hash, prove_consistency, verify_cosignature,
};
use jushin_runtime::{Clock, Peer, Reply};
use jushin_statement::UnixMillis;
use jushin_witness::{Config, Witness, origin_id};

const ORIGIN: &str = "log.example";

struct Noon;

impl Clock for Noon {
    fn now(&self) -> UnixMillis {
        UnixMillis(1_775_000_000_000)
    }
}

/// A log that tells whatever it likes.
struct Log {
    key: NoteKey,
    leaves: Vec<Hash>,
}

impl Tiles for Log {
    fn tile(&self, tile: Tile) -> Option<Vec<u8>> {
        let tiles = Growth::empty().append(&self.leaves).tiles;
        tiles
            .into_iter()
            .find(|(made, _)| made.level == tile.level && made.index == tile.index)
            .map(|(_, b)| b)
    }
}

impl Log {
    fn of(size: u8, salt: u8) -> Self {
        let leaves = (0..size).map(|index| leaf_hash(&[index, salt])).collect();
        Self { key: NoteKey::from_seed(&[1; 32]).unwrap(), leaves }
    }

    fn root(&self, size: usize) -> Hash {
        let mut growth = Growth::empty();
        growth.append(&self.leaves[..size]);
        growth.root()
    }

    fn request(&self, old: u64) -> String {
        let (size, root) = (self.leaves.len() as u64, self.root(self.leaves.len()));
        let old_root = self.root(usize::try_from(old).unwrap());
        let proof = prove_consistency(self, (old, &old_root), (size, &root)).unwrap();
        let checkpoint = Checkpoint { origin: KeyName::new(ORIGIN).unwrap(), size, root }.sign(&self.key);
        AddCheckpoint { old_size: old, proof, checkpoint }.to_text()
    }
}

fn config() -> Config {
    Config {
        name: KeyName::new("witness.example").unwrap(),
        key: Arc::new(NoteKey::from_seed(&[2; 32]).unwrap()),
        logs: vec![VerifierKey::of_log(KeyName::new(ORIGIN).unwrap(), Log::of(0, 0).key.public())],
        crypto: Arc::new(AwsLc),
        clock: Arc::new(Noon),
    }
}

fn witness() -> (Witness, Peer) {
    let witness = Witness::in_memory(config()).unwrap();
    let door = Peer::in_process(witness.router());
    (witness, door)
}

async fn add(door: &Peer, body: String) -> Reply {
    door.post("/add-checkpoint", "text/plain; charset=utf-8", body.into_bytes()).await.unwrap()
}

#[tokio::test]
async fn what_goes_on_is_cosigned_and_shown_to_everybody() {
    let (witness, door) = witness();
    assert_eq!(add(&door, Log::of(5, 0).request(0)).await.status, 200);
    let reply = add(&door, Log::of(11, 0).request(5)).await;
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));

    let shown = door.get(&format!("/{}/checkpoint", origin_id(ORIGIN))).await.unwrap();
    let shown = String::from_utf8(shown.body).unwrap();
    assert!(shown.ends_with(std::str::from_utf8(&reply.body).unwrap()));
    let note = Note::parse(&shown).unwrap();
    assert_eq!(Checkpoint::parse(note.text).unwrap().size, 11);
    let cosigned = verify_cosignature(&note, &witness.verifier_key(), &AwsLc).unwrap();
    assert_eq!(cosigned.at, 1_775_000_000);
    assert_eq!(add(&door, Log::of(11, 0).request(11)).await.status, 200, "the same again, at a later time");
    assert_eq!(door.get("/00/checkpoint").await.unwrap().status, 404);
}

#[tokio::test]
async fn a_fork_is_refused_and_the_memory_stays() {
    let (_witness, door) = witness();
    add(&door, Log::of(5, 0).request(0)).await;
    assert_eq!(add(&door, Log::of(9, 1).request(5)).await.status, 422, "another tree");
    assert_eq!(add(&door, Log::of(5, 1).request(5)).await.status, 422, "another tree of the same size");
    assert_eq!(add(&door, Log::of(9, 0).request(5)).await.status, 200, "the honest tree goes on");
}

#[tokio::test]
async fn going_back_is_refused_with_the_size_that_was_seen() {
    let (_witness, door) = witness();
    add(&door, Log::of(9, 0).request(0)).await;
    let reply = add(&door, Log::of(5, 0).request(0)).await;
    assert_eq!((reply.status.as_u16(), reply.content_type.as_str()), (409, "text/x.tlog.size"));
    assert_eq!(reply.body, b"9\n");
    assert_eq!(add(&door, Log::of(5, 0).request(5)).await.status, 409);
}

#[tokio::test]
async fn who_is_not_watched_or_did_not_sign_gets_nothing() {
    let (_witness, door) = witness();
    let honest = Log::of(5, 0).request(0);
    assert_eq!(add(&door, honest.replace(ORIGIN, "other.example")).await.status, 404);
    assert_eq!(add(&door, honest.replacen("\n5\n", "\n6\n", 1)).await.status, 403);
    assert_eq!(add(&door, honest.replace("old 0", "old 00")).await.status, 400);
    assert_eq!(add(&door, "x".repeat(80_000)).await.status, 413);
    assert_eq!(add(&door, honest).await.status, 200);
}

#[tokio::test]
async fn whoever_repeats_a_checkpoint_fills_no_disk_and_writes_nothing_below_it() {
    let file = std::env::temp_dir().join(format!("jushin-witness-{}.sqlite", std::process::id()));
    let witness = Witness::open(config(), &file).unwrap();
    let door = Peer::in_process(witness.router());
    let path = format!("/{}/checkpoint", origin_id(ORIGIN));
    let with_junk = |old| Log::of(5, 0).request(old) + "— somebody.example AAAAAAAAAAAA\n";
    assert_eq!(add(&door, with_junk(0)).await.status, 200);
    let shown = door.get(&path).await.unwrap().body;
    assert!(!String::from_utf8_lossy(&shown).contains("somebody.example"));
    for _ in 0..20 {
        assert_eq!(add(&door, with_junk(5)).await.status, 200, "the same again is fine");
    }
    assert_eq!(door.get(&path).await.unwrap().body, shown);
    let rows: i64 = rusqlite::Connection::open(&file)
        .unwrap()
        .query_row("SELECT count(*) FROM seen", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 1);
    drop((witness, door));
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(file.with_extension(format!("sqlite{ending}")));
    }
}
