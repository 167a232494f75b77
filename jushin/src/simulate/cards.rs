//! The patients' virtual cards ◇, and readers that note when one signs.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use jushin_card::apdu::{CommandBytes, Response};
use jushin_card::virtual_card::{PersonalKey, Personalisation};
use jushin_card::{CardTransport, TransportError, VirtualCard, VirtualReader};
use jushin_crypto::AwsLc;
use jushin_statement::UnixMillis;
use jushin_terminal::{CardName, Reader, ReaderError};
use jushin_trust_services::{
    CardFiles, CardKind, Generation, Insurance, Person, PersonCard, Sex, TrustServices, Validity,
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;

use super::progress::Progress;
use super::stage::{Aim, Stage};
use crate::personalise;

/// How cards sign, in turn: today's, and the next generation's. A P-384 key is made much faster.
const KINDS: [CardKind; 4] = [CardKind::Rsa, CardKind::P384, CardKind::RsaPss, CardKind::P384];
/// CLA and INS of COMPUTE DIGITAL SIGNATURE.
const SIGN: [u8; 2] = [0x80, 0x2A];
/// Longest time between two commands, and for a signature, in microseconds.
const COMMAND_US: u64 = 40_000;
const SIGNATURE_US: u64 = 900_000;

/// The cards by name.
#[derive(Clone)]
pub(super) struct Cards(Arc<BTreeMap<CardName, Arc<Mutex<VirtualReader>>>>);

impl Cards {
    /// The name of a patient's card.
    pub(super) fn name(patient: usize) -> CardName {
        CardName(format!("P{patient}"))
    }

    /// Makes a card for each of so many patients, on all processors.
    pub(super) fn make(trust: &TrustServices, patients: usize, seed: u64) -> anyhow::Result<Self> {
        let progress = Progress::of("cards", patients);
        let spare = [card_files(trust, CardKind::Rsa, true)?, card_files(trust, CardKind::P384, true)?];
        let (next, made) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
        let worker = || -> anyhow::Result<()> {
            loop {
                let patient = next.fetch_add(1, Ordering::Relaxed);
                if patient >= patients {
                    return Ok(());
                }
                let card = one_card(trust, patient, seed, &spare)?;
                let reader = Arc::new(Mutex::new(VirtualReader::with(card)));
                let mut made = locked(&made);
                made.insert(Self::name(patient), reader);
                progress.at(made.len());
            }
        };
        let workers = std::thread::available_parallelism().map_or(1, NonZero::get);
        std::thread::scope(|scope| {
            let running: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
            running.into_iter().try_for_each(|worker| {
                worker.join().map_err(|_| anyhow::anyhow!("a card could not be made"))?
            })
        })?;
        Ok(Self(Arc::new(made.into_inner().unwrap_or_else(PoisonError::into_inner))))
    }
}

fn one_card(
    trust: &TrustServices,
    patient: usize,
    seed: u64,
    spare: &[CardFiles; 2],
) -> anyhow::Result<VirtualCard> {
    let kind = KINDS.get(patient % KINDS.len()).copied().unwrap_or(CardKind::P384);
    let files = card_files(trust, kind, false)?;
    let [rsa, p384] = spare;
    let spare = if kind == CardKind::P384 { p384 } else { rsa };
    // No check-in uses the key for signing documents: one of each kind serves all cards.
    let spare = spare.signature.as_ref().context("a card without a signing certificate")?;
    let mut generator = ChaCha20Rng::seed_from_u64(seed ^ 0x6361_7264 ^ patient as u64);
    let signature = PersonalKey {
        private_key: spare.pkcs8.clone(),
        certificate: spare.certificate.clone(),
        ca_certificate: spare.authority.clone(),
        pin: personalise::PASSWORD.as_bytes().to_vec().into(),
    };
    let personalisation: Personalisation = personalise::with_signature(files, signature, &mut generator);
    let random = Box::new(ChaCha20Rng::from_rng(&mut generator));
    Ok(VirtualCard::new(personalisation, Arc::new(AwsLc), random)?)
}

fn card_files(trust: &TrustServices, kind: CardKind, with_signature: bool) -> anyhow::Result<CardFiles> {
    let person = trust.add_person(&Person {
        name: "模擬 患者".to_owned(),
        birth: (1960, 6, 15),
        sex: Sex::Female,
        address: "模擬県見本市一丁目1番1号".to_owned(),
        prefecture: "Mogi-ken".to_owned(),
        municipality: "Mihon-shi".to_owned(),
        municipality_code: "99999".to_owned(),
    })?;
    let insurer = "模擬健康保険組合".to_owned();
    trust.insure(person, &Insurance { insurer, copay_tenths: 3, validity: Validity::Valid })?;
    Ok(trust.personalise(&PersonCard {
        person,
        kind,
        generation: Generation::Second,
        not_before: UnixMillis(super::START_MS),
        not_after: None,
        with_signature,
    })?)
}

/// The reader at a desk.
pub(super) struct Desk {
    pub(super) cards: Cards,
    pub(super) stage: Arc<Stage>,
}

impl Reader for Desk {
    fn placeable(&self) -> Vec<CardName> {
        Vec::new()
    }

    fn connect(&self, card: &CardName) -> Result<Box<dyn CardTransport>, ReaderError> {
        let reader = self.cards.0.get(card).ok_or(ReaderError::NoCard)?.clone();
        Ok(Box::new(Connected { reader, stage: self.stage.clone() }))
    }
}

struct Connected {
    reader: Arc<Mutex<VirtualReader>>,
    stage: Arc<Stage>,
}

impl CardTransport for Connected {
    fn transmit(&mut self, command: &CommandBytes) -> Result<Response, TransportError> {
        let signs = command.as_bytes().get(..2) == Some(&SIGN[..]);
        if signs {
            self.stage.before_tick(Aim::High);
            self.stage.card_signs();
        }
        let answer = locked(&self.reader).transmit(command);
        self.stage.take_time(if signs { SIGNATURE_US } else { COMMAND_US });
        answer
    }
    fn was_reset(&mut self) -> bool {
        locked(&self.reader).was_reset()
    }
    fn reset_hint(&mut self) {
        locked(&self.reader).reset_hint();
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
