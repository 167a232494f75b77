//! `GET /`: what is simulated, for people.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use jushin_pages::{Frame, Lang, Party};
use jushin_pki::name::Shown;

use crate::{Authority, TrustServices};

#[derive(Template)]
#[template(path = "trust_services.html")]
struct Front {
    frame: Frame,
    authorities: Vec<Row>,
}

struct Row {
    name: &'static str,
    purpose: &'static str,
    subject: String,
}

pub(super) async fn show(State(services): State<TrustServices>, lang: Lang) -> Response {
    let authorities = Authority::ALL
        .into_iter()
        .map(|authority| Row {
            name: authority.name(),
            purpose: purpose(authority, lang),
            subject: Shown(services.subject(authority)).to_string(),
        })
        .collect();
    let frame = Frame {
        lang,
        title: lang.pick("信頼の基盤（模擬）", "Trust services (simulated)").to_owned(),
        party: Party::Plain,
        state: "trust-services",
        home: "/",
        live: None,
        simulated: true,
    };
    match (Front { frame, authorities }).render() {
        Ok(page) => Html(page).into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

const fn purpose(authority: Authority, lang: Lang) -> &'static str {
    match authority {
        Authority::UserAuthentication1 => {
            lang.pick("利用者証明用の認証局・第1世代", "user authentication, first generation")
        }
        Authority::UserAuthentication2 => {
            lang.pick("利用者証明用の認証局・第2世代", "user authentication, second generation")
        }
        Authority::DigitalSignature => lang.pick("署名用の認証局", "digital signature"),
        Authority::HealthcareStaff => lang.pick("HPKI 認証用の認証局", "HPKI authentication"),
        Authority::TimeStamping1 => lang.pick("時刻認証局 1", "time stamping, first"),
        Authority::TimeStamping2 => lang.pick("時刻認証局 2", "time stamping, second"),
    }
}
