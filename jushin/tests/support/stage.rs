//! The demo's parties in this process.

use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use jushin::demo::stage::{DayClock, Interposed, MORNING, PATIENTS, Place, Site, Wire, World};
use jushin_statement::{HolderCheck, MEDIA_TYPE, Object};
use jushin_terminal::{CardName, TapResult};
use tower::ServiceExt as _;

use super::Folder;

/// The parties, and the folder that holds what they keep.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) folder: Folder,
}

/// What a router answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) media_type: String,
    pub(crate) body: Vec<u8>,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        let folder = Folder::new();
        let clock = Arc::new(DayClock::starting_at(MORNING));
        let world = World::open(folder.path(), "http://127.0.0.1:8700", 7, clock).await.unwrap();
        Self { world, folder }
    }

    /// A terminal that was enrolled ten minutes ago.
    pub(crate) async fn enrolled(&self, place: &'static Place) -> Site {
        let site = self.world.enrol(self.folder.path(), place).await.unwrap();
        // A visit in the very second in which card and element got their certificates could have been before.
        self.pass(600_000);
        site
    }

    /// A terminal that was enrolled and is unlocked.
    pub(crate) async fn unlocked(&self, place: &'static Place) -> Site {
        let site = self.enrolled(place).await;
        site.terminal.power_on().await.unwrap();
        site
    }

    /// Moves everybody's clock on.
    pub(crate) fn pass(&self, milliseconds: u64) {
        let now = jushin_runtime::Clock::now(self.world.clock.as_ref()).0;
        self.world.clock.advance_to(now + milliseconds);
    }

    /// Posts to the doors of all services.
    pub(crate) async fn post(&self, path: &str, body: impl Into<Vec<u8>>) -> Reply {
        post(&self.world.router(), path, MEDIA_TYPE, body.into()).await
    }

    /// Posts one object.
    pub(crate) async fn post_object(&self, path: &str, object: &impl Object) -> Reply {
        self.post(path, object.encode()).await
    }
}

/// A tap of the n-th patient, without a PIN.
pub(crate) async fn tap(site: &Site, patient: usize) -> TapResult {
    let card = CardName(PATIENTS[patient].card.to_owned());
    site.terminal.tap_now(&card, HolderCheck::PhotoMachine, None).await
}

pub(crate) async fn post(router: &Router, path: &str, media_type: &str, body: Vec<u8>) -> Reply {
    let request =
        Request::post(path).header(header::CONTENT_TYPE, media_type).body(Body::from(body)).unwrap();
    let (head, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let media_type = head.headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap().to_owned());
    Reply {
        status: head.status,
        media_type: media_type.unwrap_or_default(),
        body: axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec(),
    }
}

impl Reply {
    /// The title of a refusal, which must be a problem document of the same status.
    #[track_caller]
    pub(crate) fn title(&self) -> String {
        assert_eq!(self.media_type, "application/problem+json", "{self:?}");
        let problem: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem["status"], self.status.as_u16());
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
        problem["title"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Vec<u8> {
        assert!(self.status.is_success(), "{}: {}", self.status, String::from_utf8_lossy(&self.body));
        self.body
    }
}

/// A request: path and body.
pub(crate) type Posted = (String, Vec<u8>);

/// Requests that somebody on a wire heard, in order.
#[derive(Clone, Default)]
pub(crate) struct Heard(Arc<Mutex<Vec<Posted>>>);

impl Heard {
    /// Listens on a wire from now on and lets everything through.
    pub(crate) fn on(wire: &Wire) -> Self {
        let heard = Self::default();
        let notes = heard.clone();
        wire.interpose(move |path, body| {
            notes.note(path, body);
            Interposed::Passed
        });
        heard
    }

    /// Notes a request.
    pub(crate) fn note(&self, path: &str, body: &[u8]) {
        self.0.lock().unwrap().push((path.to_owned(), body.to_vec()));
    }

    /// Everything so far.
    pub(crate) fn all(&self) -> Vec<Posted> {
        self.0.lock().unwrap().clone()
    }

    /// The last body that went to `path`.
    #[track_caller]
    pub(crate) fn last(&self, path: &str) -> Vec<u8> {
        let all = self.all();
        let found = all.into_iter().rev().find(|(to, _)| to == path);
        found.unwrap_or_else(|| panic!("nothing went to {path}")).1
    }
}

/// The media type that a route of the platform or the history service takes.
pub(crate) fn media_type_of(path: &str) -> &'static str {
    if path.ends_with("/injections/ack") { "application/octet-stream" } else { MEDIA_TYPE }
}

/// One value of a SQLite file.
pub(crate) fn value<T: rusqlite::types::FromSql>(file: &Path, query: &str) -> T {
    let connection = rusqlite::Connection::open(file).unwrap();
    connection.query_row(query, [], |row| row.get(0)).unwrap()
}
