//! How a visit enters: a redacted bundle with the platform's signed registration in it.
//!
//! A later verdict about a visit that is known enters the same way.
//! The platform's signature decides, not who delivers. The service still verifies everything that can be
//! verified without a certificate, and keeps what it found itself.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use jushin_evidence::{Appraisal, Reason, Trust, Verifier};
use jushin_pki::{Certificate, PublicKey, Suite};
use jushin_runtime::{Cbor, Problem};
use jushin_statement::{
    Alg, Anchor, Bundle, Embedded, Hash, InstitutionCode, Object, Sign1, Statement, Status, Verdict, Visit,
    Visits,
};

use crate::service::History;
use crate::store::StoredVisit;

/// Why a bundle is not taken. Whoever sent it, or made it, is at fault, except for [`Store`](Self::Store).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IntakeError {
    /// The bundle holds certificates or card signatures.
    #[error("send the redacted form: this service may not hold a certificate or a card's signature")]
    NotRedacted,
    /// No registration in it.
    #[error("the bundle holds no visit registration signed by the platform")]
    NoRegistration,
    /// The registration's signature is not the platform's.
    #[error("the visit registration is not signed by the platform's receipt key")]
    NotThePlatform,
    /// The registration is about a visit that the bundle does not hold.
    #[error("the registration is about visit {0}, which is not in the bundle")]
    OtherVisit(Hash),
    /// The registration names another verdict.
    #[error("the registration names verdict {0}, which is not in the bundle or is about another visit")]
    OtherVerdict(Hash),
    /// The registration names another institution than the card signed.
    #[error("the registration names institution {registered}, the card signed {signed}")]
    OtherInstitution {
        /// In the registration.
        registered: InstitutionCode,
        /// In what the card signed.
        signed: InstitutionCode,
    },
    /// The visit is not proven.
    #[error("the visit is not proven: {status:?}, reasons {reasons:?}")]
    NotProven {
        /// What the verification said.
        status: Status,
        /// Why.
        reasons: Vec<Reason>,
    },
    /// The store failed. The sender should try again.
    #[error("{0}")]
    Store(String),
}

impl From<IntakeError> for Problem {
    fn from(error: IntakeError) -> Self {
        let (status, title) = match error {
            IntakeError::NotRedacted => (StatusCode::UNPROCESSABLE_ENTITY, "not redacted"),
            IntakeError::NoRegistration => (StatusCode::UNPROCESSABLE_ENTITY, "no registration"),
            IntakeError::NotThePlatform => (StatusCode::UNPROCESSABLE_ENTITY, "not the platform"),
            IntakeError::OtherVisit(_) => (StatusCode::UNPROCESSABLE_ENTITY, "other visit"),
            IntakeError::OtherVerdict(_) => (StatusCode::UNPROCESSABLE_ENTITY, "other verdict"),
            IntakeError::OtherInstitution { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "other institution"),
            IntakeError::NotProven { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "not proven"),
            IntakeError::Store(_) => (StatusCode::SERVICE_UNAVAILABLE, "store unavailable"),
        };
        Self::new(status, title, error.to_string())
    }
}

/// A registration whose signature and content were checked against the bundle around it.
#[derive(Clone, Debug)]
pub struct RegisteredVisit {
    registration: Visit,
    appraisal: Appraisal,
}

pub(crate) fn router(history: Arc<History>) -> Router {
    Router::new().route("/v1/visits", post(receive)).with_state(history)
}

