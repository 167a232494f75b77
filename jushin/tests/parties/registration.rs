//! How a visit enters the history service: once, by the platform's signature, redacted.

use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use jushin::demo::stage::{Interposed, SAKURA};
use jushin_statement::{Bundle, Object as _, Signed, Status, Verdict, Visit, Visits};

use crate::support::stage::{Heard, Stage, tap, value};

/// Two visits as the platform posts them, not delivered yet.
struct Posted {
    stage: Stage,
    bundles: [Bundle; 2],
}

impl Posted {
    async fn new() -> Self {
        let stage = Stage::set().await;
        let site = stage.unlocked(&SAKURA).await;
        for patient in [0, 1] {
            assert_eq!(tap(&site, patient).await.verdict.unwrap().status, Status::Valid);
        }
        // Refused by an answer in the history's place, so that nothing is stored but everything is heard.
        let heard = Heard::default();
        let notes = heard.clone();
        stage.world.history_wire.interpose(move |path, body| {
            notes.note(path, body);
            Interposed::Answered(StatusCode::SERVICE_UNAVAILABLE.into_response())
        });
        assert_eq!(stage.world.platform.deliver_once().await.unwrap().waiting, 2);
        let bundles: Vec<_> = heard.all().iter().map(|(_, body)| Bundle::decode(body).unwrap()).collect();
        stage.world.history_wire.release();
        Self { stage, bundles: bundles.try_into().unwrap() }
    }

    fn rows(&self) -> u64 {
        value(&self.stage.folder.path().join("history.sqlite"), "SELECT count(*) FROM visit")
    }

    /// Posts a bundle that must be refused with this title and leave no row.
    async fn refused(&self, bundle: &Bundle, title: &str) {
        let before = self.rows();
        let reply = self.stage.post_object("/v1/visits", bundle).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{title}");
        assert_eq!(reply.title(), title);
        assert_eq!(self.rows(), before, "{title}");
    }
}

/// The result of a bundle that decodes as `T`.
fn result<T: jushin_statement::Object>(bundle: &Bundle) -> &Signed {
    let is = |signed: &&Signed| signed.parse().is_ok_and(|sign1| sign1.object::<T>().is_ok());
    bundle.results.iter().find(is).unwrap()
}

#[tokio::test]
async fn n11_12_a_visit_that_comes_twice_or_from_a_stranger_is_one_row() {
    let posted = Posted::new().await;
    let bundle = &posted.bundles[0];
    for _ in 0..3 {
        let reply = posted.stage.post_object("/v1/visits", bundle).await;
        assert_eq!(reply.status, StatusCode::NO_CONTENT);
    }
    assert_eq!(posted.rows(), 1);
    // The platform, who knows nothing of the stranger, delivers both.
    assert_eq!(posted.stage.world.platform.deliver_once().await.unwrap().delivered, 2);
    assert_eq!(posted.rows(), 2);
}

#[tokio::test]
async fn n11_12_a_registration_with_the_verdict_of_another_visit_is_refused() {
    let posted = Posted::new().await;
    let [one, other] = &posted.bundles;
    let results = vec![result::<Verdict>(other).clone(), result::<Visit>(one).clone()];
    posted.refused(&Bundle { results, ..one.clone() }, "other verdict").await;
    let results = vec![result::<Visit>(one).clone()];
    posted.refused(&Bundle { results, ..one.clone() }, "other verdict").await;
    let results = vec![result::<Verdict>(one).clone(), result::<Visit>(other).clone()];
    posted.refused(&Bundle { results, ..one.clone() }, "other visit").await;
}

#[tokio::test]
async fn n11_12_a_registration_without_the_platforms_signature_is_refused() {
    let posted = Posted::new().await;
    let [one, other] = &posted.bundles;
    let (theirs, own) = (result::<Visit>(other).parse().unwrap(), result::<Visit>(one).parse().unwrap());
    // Another person's list: the subject is exchanged under the old signature.
    let mut visit: Visit = own.object().unwrap();
    visit.subject = theirs.object::<Visit>().unwrap().subject;
    let stolen = Signed::assemble(own.alg, own.key, &visit.encode(), own.signature);
    let mut flipped = own.signature.to_vec();
    flipped[40] ^= 4;
    let flipped = Signed::assemble(own.alg, own.key, own.payload, &flipped);
    for forged in [stolen, flipped] {
        let results = vec![result::<Verdict>(one).clone(), forged];
        posted.refused(&Bundle { results, ..one.clone() }, "not the platform").await;
    }
    let results = vec![result::<Verdict>(one).clone()];
    posted.refused(&Bundle { results, ..one.clone() }, "no registration").await;
}

#[tokio::test]
async fn the_full_form_is_refused_whoever_signed_it() {
    let posted = Posted::new().await;
    let visit: Visit = result::<Visit>(&posted.bundles[0]).parse().unwrap().object().unwrap();
    let mut full = posted.stage.world.platform.bundle(visit.evid).unwrap();
    full.results.push(result::<Visit>(&posted.bundles[0]).clone());
    posted.refused(&full, "not redacted").await;
}

/// Anybody may deliver, and what is delivered is kept as it came.
#[tokio::test]
async fn a_card_certificate_or_its_status_slipped_into_the_redacted_form_is_refused() {
    let posted = Posted::new().await;
    let one = &posted.bundles[0];
    let visit: Visit = result::<Visit>(one).parse().unwrap().object().unwrap();
    let full = posted.stage.world.platform.bundle(visit.evid).unwrap();
    let Visits::Full(visits) = &full.visits else { panic!("not the full form") };
    let mut with_card = one.clone();
    with_card.certificates.push(visits[0].certificate.clone());
    posted.refused(&with_card, "not redacted").await;
    let with_status = Bundle { revocation: full.revocation.clone(), ..one.clone() };
    assert!(!with_status.revocation.is_empty());
    posted.refused(&with_status, "not redacted").await;
}

#[tokio::test]
async fn a_visit_whose_verdict_was_changed_on_the_way_is_refused() {
    let posted = Posted::new().await;
    let one = &posted.bundles[0];
    let signed = result::<Verdict>(one).parse().unwrap();
    let mut verdict: Verdict = signed.object().unwrap();
    verdict.lo = verdict.hi;
    let changed = Signed::assemble(signed.alg, signed.key, &verdict.encode(), signed.signature);
    let results = vec![changed, result::<Visit>(one).clone()];
    posted.refused(&Bundle { results, ..one.clone() }, "other verdict").await;
}
