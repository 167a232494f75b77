//! Plays the script through the real terminals, and keeps the truth.

use std::sync::Arc;

use anyhow::Context as _;
use jushin_statement::{Hash, HolderCheck};
use jushin_terminal::{State, UnlockMode};

use super::cards::Cards;
use super::progress::Progress;
use super::script::{Cue, Happening};
use super::seat::Seat;
use super::socket::Cut;
use super::stage::{Aim, Stage};
use super::town::Town;
use crate::personalise::PIN;

const MINUTE: u64 = 60_000_000;
/// Rounds that a terminal gets at the end to send everything.
const LAST_ROUNDS: usize = 12;

/// A visit that the counter called done, with the truth about it.
#[derive(Clone, Debug)]
pub(super) struct Visit {
    pub(super) evid: Hash,
    pub(super) terminal: usize,
    /// When the card signed: true time in microseconds. Nobody but the simulator knows.
    pub(super) signed_at: u64,
    pub(super) mode: UnlockMode,
}

/// What was played.
#[derive(Default)]
pub(super) struct Played {
    pub(super) visits: Vec<Visit>,
    /// Patients whose card could not be taken: power gone, terminal locked, or its clock past the card's date.
    pub(super) turned_away: usize,
    pub(super) power_cycles: usize,
    pub(super) power_cuts: usize,
    pub(super) offline_unlocks: usize,
    /// Terminal, from, until: powered.
    pub(super) powered: Vec<(usize, u64, u64)>,
    /// Visits that still have no final answer at the end.
    pub(super) waiting: usize,
}

/// The company.
pub(super) struct Company {
    pub(super) town: Town,
    pub(super) stage: Arc<Stage>,
    pub(super) seats: Vec<Seat>,
    on_since: Vec<Option<u64>>,
    played: Played,
}

impl Company {
    pub(super) fn new(town: Town, stage: Arc<Stage>, seats: Vec<Seat>) -> Self {
        let on_since = vec![None; seats.len()];
        Self { town, stage, seats, on_since, played: Played::default() }
    }

    /// Plays all cues, and then lets every terminal send what it has.
    pub(super) async fn play(mut self, cues: &[Cue]) -> anyhow::Result<(Town, Vec<Seat>, Played)> {
        let progress = Progress::of("happenings", cues.len());
        for (done, (at, terminal, happening)) in cues.iter().enumerate() {
            self.stage.time.pass_until(*at);
            self.happens(*terminal, *happening)
                .await
                .with_context(|| format!("{happening:?} at terminal {terminal}, {at}"))?;
            progress.at(done);
        }
        self.stage.time.pass_until(self.stage.weather.ends() + MINUTE);
        for terminal in 0..self.seats.len() {
            self.settle(terminal).await?;
        }
        Ok((self.town, self.seats, self.played))
    }

    async fn happens(&mut self, terminal: usize, happening: Happening) -> anyhow::Result<()> {
        self.enter(terminal)?;
        match happening {
            Happening::ClockSet(wrong) => self.seat(terminal)?.clock.set_wrong_by(wrong),
            Happening::SwitchedOn => self.switch_on(terminal).await?,
            Happening::Visit(patient) => self.visit(terminal, patient).await?,
            Happening::Round => {
                if self.is_on(terminal) {
                    self.seat(terminal)?.terminal.background_round().await;
                }
            }
            Happening::SwitchedOff => {
                if self.is_on(terminal) {
                    // The power goes in any case.
                    let _ = self.seat(terminal)?.terminal.power_off_planned().await;
                    self.switch_off(terminal)?;
                }
            }
            Happening::PowerCut => {
                if self.is_on(terminal) {
                    self.switch_off(terminal)?;
                    self.played.power_cuts += 1;
                    if self.stage.chance.percent(60) {
                        self.switch_on(terminal).await?;
                    }
                }
            }
            Happening::Crash => {
                if self.is_on(terminal) {
                    self.restart(terminal)?;
                    self.power_on(terminal).await?;
                }
            }
        }
        Ok(())
    }

    fn seat(&self, terminal: usize) -> anyhow::Result<&Seat> {
        self.seats.get(terminal).context("no such terminal")
    }

    fn enter(&self, terminal: usize) -> anyhow::Result<()> {
        let aim = self.stage.draw_aim();
        self.stage.enter(terminal, &self.seat(terminal)?.socket.oscillator, aim);
        Ok(())
    }

