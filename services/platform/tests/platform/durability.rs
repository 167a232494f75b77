//! An acknowledgement is only ever the result of a transaction that wrote and committed.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use jushin_platform::{Finish, Inserted, Scan, Sqlite, Store, StoreError, StoredRow, Table, Transaction};
use jushin_statement::{Object as _, Unlock};

use crate::support::keys::OUTSIDE;
use crate::support::terminal::Terminal;
use crate::support::{World, assert_refused};

const STEADY: u8 = 0;
const BEFORE_COMMIT: u8 = 1;
const AFTER_COMMIT: u8 = 2;

/// A store whose commits fail on demand: not persisted, or persisted and nobody told.
struct Faulty {
    inner: Sqlite,
    fault: Arc<AtomicU8>,
    /// Commits that wrote something.
    writes: Arc<AtomicUsize>,
}

impl Store for Faulty {
    fn transact(
        &self,
        work: &mut dyn FnMut(&mut dyn Transaction) -> Result<Finish, StoreError>,
    ) -> Result<(), StoreError> {
        let fault = self.fault.load(Ordering::SeqCst);
        let mut wrote = false;
        self.inner.transact(&mut |transaction| {
            let mut counted = Counted { inner: transaction, wrote: false };
            let finish = work(&mut counted)?;
            wrote = counted.wrote && finish == Finish::Commit;
            Ok(if fault == BEFORE_COMMIT && wrote { Finish::RollBack } else { finish })
        })?;
        if wrote && fault != STEADY {
            return Err(StoreError::Failed("the disk is gone".to_owned()));
        }
        self.writes.fetch_add(usize::from(wrote), Ordering::SeqCst);
        Ok(())
    }
}

struct Counted<'a> {
    inner: &'a mut dyn Transaction,
    wrote: bool,
}

impl Transaction for Counted<'_> {
    fn insert(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<Inserted, StoreError> {
        self.wrote = true;
        self.inner.insert(table, key, value)
    }
    fn read(&mut self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.read(table, key)
    }
    fn scan(&mut self, table: Table, scan: Scan<'_>) -> Result<Vec<StoredRow>, StoreError> {
        self.inner.scan(table, scan)
    }
    fn erase(&mut self, table: Table, key: &[u8]) -> Result<(), StoreError> {
        self.wrote = true;
        self.inner.erase(table, key)
    }
}

struct Faults {
    world: World,
    fault: Arc<AtomicU8>,
    writes: Arc<AtomicUsize>,
}

impl Faults {
    fn new() -> Self {
        let (fault, writes) = (Arc::new(AtomicU8::new(STEADY)), Arc::new(AtomicUsize::new(0)));
        let inner = Sqlite::in_memory().unwrap();
        let store = Faulty { inner, fault: fault.clone(), writes: writes.clone() };
        Self { world: World::with_store(Arc::new(store)), fault, writes }
    }

    fn set(&self, fault: u8) {
        self.fault.store(fault, Ordering::SeqCst);
    }

