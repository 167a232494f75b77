//! The story of the day: each line is printed when its step has really happened, from what was stored and
//! verified again.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use jushin_evidence::Appraisal;
use jushin_history::CardLogin as _;
use jushin_pages::{Certainty, iso};
use jushin_statement::{Hash, HolderCheck, Status, UnixMillis};
use jushin_terminal::{CardName, Chart, TapResult};

use crate::personalise::PIN;

use super::account::Account;
use super::archive::Archive;
use super::cast::{PATIENTS, Patient, SAKURA, YAMABIKO};
use super::clock::instant;
use super::record::{Chapter, Day, Step, Visit};
use super::site::Site;
use super::world::World;

/// 2026-03-02T00:00:00+09:00, when P1 came for the first time.
const FIRST_DAY: u64 = 1_772_377_200_000;
/// 2026-04-07T00:00:00+09:00, the day of the story.
pub(super) const STORY_DAY: u64 = 1_775_487_600_000;

/// When the clock of the story starts: the morning of the first day.
pub(super) const START: u64 = FIRST_DAY + at(8, 30, 0);

/// Milliseconds since midnight.
pub(super) const fn at(hour: u64, minute: u64, second: u64) -> u64 {
    ((hour * 60 + minute) * 60 + second) * 1_000
}

/// The day's storyteller.
pub(super) struct Story<'a, 'o> {
    pub(super) world: &'a World,
    pub(super) account: &'a mut Account<'o>,
    pub(super) archive: &'a Archive,
    pub(super) day: Day,
    /// What was expected and did not happen.
    pub(super) unexplained: Vec<String>,
}

/// The terminals, for the attacks and for whoever goes on after the story.
pub(super) struct Sites {
    pub(super) sakura: Site,
    pub(super) yamabiko: Site,
    /// P1's visit of the story's day.
    pub(super) visit: Hash,
    /// P2's visit, whose card an attacker borrows.
    pub(super) other_visit: Hash,
    /// P1's visit of the first day.
    pub(super) first_visit: Hash,
}

impl Story<'_, '_> {
    /// Chapter 1: at home, online.
    pub(super) async fn at_home(&mut self, folder: &Path) -> anyhow::Result<Sites> {
        let sakura = self.world.enrol(folder, &SAKURA).await?;
        let yamabiko = self.world.enrol(folder, &YAMABIKO).await?;
        let first = self.first_visit(&sakura).await?;
        self.evening_before(&yamabiko).await?;

        self.account.chapter(1, "At home, online", &format!("{} {}", SAKURA.ja, SAKURA.en));
        self.day.chapters.push(Chapter { name: "At home, online".to_owned(), steps: Vec::new() });
        self.unlock(&sakura).await?;
        let known = self.tap(&sakura, &PATIENTS[0], HolderCheck::PhotoMachine, at(8, 52, 3)).await?;
        self.known_again(&known, &PATIENTS[0]);
        let second = self.tap(&sakura, &PATIENTS[1], HolderCheck::PhotoVisual, at(8, 58, 41)).await?;
        self.first_time(&sakura, &second, &PATIENTS[1])?;
        let third = self.tap(&sakura, &PATIENTS[2], HolderCheck::Pin, at(9, 5, 17)).await?;
        self.first_time(&sakura, &third, &PATIENTS[2])?;
        self.seen_by_patients().await?;
        Ok(Sites {
            sakura,
            yamabiko,
            first_visit: evid(&first)?,
            visit: evid(&known)?,
            other_visit: evid(&second)?,
        })
    }

    /// P1's first visit, five weeks before the story: her chart is made.
    async fn first_visit(&mut self, site: &Site) -> anyhow::Result<TapResult> {
        self.world.clock.advance_to(FIRST_DAY + at(9, 0, 0));
        site.terminal.power_on().await.context("unlock on the first day")?;
        self.world.clock.advance_to(FIRST_DAY + at(9, 10, 0));
        let card = CardName(PATIENTS[0].card.to_owned());
        let result = site.terminal.tap_now(&card, HolderCheck::PhotoMachine, None).await;
        let evid = evid(&result)?;
        site.terminal.assign_chart(evid, chart(&PATIENTS[0]))?;
        self.deliver().await?;
        self.keep(evid, true)?;
        Ok(result)
    }

