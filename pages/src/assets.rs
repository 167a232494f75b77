//! The files that pages refer to: one style sheet, one script, one icon. Nothing comes from outside.

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

/// Serves `/assets/…`.
pub fn assets() -> Router {
    Router::new()
        .route(
            "/assets/style.css",
            get(|| file("text/css; charset=utf-8", include_str!("../assets/style.css"))),
        )
        .route(
            "/assets/live.js",
            get(|| file("text/javascript; charset=utf-8", include_str!("../assets/live.js"))),
        )
        .route("/assets/icon.svg", get(|| file("image/svg+xml", include_str!("../assets/icon.svg"))))
}

async fn file(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "max-age=300")], text)
}
