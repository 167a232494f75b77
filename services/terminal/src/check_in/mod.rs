//! One desk's check-in as a state machine: events in, actions out, no IO.
//!
//! ```text
//!  starting ──► ready ──card──► reading ──► verify-holder ─┬─► pin ─┬─► reading ──► result
//!     └► locked ─┘▲                │              │        └────────┘       │          │
//!                 │                └─ pulled ◄────┴─────── card gone ───────┘          │
//!                 └──────────────── next card, or Esc ─────────────────────────────────┘
//! ```
//! Whoever drives it runs the actions and comes back with what happened. The machine never sees a
//! certificate, a PIN or a signature: those stay in the card session of the driver.

mod event;
mod state;
#[cfg(test)]
mod tests;

use jushin_statement::{Hash, HolderCheck, Ticks, UnixMillis};

pub use event::{Action, Answer, CardFailure, Event, StartFailure};
pub use state::{CardGuess, ChartLine, DataState, Outcome, ReadingStep, StartStep, State, Visit};

/// A finished visit and when the desk let it go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Previous {
    /// The visit.
    pub visit: Visit,
    /// The terminal's clock when the result appeared.
    pub at: UnixMillis,
}

/// The element's anchor of this power cycle and how far the clock may run from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchored {
    /// Ticks of its second stamp.
    pub ticks: Ticks,
    /// After this many ticks the proven window is wider than the policy wants.
    pub good_for: u64,
}

/// The check-in of one desk.
#[derive(Clone, Debug)]
pub struct CheckIn {
    state: State,
    /// The visit whose answer the desk waits for.
    awaited: Option<Hash>,
    since: UnixMillis,
    online: bool,
    last_method: Option<HolderCheck>,
    previous: Option<Previous>,
    anchored: Option<Anchored>,
}

impl CheckIn {
    /// A desk that was just switched on.
    #[must_use]
    pub const fn new(now: UnixMillis) -> Self {
        Self {
            state: State::Starting { step: StartStep::Element, waiting: false },
            awaited: None,
            since: now,
            online: true,
            last_method: None,
            previous: None,
            anchored: None,
        }
    }

    /// What the desk shows.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// The name of what it shows; waiting without network has a name of its own.
    #[must_use]
    pub const fn data_state(&self) -> DataState {
        match self.state {
            State::Ready if !self.online => DataState("ready-offline"),
            _ => self.state.data_state(),
        }
    }

    /// Since when it shows that.
    #[must_use]
    pub const fn since(&self) -> UnixMillis {
        self.since
    }

    /// Whether the platform answered last time.
    #[must_use]
    pub const fn online(&self) -> bool {
        self.online
    }

    /// Whether the desk stands still until an unlock comes: tried again in the background.
    #[must_use]
    pub const fn waits_for_unlock(&self) -> bool {
        matches!(
            self.state,
            State::Starting { waiting: true, .. } | State::Locked | State::QuotaOut | State::Suspended
        )
    }

    /// The patient before.
    #[must_use]
    pub const fn previous(&self) -> Option<&Previous> {
        self.previous.as_ref()
    }

    /// Takes one event and says what is to be done. `now` is the terminal's clock, `ticks` what the
    /// element last showed; neither enters a proof.
    pub fn handle(&mut self, event: Event, now: UnixMillis, ticks: Option<Ticks>) -> Vec<Action> {
        match event {
            Event::StartReached(step) => self.start_reached(step, now),
            Event::Started(anchored) => self.started(anchored, now),
            Event::StartedOffline { .. } => self.started_offline(now),
            Event::StartFailed(failure) => self.start_failed(failure, now),
            Event::SwitchedOn => return self.switched_on(now),
            Event::LineLost => self.online = false,
            Event::LineBack => self.online = true,
            Event::CardPlaced(card) => return self.card_placed(card, now),
            Event::CardRemoved => return self.card_removed(now),
            Event::CardRead => self.card_read(now),
            Event::CardFailed(failure) => return self.card_failed(failure, now),
            Event::HolderChosen(method) => return self.holder_chosen(method, now),
            Event::PinGiven => return self.pin_given(now),
            Event::TriesLeft(left) => self.tries_left(left, now),
            Event::Reached(step) => self.reached(step, now),
            Event::Committed { evid } => return self.committed(evid, now),
            Event::Answered { evid, answer } => self.answered(evid, answer, now),
            Event::Unanswered { evid, waiting_number } => {
                self.unanswered(evid, waiting_number, now);
            }
            Event::ChartAssigned { evid, chart } => self.chart_assigned(evid, chart),
            Event::ReaderLost => return self.reader_lost(now),
            Event::ReaderFound => self.reader_found(now),
            Event::Idle => return self.idle(ticks),
            Event::Back => return self.back(now),
        }
        Vec::new()
    }

