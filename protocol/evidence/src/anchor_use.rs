//! Which anchors a verdict rests on.

use jushin_statement::{Hash, UnixMillis};

/// An anchor that unlocked the element or bounds the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchorUse {
    /// What it is.
    pub kind: AnchorKind,
    /// Its hash: anchor-h of an unlock, else SHA-256 of its token.
    pub hash: Hash,
    /// The token's time (genTime); `None` for an administrator's unlock, which proves no time.
    pub time: Option<UnixMillis>,
    /// How far that may be off, in microseconds; 0 without a token.
    pub accuracy_us: u64,
    /// SHA-256 of the time-stamping CA certificate that the token's chain ends in.
    pub time_stamper: Option<Hash>,
    /// It is the unlock that the card's statement names.
    pub named: bool,
    /// It gives the window's earliest time.
    pub bounds_earliest: bool,
    /// It gives the window's latest time.
    pub bounds_latest: bool,
}

/// What an anchor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AnchorKind {
    /// Unlocked by the service provider, with a token between two tick stamps.
    Online,
    /// Unlocked by an administrator's card.
    Offline,
    /// A token over a close.
    Close,
    /// A token over a beacon.
    Beacon,
}
