//! What the responder answers (RFC 6960 §4.2).

use jushin_pki::Moment;
use jushin_pki::der::{Writer, tag};

use super::{Failure, Request};
use crate::authority::{Signer, moment};
use crate::error::TrustError;
use crate::oid;
use crate::store::CertificateStatus;

/// A responder for one CA: its key is delegated by that CA's certificate.
pub(crate) struct Responder {
    /// Key and certificate.
    pub(crate) signer: Signer,
}

/// What is said about one certificate.
pub(crate) struct Answer<'a> {
    /// CertID as received.
    pub(crate) name: &'a [u8],
    /// Its status at `this_update`.
    pub(crate) status: CertificateStatus,
}

/// An answer without statement: the request could not be served.
pub(crate) fn failure(failure: Failure) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.nest(tag::SEQUENCE, |response| response.put(tag::ENUMERATED, &[failure as u8]));
    writer.into_bytes()
}

impl Responder {
    /// A signed answer.
    pub(crate) fn answer(
        &self,
        request: &Request<'_>,
        answers: &[Answer<'_>],
        this_update: Moment,
        next_update: Moment,
    ) -> Result<Vec<u8>, TrustError> {
        let data = self.data(request, answers, this_update, next_update);
        let signature = self.signer.sign(&data)?;
        let mut basic = Writer::new();
        basic.nest(tag::SEQUENCE, |basic| {
            basic.raw(&data);
            basic.nest(tag::SEQUENCE, |algorithm| algorithm.put(tag::OID, oid::ECDSA_SHA256.as_bytes()));
            basic.bit_string(&signature);
            basic.nest(tag::context_constructed(0), |certificates| {
                certificates.put(tag::SEQUENCE, self.signer.certificate().der());
            });
        });
        let mut writer = Writer::new();
        writer.nest(tag::SEQUENCE, |response| {
            response.put(tag::ENUMERATED, &[0]);
            response.nest(tag::context_constructed(0), |explicit| {
                explicit.nest(tag::SEQUENCE, |bytes| {
                    bytes.put(tag::OID, oid::OCSP_BASIC.as_bytes());
                    bytes.put(tag::OCTET_STRING, &basic.into_bytes());
                });
            });
        });
        Ok(writer.into_bytes())
    }

    /// ResponseData; the responder is named by its subject.
    fn data(
        &self,
        request: &Request<'_>,
        answers: &[Answer<'_>],
        this_update: Moment,
        next_update: Moment,
    ) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.nest(tag::SEQUENCE, |data| {
            data.put(tag::context_constructed(1), self.signer.certificate().subject());
            put_time(data, this_update);
            data.nest(tag::SEQUENCE, |responses| {
                for answer in answers {
                    responses.nest(tag::SEQUENCE, |single| {
                        single.raw(answer.name);
                        put_status(single, answer.status, this_update);
                        put_time(single, this_update);
                        single.nest(tag::context_constructed(0), |next| put_time(next, next_update));
                    });
                }
            });
            if let Some(nonce) = request.nonce {
                data.nest(tag::context_constructed(1), |explicit| {
                    explicit.nest(tag::SEQUENCE, |extensions| {
                        extensions.nest(tag::SEQUENCE, |extension| {
                            extension.put(tag::OID, oid::OCSP_NONCE.as_bytes());
                            extension.put(tag::OCTET_STRING, nonce);
                        });
                    });
                });
            }
        });
        writer.into_bytes()
    }
}

/// good [0], revoked [1] with its time and no reason, unknown [2].
fn put_status(single: &mut Writer, status: CertificateStatus, now: Moment) {
    match status {
        CertificateStatus::Unknown => single.put(tag::context(2), &[]),
        CertificateStatus::Revoked(as_of) if moment(as_of) <= now => {
            single.nest(tag::context_constructed(1), |revoked| put_time(revoked, moment(as_of)));
        }
        CertificateStatus::Good | CertificateStatus::Revoked(_) => single.put(tag::context(0), &[]),
    }
}

/// GeneralizedTime in whole seconds, rounded down.
fn put_time(writer: &mut Writer, time: Moment) {
    let [year, month, day, hour, minute, second] = time.to_utc();
    let text = format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    writer.put(tag::GENERALIZED_TIME, text.as_bytes());
}
