//! The store keeps what it acknowledged, once.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first thing that is not as it must be")]

use std::path::PathBuf;

use jushin_history::{SqliteStore, Store, StoreError, StoredVisit};
use jushin_statement::{Class, Hash, InstitutionCode, Status, UnixMillis};

struct File(PathBuf);

impl File {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("jushin-history-{name}-{}.sqlite", std::process::id()));
        let file = Self(path);
        file.remove();
        file
    }

    fn remove(&self) {
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", self.0.display()));
        }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        self.remove();
    }
}

fn visit(evid: u8, path: &str) -> StoredVisit {
    StoredVisit {
        evid: Hash([evid; 32]),
        path: path.to_owned(),
        subject: Hash([1; 32]),
        institution: InstitutionCode::new("2613200019").unwrap(),
        status: Status::Valid,
        class: Class::Tight,
        lo: Some(UnixMillis(1)),
        hi: None,
        method: 2,
        simulated: true,
        bundle: vec![1, 2, 3],
        received: UnixMillis(u64::from(evid)),
    }
}

#[test]
fn a_visit_that_comes_again_is_one_row_and_the_first_one_stays() {
    let mut store = SqliteStore::in_memory().unwrap();
    let first = store.register(&visit(1, "first")).unwrap();
    let again = store.register(&visit(1, "second")).unwrap();
    assert_eq!((first.path.as_str(), again.path.as_str()), ("first", "first"));
    assert_eq!(store.timeline(Hash([1; 32]), None, 10).unwrap().len(), 1);
}

#[test]
fn a_finding_only_moves_towards_what_new_data_can_show_in_whatever_order_it_comes() {
    use Status::{Conflict, Invalid, OpenEnded, Valid};
    let mut store = SqliteStore::in_memory().unwrap();
    let found = |status, hi: Option<u64>| StoredVisit { status, hi: hi.map(UnixMillis), ..visit(1, "path") };
    for (comes, status, hi) in [
        (found(OpenEnded, None), OpenEnded, None),
        (found(Valid, Some(9)), Valid, Some(9)),
        (found(OpenEnded, None), Valid, Some(9)),
        (found(Valid, Some(12)), Valid, Some(9)),
        (found(Valid, Some(5)), Valid, Some(5)),
        (found(Invalid, None), Invalid, None),
        (found(Valid, Some(5)), Invalid, None),
        (found(Conflict, None), Conflict, None),
        (found(Invalid, None), Conflict, None),
    ] {
        let kept = store.register(&comes).unwrap();
        assert_eq!((kept.status, kept.hi), (status, hi.map(UnixMillis)), "{comes:?}");
        assert_eq!(store.known(Hash([1; 32]), Hash([1; 32])).unwrap(), Some(kept.clone()));
        assert_eq!(store.visit(Hash([1; 32]), "path").unwrap(), Some(kept.clone()));
        assert_eq!(store.timeline(Hash([1; 32]), None, 10).unwrap(), [kept]);
    }
}

#[test]
fn what_was_acknowledged_is_there_after_reopening() {
    let file = File::new("reopen");
    let kept = SqliteStore::open(&file.0).unwrap().register(&visit(1, "first")).unwrap();
    let store = SqliteStore::open(&file.0).unwrap();
    assert_eq!(store.visit(Hash([1; 32]), "first").unwrap(), Some(kept));
    assert_eq!(store.visit(Hash([2; 32]), "first").unwrap(), None);
}

#[test]
fn a_file_of_a_newer_version_is_refused_and_left_alone() {
    let file = File::new("newer");
    drop(SqliteStore::open(&file.0).unwrap());
    let connection = rusqlite::Connection::open(&file.0).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let Err(StoreError(why)) = SqliteStore::open(&file.0) else { panic!("opened") };
    assert!(why.contains("newer version"), "{why}");
}
