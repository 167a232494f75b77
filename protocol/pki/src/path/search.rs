//! Finds the path from a leaf to a trust anchor.

use alloc::string::ToString as _;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use ::der::asn1::ObjectIdentifier;

use crate::certificate::Certificate;
use crate::moment::Moment;
use crate::name::Shown;
use crate::oid;
use crate::signature::{Crypto, PublicKey};

use super::anchors::{TrustAnchors, check_ca};
use super::error::PathError;
use super::leaf::check_leaf;
use super::profile::Profile;

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

    /// Judges the dates of a path that was validated for [`AsOf::Unjudged`]: the leaf's first, as
    /// [`validate`] does.
    ///
    /// # Errors
    ///
    /// [`PathError::NotYetValid`] or [`PathError::Expired`].
    pub fn check_time(&self, as_of: AsOf) -> Result<(), PathError> {
        check_time(&self.leaf, as_of)?;
        check_dates(self.not_before, self.not_after, as_of)
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
    let above = Search::new(anchors, others).above(leaf, profile.intermediates, as_of, crypto)?;
    let (Some(issuer), Some(anchor)) = (above.first(), above.last()) else {
        return Err(PathError::Signature { tried: 0 });
    };
    let latest = |latest: Moment, ca: &Authority<'_>| latest.max(ca.certificate.not_before());
    let earliest = |earliest: Moment, ca: &Authority<'_>| earliest.min(ca.certificate.not_after());
    Ok(ValidPath {
        key: crypto.public_key(leaf.spki())?,
        issuer_key: Arc::clone(&issuer.key),
        not_before: above.iter().fold(leaf.not_before(), latest),
        not_after: above.iter().fold(leaf.not_after(), earliest),
        leaf: leaf.clone(),
        issuer: issuer.certificate.clone(),
        anchor: anchor.certificate.clone(),
    })
}

/// A CA whose certificate leads up to a trust anchor.
#[derive(Clone)]
struct Authority<'a> {
    certificate: &'a Certificate,
    key: Arc<dyn PublicKey>,
    /// Place of its issuer; `None` for a trust anchor.
    issuer: Option<usize>,
}

/// Goes down from the trust anchors, level by level.
///
/// Anybody can put a certificate beside the real one that carries a CA's name and even its key. Seen from
/// below it looks like the CA; from above it is never reached, and costs one check.
struct Search<'a> {
    /// All that were reached, level by level.
    reached: Vec<Authority<'a>>,
    /// Where the lowest level begins.
    level: usize,
    /// Certificates that were not reached, each once.
    others: Vec<&'a Certificate>,
}

impl<'a> Search<'a> {
    fn new(anchors: &'a TrustAnchors, others: &'a [Certificate]) -> Self {
        let reached = anchors
            .iter()
            .map(|anchor| Authority {
                certificate: anchor.certificate(),
                key: anchor.shared_key(),
                issuer: None,
            })
            .collect();
        let mut others: Vec<&Certificate> = others.iter().collect();
        others.sort_by(|one, two| one.der().cmp(two.der()));
        others.dedup();
        Self { reached, level: 0, others }
    }

    /// The CAs above `leaf`, its issuer first, the trust anchor last. Of several ways the first that holds
    /// counts, and of several errors the first.
    fn above(
        mut self,
        leaf: &Certificate,
        intermediates: usize,
        as_of: AsOf,
        crypto: &dyn Crypto,
    ) -> Result<Vec<Authority<'a>>, PathError> {
        let (anchors, mut tried, mut refused) = (self.reached.len(), 0, None);
        for between in 0.. {
            for authority in self.lowest().iter().filter(|one| may_issue(one.certificate, leaf)) {
                if leaf.signed_by(authority.key.as_ref()).is_err() {
                    tried += 1;
                    continue;
                }
                let found = if between > intermediates {
                    Err(PathError::PathLength { found: between, allowed: intermediates })
                } else {
                    self.checked_up(authority, as_of)
                };
                match found {
                    Ok(above) => return Ok(above),
                    Err(why) => refused = refused.or(Some(why)),
                }
            }
            if refused.is_some() || between > intermediates || !self.descend(crypto) {
                break;
            }
        }
        Err(refused.unwrap_or_else(|| match tried {
            0 => PathError::NoIssuer { issuer: Shown(leaf.issuer()).to_string(), anchors },
            tried => PathError::Signature { tried },
        }))
    }

    fn lowest(&self) -> &[Authority<'a>] {
        self.reached.get(self.level..).unwrap_or_default()
    }

    /// Adds what the CAs of the lowest level have issued; whether there is any such.
    fn descend(&mut self, crypto: &dyn Crypto) -> bool {
        let (level, below) = (self.level, self.reached.len());
        let mut found = Vec::new();
        for other in &self.others {
            let issues = |authority: &Authority<'_>| {
                check_ca(authority.certificate).is_ok()
                    && may_issue(authority.certificate, other)
                    && other.signed_by(authority.key.as_ref()).is_ok()
            };
            if let Some(place) = self.lowest().iter().position(issues)
                && let Ok(key) = crypto.public_key(other.spki())
            {
                found.push(Authority { certificate: other, key, issuer: Some(level + place) });
            }
        }
        self.others.retain(|other| found.iter().all(|one| one.certificate != *other));
        self.level = below;
        self.reached.extend(found);
        self.reached.len() > below
    }

    /// The way up from `authority`, with every CA on it checked.
    fn checked_up(&self, authority: &Authority<'a>, as_of: AsOf) -> Result<Vec<Authority<'a>>, PathError> {
        let mut above = Vec::new();
        let mut next = Some(authority);
        while let Some(authority) = next {
            check_issuer(authority.certificate, as_of, above.len())?;
            above.push(authority.clone());
            next = authority.issuer.and_then(|place| self.reached.get(place));
        }
        Ok(above)
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

fn check_time(certificate: &Certificate, as_of: AsOf) -> Result<(), PathError> {
    check_dates(certificate.not_before(), certificate.not_after(), as_of)
}

fn check_dates(not_before: Moment, not_after: Moment, as_of: AsOf) -> Result<(), PathError> {
    let (first, last) = match as_of {
        AsOf::At(at) => (at, at),
        AsOf::Throughout(first, last) => (first, last),
        AsOf::Unjudged => return Ok(()),
    };
    if first < not_before {
        return Err(PathError::NotYetValid { not_before, at: first });
    }
    // The last second belongs to it whole.
    if last >= not_after.plus_millis(1_000) {
        return Err(PathError::Expired { not_after, at: last });
    }
    Ok(())
}

pub(super) fn check_critical(
    certificate: &Certificate,
    understood: impl Fn(&[u8]) -> bool,
) -> Result<(), PathError> {
    for extension in certificate.extensions().filter(|extension| extension.critical) {
        if !understood(extension.oid) {
            return Err(PathError::UnknownCriticalExtension { oid: oid::dotted(extension.oid) });
        }
    }
    Ok(())
}
