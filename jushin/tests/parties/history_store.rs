//! The history service loses nothing: whatever is cut, a visit is acknowledged only after it is stored.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use jushin::demo::stage::{Interposed, SAKURA, directory};
use jushin_history::{Config, History, SqliteStore, Store, StoreError, StoredVisit};
use jushin_statement::{Hash, MEDIA_TYPE, Status, UnixMillis};
use tokio::net::TcpListener;

use crate::support::stage::{Heard, Stage, post, tap, value};

/// A write, and what happens around it.
type Write<'a> = &'a mut dyn FnMut() -> Result<StoredVisit, StoreError>;
type Around = Box<dyn FnMut(Write<'_>) -> Result<StoredVisit, StoreError> + Send>;

struct Watched {
    store: SqliteStore,
    around: Around,
}

impl Store for Watched {
    fn register(&mut self, visit: &StoredVisit) -> Result<StoredVisit, StoreError> {
        let Self { store, around } = self;
        around(&mut || store.register(visit))
    }
    fn known(&self, subject: Hash, evid: Hash) -> Result<Option<StoredVisit>, StoreError> {
        self.store.known(subject, evid)
    }
    fn timeline(
        &self,
        subject: Hash,
        before: Option<UnixMillis>,
        limit: u32,
    ) -> Result<Vec<StoredVisit>, StoreError> {
        self.store.timeline(subject, before, limit)
    }
    fn visit(&self, subject: Hash, path: &str) -> Result<Option<StoredVisit>, StoreError> {
        self.store.visit(subject, path)
    }
}

/// A history service whose store is watched, and a visit for it.
async fn watched(stage: &Stage, around: Around) -> (Arc<History>, Vec<u8>, PathBuf) {
    let site = stage.unlocked(&SAKURA).await;
    assert_eq!(tap(&site, 0).await.verdict.unwrap().status, Status::Valid);
    let heard = Heard::default();
    let notes = heard.clone();
    stage.world.history_wire.interpose(move |path, body| {
        notes.note(path, body);
        Interposed::Answered(StatusCode::SERVICE_UNAVAILABLE.into_response())
    });
    stage.world.platform.deliver_once().await.unwrap();
    let file = stage.folder.path().join("watched.sqlite");
    let history = History::open(Config {
        trust: stage.world.platform.trust_files(),
        directory: directory().unwrap(),
        store: Box::new(Watched { store: SqliteStore::open(&file).unwrap(), around }),
        crypto: stage.world.crypto.clone(),
        clock: stage.world.clock.clone(),
        random: stage.world.random.clone(),
        platform: stage.world.platform_wire.peer(),
        card_login: stage.world.home.clone(),
    });
    (history.unwrap(), heard.last("/v1/visits"), file)
}

fn rows(file: &Path) -> u64 {
    value(file, "SELECT count(*) FROM visit")
}

#[tokio::test]
async fn a_write_that_fails_is_not_acknowledged_whether_it_was_kept_or_not() {
    for kept in [false, true] {
        let stage = Stage::set().await;
        let mut failures = 1;
        let around: Around = Box::new(move |write| {
            if failures == 0 {
                return write();
            }
            failures -= 1;
            if kept {
                write()?;
            }
            Err(StoreError("the disk is gone".to_owned()))
        });
        let (history, bundle, file) = watched(&stage, around).await;
        let first = post(&history.router(), "/v1/visits", MEDIA_TYPE, bundle.clone()).await;
        assert_eq!(
            (first.status, first.title().as_str()),
            (StatusCode::SERVICE_UNAVAILABLE, "store unavailable")
        );
        assert_eq!(rows(&file), u64::from(kept));
        let second = post(&history.router(), "/v1/visits", MEDIA_TYPE, bundle).await;
        assert_eq!(second.status, StatusCode::NO_CONTENT);
        assert_eq!(rows(&file), 1);
    }
}

fn gates() -> (Around, Receiver<()>, Sender<()>) {
    let (committed, was_committed) = channel();
    let (go, may_go) = channel::<()>();
    let may_go = Mutex::new(may_go);
    let around: Around = Box::new(move |write| {
        let kept = write();
        committed.send(()).unwrap();
        may_go.lock().unwrap().recv().unwrap();
        kept
    });
    (around, was_committed, go)
}

fn send(address: std::net::SocketAddr, body: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "POST /v1/visits HTTP/1.1\r\nhost: history\r\nconnection: close\r\ncontent-type: {MEDIA_TYPE}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_cut_between_commit_and_answer_loses_nothing_and_the_retry_makes_no_second_row() {
    let stage = Stage::set().await;
    let (around, was_committed, go) = gates();
    let (history, bundle, file) = watched(&stage, around).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, history.router()).await });

    let first = send(address, &bundle);
    was_committed.recv().unwrap();
    drop(first);
    go.send(()).unwrap();
    assert_eq!(rows(&file), 1, "stored although nobody was told");

    go.send(()).unwrap();
    let mut answer = String::new();
    send(address, &bundle).read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
    assert_eq!(rows(&file), 1);
    assert_eq!(value::<u64>(&file, "SELECT attempts FROM visit"), 2, "the retry wrote, too");
    server.abort();
}
