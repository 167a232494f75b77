//! Drives the check-in machine: runs its actions and brings back what happened.

use std::collections::VecDeque;

use jushin_card::client::{Pin, PinForm};
use jushin_card::jpki::Credential;
use jushin_statement::{Eligibility, Hash, HolderCheck, Signed, Statement, UnixMillis, Verdict};

use crate::check_in::{Action, Answer, ChartLine, DataState, Event, Outcome, ReadingStep, State, Visit};
use crate::ports::CardName;
use crate::store::{Chart, StoreError, VisitAnswer};
use crate::tap::{TapError, TapTrace};
use crate::terminal::{Terminal, locked};

/// What one tap came to.
#[derive(Clone, Debug)]
pub struct TapResult {
    /// What the desk shows now.
    pub state: DataState,
    /// How the holder was checked.
    pub method: HolderCheck,
    /// Commands the card answered, steps and durations, the visit.
    pub trace: TapTrace,
    /// The chart, if one is known.
    pub chart: Option<ChartLine>,
    /// The platform's verdict.
    pub verdict: Option<Verdict>,
    /// The eligibility answer.
    pub eligibility: Option<Eligibility>,
    /// A short code for the paper receipt, `R-` and four characters; nil while provisional.
    pub receipt_code: Option<String>,
}

/// A chart number was not taken.
#[derive(Debug, thiserror::Error)]
pub enum AssignError {
    /// There is no confirmed visit with a pseudonym.
    #[error("this visit is not confirmed yet")]
    NotConfirmed,
    /// The institution has no such chart.
    #[error("there is no chart {0}")]
    NoSuchChart(String),
    /// Empty or too long.
    #[error("a chart number has 1 to 20 characters")]
    Number,
    /// Journal.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Terminal {
    /// A card lies on the reader.
    pub async fn card_placed(&self, card: CardName) {
        self.perform(Event::CardPlaced(card)).await;
    }

    /// The card left the reader.
    pub async fn card_removed(&self) {
        self.perform(Event::CardRemoved).await;
    }

    /// The reader is gone.
    pub async fn reader_lost(&self) {
        self.perform(Event::ReaderLost).await;
    }

    /// The reader is back.
    pub async fn reader_found(&self) {
        self.perform(Event::ReaderFound).await;
    }

    /// The terminal was switched off and is on again: whatever its memory held is gone.
    pub async fn switched_on(&self) {
        *locked(&self.0.ticks) = None;
        *locked(&self.0.boot) = None;
        *locked(&self.0.remaining) = None;
        locked(&self.0.standing).powered_on();
        self.perform(Event::SwitchedOn).await;
    }

    /// The receptionist said how the holder is checked.
    pub async fn holder_chosen(&self, method: HolderCheck) {
        self.perform(Event::HolderChosen(method)).await;
    }

    /// The patient typed a PIN. It goes to the card and nowhere else.
    ///
    /// # Errors
    ///
    /// [`PinForm`]: not four digits; the card was not asked.
    pub async fn pin_given(&self, typed: &str) -> Result<(), PinForm> {
        if self.hold_pin(typed)? {
            self.perform(Event::PinGiven).await;
        }
        Ok(())
    }

    /// Puts a PIN beside the open card session; false if there is none.
    pub(crate) fn hold_pin(&self, typed: &str) -> Result<bool, PinForm> {
        let pin = Pin::new(Credential::Authentication, typed)?;
        let mut card = locked(&self.0.card);
        let Some(open) = card.as_mut() else { return Ok(false) };
        open.pin = Some(pin);
        Ok(true)
    }

    /// Esc.
    pub async fn back(&self) {
        self.perform(Event::Back).await;
    }

    /// A whole tap without a page: place the card, choose the check, type the PIN, take the card away.
    pub async fn tap_now(&self, card: &CardName, method: HolderCheck, pin: Option<&str>) -> TapResult {
        self.card_placed(card.clone()).await;
        self.holder_chosen(method).await;
        if let Some(pin) = pin {
            // A PIN of another form leaves the desk asking for one.
            let _ = self.pin_given(pin).await;
        }
        self.card_removed().await;
        self.tap_result(method)
    }

