//! Who is out of reach when: decided before anything happens.

use super::chance::Chance;

const MINUTE: u64 = 60_000_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Half-open intervals of true time in microseconds, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Outages(Vec<(u64, u64)>);

/// All outages of a run.
pub(super) struct Weather {
    /// Of each terminal's network.
    pub(super) networks: Vec<Outages>,
    /// Of the platform.
    pub(super) platform: Outages,
    /// Of the two time-stamping authorities.
    pub(super) stampers: [Outages; 2],
}

impl Outages {
    /// About one outage in `every`, each of a length within `length`.
    fn drawn(chance: &Chance, start: u64, end: u64, every: u64, length: (u64, u64)) -> Self {
        let mut list = Vec::new();
        let mut at = start + chance.below(2 * every);
        while at < end {
            let until = (at + chance.between(length.0, length.1)).min(end);
            list.push((at, until));
            at = until + 1 + chance.below(2 * every);
        }
        Self(list)
    }

    /// One more, in order.
    fn add(&mut self, from: u64, until: u64) {
        self.0.push((from, until));
        self.0.sort_unstable();
    }

    /// Whether it is one of them.
    pub(super) fn contain(&self, at: u64) -> bool {
        self.0.iter().any(|(from, until)| (*from..*until).contains(&at))
    }

    pub(super) fn list(&self) -> &[(u64, u64)] {
        &self.0
    }
}

impl Weather {
    /// Draws all outages of `days` days from `start`, which is a midnight.
    pub(super) fn drawn(seed: u64, terminals: usize, start: u64, days: u64, offline_share: f64) -> Self {
        let end = start + days * DAY;
        let chance = Chance::new(seed, 0x7765);
        let networks = (0..terminals).map(|_| {
            let mut outages = Outages::drawn(&chance, start, end, 2 * DAY, (2 * MINUTE, 9 * HOUR));
            for day in 0..days {
                if chance.share(offline_share) {
                    // No network from before the doors open until after they have closed.
                    let from = start + day * DAY + 6 * HOUR;
                    outages.add(from, from + 17 * HOUR);
                }
            }
            outages
        });
        Self {
            networks: networks.collect(),
            platform: Outages::drawn(&chance, start, end, 3 * DAY, (5 * MINUTE, 3 * HOUR)),
            stampers: [
                Outages::drawn(&chance, start, end, DAY, (10 * MINUTE, 6 * HOUR)),
                Outages::drawn(&chance, start, end, DAY, (10 * MINUTE, 6 * HOUR)),
            ],
        }
    }

    /// It clears up at the end: nothing is out of reach any more.
    pub(super) fn ends(&self) -> u64 {
        let all = self.networks.iter().chain([&self.platform]).chain(&self.stampers);
        all.flat_map(|outages| outages.0.iter().map(|(_, until)| *until)).max().unwrap_or_default()
    }
}
