//! Every party of the day in one process, joined by wires that could be a network.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use jushin_card::VirtualCard;
use jushin_card::jpki::Scheme;
use jushin_crypto::AwsLc;
use jushin_history::{History, SqliteStore as HistoryStore};
use jushin_log::{KeyName as LogName, NoteCrypto as _, VerifierKey};
use jushin_pki::Crypto;
use jushin_platform::{
    CardAuthority, Config as PlatformConfig, FolderFiles, GapPolicy, LogPorts, LogWitness, Model, Platform,
    Ports, Sqlite as PlatformStore, SqliteCheckpoints,
};
use jushin_runtime::{Clock, Random};
use jushin_statement::{ElementKind, Policy, TickKind, TickSpec, UnixMillis};
use jushin_trust_services::{
    self as trust_services, Authority, Config as TrustConfig, Insurance, PersonCard, TrustServices, Validity,
};
use jushin_witness::{Config as WitnessConfig, Witness};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;

use crate::personalise;

use super::cards::{Cards, HomeReader, NewCard};
use super::cast::{self, Fate, PATIENTS, Patient, WAITING_ROOM};
use super::clock::DayClock;
use super::network::Wire;
use super::site::Site;
use super::staff::StaffCards;

/// Clock of the simulated elements: a millisecond a tick, within 100 ppm.
pub(super) const TICK: TickSpec = TickSpec { kind: TickKind::Time, tau_us: 1_000, rho_ppm: 100 };
/// The same without a timer: ticks count records, and prove no duration.
pub(super) const DATE_TICK: TickSpec = TickSpec { kind: TickKind::Date, tau_us: 0, rho_ppm: 0 };
/// Model name of the simulated elements.
pub(super) const MODEL: &str = "jushin software element";
/// Model name of those without a timer.
pub(super) const DATE_MODEL: &str = "jushin software element without timer";

const DAY_MS: u64 = 86_400_000;

/// The demo's elements are software; their CA is itself marked as simulated, so the cap is lifted.
const VERIFIER_POLICY: &[u8] = br#"{"class_cap":{"3":4}}"#;

/// Whoever else than the platform would watch its log ◇.
const WITNESS: &str = "witness.simulated.example";

/// All parties.
pub struct World {
    /// Everybody's clock.
    pub clock: Arc<DayClock>,
    /// Everybody's randomness.
    pub random: Arc<Random>,
    /// Everybody's crypto provider.
    pub crypto: Arc<dyn Crypto>,
    /// CAs, time-stamping authorities, OCSP and register ◇.
    pub trust: TrustServices,
    /// The platform.
    pub platform: Platform,
    /// From the platform to time-stamping authorities, OCSP and register.
    pub trust_wire: Wire,
    /// From the terminals to the platform.
    pub platform_wire: Wire,
    /// The visit-history service.
    pub history: Arc<History>,
    /// From the platform to the history service.
    pub history_wire: Wire,
    /// The patients' cards ◇.
    pub cards: Cards,
    /// The staff's cards ◇.
    pub staff: StaffCards,
    /// The patients' readers at home.
    pub home: Arc<HomeReader>,
}

impl World {
    /// Sets everything up in `folder`.
    ///
    /// # Errors
    ///
    /// When a party does not start; the message says which.
    pub async fn open(
        folder: &Path,
        base_url: &str,
        seed: u64,
        clock: Arc<DayClock>,
    ) -> anyhow::Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let random = Arc::new(Random::new(ChaCha20Rng::seed_from_u64(seed)));
        let crypto: Arc<dyn Crypto> = Arc::new(AwsLc);
        let config = TrustConfig::in_folder(folder.join("trust-services"), base_url);
        let trust = TrustServices::open(config, crypto.clone(), clock.clone(), random.clone())?;
        let cards = personalise(&trust, clock.as_ref(), seed)?;
        let staff = StaffCards::new(&trust, &clock)?;

        let (trust_wire, platform_wire, history_wire) = (Wire::default(), Wire::default(), Wire::default());
        trust_wire.connect(trust.protocols());
        let witness_wire = Wire::default();
        let seed = AwsLc.new_seed().context("no randomness")?;
        let cosigner = AwsLc.key_of(&seed).context("the witness's key cannot be made")?;
        let ports = Ports {
            crypto: crypto.clone(),
            clock: clock.clone(),
            random: random.clone(),
            time_stampers: trust_wire.peer(),
            responder: trust_wire.peer(),
            register: trust_wire.peer(),
            history: history_wire.peer(),
            store: Arc::new(PlatformStore::open(&folder.join("platform.sqlite"))?),
            log: log_ports(
                folder,
                vec![LogWitness {
                    key: VerifierKey::of_witness(LogName::new(WITNESS)?, cosigner.public()),
                    peer: witness_wire.peer(),
                }],
            )?,
        };
        let platform = Platform::open(platform_config(&trust), ports)?;
        let watching = WitnessConfig {
            name: LogName::new(WITNESS)?,
            key: cosigner,
            logs: vec![platform.log_key()],
            crypto: Arc::new(AwsLc),
            clock: clock.clone(),
        };
        witness_wire.connect(Witness::open(watching, &folder.join("witness.sqlite"))?.router());
        platform_wire.connect(platform.router());
        platform.fetch_register_rows().await?;

