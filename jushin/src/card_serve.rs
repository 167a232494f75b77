//! `jushin card serve`: a virtual card ◇ in a PC/SC reader, for every program that speaks to real ones.

mod folder;
mod personalise;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use jushin_card::virtual_card::CardKind;
use jushin_card::{CardProfile, VirtualCard};
use jushin_crypto::AwsLc;
use jushin_devices::vpcd::{DEFAULT_ADDRESS, Patience, Slot};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

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
}

/// Makes or loads a card, inserts it, and serves it until the process ends. When the reader goes away,
/// waits for it and inserts the card again.
///
/// # Errors
///
/// When the card cannot be made, its folder cannot be used, or the peer is no virtual reader.
pub fn run(args: CardServeArgs) -> anyhow::Result<()> {
    let kind = args.kind.of_card()?;
    let made = match &args.dir {
        None => personalise::in_memory(kind)?,
        Some(dir) => folder::load_or_make(dir, kind)?,
    };
    let personalisation = made.with_profile(args.profile.of_card());
    let mut card = VirtualCard::new(personalisation, Arc::new(AwsLc), Box::new(ChaCha20Rng::from_os_rng()))
        .context("the card cannot be made")?;
    introduce(&card, args.dir.as_deref());
    loop {
        let slot = Slot::insert(&args.vpcd, Patience::ENDLESS, |reason| {
            println!("waiting for a virtual reader at {} ({reason}):", args.vpcd);
            println!("  install vsmartcard-vpcd and pcscd, and start pcscd");
        })?;
        println!("◇ the card lies in the reader at {}; Ctrl-C pulls it", args.vpcd);
        slot.serve(&mut card)?;
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

impl Kind {
    fn of_card(self) -> anyhow::Result<CardKind> {
        Ok(match self {
            Self::Jpki => CardKind::Jpki,
            Self::JpkiP384 => CardKind::JpkiP384,
            Self::JpkiPss => CardKind::JpkiPss,
            Self::Phone => CardKind::Phone,
            Self::Hpki => bail!(
                "there is no virtual HPKI card yet: it comes with offline unlock; use --kind jpki, jpki-p384, jpki-pss or phone"
            ),
        })
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
