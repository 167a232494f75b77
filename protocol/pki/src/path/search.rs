//! Finds the path from a leaf to a trust anchor.

use alloc::string::{String, ToString as _};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use ::der::asn1::ObjectIdentifier;

use crate::certificate::Certificate;
use crate::extension::Oids;
use crate::moment::Moment;
use crate::name::Shown;
use crate::oid;
use crate::signature::{Crypto, PublicKey};

use super::anchors::{TrustAnchors, check_ca};
use super::error::PathError;
use super::profile::{ExtendedUse, Profile};

/// When a path must be valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// At one moment.
    At(Moment),
    /// From the first to the last moment, both included.
    Throughout(Moment, Moment),
    /// Whenever: the caller judges [`ValidPath::not_before`] and [`ValidPath::not_after`].
    Unjudged,
}

/// A certificate that is valid for a purpose; made by [`validate`] alone.
#[derive(Clone)]
pub struct ValidPath {
    leaf: Certificate,
    issuer: Certificate,
    anchor: Certificate,
    key: Arc<dyn PublicKey>,
    issuer_key: Arc<dyn PublicKey>,
    not_before: Moment,
    not_after: Moment,
}

impl ValidPath {
    /// The certificate that was judged.
    #[must_use]
    pub const fn leaf(&self) -> &Certificate {
        &self.leaf
    }

    /// The certificate of the leaf's issuer.
    #[must_use]
    pub const fn issuer(&self) -> &Certificate {
        &self.issuer
    }

    /// The trust anchor on which the path ends.
    #[must_use]
    pub const fn anchor(&self) -> &Certificate {
        &self.anchor
    }

    /// The leaf's key, parsed.
    #[must_use]
    pub fn key(&self) -> &Arc<dyn PublicKey> {
        &self.key
    }

    /// The key of the leaf's issuer, parsed.
    #[must_use]
    pub fn issuer_key(&self) -> &Arc<dyn PublicKey> {
        &self.issuer_key
    }

    /// First moment at which every certificate of the path is valid.
    #[must_use]
    pub const fn not_before(&self) -> Moment {
        self.not_before
    }

    /// Last second at which every certificate of the path is valid.
    #[must_use]
    pub const fn not_after(&self) -> Moment {
        self.not_after
    }
}

impl fmt::Debug for ValidPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ValidPath")
            .field("leaf", &self.leaf)
            .field("issuer", &self.issuer)
            .field("anchor", &self.anchor)
            .finish_non_exhaustive()
    }
}

/// Judges one certificate for one purpose.
///
/// `others` are CA certificates that may stand between it and a trust anchor, in any order. Issuers are
/// matched by name (byte for byte) and key id, and decided by signature. The trust anchor's own validity
/// counts too.
///
/// # Errors
///
/// [`PathError`]; what the leaf itself lacks is reported before what the path lacks.
pub fn validate(
    leaf: &Certificate,
    others: &[Certificate],
    anchors: &TrustAnchors,
    profile: &Profile,
    as_of: AsOf,
    crypto: &dyn Crypto,
) -> Result<ValidPath, PathError> {
    check_leaf(leaf, profile)?;
    check_time(leaf, as_of)?;
    let mut search = Search { others, anchors, as_of, crypto, above: Vec::new() };
    let issuer_key = search.up(leaf, profile.intermediates)?;
    let above = search.above;
    let (Some(issuer), Some(anchor)) = (above.first(), above.last()) else {
        return Err(PathError::Signature { tried: 0 });
    };
    let latest = |latest: Moment, ca: &Certificate| latest.max(ca.not_before());
    let earliest = |earliest: Moment, ca: &Certificate| earliest.min(ca.not_after());
    Ok(ValidPath {
        key: crypto.public_key(leaf.spki())?,
        issuer_key,
        not_before: above.iter().fold(leaf.not_before(), latest),
        not_after: above.iter().fold(leaf.not_after(), earliest),
        leaf: leaf.clone(),
        issuer: issuer.clone(),
        anchor: anchor.clone(),
    })
}

struct Search<'a> {
    others: &'a [Certificate],
    anchors: &'a TrustAnchors,
    as_of: AsOf,
    crypto: &'a dyn Crypto,
    /// The leaf's issuer first, the trust anchor last.
    above: Vec<Certificate>,
}

impl Search<'_> {
    /// Extends the chain from its last certificate to a trust anchor; gives the key of its issuer.
    ///
    /// The first CA whose key made the signature is followed and no other, so that a heap of certificates
    /// costs one check each.
    fn up(&mut self, certificate: &Certificate, left: usize) -> Result<Arc<dyn PublicKey>, PathError> {
        let below = self.above.len();
        let mut tried = 0;
        for anchor in self.anchors.iter().filter(|anchor| may_issue(anchor.certificate(), certificate)) {
            if certificate.signed_by(anchor.key()).is_ok() {
                check_issuer(anchor.certificate(), self.as_of, below)?;
                self.above.push(anchor.certificate().clone());
                return Ok(anchor.shared_key());
            }
            tried += 1;
        }
        for other in self.others.iter().filter(|other| may_issue(other, certificate)) {
            if self.above.contains(other) {
                continue;
            }
            let key = self.crypto.public_key(other.spki())?;
            if certificate.signed_by(key.as_ref()).is_ok() {
                if left == 0 {
                    return Err(PathError::PathLength { found: below + 1, allowed: below });
                }
                check_issuer(other, self.as_of, below)?;
                self.above.push(other.clone());
                self.up(other, left - 1)?;
                return Ok(key);
            }
            tried += 1;
        }
        match tried {
            0 => Err(PathError::NoIssuer {
                issuer: Shown(certificate.issuer()).to_string(),
                anchors: self.anchors.len(),
            }),
            tried => Err(PathError::Signature { tried }),
        }
    }
}

