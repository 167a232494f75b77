//! What a desk can show.

use jushin_statement::{Hash, HolderCheck};

/// A state of the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Getting ready.
    Starting {
        /// Which step is under way.
        step: StartStep,
        /// Whether it waits for the terminal's own parts.
        waiting: bool,
    },
    /// Switched on without network: an administrator's card is needed first.
    Locked,
    /// Waiting for a card.
    Ready,
    /// Reading a card.
    Reading {
        /// How far it is.
        step: ReadingStep,
    },
    /// How was the person checked?
    VerifyHolder {
        /// The choice of the last time.
        preselected: Option<HolderCheck>,
    },
    /// The patient types a PIN.
    Pin {
        /// Tries left, once known.
        tries_left: Option<u8>,
        /// Whether the one before was wrong.
        wrong: bool,
    },
    /// The card moved too early.
    Pulled,
    /// Not a My Number Card.
    WrongCard {
        /// What it seems to be.
        seems: CardGuess,
    },
    /// The card is past its date.
    CardExpired,
    /// The PIN is blocked; the card still lies there.
    CardLocked,
    /// No check-in is left under this unlock.
    QuotaOut,
    /// No reader.
    ReaderLost,
    /// The platform refuses this terminal.
    Suspended,
    /// A visit.
    Result(Visit),
}

/// Steps of start-up, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartStep {
    /// The element boots and meets its terminal.
    Element,
    /// The platform unlocks it.
    Unlock,
    /// A second time stamp confirms the first.
    SecondStamp,
}

impl StartStep {
    /// Steps that are left, this one included.
    #[must_use]
    pub const fn left(self) -> u8 {
        match self {
            Self::Element => 3,
            Self::Unlock => 2,
            Self::SecondStamp => 1,
        }
    }
}

/// Steps of reading, in order: カード / 端末 / 本人 / 記録.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadingStep {
    /// The card is read.
    Card,
    /// The card checks the terminal.
    Terminal,
    /// The card answers for its holder.
    Holder,
    /// The record is written and sent.
    Record,
}

/// What a card that is not ours seems to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardGuess {
    /// A chip card without the application that is needed.
    OtherChip,
    /// It has the application, but no issuer that is known here.
    UnknownIssuer,
    /// It answers nothing that makes sense.
    Silent,
}

/// A visit on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Which one.
    pub evid: Hash,
    /// What is known of it.
    pub outcome: Outcome,
}

/// What is known of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Confirmed, and the chart is known.
    Known(ChartLine),
    /// Confirmed, a new patient.
    New,
    /// Not confirmed yet; a number on the list stands for the patient.
    NewProvisional {
        /// K-number.
        waiting_number: u64,
    },
    /// Not confirmed yet; the desk has said whose chart it is.
    KnownProvisional {
        /// K-number.
        waiting_number: u64,
        /// The chart that the desk named.
        chart: ChartLine,
    },
    /// Confirmed, but the card leads to another chart than the desk had named.
    OtherFamily {
        /// Number of the chart that the desk named.
        expected: String,
        /// The chart that the card leads to.
        seen: ChartLine,
    },
    /// The card was stopped.
    Revoked(Option<ChartLine>),
    /// Could not be confirmed.
    Rejected(Option<ChartLine>),
}

/// A chart in one line, from the institution's own index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartLine {
    /// 診察券番号
    pub number: String,
    /// Name, any Unicode.
    pub name: String,
    /// Name in kana.
    pub kana: String,
    /// The terminal's clock at the last visit before this one.
    pub last_visit: Option<jushin_statement::UnixMillis>,
}

/// The name of a state in `<main data-state>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DataState(pub &'static str);

impl std::fmt::Display for DataState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl State {
    /// Its name.
    #[must_use]
    pub const fn data_state(&self) -> DataState {
        DataState(match self {
            Self::Starting { .. } => "starting",
            Self::Locked => "locked",
            Self::Ready => "ready",
            Self::Reading { .. } => "reading",
            Self::VerifyHolder { .. } => "verify-holder",
            Self::Pin { .. } => "pin",
            Self::Pulled => "pulled",
            Self::WrongCard { .. } => "wrong-card",
            Self::CardExpired => "card-expired",
            Self::CardLocked => "card-locked",
            Self::QuotaOut => "quota-out",
            Self::ReaderLost => "reader-lost",
            Self::Suspended => "suspended",
            Self::Result(visit) => return visit.outcome.data_state(),
        })
    }

    /// Whether Esc leads somewhere.
    #[must_use]
    pub const fn may_go_back(&self) -> bool {
        !matches!(
            self,
            Self::Starting { .. }
                | Self::Locked
                | Self::Ready
                | Self::Reading { .. }
                | Self::QuotaOut
                | Self::ReaderLost
                | Self::Suspended
        )
    }

    /// Whether a card may be placed now.
    #[must_use]
    pub const fn takes_a_card(&self) -> bool {
        matches!(
            self,
            Self::Ready
                | Self::Pulled
                | Self::WrongCard { .. }
                | Self::CardExpired
                | Self::CardLocked
                | Self::Result(_)
        )
    }
}

impl Outcome {
    /// Its name.
    #[must_use]
    pub const fn data_state(&self) -> DataState {
        DataState(match self {
            Self::Known(_) => "known",
            Self::New => "new",
            Self::NewProvisional { .. } => "new-provisional",
            Self::KnownProvisional { .. } => "known-provisional",
            Self::OtherFamily { .. } => "other-family",
            Self::Revoked(_) => "revoked",
            Self::Rejected(_) => "rejected-later",
        })
    }

    /// The chart, if one is known.
    #[must_use]
    pub const fn chart(&self) -> Option<&ChartLine> {
        match self {
            Self::Known(chart)
            | Self::KnownProvisional { chart, .. }
            | Self::OtherFamily { seen: chart, .. } => Some(chart),
            Self::Revoked(chart) | Self::Rejected(chart) => chart.as_ref(),
            Self::New | Self::NewProvisional { .. } => None,
        }
    }
}
