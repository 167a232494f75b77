//! What a patient's browser sees of the store, through the router.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first thing that is not as it must be")]

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use jushin_crypto::AwsLc;
use jushin_history::{
    CardChoice, CardLogin, Config, Directory, History, Institution, LoginFuture, LoginRefused, SqliteStore,
    Store, StoredVisit,
};
use jushin_pki::issue::{Issuer, NewExtension, Template};
use jushin_pki::name::Name;
use jushin_pki::{Crypto, KeyKind, KeyUsage, Moment, Suite, pem};
use jushin_runtime::{Clock, Peer, Random};
use jushin_statement::cbor::Writer;
use jushin_statement::{Class, Field, Hash, InstitutionCode, Pid, PidScheme, Status, UnixMillis};
use rand_core::SeedableRng as _;
use tower::ServiceExt as _;

/// 2026-04-07T08:52:03+09:00
const TUESDAY: u64 = 1_775_519_523_000;
const ME: Hash = Hash([7; 32]);

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> UnixMillis {
        UnixMillis(TUESDAY + 60_000)
    }
}

/// A card whose PIN is 1234; its ticket is the pseudonym itself.
struct OneCard;

impl CardLogin for OneCard {
    fn cards(&self) -> Vec<CardChoice> {
        vec![CardChoice { id: "P1".to_owned(), label: "◇ P1".to_owned() }]
    }

    fn login<'a>(&'a self, card: &'a str, pin: &'a str) -> LoginFuture<'a> {
        let answer = match (card, pin) {
            ("P1", "1234") => Ok(ME.0),
            ("P1", "0000") => Err(LoginRefused::PinBlocked),
            ("P1", _) => Err(LoginRefused::WrongPin(2)),
            _ => Err(LoginRefused::NoCard),
        };
        Box::pin(std::future::ready(answer))
    }
}

/// A platform that redeems each ticket for the pseudonym that it is.
fn platform() -> Peer {
    let redeem = |body: axum::body::Bytes| async move {
        let value = Hash(<[u8; 32]>::try_from(&body[2..]).unwrap());
        let mut writer = Writer::new();
        Field::write(&Pid { scheme: PidScheme::Platform, epoch: 1, value }, &mut writer);
        writer.into_bytes()
    };
    Peer::in_process(Router::new().route("/v1/sign-in/redeem", axum::routing::post(redeem)))
}

/// A trust folder with nothing but a platform's receipt certificate.
fn trust() -> Vec<(String, Vec<u8>)> {
    let [root_key, key] = [(), ()].map(|()| AwsLc.generate(KeyKind::P256).unwrap());
    let template = Template {
        subject: Name::default().common_name("platform (simulated)"),
        serial: vec![1],
        not_before: Moment(0),
        not_after: Moment(4_000_000_000_000),
        spki: key.spki().to_vec(),
        extensions: Vec::new(),
    };
    let root = Issuer::self_signed(template.clone(), root_key, Suite::P256Sha256X509).unwrap();
    let usage = NewExtension::key_usage(KeyUsage::DIGITAL_SIGNATURE);
    let leaf = root.issue(&Template { extensions: vec![usage], ..template }).unwrap();
    vec![("pf-rcpt.pem".to_owned(), pem::encode("CERTIFICATE", leaf.der()).into_bytes())]
}

fn visit(number: u8, subject: Hash, status: Status, class: Class) -> StoredVisit {
    let at = TUESDAY - u64::from(number) * 86_400_000;
    StoredVisit {
        evid: Hash([number; 32]),
        path: format!("path{number}"),
        subject,
        institution: InstitutionCode::new("2613200019").unwrap(),
        status,
        class,
        lo: Some(UnixMillis(at)),
        hi: Some(UnixMillis(at + 2_000)),
        method: 2,
        simulated: true,
        bundle: vec![],
        received: UnixMillis(at + 5_000),
    }
}

fn service(visits: impl IntoIterator<Item = StoredVisit>) -> Router {
    let mut store = SqliteStore::in_memory().unwrap();
    for visit in visits {
        store.register(&visit).unwrap();
    }
    let sakura = Institution { ja: "さくら内科".to_owned(), en: "Sakura Clinic".to_owned() };
    let history = History::open(Config {
        trust: trust(),
        directory: Directory::new([(InstitutionCode::new("2613200019").unwrap(), sakura)]),
        store: Box::new(store),
        crypto: Arc::new(AwsLc),
        clock: Arc::new(Fixed),
        random: Arc::new(Random::new(rand_chacha::ChaCha20Rng::seed_from_u64(3))),
        platform: platform(),
        card_login: Arc::new(OneCard),
    });
    history.unwrap().router()
}

