//! The clock in an element: it runs at a rate within its certified bound, and shows whole ticks only.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jushin_secure_element::Ticker;
use jushin_statement::TickSpec;

use super::chance::Chance;
use super::true_time::TrueTime;

const MILLION: u128 = 1_000_000;
/// How long a temperature lasts, in microseconds.
const SPELL_US: u64 = 20 * 60 * 1_000_000;

/// An oscillator. Clones are the same one.
#[derive(Clone)]
pub(super) struct Oscillator(Arc<Mutex<Running>>);

struct Running {
    time: Arc<TrueTime>,
    chance: Chance,
    tick: TickSpec,
    /// Until when it was followed.
    followed: u64,
    /// Nominal time since power-on, in microseconds times a million.
    phase: u128,
    /// Deviation in millionths, and until when it lasts.
    deviation: i64,
    spell_ends: u64,
    /// Whether temperature changes it in this power cycle.
    wanders: bool,
}

impl Oscillator {
    pub(super) fn new(time: Arc<TrueTime>, chance: Chance, tick: TickSpec) -> Self {
        let followed = time.now();
        Self(Arc::new(Mutex::new(Running {
            time,
            chance,
            tick,
            followed,
            phase: 0,
            deviation: 0,
            spell_ends: 0,
            wanders: true,
        })))
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets time pass to the moment when the next tick is shown.
    pub(super) fn wait_for_tick(&self) {
        self.running().wait(0);
    }

    /// Lets time pass to the last microsecond before the next tick.
    pub(super) fn wait_before_tick(&self) {
        self.running().wait(1);
    }
}

impl Running {
    fn follow(&mut self) {
        let now = self.time.now();
        while self.followed < now {
            if self.followed >= self.spell_ends {
                self.change();
            }
            let until = now.min(self.spell_ends);
            self.phase += u128::from(until - self.followed) * self.rate();
            self.followed = until;
        }
    }

    /// A new temperature. Half of them push the clock to its bound.
    fn change(&mut self) {
        let bound = i64::try_from(self.tick.rho_ppm).unwrap_or_default();
        if self.wanders || self.spell_ends == 0 {
            self.deviation = match self.chance.below(4) {
                0 => bound,
                1 => -bound,
                _ if self.wanders => self.chance.signed(-bound, bound),
                2 => bound,
                _ => -bound,
            };
        }
        self.spell_ends = self.followed + SPELL_US;
    }

    /// Nominal microseconds in a million true ones.
    fn rate(&self) -> u128 {
        u128::try_from(1_000_000 + self.deviation).unwrap_or_default()
    }

    fn tick(&self) -> u128 {
        u128::from(self.tick.tau_us.max(1)) * MILLION
    }

    fn wait(&mut self, before: u64) {
        if self.tick.tau_us == 0 {
            return;
        }
        self.follow();
        if self.followed >= self.spell_ends {
            self.change();
        }
        let missing = self.tick() - self.phase % self.tick();
        let wait = u64::try_from(missing.div_ceil(self.rate().max(1))).unwrap_or_default();
        self.time.pass(wait.saturating_sub(before));
    }
}

impl Ticker for Oscillator {
    fn restart(&mut self) {
        let mut running = self.running();
        running.follow();
        running.wanders = running.chance.percent(30);
        running.spell_ends = 0;
        // The counter starts anywhere between two ticks.
        running.phase = u128::from(running.chance.below(running.tick.tau_us.max(1))) * MILLION;
    }

    fn ticks(&mut self) -> u64 {
        let mut running = self.running();
        running.follow();
        u64::try_from(running.phase / running.tick()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use jushin_statement::TickKind;

    use super::*;

    #[test]
    fn the_rate_stays_within_its_bound_and_the_waits_end_at_the_edges_of_ticks() {
        let time = Arc::new(TrueTime::starting_at(1));
        let tick = TickSpec { kind: TickKind::Time, tau_us: 10_000, rho_ppm: 150_000 };
        let mut oscillator = Oscillator::new(time.clone(), Chance::new(1, 2), tick);
        for _ in 0..200 {
            oscillator.restart();
            let (start, zero) = (time.now(), oscillator.ticks());
            time.pass(3_600_000_000);
            let (true_us, ticks) = (time.now() - start, oscillator.ticks() - zero);
            let nominal = (ticks * 10_000) as f64 / true_us as f64;
            assert!((0.849_99..=1.150_01).contains(&nominal), "{nominal}");

            let shown = oscillator.ticks();
            oscillator.wait_before_tick();
            assert_eq!(oscillator.ticks(), shown);
            time.pass(1);
            assert_eq!(oscillator.ticks(), shown + 1);
            oscillator.wait_for_tick();
            assert_eq!(oscillator.ticks(), shown + 2);
        }
    }
}