    fn is_on(&self, terminal: usize) -> bool {
        self.on_since.get(terminal).is_some_and(Option::is_some)
    }

    fn restart(&mut self, terminal: usize) -> anyhow::Result<()> {
        let town = &self.town;
        self.seats.get_mut(terminal).context("no such terminal")?.restart(town)
    }

    async fn switch_on(&mut self, terminal: usize) -> anyhow::Result<()> {
        if self.is_on(terminal) {
            return Ok(());
        }
        let now = self.stage.time.now();
        if let Some(since) = self.on_since.get_mut(terminal) {
            *since = Some(now);
        }
        self.seat(terminal)?.socket.power_on()?;
        self.played.power_cycles += 1;
        // Host and element have one plug.
        self.restart(terminal)?;
        self.power_on(terminal).await
    }

    /// Unlocks over the network, or else by the administrator's card.
    async fn power_on(&mut self, terminal: usize) -> anyhow::Result<()> {
        let seat = self.seat(terminal)?;
        if seat.terminal.power_on().await.is_err() && *seat.terminal.desk().state() == State::Locked {
            // The administrator is not always there.
            if self.stage.chance.percent(90) && seat.unlock_offline().await.is_ok() {
                self.played.offline_unlocks += 1;
            }
        }
        Ok(())
    }

    fn switch_off(&mut self, terminal: usize) -> anyhow::Result<()> {
        self.seat(terminal)?.socket.power_off();
        if let Some(since) = self.on_since.get_mut(terminal).and_then(Option::take) {
            self.played.powered.push((terminal, since, self.stage.time.now()));
        }
        Ok(())
    }

    async fn visit(&mut self, terminal: usize, patient: usize) -> anyhow::Result<()> {
        if !self.is_on(terminal) {
            self.switch_on(terminal).await?;
        }
        self.enter(terminal)?;
        // In one of twelve visits the power goes between two steps.
        let cut = self
            .stage
            .chance
            .percent(8)
            .then(|| Cut { commands: self.stage.chance.below(4), after: self.stage.chance.percent(50) });
        let pin = self.stage.chance.percent(20);
        let seat = self.seat(terminal)?;
        seat.socket.cut(cut);
        let (method, pin) =
            if pin { (HolderCheck::Pin, Some(PIN)) } else { (HolderCheck::PhotoMachine, None) };
        let tap = seat.terminal.tap_now(&Cards::name(patient), method, pin).await;
        seat.socket.cut(None);
        let mode = seat.terminal.mode().unlock;
        match (tap.trace.evid, self.stage.signed_at()) {
            (Some(evid), Some(signed_at)) => {
                self.played.visits.push(Visit { evid, terminal, signed_at, mode });
            }
            _ => self.played.turned_away += 1,
        }
        if cut.is_some() {
            // Whatever was cut: it is switched off and on again.
            self.switch_off(terminal)?;
            self.played.power_cuts += 1;
            self.switch_on(terminal).await?;
        }
        // Sometimes an anchor follows at once, and sometimes the power goes at once.
        match self.stage.chance.below(8) {
            0 => {
                let _ = self.seat(terminal)?.terminal.re_anchor().await;
            }
            1 => {
                self.switch_off(terminal)?;
                self.switch_on(terminal).await?;
            }
            _ => {}
        }
        Ok(())
    }

    /// The outages are over: everything is sent and closed.
    async fn settle(&mut self, terminal: usize) -> anyhow::Result<()> {
        self.enter(terminal)?;
        self.seat(terminal)?.clock.set_wrong_by(0);
        if !self.is_on(terminal) {
            self.switch_on(terminal).await?;
        }
        for round in 0..LAST_ROUNDS {
            let seat = self.seat(terminal)?;
            self.stage.enter(terminal, &seat.socket.oscillator, Aim::Nothing);
            seat.terminal.background_round().await;
            if round == 1 {
                let _ = seat.terminal.power_off_planned().await;
            }
            let _ = seat.terminal.close_day().await;
            self.stage.time.pass(2 * MINUTE);
            if round > 2 && seat.terminal.waiting()? == 0 {
                break;
            }
        }
        self.played.waiting += self.seat(terminal)?.terminal.waiting()?;
        self.switch_off(terminal)
    }
}
