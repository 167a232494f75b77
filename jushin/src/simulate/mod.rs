//! `jushin simulate`: weeks of mixed outages over many terminals, and whether every proven window is true.
//!
//! ```text
//!  script, weather (seed) ─► terminal ─► element, card ─► platform ─► bundles ─► verifier
//!  true time ──────────────── nobody but the simulator knows it ──────────────► held against the windows
//! ```
//! Terminal, element, card code, platform and verifier are the real ones. An adversary chooses delays so that
//! readings fall on the edges of ticks, rates at the certified bound, and tokens that are wrong by all that
//! they may be: a bound that is one tick too tight is then found.

mod cards;
mod chance;
mod judge;
mod line;
mod oscillator;
mod play;
mod plot;
mod profile;
mod progress;
mod report;
mod script;
mod seat;
mod socket;
mod stage;
mod town;
mod true_time;
mod weather;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;

use self::cards::Cards;
use self::chance::Chance;
use self::judge::Exhibits;
use self::play::Company;
use self::report::Report;
use self::script::Run;
use self::seat::Seat;
use self::stage::{Aim, Stage};
use self::town::Town;
use self::true_time::TrueTime;
use self::weather::Weather;

/// 2026-04-06T00:00:00+09:00, a Monday. Certificates are a day older.
const FIRST_MIDNIGHT_US: u64 = 1_775_401_200_000_000;
const HOUR_US: u64 = 3_600_000_000;
const DAY_US: u64 = 24 * HOUR_US;
/// When everything is set up.
const START_MS: u64 = (FIRST_MIDNIGHT_US - DAY_US) / 1_000;

/// Plays weeks of outages with simulated cards and elements, and checks every proven window against the truth.
///
/// Exit code: 0 every window holds, no visit is lost and every one is proven, 1 otherwise.
#[derive(Debug, Clone, clap::Args)]
pub struct SimulateArgs {
    /// How many institutions, each with one terminal.
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=9_999))]
    pub institutions: u16,
    /// How many patients, each with a card.
    #[arg(long, default_value_t = 50, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub patients: u32,
    /// How many days.
    #[arg(long, default_value_t = 14, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=3_650))]
    pub days: u16,
    /// The same number gives the same story.
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub seed: u64,
    /// Share of days that a terminal has no network at all, 0 to 1.
    #[arg(long, default_value_t = 0.1, value_name = "P")]
    pub offline_share: f64,
    /// Write bundles, trust folder, summary.json and plots there.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write the true times there. Without it they are gone when the command ends.
    #[arg(long, value_name = "FILE")]
    pub truth: Option<PathBuf>,
}

/// Whether every window holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Soundness {
    /// It does, no visit is lost, and every one is proven, with or without an upper end.
    Sound,
    /// Something of that is not so.
    Unsound,
}

/// Runs the command.
///
/// # Errors
///
/// When a party does not start, or a file cannot be written.
pub fn run(args: &SimulateArgs) -> anyhow::Result<Soundness> {
    anyhow::ensure!((0.0..=1.0).contains(&args.offline_share), "--offline-share goes from 0 to 1");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(simulate(args))?;
    print!("{}", report.text());
    if let Some(out) = &args.out {
        report.write(out)?;
    }
    if let Some(file) = &args.truth {
        std::fs::write(file, report.truth()).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(report.soundness())
}

async fn simulate(args: &SimulateArgs) -> anyhow::Result<Report> {
    let watch = progress::instant();
    let folder = Scratch::new(args.seed)?;
    let terminals = usize::from(args.institutions);
    let patients = usize::try_from(args.patients)?;
    let run = Run { start: FIRST_MIDNIGHT_US, days: args.days.into(), terminals, patients };
    let time = Arc::new(TrueTime::starting_at(START_MS * 1_000));
    let weather = Weather::drawn(args.seed, terminals, run.start, run.days, args.offline_share);
    let stage = Arc::new(Stage::new(time.clone(), weather, Chance::new(args.seed, 1)));
    let town = Town::open(folder.path(), args.seed, &stage)?;
    let cards = Cards::make(&town.trust, patients, args.seed)?;
    // Nobody's clock is so far off that a certificate is used before it is good.
    time.pass(HOUR_US);
    // The feed comes in pages.
    while town.platform.fetch_register_rows().await? > 0 {}

    let mut seats = Vec::new();
    for number in 0..terminals {
        let seat = Seat::enrol(&town, &stage, &cards, folder.path(), number, args.seed).await;
        let seat = seat.with_context(|| format!("terminal {number}"))?;
        // Whoever installs a terminal tries it out: its first anchor is the lower end of all that follows.
        stage.enter(number, &seat.socket.oscillator, Aim::Nothing);
        seat.terminal.power_on().await.with_context(|| format!("terminal {number}"))?;
        let _closed_by_a_later_anchor_else = seat.terminal.power_off_planned().await;
        seat.socket.power_off();
        seats.push(seat);
    }
    let cues = run.script(args.seed);
    let (town, seats, played) = Company::new(town, stage.clone(), seats).play(&cues).await?;
    let (judged, lost) =
        Exhibits::open(args.out.as_deref(), &town.platform)?.judge(&town.platform, &played.visits)?;
    Ok(Report {
        args: args.clone(),
        profiles: seats.iter().map(|seat| seat.profile).collect(),
        elements: seats.iter().map(|seat| seat.element).collect(),
        played,
        judged,
        lost,
        tokens: stage.tokens(),
        networks: stage.weather.networks.clone(),
        seconds: watch.elapsed().as_secs_f64(),
    })
}

/// A folder that goes with the run, in memory where the system has such a place.
struct Scratch(PathBuf);

impl Scratch {
    fn new(seed: u64) -> anyhow::Result<Self> {
        let memory = PathBuf::from("/dev/shm");
        let parent = if memory.is_dir() { memory } else { std::env::temp_dir() };
        let number = rand_core::TryRngCore::try_next_u64(&mut rand_core::OsRng)
            .map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
        let folder = parent.join(format!("jushin-simulate-{seed}-{number:016x}"));
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self(folder))
    }

    fn path(&self) -> &std::path::Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _what_is_left_goes_with_the_machine = std::fs::remove_dir_all(&self.0);
    }
}
