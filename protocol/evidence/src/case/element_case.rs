//! Everything at hand about one element, verified.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use jushin_statement::{Anchor, Binding, CommitOutcome, ElementKind, Hash, Id16, Presence, Record, is_void};

use crate::AnchorKind;
use crate::anchor::{Offline, Online, Stamped, stated_hash};
use crate::chain::Chain;
use crate::element::{Element, ElementRecord};
use crate::window::{Reading, Stamp};

use super::{Case, VisitForm};

/// Everything at hand about one element, verified.
pub(crate) struct ElementCase {
    pub(crate) element: Arc<Element>,
    /// Binding history, and the hash of each payload.
    history: Vec<Arc<(Hash, Binding)>>,
    pub(crate) online: Vec<Arc<Online>>,
    offline: Vec<Offline>,
    /// anchor-h of anchors that are there but do not hold.
    broken: HashMap<Hash, AnchorKind>,
    /// Counter of a close and the token over it.
    pub(crate) closes: Vec<(u64, Stamped)>,
    /// Of a TPM alone, by SHA-256 of the payload. There may be several of one: a TPM attests, and anybody can
    /// bring an ECDSA signature into its second form.
    records: HashMap<Hash, BTreeMap<Id16, Arc<ElementRecord>>>,
    pub(crate) chain: Chain,
    /// Power cycles whose proofs of time contradict each other.
    contradictory: HashSet<Id16>,
}

/// The anchor that a presence names.
pub(crate) enum Named<'c> {
    Online(&'c Online),
    /// The unlock, and the same once for every certificate that came with it.
    Offline(&'c Offline, &'c [Offline]),
    Broken(AnchorKind),
    Missing,
}

impl Named<'_> {
    /// SHA-256 of the binding that the anchor names.
    pub(crate) const fn binding(&self) -> Option<Hash> {
        match self {
            Self::Online(online) => Some(online.binding),
            Self::Offline(offline, _) => Some(offline.admin.binding),
            Self::Broken(_) | Self::Missing => None,
        }
    }

    /// Cycle and counter that a presence must follow.
    pub(crate) fn last(&self) -> Option<Reading> {
        match self {
            Self::Online(online) => online.second.as_ref().map(|second| second.reading()),
            Self::Offline(offline, _) => {
                Some(Reading { cycle: offline.admin.ticks.cycle, stamp: offline.stamp() })
            }
            Self::Broken(_) | Self::Missing => None,
        }
    }
}

