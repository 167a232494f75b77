//! What is at hand about a visit, and what the verifier says of it.

use jushin_evidence::Appraisal;
use jushin_statement::{
    Anchor, Bytes, Embedded, Evidence, Hash, Id16, Object as _, Presence, Signed, Status, UnixMillis, Verdict,
};

use crate::authority::KeyName;
use crate::enrolment::find_element;
use crate::platform::Platform;
use crate::records::{claims, records_between};
use crate::refusal::Refusal;
use crate::store::rows::{
    AnchorRow, BindingRow, ElementKeyRow, OpenRow, RevocationRow, UnlockRow, VerdictRow, VisitRow,
    counter_of, key,
};
use crate::store::{Scan, Table, Transaction};
use crate::verify::unverified;

/// How many anchors on either side of a visit are looked at.
const ANCHORS: usize = 8;

/// How many, if what is needed is not among those: a terminal that was unlocked offline, or has closed its
/// chain, many times in a row.
const FAR_ANCHORS: usize = 2_048;

/// How many counter values on either side of a visit are looked at.
const NEIGHBOURS: u64 = 4;

/// Everything at hand about the visits around one counter value.
pub(crate) struct Material {
    pub(crate) anchors: Vec<Embedded<Anchor>>,
    pub(crate) records: Vec<Signed>,
    pub(crate) certificates: Vec<Bytes>,
    /// About the patient's card: for full bundles only.
    pub(crate) revocation: Vec<Bytes>,
    /// About the administrator's card that made the unlock which the visit names.
    pub(crate) unlock_revocation: Vec<Bytes>,
    pub(crate) bindings: Vec<Signed>,
}

