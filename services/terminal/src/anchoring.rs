//! Keeping the proven window narrow: when a new anchor is due, and taking it (P2, P4, P5).
//!
//! ```text
//!  power-on ──► two anchors ──► [due: width, day, doors, budget, hour] ──► anchor … ──► last anchor ──► off
//!                                  │ nothing for an hour ──► heartbeat
//! ```
//! The terminal's own clock is only a trigger. Set wrong, it costs anchors or proofs of the own visits;
//! it never makes a window.

mod mode;
mod policy;
mod standing;

use jushin_runtime::PeerError;
use jushin_statement::{Hash, StampSubject, TickSpec};

pub use self::mode::{Mode, UnlockMode};
pub(crate) use self::policy::ticks_within;
use self::policy::{Due, Rules};
pub(crate) use self::standing::Standing;
use crate::check_in::State;
use crate::power_on::PowerOnError;
use crate::store::Fact;
use crate::terminal::{DeviceError, Inner, Terminal, locked};

impl Terminal {
    /// How the terminal stands just now.
    #[must_use]
    pub fn mode(&self) -> Mode {
        let (standing, now) = (*locked(&self.0.standing), self.0.now());
        let unlock = match standing.unlocked_by_provider() {
            None => UnlockMode::Locked,
            Some(false) => UnlockMode::OfflineUnlocked,
            Some(true) if self.desk().online() => UnlockMode::Online,
            Some(true) => UnlockMode::LostAfterUnlock,
        };
        Mode {
            unlock,
            remaining: standing.begins_left(),
            window_ms: self.0.clock_spec().and_then(|tick| standing.width_ms(tick)),
            re_anchor_due: self.0.anchor_due().is_some(),
            tsa_debt: standing.debt(now),
        }
    }

    /// Takes the last anchor of this power cycle and sends what waits. Then the power may go: whatever
    /// happened before has a time on both sides.
    ///
    /// `None` if the element was not unlocked in this cycle.
    ///
    /// # Errors
    ///
    /// [`PowerOnError`]. The power may go all the same; the next anchor of a later cycle then closes this
    /// one, more widely.
    pub async fn power_off_planned(&self) -> Result<Option<Hash>, PowerOnError> {
        if locked(&self.0.standing).unlocked_by_provider().is_none() {
            return Ok(None);
        }
        let anchor = self.re_anchor().await?;
        // What does not arrive now is in the journal.
        let _ = self.sync().await;
        Ok(Some(anchor))
    }

    /// Between patients: renews an anchor that is due, or ties the chain by a heartbeat after a long pause.
    pub(crate) async fn keep_anchored(&self) {
        let looked = self.0.with_device(|inner| {
            inner.note_remaining();
            Ok::<_, DeviceError>(())
        });
        let between_patients = matches!(self.desk().state(), State::Ready | State::Result(_));
        if looked.await.is_err() || !between_patients {
            return;
        }
        if self.0.anchor_due().is_some() && self.0.may_try_now() {
            // Without a new anchor the proven window only gets wider.
            let _ = self.re_anchor().await;
        } else if locked(&self.0.standing).heartbeat_due(self.0.now()) {
            // An element that refuses has used up its unlock; the anchor that is due then is tried above.
            let _ = self.0.with_device(Inner::heartbeat).await;
        }
    }

    /// Before a card is asked for anything: the first visit of a day comes after an anchor of that day.
    ///
    /// Care does not wait longer for that than for the platform's answer.
    pub(crate) async fn anchor_before_visit(&self) {
        let due = self.0.anchor_due().is_some_and(Due::before_a_visit);
        if due && self.0.may_try_now() {
            let terminal = self.clone();
            let anchoring = tokio::spawn(async move { terminal.re_anchor().await });
            let _ = tokio::time::timeout(self.0.configuration.patience, anchoring).await;
        }
    }
}

impl Inner {
    /// Why an anchor is due, by what was last seen of the element.
    fn anchor_due(&self) -> Option<Due> {
        let rules = Rules {
            window_ms: self.configuration.window_ms,
            closing_minute: self.configuration.closing_minute,
        };
        let tick = self.clock_spec()?;
        locked(&self.standing).due(rules, tick, self.now())
    }

    /// After a try that failed the next one waits a little: each costs the element a record.
    fn may_try_now(&self) -> bool {
        locked(&self.standing).may_try(self.now())
    }

    fn clock_spec(&self) -> Option<TickSpec> {
        use jushin_statement::Object as _;
        TickSpec::decode(&self.store.fact(Fact::Clock).ok()??).ok()
    }

    fn heartbeat(&self) -> Result<(), DeviceError> {
        let stamp = locked(&self.element).stamp(StampSubject::Heartbeat, Hash::ZERO)?;
        self.journal(&stamp)?;
        self.note_remaining();
        Ok(())
    }

    /// Remembers what a try to take an anchor came to.
    pub(crate) fn note_try<T>(&self, tried: &Result<T, PowerOnError>) {
        let no_token = match tried {
            Ok(_) => return,
            Err(PowerOnError::BracketTooWide) => true,
            Err(PowerOnError::Platform(PeerError::Refused { status, .. })) => status.is_server_error(),
            Err(_) => false,
        };
        locked(&self.standing).failed(self.now(), no_token);
    }
}
