//! Chapter 5, second half: somebody cheats with a terminal that has no network. What was held back is noticed
//! when the chain is closed, and what a stolen terminal still signs is void.

use std::path::Path;

use anyhow::Context as _;
use jushin_evidence::Reason;
use jushin_platform::{TerminalState, TerminalStatus};
use jushin_runtime::PeerError;
use jushin_statement::{Gap, Hash, HolderCheck, Id16, Status};
use jushin_terminal::{CardName, PowerOnError};

use super::cast::{BACK_DESK, PATIENTS, YAMABIKO};
use super::site::Site;
use super::story::{Sites, Story, at};

impl Story<'_, '_> {
    /// Both attacks of this half.
    pub(super) async fn cheats_offline(&mut self, folder: &Path, sites: &Sites) -> anyhow::Result<()> {
        self.record_left_out(folder).await?;
        self.stolen_terminal(&sites.yamabiko).await
    }

    /// The clinic throws a visit away before it is uploaded. In the evening the chain is closed.
    async fn record_left_out(&mut self, folder: &Path) -> anyhow::Result<()> {
        self.advance_to(at(13, 30, 0));
        let site = self.world.enrol(folder, &BACK_DESK).await?;
        site.terminal.power_on().await.context("unlock of the third terminal")?;
        site.line.cut();
        self.advance_to(at(14, 0, 0));
        let (_, counter) = tap(&site, 1).await?;
        self.advance_to(at(14, 5, 0));
        tap(&site, 2).await?;
        throw_away(folder, &site, counter)?;
        site.line.release();
        self.advance_to(at(14, 30, 0));
        site.terminal.close_day().await?;

        let status = self.status_of(site.element)?;
        let gap = Gap { from: counter, to: counter + 1 };
        let noticed = status.missing == [gap] && matches!(status.state, TerminalState::Suspended { .. });
        let outcome = if noticed {
            format!("ALARM G3:    counter {}, {} missing, terminal suspended", gap.from, gap.to)
        } else {
            format!("NOT NOTICED: {:?} {:?}", status.missing, status.state)
        };
        self.ended("a record left out", &outcome, "G3", noticed);
        Ok(())
    }

    /// A thief pulls the network off T2 while it is unlocked, and taps stolen cards. At 15:00 the operator
    /// hears of it. What the thief sends later is refused by everybody.
    async fn stolen_terminal(&mut self, site: &Site) -> anyhow::Result<()> {
        self.advance_to(at(14, 50, 0));
        site.line.cut();
        self.advance_to(at(15, 0, 0));
        self.world.platform.suspend(site.element, None, "reported stolen")?;
        self.advance_to(at(15, 10, 0));
        let (first, _) = tap(site, 1).await?;
        self.advance_to(at(15, 12, 0));
        let (second, _) = tap(site, 2).await?;

        site.line.release();
        site.power_cycle()?;
        site.terminal.switched_on().await;
        let answer = site.terminal.power_on().await;
        let locked = matches!(
            &answer,
            Err(PowerOnError::Platform(PeerError::Refused { title, .. })) if title == "suspended"
        );
        site.terminal.sync().await?;
        let listed = self.status_of(site.element)?.refused.len();
        let refused = locked && listed == 2 && self.is_void(first)? && self.is_void(second)?;
        let outcome = if refused {
            format!("REFUSED:     no unlock since 15:00; {listed} records listed")
        } else {
            format!("NOT REFUSED: {answer:?}, {listed} records listed")
        };
        self.ended(&format!("stolen terminal {}", YAMABIKO.terminal), &outcome, "suspended", refused);
        Ok(())
    }

    /// Whoever verifies the visit's bundle alone finds that it is void.
    fn is_void(&self, evid: Hash) -> anyhow::Result<bool> {
        let appraisal = self.archive.appraise(&self.world.platform.bundle(evid)?)?;
        Ok(appraisal.status == Status::Invalid && appraisal.reasons.contains(&Reason::Void))
    }

    fn status_of(&self, element: Id16) -> anyhow::Result<TerminalStatus> {
        let terminals = self.world.platform.terminals()?;
        terminals.into_iter().find(|one| one.element == element).context("no such terminal")
    }
}

/// A tap whose answer does not come; returns the visit and the counter of its beginning.
async fn tap(site: &Site, patient: usize) -> anyhow::Result<(Hash, u64)> {
    let card = CardName(PATIENTS.get(patient).context("no such patient")?.card.to_owned());
    let result = site.terminal.tap_now(&card, HolderCheck::PhotoVisual, None).await;
    result.trace.evid.zip(result.trace.counter).with_context(|| format!("the tap of {card} gave no visit"))
}

/// Whoever owns the terminal's disk can delete from its journal what was not sent yet.
fn throw_away(folder: &Path, site: &Site, counter: u64) -> anyhow::Result<()> {
    let journal = folder.join(format!("terminal-{}.sqlite", site.place.terminal));
    let deleted =
        rusqlite::Connection::open(journal)?.execute("DELETE FROM box WHERE counter = ?1", [counter])?;
    anyhow::ensure!(deleted == 1, "no box to throw away");
    Ok(())
}
