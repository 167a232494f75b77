//! Whether the platform can be reached, asked while nobody is at the desk: the page says so before the
//! next patient finds out.

use std::time::Duration;

use crate::check_in::Event;
use crate::terminal::Terminal;

/// How often the platform is asked, and how long an answer may take.
const PAUSE: Duration = Duration::from_secs(5);

/// A small answer that every platform gives to everybody: nothing is learnt from it but that it came.
const QUESTION: &str = "/v1/keys/rcpt";

impl Terminal {
    /// Asks the platform from time to time, and tells the desk when that changed. Never ends.
    pub async fn watch_line(&self) {
        loop {
            self.look_at_line().await;
            tokio::time::sleep(PAUSE).await;
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
                self.tell(Event::LineBack);
                // What waited is sent now, not at the next turn of a pause that has grown long.
                self.0.to_send.notify_one();
            }
            _ => {}
        }
    }
}
