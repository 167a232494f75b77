//! OCSP responses (RFC 6960).

use jushin_pki::der::{Writer, tag};
use jushin_pki::issue::Issuer;
use jushin_pki::{Certificate, Moment, Suite, oid};
use jushin_statement::Hash;

use crate::world::{Holder, Key};

/// What a response says about a certificate.
#[derive(Clone, Copy, Debug)]
pub enum Says {
    /// Not revoked.
    Good,
    /// Revoked since this moment, milliseconds since 1970.
    Revoked(i64),
    /// Not known.
    Unknown,
}

/// Who signs a response.
pub struct Responder<'r> {
    /// An RSA key.
    pub key: &'r Key,
    /// The certificate whose subject is named.
    pub certificate: &'r Certificate,
    /// Whether the response holds that certificate.
    pub embedded: bool,
}

impl<'r> Responder<'r> {
    /// A CA itself.
    #[must_use]
    pub fn ca(issuer: &'r Issuer) -> Self {
        Self { key: issuer.key(), certificate: issuer.certificate(), embedded: false }
    }

    /// Somebody to whom a CA left it.
    #[must_use]
    pub const fn delegate(holder: &'r Holder) -> Self {
        Self { key: &holder.key, certificate: &holder.certificate, embedded: true }
    }
}

/// A response about `certificate` of `issuer` as of `at`.
#[must_use]
pub fn response(
    issuer: &Issuer,
    responder: &Responder<'_>,
    certificate: &Certificate,
    says: Says,
    at: i64,
) -> Vec<u8> {
    let mut data = Writer::new();
    data.nest(tag::SEQUENCE, |data| {
        data.nest(tag::context_constructed(1), |by_name| by_name.raw(responder.certificate.subject()));
        data.put(tag::GENERALIZED_TIME, time(at).as_bytes());
        data.nest(tag::SEQUENCE, |responses| {
            responses.nest(tag::SEQUENCE, |single| {
                certificate_id(single, issuer, certificate);
                status(single, says);
                single.put(tag::GENERALIZED_TIME, time(at).as_bytes());
            });
        });
    });
    let data = data.into_bytes();
    let signature = responder.key.sign(Suite::RsaPkcs1Sha256, &data).unwrap();
    let mut basic = Writer::new();
    basic.nest(tag::SEQUENCE, |basic| {
        basic.raw(&data);
        basic.nest(tag::SEQUENCE, |algorithm| {
            algorithm.put(tag::OID, oid::SHA256_WITH_RSA.as_bytes());
            algorithm.put(tag::NULL, &[]);
        });
        basic.bit_string(&signature);
        if responder.embedded {
            basic.nest(tag::context_constructed(0), |explicit| {
                explicit.nest(tag::SEQUENCE, |list| list.raw(responder.certificate.der()));
            });
        }
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
    writer.into_bytes()
}

fn certificate_id(single: &mut Writer, issuer: &Issuer, certificate: &Certificate) {
    single.nest(tag::SEQUENCE, |id| {
        id.nest(tag::SEQUENCE, |algorithm| algorithm.put(tag::OID, oid::SHA256.as_bytes()));
        id.put(tag::OCTET_STRING, &Hash::of(issuer.certificate().subject()).0);
        id.put(tag::OCTET_STRING, &Hash::of(&key_bits(issuer.key().spki())).0);
        id.unsigned(certificate.serial());
    });
}

fn status(single: &mut Writer, says: Says) {
    match says {
        Says::Good => single.put(tag::context(0), &[]),
        Says::Revoked(since) => single.nest(tag::context_constructed(1), |info| {
            info.put(tag::GENERALIZED_TIME, time(since).as_bytes());
        }),
        Says::Unknown => single.put(tag::context(2), &[]),
    }
}

/// Content of the BIT STRING of a SubjectPublicKeyInfo.
fn key_bits(spki: &[u8]) -> Vec<u8> {
    let mut fields = jushin_pki::der::Reader::new(spki).nested(tag::SEQUENCE).unwrap();
    fields.take(tag::SEQUENCE).unwrap();
    fields.bit_string_of_octets().unwrap().to_vec()
}

fn time(at: i64) -> String {
    let [year, month, day, hour, minute, second] = Moment(at).to_utc();
    format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z")
}
