//! The transparency log: sealing, crashes, proofs, doors and the audit.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jushin_crypto::AwsLc;
use jushin_log::{Checkpoint, LoggedProof, Opening, commitment};
use jushin_platform::{
    CheckpointStore, Finish, FolderFiles, LogAlarm, LogFiles, LogPorts, MemoryFiles, Refusal, Sqlite,
    SqliteCheckpoints, Store, StoreError, Transaction,
};

use crate::support::keys::OUTSIDE;
use crate::support::terminal::Terminal;
use crate::support::{World, assert_refused};

/// Fails at one call of any port: before it did anything, or after it did all.
#[derive(Clone)]
struct Cut(Arc<AtomicI64>);

impl Cut {
    fn never() -> Self {
        Self(Arc::new(AtomicI64::new(i64::MAX)))
    }

    fn at(&self, half_step: i64) {
        self.0.store(half_step, Ordering::SeqCst);
    }

    fn through<T>(&self, call: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        let gone = || StoreError::Failed("the power is gone".to_owned());
        if self.0.fetch_sub(1, Ordering::SeqCst) <= 0 {
            return Err(gone());
        }
        let done = call()?;
        if self.0.fetch_sub(1, Ordering::SeqCst) <= 0 { Err(gone()) } else { Ok(done) }
    }
}

struct Cutting<T>(T, Cut);

impl Store for Cutting<Arc<Sqlite>> {
    fn transact(
        &self,
        work: &mut dyn FnMut(&mut dyn Transaction) -> Result<Finish, StoreError>,
    ) -> Result<(), StoreError> {
        self.1.through(|| self.0.transact(work))
    }
}

impl LogFiles for Cutting<Arc<MemoryFiles>> {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.read(path)
    }
    fn write(&self, files: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
        for file in files {
            self.1.through(|| self.0.write(std::slice::from_ref(file)))?;
        }
        Ok(())
    }
}

impl CheckpointStore for Cutting<Arc<SqliteCheckpoints>> {
    fn newest(&self, origin: &str) -> Result<Option<String>, StoreError> {
        self.0.newest(origin)
    }
    fn replace(&self, origin: &str, old: Option<&str>, note: &str, size: u64) -> Result<(), StoreError> {
        self.1.through(|| self.0.replace(origin, old, note, size))
    }
}

async fn visit(world: &World, terminal: &mut Terminal) -> jushin_statement::Hash {
    use jushin_statement::Object as _;
    let check_in = terminal.check_in(world);
    terminal.pass(world, 1_000);
    world.posted("/v1/batches", terminal.batch(&check_in).encode()).await;
    check_in.evid
}

/// The checkpoint that a visit's proof ends at.
fn proven(world: &World, evid: jushin_statement::Hash) -> Checkpoint {
    let bundle = world.platform.bundle(evid).unwrap();
    let [text] = bundle.proofs.as_slice() else { panic!("{} proofs", bundle.proofs.len()) };
    let proof = LoggedProof::parse(std::str::from_utf8(text).unwrap()).unwrap();
    let (opening, content) = Opening::from_extra(proof.extra.as_deref().unwrap()).unwrap();
    assert_eq!(content, evid.0);
    proof.verify(&commitment(&opening, &evid.0), &world.platform.log_key(), &AwsLc).unwrap()
}

#[tokio::test]
async fn a_visit_and_its_binding_are_sealed_and_the_bundle_carries_the_proof() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let evid = visit(&world, &mut terminal).await;
    assert!(world.platform.bundle(evid).unwrap().proofs.is_empty(), "not before it is sealed");

    let sealed = world.platform.seal_log().await.unwrap();
    assert_eq!((sealed.size, sealed.new, sealed.cosigned), (2, 2, 0));
    assert_eq!(proven(&world, evid).size, 2);
    assert_eq!(world.platform.redacted_bundle(evid).unwrap().proofs.len(), 1);
    assert_eq!(world.platform.seal_log().await.unwrap().new, 0, "nothing waits");

    let later = visit(&world, &mut terminal).await;
    world.platform.seal_log().await.unwrap();
    assert_eq!((proven(&world, evid).size, proven(&world, later).size), (3, 3));
    let audit = world.platform.audit_log().unwrap();
    assert_eq!((audit.size, audit.found, audit.waiting, audit.alarms), (3, 3, 0, vec![]));
}

