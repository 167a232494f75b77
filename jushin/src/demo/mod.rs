//! `jushin demo`: everything in one process, a simulated day, and pages to try it.

mod account;
mod archive;
mod attacks;
mod cards;
mod cast;
mod clock;
mod counters;
mod log_attack;
mod mountains;
mod network;
mod offline_attacks;
mod record;
mod sabotage;
mod site;
mod staff;
pub mod stage;
mod start_page;
mod story;
mod switches;
mod verify_page;
mod world;

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use tokio::net::TcpListener;

use account::Account;
use archive::Archive;
use clock::{DayClock, instant};
use record::{Day, Page};
use sabotage::Sabotage;
use story::{Sites, Story};
use switches::Switches;
use world::World;

/// Plays a simulated day, then serves its pages.
#[derive(clap::Args, Debug)]
pub struct DemoArgs {
    /// Where everything is kept. Default: a temporary folder that goes with the demo
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Where the pages are served
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8700")]
    listen: SocketAddr,
    /// End after the story
    #[arg(long)]
    once: bool,
    /// Everything random that is printed follows from it
    #[arg(long, value_name = "N", default_value_t = 7)]
    seed: u64,
    /// Print the last block only
    #[arg(long)]
    quiet: bool,
    /// Damage something on purpose, to see that it is noticed
    #[arg(long, value_enum, value_name = "WHAT")]
    sabotage: Option<Sabotage>,
}

/// Whether everything was as it must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every visit is valid, every attack was refused with its reason.
    AsItMustBe,
    /// Something was not; the account says what.
    Unexplained,
}

/// Runs the demo.
///
/// # Errors
///
/// When a step could not be carried out at all; a step that went wrong is [`Verdict::Unexplained`].
pub fn run(args: &DemoArgs) -> anyhow::Result<Verdict> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start")?;
    runtime.block_on(play(args, &mut std::io::stdout()))
}

async fn play(args: &DemoArgs, out: &mut (dyn Write + Send)) -> anyhow::Result<Verdict> {
    let folder = Folder::open(args.dir.as_deref())?;
    // Bound before the story, so that a port in use is said at once.
    let listener = match args.once {
        true => None,
        false => Some(TcpListener::bind(args.listen).await.with_context(|| {
            format!("cannot listen on {}: choose another with --listen 127.0.0.1:PORT", args.listen)
        })?),
    };
    let mut account = Account::new(out, args.quiet);
    let told = tell(args, folder.path(), &mut account).await?;
    if let Some(listener) = listener {
        account.line("");
        account
            .line(&format!("Look (Ctrl-C ends)        http://{}/        the day as a picture", args.listen));
        // The first is named above, with the address.
        for page in PAGES.iter().skip(1) {
            account.line(&format!("  {:<24}{}", page.path, page.title));
        }
        serve(listener, told.world, told.sites, told.day).await?;
    }
    Ok(told.verdict)
}

/// What the story leaves.
struct Told {
    world: World,
    sites: Sites,
    day: Day,
    verdict: Verdict,
}

async fn tell(args: &DemoArgs, folder: &Path, account: &mut Account<'_>) -> anyhow::Result<Told> {
    let watch = instant();
    account.line(&format!(
        "jushin demo · proven medical visits (受診)    simulated day, seed {}, ◇ simulated",
        args.seed
    ));
    account.line("◇ 3 cards, ◇ 3 secure elements, ◇ J-LIS CAs, TSA, OCSP; SQLite; loopback only");
    let clock = Arc::new(DayClock::starting_at(story::START));
    let base_url = format!("http://{}", args.listen);
    let world = World::open(folder, &base_url, args.seed, clock).await?;
    let archive = Archive::open(folder, &world.platform, args.sabotage)?;
    let day = Day { seed: args.seed, simulated: true, pages: PAGES.to_vec(), ..Day::default() };
    let mut story = Story { world: &world, account, archive: &archive, day, unexplained: Vec::new() };
    let sites = story.at_home(folder).await?;
    story.in_the_mountains(&sites.yamabiko).await?;
    story.cheats(folder, &sites).await?;
    let Story { mut day, unexplained, .. } = story;
    day.story_seconds = watch.elapsed().as_secs_f64();
    let verdict = sum_up(account, folder, args.dir.is_none(), &day, &unexplained);
    fs::write(folder.join("summary.json"), serde_json::to_vec_pretty(&day)?)
        .context("cannot write summary.json")?;
    Ok(Told { world, sites, day, verdict })
}

