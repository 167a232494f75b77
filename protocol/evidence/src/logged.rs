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

/// Checks every proof of a bundle once: one answer a visit, in the report's order. A proof names the visit that it is
/// of, and counts if the visit's evid with the proof's opening makes the entry.
#[must_use]
pub fn logged(bundle: &Bundle, report: &Report, policy: &Policy, crypto: &dyn VerifyEd25519) -> Vec<Logged> {
    if bundle.proofs.is_empty() {
        return vec![Logged::None; report.visits.len()];
    }
    let keys: Vec<VerifierKey> =
        policy.log_keys.iter().filter_map(|text| VerifierKey::parse(text).ok()).collect();
    let (mut places, mut known, mut why) = (BTreeMap::<Hash, LogPlace>::new(), false, None);
    for text in &bundle.proofs {
        match check(text, &keys, crypto) {
            Ok(Found::OtherLog) => {}
            Ok(Found::Nowhere) => known = true,
            Ok(Found::At(content, place)) => {
                known = true;
                let better = |kept: &LogPlace| kept.cosigned.len() >= place.cosigned.len();
                if !places.get(&content).is_some_and(better) {
                    places.insert(content, place);
                }
            }
            Err(broken) => why = Some(broken),
        }
    }
    let of = |evid: Hash| match (places.get(&evid), why) {
        (Some(place), _) => Logged::Proven(place.clone()),
        (None, Some(why)) => Logged::Broken(why),
        (None, None) if !known => Logged::Unchecked,
        (None, None) => Logged::Broken("no proof leads from this visit to the signed root"),
    };
    report.visits.iter().map(|visit| of(visit.evid)).collect()
}

/// What one proof says.
enum Found {
    /// The log is none of the policy's.
    OtherLog,
    /// Its path leads elsewhere.
    Nowhere,
    /// What it is of, and where that stands.
    At(Hash, LogPlace),
}

/// Checkpoint, opening and path of one proof.
fn check(text: &[u8], keys: &[VerifierKey], crypto: &dyn VerifyEd25519) -> Result<Found, &'static str> {
    const NONE: &str = "not a proof of a log";
    let proof =
        LoggedProof::parse(str::from_utf8(text).map_err(|_| NONE)?).map_err(|_: LoggedProofError| NONE)?;
    let note = Note::parse(&proof.checkpoint).map_err(|_| NONE)?;
    let origin = Checkpoint::parse(note.text).map_err(|_| NONE)?.origin;
    let mut own = keys.iter().filter(|key| !key.cosigns() && key.name() == &origin).peekable();
    if own.peek().is_none() {
        return Ok(Found::OtherLog);
    }
    let checkpoint = own.find_map(|key| Checkpoint::open(&proof.checkpoint, key, crypto).ok());
    let checkpoint = checkpoint.ok_or("the log did not sign the checkpoint")?;
    let extra = proof.extra.as_deref().and_then(Opening::from_extra);
    let (opening, content) = extra.ok_or("the opening is missing")?;
    let leaf = leaf_hash(&commitment(&opening, &content));
    if proof.inclusion.verify(&leaf, checkpoint.size, &checkpoint.root).is_err() {
        return Ok(Found::Nowhere);
    }
    let cosigned = keys
        .iter()
        .filter_map(|key| verify_cosignature(&note, key, crypto).ok())
        .map(|cosigned| (cosigned.witness.as_str().to_owned(), cosigned.at))
        .collect();
    let origin = origin.as_str().to_owned();
    let place = LogPlace { origin, index: proof.inclusion.index, size: checkpoint.size, cosigned };
    Ok(Found::At(Hash(content), place))
}
