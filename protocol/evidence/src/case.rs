//! Material that has been looked at once, for any number of visits.

mod element_case;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jushin_pki::revocation::{Answer, RevocationData};
use jushin_pki::{Certificate, CvCertificate, PublicKey, ValidPath, oid};
use jushin_statement::{
    Anchor, Bytes, Evidence, Hash, Id16, Object, Presence, Receipt, Redacted, Signed, Verdict,
};

use crate::anchor::{Stamped, stated_beacon_hash};
use crate::appraise::appraise;
use crate::cache::Cache;
use crate::card::{self, Standing};
use crate::element::Element;
use crate::keyring::open_with;
use crate::{Appraisal, Material, TimeWindow, Verifier};

pub(crate) use element_case::{ElementCase, Named};

/// A visit in either form.
pub(crate) struct VisitForm<'v> {
    pub(crate) presence: &'v Bytes,
    /// What `presence` says, if it decodes.
    pub(crate) stated: Option<Presence>,
    /// SHA-256 of `presence`.
    pub(crate) hash: Hash,
    pub(crate) commit: &'v Signed,
    pub(crate) full: Option<&'v Evidence>,
}

impl<'v> From<&'v Evidence> for VisitForm<'v> {
    fn from(evidence: &'v Evidence) -> Self {
        Self::new(&evidence.presence, &evidence.commit, Some(evidence))
    }
}

impl<'v> From<&'v Redacted> for VisitForm<'v> {
    fn from(redacted: &'v Redacted) -> Self {
        Self::new(&redacted.presence, &redacted.commit, None)
    }
}

impl<'v> VisitForm<'v> {
    fn new(presence: &'v Bytes, commit: &'v Signed, full: Option<&'v Evidence>) -> Self {
        let (stated, hash) = (Presence::decode(presence).ok(), Hash::of(presence));
        Self { presence, stated, hash, commit, full }
    }
}

/// Material that has been looked at once, for any number of visits.
pub struct Case<'m> {
    pub(crate) verifier: &'m Verifier<'m>,
    pub(crate) material: Material<'m>,
    /// CAs between the trusted ones and administrators' cards.
    pub(crate) staff_cas: Vec<Certificate>,
    /// What the platform has signed for.
    pub(crate) receipts: Vec<Receipt>,
    institutions: HashMap<Hash, Arc<Institution>>,
    beacons: HashMap<Hash, Stamped>,
    verdicts: HashMap<Hash, Verdict>,
    elements: HashMap<Id16, ElementCase>,
    revocation: Vec<RevocationData<'m>>,
    /// By leaf and issuer: one certificate comes with many visits, and a list can be long.
    answers: Cache<Arc<[Answer]>>,
}

/// A CV certificate, and its key if a trusted authority issued it.
pub(crate) struct Institution {
    /// SHA-256 of the certificate.
    pub(crate) hash: Hash,
    pub(crate) certificate: CvCertificate,
    pub(crate) key: Option<Arc<dyn PublicKey>>,
}

impl<'m> Case<'m> {
    pub(crate) fn new(verifier: &'m Verifier<'m>, material: Material<'m>, visits: &[VisitForm<'_>]) -> Self {
        let certificates = parse_certificates(verifier, material.certificates);
        let mut case = Self {
            verifier,
            material,
            staff_cas: verifier.keyring.issued_by_staff_cas(&certificates),
            receipts: receipts(verifier, material),
            institutions: material
                .certificates
                .iter()
                .filter_map(|bytes| verifier.institution(bytes).map(|one| (one.hash, one)))
                .collect(),
            beacons: beacons(verifier, material),
            verdicts: verdicts(verifier, material),
            elements: HashMap::new(),
            revocation: material
                .revocation
                .iter()
                .filter_map(|data| RevocationData::parse(data).ok())
                .collect(),
            answers: Cache::default(),
        };
        let certified = certified(verifier, &certificates);
        for visit in visits {
            if let Some(presence) = &visit.stated
                && !case.elements.contains_key(&presence.element)
                && let Some(element) = certified.get(&presence.element)
            {
                let element = ElementCase::new(&case, element, visits);
                case.elements.insert(presence.element, element);
            }
        }
        case
    }

    /// Checks one visit. It has to be among those that the case was made with.
    #[must_use]
    pub fn appraise(&self, evidence: &Evidence) -> Appraisal {
        appraise(self, evidence.into())
    }

    /// Checks one visit in the redacted form. It has to be among those that the case was made with.
    #[must_use]
    pub fn appraise_redacted(&self, redacted: &Redacted) -> Appraisal {
        appraise(self, redacted.into())
    }

    /// `None` if no certificate of it holds.
    pub(crate) fn element(&self, id: Id16) -> Option<&ElementCase> {
        self.elements.get(&id)
    }

    pub(crate) fn institution(&self, hash: Hash) -> Option<&Institution> {
        self.institutions.get(&hash).map(Arc::as_ref)
    }

    pub(crate) fn beacon(&self, hash: Hash) -> Option<Stamped> {
        self.beacons.get(&hash).copied()
    }

    /// Judges a path over the window, with the revocation data at hand.
    pub(crate) fn standing(&self, path: &ValidPath, window: &TimeWindow) -> Standing {
        let answers = self.answers.get_or(&[&path.leaf().sha256(), path.issuer().der()], || {
            let known = |responder: &Certificate| self.verifier.responder(responder, path.issuer());
            card::answers(path, &self.revocation, self.verifier.crypto.as_ref(), &known).into()
        });
        card::standing(path, window, &answers)
    }

    pub(crate) fn verdict(&self, evid: Hash) -> Option<&Verdict> {
        self.verdicts.get(&evid)
    }
}

