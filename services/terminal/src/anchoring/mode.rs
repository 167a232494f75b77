//! How the terminal stands just now: for the counter's page, never for a proof.

/// How the terminal stands to the platform, and what a visit now could prove.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mode {
    /// How this power cycle was unlocked, and whether the platform still answers.
    pub unlock: UnlockMode,
    /// Check-ins that the present unlock still allows; nil while locked.
    pub remaining: Option<u64>,
    /// Width in milliseconds of the window that a visit now would have, before a later anchor narrows it.
    /// Nil: only the order would be proven.
    pub window_ms: Option<u64>,
    /// A new anchor is due: the window grows wider than the policy wants, the day has turned, or the
    /// unlock is nearly used up.
    pub re_anchor_due: bool,
    /// Time since the last time-stamp token while none could be had, as a fraction of the four hours after
    /// which a check-in is no longer shown as confirmed online. 0 while tokens come.
    pub tsa_debt: f64,
}

/// How this power cycle was unlocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnlockMode {
    /// It was not, yet.
    Locked,
    /// By the platform, which answers.
    Online,
    /// By the platform, which no longer answers.
    LostAfterUnlock,
    /// By an administrator's card.
    OfflineUnlocked,
}

impl Mode {
    /// From this debt on the counter and the operator are warned: one hour.
    pub const DEBT_WARNS: f64 = 0.25;

    /// Whether the missing tokens are worth a warning.
    #[must_use]
    pub fn warns_of_debt(&self) -> bool {
        self.tsa_debt >= Self::DEBT_WARNS
    }

    /// Whether a confirmed check-in may be shown as confirmed online. If not it is shown as provisional;
    /// it is never refused.
    #[must_use]
    pub fn grants_online_label(&self) -> bool {
        self.tsa_debt < 1.0
    }
}
