//! Keeping the proven window narrow: when a new anchor is due, and taking it (P2, P4, P5).

mod mode;
#[allow(dead_code, reason = "used by the driver that follows")]
mod policy;

pub use mode::{Mode, UnlockMode};

use crate::terminal::{Terminal, locked};

impl Terminal {
    /// How the terminal stands just now.
    #[must_use]
    pub fn mode(&self) -> Mode {
        let unlock = match (self.desk().waits_for_unlock(), self.desk().online()) {
            (true, _) => UnlockMode::Locked,
            (false, true) => UnlockMode::Online,
            (false, false) => UnlockMode::LostAfterUnlock,
        };
        Mode {
            unlock,
            remaining: *locked(&self.0.remaining),
            window_ms: None,
            re_anchor_due: false,
            tsa_debt: 0.0,
        }
    }
}