    fn go(&mut self, state: State, now: UnixMillis) {
        if let State::Result(visit) = &self.state {
            self.previous = Some(Previous { visit: visit.clone(), at: self.since });
        }
        if self.state.data_state() != state.data_state() {
            self.since = now;
        }
        self.state = state;
    }

    fn start_reached(&mut self, step: StartStep, now: UnixMillis) {
        if matches!(self.state, State::Starting { .. }) {
            self.go(State::Starting { step, waiting: false }, now);
        }
    }

    fn started(&mut self, anchored: Option<Anchored>, now: UnixMillis) {
        self.online = true;
        self.anchored = anchored;
        self.unlocked(now);
    }

    /// The platform had no part in it, so there is no anchor and no network yet.
    fn started_offline(&mut self, now: UnixMillis) {
        self.online = false;
        self.anchored = None;
        self.unlocked(now);
    }

    fn unlocked(&mut self, now: UnixMillis) {
        if matches!(self.state, State::Starting { .. } | State::Locked | State::Suspended | State::QuotaOut) {
            self.go(State::Ready, now);
        }
    }

    fn start_failed(&mut self, failure: StartFailure, now: UnixMillis) {
        match failure {
            StartFailure::Suspended => self.go(State::Suspended, now),
            StartFailure::Unreachable | StartFailure::NeedsAdministrator => {
                self.online = false;
                if matches!(self.state, State::Starting { .. }) {
                    self.go(State::Locked, now);
                }
            }
            StartFailure::Device => self.wait(),
        }
    }

    /// Nothing of the power cycle before is left but what the journal holds.
    fn switched_on(&mut self, now: UnixMillis) -> Vec<Action> {
        let last_method = self.last_method;
        *self = Self { last_method, ..Self::new(now) };
        vec![Action::LetGo, Action::PowerOn]
    }

    const fn wait(&mut self) {
        if let State::Starting { waiting, .. } = &mut self.state {
            *waiting = true;
        }
    }

    fn card_placed(&mut self, card: crate::CardName, now: UnixMillis) -> Vec<Action> {
        if !self.state.takes_a_card() {
            return Vec::new();
        }
        self.go(State::Reading { step: ReadingStep::Card }, now);
        vec![Action::LetGo, Action::OpenCard(card)]
    }

    fn card_removed(&mut self, now: UnixMillis) -> Vec<Action> {
        match self.state {
            // The record is written: the card has done its part.
            State::Reading { step: ReadingStep::Record } => Vec::new(),
            State::Reading { .. } | State::VerifyHolder { .. } | State::Pin { .. } => {
                self.go(State::Pulled, now);
                vec![Action::LetGo]
            }
            _ => Vec::new(),
        }
    }

    fn card_read(&mut self, now: UnixMillis) {
        if matches!(self.state, State::Reading { step: ReadingStep::Card }) {
            self.go(State::VerifyHolder { preselected: self.last_method }, now);
        }
    }

    fn card_failed(&mut self, failure: CardFailure, now: UnixMillis) -> Vec<Action> {
        if !matches!(self.state, State::Reading { .. }) {
            return Vec::new();
        }
        let (state, actions) = match failure {
            CardFailure::WrongPin { tries_left } => {
                (State::Pin { tries_left: Some(tries_left), wrong: true }, Vec::new())
            }
            CardFailure::PinBlocked => (State::CardLocked, Vec::new()),
            CardFailure::Pulled => (State::Pulled, vec![Action::LetGo]),
            CardFailure::NotOurs(seems) => (State::WrongCard { seems }, vec![Action::LetGo]),
            CardFailure::Expired => (State::CardExpired, vec![Action::LetGo]),
            CardFailure::OutOfBudget => (State::QuotaOut, vec![Action::LetGo, Action::Anchor]),
            CardFailure::Locked => (
                State::Starting { step: StartStep::Element, waiting: false },
                vec![Action::LetGo, Action::PowerOn],
            ),
        };
        self.go(state, now);
        actions
    }

    fn holder_chosen(&mut self, method: HolderCheck, now: UnixMillis) -> Vec<Action> {
        let locked = matches!(self.state, State::CardLocked);
        if !locked && !matches!(self.state, State::VerifyHolder { .. }) {
            return Vec::new();
        }
        if method == HolderCheck::Pin {
            if !locked {
                self.go(State::Pin { tries_left: None, wrong: false }, now);
                return vec![Action::AskTries];
            }
            return Vec::new();
        }
        self.last_method = Some(method);
        self.go(State::Reading { step: ReadingStep::Terminal }, now);
        vec![Action::TakeVisit(method)]
    }

    fn pin_given(&mut self, now: UnixMillis) -> Vec<Action> {
        if !matches!(self.state, State::Pin { .. }) {
            return Vec::new();
        }
        self.last_method = Some(HolderCheck::Pin);
        self.go(State::Reading { step: ReadingStep::Terminal }, now);
        vec![Action::TakeVisit(HolderCheck::Pin)]
    }

