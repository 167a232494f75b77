//! What a leaf must be by itself, before anybody looks who issued it.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::certificate::Certificate;
use crate::extension::Oids;
use crate::oid;

use super::error::PathError;
use super::profile::{ExtendedUse, Profile};
use super::search::check_critical;

pub(super) fn check_leaf(leaf: &Certificate, profile: &Profile) -> Result<(), PathError> {
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
        accepted: profile.policies.iter().map(ToString::to_string).collect(),
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