impl Material {
    /// Collects it for a visit.
    pub(crate) fn collect(
        tx: &mut (dyn Transaction + '_),
        presence: &Presence,
        evid: Hash,
    ) -> Result<Self, Refusal> {
        let Presence { element, counter, anchor, .. } = *presence;
        let row = find_element(tx, element)?;
        let mut certificates = vec![row.certificate];
        certificates.extend(tx.find::<ElementKeyRow>(&key(&[&element]))?.map(|row| row.certificate));
        let anchors = anchors_around(tx, element, counter)?;
        let mut records = records_between(
            tx,
            element,
            counter.saturating_sub(NEIGHBOURS),
            counter.saturating_add(1 + NEIGHBOURS),
        )?;
        records.retain(|record| !anchors.iter().any(|anchor| holds(&anchor.0, record)));
        let (revocation, _) = responses(tx, evid)?;
        let (mut unlock_revocation, asked) = responses(tx, anchor)?;
        // A card can be stopped between unlock and visit: what was answered before the visit came is no
        // answer about it, even if its window still reaches as far back.
        let came = tx.find::<VisitRow>(&key(&[&evid]))?.map(|row| row.at);
        if asked < came {
            unlock_revocation.clear();
        }
        let bindings = tx.list::<BindingRow>(Scan::all(&key(&[&element])))?;
        Ok(Self {
            anchors,
            records,
            certificates,
            revocation,
            unlock_revocation,
            bindings: bindings.into_iter().map(|(_, row)| row.signed).collect(),
        })
    }

    /// All revocation data, once.
    pub(crate) fn all_revocation(&self) -> Vec<Bytes> {
        let mut all = [self.revocation.clone(), self.unlock_revocation.clone()].concat();
        all.sort();
        all.dedup();
        all
    }

    fn view<'m>(&'m self, revocation: &'m [Bytes]) -> jushin_evidence::Material<'m> {
        jushin_evidence::Material {
            anchors: &self.anchors,
            records: &self.records,
            certificates: &self.certificates,
            revocation,
            bindings: &self.bindings,
            results: &[],
        }
    }
}

/// OCSP responses that were kept about a card, and when the newest of them came.
fn responses(
    tx: &mut (dyn Transaction + '_),
    about: Hash,
) -> Result<(Vec<Bytes>, Option<UnixMillis>), Refusal> {
    let rows = tx.list::<RevocationRow>(Scan::all(&key(&[&about])))?;
    let newest = rows.iter().map(|(_, row)| row.at).max();
    Ok((rows.into_iter().map(|(_, row)| row.response).collect(), newest))
}

/// The anchors before and after a counter value, those that were never closed among them: some on either
/// side, and as many more as it takes to reach one with a token, for only that bounds a time, and before it
/// an unlock, for that is the one that the visit names.
pub(crate) fn anchors_around(
    tx: &mut (dyn Transaction + '_),
    element: Id16,
    counter: u64,
) -> Result<Vec<Embedded<Anchor>>, Refusal> {
    let from = key(&[&element, &counter]);
    let before = Scan { from: Some(&from), backwards: true, limit: ANCHORS, ..Scan::all(&element.0) };
    let after = Scan { from: Some(&from), limit: ANCHORS, ..Scan::all(&element.0) };
    let mut anchors = Vec::new();
    let mut closed = Vec::new();
    for near in [before, after] {
        let (mut stamped, mut unlocked) = (false, !near.backwards);
        for limit in [ANCHORS, FAR_ANCHORS] {
            if stamped && unlocked {
                break;
            }
            for (row_key, row) in tx.list::<AnchorRow>(Scan { limit, ..near })? {
                stamped |= matches!(row.anchor.0, Anchor::Online { .. } | Anchor::Close { .. });
                unlocked |= matches!(row.anchor.0, Anchor::Online { .. } | Anchor::Offline { .. });
                closed.push(counter_of(&row_key));
                if !anchors.contains(&row.anchor) {
                    anchors.push(row.anchor);
                }
            }
        }
        for (row_key, row) in tx.list::<UnlockRow>(near)? {
            if closed.contains(&counter_of(&row_key)) {
                continue;
            }
            closed.push(counter_of(&row_key));
            anchors.push(Embedded(Anchor::Online {
                stamp1: row.stamp,
                token: row.token,
                activation: row.activation,
                stamp2: Signed(Bytes::default()),
            }));
        }
    }
    Ok(anchors)
}

fn holds(anchor: &Anchor, record: &Signed) -> bool {
    match anchor {
        Anchor::Online { stamp1, stamp2, .. } => record == stamp1 || record == stamp2,
        Anchor::Close { close, .. } => record == close,
        Anchor::Offline { .. } | Anchor::Beacon { .. } => false,
    }
}

/// A visit with its newest verdict.
pub(crate) struct Judged {
    /// Number of the verdict among those of the visit.
    pub(crate) version: u64,
    pub(crate) verdict: Verdict,
    pub(crate) signed: Signed,
}

impl Platform {
    /// Verifies a visit against what is at hand, and keeps the verdict if it says something new.
    pub(crate) fn judge(
        &self,
        tx: &mut (dyn Transaction + '_),
        evidence: &Evidence,
        presence: &Presence,
        evid: Hash,
        now: UnixMillis,
    ) -> Result<Judged, Refusal> {
        let appraisal = self.appraise(tx, evidence, presence, evid)?;
        let verdict = appraisal.to_verdict(now);
        let before = newest_verdict(tx, evid)?;
        let (version, was_open) = match before {
            Some(before) => {
                if same_finding(&before.verdict, &verdict)
                    || !may_follow(before.verdict.status, verdict.status)
                {
                    return Ok(before);
                }
                (before.version + 1, before.verdict.status == Status::OpenEnded)
            }
            None => (0, false),
        };
        let open_key = key(&[&presence.element, &presence.counter, &evid]);
        if verdict.status == Status::OpenEnded {
            tx.put(&open_key, &OpenRow { at: now })?;
        } else if was_open {
            tx.erase(Table::Open, &open_key)?;
        }
        let signed = self.inner().authority.sign(KeyName::Receipt, &verdict)?;
        let row = VerdictRow { signed: signed.clone(), status: verdict.status };
        tx.put(&key(&[&evid, &version]), &row)?;
        Ok(Judged { version, verdict, signed })
    }

    fn appraise(
        &self,
        tx: &mut (dyn Transaction + '_),
        evidence: &Evidence,
        presence: &Presence,
        evid: Hash,
    ) -> Result<Appraisal, Refusal> {
        let material = Material::collect(tx, presence, evid)?;
        // Another visit under the same counter value makes both a fork.
        let mut visits = vec![evidence.clone()];
        for other in claims(tx, presence.element, presence.counter.saturating_add(1))? {
            if other != evid
                && let Some(row) = tx.find::<VisitRow>(&key(&[&other]))?
            {
                visits.push(row.evidence.0);
            }
        }
        Ok(self.inner().verifier.case(material.view(&material.all_revocation()), &visits).appraise(evidence))
    }
}

/// The newest verdict of a visit.
pub(crate) fn newest_verdict(tx: &mut (dyn Transaction + '_), evid: Hash) -> Result<Option<Judged>, Refusal> {
    let Some((row_key, row)) = tx.newest::<VerdictRow>(&key(&[&evid]))? else { return Ok(None) };
    let version = row_key.get(32..40).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes);
    let verdict: Verdict = unverified(&row.signed)?;
    Ok(Some(Judged { version, verdict, signed: row.signed }))
}

fn same_finding(one: &Verdict, other: &Verdict) -> bool {
    Verdict { at: other.at, ..one.clone() }.encode() == other.encode()
}

/// A verdict may only move from open-ended to valid, out of indeterminate, to invalid, and to conflict.
const fn may_follow(before: Status, after: Status) -> bool {
    use Status::{Conflict, Indeterminate, Invalid, OpenEnded, Valid};
    match before {
        Conflict => matches!(after, Conflict),
        Invalid => matches!(after, Invalid | Conflict),
        Valid => !matches!(after, OpenEnded | Indeterminate),
        OpenEnded => !matches!(after, Indeterminate),
        Indeterminate => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_only_moves_towards_what_new_data_can_show() {
        use Status::{Conflict, Indeterminate, Invalid, OpenEnded, Valid};
        for (before, after, may) in [
            (OpenEnded, Valid, true),
            (Indeterminate, Valid, true),
            (Indeterminate, Invalid, true),
            (Valid, Invalid, true),
            (OpenEnded, Invalid, true),
            (Valid, Conflict, true),
            (Invalid, Conflict, true),
            (Valid, OpenEnded, false),
            (Valid, Indeterminate, false),
            (OpenEnded, Indeterminate, false),
            (Invalid, Valid, false),
            (Conflict, Valid, false),
            (Conflict, Invalid, false),
        ] {
            assert_eq!(may_follow(before, after), may, "{before:?} to {after:?}");
        }
    }
}
