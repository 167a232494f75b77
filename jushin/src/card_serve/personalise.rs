//! Makes a card for a person who does not exist, with certificates of the simulated CAs.

use std::sync::Arc;

use anyhow::Context;
use jushin_card::CardProfile;
use jushin_card::virtual_card::{CardKind, Personalisation};
use jushin_crypto::AwsLc;
use jushin_runtime::{Clock, Random, SystemClock};
use jushin_statement::InstitutionCode;
use jushin_trust_services::{
    self as trust_services, Config, Generation, KeyMedium, Person, PersonCard, Sex, TrustServices,
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use crate::personalise::personalise;
pub(super) use crate::personalise::{PASSWORD, PIN};

/// Where the simulated CAs say they are reached: the demo's trust services.
pub(super) const BASE_URL: &str = "http://127.0.0.1:8700";

/// The institution whose key medium comes with the card.
const INSTITUTION: &str = "2613200019";

/// A card before its profile is chosen, and an institution that it accepts.
pub(super) struct Made {
    pub(super) personalisation: Personalisation,
    pub(super) institution: KeyMedium,
}

impl Made {
    /// What the virtual card is made from.
    pub(super) fn with_profile(self, profile: CardProfile) -> Personalisation {
        Personalisation { profile, ..self.personalisation }
    }
}

/// Makes a card that is gone with the process.
pub(super) fn in_memory(kind: CardKind) -> anyhow::Result<Made> {
    with(Config::in_memory(BASE_URL), kind)
}

/// Makes a card whose CAs are kept in a folder, so that it can be checked and revoked later.
pub(super) fn in_folder(folder: &std::path::Path, kind: CardKind) -> anyhow::Result<Made> {
    with(Config::in_folder(folder, BASE_URL), kind)
}

fn with(config: Config, kind: CardKind) -> anyhow::Result<Made> {
    let mut generator = ChaCha20Rng::from_os_rng();
    let random = Arc::new(Random::new(ChaCha20Rng::from_rng(&mut generator)));
    let services = TrustServices::open(config, Arc::new(AwsLc), Arc::new(SystemClock), random)
        .context("the simulated CAs cannot be opened")?;
    let person = services.add_person(&somebody())?;
    let files = services.personalise(&PersonCard {
        person,
        kind: signs(kind),
        generation: Generation::Second,
        not_before: SystemClock.now(),
        not_after: None,
        with_signature: true,
    })?;
    let personalisation = personalise(files, &mut generator)?;
    let institution = services.institution_key(InstitutionCode::new(INSTITUTION)?)?;
    Ok(Made { personalisation, institution })
}

fn signs(kind: CardKind) -> trust_services::CardKind {
    match kind {
        CardKind::Jpki => trust_services::CardKind::Rsa,
        CardKind::JpkiPss => trust_services::CardKind::RsaPss,
        CardKind::JpkiP384 => trust_services::CardKind::P384,
        CardKind::Phone => trust_services::CardKind::Phone,
    }
}

fn somebody() -> Person {
    Person {
        name: "模擬 花子".to_owned(),
        birth: (1980, 4, 7),
        sex: Sex::Female,
        address: "模擬県見本市一丁目1番1号".to_owned(),
        prefecture: "Mogi-ken".to_owned(),
        municipality: "Mihon-shi".to_owned(),
        municipality_code: "99999".to_owned(),
    }
}
