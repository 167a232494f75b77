//! `/verify`: the browser checks a bundle by itself, with the second verifier. Nothing is sent anywhere.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jushin_pages::{Frame, Lang, Party};

use super::start_page;

/// The modules of the second verifier and of its page, by their path under `/verify/`.
macro_rules! modules {
    ($($path:literal,)*) => {
        const MODULES: &[(&str, &str)] = &[$(($path, include_str!(concat!("../../../verifier-js/", $path))),)*];
    };
}

modules![
    "page/files.js",
    "page/verify-page.js",
    "page/view.js",
    "page/when.js",
    "page/words.js",
    "src/bundle.js",
    "src/bytes.js",
    "src/card.js",
    "src/cbor.js",
    "src/certificate.js",
    "src/chain.js",
    "src/cose.js",
    "src/crl.js",
    "src/crypto.js",
    "src/cv.js",
    "src/der.js",
    "src/element.js",
    "src/fields.js",
    "src/grade.js",
    "src/index.js",
    "src/json.js",
    "src/judgement.js",
    "src/keys.js",
    "src/messages.js",
    "src/objects.js",
    "src/ocsp.js",
    "src/offline.js",
    "src/online.js",
    "src/path.js",
    "src/policy.js",
    "src/prepare.js",
    "src/profiles.js",
    "src/record.js",
    "src/redacted.js",
    "src/report.js",
    "src/revocation.js",
    "src/times.js",
    "src/tpm.js",
    "src/trust.js",
    "src/tst.js",
    "src/verify.js",
    "src/visit.js",
    "src/window.js",
];

#[derive(Template)]
#[template(path = "verify.html")]
struct VerifyPage {
    frame: Frame,
    form: String,
}

/// Serves the page and its modules.
pub(super) fn router() -> Router {
    jushin_pages::secure(
        Router::new().route("/verify", get(show)).route("/verify/{folder}/{file}", get(module)),
    )
}

async fn show(lang: Lang) -> Response {
    let frame = Frame {
        lang,
        title: "jushin 受診".to_owned(),
        party: Party::Plain,
        state: "verify",
        home: "/",
        live: None,
        simulated: true,
    };
    let form = include_str!("../../../verifier-js/page/verify.html");
    let form = form.replace("page/verify-page.js", "/verify/page/verify-page.js");
    start_page::page(&VerifyPage { frame, form })
}

async fn module(Path((folder, file)): Path<(String, String)>) -> Response {
    let wanted = format!("{folder}/{file}");
    match MODULES.iter().find(|(path, _)| *path == wanted) {
        Some((_, text)) => {
            ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], *text).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_of_the_second_verifier_is_served() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../verifier-js");
        for folder in ["page", "src"] {
            for entry in std::fs::read_dir(format!("{root}/{folder}")).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                let path = format!("{folder}/{name}");
                let served = MODULES.iter().any(|(module, _)| *module == path);
                assert_eq!(served, name.ends_with(".js"), "{path}");
            }
        }
    }
}