        let home = Arc::new(HomeReader { cards: cards.clone(), platform: platform_wire.peer() });
        let history = History::open(jushin_history::Config {
            trust: platform.trust_files(),
            directory: cast::directory()?,
            store: Box::new(HistoryStore::open(&folder.join("history.sqlite"))?),
            crypto: crypto.clone(),
            clock: clock.clone(),
            random: random.clone(),
            platform: platform_wire.peer(),
            card_login: home.clone(),
        })?;
        history_wire.connect(history.router());
        Ok(Self {
            clock,
            random,
            crypto,
            trust,
            platform,
            trust_wire,
            platform_wire,
            history,
            history_wire,
            cards,
            staff,
            home,
        })
    }

    /// What every party serves besides the terminals.
    pub fn router(&self) -> Router {
        self.trust.protocols().merge(self.platform.router()).merge(self.history.router())
    }

    /// Sets a terminal up at a place and enrols it.
    ///
    /// # Errors
    ///
    /// When a step of the enrolment is refused.
    pub async fn enrol(&self, folder: &Path, place: &'static cast::Place) -> anyhow::Result<Site> {
        Site::enrol(self, folder, place).await.with_context(|| format!("enrolment at {}", place.en))
    }
}

/// The platform over another file, with its log as it stands: what an auditor looks at.
pub(super) fn reopened(world: &World, folder: &Path, store: Arc<PlatformStore>) -> anyhow::Result<Platform> {
    let nobody = || Wire::default().peer();
    let ports = Ports {
        crypto: world.crypto.clone(),
        clock: world.clock.clone(),
        random: world.random.clone(),
        time_stampers: nobody(),
        responder: nobody(),
        register: nobody(),
        history: nobody(),
        store,
        log: log_ports(folder, Vec::new())?,
    };
    Ok(Platform::open(platform_config(&world.trust), ports)?)
}

fn log_ports(folder: &Path, witnesses: Vec<LogWitness>) -> anyhow::Result<LogPorts> {
    Ok(LogPorts {
        crypto: Arc::new(AwsLc),
        files: Arc::new(FolderFiles::open(&folder.join("log"))?),
        checkpoints: Arc::new(SqliteCheckpoints::open(&folder.join("checkpoints.sqlite"))?),
        witnesses,
    })
}

fn platform_config(trust: &TrustServices) -> PlatformConfig {
    let authority = |name: &str| CardAuthority { file: format!("{name}.pem"), path: format!("/ocsp/{name}") };
    PlatformConfig {
        trust: trust.trust_files().into_iter().map(|file| (file.name, file.bytes)).collect(),
        verifier_policy: VERIFIER_POLICY.to_vec(),
        simulated: true,
        models: [(MODEL, TICK), (DATE_MODEL, DATE_TICK)]
            .map(|(name, tick)| Model {
                name: name.to_owned(),
                kind: ElementKind::Software,
                tick,
                simulated: true,
            })
            .to_vec(),
        policy: Policy {
            begins_online: 2_000,
            ticks_online: DAY_MS,
            begins_offline: 300,
            ticks_offline: DAY_MS,
            session_ticks: 10_000,
            bracket_ms: 5_000,
            methods: 0b1_1110,
        },
        card_authorities: [
            Authority::UserAuthentication1,
            Authority::UserAuthentication2,
            Authority::HealthcareStaff,
        ]
        .map(|known| authority(known.name()))
        .to_vec(),
        time_stampers: vec!["/tsa/1".to_owned(), "/tsa/2".to_owned()],
        // One visit that is held back is enough for the story.
        gaps: GapPolicy { suspend_at: 1, ..GapPolicy::default() },
        log_origin: "log.platform.simulated.example".to_owned(),
        key_custodians: ["custodian A (simulated)".to_owned(), "custodian B (simulated)".to_owned()],
    }
}

/// Makes the patients' cards and tells the register who is insured where.
fn personalise(trust: &TrustServices, clock: &DayClock, seed: u64) -> anyhow::Result<Cards> {
    let mut generator = ChaCha20Rng::seed_from_u64(seed ^ 0x6361_7264);
    let good = PATIENTS.iter().map(|patient| (patient, Fate::Good));
    let everyone = good.chain(WAITING_ROOM.iter().map(|(patient, fate)| (patient, *fate)));
    let cards = everyone.map(|(patient, fate)| one_card(trust, clock, patient, fate, &mut generator));
    Ok(Cards::new(cards.collect::<anyhow::Result<Vec<_>>>()?))
}

fn one_card(
    trust: &TrustServices,
    clock: &DayClock,
    patient: &Patient,
    fate: Fate,
    generator: &mut ChaCha20Rng,
) -> anyhow::Result<NewCard> {
    let person = trust.add_person(&patient.person())?;
    let insurance =
        Insurance {
            insurer: "模擬健康保険組合".to_owned(), copay_tenths: 3, validity: Validity::Valid
        };
    trust.insure(person, &insurance)?;
    let now = clock.now();
    let (not_before, not_after) = match fate {
        Fate::Expired => (UnixMillis(now.0 - 1_000 * DAY_MS), Some(UnixMillis(now.0 - 10 * DAY_MS))),
        Fate::Good | Fate::Stopped => (now, None),
    };
    let files = trust.personalise(&PersonCard {
        person,
        kind: patient.kind,
        generation: patient.generation,
        not_before,
        not_after,
        with_signature: true,
    })?;
    if fate == Fate::Stopped {
        trust.revoke(&files.authentication.id, now)?;
    }
    let scheme = match patient.kind {
        trust_services::CardKind::P384 => Scheme::P384,
        _ => Scheme::Pkcs1DigestInfo,
    };
    let personalisation = personalise::personalise(files, generator)?;
    let random = Box::new(ChaCha20Rng::from_rng(generator));
    Ok(NewCard {
        name: patient.card.to_owned(),
        label: format!("◇ {} {}", patient.card, patient.name),
        scheme,
        card: VirtualCard::new(personalisation, Arc::new(AwsLc), random)?,
    })
}
