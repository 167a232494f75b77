//! The patient's card: its signature, its issuer, and its status over the window (V7, V8).

use jushin_pki::path::validate;
use jushin_pki::revocation::{Answer, RevocationData, StatusOver, status_over};
use jushin_pki::{AsOf, Certificate, Crypto, Moment, Suite, ValidPath};
use jushin_statement::{
    Alg, AuthenticationForm, Context, Evidence, Presence, UnixMillis, blinded_certificate, to_be_signed,
};
use sha2::{Digest, Sha256, Sha384};

use crate::case::Institution;
use crate::keyring::Keyring;
use crate::signed::suite;
use crate::{Authentication, TimeWindow};

/// The digest that the card was asked to sign: SHA-256, or for ES384 SHA-384, of the presence's bytes.
fn digest(evidence: &Evidence) -> Vec<u8> {
    let message = to_be_signed(Context::Presence, evidence.card_alg, None, &evidence.presence);
    hash(evidence.card_alg, &message)
}

fn hash(alg: Alg, message: &[u8]) -> Vec<u8> {
    if alg == Alg::Es384 { Sha384::digest(message).to_vec() } else { Sha256::digest(message).to_vec() }
}

/// Checks certificate, blind and signature; gives the certificate's path, its dates still to be judged.
pub(crate) fn verify(
    evidence: &Evidence,
    presence: &Presence,
    keyring: &Keyring,
    crypto: &dyn Crypto,
) -> Option<ValidPath> {
    let certificate = Certificate::parse(&evidence.certificate).ok()?;
    if blinded_certificate(&evidence.blind, &evidence.certificate) != presence.certificate {
        return None;
    }
    let path =
        validate(&certificate, &[], &keyring.cards, &keyring.card_profile, AsOf::Unjudged, crypto).ok()?;
    let suite =
        suite(evidence.card_alg, path.key().kind()).filter(|suite| *suite != Suite::P256Sha256Cose)?;
    let mut signed = digest(evidence);
    if presence.form == AuthenticationForm::CardBindsInstitution {
        let parts = [
            &b"jushin/1/card-ea"[..],
            presence.challenge.as_bytes(),
            presence.institution.as_bytes(),
            &signed,
        ];
        signed = hash(evidence.card_alg, &parts.concat());
    }
    path.key().verify_digest(suite, &signed, &evidence.card_signature).ok()?;
    Some(path)
}

/// Whether the EXTERNAL AUTHENTICATE signature fits the institution's key.
pub(crate) fn authentication(
    evidence: &Evidence,
    presence: &Presence,
    institution: &Institution,
) -> Authentication {
    let Some(key) = &institution.key else { return Authentication::Unchecked };
    let bound = match presence.form {
        AuthenticationForm::CoversDigest => digest(evidence),
        AuthenticationForm::OpensState | AuthenticationForm::CardBindsInstitution => Vec::new(),
    };
    let message = [
        &b"jushin/1/ea"[..],
        presence.challenge.as_bytes(),
        institution.certificate.subject_key_id().as_bytes(),
        &bound,
    ]
    .concat();
    match key.verify(Suite::RsaPkcs1Sha256, &message, &evidence.authentication) {
        Ok(()) => Authentication::Fits,
        Err(_) => Authentication::DoesNotFit,
    }
}

/// What is known of a certificate over a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Valid throughout, and not revoked.
    Good,
    /// Revoked before, expired before, or valid only after the window.
    Bad,
    /// One of that happened within the window, or it is not known.
    Unknown,
    /// Valid throughout; no data about revocation.
    NoData,
}

/// The last second of validity belongs to it as a whole.
const LAST_SECOND_MS: u64 = 999;

/// Judges a path's dates over the window. An open end is not judged.
pub(crate) fn dates(path: &ValidPath, window: &TimeWindow) -> Standing {
    let millis = |moment: Moment| UnixMillis(u64::try_from(moment.millis()).unwrap_or(0));
    let (from, UnixMillis(until)) = (millis(path.not_before()), millis(path.not_after()));
    let until = UnixMillis(until.saturating_add(LAST_SECOND_MS));
    if window.is_after(until) || window.is_before(from) {
        Standing::Bad
    } else if window.earliest().is_some_and(|lo| lo < from) || window.latest().is_some_and(|hi| hi > until) {
        Standing::Unknown
    } else {
        Standing::Good
    }
}

/// What all revocation data at hand say of a path's leaf. `known` knows the responders of its issuer.
pub(crate) fn answers(
    path: &ValidPath,
    revocation: &[RevocationData<'_>],
    crypto: &dyn Crypto,
    known: &dyn Fn(&Certificate) -> Option<ValidPath>,
) -> Vec<Answer> {
    let (leaf, issuer) = (path.leaf(), path.issuer());
    revocation
        .iter()
        .filter(|data| data.may_speak_of(leaf))
        .filter_map(|data| data.answer_with(leaf, issuer, crypto, known).ok())
        .collect()
}

/// Judges a path over the window by its dates and by what revocation data say.
pub(crate) fn standing(path: &ValidPath, window: &TimeWindow, answers: &[Answer]) -> Standing {
    let dates = dates(path, window);
    if dates == Standing::Bad {
        return Standing::Bad;
    }
    let moment =
        |end: Option<UnixMillis>| end.map(|UnixMillis(ms)| Moment(i64::try_from(ms).unwrap_or(i64::MAX)));
    let (lo, hi) = (moment(window.earliest()), moment(window.latest()));
    match status_over(answers, lo, hi) {
        StatusOver::RevokedBefore { .. } => Standing::Bad,
        StatusOver::RevokedInside { .. } => Standing::Unknown,
        // Without a lower end nothing says that the data are younger than the visit.
        StatusOver::Good { .. } if lo.is_some() => dates,
        StatusOver::Good { .. } | StatusOver::NoData { .. } if dates == Standing::Good => Standing::NoData,
        StatusOver::Good { .. } | StatusOver::NoData { .. } => dates,
    }
}
