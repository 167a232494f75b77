//! Chapter 2: in the mountains, without network. An administrator's card unlocks; what happened is proven once
//! the network is back.

use anyhow::{Context as _, ensure};
use jushin_evidence::Appraisal;
use jushin_pages::{Certainty, Lang};
use jushin_platform::TerminalState;
use jushin_statement::{Class, Hash, HolderCheck, Status};
use jushin_terminal::{CardName, StaffPin};

use super::cast::{PATIENTS, YAMABIKO};
use super::clock::instant;
use super::record::Chapter;
use super::site::Site;
use super::staff::{STAFF_PIN, StaffCards};
use super::story::{STORY_DAY, Story, at, when};

const NAME: &str = "In the mountains, no network";
/// Milliseconds of a day.
const DAY: u64 = at(24, 0, 0);

impl Story<'_, '_> {
    /// The evening before: the clinic's last unlock over the network.
    pub(super) async fn evening_before(&self, site: &Site) -> anyhow::Result<()> {
        self.world.clock.advance_to(STORY_DAY - DAY + at(18, 5, 0));
        site.terminal.power_on().await.context("unlock in the evening")?;
        Ok(())
    }

    /// Chapter 2.
    pub(super) async fn in_the_mountains(&mut self, site: &Site) -> anyhow::Result<()> {
        self.account.chapter(2, NAME, &format!("{} {}", YAMABIKO.ja, YAMABIKO.en));
        self.day.chapters.push(Chapter { name: NAME.to_owned(), steps: Vec::new() });
        self.advance_to(at(10, 15, 0));
        site.line.cut();
        self.by_card(site, "10:15").await?;
        let taps = self.taps(site).await?;
        self.network_back(site, &taps).await
    }

    /// The power comes back, the network does not: the card of the clinic's administrator unlocks.
    async fn by_card(&mut self, site: &Site, clock: &str) -> anyhow::Result<()> {
        let watch = instant();
        let check_ins = self.switched_on(site).await?;
        let text = format!("administrator's ◇ HPKI card and PIN, {check_ins} taps allowed");
        self.account.step(clock, "unlock 管理者", &text);
        self.step("unlock by card", &text, watch.elapsed().as_secs_f64() * 1e3);
        Ok(())
    }

    async fn switched_on(&mut self, site: &Site) -> anyhow::Result<u64> {
        site.power_cycle()?;
        site.terminal.switched_on().await;
        self.expect(site.terminal.desk().data_state().0 == "locked", "without network the desk is locked");
        let card = StaffCards::administrator_of(site.place);
        let unlocked = site.terminal.unlock_with(&card, StaffPin::new(STAFF_PIN)?).await?;
        Ok(unlocked.check_ins)
    }

    /// Three patients, and a power cut after the second.
    async fn taps(&mut self, site: &Site) -> anyhow::Result<Vec<Hash>> {
        let watch = instant();
        let mut taps = Vec::new();
        for (patient, second) in PATIENTS.iter().zip([10, 45, 90]) {
            self.advance_to(at(10, 21, second));
            if taps.len() == 2 {
                self.switched_on(site).await?;
            }
            let card = CardName(patient.card.to_owned());
            let result = site.terminal.tap_now(&card, HolderCheck::PhotoMachine, None).await;
            let provisional = result.state.0.ends_with("provisional") && result.verdict.is_none();
            self.expect(provisional, &format!("the tap of {} is provisional", patient.card));
            taps.push(result.trace.evid.with_context(|| format!("the tap of {}", patient.card))?);
        }
        let lost = taps.len().abs_diff(site.terminal.waiting()?);
        self.expect(lost == 0, "the power cut lost nothing");
        let text = format!("provisional 仮受付; power cut after the second, {lost} lost");
        self.account.step("10:21", &format!("{} taps 受付", taps.len()), &text);
        self.account.detail("when", "only the order so far, no time proven yet 未確定");
        self.step("taps without network", &text, watch.elapsed().as_secs_f64() * 1e3);
        Ok(taps)
    }

    /// The terminal notices by itself that the network is back, takes an anchor and sends what waits.
    async fn network_back(&mut self, site: &Site, taps: &[Hash]) -> anyhow::Result<()> {
        self.advance_to(at(12, 40, 0));
        let watch = instant();
        site.line.release();
        site.terminal.look_at_line().await;
        for _ in 0..ROUNDS {
            site.terminal.background_round().await;
        }
        self.deliver().await?;
        let mut confirmed = Vec::new();
        for tap in taps {
            confirmed.push(self.keep(*tap, false)?);
        }
        let count = confirmed.iter().filter(|visit| visit.status == Status::Valid).count();
        self.expect(count == taps.len() && site.terminal.waiting()? == 0, "every tap is confirmed");
        let terminals = self.world.platform.terminals()?;
        let whole = terminals
            .iter()
            .any(|one| one.element == site.element && one.state == TerminalState::Able && !one.forked);
        let no_reasons = confirmed.iter().all(|visit| visit.reasons.is_empty());
        self.expect(whole && no_reasons, "no counter is missing between the taps");
        let (from, to) = counters(&confirmed)?;
        let text = format!("{count} of {} confirmed, counter {from} to {to}, no gap", taps.len());
        self.account.step("12:40", "network back 復旧", &text);
        for (name, visit) in [("when, 1 and 2", confirmed.first()), ("when, 3", confirmed.last())] {
            self.account.detail(name, &window(visit.context("no visit")?));
        }
        self.step("network back", &text, watch.elapsed().as_secs_f64() * 1e3);
        Ok(())
    }
}

/// Rounds of the terminal's background work: anchor and boxes, then what only a later token settles.
const ROUNDS: usize = 3;

/// First counter of the first visit and last of the last.
fn counters(visits: &[Appraisal]) -> anyhow::Result<(u64, u64)> {
    let all: Vec<u64> =
        visits.iter().filter_map(|visit| visit.presence.as_ref()).map(|presence| presence.counter).collect();
    ensure!(all.len() == visits.len(), "a visit without a counter");
    let (from, to) = all.iter().min().zip(all.iter().max()).context("no visit")?;
    Ok((*from, to + 1))
}

fn window(visit: &Appraisal) -> String {
    let certainty = Certainty { class: visit.class, lo: visit.window.earliest(), hi: visit.window.latest() };
    match certainty.class {
        Class::Tight => when(visit),
        _ => jushin_pages::when(certainty, Lang::En),
    }
}
