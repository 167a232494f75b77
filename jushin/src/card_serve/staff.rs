//! A staff card ◇ that comes back: keys and certificates of the simulated staff CA in a folder.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use jushin_card::hpki::{StaffKey, StaffLayout, StaffPersonalisation, VirtualStaffCard};
use jushin_crypto::AwsLc;
use jushin_runtime::{Clock, Random, SystemClock};
use jushin_statement::UnixMillis;
use jushin_trust_services::{CardKey, Config, StaffCard, StaffPurpose, TrustServices};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use serde::{Deserialize, Serialize};

use super::folder::{CARD, PRIVATE_KEY, read, read_pem, write, write_pem};
use super::personalise::BASE_URL;

/// PIN of both applications.
pub(super) const PIN: &str = "24680";

const CERTIFICATE: &str = "CERTIFICATE";
const FIVE_YEARS_MS: u64 = 5 * 365 * 86_400_000;

/// Which applications the card has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Applications {
    /// Authentication and signing.
    Both,
    /// Signing only: a card that unlocks nothing.
    SigningOnly,
}

impl Applications {
    /// Its name on the command line.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Both => "hpki",
            Self::SigningOnly => "hpki-signing",
        }
    }
}

/// What the other files do not say.
#[derive(Serialize, Deserialize)]
struct Card {
    simulated: bool,
    kind: String,
}

/// Makes a card that is gone with the process, or loads or makes the folder's.
pub(super) fn card(folder: Option<&Path>, applications: Applications) -> anyhow::Result<VirtualStaffCard> {
    let personalisation = match folder {
        None => make(Config::in_memory(BASE_URL), applications)?,
        Some(folder) if folder.join(CARD).exists() => {
            load(folder, applications).with_context(|| format!("no card in {}", folder.display()))?
        }
        Some(folder) => {
            let made = make(Config::in_folder(folder, BASE_URL), applications)?;
            save(folder, applications, &made)
                .with_context(|| format!("{} cannot be written", folder.display()))?;
            made
        }
    };
    VirtualStaffCard::new(&personalisation).context("the card cannot be made")
}

fn make(config: Config, applications: Applications) -> anyhow::Result<StaffPersonalisation> {
    let random = Arc::new(Random::new(ChaCha20Rng::from_os_rng()));
    let services = TrustServices::open(config, Arc::new(AwsLc), Arc::new(SystemClock), random)
        .context("the simulated CAs cannot be opened")?;
    let key = |purpose| {
        let now = SystemClock.now();
        let files = services.staff_card(&StaffCard {
            purpose,
            name: "Mogi Hanako (simulated)".to_owned(),
            role: None,
            not_before: now,
            not_after: UnixMillis(now.0 + FIVE_YEARS_MS),
        });
        Ok::<_, anyhow::Error>(staff_key(files?.key))
    };
    let authentication = match applications {
        Applications::Both => Some(key(StaffPurpose::Authentication)?),
        Applications::SigningOnly => None,
    };
    Ok(of(authentication, Some(key(StaffPurpose::Signature)?)))
}

fn of(authentication: Option<StaffKey>, signature: Option<StaffKey>) -> StaffPersonalisation {
    let (layout, serial) = (StaffLayout::default(), *b"0000000000000000");
    StaffPersonalisation { authentication, signature, layout, serial }
}

fn staff_key(key: CardKey) -> StaffKey {
    StaffKey {
        private_key: key.pkcs8,
        certificate: key.certificate,
        ca_certificate: key.authority,
        pin: PIN.as_bytes().to_vec().into(),
    }
}

fn load(folder: &Path, applications: Applications) -> anyhow::Result<StaffPersonalisation> {
    let card: Card = serde_json::from_str(&read(folder, CARD)?).context(CARD)?;
    if card.kind != applications.name() {
        bail!("it holds a card of kind {}: ask for that, or take another folder", card.kind);
    }
    let key = |name: &str| {
        Ok::<_, anyhow::Error>(StaffKey {
            private_key: read_pem(folder, &format!("{name}-key.pem"), PRIVATE_KEY)?.into(),
            certificate: read_pem(folder, &format!("{name}.pem"), CERTIFICATE)?,
            ca_certificate: read_pem(folder, &format!("{name}-ca.pem"), CERTIFICATE)?,
            pin: PIN.as_bytes().to_vec().into(),
        })
    };
    let authentication = match applications {
        Applications::Both => Some(key("auth")?),
        Applications::SigningOnly => None,
    };
    Ok(of(authentication, Some(key("sign")?)))
}

fn save(folder: &Path, applications: Applications, made: &StaffPersonalisation) -> anyhow::Result<()> {
    for (name, key) in [("auth", &made.authentication), ("sign", &made.signature)] {
        let Some(key) = key else { continue };
        write_pem(folder, &format!("{name}-key.pem"), PRIVATE_KEY, &key.private_key)?;
        write_pem(folder, &format!("{name}.pem"), CERTIFICATE, &key.certificate)?;
        write_pem(folder, &format!("{name}-ca.pem"), CERTIFICATE, &key.ca_certificate)?;
    }
    let card = Card { simulated: true, kind: applications.name().to_owned() };
    write(folder, CARD, serde_json::to_string_pretty(&card)?.as_bytes())
}

/// Says what the card is, and what to do with it.
pub(super) fn introduce(applications: Applications, dir: Option<&Path>) {
    println!("◇ simulated staff card 模擬HPKIカード   kind {}", applications.name());
    println!("  PIN {PIN}; our own layout of an ISO/IEC 7816-15 application");
    if let Some(dir) = dir {
        println!("  certificates in {}: auth.pem sign.pem and those of their CA", dir.display());
    }
    println!();
    println!("Try from another terminal:");
    println!("  opensc-tool --reader 0 --atr");
    println!("  opensc-tool --reader 0 --send-apdu 00:A4:04:00:05:E8:28:BD:08:0F:00");
    println!(
        "  opensc-tool --reader 0 --send-apdu 00:A4:04:00:05:E8:28:BD:08:0F:00 --send-apdu 00:B0:91:00:00"
    );
    println!();
}
