//! Certificates of cards: whose they are, and whether they were revoked.

use jushin_pki::path::validate;
use jushin_pki::revocation::{Answer, IdHash, OcspRequest, OcspResponse, Status};
use jushin_pki::{AsOf, Certificate, Moment, Profile, TrustAnchors, ValidPath, oid};
use jushin_statement::{AdministratorKind, Anchor, Hash, UnixMillis};

use crate::enrolment::AdministratorCard;
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::store::Transaction;
use crate::store::rows::{RevocationRow, key};

/// An OCSP response and what it says.
pub(crate) struct Asked {
    /// DER OCSPResponse, to be kept beside the visit.
    pub(crate) response: Vec<u8>,
    /// Its answer.
    pub(crate) answer: Answer,
}

/// What a responder said of the card that made an unlock.
pub(crate) struct UnlockStatus {
    /// anchor-h.
    pub(crate) unlock: Hash,
    /// DER OCSPResponse, to be kept beside the unlock.
    pub(crate) response: Vec<u8>,
}

impl UnlockStatus {
    /// Keeps it.
    pub(crate) fn keep(
        &self,
        tx: &mut (dyn Transaction + '_),
        at: UnixMillis,
    ) -> Result<(), crate::store::StoreError> {
        let row = RevocationRow { response: self.response.as_slice().into(), at };
        tx.put(&key(&[&self.unlock, &Hash::of(&self.response)]), &row)?;
        Ok(())
    }
}

impl Platform {
    /// A patient's certificate under a card CA.
    pub(crate) fn patient_card(&self, der: &[u8], as_of: AsOf) -> Result<ValidPath, Refusal> {
        let mut profile = Profile::jpki_user_authentication();
        if self.inner().config.simulated {
            profile = profile.with_policy(oid::SIMULATED_USER_AUTHENTICATION);
        }
        self.validated(der, &self.inner().anchors.cards, &profile, as_of)
    }

    /// An administrator's certificate: HPKI, or else JPKI.
    pub(crate) fn administrator(&self, der: &[u8]) -> Result<AdministratorCard, Refusal> {
        self.administrator_as_of(der, AsOf::At(moment(self.inner().ports.clock.now())))
    }

    fn administrator_as_of(&self, der: &[u8], as_of: AsOf) -> Result<AdministratorCard, Refusal> {
        let mut profile = Profile::hpki_authentication();
        if self.inner().config.simulated {
            profile = profile.with_policy(oid::SIMULATED_HPKI_AUTHENTICATION);
        }
        let (kind, path) = match self.validated(der, &self.inner().anchors.staff, &profile, as_of) {
            Ok(path) => (AdministratorKind::Hpki, path),
            Err(refusal) => match self.patient_card(der, as_of) {
                Ok(path) => (AdministratorKind::Jpki, path),
                Err(_) => return Err(refusal),
            },
        };
        Ok(AdministratorCard { kind, spki: path.leaf().spki().to_vec(), path })
    }

    fn validated(
        &self,
        der: &[u8],
        anchors: &TrustAnchors,
        profile: &Profile,
        as_of: AsOf,
    ) -> Result<ValidPath, Refusal> {
        let refused = |why: String| Refusal::CertificateRefused { why };
        let certificate = Certificate::parse(der).map_err(|error| refused(error.to_string()))?;
        validate(&certificate, &[], anchors, profile, as_of, &*self.inner().ports.crypto)
            .map_err(|error| refused(error.to_string()))
    }

    /// Asks the responder of a certificate's CA. `None`: none is configured.
    pub(crate) async fn ask_status(&self, path: &ValidPath) -> Result<Option<Asked>, Refusal> {
        let inner = self.inner();
        let Some(responder) = inner.anchors.responder(path.issuer()) else { return Ok(None) };
        let nonce: [u8; 32] = inner.ports.random.bytes();
        let request = OcspRequest::new(path.leaf(), path.issuer(), IdHash::Sha1, Some(&nonce)).to_der();
        let unreachable = |why: String| Refusal::PeerUnreachable { what: "the OCSP responder", why };
        let reply = inner
            .ports
            .responder
            .post(responder, "application/ocsp-request", request)
            .await
            .map_err(|error| unreachable(error.to_string()))?;
        if !reply.status.is_success() {
            return Err(unreachable(format!("it answered {}", reply.status)));
        }
        let parsed = OcspResponse::parse(&reply.body).map_err(|error| unreachable(error.to_string()))?;
        parsed.check_nonce(&nonce).map_err(|error| unreachable(error.to_string()))?;
        let answer = parsed
            .answer(path.leaf(), path.issuer(), &*inner.ports.crypto)
            .map_err(|error| unreachable(error.to_string()))?;
        Ok(Some(Asked { response: reply.body, answer }))
    }

    /// Asks about the administrators' cards of unlocks without network. What cannot be asked now stays
    /// unknown: visits under it are then indeterminate, not refused.
    pub(crate) async fn ask_about_unlocks(
        &self,
        anchors: impl Iterator<Item = &Anchor>,
    ) -> Vec<UnlockStatus> {
        let mut answers = Vec::new();
        for anchor in anchors {
            let Anchor::Offline { admin, certificate } = anchor else { continue };
            // A certificate under no known CA is for the verifier to reject.
            let Ok(card) = self.administrator_as_of(certificate, AsOf::Unjudged) else { continue };
            if let Ok(Some(asked)) = self.ask_status(&card.path).await {
                answers.push(UnlockStatus { unlock: admin.imprint(), response: asked.response });
            }
        }
        answers
    }

    /// Refuses a card whose certificate is not known to be good now.
    pub(crate) async fn require_good(&self, path: &ValidPath) -> Result<(), Refusal> {
        let refused = |why: &str| Refusal::CertificateRefused { why: why.to_owned() };
        match self.ask_status(path).await?.map(|asked| asked.answer.status) {
            Some(Status::Good) => Ok(()),
            Some(Status::Revoked { .. }) => Err(refused("it was revoked")),
            Some(Status::NotCovered | Status::NotEnrolled) => {
                Err(refused("its CA's responder does not know it"))
            }
            None => Err(refused("no responder of its CA is configured")),
        }
    }
}

/// The platform's clock as a moment at which certificates are judged.
pub(crate) fn moment(now: UnixMillis) -> Moment {
    Moment(i64::try_from(now.0).unwrap_or(i64::MAX))
}
