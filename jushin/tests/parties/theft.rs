//! The theft drill: reported on the operator's page, refused from then on, provable to anybody, and back in use
//! when it is found.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use jushin::demo::stage::{SAKURA, Site, YAMABIKO};
use jushin_evidence::{Appraisal, Reason, Trust, verify};
use jushin_platform::TerminalState;
use jushin_runtime::PeerError;
use jushin_statement::{Gap, Hash, Status};
use jushin_terminal::PowerOnError;
use tower::ServiceExt as _;

use crate::support::stage::{Stage, tap};

/// The operator's pages as a browser uses them.
struct Operator(Router);

impl Operator {
    fn of(stage: &Stage) -> Self {
        Self(stage.world.platform.operator_pages())
    }

    async fn send(&self, request: Request<Body>) -> (StatusCode, String, String) {
        let (head, body) = self.0.clone().oneshot(request).await.unwrap().into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec();
        let location = head.headers.get(header::LOCATION).map(|value| value.to_str().unwrap().to_owned());
        (head.status, String::from_utf8(body).unwrap(), location.unwrap_or_default())
    }

    async fn page(&self, path: &str) -> String {
        let request = Request::get(path).header("accept-language", "en").body(Body::empty()).unwrap();
        let (status, page, _) = self.send(request).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        page
    }

