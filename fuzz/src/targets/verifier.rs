//! The verifier's door: genuine bundles with their parts exchanged, doubled, left out and damaged.
//!
//! Whatever is done to a bundle, no visit is valid that was not, and none says anything else than it did.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jushin_crypto::AwsLc;
use jushin_evidence::{Appraisal, verify};
use jushin_statement::{Bundle, Bytes, Embedded, Evidence, Hash, Object, Signed, Visits};

use crate::input::Input;
use crate::{fixtures, planted};

/// Valid visits of the genuine bundles.
static GENUINE: LazyLock<BTreeMap<Hash, Appraisal>> = LazyLock::new(|| {
    let mut genuine = BTreeMap::new();
    for bundle in &*fixtures::BUNDLES {
        let report = verify(bundle, &fixtures::TRUST, &AwsLc);
        genuine
            .extend(report.visits.into_iter().filter(Appraisal::is_valid).map(|visit| (visit.evid, visit)));
    }
    assert!(genuine.len() >= 2, "the fixtures hold visits that are valid");
    genuine
});

/// Whether this is one of the visits that the fixtures prove.
pub(super) fn is_genuine(evid: Hash) -> bool {
    GENUINE.contains_key(&evid)
}

pub(super) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let bundles = &*fixtures::BUNDLES;
    let mut bundle = bundles[input.below(bundles.len())].clone();
    for _ in 0..12 {
        if input.is_empty() {
            break;
        }
        change(&mut bundle, &bundles[input.below(bundles.len())], &mut input);
    }
    let bytes = bundle.encode();
    // A changed object inside may be none any more: such a bundle has to be refused as bytes.
    let Ok(bundle) = Bundle::decode(&bytes) else { return };
    let report = verify(&bundle, &fixtures::TRUST, &AwsLc);
    for visit in report.visits.iter().filter(|visit| visit.is_valid()) {
        check(visit);
    }
    planted::fault(report.visits.len() >= 3, "a bundle of three visits");
}

fn check(visit: &Appraisal) {
    let genuine = GENUINE.get(&visit.evid);
    let genuine = genuine.unwrap_or_else(|| panic!("a visit that never was is valid: {}", visit.evid));
    let content = |one: &Appraisal| (one.presence.clone(), one.commit.clone(), one.element);
    assert_eq!(content(visit), content(genuine), "a visit says something else");
    assert!(visit.class <= genuine.class && visit.simulated >= genuine.simulated);
}

/// One change: in one of the lists, or in a part of a visit.
fn change(bundle: &mut Bundle, other: &Bundle, input: &mut Input<'_>) {
    match input.below(12) {
        0 => list(&mut bundle.anchors, &other.anchors, input, embedded),
        1 => list(&mut bundle.records, &other.records, input, signed),
        2 => list(&mut bundle.certificates, &other.certificates, input, bytes),
        3 => list(&mut bundle.revocation, &other.revocation, input, bytes),
        4 => list(&mut bundle.bindings, &other.bindings, input, signed),
        5 => list(&mut bundle.results, &other.results, input, signed),
        6 => bundle.proofs.push(Bytes(input.string().to_vec())),
        _ => {
            if let (Visits::Full(visits), Visits::Full(others)) = (&mut bundle.visits, &other.visits) {
                if input.below(3) == 0 {
                    list(visits, others, input, |_, _| ());
                } else if let (Some(visit), Some(other)) = (visits.first_mut(), others.first()) {
                    part(visit, other, input);
                }
            }
        }
    }
}

/// Damages or exchanges a part of a visit.
fn part(visit: &mut Evidence, other: &Evidence, input: &mut Input<'_>) {
    let mut other = other.clone();
    match input.below(8) {
        0 => visit.presence = other.presence,
        1 => (visit.card_alg, visit.card_signature) = (other.card_alg, other.card_signature),
        2 => visit.certificate = other.certificate,
        3 => visit.blind = other.blind,
        4 => visit.commit = other.commit,
        5 => bytes(&mut visit.presence, input),
        6 => signed(&mut visit.commit, input),
        _ => {
            bytes(&mut other.certificate, input);
            visit.certificate = other.certificate;
        }
    }
}

/// Removes, doubles, takes over, exchanges, damages or moves an item.
fn list<T: Clone>(
    items: &mut Vec<T>,
    others: &[T],
    input: &mut Input<'_>,
    damage: impl FnOnce(&mut T, &mut Input<'_>),
) {
    let (what, here, there) = (input.below(6), input.below(items.len()), input.below(others.len()));
    match (what, items.get(here).cloned(), others.get(there).cloned()) {
        (0, Some(_), _) => drop(items.remove(here)),
        (1, Some(item), _) => items.push(item),
        (2, _, Some(other)) => items.push(other),
        (3, Some(_), Some(other)) => items[here] = other,
        (4, Some(_), _) => damage(&mut items[here], input),
        _ => items.reverse(),
    }
}

fn bytes(bytes: &mut Bytes, input: &mut Input<'_>) {
    let at = usize::from(input.short()) % (bytes.len() + 1);
    let end = (at + input.below(9)).min(bytes.len());
    bytes.0.splice(at..end, input.string().iter().copied());
}

fn signed(signed: &mut Signed, input: &mut Input<'_>) {
    bytes(&mut signed.0, input);
}

/// An anchor's bytes, where they are an anchor's still.
fn embedded<T: Object>(object: &mut Embedded<T>, input: &mut Input<'_>) {
    let mut changed = Bytes(object.0.encode());
    bytes(&mut changed, input);
    if let Ok(changed) = T::decode(&changed) {
        object.0 = changed;
    }
}
