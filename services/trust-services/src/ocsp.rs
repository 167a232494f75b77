//! An OCSP responder with a delegated key (RFC 6960, nonce of RFC 9654).

mod request;
mod response;

use jushin_pki::spki;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use request::{CertificateName, Request};
use response::{Answer, failure};

pub(crate) use response::Responder;

use crate::authority::{CertificationAuthority, moment};
use crate::services::Inner;
use crate::store::CertificateStatus;
use crate::{Authority, CertificateId, oid};

/// Why a request gets no answer, with its OCSPResponseStatus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The requester sent something else than an OCSP request.
    MalformedRequest = 1,
    /// The store or the key failed.
    InternalError = 2,
}

/// Answers a request to the responder of one CA; any bytes get an answer.
pub(crate) fn answer(services: &Inner, authority: Authority, request: &[u8]) -> Vec<u8> {
    statement(services, authority, request).unwrap_or_else(failure)
}

fn statement(services: &Inner, authority: Authority, request: &[u8]) -> Result<Vec<u8>, Failure> {
    let request = Request::parse(request)?;
    let authority = services.keys.authority(authority);
    let now = services.clock.now();
    let mut answers = Vec::new();
    for name in &request.certificates {
        let id = if is_of(authority, name) {
            name.serial.clone().map(|serial| CertificateId { issuer: authority.key_id.clone(), serial })
        } else {
            None
        };
        let status = match id {
            Some(id) => services.store.status(&id).map_err(|_| Failure::InternalError)?,
            None => CertificateStatus::Unknown,
        };
        answers.push(Answer { name: name.whole, status });
    }
    let next_update = moment(now).plus_millis(services.revocation_lifetime_ms);
    let answer = authority.responder.answer(&request, &answers, moment(now), next_update);
    answer.map_err(|_| Failure::InternalError)
}

/// Whether the hashes in a request are those of this CA's name and key.
fn is_of(authority: &CertificationAuthority, name: &CertificateName<'_>) -> bool {
    let certificate = authority.issuer.certificate();
    let (subject, key) = (certificate.subject(), spki::key_bits(certificate.spki()));
    if name.algorithm == oid::SHA1.as_bytes() {
        Sha1::digest(subject)[..] == *name.name_hash && Sha1::digest(key)[..] == *name.key_hash
    } else if name.algorithm == oid::SHA256.as_bytes() {
        Sha256::digest(subject)[..] == *name.name_hash && Sha256::digest(key)[..] == *name.key_hash
    } else {
        false
    }
}
