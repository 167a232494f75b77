//! `jushin card serve`: a virtual card ◇ in a PC/SC reader, for every program that speaks to real ones.

mod folder;
mod personalise;
mod staff;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, ValueEnum};
use jushin_card::virtual_card::CardKind;
use jushin_card::{CardProfile, VirtualCard};
use jushin_crypto::AwsLc;
use jushin_devices::vpcd::{Chip, DEFAULT_ADDRESS, Patience, Slot};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use staff::Applications;

/// What `jushin card serve` takes.
#[derive(Args, Debug)]
pub struct CardServeArgs {
    /// Where vpcd, the virtual card reader, waits for a card
    #[arg(long, value_name = "HOST:PORT", default_value = DEFAULT_ADDRESS)]
    vpcd: String,
    /// What the card signs once it has accepted an institution: A any digest, B the announced one, C its own
    #[arg(long, value_enum, default_value = "A")]
    profile: Profile,
    /// Which card it plays
    #[arg(long, value_enum, default_value = "jpki")]
    kind: Kind,
    /// Keep keys and certificates there, so that the same card comes back
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "verbatim")]
enum Profile {
    A,
    B,
    C,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    Jpki,
    #[value(name = "jpki-p384")]
    JpkiP384,
    JpkiPss,
    Phone,
    Hpki,
    HpkiSigning,
}

/// Makes or loads a card, inserts it, and serves it until the process ends. When the reader goes away,
/// waits for it and inserts the card again.
///
/// # Errors
///
/// When the card cannot be made, its folder cannot be used, or the peer is no virtual reader.
pub fn run(args: CardServeArgs) -> anyhow::Result<()> {
    match args.kind.card() {
        Card::Person(kind) => {
            let made = match &args.dir {
                None => personalise::in_memory(kind)?,
                Some(dir) => folder::load_or_make(dir, kind)?,
            };
            let personalisation = made.with_profile(args.profile.of_card());
            let random = Box::new(ChaCha20Rng::from_os_rng());
            let mut card = VirtualCard::new(personalisation, Arc::new(AwsLc), random)
                .context("the card cannot be made")?;
            introduce(&card, args.dir.as_deref());
            serve(&args.vpcd, &mut card)
        }
        Card::Staff(applications) => {
            let mut card = staff::card(args.dir.as_deref(), applications)?;
            staff::introduce(applications, args.dir.as_deref());
            serve(&args.vpcd, &mut card)
        }
    }
}

fn serve(vpcd: &str, card: &mut dyn Chip) -> anyhow::Result<()> {
    loop {
        let slot = Slot::insert(vpcd, Patience::ENDLESS, |reason| {
            println!("waiting for a virtual reader at {vpcd} ({reason}):");
            println!("  install vsmartcard-vpcd and pcscd, and start pcscd");
        })?;
        println!("◇ the card lies in the reader at {vpcd}; Ctrl-C pulls it");
        slot.serve(card)?;
        println!("◇ the reader went away");
        card.reset();
    }
}

impl Profile {
    fn of_card(self) -> CardProfile {
        match self {
            Self::A => CardProfile::A,
            Self::B => CardProfile::B,
            Self::C => CardProfile::C,
        }
    }
}

/// Whose card it is.
enum Card {
    Person(CardKind),
    Staff(Applications),
}

impl Kind {
    const fn card(self) -> Card {
        match self {
            Self::Jpki => Card::Person(CardKind::Jpki),
            Self::JpkiP384 => Card::Person(CardKind::JpkiP384),
            Self::JpkiPss => Card::Person(CardKind::JpkiPss),
            Self::Phone => Card::Person(CardKind::Phone),
            Self::Hpki => Card::Staff(Applications::Both),
            Self::HpkiSigning => Card::Staff(Applications::SigningOnly),
        }
    }
}

/// Says what the card is, and what to do with it.
fn introduce(card: &VirtualCard, dir: Option<&std::path::Path>) {
    println!("◇ simulated card 模擬カード   kind {}, profile {:?}", card.kind(), card.profile());
    println!("  PIN {} for login, password {} for signing", personalise::PIN, personalise::PASSWORD);
    if let Some(dir) = dir {
        println!("  certificates in {}: auth.pem auth-ca.pem sign.pem sign-ca.pem", dir.display());
        println!("  an institution it accepts: {}", dir.join(folder::INSTITUTION).display());
    }
    println!();
    println!("Try from another terminal:");
    println!("  opensc-tool --list-readers");
    println!("  opensc-tool --reader 0 --name");
    println!("  pkcs15-tool --reader 0 --list-certificates");
    println!("  pkcs15-tool --reader 0 --read-certificate 01 --output read.pem");
    if let Some(dir) = dir {
        println!("  openssl verify -CAfile {} read.pem", dir.join("auth-ca.pem").display());
    }
    println!("  pkcs11-tool --slot 0 --login --pin {} --test", personalise::PIN);
    println!();
}
