//! Who is signed in: a random cookie that leads to a pseudonym, for half an hour.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, header};
use jushin_runtime::Random;
use jushin_statement::{Hash, UnixMillis};

/// How long a session lasts without use, in milliseconds.
const LIFETIME_MS: u64 = 30 * 60 * 1000;
const COOKIE: &str = "me";

/// Open sessions. They are gone when the service stops; the patient signs in again.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<HashMap<String, Session>>);

#[derive(Clone, Copy, Debug)]
struct Session {
    subject: Hash,
    used: UnixMillis,
}

impl Sessions {
    /// Opens a session; returns the value of `Set-Cookie`.
    pub(crate) fn open(&self, subject: Hash, now: UnixMillis, random: &Random) -> String {
        let name = format!("{}{}", random.path_id(), random.path_id());
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, session| session.is_alive(now));
        open.insert(name.clone(), Session { subject, used: now });
        format!("{COOKIE}={name}; Path=/me; HttpOnly; SameSite=Strict; Max-Age={}", LIFETIME_MS / 1000)
    }

    /// The pseudonym of whoever sent the request, if a session of theirs is open.
    pub(crate) fn subject(&self, headers: &HeaderMap, now: UnixMillis) -> Option<Hash> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let session = open.get_mut(cookie(headers)?)?;
        if !session.is_alive(now) {
            return None;
        }
        session.used = now;
        Some(session.subject)
    }

    /// Closes the session; returns the value of `Set-Cookie` that forgets it.
    pub(crate) fn close(&self, headers: &HeaderMap) -> String {
        if let Some(name) = cookie(headers) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        }
        format!("{COOKIE}=; Path=/me; HttpOnly; SameSite=Strict; Max-Age=0")
    }
}

impl Session {
    const fn is_alive(&self, now: UnixMillis) -> bool {
        now.0.saturating_sub(self.used.0) < LIFETIME_MS
    }
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|value| value.split(';'))
        .find_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use rand_core::SeedableRng as _;

    use super::*;

    fn headers(set_cookie: &str) -> HeaderMap {
        let pair = set_cookie.split(';').next().unwrap_or_default();
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(pair).unwrap())])
    }

    #[test]
    fn a_session_ends_after_half_an_hour_without_use() {
        let random = Random::new(rand_chacha::ChaCha20Rng::seed_from_u64(1));
        let sessions = Sessions::default();
        let me = headers(&sessions.open(Hash([7; 32]), UnixMillis(0), &random));
        assert_eq!(sessions.subject(&me, UnixMillis(LIFETIME_MS - 1)), Some(Hash([7; 32])));
        assert_eq!(sessions.subject(&me, UnixMillis(2 * LIFETIME_MS - 2)), Some(Hash([7; 32])));
        assert_eq!(sessions.subject(&me, UnixMillis(4 * LIFETIME_MS)), None);
    }

    #[test]
    fn a_guessed_or_closed_session_leads_nowhere() {
        let random = Random::new(rand_chacha::ChaCha20Rng::seed_from_u64(2));
        let sessions = Sessions::default();
        assert_eq!(sessions.subject(&headers("me=aaaa"), UnixMillis(0)), None);
        let me = headers(&sessions.open(Hash([7; 32]), UnixMillis(0), &random));
        sessions.close(&me);
        assert_eq!(sessions.subject(&me, UnixMillis(1)), None);
    }
}