/// In one order, each once: what is found must depend neither on the list's order nor on repeats.
fn parse_certificates(verifier: &Verifier<'_>, list: &[Bytes]) -> Vec<Certificate> {
    let mut certificates: Vec<_> = list.iter().filter_map(|der| verifier.certificate(der)).collect();
    certificates.sort_by(|one, two| one.der().cmp(two.der()));
    certificates.dedup();
    certificates
}

/// Elements by the certificates that hold. Two elements with one counter are a defect of both.
fn certified(verifier: &Verifier<'_>, certificates: &[Certificate]) -> HashMap<Id16, Arc<Element>> {
    let mut elements = HashMap::new();
    let mut counters: HashMap<Vec<u8>, HashSet<Id16>> = HashMap::new();
    for element in certificates
        .iter()
        .filter(|certificate| certificate.extension(&oid::ELEMENT).is_some())
        .filter_map(|certificate| verifier.element(certificate))
    {
        if let Some(name) = &element.counter_name {
            counters.entry(name.clone()).or_default().insert(element.id);
        }
        elements.entry(element.id).or_insert(element);
    }
    for shared in counters.values().filter(|elements| elements.len() > 1) {
        elements.retain(|id, _| !shared.contains(id));
    }
    elements
}

/// Receipts that the platform signed.
fn receipts(verifier: &Verifier<'_>, material: Material<'_>) -> Vec<Receipt> {
    material
        .results
        .iter()
        .filter(|signed| signed.parse().is_ok_and(|parsed| parsed.object::<Receipt>().is_ok()))
        .filter_map(|signed| open_with::<Receipt>(&verifier.keyring.receipt, signed))
        .map(|opened| opened.object)
        .collect()
}

fn beacons(verifier: &Verifier<'_>, material: Material<'_>) -> HashMap<Hash, Stamped> {
    let mut beacons = HashMap::new();
    for anchor in material.anchors {
        if let Anchor::Beacon { beacon, token } = &anchor.0
            && let Some(hash) = stated_beacon_hash(beacon, token)
            && let Some(stamped) = verifier.token(token, beacon)
        {
            beacons.insert(hash, stamped);
        }
    }
    beacons
}

/// The platform's newest verdict of each visit; of two at one time the worse.
fn verdicts(verifier: &Verifier<'_>, material: Material<'_>) -> HashMap<Hash, Verdict> {
    let rank = |verdict: &Verdict| (verdict.at, verdict.status.number(), verdict.hash());
    let mut newest: HashMap<Hash, Verdict> = HashMap::new();
    for signed in material.results {
        if !signed.parse().is_ok_and(|parsed| parsed.object::<Verdict>().is_ok()) {
            continue;
        }
        let Some(opened) = open_with::<Verdict>(&verifier.keyring.receipt, signed) else { continue };
        let verdict = opened.object;
        if newest.get(&verdict.evid).is_none_or(|known| rank(known) < rank(&verdict)) {
            newest.insert(verdict.evid, verdict);
        }
    }
    newest
}