    /// The address of the only terminal whose card has this class.
    async fn terminal(&self, state: &str) -> String {
        let page = self.page("/operator/").await;
        let card =
            page.split(&format!("<li class=\"card {state}\">")).nth(1).unwrap_or_else(|| panic!("{page}"));
        card.split("href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }

    async fn post(&self, path: &str, form: &str, origin: &str) -> (StatusCode, String) {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::HOST, "operator.example")
            .header(header::ORIGIN, origin);
        let (status, _, location) = self.send(request.body(Body::from(form.to_owned())).unwrap()).await;
        (status, location)
    }
}

const OWN: &str = "https://operator.example";

fn appraised(stage: &Stage, evid: Hash) -> Appraisal {
    let trust = Trust::from_files(stage.world.platform.trust_files()).unwrap();
    let bundle = stage.world.platform.bundle(evid).unwrap();
    verify(&bundle, &trust, stage.world.crypto.as_ref()).visits.remove(0)
}

async fn power_on(site: &Site) -> Result<(), PowerOnError> {
    site.power_cycle().unwrap();
    site.terminal.switched_on().await;
    site.terminal.power_on().await.map(drop)
}

#[tokio::test]
async fn a_stolen_terminal_is_refused_its_later_records_are_void_for_everybody_and_it_can_come_back() {
    let stage = Stage::set().await;
    let site = stage.unlocked(&SAKURA).await;
    let operator = Operator::of(&stage);
    let before = tap(&site, 0).await.trace;
    stage.pass(60_000);

    // Stolen while it is unlocked, off the network; reported; used on.
    let terminal = operator.terminal("in-use").await;
    site.line.cut();
    let (status, back) =
        operator.post(&format!("{terminal}/stolen"), "from=&why=taken+from+the+desk", OWN).await;
    assert_eq!((status, back.as_str()), (StatusCode::SEE_OTHER, terminal.as_str()));
    let after = tap(&site, 1).await.trace;
    let first_void = before.counter.unwrap() + 2;
    assert_eq!(after.counter, Some(first_void), "from the last that was acknowledged and one on");

    site.line.release();
    let refused = power_on(&site).await.unwrap_err();
    let suspended =
        matches!(&refused, PowerOnError::Platform(PeerError::Refused { title, .. }) if title == "suspended");
    assert!(suspended, "{refused}");
    site.terminal.sync().await.unwrap();

    // What it did before stands, what came after is void, and anybody finds that from the bundle alone.
    assert_eq!(appraised(&stage, before.evid.unwrap()).status, Status::Valid);
    let void = appraised(&stage, after.evid.unwrap());
    assert_eq!(void.status, Status::Invalid);
    assert!(void.reasons.contains(&Reason::Void), "{:?}", void.reasons);
    let listed = &stage.world.platform.terminals().unwrap()[0].refused;
    assert_eq!(listed, &[Gap { from: first_void, to: first_void + 1 }]);
    let page = operator.page(&terminal).await;
    for said in
        ["Refused records", "taken from the desk", &format!("counter {first_void}–{}", first_void + 1)]
    {
        assert!(page.contains(said), "{said} in {page}");
    }

    // Found again: what it writes from now on stands, what was void stays void.
    let (status, _) = operator.post(&format!("{terminal}/found"), "from=&why=", OWN).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    stage.pass(60_000);
    for _ in 0..3 {
        site.terminal.background_round().await;
    }
    let again = tap(&site, 0).await;
    assert_eq!(again.verdict.unwrap().status, Status::Valid);
    assert_eq!(appraised(&stage, after.evid.unwrap()).status, Status::Invalid);
    assert_eq!(stage.world.platform.terminals().unwrap()[0].state, TerminalState::Able);
}

#[tokio::test]
async fn the_holders_later_word_makes_void_what_was_confirmed_and_the_patients_list_says_so() {
    let stage = Stage::set().await;
    let site = stage.unlocked(&SAKURA).await;
    let operator = Operator::of(&stage);
    let stolen_already = tap(&site, 0).await.trace;
    assert_eq!(stage.world.platform.deliver_once().await.unwrap().delivered, 1);
    let terminal = operator.terminal("in-use").await;
    let form = format!("from={}&why=since+yesterday", stolen_already.counter.unwrap());
    assert_eq!(operator.post(&format!("{terminal}/stolen"), &form, OWN).await.0, StatusCode::SEE_OTHER);
    assert_eq!(appraised(&stage, stolen_already.evid.unwrap()).status, Status::Invalid);
    let delivery = stage.world.platform.deliver_once().await.unwrap();
    assert_eq!((delivery.delivered, delivery.waiting), (1, 0), "the history service takes it back");
    let file = stage.folder.path().join("history.sqlite");
    let status: u64 = crate::support::stage::value(&file, "SELECT status FROM finding");
    assert_eq!(status, Status::Invalid.number());
}

#[tokio::test]
async fn a_form_from_elsewhere_or_with_an_impossible_counter_changes_nothing() {
    let stage = Stage::set().await;
    let site = stage.unlocked(&YAMABIKO).await;
    let operator = Operator::of(&stage);
    let terminal = operator.terminal("in-use").await;
    for (path, form, origin, status) in [
        ("stolen", "why=", "https://elsewhere.example", StatusCode::FORBIDDEN),
        ("retire", "why=", "https://elsewhere.example", StatusCode::FORBIDDEN),
        ("stolen", "from=0&why=", OWN, StatusCode::UNPROCESSABLE_ENTITY),
        ("stolen", "from=999&why=", OWN, StatusCode::UNPROCESSABLE_ENTITY),
        ("stolen", "from=soon&why=", OWN, StatusCode::UNPROCESSABLE_ENTITY),
        ("found", "from=1&why=", OWN, StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        assert_eq!(
            operator.post(&format!("{terminal}/{path}"), form, origin).await.0,
            status,
            "{path} {form}"
        );
    }
    let (status, _) =
        operator.post(&format!("/operator/terminals/{}/retire", "a".repeat(26)), "why=", OWN).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(stage.world.platform.terminals().unwrap()[0].state, TerminalState::Able);
    power_on(&site).await.unwrap();
}

#[tokio::test]
async fn the_doors_of_terminals_do_not_serve_the_operators_pages() {
    let stage = Stage::set().await;
    let request = Request::get("/operator/").body(Body::empty()).unwrap();
    let answer = stage.world.platform.router().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
}