    fn tap_result(&self, method: HolderCheck) -> TapResult {
        let desk = self.desk();
        let trace = locked(&self.0.trace).clone();
        let answer = trace.evid.and_then(|evid| self.0.store.answer(evid).ok().flatten());
        let chart = match desk.state() {
            State::Result(visit) => visit.outcome.chart().cloned(),
            _ => None,
        };
        let part = |signed: fn(&VisitAnswer) -> &Option<Signed>| {
            answer.as_ref().and_then(|answer| signed(answer).clone())
        };
        let verdict = part(|answer| &answer.verdict);
        TapResult {
            state: desk.state().data_state(),
            method,
            chart,
            receipt_code: verdict.as_ref().map(|verdict| receipt_code(verdict.imprint())),
            verdict: verdict.and_then(|signed| opened(&signed)),
            eligibility: part(|answer| &answer.eligibility).and_then(|signed| opened(&signed)),
            trace,
        }
    }

    /// Lets the patient of a confirmed visit lead to a chart, which is made if it is new.
    ///
    /// # Errors
    ///
    /// [`AssignError`].
    pub fn assign_chart(&self, evid: Hash, chart: Chart) -> Result<(), AssignError> {
        if chart.number.trim().is_empty() || chart.number.chars().count() > 20 {
            return Err(AssignError::Number);
        }
        let pid =
            self.0.store.answer(evid)?.and_then(|answer| answer.pid).ok_or(AssignError::NotConfirmed)?;
        let now = self.0.now();
        let chart = match self.0.store.chart(&chart.number)? {
            Some(known) if chart.name.is_empty() => known,
            _ => {
                self.0.store.keep_chart(&chart, now)?;
                chart
            }
        };
        self.0.store.link(&pid, &chart.number, now)?;
        self.tell(Event::ChartAssigned { evid, chart: line(chart, None) });
        Ok(())
    }

    /// Remembers whose chart a provisional visit belongs to, as the patient's paper card says. When the
    /// platform confirms the visit, the card has the last word.
    ///
    /// # Errors
    ///
    /// [`AssignError`].
    pub fn name_chart(&self, evid: Hash, wanted: &str) -> Result<(), AssignError> {
        let wanted = wanted.trim();
        let chart = self.0.store.chart(wanted)?;
        let chart = chart.ok_or_else(|| AssignError::NoSuchChart(wanted.to_owned()))?;
        self.0.store.name_chart(evid, &chart.number, self.0.now())?;
        self.tell(Event::ChartAssigned { evid, chart: line(chart, None) });
        Ok(())
    }

    /// Handles an event and everything that follows from it.
    pub(crate) async fn perform(&self, event: Event) {
        let actions = self.tell(event);
        self.follow(actions).await;
    }

    /// Runs actions and whatever follows from them.
    pub(crate) async fn follow(&self, actions: Vec<Action>) {
        let mut actions = VecDeque::from(actions);
        while let Some(action) = actions.pop_front() {
            if let Some(event) = self.run(action).await {
                actions.extend(self.tell(event));
            }
        }
    }

    /// Handles an event; whoever has no use for the actions may drop them.
    pub(crate) fn tell(&self, event: Event) -> Vec<Action> {
        let ticks = *locked(&self.0.ticks);
        let actions = self.0.desk().handle(event, self.0.now(), ticks);
        // Nobody may be listening.
        let _ = self.0.changed.send(());
        actions
    }

    async fn run(&self, action: Action) -> Option<Event> {
        match action {
            Action::OpenCard(card) => {
                self.anchor_before_visit().await;
                let opened = self.card_work(move |terminal| terminal.0.open_card(&card)).await;
                Some(opened.map_or_else(|error| self.failed(&error), |()| Event::CardRead))
            }
            Action::AskTries => {
                let left = self.card_work(|terminal| terminal.0.tries_left()).await;
                // A card that does not say so is asked for its PIN all the same.
                left.ok().map(Event::TriesLeft)
            }
            Action::TakeVisit(method) => {
                let taken = self.card_work(move |terminal| {
                    let progress = |step: ReadingStep| {
                        terminal.tell(Event::Reached(step));
                    };
                    terminal.0.take_visit(method, &progress)
                });
                let taken = taken.await;
                Some(taken.map_or_else(|error| self.failed(&error), |evid| Event::Committed { evid }))
            }
            Action::LetGo => {
                // Closing a session talks to the card, so it is dropped where blocking is allowed.
                let closed = self.card_work(|terminal| {
                    drop(locked(&terminal.0.card).take());
                    Ok(())
                });
                let _ = closed.await;
                None
            }
            Action::Confirm(evid) => self.confirm(evid).await,
            Action::PowerOn => {
                // The desk shows how it went.
                let _ = Box::pin(self.power_on()).await;
                None
            }
            Action::Anchor => {
                // Without a new anchor the proven window only gets wider.
                let _ = Box::pin(self.re_anchor()).await;
                None
            }
        }
    }

