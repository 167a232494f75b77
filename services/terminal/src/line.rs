//! Whether the platform can be reached, asked while nobody is at the desk: the page says so before the
//! next patient finds out.

use std::time::Duration;

use crate::anchoring::UnlockMode;
use crate::check_in::Event;
use crate::terminal::{Terminal, locked};

/// How often the platform is asked, and how long an answer may take.
const PAUSE: Duration = Duration::from_secs(5);

/// A small answer that every platform gives to everybody: nothing is learnt from it but that it came.
const QUESTION: &str = "/v1/keys/rcpt";

const MINUTE: u64 = 60_000;

/// What the pages show of the terminal's standing and of its clock.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Shown {
    minute: u64,
    unlock: UnlockMode,
    remaining: Option<u64>,
    window_minutes: Option<u64>,
    re_anchor_due: bool,
    warns_of_debt: bool,
}

impl Terminal {
    /// Asks the platform from time to time, and tells the pages when that, or how the terminal stands, has
    /// changed. Never ends.
    pub async fn watch_line(&self) {
        let mut before = self.shown();
        loop {
            self.look_at_line().await;
            let now = self.shown();
            if before != now {
                before = now;
                // Nobody may be listening.
                let _ = self.0.changed.send(());
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn shown(&self) -> Shown {
        let mode = self.mode();
        Shown {
            minute: self.0.now().0 / MINUTE,
            unlock: mode.unlock,
            remaining: mode.remaining,
            window_minutes: mode.window_ms.map(|window| window / MINUTE),
            re_anchor_due: mode.re_anchor_due,
            warns_of_debt: mode.warns_of_debt(),
        }
    }

    /// Asks once.
    pub async fn look_at_line(&self) {
        let answer = tokio::time::timeout(PAUSE, self.0.platform.get(QUESTION)).await;
        let answers = matches!(answer, Ok(Ok(_)));
        match (self.desk().online(), answers) {
            (true, false) => {
                self.tell(Event::LineLost);
            }
            (false, true) => {
                locked(&self.0.standing).line_back();
                self.tell(Event::LineBack);
                // What waited is sent now, not at the next turn of a pause that has grown long.
                self.0.to_send.notify_one();
            }
            _ => {}
        }
    }
}
