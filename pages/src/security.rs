//! What every answer to a browser carries, and who may post.

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};

use crate::Lang;

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Adds the security headers, keeps the chosen language, and refuses posts from other sites.
pub fn secure(router: Router) -> Router {
    router.layer(from_fn(guard))
}

async fn guard(request: Request, next: Next) -> Response {
    if request.method() == Method::POST && !same_site(&request) {
        return (StatusCode::FORBIDDEN, "This form was sent from another site.").into_response();
    }
    let (parts, body) = request.into_parts();
    let chosen = Lang::from_query(&parts);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let headers = response.headers_mut();
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Some(lang) = chosen {
        let cookie = match lang {
            Lang::Ja => "lang=ja; Path=/; Max-Age=31536000; SameSite=Lax",
            Lang::En => "lang=en; Path=/; Max-Age=31536000; SameSite=Lax",
        };
        headers.append(header::SET_COOKIE, HeaderValue::from_static(cookie));
    }
    response
}

/// Browsers say where a post comes from; programs that send no such header are not steered by a page.
fn same_site(request: &Request) -> bool {
    let text = |name| request.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    match (text(header::ORIGIN), text(header::HOST)) {
        (None, _) => true,
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, origin)| origin == host),
        (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing::{get, post};
    use tower::ServiceExt as _;

    use super::*;

    async fn send(request: Request) -> Response {
        let router =
            Router::new().route("/", get(|| async { "page" })).route("/tap", post(|| async { "done" }));
        secure(router).oneshot(request).await.unwrap_or_default()
    }

    #[tokio::test]
    async fn every_answer_forbids_what_is_not_our_own() {
        let response = send(Request::get("/").body(Body::empty()).unwrap()).await;
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    }

    #[tokio::test]
    async fn a_form_on_another_site_posts_nothing() {
        let foreign = Request::post("/tap").header("origin", "http://elsewhere").header("host", "here");
        assert_eq!(send(foreign.body(Body::empty()).unwrap()).await.status(), StatusCode::FORBIDDEN);
        let own = Request::post("/tap").header("origin", "http://here").header("host", "here");
        assert_eq!(send(own.body(Body::empty()).unwrap()).await.status(), StatusCode::OK);
        let fetched = Request::post("/tap").header("sec-fetch-site", "cross-site");
        assert_eq!(send(fetched.body(Body::empty()).unwrap()).await.status(), StatusCode::FORBIDDEN);
    }

    #[tokio::test]
    async fn the_chosen_language_is_kept() {
        let response = send(Request::get("/?lang=en").body(Body::empty()).unwrap()).await;
        assert!(response.headers()[header::SET_COOKIE].to_str().unwrap().starts_with("lang=en;"));
    }
}