    async fn card_work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, TapError> + Send + 'static,
    ) -> Result<T, TapError> {
        let terminal = self.clone();
        self.0.with_device(move |_| work(&terminal)).await
    }

    fn failed(&self, error: &TapError) -> Event {
        locked(&self.0.trace).trouble = Some(error.to_string());
        error.event()
    }

    /// Sends the visit and waits a little. Care never waits longer: the journal has it.
    async fn confirm(&self, evid: Hash) -> Option<Event> {
        let terminal = self.clone();
        let sending = tokio::spawn(async move { terminal.sync_boxes().await });
        let _ = tokio::time::timeout(self.0.configuration.patience, sending).await;
        if matches!(self.0.store.answer(evid), Ok(Some(_))) {
            return None;
        }
        self.0.to_send.notify_one();
        let waiting_number = self.0.store.waiting_number(evid, self.0.now()).unwrap_or_default();
        Some(Event::Unanswered { evid, waiting_number })
    }

    /// Tells the desk what a verified receipt says of one visit.
    pub(crate) fn announce(&self, answer: &VisitAnswer) -> Result<(), StoreError> {
        use jushin_statement::Status;
        let store = &self.0.store;
        let named = store.named_chart(answer.evid)?;
        let mut found = answer.pid.map(|pid| store.chart_of(&pid, answer.evid)).transpose()?.flatten();
        if let (Some(pid), None, Some(named)) = (answer.pid, &found, &named) {
            // A card that led nowhere leads from now on to the chart that the desk named.
            store.link(&pid, &named.number, self.0.now())?;
            found = store.chart_of(&pid, answer.evid)?;
        }
        let chart = found.map(|(chart, last_visit)| line(chart, last_visit));
        let named = named.map(|chart| line(chart, None));
        let said = match answer.status {
            Status::Valid | Status::OpenEnded => match (chart, named) {
                (Some(seen), Some(expected)) if seen.number != expected.number => {
                    Answer::OtherChart { expected: expected.number, seen }
                }
                (chart, _) => Answer::Confirmed { chart },
            },
            Status::Indeterminate => {
                let waiting_number = store.waiting_number(answer.evid, self.0.now())?;
                Answer::Undecided { waiting_number, chart: named }
            }
            Status::Invalid if answer.stopped => Answer::Stopped { chart },
            Status::Invalid | Status::Conflict => Answer::Rejected { chart },
        };
        self.tell(Event::Answered { evid: answer.evid, answer: said });
        Ok(())
    }

    /// Whether the visit on the screen may be given a chart number.
    pub(crate) fn visit_without_chart(&self) -> Option<Hash> {
        match self.desk().state() {
            State::Result(visit) if visit.outcome == Outcome::New => Some(visit.evid),
            _ => None,
        }
    }

    /// Whether the visit on the screen is provisional and nobody has said whose chart it is.
    pub(crate) fn visit_without_name(&self) -> Option<Hash> {
        match self.desk().state() {
            State::Result(Visit { evid, outcome: Outcome::NewProvisional { .. } }) => Some(*evid),
            _ => None,
        }
    }
}

fn line(chart: Chart, last_visit: Option<UnixMillis>) -> ChartLine {
    ChartLine { number: chart.number, name: chart.name, kana: chart.kana, last_visit }
}

fn opened<S: Statement>(signed: &Signed) -> Option<S> {
    S::decode(signed.parse().ok()?.payload).ok()
}

/// `R-` and twenty bits of the answer, in letters that are not mistaken for one another.
fn receipt_code(answer: Hash) -> String {
    const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let [a, b, c, ..] = answer.0;
    let bits = u32::from_be_bytes([0, a, b, c]);
    let letters = [19, 14, 9, 4].map(|shift| char::from(LETTERS[(bits >> shift) as usize & 31]));
    format!("R-{}", letters.iter().collect::<String>())
}
