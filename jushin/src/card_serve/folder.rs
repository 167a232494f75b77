//! A card that comes back: its keys and certificates in a folder.
//!
//! Certificates lie beside their keys in PEM, so that `openssl` reads both. `card.json` is written
//! last: a folder without it holds no whole card. PIN counters are not kept.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, bail};
use jushin_card::CardProfile;
use jushin_card::virtual_card::{CardKind, PersonalKey, Personalisation, Reselecting, TerminalCa};
use jushin_pki::cv::CvKeyId;
use jushin_pki::pem;
use jushin_trust_services::KeyMedium;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::personalise::{self, Made, PASSWORD, PIN};

/// Key medium of an institution that the card accepts.
pub(super) const INSTITUTION: &str = "institution.key";

pub(super) const CARD: &str = "card.json";
const CERTIFICATE: &str = "CERTIFICATE";
pub(super) const PRIVATE_KEY: &str = "PRIVATE KEY";
const PUBLIC_KEY: &str = "PUBLIC KEY";

/// What the other files do not say.
#[derive(Serialize, Deserialize)]
struct Card {
    simulated: bool,
    kind: String,
    serial: String,
    /// Key id of the CA for institutions, hexadecimal.
    terminal_ca: String,
}

/// Loads the folder's card, or makes one and keeps it there.
pub(super) fn load_or_make(folder: &Path, kind: CardKind) -> anyhow::Result<Made> {
    let known = folder.join(CARD);
    if known.exists() {
        return load(folder, kind).with_context(|| format!("no card in {}", folder.display()));
    }
    let made = personalise::in_folder(folder, kind)?;
    save(folder, &made).with_context(|| format!("{} cannot be written", folder.display()))?;
    Ok(made)
}

fn load(folder: &Path, kind: CardKind) -> anyhow::Result<Made> {
    let card: Card = serde_json::from_str(&read(folder, CARD)?).context(CARD)?;
    if card.kind != kind.name() {
        bail!("it holds a card of kind {}: ask for that, or take another folder", card.kind);
    }
    let serial: [u8; 16] = card.serial.as_bytes().try_into().context("serial of 16 characters")?;
    let key_id = u128::from_str_radix(&card.terminal_ca, 16).context("key id of the institutions' CA")?;
    let personalisation = Personalisation {
        kind,
        profile: CardProfile::A,
        authentication: read_key(folder, "auth", PIN)?,
        signature: read_key(folder, "sign", PASSWORD)?,
        terminal_ca: TerminalCa {
            key_id: CvKeyId::new(key_id.to_be_bytes()),
            spki: read_pem(folder, "terminal-ca.pem", PUBLIC_KEY)?,
        },
        denied: Vec::new(),
        reselecting: Reselecting::Forgets,
        serial,
    };
    let institution = KeyMedium::parse(&read(folder, INSTITUTION)?).context(INSTITUTION)?;
    Ok(Made { personalisation, institution })
}

fn save(folder: &Path, made: &Made) -> anyhow::Result<()> {
    let Made { personalisation, institution } = made;
    write_key(folder, "auth", &personalisation.authentication)?;
    write_key(folder, "sign", &personalisation.signature)?;
    write_pem(folder, "terminal-ca.pem", PUBLIC_KEY, &personalisation.terminal_ca.spki)?;
    write(folder, INSTITUTION, institution.to_file().as_bytes())?;
    let card = Card {
        simulated: true,
        kind: personalisation.kind.name().to_owned(),
        serial: String::from_utf8_lossy(&personalisation.serial).into_owned(),
        terminal_ca: format!(
            "{:032x}",
            u128::from_be_bytes(personalisation.terminal_ca.key_id.as_bytes().to_owned())
        ),
    };
    write(folder, CARD, serde_json::to_string_pretty(&card)?.as_bytes())
}

fn read_key(folder: &Path, name: &str, pin: &str) -> anyhow::Result<PersonalKey> {
    Ok(PersonalKey {
        private_key: Zeroizing::new(read_pem(folder, &format!("{name}-key.pem"), PRIVATE_KEY)?),
        certificate: read_pem(folder, &format!("{name}.pem"), CERTIFICATE)?,
        ca_certificate: read_pem(folder, &format!("{name}-ca.pem"), CERTIFICATE)?,
        pin: Zeroizing::new(pin.as_bytes().to_vec()),
    })
}

fn write_key(folder: &Path, name: &str, key: &PersonalKey) -> anyhow::Result<()> {
    write_pem(folder, &format!("{name}-key.pem"), PRIVATE_KEY, &key.private_key)?;
    write_pem(folder, &format!("{name}.pem"), CERTIFICATE, &key.certificate)?;
    write_pem(folder, &format!("{name}-ca.pem"), CERTIFICATE, &key.ca_certificate)
}

pub(super) fn read_pem(folder: &Path, name: &str, label: &str) -> anyhow::Result<Vec<u8>> {
    pem::decode(label, &read(folder, name)?).context(name.to_owned())
}

pub(super) fn write_pem(folder: &Path, name: &str, label: &str, der: &[u8]) -> anyhow::Result<()> {
    write(folder, name, Zeroizing::new(pem::encode(label, der)).as_bytes())
}

pub(super) fn read(folder: &Path, name: &str) -> anyhow::Result<Zeroizing<String>> {
    fs::read_to_string(folder.join(name)).map(Zeroizing::new).context(name.to_owned())
}

/// Writes a file that its owner alone may read.
pub(super) fn write(folder: &Path, name: &str, content: &[u8]) -> anyhow::Result<()> {
    let path = folder.join(name);
    let mut options = OpenOptions::new();
    let mut file =
        options.write(true).create(true).truncate(true).mode(0o600).open(path).context(name.to_owned())?;
    file.write_all(content)?;
    file.sync_all().context(name.to_owned())
}
