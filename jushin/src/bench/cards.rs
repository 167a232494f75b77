//! Virtual cards ◇ by the thousand, each with a key and a certificate of its own.

use std::sync::Arc;

use anyhow::Context as _;
use jushin_card::VirtualCard;
use jushin_pki::Crypto;
use jushin_runtime::Clock as _;
use jushin_trust_services::{
    CardFiles, CardKey, CardKind, Generation, Insurance, Person, PersonCard, Sex, TrustServices, Validity,
};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore as _, SeedableRng as _};

use crate::demo::stage::World;
use crate::personalise::personalise;

use super::parallel::on_all_cores;
use super::progress::Progress;

/// Makes `count` cards. `seed` decides their serial numbers and challenges; their keys are always new.
pub(super) fn make(
    world: &World,
    kind: CardKind,
    count: usize,
    seed: u64,
    crypto: &Arc<dyn Crypto>,
) -> anyhow::Result<Vec<VirtualCard>> {
    // No check-in reads the certificate for signing documents: all cards carry the same, which halves the
    // work.
    let signature = issue(world, kind, true)?.signature.context("no certificate for signing")?;
    let progress = Progress::new("cards made", count);
    on_all_cores((0..count as u64).collect(), |number| {
        let mut generator = ChaCha20Rng::seed_from_u64(seed ^ number << 20);
        let mut files = issue(world, kind, false)?;
        files.signature = Some(copy(&signature));
        let personalisation = personalise(files, &mut generator)?;
        let random = Box::new(ChaCha20Rng::seed_from_u64(generator.next_u64()));
        progress.step();
        Ok(VirtualCard::new(personalisation, Arc::clone(crypto), random)?)
    })
}

fn issue(world: &World, kind: CardKind, with_signature: bool) -> anyhow::Result<CardFiles> {
    let trust: &TrustServices = &world.trust;
    let person = trust.add_person(&somebody())?;
    let insurer = "模擬健康保険組合".to_owned();
    trust.insure(person, &Insurance { insurer, copay_tenths: 3, validity: Validity::Valid })?;
    Ok(trust.personalise(&PersonCard {
        person,
        kind,
        generation: Generation::Second,
        not_before: world.clock.now(),
        not_after: None,
        with_signature,
    })?)
}

fn somebody() -> Person {
    Person {
        name: "見本 太郎".to_owned(),
        birth: (1970, 1, 15),
        sex: Sex::Male,
        address: "模擬県見本市一丁目1番1号".to_owned(),
        prefecture: "Mogi-ken".to_owned(),
        municipality: "Mihon-shi".to_owned(),
        municipality_code: "99999".to_owned(),
    }
}

fn copy(key: &CardKey) -> CardKey {
    CardKey {
        pkcs8: key.pkcs8.clone(),
        certificate: key.certificate.clone(),
        authority: key.authority.clone(),
        id: key.id.clone(),
    }
}
