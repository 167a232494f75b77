//! Proofs of transparency logs in a bundle (list 8). They say since when something stood where nobody can take it
//! away unseen; status and reasons do not depend on them.

use std::collections::BTreeMap;

use jushin_log::{
    Checkpoint, LoggedProof, LoggedProofError, Note, Opening, VerifierKey, VerifyEd25519, commitment,
    leaf_hash, verify_cosignature,
};
use jushin_statement::{Bundle, Hash};

use crate::{Policy, Report};

/// What the bundle's proofs say of one visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Logged {
    /// The bundle holds no proof.
    None,
    /// None that this verifier can check: the policy has no key of that log.
    Unchecked,
    /// It stands in a log.
    Proven(LogPlace),
    /// The bundle holds proofs under a known log's key, and none of them is of this visit.
    Broken(&'static str),
}

/// Where a visit stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPlace {
    /// Which log.
    pub origin: String,
    /// Index of the entry.
    pub index: u64,
    /// Entries of the log under the signed root.
    pub size: u64,
    /// Witnesses of the policy that cosigned it, and when, in seconds since 1970 by their clocks.
    pub cosigned: BTreeMap<String, u64>,
}

/// A proof whose checkpoint was verified.
struct Checked {
    proof: LoggedProof,
    opening: Opening,
    checkpoint: Checkpoint,
    cosigned: BTreeMap<String, u64>,
}

/// Checks every proof of a bundle: one answer a visit, in the report's order. A proof is of the visit whose evid
/// with the proof's opening makes the entry.
#[must_use]
pub fn logged(bundle: &Bundle, report: &Report, policy: &Policy, crypto: &dyn VerifyEd25519) -> Vec<Logged> {
    if bundle.proofs.is_empty() {
        return vec![Logged::None; report.visits.len()];
    }
    let keys: Vec<VerifierKey> =
        policy.log_keys.iter().filter_map(|text| VerifierKey::parse(text).ok()).collect();
    let (mut checked, mut why) = (Vec::new(), None);
    for text in &bundle.proofs {
        match check(text, &keys, crypto) {
            Ok(Some(proof)) => checked.push(proof),
            Ok(None) => {}
            Err(broken) => why = Some(broken),
        }
    }
    let of = |evid: Hash| {
        let proven =
            checked.iter().filter_map(|one| place(one, evid)).max_by_key(|place| place.cosigned.len());
        match (proven, why) {
            (Some(place), _) => Logged::Proven(place),
            (None, Some(why)) => Logged::Broken(why),
            (None, None) if checked.is_empty() => Logged::Unchecked,
            (None, None) => Logged::Broken("no proof leads from this visit to the signed root"),
        }
    };
    report.visits.iter().map(|visit| of(visit.evid)).collect()
}

/// A proof with its checkpoint verified; nil if the log is none of the policy's.
fn check(
    text: &[u8],
    keys: &[VerifierKey],
    crypto: &dyn VerifyEd25519,
) -> Result<Option<Checked>, &'static str> {
    const NONE: &str = "not a proof of a log";
    let proof =
        LoggedProof::parse(str::from_utf8(text).map_err(|_| NONE)?).map_err(|_: LoggedProofError| NONE)?;
    let note = Note::parse(&proof.checkpoint).map_err(|_| NONE)?;
    let origin = Checkpoint::parse(note.text).map_err(|_| NONE)?.origin;
    let mut own = keys.iter().filter(|key| !key.cosigns() && key.name() == &origin).peekable();
    if own.peek().is_none() {
        return Ok(None);
    }
    let checkpoint = own.find_map(|key| Checkpoint::open(&proof.checkpoint, key, crypto).ok());
    let checkpoint = checkpoint.ok_or("the log did not sign the checkpoint")?;
    let opening = proof.extra.as_deref().and_then(|extra| extra.try_into().ok());
    let opening = Opening(opening.ok_or("the opening is missing")?);
    let cosigned = keys
        .iter()
        .filter_map(|key| verify_cosignature(&note, key, crypto).ok())
        .map(|cosigned| (cosigned.witness.as_str().to_owned(), cosigned.at))
        .collect();
    Ok(Some(Checked { proof, opening, checkpoint, cosigned }))
}

fn place(one: &Checked, evid: Hash) -> Option<LogPlace> {
    let leaf = leaf_hash(&commitment(&one.opening, &evid.0));
    let Checkpoint { origin, size, root } = &one.checkpoint;
    one.proof.inclusion.verify(&leaf, *size, root).ok()?;
    Some(LogPlace {
        origin: origin.as_str().to_owned(),
        index: one.proof.inclusion.index,
        size: *size,
        cosigned: one.cosigned.clone(),
    })
}
