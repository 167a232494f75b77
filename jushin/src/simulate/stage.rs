//! What the simulated world shares: true time, the stamps' clock, and what the adversary wants just now.

use std::sync::{Arc, Mutex, PoisonError};

use super::chance::Chance;
use super::oscillator::Oscillator;
use super::true_time::{StampClock, TrueTime};
use super::weather::Weather;

/// The world around the parties.
pub(super) struct Stage {
    pub(super) time: Arc<TrueTime>,
    pub(super) stamps: Arc<StampClock>,
    pub(super) weather: Weather,
    pub(super) chance: Chance,
    scene: Mutex<Scene>,
}

/// Which bound is to be pushed to its edge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Aim {
    /// Neither: everything takes its time.
    #[default]
    Nothing,
    /// The lower end: token as late as it may say, no time between it and its second stamp.
    Low,
    /// The upper end: token as early as it may say, no time between its first stamp and it.
    High,
}

/// What plays just now. One terminal acts at a time.
#[derive(Clone, Default)]
struct Scene {
    terminal: usize,
    oscillator: Option<Oscillator>,
    aim: Aim,
    signed_at: Option<u64>,
    anchors: Vec<(usize, u64)>,
}

impl Stage {
    pub(super) fn new(time: Arc<TrueTime>, weather: Weather, chance: Chance) -> Self {
        let stamps = Arc::new(StampClock::new(time.clone()));
        Self { time, stamps, weather, chance, scene: Mutex::default() }
    }

    fn scene<T>(&self, with: impl FnOnce(&mut Scene) -> T) -> T {
        with(&mut self.scene.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A terminal acts, with this aim of the adversary.
    pub(super) fn enter(&self, terminal: usize, oscillator: &Oscillator, aim: Aim) {
        self.scene(|scene| {
            scene.terminal = terminal;
            scene.oscillator = Some(oscillator.clone());
            scene.aim = aim;
            scene.signed_at = None;
        });
    }

    pub(super) fn aim(&self) -> Aim {
        self.scene(|scene| scene.aim)
    }

    /// What the adversary may want next: mostly an edge.
    pub(super) fn draw_aim(&self) -> Aim {
        match self.chance.below(5) {
            0 | 1 => Aim::Low,
            2 | 3 => Aim::High,
            _ => Aim::Nothing,
        }
    }

    /// Something takes time, at most `most` microseconds; no time at all if an edge is aimed at.
    pub(super) fn take_time(&self, most: u64) {
        if self.aim() == Aim::Nothing {
            self.time.pass(self.chance.below(most.max(1)));
        }
    }

    /// Waits for a tick if `aim` is aimed at.
    pub(super) fn at_tick(&self, aim: Aim) {
        if let Some(oscillator) = self.aimed(aim) {
            oscillator.wait_for_tick();
        }
    }

    /// Waits for the end of a tick if `aim` is aimed at.
    pub(super) fn before_tick(&self, aim: Aim) {
        if let Some(oscillator) = self.aimed(aim) {
            oscillator.wait_before_tick();
        }
    }

    fn aimed(&self, aim: Aim) -> Option<Oscillator> {
        self.scene(|scene| scene.oscillator.clone().filter(|_| scene.aim == aim))
    }

    /// A patient's card signs now: the truth of a visit.
    pub(super) fn card_signs(&self) {
        let now = self.time.now();
        self.scene(|scene| scene.signed_at = Some(now));
    }

    /// When a card signed last in this scene.
    pub(super) fn signed_at(&self) -> Option<u64> {
        self.scene(|scene| scene.signed_at)
    }

    /// A token is made for whoever acts.
    pub(super) fn token_made(&self) {
        let now = self.time.now();
        self.scene(|scene| scene.anchors.push((scene.terminal, now)));
    }

    /// Terminal and true time of every token.
    pub(super) fn tokens(&self) -> Vec<(usize, u64)> {
        self.scene(|scene| scene.anchors.clone())
    }
}
