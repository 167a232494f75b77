//! Tokens from the time-stamping authorities (RFC 3161), verified before anything is unlocked by them.

use jushin_pki::time_stamp::{TimeStampRequest, Token, token_of_response};
use jushin_runtime::PeerError;
use jushin_statement::Signed;

use crate::platform::Platform;
use crate::refusal::Refusal;

impl Platform {
    /// A token over the signed bytes of a record, from the authority whose turn it is or, if that one does
    /// not give an acceptable one, from the next. Returns which one it was.
    pub(crate) async fn time_stamp(
        &self,
        signed: &Signed,
        first: usize,
    ) -> Result<(Vec<u8>, usize), Refusal> {
        self.time_stamp_of(&signed.imprint().0, first).await
    }

    /// The same over anything with this SHA-256.
    pub(crate) async fn time_stamp_of(
        &self,
        imprint: &[u8; 32],
        first: usize,
    ) -> Result<(Vec<u8>, usize), Refusal> {
        let paths = &self.inner().config.time_stampers;
        let mut refusal = Refusal::NoTimeStamper("none is configured".to_owned());
        for step in 0..paths.len() {
            let turn = (first + step) % paths.len();
            let Some(path) = paths.get(turn) else { continue };
            match self.token(path, imprint).await {
                Ok(token) => return Ok((token, turn)),
                // A token that was refused says more than an authority that is down.
                Err(_) if matches!(refusal, Refusal::TokenRefused(_)) => {}
                Err(why) => refusal = why,
            }
        }
        Err(refusal)
    }

    async fn token(&self, path: &str, imprint: &[u8; 32]) -> Result<Vec<u8>, Refusal> {
        let inner = self.inner();
        // Never zero, so that its shortest encoding is unambiguous.
        let mut nonce: [u8; 16] = inner.ports.random.bytes();
        nonce[0] = nonce[0] & 0x3f | 0x40;
        let request = TimeStampRequest::new(*imprint, &nonce).to_der();
        let reply = inner.ports.time_stampers.post(path, "application/timestamp-query", request).await;
        let reply = reply.map_err(|error| match error {
            PeerError::Unreachable(why) => Refusal::NoTimeStamper(why),
            refused @ PeerError::Refused { .. } => Refusal::NoTimeStamper(refused.to_string()),
        })?;
        if !reply.status.is_success() {
            return Err(Refusal::NoTimeStamper(format!("{path} answered {}", reply.status)));
        }
        let refused =
            |error: jushin_pki::time_stamp::TimeStampError| Refusal::TokenRefused(error.to_string());
        let token = token_of_response(&reply.body).map_err(refused)?;
        let parsed = Token::parse(&token).map_err(refused)?;
        parsed.check_nonce(&nonce).map_err(refused)?;
        parsed.verify(imprint, &inner.anchors.time_stampers, &*inner.ports.crypto).map_err(refused)?;
        Ok(token)
    }
}