    async fn unlock(&mut self, site: &Site) -> anyhow::Result<()> {
        self.world.clock.advance_to(STORY_DAY + at(8, 40, 0));
        site.power_cycle()?;
        let watch = instant();
        let anchors = site.terminal.power_on().await.context("unlock")?.anchors.len();
        let stampers = if anchors == 2 { "2 TSAs stamped" } else { "1 TSA stamped" };
        let text = format!("platform let terminal {} use its key, {stampers}", site.place.terminal);
        self.account.step("08:40", "unlock 起動認証", &text);
        self.step("unlock", &text, watch.elapsed().as_secs_f64() * 1e3);
        Ok(())
    }

    /// A card is placed; what is printed comes from the bundle that was stored and verified again.
    async fn tap(
        &mut self,
        site: &Site,
        patient: &Patient,
        method: HolderCheck,
        time: u64,
    ) -> anyhow::Result<TapResult> {
        self.world.clock.advance_to(STORY_DAY + time);
        let clock = jushin_pages::seconds_time(UnixMillis(STORY_DAY + time))[..5].to_owned();
        let watch = instant();
        let pin = (method == HolderCheck::Pin).then_some(PIN);
        let result = site.terminal.tap_now(&CardName(patient.card.to_owned()), method, pin).await;
        let milliseconds = watch.elapsed().as_secs_f64() * 1e3;
        let Some(visit) = result.trace.evid else {
            let trouble = result.trace.trouble.as_deref().unwrap_or("nothing was said why");
            bail!("the tap of {} gave no visit: {trouble}", patient.card);
        };
        self.deliver().await?;
        let appraisal = self.keep(visit, true)?;
        let pin = if method == HolderCheck::Pin { "PIN" } else { "no PIN" };
        let text = format!("card checked the clinic, then signed: {pin}, {} APDUs", result.trace.apdus);
        self.account.step(&clock, "tap 受付", &text);
        self.step("tap", &text, milliseconds);
        self.describe(site, patient, &appraisal);
        Ok(result)
    }

    fn describe(&mut self, site: &Site, patient: &Patient, appraisal: &Appraisal) {
        let holder = match appraisal.method() {
            Some(HolderCheck::Pin) => "PIN given",
            Some(HolderCheck::PhotoMachine) => "face matched",
            Some(HolderCheck::PhotoVisual) => "face seen by eye",
            Some(HolderCheck::DeviceBiometrics) => "phone biometrics",
            None => "holder check unknown",
        };
        let who = format!("◇ {} ({}), {holder} (asserted by clinic)", patient.card, patient.words);
        self.account.detail("who", &who);
        let code = appraisal.institution().map_or_else(|| "?".to_owned(), |code| code.to_string());
        let place = site.place;
        let place_line =
            format!("{} {code}, terminal {}, ◇ element {}", place.ja, place.terminal, place.element);
        self.account.detail("where", &place_line);
        self.account.detail("when", &when(appraisal));
        // The names of the story stand for what the stored bytes say.
        let here = appraisal.terminal() == Some(Hash::of(place.terminal.as_bytes()).first16())
            && appraisal.element_id() == Some(site.element)
            && code == place.code;
        self.expect(here, &format!("the visit of {} was at {}", patient.card, place.en));
    }

    fn known_again(&mut self, result: &TapResult, patient: &Patient) {
        let known = result.chart.as_ref().is_some_and(|line| line.number == patient.chart);
        self.expect(known, "P1 is known again by her card");
        let clock = "08:52";
        let text = format!("receipt signed, known again as chart {} by card ID", patient.chart);
        self.confirmed(clock, result, &text);
    }

    fn first_time(&mut self, site: &Site, result: &TapResult, patient: &Patient) -> anyhow::Result<()> {
        site.terminal.assign_chart(evid(result)?, chart(patient))?;
        let clock = if patient.card == "P2" { "08:58" } else { "09:05" };
        let text = format!("receipt signed, first visit, chart {} is made", patient.chart);
        self.confirmed(clock, result, &text);
        Ok(())
    }

    fn confirmed(&mut self, clock: &str, result: &TapResult, text: &str) {
        let valid = result.verdict.as_ref().is_some_and(|verdict| verdict.status == Status::Valid);
        self.expect(valid && result.receipt_code.is_some(), "the desk has receipt and verdict");
        self.account.step(clock, "confirmed 確定", text);
        if let Some(answer) = &result.eligibility {
            self.account.detail(
                "insured",
                &format!("{:?}, the patient pays {}0 %", answer.validity, answer.copay_tenths),
            );
        }
        self.step("confirmed", text, 0.0);
    }

