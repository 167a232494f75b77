//! Lists and answers by a CA that signs what it should not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use jushin_crypto::AwsLc;
use jushin_pki::der::{Writer, tag};
use jushin_pki::issue::{Issuer, NewExtension};
use jushin_pki::name::Name;
use jushin_pki::revocation::{RevocationError, Status, answer};
use jushin_pki::{Certificate, KeyKind, KeyUsage, ObjectIdentifier, Suite, oid};
use sha2::{Digest as _, Sha256};

use support::{Key, ca_name, template};

const THIS_UPDATE: &[u8] = b"20261101000000Z";
const REVOKED_AT: &[u8] = b"20261001000000Z";

/// A CA whose key is at hand.
struct Authority {
    key: Key,
    certificate: Certificate,
    card: Certificate,
}

impl Authority {
    fn new() -> Self {
        Self::that(KeyUsage::KEY_CERT_SIGN.and(KeyUsage::CRL_SIGN))
    }

    fn that(usage: KeyUsage) -> Self {
        let key = Key::new(KeyKind::P256);
        let extensions = vec![NewExtension::ca(None), NewExtension::key_usage(usage)];
        let template = template(ca_name(), 5, key.key.spki(), extensions);
        let certificate = support::root(KeyKind::P256).issue(&template).unwrap();
        let issuer = Issuer::new(certificate, key.key.clone(), key.suite);
        let card = support::card(&issuer, 2, Key::new(KeyKind::P256).key.spki());
        Self { key, certificate: issuer.certificate().clone(), card }
    }

    /// What stands in CertificateList and in BasicOCSPResponse alike: content, algorithm, signature.
    fn signed(&self, content: impl FnOnce(&mut Writer)) -> Vec<u8> {
        let content = built(|whole| whole.nest(tag::SEQUENCE, content));
        let signature = self.key.key.sign(Suite::P256Sha256X509, &content).unwrap();
        built(|whole| {
            whole.nest(tag::SEQUENCE, |all| {
                all.raw(&content);
                all.nest(tag::SEQUENCE, |algorithm| put_oid(algorithm, &oid::ECDSA_SHA256));
                all.bit_string(&signature);
            });
        })
    }

    fn says(&self, der: &[u8]) -> Result<Status, RevocationError> {
        answer(der, &self.card, &self.certificate, &AwsLc).map(|answer| answer.status)
    }
}

fn built(fill: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::new();
    fill(&mut writer);
    writer.into_bytes()
}

fn put_oid(writer: &mut Writer, oid: &ObjectIdentifier) {
    writer.put(tag::OID, oid.as_bytes());
}

/// An extension that nobody knows.
fn put_unknown(list: &mut Writer, critical: bool) {
    list.nest(tag::SEQUENCE, |extension| {
        put_oid(extension, &"1.2.3.4".parse().unwrap());
        if critical {
            extension.true_();
        }
        extension.put(tag::OCTET_STRING, &[5, 0]);
    });
}

/// A CRL with an entry for another card.
struct List {
    version: u8,
    algorithm: ObjectIdentifier,
    issuer: Vec<u8>,
    critical: bool,
    critical_entry: bool,
}

impl List {
    fn of(authority: &Authority) -> Self {
        Self {
            version: 1,
            algorithm: oid::ECDSA_SHA256,
            issuer: authority.certificate.subject().to_vec(),
            critical: false,
            critical_entry: false,
        }
    }

    fn by(&self, authority: &Authority) -> Vec<u8> {
        authority.signed(|fields| {
            fields.unsigned(&[self.version]);
            fields.nest(tag::SEQUENCE, |algorithm| put_oid(algorithm, &self.algorithm));
            fields.raw(&self.issuer);
            fields.put(tag::UTC_TIME, &THIS_UPDATE[2..]);
            fields.nest(tag::SEQUENCE, |entries| {
                entries.nest(tag::SEQUENCE, |entry| {
                    entry.unsigned(&[9]);
                    entry.put(tag::UTC_TIME, &REVOKED_AT[2..]);
                    entry.nest(tag::SEQUENCE, |list| put_unknown(list, self.critical_entry));
                });
            });
            fields.nest(tag::context_constructed(0), |wrapped| {
                wrapped.nest(tag::SEQUENCE, |list| put_unknown(list, self.critical));
            });
        })
    }
}

fn not_understood(what: &'static str) -> Result<Status, RevocationError> {
    Err(RevocationError::NotUnderstood { what })
}

#[test]
fn a_list_of_another_form_is_refused_by_its_name() {
    let ca = Authority::new();
    let says = |list: List| ca.says(&list.by(&ca));
    assert_eq!(says(List::of(&ca)), Ok(Status::Good));
    assert_eq!(says(List { version: 0, ..List::of(&ca) }), not_understood("CRL version"));
    let second = List { algorithm: oid::ECDSA_SHA384, ..List::of(&ca) };
    assert_eq!(says(second), not_understood("second signature algorithm"));
}

