//! AlgorithmIdentifiers of signatures and digests.

use crate::der::{NotDer, Reader, Value, Writer, tag};
use crate::oid;
use crate::signature::Suite;

/// Parameters of RSA-PSS with SHA-256, MGF1-SHA-256 and a salt of 32 bytes (RFC 4055 §3.1).
const PSS_SHA256_PARAMETERS: [u8; 50] = [
    0x30, 0x30, //
    0xA0, 0x0D, 0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, //
    0xA1, 0x1A, 0x30, 0x18, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x08, //
    0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, //
    0xA2, 0x03, 0x02, 0x01, 0x20,
];
/// The same with the NULL parameters that OpenSSL writes.
const PSS_SHA256_PARAMETERS_NULL: [u8; 54] = [
    0x30, 0x34, //
    0xA0, 0x0F, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, //
    0xA1, 0x1C, 0x30, 0x1A, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x08, //
    0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, //
    0xA2, 0x03, 0x02, 0x01, 0x20,
];

/// The suite of a signature AlgorithmIdentifier; `None` for an algorithm that is not accepted.
pub(crate) fn suite(identifier: Value<'_>) -> Result<Option<Suite>, NotDer> {
    let mut reader = Reader::new(identifier.content);
    let name = reader.take(tag::OID)?;
    let parameters = if reader.is_empty() { None } else { Some(reader.any()?) };
    reader.finish()?;
    let null = parameters.is_some_and(|value| value.tag == tag::NULL && value.content.is_empty());
    let rsa = |suite| null.then_some(suite);
    let curve = |suite| parameters.is_none().then_some(suite);
    Ok(if name == oid::SHA256_WITH_RSA.as_bytes() {
        rsa(Suite::RsaPkcs1Sha256)
    } else if name == oid::SHA384_WITH_RSA.as_bytes() {
        rsa(Suite::RsaPkcs1Sha384)
    } else if name == oid::SHA512_WITH_RSA.as_bytes() {
        rsa(Suite::RsaPkcs1Sha512)
    } else if name == oid::ECDSA_SHA256.as_bytes() {
        curve(Suite::P256Sha256X509)
    } else if name == oid::ECDSA_SHA384.as_bytes() {
        curve(Suite::P384Sha384X509)
    } else if name == oid::RSA_PSS.as_bytes() {
        parameters
            .is_some_and(|value| {
                value.whole == PSS_SHA256_PARAMETERS || value.whole == PSS_SHA256_PARAMETERS_NULL
            })
            .then_some(Suite::RsaPssSha256)
    } else {
        None
    })
}

/// Writes the AlgorithmIdentifier of a suite. COSE forms name the algorithm of their DER form.
pub(crate) fn put_suite(writer: &mut Writer, suite: Suite) {
    writer.nest(tag::SEQUENCE, |identifier| match suite {
        Suite::RsaPkcs1Sha256 => put_rsa(identifier, oid::SHA256_WITH_RSA),
        Suite::RsaPkcs1Sha384 => put_rsa(identifier, oid::SHA384_WITH_RSA),
        Suite::RsaPkcs1Sha512 => put_rsa(identifier, oid::SHA512_WITH_RSA),
        Suite::RsaPssSha256 => {
            identifier.put(tag::OID, oid::RSA_PSS.as_bytes());
            identifier.raw(&PSS_SHA256_PARAMETERS);
        }
        Suite::P256Sha256Cose | Suite::P256Sha256X509 => {
            identifier.put(tag::OID, oid::ECDSA_SHA256.as_bytes());
        }
        Suite::P384Sha384Cose | Suite::P384Sha384X509 => {
            identifier.put(tag::OID, oid::ECDSA_SHA384.as_bytes());
        }
    });
}

fn put_rsa(identifier: &mut Writer, name: ::der::asn1::ObjectIdentifier) {
    identifier.put(tag::OID, name.as_bytes());
    identifier.put(tag::NULL, &[]);
}