    fn writes(&self) -> usize {
        self.writes.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn a_batch_is_acknowledged_only_after_the_commit_and_the_retry_gets_the_one_answer() {
    for fault in [BEFORE_COMMIT, AFTER_COMMIT] {
        let faults = Faults::new();
        let world = &faults.world;
        let mut terminal = Terminal::ready(world).await;
        let check_in = terminal.check_in(world);
        let batch = terminal.batch(&check_in).encode();
        faults.set(fault);
        assert_refused(&world.post("/v1/batches", batch.clone()).await, 503, "not stored");
        faults.set(STEADY);
        let stored = usize::from(fault == AFTER_COMMIT);
        assert_eq!(world.platform.visits().unwrap().len(), stored);

        let answer = world.posted("/v1/batches", batch.clone()).await;
        assert_eq!(world.platform.visits().unwrap(), [check_in.evid]);
        assert_eq!(world.posted("/v1/batches", batch).await, answer);
        assert_eq!(world.platform.deliver_once().await.unwrap().delivered, 1, "registered once");
    }
}

#[tokio::test]
async fn every_repeated_request_writes_before_it_is_answered() {
    let faults = Faults::new();
    let world = &faults.world;
    let mut terminal = Terminal::enrolled(world).await;
    terminal.pair();
    let stamp = terminal.stamp(world).await;
    let unlock = world.posted("/v1/stamps", stamp.0.0.clone()).await;
    let second = terminal.activate(world, &Unlock::decode(&unlock).unwrap());
    world.posted("/v1/anchors", second.0.0.clone()).await;
    let check_in = terminal.check_in(world);
    let batch = terminal.batch(&check_in).encode();
    world.posted("/v1/batches", batch.clone()).await;
    for (path, body) in [("/v1/stamps", stamp.0.0), ("/v1/anchors", second.0.0), ("/v1/batches", batch)] {
        let before = faults.writes();
        world.posted(path, body.clone()).await;
        assert!(faults.writes() > before, "{path} was answered without a write");
        for fault in [BEFORE_COMMIT, AFTER_COMMIT] {
            faults.set(fault);
            assert_refused(&world.post(path, body.clone()).await, 503, "not stored");
            faults.set(STEADY);
        }
    }
}

#[tokio::test]
async fn an_element_is_not_unlocked_by_a_platform_that_could_not_store_it() {
    for fault in [BEFORE_COMMIT, AFTER_COMMIT] {
        let faults = Faults::new();
        let world = &faults.world;
        let mut terminal = Terminal::enrolled(world).await;
        terminal.pair();
        let stamp = terminal.stamp(world).await;
        faults.set(fault);
        assert_refused(&world.post("/v1/stamps", stamp.0.0).await, 503, "not stored");
        faults.set(STEADY);
        terminal.anchor(world).await;
    }
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let folder = Folder::new();
    let store = || Arc::new(Sqlite::open(&folder.0.join("platform.sqlite")).unwrap());
    let world = World::with_store(store());
    let mut terminal = Terminal::ready(&world).await;
    let check_in = terminal.check_in(&world);
    let batch = terminal.batch(&check_in).encode();
    let answer = world.posted("/v1/batches", batch.clone()).await;
    let trust = world.platform.trust_files();
    drop(world);
    let world = World::with_store(store());
    assert_eq!(world.platform.trust_files(), trust, "the same keys");
    assert_eq!(world.posted("/v1/batches", batch).await, answer);
}

#[tokio::test]
async fn after_the_element_confirmed_its_key_no_copy_of_it_is_left_on_the_disk() {
    let folder = Folder::new();
    let world = World::with_store(Arc::new(Sqlite::open(&folder.0.join("platform.sqlite")).unwrap()));
    // The end of a PKCS#8 is the same in every encoding around it.
    let secret = &OUTSIDE.institution_key[OUTSIDE.institution_key.len() - 64..];
    assert!(folder.holds(secret), "the test can see the key before");
    Terminal::enrolled(&world).await;
    assert!(!folder.holds(secret));
}

#[test]
fn the_schema_uses_nothing_that_another_database_lacks() {
    let schema = include_str!("../../src/store/migrations/0001.sql").to_uppercase();
    for word in ["AUTOINCREMENT", "TRIGGER", "DO NOTHING", "CURRENT_T", "REFERENCES", "DEFAULT"] {
        assert!(!schema.contains(word), "{word}");
    }
}

#[test]
fn rows_of_record_are_never_erased() {
    let store = Sqlite::in_memory().unwrap();
    let erased = store.transact(&mut |tx| {
        tx.insert(Table::Visit, b"visit", b"value")?;
        tx.erase(Table::Visit, b"visit")?;
        Ok(Finish::Commit)
    });
    assert!(erased.is_err());
}

#[test]
fn a_key_keeps_its_first_value() {
    let store = Sqlite::in_memory().unwrap();
    let mut found = Vec::new();
    store
        .transact(&mut |tx| {
            found = vec![tx.insert(Table::Visit, b"k", b"1")?, tx.insert(Table::Visit, b"k", b"2")?];
            Ok(Finish::Commit)
        })
        .unwrap();
    assert_eq!(found, [Inserted::New, Inserted::Again(b"1".to_vec())]);
}

#[test]
fn a_scan_keeps_to_its_prefix_bound_and_direction() {
    let store = Sqlite::in_memory().unwrap();
    let keys = |scan: Scan<'_>| {
        let mut keys = Vec::new();
        store
            .transact(&mut |tx| {
                keys = tx.scan(Table::Claim, scan)?.into_iter().map(|row| row.key).collect();
                Ok(Finish::RollBack)
            })
            .unwrap();
        keys
    };
    store
        .transact(&mut |tx| {
            for key in [&[1, 1][..], &[1, 2], &[1, 0xff], &[2, 0], &[0xff, 0xff]] {
                tx.insert(Table::Claim, key, b"")?;
            }
            Ok(Finish::Commit)
        })
        .unwrap();
    assert_eq!(keys(Scan::all(&[1])), [[1, 1], [1, 2], [1, 0xff]]);
    assert_eq!(keys(Scan { from: Some(&[1, 2]), ..Scan::all(&[1]) }), [[1, 2], [1, 0xff]]);
    assert_eq!(keys(Scan { from: Some(&[1, 2]), backwards: true, ..Scan::all(&[1]) }), [[1, 2], [1, 1]]);
    assert_eq!(keys(Scan { from: Some(&[0]), ..Scan::all(&[1]) }), [[1, 1], [1, 2], [1, 0xff]]);
    assert_eq!(keys(Scan { from: Some(&[2]), backwards: true, ..Scan::all(&[1]) }).len(), 3);
    for outside in
        [Scan { from: Some(&[2]), ..Scan::all(&[1]) }, Scan { from: Some(&[0]), ..Scan::last(&[1]) }]
    {
        assert!(keys(outside).is_empty(), "{outside:?}");
    }
    assert_eq!(keys(Scan::last(&[1])), [[1, 0xff]]);
    assert_eq!(keys(Scan::all(&[0xff, 0xff])), [[0xff, 0xff]]);
    assert_eq!(keys(Scan { limit: 1, ..Scan::all(&[]) }), [[1, 1]]);
}

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let folder = std::env::temp_dir().join(format!("jushin-platform-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// Whether any file in it contains the bytes.
    fn holds(&self, bytes: &[u8]) -> bool {
        let files = std::fs::read_dir(&self.0).unwrap();
        let mut contents = files.map(|file| std::fs::read(file.unwrap().path()).unwrap());
        contents.any(|content| content.windows(bytes.len()).any(|window| window == bytes))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
