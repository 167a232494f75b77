//! The history service: what the platform delivers, and what a browser sends, in any order.
//!
//! Without a session no visit is shown; with one, only the visits of that pseudonym.

use std::sync::{Arc, LazyLock};
use std::{fs, path::Path};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use jushin_crypto::AwsLc;
use jushin_history::{
    CardChoice, CardLogin, Config, Directory, History, Institution, LoginFuture, LoginRefused, SqliteStore,
};
use jushin_runtime::{Clock, Peer, Random};
use jushin_statement::cbor::Writer;
use jushin_statement::{Field, Hash, InstitutionCode, MEDIA_TYPE, Pid, PidScheme, UnixMillis};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

use crate::input::Input;
use crate::planted;

const ONE_VISIT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../jushin/tests/one-visit");
const NAME: &str = "さくら内科";

struct World {
    runtime: Runtime,
    trust: Vec<(String, Vec<u8>)>,
    /// A redacted bundle with the platform's registration.
    delivery: Vec<u8>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let files = fs::read_dir(Path::new(ONE_VISIT).join("trust")).expect("the trust folder of one visit");
    let read = |entry: fs::DirEntry| {
        (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path()).expect("a readable file"))
    };
    World {
        runtime: tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime"),
        trust: files.map(|entry| read(entry.expect("an entry"))).collect(),
        delivery: fs::read(Path::new(ONE_VISIT).join("history.jvb")).expect("a delivery"),
    }
});

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> UnixMillis {
        UnixMillis(1_775_519_523_000)
    }
}

/// A card whose PIN is 1234, of somebody who has no visits.
struct OneCard;

impl CardLogin for OneCard {
    fn cards(&self) -> Vec<CardChoice> {
        vec![CardChoice { id: "P1".to_owned(), label: "P1".to_owned() }]
    }

    fn login<'a>(&'a self, card: &'a str, pin: &'a str) -> LoginFuture<'a> {
        let answer = match (card, pin) {
            ("P1", "1234") => Ok([7; 32]),
            ("P1", _) => Err(LoginRefused::WrongPin(2)),
            _ => Err(LoginRefused::NoCard),
        };
        Box::pin(std::future::ready(answer))
    }
}

fn platform() -> Peer {
    let redeem = |_: Bytes| async {
        let mut writer = Writer::new();
        let pid = Pid { scheme: PidScheme::Platform, epoch: 1, value: Hash([7; 32]) };
        Field::write(&pid, &mut writer);
        writer.into_bytes()
    };
    Peer::in_process(Router::new().route("/v1/sign-in/redeem", axum::routing::post(redeem)))
}

fn open() -> Router {
    let code = InstitutionCode::new("2613200019").expect("a code");
    let history = History::open(Config {
        trust: WORLD.trust.clone(),
        directory: Directory::new([(code, Institution { ja: NAME.to_owned(), en: "Sakura".to_owned() })]),
        store: Box::new(SqliteStore::in_memory().expect("memory")),
        crypto: Arc::new(AwsLc),
        clock: Arc::new(Fixed),
        random: Arc::new(Random::new(ChaCha20Rng::seed_from_u64(3))),
        platform: platform(),
        card_login: Arc::new(OneCard),
    });
    history.expect("a trust folder of ours").router()
}

pub(super) fn run(data: &[u8]) {
    WORLD.runtime.block_on(visit(Input::new(data)));
}

async fn visit(mut input: Input<'_>) {
    let router = open();
    let mut cookie = String::new();
    let mut delivered = false;
    for _ in 0..8 {
        if input.is_empty() {
            break;
        }
        let request = request(&mut input, &cookie);
        let Some((what, request)) = request else { continue };
        let response = router.clone().oneshot(request).await.expect("an answer");
        assert_ne!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        if let Some(set) = response.headers().get(header::SET_COOKIE) {
            let set = set.to_str().expect("our own cookie");
            cookie = set.split(';').next().unwrap_or_default().to_owned();
        }
        if what == 0 {
            delivered |= response.status() == StatusCode::NO_CONTENT;
            continue;
        }
        let english = look(response).await;
        let signed_in = cookie.strip_prefix("me=").is_some_and(|name| !name.is_empty());
        planted::fault(delivered && signed_in && english, "an English page after a delivery and a sign-in");
    }
}

/// Looks at the page; whether it is in English.
async fn look(response: Response) -> bool {
    if response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream") {
        return false;
    }
    let body = to_bytes(response.into_body(), 1 << 20).await.expect("a body");
    let page = String::from_utf8_lossy(&body);
    // Everything that is delivered here is somebody else's.
    assert!(!page.contains(NAME) && !page.contains("Sakura"), "somebody else's visit is shown");
    assert!(!page.contains("<script>alert"), "what was sent stands in the page as it came");
    page.contains("lang=\"en\"")
}

/// The next request: what it is (0: a delivery), and itself if it is one.
fn request(input: &mut Input<'_>, cookie: &str) -> Option<(usize, Request<Body>)> {
    let what = input.below(7);
    if what == 0 {
        let mut body = WORLD.delivery.clone();
        let changes = input.below(3);
        for _ in 0..changes {
            let at = usize::from(input.short()) % (body.len() + 1);
            let end = (at + input.below(9)).min(body.len());
            body.splice(at..end, input.string().iter().copied());
        }
        return Request::post("/v1/visits")
            .header(header::CONTENT_TYPE, MEDIA_TYPE)
            .body(Body::from(body))
            .ok()
            .map(|request| (what, request));
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let query = [String::new(), "?lang=en".to_owned(), format!("?{}", text(input.string()))];
    let query = &query[input.below(3)];
    let extra = text(input.string());
    let uri = match what {
        1 => format!("/me/{query}"),
        2 => format!("/me/visits/{extra}{query}"),
        3 => format!("/me/visits/{extra}/bundle.jvb{query}"),
        4 => format!("/me/sign-in{query}"),
        5 => format!("/me/sign-out{query}"),
        _ => format!("/me/events{query}"),
    };
    let cookies = if what == 1 { format!("{cookie}; {extra}") } else { cookie.to_owned() };
    let builder = if matches!(what, 4 | 5) { Request::post(uri) } else { Request::get(uri) };
    let form = if extra.is_empty() { "card=P1&pin=1234".to_owned() } else { extra };
    builder
        .header(header::COOKIE, cookies)
        .header(header::ACCEPT_LANGUAGE, "ja")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(if what == 4 { Body::from(form) } else { Body::empty() })
        .ok()
        .map(|request| (what, request))
}
