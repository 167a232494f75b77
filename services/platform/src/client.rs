//! Who calls: the key of the TLS client's certificate (P2, step 5).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use jushin_statement::Id16;

use crate::enrolment::newest_terminal;
use crate::platform::{Platform, blocking};
use crate::refusal::Refusal;
use crate::store::rows::transact;

/// The key of the client's certificate, DER SubjectPublicKeyInfo: whoever terminates mutual TLS puts it
/// into the extensions of every request. In one process, where no TLS is, there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientKey(pub Vec<u8>);

/// The caller of a request.
pub(crate) struct Client(Option<ClientKey>);

impl<S: Send + Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.extensions.get().cloned()))
    }
}

impl Client {
    /// Speaks for an element only with the key of the terminal that was appointed for it.
    pub(crate) async fn speaks_for(self, platform: &Platform, element: Id16) -> Result<(), Refusal> {
        let Some(ClientKey(key)) = self.0 else { return Ok(()) };
        let platform = platform.clone();
        blocking(move || {
            transact(&*platform.inner().ports.store, |tx| {
                let terminal = newest_terminal(tx, element)?;
                let own = terminal.is_some_and(|(_, terminal)| *terminal.key == *key);
                if own { Ok(()) } else { Err(Refusal::WrongClientKey(element)) }
            })
        })
        .await
    }
}
