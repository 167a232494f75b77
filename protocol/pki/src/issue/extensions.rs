//! Extensions to be written.

use alloc::vec::Vec;

use ::der::asn1::ObjectIdentifier;
use sha2::{Digest as _, Sha256};

use crate::certificate::Certificate;
use crate::der::{Writer, tag};
use crate::extension::KeyUsage;
use crate::name::Name;
use crate::oid;

/// One extension to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewExtension {
    /// Which.
    pub oid: ObjectIdentifier,
    /// Whether whoever does not understand it must refuse the certificate.
    pub critical: bool,
    /// Content of its OCTET STRING.
    pub value: Vec<u8>,
}

impl NewExtension {
    /// Any extension.
    #[must_use]
    pub const fn new(oid: ObjectIdentifier, critical: bool, value: Vec<u8>) -> Self {
        Self { oid, critical, value }
    }

    /// Critical basic constraints of a CA.
    #[must_use]
    pub fn ca(path_length: Option<u8>) -> Self {
        Self::build(oid::BASIC_CONSTRAINTS, true, |value| {
            value.nest(tag::SEQUENCE, |constraints| {
                constraints.true_();
                if let Some(path_length) = path_length {
                    constraints.unsigned(&[path_length]);
                }
            });
        })
    }

    /// Critical key usage.
    #[must_use]
    pub fn key_usage(usage: KeyUsage) -> Self {
        Self::build(oid::KEY_USAGE, true, |value| {
            let [high, low] = usage.bits().to_be_bytes();
            let content = match (high, low) {
                (high, 0) => alloc::vec![unused_bits(high), high],
                (high, low) => alloc::vec![unused_bits(low), high, low],
            };
            value.put(tag::BIT_STRING, &content);
        })
    }

    /// Extended key usage.
    #[must_use]
    pub fn extended_key_usage(purposes: &[ObjectIdentifier], critical: bool) -> Self {
        Self::build(oid::EXTENDED_KEY_USAGE, critical, |value| {
            value.nest(tag::SEQUENCE, |list| {
                for purpose in purposes {
                    list.put(tag::OID, purpose.as_bytes());
                }
            });
        })
    }

    /// Critical certificate policies.
    #[must_use]
    pub fn policies(policies: &[ObjectIdentifier]) -> Self {
        Self::build(oid::CERTIFICATE_POLICIES, true, |value| {
            value.nest(tag::SEQUENCE, |list| {
                for policy in policies {
                    list.nest(tag::SEQUENCE, |information| information.put(tag::OID, policy.as_bytes()));
                }
            });
        })
    }

    /// Issuer alternative name: a directory name.
    #[must_use]
    pub fn issuer_alt_name(name: &Name) -> Self {
        Self::build(oid::ISSUER_ALT_NAME, false, |value| {
            value.nest(tag::SEQUENCE, |names| {
                names.nest(tag::context_constructed(4), |one| one.raw(&name.to_der()))
            });
        })
    }

    /// Subject alternative name: DNS names.
    #[must_use]
    pub fn dns_names(names: &[&str]) -> Self {
        Self::build(oid::SUBJECT_ALT_NAME, false, |value| {
            value.nest(tag::SEQUENCE, |list| {
                for name in names {
                    list.put(tag::context(2), name.as_bytes());
                }
            });
        })
    }

    /// CRL distribution point: a directory name.
    #[must_use]
    pub fn crl_distribution_point(name: &Name) -> Self {
        Self::build(oid::CRL_DISTRIBUTION_POINTS, false, |value| {
            value.nest(tag::SEQUENCE, |points| {
                points.nest(tag::SEQUENCE, |point| {
                    point.nest(tag::context_constructed(0), |point_name| {
                        point_name.nest(tag::context_constructed(0), |full_name| {
                            full_name.nest(tag::context_constructed(4), |one| one.raw(&name.to_der()));
                        });
                    });
                });
            });
        })
    }

    /// Where the OCSP responder answers.
    #[must_use]
    pub fn ocsp(url: &str) -> Self {
        Self::build(oid::AUTHORITY_INFO_ACCESS, false, |value| {
            value.nest(tag::SEQUENCE, |list| {
                list.nest(tag::SEQUENCE, |access| {
                    access.put(tag::OID, oid::OCSP.as_bytes());
                    access.put(tag::context(6), url.as_bytes());
                });
            });
        })
    }

    /// The status of an OCSP responder's own certificate need not be asked (RFC 6960 §4.2.2.2.1).
    #[must_use]
    pub fn ocsp_no_check() -> Self {
        Self::build(oid::OCSP_NO_CHECK, false, |value| value.put(tag::NULL, &[]))
    }

    pub(super) fn subject_key_id(spki: &[u8]) -> Self {
        Self::build(oid::SUBJECT_KEY_ID, false, |value| value.put(tag::OCTET_STRING, &key_id(spki)))
    }

    /// Key id, issuer and serial of the issuing certificate, as JPKI writes it.
    pub(super) fn authority_key_id(issuer: &Certificate) -> Self {
        Self::build(oid::AUTHORITY_KEY_ID, false, |value| {
            value.nest(tag::SEQUENCE, |identifier| {
                if let Some(key_id) = issuer.subject_key_id() {
                    identifier.put(tag::context(0), key_id);
                }
                identifier.nest(tag::context_constructed(1), |names| {
                    names.nest(tag::context_constructed(4), |name| name.raw(issuer.issuer()));
                });
                let mut serial = Writer::new();
                serial.unsigned(issuer.serial());
                // [2] IMPLICIT: the INTEGER's content under another tag.
                if let Ok(content) = crate::der::Reader::new(&serial.into_bytes()).take(tag::INTEGER) {
                    identifier.put(tag::context(2), content);
                }
            });
        })
    }

    pub(super) fn own_authority_key_id(spki: &[u8]) -> Self {
        Self::build(oid::AUTHORITY_KEY_ID, false, |value| {
            value.nest(tag::SEQUENCE, |identifier| identifier.put(tag::context(0), &key_id(spki)));
        })
    }

    pub(super) fn put(&self, list: &mut Writer) {
        list.nest(tag::SEQUENCE, |extension| {
            extension.put(tag::OID, self.oid.as_bytes());
            if self.critical {
                extension.true_();
            }
            extension.put(tag::OCTET_STRING, &self.value);
        });
    }

    pub(super) fn build(oid: ObjectIdentifier, critical: bool, fill: impl FnOnce(&mut Writer)) -> Self {
        let mut value = Writer::new();
        fill(&mut value);
        Self { oid, critical, value: value.into_bytes() }
    }
}

fn unused_bits(last: u8) -> u8 {
    // At most eight.
    u8::try_from(last.trailing_zeros()).unwrap_or(0) & 7
}

/// Names a key: the leftmost 160 bits of SHA-256 over the SubjectPublicKeyInfo (RFC 7093 §2, method 4).
fn key_id(spki: &[u8]) -> Vec<u8> {
    Sha256::digest(spki).iter().take(20).copied().collect()
}
