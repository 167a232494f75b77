//! Proven medical visits: the command.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use jushin::{bench, card_serve, demo, simulate, verify};

/// Proven medical visits
#[derive(Parser)]
#[command(name = "jushin", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Play a simulated day and serve its pages
    Demo(demo::DemoArgs),
    /// Check bundles offline
    Verify(verify::VerifyArgs),
    /// Measure, beside the limit that the signatures set
    Bench(bench::BenchArgs),
    /// Play weeks of outages, and check every proven window against the truth
    Simulate(simulate::SimulateArgs),
    /// Virtual cards
    Card {
        #[command(subcommand)]
        command: CardCommand,
    },
}

#[derive(Subcommand)]
enum CardCommand {
    /// Serve a virtual card in a PC/SC reader
    Serve(card_serve::CardServeArgs),
}

/// Exit code for a call that cannot be carried out (sysexits `EX_USAGE`).
const USAGE: u8 = 64;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { USAGE } else { 0 };
            let _nothing_else_to_do = error.print();
            return ExitCode::from(code);
        }
    };
    let done = match cli.command {
        Command::Demo(args) => demo::run(&args).map(|verdict| match verdict {
            demo::Verdict::AsItMustBe => ExitCode::SUCCESS,
            demo::Verdict::Unexplained => ExitCode::FAILURE,
        }),
        Command::Verify(args) => return verify::run(&args),
        Command::Bench(args) => bench::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Simulate(args) => simulate::run(&args).map(|soundness| match soundness {
            simulate::Soundness::Sound => ExitCode::SUCCESS,
            simulate::Soundness::Unsound => ExitCode::FAILURE,
        }),
        Command::Card { command: CardCommand::Serve(args) } => {
            card_serve::run(args).map(|()| ExitCode::SUCCESS)
        }
    };
    done.unwrap_or_else(|error| {
        eprintln!("jushin: {error:#}");
        ExitCode::FAILURE
    })
}