#[tokio::test]
async fn cut_at_any_step_the_log_goes_on_and_signs_no_fork() {
    let mut steps = 0;
    for half_step in 0.. {
        let cut = Cut::never();
        let store = Arc::new(Sqlite::in_memory().unwrap());
        let checkpoints = Arc::new(SqliteCheckpoints::in_memory().unwrap());
        let log = LogPorts {
            files: Arc::new(Cutting(Arc::new(MemoryFiles::default()), cut.clone())),
            checkpoints: Arc::new(Cutting(checkpoints.clone(), cut.clone())),
            ..LogPorts::in_memory(Arc::new(AwsLc)).unwrap()
        };
        let world = World::with_log(Arc::new(Cutting(store, cut.clone())), log);
        let mut terminal = Terminal::ready(&world).await;
        visit(&world, &mut terminal).await;
        world.platform.seal_log().await.unwrap();
        let first = checkpoints.newest("log.platform.example").unwrap().unwrap();
        let evid = visit(&world, &mut terminal).await;

        cut.at(half_step);
        let outcome = world.platform.seal_log().await;
        cut.at(i64::MAX);
        world.platform.seal_log().await.unwrap();
        let newest = checkpoints.newest("log.platform.example").unwrap().unwrap();
        assert_eq!(proven(&world, evid).size, 3, "cut at {half_step}");
        assert_ne!(first, newest);
        let audit = world.platform.audit_log().unwrap();
        assert_eq!((audit.found, audit.alarms), (3, vec![]), "cut at {half_step}");
        if outcome.is_ok() {
            break;
        }
        steps += 1;
    }
    assert!(steps >= 12, "cut at {steps} places");
}

/// Data, files and checkpoints of one platform, each in its place.
struct Disk(PathBuf);

