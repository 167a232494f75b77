//! The rules against an adversary: random power cycles, drift up to the bound, delayed tokens, tokens as
//! wrong as their accuracy allows. The true time must never lie outside a window.

use jushin_statement::{Id16, TickKind, TickSpec};
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::{Bounds, Bracket, Reading, Stamp, TokenTime, clock_contradiction};

const SEEDS_PER_CLOCK: u64 = 4_000;
const EVENTS_PER_CYCLE: u64 = 12;
const MICROS: f64 = 1e6;

struct Clock {
    tick: TickSpec,
    accuracy_us: i128,
}

const fn time(tau_us: u64, rho_ppm: u64, accuracy_us: i128) -> Clock {
    Clock { tick: TickSpec { kind: TickKind::Time, tau_us, rho_ppm }, accuracy_us }
}

const CLOCKS: [Clock; 5] = [
    time(1_000_000, 100, 1_000_000),
    time(1_000, 150_000, 1_000_000),
    time(1_000_000, 10_000, 1_500_000),
    time(60_000_000, 20_000, 1_000_000),
    Clock { tick: TickSpec { kind: TickKind::Date, tau_us: 0, rho_ppm: 0 }, accuracy_us: 1_000_000 },
];

struct Random(ChaCha12Rng);

impl Random {
    #[allow(clippy::cast_precision_loss, reason = "any number in the interval will do")]
    fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn uniform(&mut self, lo: f64, hi: f64) -> f64 {
        lo + (hi - lo) * self.unit()
    }

    fn below(&mut self, end: u64) -> u64 {
        self.0.next_u64() % end
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }
}

/// One element's life, in seconds of true time.
struct Life<'c> {
    random: Random,
    clock: &'c Clock,
    now: f64,
    local: f64,
    count: u64,
    counter: u64,
    cycle: Id16,
    events: Vec<(Reading, f64)>,
    brackets: Vec<Bracket>,
}

#[allow(clippy::cast_precision_loss, reason = "microseconds of a few months fit a double")]
impl Life<'_> {
    fn wait(&mut self, seconds: f64) {
        let rho = self.clock.tick.rho_ppm as f64 / MICROS;
        let rate = 1.0 + self.random.uniform(-rho, rho);
        self.now += seconds;
        self.local += seconds * rate;
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of a few months")]
    fn stamp(&mut self) -> Stamp {
        self.counter += 1;
        let count = if self.clock.tick.kind == TickKind::Date {
            self.count += 1;
            self.count
        } else {
            (self.local * MICROS / self.clock.tick.tau_us as f64).floor() as u64
        };
        Stamp { counter: self.counter, count }
    }

    #[allow(clippy::cast_possible_truncation, reason = "microseconds of a few months")]
    fn token(&mut self) -> TokenTime {
        let off = self.clock.accuracy_us as f64 * 0.999_999;
        let time_us = (self.now * MICROS + self.random.uniform(-off, off)).round() as i128;
        TokenTime { time_us, accuracy_us: self.clock.accuracy_us }
    }

    fn delay(&mut self) {
        let seconds = [0.2, 2.0, 25.0, 600.0][usize::try_from(self.random.below(4)).unwrap()];
        self.wait(seconds);
    }

    fn anchor(&mut self) {
        let first = self.stamp();
        self.delay();
        let token = self.token();
        self.delay();
        let second = (self.random.unit() < 0.95).then(|| self.stamp());
        self.brackets.push(Bracket { cycle: self.cycle, first, second, token });
    }

    fn event(&mut self) {
        let stamp = self.stamp();
        self.events.push((Reading { cycle: self.cycle, stamp }, self.now));
    }

    fn power_on(&mut self, number: u8) {
        self.now += self.random.uniform(0.0, 5e4);
        self.cycle = Id16([number; 16]);
        self.count = 0;
        self.local = self.random.uniform(0.0, self.clock.tick.tau_us as f64 / MICROS);
        if number == 0 || self.random.unit() < 0.7 {
            self.anchor();
        }
        for _ in 0..=self.random.below(EVENTS_PER_CYCLE) {
            let idle = if self.random.unit() < 0.9 {
                self.random.exponential(600.0)
            } else {
                self.random.uniform(0.0, 90_000.0)
            };
            self.wait(idle);
            if self.random.below(5) == 0 { self.anchor() } else { self.event() }
        }
    }
}

fn live(seed: u64, clock: &Clock) -> Life<'_> {
    let mut random = Random(ChaCha12Rng::seed_from_u64(seed));
    let now = random.uniform(0.0, 1e6);
    let mut life = Life {
        random,
        clock,
        now,
        local: 0.0,
        count: 0,
        counter: 0,
        cycle: Id16([0; 16]),
        events: Vec::new(),
        brackets: Vec::new(),
    };
    let cycles = u8::try_from(1 + life.random.below(3)).unwrap();
    for number in 0..cycles {
        life.power_on(number);
    }
    if life.random.unit() < 0.8 {
        life.now += life.random.uniform(0.0, 3e5);
        life.cycle = Id16([0xff; 16]);
        life.local = 0.0;
        life.anchor();
    }
    life
}