#[test]
fn an_unknown_critical_extension_of_a_list_or_an_entry_is_refused() {
    let ca = Authority::new();
    let says = |list: List| ca.says(&list.by(&ca));
    let list = List { critical: true, ..List::of(&ca) };
    assert_eq!(says(list), not_understood("critical CRL extension"));
    let entry = List { critical_entry: true, ..List::of(&ca) };
    assert_eq!(says(entry), not_understood("critical extension of an entry"));
}

#[test]
fn a_list_under_another_name_speaks_of_others_also_if_the_key_is_the_same() {
    let ca = Authority::new();
    let issuer = Name::new().common_name("another").to_der();
    assert_eq!(ca.says(&List { issuer, ..List::of(&ca) }.by(&ca)), Ok(Status::NotEnrolled));
}

#[test]
fn a_ca_that_may_not_sign_lists_signs_none() {
    let ca = Authority::that(KeyUsage::KEY_CERT_SIGN);
    assert_eq!(ca.certificate.key_usage(), Some(KeyUsage::KEY_CERT_SIGN));
    assert_eq!(ca.says(&List::of(&ca).by(&ca)), Err(RevocationError::Signature));
}

/// An OCSP answer about the card, with these statuses one after the other.
struct Response {
    kind: ObjectIdentifier,
    version: Option<u8>,
    statuses: Vec<Status>,
    critical: bool,
}

impl Response {
    fn good() -> Self {
        Self { kind: oid::OCSP_BASIC, version: None, statuses: vec![Status::Good], critical: false }
    }

    fn by(&self, ca: &Authority) -> Vec<u8> {
        let basic = ca.signed(|data| {
            if let Some(version) = self.version {
                data.nest(tag::context_constructed(0), |wrapped| wrapped.unsigned(&[version]));
            }
            data.nest(tag::context_constructed(1), |name| name.raw(ca.certificate.subject()));
            data.put(tag::GENERALIZED_TIME, THIS_UPDATE);
            data.nest(tag::SEQUENCE, |singles| {
                self.statuses.iter().for_each(|status| self.put_single(singles, ca, status));
            });
        });
        built(|whole| {
            whole.nest(tag::SEQUENCE, |response| {
                response.put(tag::ENUMERATED, &[0]);
                response.nest(tag::context_constructed(0), |wrapped| {
                    wrapped.nest(tag::SEQUENCE, |bytes| {
                        put_oid(bytes, &self.kind);
                        bytes.put(tag::OCTET_STRING, &basic);
                    });
                });
            });
        })
    }

    fn put_single(&self, singles: &mut Writer, ca: &Authority, status: &Status) {
        // The bits of a P-256 key are the last 65 bytes of its SPKI.
        let (_, bits) = ca.certificate.spki().split_last_chunk::<65>().unwrap();
        singles.nest(tag::SEQUENCE, |single| {
            single.nest(tag::SEQUENCE, |id| {
                id.nest(tag::SEQUENCE, |algorithm| put_oid(algorithm, &oid::SHA256));
                id.put(tag::OCTET_STRING, &Sha256::digest(ca.certificate.subject()));
                id.put(tag::OCTET_STRING, &Sha256::digest(bits));
                id.unsigned(ca.card.serial());
            });
            match status {
                Status::Good => single.put(tag::context(0), &[]),
                _ => single.nest(tag::context_constructed(1), |info| {
                    info.put(tag::GENERALIZED_TIME, REVOKED_AT);
                }),
            }
            single.put(tag::GENERALIZED_TIME, THIS_UPDATE);
            single.nest(tag::context_constructed(1), |wrapped| {
                wrapped.nest(tag::SEQUENCE, |list| put_unknown(list, self.critical));
            });
        });
    }
}

#[test]
fn an_answer_of_another_form_is_refused_by_its_name() {
    let ca = Authority::new();
    let says = |response: Response| ca.says(&response.by(&ca));
    assert_eq!(says(Response::good()), Ok(Status::Good));
    let kind = Response { kind: oid::SIGNED_DATA, ..Response::good() };
    assert_eq!(says(kind), not_understood("response type"));
    let version = Response { version: Some(1), ..Response::good() };
    assert_eq!(says(version), not_understood("response version"));
    let critical = Response { critical: true, ..Response::good() };
    assert_eq!(says(critical), not_understood("critical extension of an answer"));
}

#[test]
fn of_two_statements_about_one_card_the_revocation_counts() {
    let ca = Authority::new();
    let at = jushin_pki::Moment::from_utc(2026, 10, 1, 0, 0, 0).unwrap();
    let revoked = Status::Revoked { at, reason: None };
    for statuses in [vec![Status::Good, revoked], vec![revoked, Status::Good]] {
        assert_eq!(ca.says(&Response { statuses, ..Response::good() }.by(&ca)), Ok(revoked));
    }
}
