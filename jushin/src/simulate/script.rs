//! What is going to happen at each terminal: decided before anything happens.

use super::chance::Chance;

const MINUTE: u64 = 60_000_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const TEN_YEARS_MS: i64 = 10 * 365 * 86_400_000;

/// Something that happens at a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Happening {
    /// Somebody sets the terminal's clock wrong by so many milliseconds.
    ClockSet(i64),
    /// Switched on.
    SwitchedOn,
    /// A patient comes.
    Visit(usize),
    /// Nobody is there: the terminal looks after itself.
    Round,
    /// Switched off as planned.
    SwitchedOff,
    /// The power goes and comes back.
    PowerCut,
    /// The terminal's program dies and starts anew.
    Crash,
}

/// True time in microseconds, terminal, what.
pub(super) type Cue = (u64, usize, Happening);

/// What happens when, in order.
pub(super) struct Run {
    pub(super) start: u64,
    pub(super) days: u64,
    pub(super) terminals: usize,
    pub(super) patients: usize,
}

impl Run {
    /// All cues of a run.
    pub(super) fn script(&self, seed: u64) -> Vec<Cue> {
        let mut cues = Vec::new();
        for terminal in 0..self.terminals {
            let chance = Chance::new(seed, 0x2_0000 + terminal as u64);
            for day in 0..self.days {
                // Every fourth terminal goes on journeys, and is switched on and off all day.
                let portable = terminal % 4 == 3;
                let midnight = self.start + day * DAY;
                if portable {
                    self.journey(&chance, terminal, midnight, &mut cues);
                } else {
                    self.clinic(&chance, terminal, midnight, &mut cues);
                }
            }
        }
        cues.sort_unstable();
        cues
    }

    /// A day at a clinic, from 9 to 12 and from 15 to 18:30.
    fn clinic(&self, chance: &Chance, terminal: usize, midnight: u64, cues: &mut Vec<Cue>) {
        self.clock(chance, terminal, midnight, cues);
        let opens = midnight + 8 * HOUR + chance.below(HOUR);
        cues.push((opens, terminal, Happening::SwitchedOn));
        self.patients(chance, terminal, (midnight + 9 * HOUR, midnight + 12 * HOUR), 3, cues);
        self.patients(chance, terminal, (midnight + 15 * HOUR, midnight + 18 * HOUR + 30 * MINUTE), 3, cues);
        let closes = midnight + 18 * HOUR + 40 * MINUTE + chance.below(HOUR);
        let mut round = opens + 10 * MINUTE;
        while round < closes {
            cues.push((round, terminal, Happening::Round));
            round += 25 * MINUTE;
        }
        if chance.percent(25) {
            cues.push((midnight + 9 * HOUR + chance.below(9 * HOUR), terminal, Happening::PowerCut));
        }
        if chance.percent(15) {
            cues.push((midnight + 9 * HOUR + chance.below(9 * HOUR), terminal, Happening::Crash));
        }
        match chance.below(5) {
            0 => {} // left on overnight
            1 => cues.push((closes, terminal, Happening::PowerCut)),
            _ => cues.push((closes, terminal, Happening::SwitchedOff)),
        }
        if chance.percent(10) {
            // Somebody comes at midnight.
            let late = midnight + DAY - 4 * MINUTE + chance.below(8 * MINUTE);
            cues.push((late, terminal, Happening::Visit(self.patient(chance))));
        }
    }

    /// A day of home visits: on and off at each house.
    fn journey(&self, chance: &Chance, terminal: usize, midnight: u64, cues: &mut Vec<Cue>) {
        self.clock(chance, terminal, midnight, cues);
        let mut at = midnight + 8 * HOUR + chance.below(HOUR);
        while at < midnight + 17 * HOUR {
            cues.push((at, terminal, Happening::SwitchedOn));
            let leaves = at + chance.between(10 * MINUTE, 40 * MINUTE);
            self.patients(chance, terminal, (at + MINUTE, leaves), 2, cues);
            let off = if chance.percent(50) { Happening::SwitchedOff } else { Happening::PowerCut };
            cues.push((leaves, terminal, off));
            at = leaves + chance.between(20 * MINUTE, 90 * MINUTE);
        }
        cues.push((midnight + 18 * HOUR, terminal, Happening::SwitchedOn));
        cues.push((midnight + 18 * HOUR + 10 * MINUTE, terminal, Happening::Round));
        cues.push((midnight + 18 * HOUR + 20 * MINUTE, terminal, Happening::SwitchedOff));
    }

    fn clock(&self, chance: &Chance, terminal: usize, midnight: u64, cues: &mut Vec<Cue>) {
        let wrong = match chance.below(6) {
            0 => -TEN_YEARS_MS + chance.signed(0, 86_400_000),
            1 => chance.signed(-TEN_YEARS_MS, TEN_YEARS_MS / 3),
            2 => chance.signed(-86_400_000, 86_400_000),
            // Past the last day of every card: the desk then takes no card at all.
            3 if chance.percent(10) => TEN_YEARS_MS,
            _ => chance.signed(-90_000, 90_000),
        };
        cues.push((midnight + chance.below(DAY), terminal, Happening::ClockSet(wrong)));
    }

    fn patients(&self, chance: &Chance, terminal: usize, hours: (u64, u64), about: u64, cues: &mut Vec<Cue>) {
        for _ in 0..chance.between(about.saturating_sub(2), about + 2) {
            let at = chance.between(hours.0, hours.1);
            cues.push((at, terminal, Happening::Visit(self.patient(chance))));
        }
    }

    fn patient(&self, chance: &Chance) -> usize {
        usize::try_from(chance.below(self.patients as u64)).unwrap_or_default()
    }
}