    /// Every patient signs in at home with card and PIN, and finds her visits.
    async fn seen_by_patients(&mut self) -> anyhow::Result<()> {
        let watch = instant();
        let mut seen = 0;
        for patient in &PATIENTS {
            let ticket = self.world.home.login(patient.card, PIN).await;
            let ticket = ticket.with_context(|| format!("{} signs in at home", patient.card))?;
            let person = self.world.platform.redeem(&ticket)?;
            let rows = self.world.history.timeline(person.value, None, 50).await?;
            seen += rows.iter().filter(|row| row.status == Status::Valid).count();
        }
        let all = self.day.visits.len();
        self.expect(seen == all, "every visit is in its patient's own list");
        let text = format!("card and PIN: {seen} of {all} visits in the patients' lists");
        self.account.step("09:06", "at home 自宅で", &text);
        self.step("seen at home", &text, watch.elapsed().as_secs_f64() * 1e3);
        Ok(())
    }

    /// Sends what waits for the history service, as the platform does by itself in the background.
    /// Its place in the log comes first, so that the bundle carries the proof.
    pub(super) async fn deliver(&mut self) -> anyhow::Result<()> {
        self.world.platform.seal_log().await?;
        let delivery = self.world.platform.deliver_once().await?;
        ensure!(delivery.waiting == 0, "{} visits were not taken by the history service", delivery.waiting);
        Ok(())
    }

    /// Writes the bundle of a visit, reads it back, verifies it, and holds the stored verdict against that.
    pub(super) fn keep(&mut self, evid: Hash, online: bool) -> anyhow::Result<Appraisal> {
        let kept = self.archive.keep(&self.world.platform, evid)?;
        if let Some(trouble) = &kept.disagreement {
            self.unexplained.push(format!("{}: {trouble}", kept.name));
        }
        let appraisal = kept.appraisal;
        self.expect(appraisal.status == Status::Valid, "the visit is valid");
        self.day.visits.push(Visit {
            bundle: kept.name,
            status: crate::verify::word(appraisal.status).to_owned(),
            class: appraisal.class.number(),
            earliest: appraisal.window.earliest().map(iso),
            latest: appraisal.window.latest().map(iso),
            institution: appraisal.institution().map(|code| code.to_string()).unwrap_or_default(),
            terminal: appraisal.terminal().map(|id| id.to_string()).unwrap_or_default(),
            online,
        });
        Ok(appraisal)
    }

    /// Whatever is not as it must be is counted, and ends the demo with a failure.
    pub(super) fn expect(&mut self, holds: bool, what: &str) {
        if !holds {
            self.unexplained.push(format!("not so: {what}"));
        }
    }

    pub(super) fn step(&mut self, step: &str, outcome: &str, milliseconds: f64) {
        let at = iso(jushin_runtime::Clock::now(self.world.clock.as_ref()));
        if let Some(chapter) = self.day.chapters.last_mut() {
            chapter.steps.push(Step { at, step: step.to_owned(), outcome: outcome.to_owned(), milliseconds });
        }
    }

    /// A clock that the attacks may move on.
    pub(super) fn advance_to(&self, time: u64) {
        Arc::clone(&self.world.clock).advance_to(STORY_DAY + time);
    }
}

fn evid(result: &TapResult) -> anyhow::Result<Hash> {
    result.trace.evid.with_context(|| {
        format!("a tap gave no visit: {}", result.trace.trouble.as_deref().unwrap_or("nothing was said why"))
    })
}

fn chart(patient: &Patient) -> Chart {
    Chart { number: patient.chart.to_owned(), name: patient.name.to_owned(), kana: patient.kana.to_owned() }
}

/// `08:52:03 to 08:52:06, proven to 3 s`
pub(super) fn when(appraisal: &Appraisal) -> String {
    let certainty =
        Certainty { class: appraisal.class, lo: appraisal.window.earliest(), hi: appraisal.window.latest() };
    match (certainty.lo, certainty.hi) {
        (Some(lo), Some(hi)) => format!(
            "{} to {}, proven to {}",
            jushin_pages::seconds_time(lo),
            jushin_pages::seconds_time(UnixMillis(hi.0.div_ceil(1_000) * 1_000)),
            certainty.width()
        ),
        _ => jushin_pages::when(certainty, jushin_pages::Lang::En),
    }
}
