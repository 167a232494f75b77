//! Proven medical visits: the command.

mod card_serve;

use clap::{Parser, Subcommand};

/// Proven medical visits
#[derive(Parser)]
#[command(name = "jushin", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
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

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Card { command: CardCommand::Serve(args) } => card_serve::run(args),
    }
}