impl Disk {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("jushin-{name}-{}", std::process::id()));
        let _absent = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn start(&self, data: &str) -> World {
        let log = LogPorts {
            files: Arc::new(FolderFiles::open(&self.file("log")).unwrap()),
            checkpoints: Arc::new(SqliteCheckpoints::open(&self.file("checkpoints.sqlite")).unwrap()),
            ..LogPorts::in_memory(Arc::new(AwsLc)).unwrap()
        };
        World::with_log(Arc::new(Sqlite::open(&self.file(data)).unwrap()), log)
    }

    /// A copy of the data as it is now.
    fn copy(&self, to: &str) {
        let from = rusqlite::Connection::open(self.file("data.sqlite")).unwrap();
        from.execute("VACUUM INTO ?1", [self.file(to).to_str().unwrap()]).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _absent = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn restored_from_an_older_backup_it_refuses_to_sign_and_says_what_to_do() {
    let disk = Disk::new("log-backup");
    {
        let world = disk.start("data.sqlite");
        let mut terminal = Terminal::ready(&world).await;
        world.platform.seal_log().await.unwrap();
        disk.copy("backup.sqlite");
        visit(&world, &mut terminal).await;
        world.platform.seal_log().await.unwrap();
    }
    let world = disk.start("backup.sqlite");
    let refusal = world.platform.seal_log().await.unwrap_err();
    assert_eq!(refusal, Refusal::LogAhead { signed: 2, known: 1 });
    assert!(refusal.to_string().contains("Bring the newer data back"), "{refusal}");
    // It does not help to try again.
    assert_eq!(world.platform.seal_log().await.unwrap_err(), Refusal::LogAhead { signed: 2, known: 1 });
}

#[tokio::test]
async fn a_checkpoint_store_that_was_emptied_or_set_back_stops_the_log() {
    let disk = Disk::new("log-checkpoints");
    {
        let world = disk.start("data.sqlite");
        let mut terminal = Terminal::ready(&world).await;
        world.platform.seal_log().await.unwrap();
        visit(&world, &mut terminal).await;
        world.platform.seal_log().await.unwrap();
    }
    let checkpoints = rusqlite::Connection::open(disk.file("checkpoints.sqlite")).unwrap();
    checkpoints.execute("DELETE FROM signed_checkpoint WHERE size = 2", []).unwrap();
    let seal = async || disk.start("data.sqlite").platform.seal_log().await.unwrap_err();
    assert_eq!(seal().await, Refusal::CheckpointBehind { signed: 2, held: 1 });
    checkpoints.execute("DELETE FROM signed_checkpoint", []).unwrap();
    assert_eq!(seal().await, Refusal::CheckpointBehind { signed: 2, held: 0 });
}

#[test]
fn the_checkpoint_store_takes_only_what_is_larger_and_follows_the_newest() {
    let store = SqliteCheckpoints::in_memory().unwrap();
    store.replace("log", None, "a", 5).unwrap();
    assert!(store.replace("log", None, "b", 6).is_err(), "another was signed");
    assert!(store.replace("log", Some("x"), "b", 6).is_err(), "not the newest");
    for size in [4, 5] {
        let error = store.replace("log", Some("a"), "b", size).unwrap_err();
        assert!(error.to_string().contains("is signed"), "{error}");
    }
    store.replace("log", Some("a"), "b", 6).unwrap();
    store.replace("other", None, "c", 1).unwrap();
    assert_eq!(store.newest("log").unwrap().as_deref(), Some("b"));
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

#[tokio::test]
async fn lost_or_damaged_files_are_reported_and_made_again_from_the_rows() {
    let disk = Disk::new("log-files");
    let world = disk.start("data.sqlite");
    let mut terminal = Terminal::ready(&world).await;
    for _ in 0..3 {
        visit(&world, &mut terminal).await;
        world.platform.seal_log().await.unwrap();
    }
    assert!(files_below(&disk.file("log")).iter().all(|path| path.extension().is_none_or(|e| e != "new")));
    let tile = disk.file("log/tile/0/000.p/4");
    let mut bytes = std::fs::read(&tile).unwrap();
    bytes[40] ^= 1;
    std::fs::write(&tile, &bytes).unwrap();
    let alarms = world.platform.audit_log().unwrap().alarms;
    assert_eq!(alarms, [LogAlarm::Files("the leaves do not lead to the signed root".to_owned())]);
    visit(&world, &mut terminal).await;
    world.platform.seal_log().await.unwrap();
    assert_eq!(world.platform.audit_log().unwrap().alarms, []);

    std::fs::remove_dir_all(disk.file("log")).unwrap();
    let evid = visit(&world, &mut terminal).await;
    world.platform.seal_log().await.unwrap();
    assert_eq!(proven(&world, evid).size, 6);
    assert_eq!(world.platform.audit_log().unwrap().alarms, []);
}

#[tokio::test]
async fn a_visit_deleted_from_the_file_is_proven_to_have_existed() {
    let disk = Disk::new("log-deleted");
    let world = disk.start("data.sqlite");
    let mut terminal = Terminal::ready(&world).await;
    let evid = visit(&world, &mut terminal).await;
    visit(&world, &mut terminal).await;
    world.platform.seal_log().await.unwrap();
    let index = {
        let text = world.platform.bundle(evid).unwrap().proofs.remove(0);
        LoggedProof::parse(std::str::from_utf8(&text).unwrap()).unwrap().inclusion.index
    };
    let file = rusqlite::Connection::open(disk.file("data.sqlite")).unwrap();
    file.execute("DELETE FROM visit WHERE key = ?1", [evid.0.as_slice()]).unwrap();
    let alarms: Vec<_> = world.platform.audit_log().unwrap().alarms.iter().map(ToString::to_string).collect();
    assert_eq!(alarms, [format!("the log proves that entry {index} existed; its visit is gone")]);

    // Whoever also removes its opening removes no more than what it was.
    file.execute("DELETE FROM log_opening WHERE key = ?1", [evid.0.as_slice()]).unwrap();
    let alarms: Vec<_> = world.platform.audit_log().unwrap().alarms.iter().map(ToString::to_string).collect();
    assert_eq!(alarms, [format!("the log proves that entry {index} existed; nothing is known of it")]);
}

#[tokio::test]
async fn a_visit_put_in_behind_the_logs_back_is_reported() {
    let disk = Disk::new("log-inserted");
    let world = disk.start("data.sqlite");
    let mut terminal = Terminal::ready(&world).await;
    let evid = visit(&world, &mut terminal).await;
    let file = rusqlite::Connection::open(disk.file("data.sqlite")).unwrap();
    file.execute("DELETE FROM log_pending WHERE key = ?1", [evid.0.as_slice()]).unwrap();
    world.platform.seal_log().await.unwrap();
    let alarms = world.platform.audit_log().unwrap().alarms;
    assert_eq!(alarms, [LogAlarm::NotLogged(jushin_platform::Entry::Visit, evid)]);
}

#[tokio::test]
async fn the_doors_serve_checkpoint_tiles_and_entries_as_the_specification_says() {
    let world = World::new();
    assert_refused(&world.door.get("/log/checkpoint").await.unwrap(), 404, "not found");
    let _terminal = Terminal::ready(&world).await;
    world.platform.seal_log().await.unwrap();
    let checkpoint = world.door.get("/log/checkpoint").await.unwrap();
    assert_eq!(checkpoint.content_type, "text/plain; charset=utf-8");
    let note = String::from_utf8(checkpoint.body).unwrap();
    let checkpoint = Checkpoint::open(&note, &world.platform.log_key(), &AwsLc).unwrap();
    assert_eq!(checkpoint.size, 1);
    let tile = world.door.get("/log/tile/0/000.p/1").await.unwrap();
    assert_eq!(
        (tile.content_type.as_str(), tile.body.as_slice()),
        ("application/octet-stream", checkpoint.root.as_slice())
    );
    let entries = world.got("/log/tile/entries/000.p/1").await;
    let [entry] = jushin_log::entries(&entries).unwrap()[..] else { panic!("not one entry") };
    assert_eq!(jushin_log::leaf_hash(entry), checkpoint.root);
    assert_refused(&world.door.get("/log/tile/0/000").await.unwrap(), 404, "not found");
    assert_refused(&world.door.get("/log/tile/0/../../checkpoint").await.unwrap(), 404, "not found");
}

#[tokio::test]
async fn one_token_a_minute_is_kept_over_a_checkpoint() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    world.platform.seal_log().await.unwrap();
    let (size, note, token) = world.platform.log_token().unwrap().unwrap();
    assert_eq!(size, 1);
    let parsed = jushin_pki::time_stamp::Token::parse(&token).unwrap();
    let imprint = jushin_statement::Hash::of(note.as_bytes()).0;
    let mut anchors = jushin_pki::TrustAnchors::new();
    for issuer in &OUTSIDE.tsa_cas {
        anchors.add(issuer.certificate().clone(), &AwsLc).unwrap();
    }
    assert!(parsed.verify(&imprint, &anchors, &AwsLc).is_ok());
    visit(&world, &mut terminal).await;
    world.platform.seal_log().await.unwrap();
    assert_eq!(world.platform.log_token().unwrap().unwrap().0, 1, "within the minute");
    world.clock.advance(60_000);
    world.platform.seal_log().await.unwrap();
    assert_eq!(world.platform.log_token().unwrap().unwrap().0, 2);
}

#[tokio::test]
async fn a_witness_that_is_not_there_or_answers_nonsense_stops_no_seal() {
    let key = jushin_crypto::NoteKey::from_seed(&[2; 32]).unwrap();
    let name = jushin_log::KeyName::new("witness.example").unwrap();
    let key = jushin_log::VerifierKey::of_witness(name, jushin_log::SigningKey::public(&key));
    let nobody = axum::Router::new();
    let forger = axum::Router::new()
        .route("/add-checkpoint", axum::routing::post(|| async { "— witness.example AAAAAAAA\n" }));
    for router in [nobody, forger] {
        let peer = jushin_runtime::Peer::in_process(router);
        let log = LogPorts {
            witnesses: vec![jushin_platform::LogWitness { key: key.clone(), peer }],
            ..LogPorts::in_memory(Arc::new(AwsLc)).unwrap()
        };
        let world = World::with_log(Arc::new(Sqlite::in_memory().unwrap()), log);
        let mut terminal = Terminal::ready(&world).await;
        let evid = visit(&world, &mut terminal).await;
        let sealed = world.platform.seal_log().await.unwrap();
        assert_eq!((sealed.size, sealed.cosigned), (2, 0));
        assert_eq!(proven(&world, evid).size, 2);
    }
}