impl ElementCase {
    pub(crate) fn new(case: &Case<'_>, element: &Arc<Element>, visits: &[VisitForm<'_>]) -> Self {
        let mut own = Self {
            element: Arc::clone(element),
            history: bindings(case, element.id),
            online: Vec::new(),
            offline: Vec::new(),
            broken: HashMap::new(),
            closes: Vec::new(),
            records: HashMap::new(),
            chain: Chain::default(),
            contradictory: HashSet::new(),
        };
        for anchor in case.material.anchors {
            own.add_anchor(case, element, &anchor.0);
        }
        own.online.sort_by_key(|online| online.place());
        own.online.dedup_by_key(|online| online.place());
        own.offline.sort_by_key(Offline::place);
        own.offline.dedup_by_key(|offline| offline.place());
        own.closes.sort_by_key(|(counter, stamped)| (stamped.token.time_us, *counter, stamped.hash));
        for signed in case.material.records {
            if let Some(record) = case.verifier.record(element, signed) {
                own.add_record(record);
            }
        }
        let mut cycles = HashSet::new();
        for visit in visits {
            cycles.extend(own.add_visit(case, element, visit));
        }
        for receipt in case.receipts.iter().filter(|receipt| receipt.element == element.id) {
            own.chain.add_receipt(receipt);
        }
        cycles.retain(|cycle| own.cycle_contradicts(case, element, *cycle));
        own.contradictory = cycles;
        own
    }

    fn add_anchor(&mut self, case: &Case<'_>, element: &Element, anchor: &Anchor) {
        match anchor {
            Anchor::Online { .. } => {
                let Some(online) = case.verifier.online(element, anchor) else {
                    self.add_broken(anchor, AnchorKind::Online);
                    return;
                };
                self.add_record(Arc::clone(&online.first));
                if let Some(second) = &online.second {
                    self.add_record(Arc::clone(second));
                }
                if !self.is_void(online.first.link.counter) {
                    self.online.push(online);
                }
            }
            Anchor::Offline { admin, certificate } => {
                let verifier = case.verifier;
                let found = Offline::verify(
                    admin,
                    certificate,
                    &case.staff_cas,
                    &verifier.keyring,
                    verifier.crypto.as_ref(),
                );
                match found {
                    Some(offline) if offline.admin.element != element.id => {}
                    Some(offline) if self.is_void(offline.admin.counter) => {}
                    Some(offline) => self.offline.push(offline),
                    None => self.add_broken(anchor, AnchorKind::Offline),
                }
            }
            Anchor::Close { close, token } => {
                if let Some(record) = case.verifier.record(element, close)
                    && matches!(record.record, Record::Close(_))
                    && let Some(stamped) = case.verifier.token(token, close)
                {
                    self.closes.push((record.link.counter, stamped));
                    self.add_record(record);
                }
            }
            Anchor::Beacon { .. } => {}
        }
    }

    fn add_broken(&mut self, anchor: &Anchor, kind: AnchorKind) {
        if let Some(hash) = stated_hash(anchor) {
            self.broken.insert(hash, kind);
        }
    }

    fn add_record(&mut self, record: Arc<ElementRecord>) {
        let counter = record.link.counter;
        self.chain.add_payload(counter, record.hash, record.link.previous);
        self.chain.add_reading(record.reading());
        if let Some(attested) = record.attested {
            self.chain.add_boots(record.link.ticks.cycle, attested.boots);
        }
        match &record.record {
            Record::Boot(boot) => self.chain.add_boot(boot.ticks.cycle, counter, boot.pending),
            Record::Commit(commit) if commit.outcome == CommitOutcome::Signed => {
                self.chain.add_commit(counter);
            }
            Record::Commit(_) => self.chain.add_abort(counter),
            _ => {}
        }
        if self.element.kind == ElementKind::Tpm {
            self.records.entry(record.hash).or_default().insert(record.first16, record);
        }
    }

    /// A presence counts once the element has recorded it. Gives its power cycle, if it is this element's.
    fn add_visit(&mut self, case: &Case<'_>, element: &Element, visit: &VisitForm<'_>) -> Option<Id16> {
        let presence = visit.stated.as_ref()?;
        if presence.element != element.id {
            return None;
        }
        let cycle = presence.ticks.cycle;
        let Some(record) = case.verifier.record(element, visit.commit) else { return Some(cycle) };
        let hash = visit.hash;
        if record.link.previous == hash && matches!(record.record, Record::Commit(_)) {
            self.chain.add_payload(presence.counter, hash, presence.previous);
            if record.attested.is_none() {
                let stamp = Stamp { counter: presence.counter, count: presence.ticks.count };
                self.chain.add_reading(Reading { cycle: presence.ticks.cycle, stamp });
            }
            self.add_named_admin(presence);
        }
        self.add_record(record);
        Some(cycle)
    }

    /// An administrator can sign what the element never took, so an unlock is a record of the element only
    /// where a presence names it.
    fn add_named_admin(&mut self, presence: &Presence) {
        if let Some(offline) = self.offline.iter().find(|offline| offline.hash == presence.anchor) {
            let (admin, payload) = (&offline.admin, offline.payload);
            self.chain.add_payload(admin.counter, payload, admin.previous);
            self.chain.add_reading(Reading { cycle: admin.ticks.cycle, stamp: offline.stamp() });
        }
    }

    /// The anchor with this anchor-h. One that is void counts as absent.
    pub(crate) fn named(&self, hash: Hash) -> Named<'_> {
        if let Some(online) = self.online.iter().find(|online| online.hash == Some(hash)) {
            return Named::Online(online);
        }
        let mut certified = self.offline.chunk_by(|one, two| one.hash == two.hash);
        if let Some(all @ [offline, ..]) = certified.find(|all| all.iter().any(|one| one.hash == hash)) {
            return Named::Offline(offline, all);
        }
        self.broken.get(&hash).map_or(Named::Missing, |kind| Named::Broken(*kind))
    }

    pub(crate) fn binding(&self, hash: Hash) -> Option<&Binding> {
        self.history.iter().find(|own| own.0 == hash).map(|own| &own.1)
    }

    /// Whether a record of this TPM with this payload is at hand, in whichever form.
    pub(crate) fn has_record(&self, payload: Hash) -> bool {
        self.records.contains_key(&payload)
    }

    /// The record with this payload and these first 16 bytes of SHA-256 over it as signed.
    pub(crate) fn record(&self, payload: Hash, first16: Id16) -> Option<&ElementRecord> {
        self.records.get(&payload)?.get(&first16).map(Arc::as_ref)
    }

    pub(crate) fn is_void(&self, counter: u64) -> bool {
        is_void(self.history.iter().map(|own| &own.1), counter)
    }

    /// The proofs of time of this power cycle contradict each other, whatever the visit is.
    pub(crate) fn is_contradictory(&self, cycle: Id16) -> bool {
        self.contradictory.contains(&cycle)
    }

    fn cycle_contradicts(&self, case: &Case<'_>, element: &Element, cycle: Id16) -> bool {
        let own: Vec<&Arc<Online>> = self.online.iter().filter(|online| online.cycle == cycle).collect();
        self.chain.ticks_contradict(cycle, element.tick.kind)
            || case.verifier.clock_contradicts(element, &own)
    }
}

fn bindings(case: &Case<'_>, id: Id16) -> Vec<Arc<(Hash, Binding)>> {
    let mut bindings: Vec<_> = case
        .material
        .bindings
        .iter()
        .filter_map(|signed| case.verifier.binding(signed))
        .filter(|own| own.1.element == id)
        .collect();
    bindings.sort_by_key(|own| (own.1.seq, own.0));
    bindings.dedup_by_key(|own| own.0);
    bindings
}
