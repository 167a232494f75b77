//! `jushin bench`: figures, each beside the limit that was measured in the same run.

mod cards;
mod checkin;
mod counted;
mod desk;
mod flush;
mod limit;
mod machine;
mod memory;
mod parallel;
mod place;
mod profile;
mod progress;
mod report;
mod scratch;
mod spread;
mod stream;
mod sync;
mod tsa;
mod verify;
mod workload;

use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use clap::{Args, Subcommand};

use report::Report;

/// What `jushin bench` takes.
#[derive(Args, Debug)]
pub struct BenchArgs {
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Subcommand, Debug)]
enum Bench {
    /// From the bytes of a bundle to the verdict, on one thread
    Verify(Options),
    /// A check-in at the terminal, from the card on the reader to the sealed visit in the journal
    Checkin(Options),
    /// Time-stamp tokens made, checked and fetched over HTTP
    Tsa(Options),
    /// Terminals that were without network send what they have, all at once
    Sync {
        #[command(flatten)]
        options: Options,
        /// Visits over all terminals
        #[arg(long, value_name = "N", default_value_t = 10_000)]
        visits: usize,
    },
}

/// What every bench takes.
#[derive(Args, Debug)]
struct Options {
    /// One JSON document a figure, a line each
    #[arg(long)]
    json: bool,
    /// As few cards and terminals as show that the bench works; its figures say little
    #[arg(long)]
    quick: bool,
    /// Distinct cards (for tsa: tokens)
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    cards: usize,
    /// Terminals, each with an element and an institution of its own
    #[arg(long, value_name = "N", default_value_t = 50)]
    terminals: usize,
    /// How often each measurement is taken; the best counts, for figure and limit alike
    #[arg(long, value_name = "N", default_value_t = 7)]
    rounds: usize,
    /// Decides everything random but the keys
    #[arg(long, value_name = "N", default_value_t = 7)]
    seed: u64,
    /// Where files are kept meanwhile. Default: the folder for temporary files
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// How much is done.
#[derive(Clone, Debug)]
struct Size {
    cards: usize,
    terminals: usize,
    rounds: usize,
    seed: u64,
    dir: Option<PathBuf>,
}

impl Options {
    fn size(&self) -> anyhow::Result<Size> {
        let (cards, terminals, rounds) = match self.quick {
            true => (self.cards.min(12), self.terminals.min(3), self.rounds),
            false => (self.cards, self.terminals, self.rounds),
        };
        ensure!(terminals > 0 && rounds > 0, "nothing can be measured with 0 terminals or 0 rounds");
        ensure!(cards > terminals, "there must be more cards than terminals");
        ensure!(terminals < 10_000, "a bench has at most 9,999 terminals");
        Ok(Size { cards, terminals, rounds, seed: self.seed, dir: self.dir.clone() })
    }
}

/// Runs a bench.
///
/// # Errors
///
/// When a party of the workload does not do its part, or a visit of it is not valid.
pub fn run(args: &BenchArgs) -> anyhow::Result<()> {
    let (Bench::Verify(options)
    | Bench::Checkin(options)
    | Bench::Tsa(options)
    | Bench::Sync { options, .. }) = &args.bench;
    let size = options.size()?;
    let mut report = Report::new(options.json, &size);
    let runtime = tokio::runtime::Runtime::new().context("cannot start")?;
    runtime.block_on(async {
        match &args.bench {
            Bench::Verify(_) => verify::run(&size, &mut report).await,
            Bench::Checkin(_) => checkin::run(&size, &mut report).await,
            Bench::Tsa(_) => tsa::run(&size, &mut report).await,
            Bench::Sync { options, visits } => {
                let visits = if options.quick { (*visits).min(60) } else { *visits };
                sync::run(&size, visits, &mut report).await
            }
        }
    })
}