fn sum_up(
    account: &mut Account<'_>,
    folder: &Path,
    temporary: bool,
    day: &Day,
    unexplained: &[String],
) -> Verdict {
    account.last_block();
    let folder = folder.display();
    let valid = day.visits.iter().filter(|visit| visit.status == "VALID").count();
    let refused = day.attacks.iter().filter(|attack| attack.refused).count();
    account.line("");
    account.line(&format!(
        "Believe nothing, check:   jushin verify {folder}/bundles/*.jvb --trust {folder}/trust"
    ));
    if temporary {
        account.line("  (this folder goes with the demo; --dir DIR keeps it)");
    }
    account.line(&format!(
        "  {} visits: {valid} valid. {} attacks: {refused} refused. Unexplained: {}. Story: {:.1} s.",
        day.visits.len(),
        day.attacks.len(),
        unexplained.len(),
        day.story_seconds
    ));
    for trouble in unexplained {
        account.line(&format!("  ! {trouble}"));
    }
    if unexplained.is_empty() { Verdict::AsItMustBe } else { Verdict::Unexplained }
}

const PAGES: [Page; 5] = [
    Page { path: "/", title: "the day as a picture" },
    Page { path: "/counter/", title: "reception 受付: tap a card" },
    Page { path: "/me/", title: "patient 受診のきろく: made for a phone, PIN 1234" },
    Page { path: "/operator/", title: "operator 端末の運用: all terminals, alarms first" },
    Page { path: "/verify", title: "your browser checks a bundle by itself" },
];

async fn serve(listener: TcpListener, world: World, sites: Sites, day: Day) -> anyhow::Result<()> {
    let desks = [&sites.sakura, &sites.yamabiko].map(|site| (site.place.terminal, site.terminal.clone()));
    let counters = desks.iter().map(|(name, terminal)| (*name, terminal.router())).collect();
    let sites = [sites.sakura, sites.yamabiko];
    let switches = Arc::new(Switches::new(sites, world.clock.clone(), world.trust_wire.clone()));
    let router: Router = world
        .router()
        .merge(counters::router(counters))
        .merge(switches::router(switches.clone()))
        .merge(start_page::router(Arc::new(day), switches))
        .merge(verify_page::router())
        .merge(world.platform.operator_pages())
        .merge(jushin_pages::assets());
    tokio::spawn(world.platform.clone().run_outbox());
    tokio::spawn(world.platform.clone().run_closes());
    tokio::spawn(world.platform.clone().run_log());
    for (_, terminal) in desks {
        let watched = terminal.clone();
        tokio::spawn(async move { watched.watch_line().await });
        tokio::spawn(async move { terminal.run_background().await });
    }
    let stop = async {
        let _either_way_we_stop = tokio::signal::ctrl_c().await;
    };
    // Event streams never end by themselves, so the server does not wait for them.
    tokio::select! {
        served = axum::serve(listener, router) => served.context("the listener failed"),
        () = stop => Ok(()),
    }
}

/// The folder of the demo; a temporary one goes when the demo ends.
enum Folder {
    Kept(PathBuf),
    Temporary(PathBuf),
}

impl Folder {
    fn open(wanted: Option<&Path>) -> anyhow::Result<Self> {
        if let Some(path) = wanted {
            fs::create_dir_all(path).with_context(|| format!("cannot make {}", path.display()))?;
            if fs::read_dir(path)?.next().is_some() {
                anyhow::bail!("{} is not empty: every demo starts with a new folder", path.display());
            }
            return Ok(Self::Kept(path.to_owned()));
        }
        let path = std::env::temp_dir().join(format!("jushin-demo-{}", std::process::id()));
        fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self::Temporary(path))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Kept(path) | Self::Temporary(path) => path,
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Self::Temporary(path) = self {
            let _left_for_the_system_to_clean = fs::remove_dir_all(path);
        }
    }
}
