//! Japanese and English: the browser's wish, or a choice kept in a cookie.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

/// The language of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// 日本語
    #[default]
    Ja,
    /// English
    En,
}

impl Lang {
    /// `ja` or `en`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Ja => Self::En,
            Self::En => Self::Ja,
        }
    }

    /// The text in this language.
    #[must_use]
    pub const fn pick<'a>(self, ja: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Ja => ja,
            Self::En => en,
        }
    }

    /// The language with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "ja" => Some(Self::Ja),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// What `?lang=` asks for.
    pub(crate) fn from_query(parts: &Parts) -> Option<Self> {
        let query = parts.uri.query()?;
        query.split('&').find_map(|pair| Self::from_code(pair.strip_prefix("lang=")?))
    }

    fn from_cookie(parts: &Parts) -> Option<Self> {
        let cookies = parts.headers.get_all(header::COOKIE).iter();
        cookies
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .find_map(|cookie| Self::from_code(cookie.trim().strip_prefix("lang=")?))
    }

    fn from_browser(parts: &Parts) -> Option<Self> {
        let wish = parts.headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        wish.split(',').find_map(|tag| Self::from_code(tag.trim().get(..2)?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Lang {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::from_query(parts)
            .or_else(|| Self::from_cookie(parts))
            .or_else(|| Self::from_browser(parts))
            .unwrap_or_default())
    }
}
