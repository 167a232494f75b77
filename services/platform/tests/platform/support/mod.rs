//! A platform, its peers, and a terminal with a real element that talks to it through the router.

pub(crate) mod keys;
pub(crate) mod peers;
pub(crate) mod terminal;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jushin_crypto::AwsLc;
use jushin_pki::issue::Issuer;
use jushin_pki::pem;
use jushin_platform::{
    CardAuthority, Config, GapPolicy, Institution, LogPorts, Model, Platform, Ports, Sqlite, Store,
};
use jushin_runtime::{Clock, Peer, Random, Reply};
use jushin_statement::{
    Administrator, AdministratorKind, ElementKind, Hash, InstitutionCode, MEDIA_TYPE, Policy, TickKind,
    TickSpec, UnixMillis,
};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;

use keys::{CODE, OUTSIDE, START};
use peers::Peers;

pub(crate) const TICK: TickSpec = TickSpec { kind: TickKind::Time, tau_us: 1_000, rho_ppm: 100 };
pub(crate) const MODEL: &str = "software element";

/// A clock that goes when it is told to.
#[derive(Clone)]
pub(crate) struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    pub(crate) fn advance(&self, millis: u64) {
        self.0.fetch_add(millis, Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.0.load(Ordering::Relaxed))
    }
}

/// A platform with one registered institution.
pub(crate) struct World {
    pub(crate) platform: Platform,
    pub(crate) clock: ManualClock,
    pub(crate) peers: Peers,
    pub(crate) door: Peer,
    /// Clock of the elements.
    pub(crate) tick: TickSpec,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with_store(Arc::new(Sqlite::in_memory().unwrap()))
    }

    /// Elements without a timer: they count their records.
    pub(crate) fn in_date_mode() -> Self {
        let tick = TickSpec { kind: TickKind::Date, tau_us: 0, rho_ppm: 0 };
        Self::with(Arc::new(Sqlite::in_memory().unwrap()), tick)
    }

    pub(crate) fn with_store(store: Arc<dyn Store>) -> Self {
        Self::with(store, TICK)
    }

    fn with(store: Arc<dyn Store>, tick: TickSpec) -> Self {
        Self::logging(store, tick, LogPorts::in_memory(Arc::new(AwsLc)).unwrap())
    }

    /// With a log of the test's own.
    pub(crate) fn with_log(store: Arc<dyn Store>, log: LogPorts) -> Self {
        Self::logging(store, TICK, log)
    }

    fn logging(store: Arc<dyn Store>, tick: TickSpec, log: LogPorts) -> Self {
        let clock = ManualClock(Arc::new(AtomicU64::new(START)));
        let peers = Peers::new(clock.clone());
        let peer = peers.peer();
        let ports = Ports {
            crypto: Arc::new(AwsLc),
            clock: Arc::new(clock.clone()),
            random: Arc::new(Random::new(ChaCha20Rng::seed_from_u64(7))),
            time_stampers: peer.clone(),
            responder: peer.clone(),
            register: peer.clone(),
            history: peer,
            store,
            log,
        };
        let platform = Platform::open(config(tick), ports).unwrap();
        platform.register_institution(&institution()).unwrap();
        let certificate = OUTSIDE.institution_certificate.as_bytes();
        platform.import_institution_key(code(), &OUTSIDE.institution_key, certificate).unwrap();
        let door = Peer::in_process(platform.router());
        Self { platform, clock, peers, door, tick }
    }

    /// Posts a body of our media type.
    pub(crate) async fn post(&self, path: &str, body: Vec<u8>) -> Reply {
        self.door.post(path, MEDIA_TYPE, body).await.unwrap()
    }

    /// Posts and expects success.
    pub(crate) async fn posted(&self, path: &str, body: Vec<u8>) -> Vec<u8> {
        let reply = self.post(path, body).await;
        assert!(
            reply.status.is_success(),
            "{path}: {} {}",
            reply.status,
            String::from_utf8_lossy(&reply.body)
        );
        reply.body
    }

    /// Gets and expects success.
    pub(crate) async fn got(&self, path: &str) -> Vec<u8> {
        let reply = self.door.get(path).await.unwrap();
        assert!(
            reply.status.is_success(),
            "{path}: {} {}",
            reply.status,
            String::from_utf8_lossy(&reply.body)
        );
        reply.body
    }
}

/// Status and title of a refusal.
pub(crate) fn refusal(reply: &Reply) -> (u16, String) {
    assert_eq!(reply.content_type, "application/problem+json");
    let problem: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
    (reply.status.as_u16(), problem["title"].as_str().unwrap().to_owned())
}

/// Asserts status and title of a refusal.
#[track_caller]
pub(crate) fn assert_refused(reply: &Reply, status: u16, title: &str) {
    assert_eq!(refusal(reply), (status, title.to_owned()), "{}", String::from_utf8_lossy(&reply.body));
}

pub(crate) fn code() -> InstitutionCode {
    InstitutionCode::new(CODE).unwrap()
}

pub(crate) fn institution() -> Institution {
    let administrator =
        |kind, holder: &keys::Holder| Administrator { kind, key: Hash::of(holder.certificate.spki()) };
    Institution {
        code: code(),
        name: "さくら内科".to_owned(),
        administrators: vec![
            administrator(AdministratorKind::Hpki, &OUTSIDE.administrator),
            administrator(AdministratorKind::Jpki, &OUTSIDE.jpki_administrator),
        ],
        jpki_acknowledged: None,
    }
}

fn config(tick: TickSpec) -> Config {
    let file = |name: &str, issuer: &Issuer| {
        (name.to_owned(), pem::encode("CERTIFICATE", issuer.certificate().der()).into_bytes())
    };
    let responder = |file: &str, path: &str| CardAuthority { file: file.to_owned(), path: path.to_owned() };
    Config {
        trust: vec![
            file("ca-u-1.pem", &OUTSIDE.card_ca),
            file("hpki-1.pem", &OUTSIDE.staff_ca),
            file("tsa-1.pem", &OUTSIDE.tsa_cas[0]),
            file("tsa-2.pem", &OUTSIDE.tsa_cas[1]),
            ("ca-i-1.bin".to_owned(), OUTSIDE.institution_ca.as_bytes().to_vec()),
        ],
        verifier_policy: br#"{"class_cap":{"3":4}}"#.to_vec(),
        simulated: true,
        models: vec![Model { name: MODEL.to_owned(), kind: ElementKind::Software, tick, simulated: true }],
        policy: Policy {
            begins_online: 100,
            ticks_online: 86_400_000,
            begins_offline: 10,
            ticks_offline: 36_000_000,
            session_ticks: 10_000,
            bracket_ms: 5_000,
            methods: 0b1110,
        },
        card_authorities: vec![
            responder("ca-u-1.pem", "/ocsp/cards"),
            responder("hpki-1.pem", "/ocsp/staff"),
        ],
        time_stampers: vec!["/tsa/1".to_owned(), "/tsa/2".to_owned()],
        gaps: GapPolicy::default(),
        log_origin: "log.platform.example".to_owned(),
        key_custodians: ["custodian A".to_owned(), "custodian B".to_owned()],
    }
}