/// Whether name and key id allow `issuer` to have signed `certificate`; the signature decides.
fn may_issue(issuer: &Certificate, certificate: &Certificate) -> bool {
    issuer.subject() == certificate.issuer()
        && match (certificate.authority_key_id(), issuer.subject_key_id()) {
            (Some(named), Some(own)) => named == own,
            _ => true,
        }
}

fn check_issuer(issuer: &Certificate, as_of: AsOf, below: usize) -> Result<(), PathError> {
    check_ca(issuer)?;
    check_time(issuer, as_of)?;
    check_critical(issuer, |found| CA_EXTENSIONS.iter().any(|known| known.as_bytes() == found))?;
    match issuer.basic_constraints().and_then(|constraints| constraints.path_length) {
        Some(allowed) if u64::try_from(below).unwrap_or(u64::MAX) > allowed => Err(PathError::PathLength {
            found: below,
            allowed: usize::try_from(allowed).unwrap_or(usize::MAX),
        }),
        _ => Ok(()),
    }
}

/// Critical extensions that are understood in a CA's certificate.
const CA_EXTENSIONS: [ObjectIdentifier; 3] =
    [oid::KEY_USAGE, oid::BASIC_CONSTRAINTS, oid::CERTIFICATE_POLICIES];

fn check_leaf(leaf: &Certificate, profile: &Profile) -> Result<(), PathError> {
    if leaf.basic_constraints().is_some_and(|constraints| constraints.ca) {
        return Err(PathError::IsACa);
    }
    check_critical(leaf, |found| {
        found == oid::KEY_USAGE.as_bytes()
            || found == oid::BASIC_CONSTRAINTS.as_bytes()
            || (found == oid::EXTENDED_KEY_USAGE.as_bytes() && profile.extended_use != ExtendedUse::Any)
            || (found == oid::CERTIFICATE_POLICIES.as_bytes() && !profile.policies.is_empty())
    })?;
    check_policies(leaf, profile)?;
    check_key_usage(leaf, profile)?;
    check_extended_use(leaf, profile)?;
    match profile.required_extension {
        Some(oid) if leaf.extension(&oid).is_none() => {
            Err(PathError::MissingExtension { oid: oid.to_string() })
        }
        _ => Ok(()),
    }
}

fn check_time(certificate: &Certificate, as_of: AsOf) -> Result<(), PathError> {
    let (first, last) = match as_of {
        AsOf::At(at) => (at, at),
        AsOf::Throughout(first, last) => (first, last),
        AsOf::Unjudged => return Ok(()),
    };
    let (not_before, not_after) = (certificate.not_before(), certificate.not_after());
    if first < not_before {
        return Err(PathError::NotYetValid { not_before, at: first });
    }
    // The last second belongs to it whole.
    if last >= not_after.plus_millis(1_000) {
        return Err(PathError::Expired { not_after, at: last });
    }
    Ok(())
}

fn check_critical(certificate: &Certificate, understood: impl Fn(&[u8]) -> bool) -> Result<(), PathError> {
    for extension in certificate.extensions().filter(|extension| extension.critical) {
        if !understood(extension.oid) {
            return Err(PathError::UnknownCriticalExtension { oid: oid::dotted(extension.oid) });
        }
    }
    Ok(())
}

fn check_policies(leaf: &Certificate, profile: &Profile) -> Result<(), PathError> {
    let found = leaf.policies();
    let refused = found.is_some_and(|mut found| {
        found.any(|policy| profile.refused_policy_arcs.iter().any(|arc| under(policy, arc.as_bytes())))
    });
    let accepted = profile.policies.is_empty()
        || found.is_some_and(|mut found| {
            found.any(|policy| profile.policies.iter().any(|one| one.as_bytes() == policy))
        });
    if accepted && !refused {
        return Ok(());
    }
    Err(PathError::Policy {
        found: all_shown(found),
        accepted: profile.policies.iter().map(ObjectIdentifier::to_string).collect(),
    })
}

/// Whether a policy is the arc or lies under it. Arcs end where an encoded component ends.
fn under(policy: &[u8], arc: &[u8]) -> bool {
    policy.starts_with(arc)
}

fn check_key_usage(leaf: &Certificate, profile: &Profile) -> Result<(), PathError> {
    let rule = profile.key_usage;
    let found = leaf.key_usage();
    let fits = match found {
        Some(usage) => usage.intersects(rule.any_of) && !usage.intersects(rule.none_of),
        None => rule.may_be_absent,
    };
    if fits { Ok(()) } else { Err(PathError::KeyUsage { found, any_of: rule.any_of, none_of: rule.none_of }) }
}

fn check_extended_use(leaf: &Certificate, profile: &Profile) -> Result<(), PathError> {
    let found = leaf.extended_key_usage();
    let critical = leaf.extension(&oid::EXTENDED_KEY_USAGE).is_some_and(|extension| extension.critical);
    let (fits, needed) = match profile.extended_use {
        ExtendedUse::Any => return Ok(()),
        ExtendedUse::Allows(needed) => (found.is_none_or(|found| found.contains(&needed)), needed),
        ExtendedUse::Includes(needed) => (found.is_some_and(|found| found.contains(&needed)), needed),
        ExtendedUse::OnlyCritical(needed) => {
            (critical && found.is_some_and(|found| found.eq([needed.as_bytes()])), needed)
        }
    };
    if fits {
        Ok(())
    } else {
        Err(PathError::ExtendedKeyUsage { found: all_shown(found), critical, needed: needed.to_string() })
    }
}

fn all_shown(oids: Option<Oids<'_>>) -> Vec<String> {
    oids.into_iter().flatten().map(oid::dotted).collect()
}
