//! A patient signs in with the card ◇: the history service learns a pseudonym and never a certificate.

use jushin_pki::{AsOf, Certificate, KeyKind, Suite};
use jushin_statement::{Bytes, Hash, Pid};

use crate::card_status::moment;
use crate::nonce::{About, Purpose, spend};
use crate::platform::{Platform, blocking};
use crate::pseudonym::At;
use crate::refusal::Refusal;
use crate::store::rows::transact;

/// What the card's signature covers before the nonce. ASCII, so it is never a statement's.
const CONTEXT: &[u8] = b"jushin/1/sign-in";

impl Platform {
    /// A number for the card to sign.
    pub(crate) fn sign_in_challenge(&self) -> Result<[u8; 32], Refusal> {
        self.issue_nonce(Purpose::SignIn, About::default()).map(|(nonce, _)| nonce.0)
    }

    /// Checks nonce, certificate, its status and the signature; returns a ticket for one redemption.
    pub(crate) async fn sign_in(
        &self,
        [nonce, certificate, signature]: [Bytes; 3],
    ) -> Result<[u8; 32], Refusal> {
        let bad = Refusal::BadSignature { object: "sign-in", signer: "the card" };
        let nonce: [u8; 32] = nonce.0.try_into().map_err(|_| bad.clone())?;
        let now = self.inner().ports.clock.now();
        let path = self.patient_card(&certificate, AsOf::At(moment(now)))?;
        let signed = [CONTEXT, &nonce].concat();
        let suite = match path.key().kind() {
            KeyKind::P384 => Suite::P384Sha384Cose,
            _ => Suite::RsaPkcs1Sha256,
        };
        path.key().verify(suite, &signed, &signature).map_err(|_| bad)?;
        self.require_good(&path).await?;
        let known = {
            let (platform, certificate) = (self.clone(), path.leaf().clone());
            blocking(move || platform.is_registered(&certificate)).await?
        };
        if !known {
            let _unreachable_is_unknown = self.fetch_register_rows().await;
        }
        let (platform, certificate) = (self.clone(), path.leaf().clone());
        blocking(move || platform.ticket(Hash(nonce), &certificate)).await
    }

    fn ticket(&self, nonce: Hash, certificate: &Certificate) -> Result<[u8; 32], Refusal> {
        let now = self.inner().ports.clock.now();
        let handle = transact(&*self.inner().ports.store, |tx| {
            spend(tx, Purpose::SignIn, nonce, now)?;
            Ok(self.person(tx, certificate)?.handle)
        })?;
        let about = About { subject: Some(handle), ..About::default() };
        self.issue_nonce(Purpose::Ticket, about).map(|(ticket, _)| ticket.0)
    }

    /// The pseudonym at the history service that a sign-in ticket stands for; redeems it.
    ///
    /// # Errors
    ///
    /// [`Refusal::StaleNonce`], [`Refusal::Store`].
    pub fn redeem(&self, ticket: &[u8; 32]) -> Result<Pid, Refusal> {
        let now = self.inner().ports.clock.now();
        transact(&*self.inner().ports.store, |tx| {
            let row = spend(tx, Purpose::Ticket, Hash(*ticket), now)?;
            let stale = Refusal::StaleNonce { lifetime_ms: Purpose::Ticket.lifetime_ms() };
            self.pid(tx, At::History, row.subject.ok_or(stale)?)
        })
    }
}
