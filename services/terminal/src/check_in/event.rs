//! What happens to a desk, and what the desk wants done.

use jushin_statement::{Hash, HolderCheck};

use super::{Anchored, CardGuess, ChartLine, ReadingStep, StartStep};
use crate::CardName;

/// Something happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Start-up came this far.
    StartReached(StartStep),
    /// The element is unlocked for this power cycle, or has a new anchor.
    Started(Option<Anchored>),
    /// An administrator's card unlocked the element without network: check-ins are provisional, and the
    /// network is still away.
    StartedOffline {
        /// Check-ins that the unlock allows.
        check_ins: u64,
    },
    /// Start-up cannot go on.
    StartFailed(StartFailure),
    /// The terminal was switched off and is on again.
    SwitchedOn,
    /// The platform does not answer.
    LineLost,
    /// The platform answers (again).
    LineBack,
    /// A card lies on the reader.
    CardPlaced(CardName),
    /// The card left the reader.
    CardRemoved,
    /// The card is one of ours and was read.
    CardRead,
    /// The card session ended without a visit, or waits for another PIN.
    CardFailed(CardFailure),
    /// The receptionist said how the holder is checked.
    HolderChosen(HolderCheck),
    /// The patient typed a PIN; the driver holds it.
    PinGiven,
    /// The card said how many PIN tries are left.
    TriesLeft(u8),
    /// The card session came this far.
    Reached(ReadingStep),
    /// The element has written the visit and the journal holds it.
    Committed {
        /// The visit.
        evid: Hash,
    },
    /// The platform answered for a visit.
    Answered {
        /// The visit.
        evid: Hash,
        /// What it said.
        answer: Answer,
    },
    /// The platform has not answered in time; the journal keeps the visit and sends it later.
    Unanswered {
        /// The visit.
        evid: Hash,
        /// The number on the desk's list.
        waiting_number: u64,
    },
    /// The receptionist gave a new patient a chart, or named the chart of a provisional visit.
    ChartAssigned {
        /// The visit.
        evid: Hash,
        /// The chart.
        chart: ChartLine,
    },
    /// The reader is gone.
    ReaderLost,
    /// The reader is back.
    ReaderFound,
    /// Nothing happened for a while.
    Idle,
    /// Esc.
    Back,
}

/// Why start-up cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartFailure {
    /// The platform refuses this terminal.
    Suspended,
    /// The platform cannot be reached; it is tried again by itself.
    Unreachable,
    /// The platform cannot be reached, and an administrator's card may unlock instead. The network is
    /// tried again by itself meanwhile.
    NeedsAdministrator,
    /// The element or the journal does not do its part.
    Device,
}

/// Why a card session gave no visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardFailure {
    /// The PIN was wrong.
    WrongPin {
        /// Tries left.
        tries_left: u8,
    },
    /// No tries are left.
    PinBlocked,
    /// The card left the reader, or its answer did not count.
    Pulled,
    /// It is another kind of card.
    NotOurs(CardGuess),
    /// Its certificate is past its date.
    Expired,
    /// The element allows no more check-ins under this unlock.
    OutOfBudget,
    /// The element is not unlocked (any more).
    Locked,
}

/// The platform's answer for a visit, and the institution's own chart for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Confirmed.
    Confirmed {
        /// The chart of the pseudonym, if one is known.
        chart: Option<ChartLine>,
    },
    /// Confirmed, but for another chart than the desk had named.
    OtherChart {
        /// Number of the chart that the desk named.
        expected: String,
        /// The chart of the pseudonym.
        seen: ChartLine,
    },
    /// Stays provisional.
    Undecided {
        /// The number on the desk's list.
        waiting_number: u64,
        /// The chart, if the desk named one.
        chart: Option<ChartLine>,
    },
    /// The card was stopped before the visit.
    Stopped {
        /// The chart, if the pseudonym came along.
        chart: Option<ChartLine>,
    },
    /// Not confirmed for another reason.
    Rejected {
        /// The chart, if the pseudonym came along.
        chart: Option<ChartLine>,
    },
}

/// Something is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Connect to the card and read it.
    OpenCard(CardName),
    /// Ask the card how many PIN tries are left.
    AskTries,
    /// Run the session from the challenge to the journal.
    TakeVisit(HolderCheck),
    /// Drop the card session and whatever it holds.
    LetGo,
    /// Send the visit and wait a little for the answer.
    Confirm(Hash),
    /// Unlock the element for this power cycle.
    PowerOn,
    /// Renew the anchor.
    Anchor,
}
