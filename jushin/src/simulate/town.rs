//! The parties that are no terminal: trust services ◇ and the platform.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use jushin_crypto::AwsLc;
use jushin_pki::Crypto;
use jushin_platform::{
    CardAuthority, Config as PlatformConfig, GapPolicy, LogPorts, Model, Platform, Ports,
    Sqlite as PlatformStore,
};
use jushin_runtime::{Peer, Random};
use jushin_statement::{ElementKind, Policy};
use jushin_trust_services::{Authority, Config as TrustConfig, TrustServices, TsaConfig};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;

use super::line;
use super::profile::PROFILES;
use super::stage::Stage;
use super::true_time::WrongClock;

/// The elements are software under a CA that is marked as simulated, so the cap is lifted.
const VERIFIER_POLICY: &[u8] = br#"{"class_cap":{"3":4}}"#;
const DAY_TICKS: u64 = 86_400_000;
/// How far the platform's own clock is off.
const PLATFORM_OFF_MS: i64 = -40_000;

/// Trust services and platform.
pub(super) struct Town {
    pub(super) trust: TrustServices,
    pub(super) platform: Platform,
    pub(super) router: Router,
    pub(super) crypto: Arc<dyn Crypto>,
    pub(super) random: Arc<Random>,
}

impl Town {
    /// Sets them up; what they keep is in `folder`.
    pub(super) fn open(folder: &Path, seed: u64, stage: &Arc<Stage>) -> anyhow::Result<Self> {
        let crypto: Arc<dyn Crypto> = Arc::new(AwsLc);
        let random = |name| Arc::new(Random::new(ChaCha20Rng::seed_from_u64(seed ^ name)));
        let config = TrustConfig {
            // One authority states its accuracy, the other leaves it and the fraction of a second out.
            tsa: [
                TsaConfig { offset_ms: 0, accuracy_ms: Some(500), fraction: true },
                TsaConfig { offset_ms: 0, accuracy_ms: None, fraction: false },
            ],
            ..TrustConfig::in_memory("http://127.0.0.1:8700")
        };
        let trust = TrustServices::open(config, crypto.clone(), stage.stamps.clone(), random(1))?;
        let services = line::to_trust(stage.clone(), trust.protocols());
        let ports = Ports {
            crypto: crypto.clone(),
            clock: Arc::new(WrongClock::new(stage.time.clone(), PLATFORM_OFF_MS)),
            random: random(2),
            time_stampers: services.clone(),
            responder: services.clone(),
            register: services,
            history: Peer::in_process(Router::new()),
            store: Arc::new(PlatformStore::open(&folder.join("platform.sqlite"))?),
            log: LogPorts::in_memory(Arc::new(AwsLc))?,
        };
        let platform = Platform::open(config_of(&trust), ports).context("the platform does not open")?;
        let router = platform.router();
        Ok(Self { trust, platform, router, crypto, random: random(3) })
    }
}

fn config_of(trust: &TrustServices) -> PlatformConfig {
    let authority = |name: &str| CardAuthority { file: format!("{name}.pem"), path: format!("/ocsp/{name}") };
    PlatformConfig {
        trust: trust.trust_files().into_iter().map(|file| (file.name, file.bytes)).collect(),
        verifier_policy: VERIFIER_POLICY.to_vec(),
        simulated: true,
        models: PROFILES
            .iter()
            .map(|profile| Model {
                name: profile.model.to_owned(),
                kind: ElementKind::Software,
                tick: profile.tick,
                simulated: true,
            })
            .collect(),
        policy: Policy {
            begins_online: 2_000,
            ticks_online: DAY_TICKS,
            begins_offline: 300,
            ticks_offline: DAY_TICKS,
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
        // Power is cut here far more often than anywhere else: nobody is suspended for that.
        gaps: GapPolicy { suspend_at: u64::MAX, lost_to_power_cuts: u64::MAX },
        log_origin: "log.simulated.example".to_owned(),
        key_custodians: ["custodian A (simulated)".to_owned(), "custodian B (simulated)".to_owned()],
    }
}
