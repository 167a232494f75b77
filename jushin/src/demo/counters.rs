//! One address, several desks: `/counter/` is the terminal that was chosen last, by a link or a cookie.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use tower::ServiceExt as _;

type Desks = Arc<Vec<(&'static str, Router)>>;

/// The pages of the desks, by the terminals' names; the first is shown to whoever has not chosen.
pub(super) fn router(desks: Vec<(&'static str, Router)>) -> Router {
    Router::new()
        .route("/counter/", any(chosen))
        .route("/counter/{*rest}", any(chosen))
        .with_state(Arc::new(desks))
}

async fn chosen(State(desks): State<Desks>, request: Request) -> Response {
    let asked = request.uri().query().and_then(|query| value(query, '&'));
    let wanted = asked.map(str::to_owned).or_else(|| cookie(request.headers()));
    let named = wanted.and_then(|wanted| desks.iter().find(|(name, _)| *name == wanted));
    let Some((name, router)) = named.or_else(|| desks.first()).cloned() else {
        return axum::http::StatusCode::NOT_FOUND.into_response();
    };
    let chosen = asked.is_some();
    let mut response = router.oneshot(request).await.unwrap_or_else(|never| match never {});
    if chosen && let Ok(cookie) = HeaderValue::from_str(&format!("desk={name}; Path=/counter/; SameSite=Lax"))
    {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    cookies.filter_map(|cookies| value(cookies, ';')).map(str::to_owned).next()
}

/// The value of `desk=` in a list.
fn value(list: &str, separator: char) -> Option<&str> {
    list.split(separator).find_map(|pair| pair.trim().strip_prefix("desk="))
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::routing::get;

    use super::*;

    async fn seen(request: axum::http::request::Builder) -> String {
        let desk =
            |name: &'static str| (name, Router::new().route("/counter/", get(move || async move { name })));
        let router = router(vec![desk("T1"), desk("T2")]);
        let response = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        String::from_utf8(to_bytes(response.into_body(), 100).await.unwrap().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn the_desk_is_the_one_that_was_chosen_last() {
        assert_eq!(seen(Request::get("/counter/")).await, "T1");
        assert_eq!(seen(Request::get("/counter/?lang=en&desk=T2")).await, "T2");
        let kept = Request::get("/counter/").header(header::COOKIE, "lang=en; desk=T2");
        assert_eq!(seen(kept).await, "T2");
        assert_eq!(seen(Request::get("/counter/?desk=T9")).await, "T1", "no such desk");
    }
}