    fn tries_left(&mut self, left: u8, now: UnixMillis) {
        if let State::Pin { wrong, .. } = self.state {
            let state =
                if left == 0 { State::CardLocked } else { State::Pin { tries_left: Some(left), wrong } };
            self.go(state, now);
        }
    }

    fn reached(&mut self, step: ReadingStep, now: UnixMillis) {
        if matches!(self.state, State::Reading { .. }) {
            self.go(State::Reading { step }, now);
        }
    }

    fn committed(&mut self, evid: Hash, now: UnixMillis) -> Vec<Action> {
        // A card that was pulled in the last moment has done its part all the same.
        if matches!(self.state, State::Reading { .. } | State::Pulled) {
            self.go(State::Reading { step: ReadingStep::Record }, now);
            self.awaited = Some(evid);
        }
        vec![Action::LetGo, Action::Confirm(evid)]
    }

    fn answered(&mut self, evid: Hash, answer: Answer, now: UnixMillis) {
        self.online = true;
        let outcome = match answer {
            Answer::Confirmed { chart: Some(chart) } => Outcome::Known(chart),
            Answer::Confirmed { chart: None } => Outcome::New,
            Answer::OtherChart { expected, seen } => Outcome::OtherFamily { expected, seen },
            Answer::Undecided { waiting_number, chart: None } => Outcome::NewProvisional { waiting_number },
            Answer::Undecided { waiting_number, chart: Some(chart) } => {
                Outcome::KnownProvisional { waiting_number, chart }
            }
            Answer::Stopped { chart } => Outcome::Revoked(chart),
            Answer::Rejected { chart } => Outcome::Rejected(chart),
        };
        self.show(Visit { evid, outcome }, now);
    }

    fn unanswered(&mut self, evid: Hash, waiting_number: u64, now: UnixMillis) {
        // An answer that came in the last moment stands.
        if matches!(self.state, State::Reading { step: ReadingStep::Record }) {
            self.online = false;
            self.show(Visit { evid, outcome: Outcome::NewProvisional { waiting_number } }, now);
        }
    }

    /// Shows a result if the desk waits for it, or corrects it where it stands already.
    fn show(&mut self, visit: Visit, now: UnixMillis) {
        match &mut self.state {
            // After an outage the answers for earlier visits come first.
            State::Reading { step: ReadingStep::Record } if self.awaited == Some(visit.evid) => {
                self.go(State::Result(visit), now);
            }
            State::Result(shown) if shown.evid == visit.evid => *shown = visit,
            _ => {
                if let Some(previous) = self.previous.as_mut().filter(|p| p.visit.evid == visit.evid) {
                    previous.visit = visit;
                }
            }
        }
    }

    fn chart_assigned(&mut self, evid: Hash, chart: ChartLine) {
        let shown = match &mut self.state {
            State::Result(visit) => Some(visit),
            _ => self.previous.as_mut().map(|previous| &mut previous.visit),
        };
        let Some(visit) = shown.filter(|visit| visit.evid == evid) else { return };
        match visit.outcome {
            Outcome::New => visit.outcome = Outcome::Known(chart),
            Outcome::NewProvisional { waiting_number } => {
                visit.outcome = Outcome::KnownProvisional { waiting_number, chart };
            }
            _ => {}
        }
    }

    fn reader_lost(&mut self, now: UnixMillis) -> Vec<Action> {
        if matches!(self.state, State::Starting { .. } | State::Locked | State::Suspended) {
            return Vec::new();
        }
        self.go(State::ReaderLost, now);
        vec![Action::LetGo]
    }

    fn reader_found(&mut self, now: UnixMillis) {
        if self.state == State::ReaderLost {
            self.go(State::Ready, now);
        }
    }

    /// Between patients the anchor is renewed before the proven window grows wider than wanted.
    fn idle(&self, ticks: Option<Ticks>) -> Vec<Action> {
        let (Some(anchored), Some(ticks)) = (self.anchored, ticks) else { return Vec::new() };
        let between = matches!(self.state, State::Ready | State::Result(_));
        let same_cycle = anchored.ticks.cycle == ticks.cycle;
        let elapsed = ticks.count.saturating_sub(anchored.ticks.count);
        if between && same_cycle && elapsed >= anchored.good_for { vec![Action::Anchor] } else { Vec::new() }
    }

    fn back(&mut self, now: UnixMillis) -> Vec<Action> {
        match self.state {
            State::VerifyHolder { .. } | State::Pin { .. } | State::CardLocked => {
                self.go(State::Ready, now);
                vec![Action::LetGo]
            }
            State::Pulled | State::WrongCard { .. } | State::CardExpired | State::Result(_) => {
                self.go(State::Ready, now);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }
}