async fn get(router: &Router, path: &str, cookie: &str) -> (StatusCode, String) {
    let request = Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// Signs in; returns status, cookie and page.
async fn sign_in(router: &Router, pin: &str) -> (StatusCode, String, String) {
    let request = Request::post("/me/sign-in")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(format!("card=P1&pin={pin}")))
        .unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let cookie = response.headers().get(header::SET_COOKIE).map(|value| value.to_str().unwrap().to_owned());
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let cookie = cookie.unwrap_or_default().split(';').next().unwrap_or_default().to_owned();
    (status, cookie, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn without_a_session_no_visit_is_shown() {
    let router = service([visit(1, ME, Status::Valid, Class::Tight)]);
    for path in ["/me/", "/me/visits/path1", "/me/visits/path1/bundle.jvb"] {
        let (_, page) = get(&router, path, "").await;
        assert!(page.contains(r#"data-state="signed-out""#), "{path}");
        assert!(!page.contains("さくら内科"), "{path}");
    }
    assert_eq!(get(&router, "/me/events", "").await.0, StatusCode::UNAUTHORIZED);
}

/// What stands on a page, without its markup.
fn as_read(page: &str) -> String {
    page.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect()
}

#[tokio::test]
async fn the_patient_finds_her_visits_newest_first() {
    let visits = [visit(40, ME, Status::Valid, Class::Tight), visit(0, ME, Status::Valid, Class::Tight)];
    let router = service(visits);
    let (status, cookie, _) = sign_in(&router, "1234").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (_, page) = get(&router, "/me/", &cookie).await;
    assert!(page.contains(r#"data-state="list""#));
    let read = as_read(&page);
    let april = read.find("7日（火）午前8時52分ごろ").unwrap();
    let february = read.find("26日（木）午前8時52分ごろ").unwrap();
    assert!(april < february);
    let (_, page) = get(&router, "/me/?lang=en", &cookie).await;
    assert!(page.contains("Sakura Clinic") && page.contains("Confirmed"));
}

#[tokio::test]
async fn nobody_reads_another_persons_visit() {
    let router = service([visit(1, Hash([8; 32]), Status::Valid, Class::Tight)]);
    let (_, cookie, _) = sign_in(&router, "1234").await;
    let (status, page) = get(&router, "/me/visits/path1", &cookie).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(!page.contains("さくら内科"));
    let (_, page) = get(&router, "/me/", &cookie).await;
    assert!(page.contains(r#"data-state="first-time""#));
}

#[tokio::test]
async fn a_visit_never_says_more_than_is_proven() {
    let cases = [
        (Status::Valid, Class::Tight, "confirmed", "午前8時52分ごろ"),
        (Status::Valid, Class::Date, "date-only", "時刻はわかりません"),
        (Status::Valid, Class::Interval, "interval", "のあいだ"),
        (Status::Valid, Class::OrderOnly, "order-only", "順番だけ確かです"),
        (Status::Indeterminate, Class::None, "provisional", "確認待ち"),
    ];
    for (number, (status, class, state, words)) in (1..).zip(cases) {
        let router = service([visit(number, ME, status, class)]);
        let (_, cookie, _) = sign_in(&router, "1234").await;
        let (_, page) = get(&router, &format!("/me/visits/path{number}"), &cookie).await;
        assert!(page.contains(&format!(r#"data-state="{state}""#)), "{state}");
        assert!(page.contains(words), "{state}: {words}");
        assert_eq!(page.contains("8時52分03秒"), class == Class::Tight, "{state}");
    }
}

#[tokio::test]
async fn a_wrong_pin_says_how_many_tries_are_left() {
    let router = service([]);
    let (_, cookie, page) = sign_in(&router, "9999").await;
    assert!(cookie.is_empty() && page.contains("あと 2 回"));
    let (_, _, page) = sign_in(&router, "0000").await;
    assert!(page.contains("暗証番号が止められています"));
}

#[tokio::test]
async fn more_visits_than_a_page_holds_are_one_tap_away() {
    let router = service((0..25).map(|number| visit(number, ME, Status::Valid, Class::Tight)));
    let (_, cookie, _) = sign_in(&router, "1234").await;
    let (_, page) = get(&router, "/me/", &cookie).await;
    assert_eq!(page.matches("/me/visits/").count(), 20);
    let older = page.split("/me/?before=").nth(1).unwrap().split('"').next().unwrap();
    let (_, page) = get(&router, &format!("/me/?before={older}"), &cookie).await;
    assert_eq!(page.matches("/me/visits/").count(), 5);
}
