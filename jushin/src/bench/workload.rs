//! Visits as they come about: real terminals, elements ◇ and cards ◇, a platform that takes them in.

use std::sync::Arc;

use anyhow::{Context as _, ensure};
use jushin_card::VirtualCard;
use jushin_evidence::Trust;
use jushin_pki::Crypto;
use jushin_runtime::Clock as _;
use jushin_statement::{Hash, HolderCheck, Object as _};
use jushin_terminal::CardName;
use tokio::runtime::Handle;

use crate::demo::stage::{DayClock, MORNING, Site, World};

use super::Size;
use super::desk::{Desk, Measured};
use super::parallel::on_all_cores;
use super::place::place;
use super::progress::Progress;
use super::scratch::Scratch;

/// Certificates are not used in the minutes in which they were made.
const PAUSE_MS: u64 = 600_000;

/// All parties, with terminals that are unlocked.
pub(super) struct Workload {
    pub(super) world: World,
    pub(super) stations: Vec<Station>,
    pub(super) folder: Scratch,
}

/// A terminal with its desk.
pub(super) struct Station {
    pub(super) site: Site,
    pub(super) desk: Desk,
}

impl Workload {
    /// Sets everything up. Terminals and elements do their cryptography with `crypto`.
    pub(super) async fn set_up(size: &Size, crypto: Arc<dyn Crypto>) -> anyhow::Result<Self> {
        let folder = Scratch::new(size.dir.as_deref())?;
        let clock = Arc::new(DayClock::starting_at(MORNING));
        let mut world = World::open(folder.path(), "http://127.0.0.1:8700", size.seed, clock).await?;
        world.crypto = crypto;
        let progress = Progress::new("terminals enrolled", size.terminals);
        let stations = on_all_cores((0..size.terminals).collect(), |number| {
            let station = Handle::current().block_on(Station::enrol(&world, folder.path(), number));
            progress.step();
            station
        })?;
        Ok(Self { world, stations, folder })
    }

    /// Lets some time pass and unlocks every terminal.
    pub(super) async fn open(&self) -> anyhow::Result<()> {
        self.world.clock.advance_to(self.world.clock.now().0 + PAUSE_MS);
        for station in &self.stations {
            station.site.terminal.power_on().await.context("unlock")?;
        }
        Ok(())
    }

    /// Every card checks in once; terminal by terminal, each as many as the others. Gives the visits in
    /// the order in which a platform meets them: all terminals in turn.
    pub(super) fn check_in(&self, cards: Vec<VirtualCard>) -> anyhow::Result<Vec<Hash>> {
        let progress = Progress::new("check-ins", cards.len());
        let mut lists: Vec<Vec<VirtualCard>> = self.stations.iter().map(|_| Vec::new()).collect();
        for (number, card) in cards.into_iter().enumerate() {
            let place = number % lists.len().max(1);
            lists.get_mut(place).context("no terminal")?.push(card);
        }
        let work = self.stations.iter().zip(lists).collect();
        let visits = on_all_cores(work, |(station, cards)| {
            Handle::current().block_on(station.check_in(cards, &progress))
        })?;
        let longest = visits.iter().map(Vec::len).max().unwrap_or_default();
        let in_turn = (0..longest).flat_map(|turn| visits.iter().filter_map(move |own| own.get(turn)));
        Ok(in_turn.copied().collect())
    }

    /// The platform's full bundle of each visit.
    pub(super) fn bundles(&self, visits: &[Hash]) -> anyhow::Result<Vec<Vec<u8>>> {
        visits.iter().map(|evid| Ok(self.world.platform.bundle(*evid)?.encode())).collect()
    }

    /// What a verifier is given.
    pub(super) fn trust(&self) -> anyhow::Result<Arc<Trust>> {
        Ok(Arc::new(Trust::from_files(self.world.platform.trust_files())?))
    }
}

impl Station {
    async fn enrol(world: &World, folder: &std::path::Path, number: usize) -> anyhow::Result<Self> {
        let desk = Desk::default();
        let meter = desk.element.clone();
        let site = Site::enrol_with(world, folder, place(number), Arc::new(desk.clone()), |element| {
            Box::new(Measured(element, meter))
        });
        Ok(Self { site: site.await?, desk })
    }

    /// Check-ins one after the other, and an anchor after the last, which bounds all of them from above.
    async fn check_in(&self, cards: Vec<VirtualCard>, progress: &Progress<'_>) -> anyhow::Result<Vec<Hash>> {
        let mut visits = Vec::new();
        for card in cards {
            visits.push(self.tap(card).await?);
            progress.step();
        }
        self.site.terminal.re_anchor().await.context("the last anchor")?;
        Ok(visits)
    }

    /// One check-in, sent to the platform and answered.
    pub(super) async fn tap(&self, card: VirtualCard) -> anyhow::Result<Hash> {
        self.desk.lay(card);
        let name = CardName("card".to_owned());
        let result = self.site.terminal.tap_now(&name, HolderCheck::PhotoMachine, None).await;
        let trouble = || result.trace.trouble.clone().unwrap_or_else(|| "nothing was said why".to_owned());
        let evid = result.trace.evid.with_context(|| format!("a tap gave no visit: {}", trouble()))?;
        ensure!(result.verdict.is_some(), "the platform gave no verdict on {evid}");
        Ok(evid)
    }
}