#[test]
#[allow(clippy::cast_precision_loss, reason = "milliseconds of a few months fit a double")]
fn the_true_time_is_never_outside_the_window() {
    let (mut events, mut bounded) = (0_u32, 0_u32);
    for clock in &CLOCKS {
        for seed in 0..SEEDS_PER_CLOCK {
            let life = live(seed, clock);
            for (reading, truth) in &life.events {
                let window = Bounds::of(*reading, &life.brackets, clock.tick).window();
                let truth_ms = truth * 1_000.0;
                let above = window.earliest().is_none_or(|lo| lo.0 as f64 <= truth_ms);
                let below = window.latest().is_none_or(|hi| truth_ms <= hi.0 as f64);
                assert!(above && below, "seed {seed}, {:?}: {window:?} without {truth_ms}", clock.tick);
                events += 1;
                bounded += u32::from(window.width_ms().is_some());
            }
            for cycle in 0..3 {
                let brackets: Vec<_> =
                    life.brackets.iter().filter(|b| b.cycle == Id16([cycle; 16])).copied().collect();
                assert!(!clock_contradiction(&brackets, clock.tick), "seed {seed}");
            }
        }
    }
    assert!(events >= 200_000, "{events} events");
    assert!(f64::from(bounded) / f64::from(events) > 0.8, "{bounded} of {events} have both ends");
}

/// Brackets of one cycle: counts as given, tokens in whole seconds.
fn bracket(first: (u64, u64), second: (u64, u64), seconds: i128) -> Bracket {
    let stamp = |(counter, count)| Stamp { counter, count };
    Bracket {
        cycle: Id16([0; 16]),
        first: stamp(first),
        second: Some(stamp(second)),
        token: TokenTime { time_us: seconds * 1_000_000, accuracy_us: 1_000_000 },
    }
}

fn reading(counter: u64, count: u64) -> Reading {
    Reading { cycle: Id16([0; 16]), stamp: Stamp { counter, count } }
}

#[test]
fn n4_4_two_anchors_that_imply_a_rate_outside_the_bound_contradict() {
    let tick = CLOCKS[0].tick;
    let start = bracket((1, 0), (2, 1), 1_000);
    for (seconds, contradicts) in [(2_000, false), (2_010, true), (1_990, true)] {
        let end = bracket((9, 1_000), (10, 1_001), seconds);
        assert_eq!(clock_contradiction(&[start, end], tick), contradicts, "{seconds}");
    }
}

#[test]
fn n4_5_a_tie_in_ticks_is_ordered_by_the_counter() {
    let tick = CLOCKS[0].tick;
    let anchor = bracket((1, 5), (2, 7), 100);
    let after = Bounds::of(reading(3, 7), &[anchor], tick).window();
    assert_eq!(after.earliest().unwrap().0, 99_000, "after the second stamp: at the token or later");
    let before = Bounds::of(reading(1, 7), &[anchor], tick).window();
    assert!(before.earliest().unwrap().0 < 99_000, "before it: the tie may hide up to a tick");
}

#[test]
fn n5_1_without_a_later_anchor_date_mode_has_no_upper_end() {
    let tick = CLOCKS[4].tick;
    let anchor = bracket((1, 1), (2, 2), 100);
    let window = Bounds::of(reading(3, 3), &[anchor], tick).window();
    assert_eq!(window.earliest().unwrap().0, 99_000);
    assert_eq!(window.latest(), None);
}

#[test]
fn n5_2_closed_after_midnight_in_japan_is_no_proven_date() {
    let tick = CLOCKS[4].tick;
    let midnight = 1_774_710_000;
    let evening = bracket((1, 1), (2, 2), midnight - 60);
    let past = bracket((9, 9), (10, 10), midnight + 60);
    let before = bracket((5, 5), (6, 6), midnight - 10);
    let event = reading(3, 3);
    assert!(!Bounds::of(event, &[evening, past], tick).window().is_one_japanese_day());
    assert!(Bounds::of(event, &[evening, past, before], tick).window().is_one_japanese_day());
}

#[test]
fn n5_5_an_anchor_with_a_lower_counter_closes_nothing() {
    let tick = CLOCKS[4].tick;
    let earlier = bracket((1, 1), (2, 2), 500);
    assert_eq!(Bounds::of(reading(3, 3), &[earlier], tick).window().latest(), None);
}

#[test]
fn n5_7_ticks_that_count_records_bound_nothing() {
    let (time, date) = (CLOCKS[0].tick, CLOCKS[4].tick);
    let anchor = bracket((1, 1), (2, 2), 100);
    assert!(Bounds::of(reading(3, 3), &[anchor], time).window().latest().is_some());
    assert!(Bounds::of(reading(3, 3), &[anchor], date).window().latest().is_none());
}

#[test]
fn a_bracket_that_was_never_closed_gives_upper_ends_only() {
    let tick = CLOCKS[0].tick;
    let open = Bracket { second: None, ..bracket((5, 50), (6, 51), 100) };
    for event in [reading(3, 20), reading(8, 60)] {
        let window = Bounds::of(event, &[open], tick).window();
        assert_eq!(window.earliest(), None);
        assert!(window.latest().is_some());
    }
}

#[test]
fn a_count_beyond_every_time_gives_no_bound_and_no_overflow() {
    let tick = TickSpec { kind: TickKind::Time, tau_us: u64::MAX, rho_ppm: 999_999 };
    let anchor = bracket((1, 0), (2, u64::MAX), 100);
    for count in [0, u64::MAX] {
        let _ = Bounds::of(reading(3, count), &[anchor], tick).window();
        let _ = Bounds::of(reading(1, count), &[anchor], tick).window();
    }
}
