//! The element's chain: which payload stands under which counter, and which ticks it showed (V9).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jushin_statement::{Hash, Id16, Receipt, TickKind};

use crate::window::{Reading, Stamp};

/// What is known of one element's records.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chain {
    /// Hashes of payloads by counter, those that a successor names included.
    hashes: BTreeMap<u64, BTreeSet<Hash>>,
    /// Counters whose record is at hand.
    present: BTreeSet<u64>,
    /// Readings of each power cycle.
    cycles: HashMap<Id16, Vec<Stamp>>,
    /// Power cycles by the TPM's own reset and restart counts.
    boots: BTreeSet<(Id16, (u32, u32))>,
    /// Counters of boot records by their cycle.
    starts: HashMap<Id16, BTreeSet<u64>>,
    /// Counters that a power cut or an abort explains.
    explained: BTreeSet<u64>,
    /// Counters of commits of outcome 1.
    commits: BTreeSet<u64>,
    /// Ranges that the platform's receipts call missing.
    gaps: Vec<(u64, u64)>,
}

impl Chain {
    /// Adds a payload under its counter, and the one before as it is named there.
    pub(crate) fn add_payload(&mut self, counter: u64, hash: Hash, previous: Hash) {
        self.hashes.entry(counter).or_default().insert(hash);
        self.present.insert(counter);
        if let Some(before) = counter.checked_sub(1)
            && previous != Hash::ZERO
        {
            self.hashes.entry(before).or_default().insert(previous);
        }
    }

    pub(crate) fn add_reading(&mut self, reading: Reading) {
        self.cycles.entry(reading.cycle).or_default().push(reading.stamp);
    }

    pub(crate) fn add_boots(&mut self, cycle: Id16, boots: (u32, u32)) {
        self.boots.insert((cycle, boots));
    }

    pub(crate) fn add_boot(&mut self, cycle: Id16, counter: u64, pending: Option<u64>) {
        self.starts.entry(cycle).or_default().insert(counter);
        self.explained.extend(pending);
    }

    pub(crate) fn add_abort(&mut self, counter: u64) {
        self.explained.extend(counter.checked_sub(1));
    }

    pub(crate) fn add_commit(&mut self, counter: u64) {
        self.commits.insert(counter);
    }

    pub(crate) fn add_receipt(&mut self, receipt: &Receipt) {
        self.gaps.extend(receipt.gaps.iter().map(|gap| (gap.from, gap.to)));
    }

    /// Two different payloads under this counter.
    pub(crate) fn forks_at(&self, counter: u64) -> bool {
        self.hashes.get(&counter).is_some_and(|hashes| hashes.len() > 1)
    }

    /// A receipt calls this counter missing, and nothing at hand explains that.
    pub(crate) fn gap_at(&self, counter: u64) -> bool {
        let missing = self.gaps.iter().any(|(from, to)| (*from..=*to).contains(&counter));
        missing && !self.present.contains(&counter) && !self.is_explained(counter)
    }

    fn is_explained(&self, counter: u64) -> bool {
        let before_boot = |commit: u64| {
            let next = commit.saturating_add(1);
            self.commits.contains(&commit) && self.starts.values().any(|starts| starts.contains(&next))
        };
        self.explained.contains(&counter) || before_boot(counter.saturating_add(1))
    }

    /// The ticks of `cycle` contradict the counters: counts that fall, a cycle that starts twice or late,
    /// records of another cycle in between, or a TPM whose own boot counts say otherwise.
    pub(crate) fn ticks_contradict(&self, cycle: Id16, kind: TickKind) -> bool {
        let Some(stamps) = self.cycles.get(&cycle) else { return false };
        let mut stamps = stamps.clone();
        stamps.sort_by_key(|stamp| (stamp.counter, stamp.count));
        stamps.dedup();
        let falls = stamps.windows(2).any(|pair| match pair {
            [one, two] if one.counter < two.counter => match kind {
                TickKind::Time => two.count < one.count,
                TickKind::Date => two.count <= one.count,
            },
            _ => false,
        });
        let (first, last) = match (stamps.first(), stamps.last()) {
            (Some(first), Some(last)) => (first.counter, last.counter),
            _ => return falls,
        };
        falls
            || self.starts_wrongly(cycle, first)
            || self.is_interleaved(cycle, first, last)
            || self.boots_differ(cycle)
    }

    fn starts_wrongly(&self, cycle: Id16, first: u64) -> bool {
        self.starts.get(&cycle).is_some_and(|starts| starts.len() > 1 || starts.first() > Some(&first))
    }

    fn is_interleaved(&self, cycle: Id16, first: u64, last: u64) -> bool {
        self.cycles
            .iter()
            .filter(|(other, _)| **other != cycle)
            .any(|(_, stamps)| stamps.iter().any(|stamp| first < stamp.counter && stamp.counter < last))
    }

    fn boots_differ(&self, cycle: Id16) -> bool {
        let own: BTreeSet<_> =
            self.boots.iter().filter(|(one, _)| *one == cycle).map(|(_, boots)| boots).collect();
        own.len() > 1 || self.boots.iter().any(|(other, boots)| *other != cycle && own.contains(boots))
    }
}
