//! What a certificate must be for one purpose, as data.

use alloc::vec;
use alloc::vec::Vec;

use ::der::asn1::ObjectIdentifier;

use crate::extension::KeyUsage;
use crate::oid;

/// What key usage a leaf must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUsageRule {
    /// Of these at least one.
    pub any_of: KeyUsage,
    /// Of these none.
    pub none_of: KeyUsage,
    /// Whether the extension may be absent.
    pub may_be_absent: bool,
}

/// What extended key usage a leaf must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtendedUse {
    /// Any or none.
    Any,
    /// This one, if the extension is there.
    Allows(ObjectIdentifier),
    /// This one at least.
    Includes(ObjectIdentifier),
    /// This one alone, in a critical extension (RFC 3161 §2.3).
    OnlyCritical(ObjectIdentifier),
}

/// What a certificate must be for one purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The purpose in words.
    pub name: &'static str,
    /// Policies of which the leaf must state at least one; empty if policies do not matter.
    pub policies: Vec<ObjectIdentifier>,
    /// A leaf with a policy under one of these arcs is refused.
    pub refused_policy_arcs: Vec<ObjectIdentifier>,
    /// Key usage of the leaf.
    pub key_usage: KeyUsageRule,
    /// Extended key usage of the leaf.
    pub extended_use: ExtendedUse,
    /// An extension that the leaf must have.
    pub required_extension: Option<ObjectIdentifier>,
    /// How many CAs may stand between leaf and trust anchor.
    pub intermediates: usize,
}

const SIGNS: KeyUsageRule = KeyUsageRule {
    any_of: KeyUsage::DIGITAL_SIGNATURE,
    none_of: KeyUsage::KEY_CERT_SIGN.and(KeyUsage::CRL_SIGN),
    may_be_absent: false,
};

const SIGNS_BUT_NOT_FOR_GOOD: KeyUsageRule =
    KeyUsageRule { none_of: SIGNS.none_of.and(KeyUsage::NON_REPUDIATION), ..SIGNS };

impl Profile {
    /// A user authentication certificate of JPKI, production or test, directly under its root.
    #[must_use]
    pub fn jpki_user_authentication() -> Self {
        Self {
            name: "JPKI user authentication",
            policies: vec![oid::JPKI_USER_AUTHENTICATION, oid::JPKI_USER_AUTHENTICATION_TEST],
            refused_policy_arcs: Vec::new(),
            key_usage: SIGNS_BUT_NOT_FOR_GOOD,
            extended_use: ExtendedUse::Allows(oid::CLIENT_AUTH),
            required_extension: None,
            intermediates: 0,
        }
    }

    /// An authentication certificate of HPKI. Its sibling for signing is refused: its signatures bind the holder.
    #[must_use]
    pub fn hpki_authentication() -> Self {
        Self {
            name: "HPKI authentication",
            policies: vec![oid::HPKI_AUTHENTICATION],
            refused_policy_arcs: vec![oid::HPKI_SIGNING_ARC],
            key_usage: SIGNS_BUT_NOT_FOR_GOOD,
            extended_use: ExtendedUse::Any,
            required_extension: None,
            intermediates: 1,
        }
    }

    /// An element's certificate, which says what the element is.
    #[must_use]
    pub fn element() -> Self {
        Self { name: "element", required_extension: Some(oid::ELEMENT), ..Self::platform() }
    }

    /// A time-stamping authority's certificate (RFC 3161 §2.3).
    #[must_use]
    pub fn time_stamping() -> Self {
        Self {
            name: "time-stamping authority",
            key_usage: KeyUsageRule {
                any_of: KeyUsage::DIGITAL_SIGNATURE.and(KeyUsage::NON_REPUDIATION),
                may_be_absent: true,
                ..SIGNS
            },
            extended_use: ExtendedUse::OnlyCritical(oid::TIME_STAMPING),
            intermediates: 2,
            ..Self::platform()
        }
    }

    /// An OCSP responder's certificate, directly under the CA for which it answers (RFC 6960 §4.2.2.2).
    #[must_use]
    pub fn ocsp_responder() -> Self {
        Self {
            name: "OCSP responder",
            key_usage: KeyUsageRule { may_be_absent: true, ..SIGNS },
            extended_use: ExtendedUse::Includes(oid::OCSP_SIGNING),
            ..Self::platform()
        }
    }

    /// A signing certificate of the platform or a service, directly under its root.
    #[must_use]
    pub fn platform() -> Self {
        Self {
            name: "platform",
            policies: Vec::new(),
            refused_policy_arcs: Vec::new(),
            key_usage: SIGNS,
            extended_use: ExtendedUse::Any,
            required_extension: None,
            intermediates: 0,
        }
    }

    /// Accepts one more policy, such as that of simulated cards.
    #[must_use]
    pub fn with_policy(mut self, policy: ObjectIdentifier) -> Self {
        self.policies.push(policy);
        self
    }
}
