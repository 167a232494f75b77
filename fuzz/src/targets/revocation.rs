//! OCSP responses, OCSP requests and CRLs: no status but one that the issuer or its responder stated.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jushin_crypto::AwsLc;
use jushin_pki::Certificate;
use jushin_pki::revocation::{Answer, Crl, OcspRequest, OcspResponse, RevocationError, answer};

use crate::{fixtures, planted};

/// Certificates with their issuers, and what genuine data say of each.
struct World {
    pairs: Vec<(Certificate, Certificate)>,
    said: BTreeMap<usize, Vec<Answer>>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let issuers = fixtures::trusted("ca-u-").into_iter().chain(fixtures::trusted("hpki-"));
    let mut pairs = Vec::new();
    for issuer in issuers {
        for certificate in &*fixtures::CERTIFICATES {
            if certificate.issuer() == issuer.subject() {
                pairs.push((certificate.clone(), issuer.clone()));
            }
        }
    }
    pairs.dedup_by(|one, other| one.0.der() == other.0.der());
    let mut said = BTreeMap::<usize, Vec<Answer>>::new();
    for data in fixtures::BUNDLES.iter().flat_map(|bundle| &bundle.revocation) {
        for (place, (certificate, issuer)) in pairs.iter().enumerate() {
            if let Ok(answer) = answer(data, certificate, issuer, &AwsLc) {
                said.entry(place).or_default().push(answer);
            }
        }
    }
    World { pairs, said }
});

pub(super) fn ocsp(data: &[u8]) {
    if let Ok(request) = OcspRequest::parse(data) {
        let again = OcspRequest::parse(&request.to_der());
        assert_eq!(again.as_ref().ok().map(OcspRequest::to_der), Some(request.to_der()));
    }
    let Ok(response) = OcspResponse::parse(data) else { return };
    assert!(OcspResponse::looks_like(data));
    let _ = response.check_nonce(&[0; 16]);
    check(data);
    for (certificate, issuer) in &WORLD.pairs {
        let last = response.answer(certificate, issuer, &AwsLc) == Err(RevocationError::Signature);
        planted::fault(last, "a response of which nothing but the signature is wrong");
    }
}

pub(super) fn crl(data: &[u8]) {
    let Ok(list) = Crl::parse(data) else { return };
    check(data);
    for (serial, at) in list.revoked() {
        let _ = (serial.len(), at.to_string());
        planted::fault(
            at.0 % 86_400_000 != MOMENT % 86_400_000,
            "a list that revokes at another time of day",
        );
    }
}

/// When the seeds' certificate was revoked, milliseconds since 1970.
pub(crate) const MOMENT: i64 = 1_775_519_523_000;

/// Whatever is accepted of real certificates says what genuine data say.
fn check(data: &[u8]) {
    for (place, (certificate, issuer)) in WORLD.pairs.iter().enumerate() {
        use jushin_pki::revocation::Status::{Good, Revoked};
        let Ok(answer) = answer(data, certificate, issuer, &AwsLc) else { continue };
        if matches!(answer.status, Good | Revoked { .. }) {
            let genuine = WORLD.said.get(&place).is_some_and(|said| said.contains(&answer));
            assert!(genuine, "a status that nobody has signed: {answer:?}");
        }
    }
}