async fn receive(
    State(history): State<Arc<History>>,
    Cbor(bundle): Cbor<Bundle>,
) -> Result<StatusCode, Problem> {
    let worker = history.clone();
    let encoded = bundle.encode();
    let checked = tokio::task::spawn_blocking(move || {
        refuse_cards(&bundle, &worker.trust)?;
        examine(&bundle, &worker.verifier, worker.platform_key.as_ref())
    });
    let visits = checked.await.map_err(|error| IntakeError::Store(error.to_string()))??;
    for visit in visits {
        // Only of a visit that is known here already does it matter that it is not proven after all.
        if !visit.appraisal.is_valid() {
            let RegisteredVisit { registration, appraisal } = &visit;
            let known = history.knows(registration.subject.value, registration.evid).await;
            if !known.map_err(|error| IntakeError::Store(error.to_string()))? {
                let (status, reasons) = (appraisal.status, appraisal.reasons.clone());
                return Err(IntakeError::NotProven { status, reasons }.into());
            }
        }
        let row = visit.into_row(&history, encoded.clone());
        history.register(row).await.map_err(|error| IntakeError::Store(error.to_string()))?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Whoever delivers may add to a bundle, and what is kept is kept as it came: so nothing of a patient's card
/// may be in it, be it among the certificates or among revocation data, which name its serial. Revocation
/// data have a place only beside an administrator's unlock.
fn refuse_cards(bundle: &Bundle, trust: &Trust) -> Result<(), IntakeError> {
    let of_a_card = |der: &[u8]| {
        let issuer = Certificate::parse(der).map(|certificate| certificate.issuer().to_vec());
        issuer.is_ok_and(|issuer| trust.card_authorities().any(|name| name == issuer))
    };
    let offline = |anchor: &Embedded<Anchor>| matches!(anchor.0, Anchor::Offline { .. });
    let data_without_use = !bundle.revocation.is_empty() && !bundle.anchors.iter().any(offline);
    if data_without_use || bundle.certificates.iter().any(|der| of_a_card(der)) {
        return Err(IntakeError::NotRedacted);
    }
    Ok(())
}

/// Checks every registration in a bundle.
fn examine(
    bundle: &Bundle,
    verifier: &Verifier<'_>,
    platform: &dyn PublicKey,
) -> Result<Vec<RegisteredVisit>, IntakeError> {
    if !matches!(bundle.visits, Visits::Redacted(_)) {
        return Err(IntakeError::NotRedacted);
    }
    let results: Vec<Sign1<'_>> = bundle.results.iter().filter_map(|result| result.parse().ok()).collect();
    let mut registrations = results.iter().filter(|result| result.object::<Visit>().is_ok()).peekable();
    if registrations.peek().is_none() {
        return Err(IntakeError::NoRegistration);
    }
    let report = verifier.verify(bundle);
    registrations.map(|signed| examine_one(signed, &results, &report.visits, platform)).collect()
}

fn examine_one(
    signed: &Sign1<'_>,
    results: &[Sign1<'_>],
    appraisals: &[Appraisal],
    platform: &dyn PublicKey,
) -> Result<RegisteredVisit, IntakeError> {
    let registration: Visit = signed_by(signed, platform)?;
    let appraisal = appraisals
        .iter()
        .find(|appraisal| appraisal.evid == registration.evid)
        .ok_or(IntakeError::OtherVisit(registration.evid))?;
    let named = results
        .iter()
        .filter(|result| result.payload_hash() == registration.verdict)
        .find_map(|result| result.object::<Verdict>().ok().filter(|one| one.evid == registration.evid))
        .ok_or(IntakeError::OtherVerdict(registration.verdict))?;
    // Whoever delivers can spoil a bundle; that a visit is not proven after all is for the platform to say.
    let withdrawn = matches!(named.status, Status::Invalid | Status::Conflict);
    if !appraisal.is_valid() && !withdrawn {
        return Err(IntakeError::NotProven { status: appraisal.status, reasons: appraisal.reasons.clone() });
    }
    match appraisal.institution() {
        Some(signed) if signed != registration.institution => {
            Err(IntakeError::OtherInstitution { registered: registration.institution, signed })
        }
        _ => Ok(RegisteredVisit { registration, appraisal: appraisal.clone() }),
    }
}

fn signed_by(signed: &Sign1<'_>, platform: &dyn PublicKey) -> Result<Visit, IntakeError> {
    let covered = signed.to_be_signed(Visit::CONTEXT);
    if signed.alg != Alg::Es256 || platform.verify(Suite::P256Sha256Cose, &covered, signed.signature).is_err()
    {
        return Err(IntakeError::NotThePlatform);
    }
    signed.object().map_err(|_| IntakeError::NoRegistration)
}

impl RegisteredVisit {
    fn into_row(self, history: &History, bundle: Vec<u8>) -> StoredVisit {
        StoredVisit {
            evid: self.registration.evid,
            path: history.random.path_id(),
            subject: self.registration.subject.value,
            institution: self.registration.institution,
            status: self.appraisal.status,
            class: self.appraisal.class,
            lo: self.appraisal.window.earliest(),
            hi: self.appraisal.window.latest(),
            method: self.appraisal.method().map_or(0, jushin_statement::HolderCheck::number),
            simulated: self.appraisal.simulated,
            bundle,
            received: history.clock.now(),
        }
    }
}

/// The same bundle without registrations: their `subject` is for this service's eyes only.
pub(crate) fn without_visit_objects(bundle: &[u8]) -> Option<Vec<u8>> {
    let mut bundle = Bundle::decode(bundle).ok()?;
    bundle.results.retain(|result| !result.parse().is_ok_and(|result| result.object::<Visit>().is_ok()));
    Some(bundle.encode())
}
