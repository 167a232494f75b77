//! One terminal with everything around it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use jushin_crypto::AwsLc;
use jushin_pki::{Crypto as _, KeyKind, PrivateKey, Suite};
use jushin_runtime::Clock;
use jushin_secure_element::client::{ElementTransport, ElementUnreachable};
use jushin_secure_element::{Build, Element, InstitutionKeyOrigin, Instruction, ManualTicker};
use jushin_statement::{HolderCheck, Id16, InstitutionCode, TickKind, TickSpec, UnixMillis};
use jushin_terminal::{
    AdministratorCard, AdministratorCardError, CardName, Configuration, ElementMemory, NoStaffReader, Ports,
    StaffPin, Stopwatch, TapResult, Terminal,
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use tower::ServiceExt as _;

use crate::cards::{Drawer, INSTITUTION, KEYS};
use crate::platform::StandIn;

pub(crate) const MORNING: UnixMillis = UnixMillis(1_775_519_523_000); // 2026-04-07T08:52:03+09:00

/// A folder that goes when the test ends, unless somebody else keeps it.
pub(crate) struct Folder {
    path: PathBuf,
    kept: bool,
}

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("jushin-terminal-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self { path, kept: false }
    }

    /// A folder of the program that started this one.
    pub(crate) const fn kept(path: PathBuf) -> Self {
        Self { path, kept: true }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.kept {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

#[derive(Clone)]
pub(crate) struct SetClock(Arc<AtomicU64>);

impl SetClock {
    pub(crate) fn advance(&self, millis: u64) {
        self.0.fetch_add(millis, Ordering::Relaxed);
    }
}

impl Clock for SetClock {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.0.load(Ordering::Relaxed))
    }
}

/// An element whose power the test holds.
#[derive(Clone)]
pub(crate) struct Socket {
    element: Arc<Mutex<Element>>,
    cut_after: Arc<Mutex<Option<Instruction>>>,
}

impl Socket {
    /// Power goes right after this command was carried out: its answer is lost.
    pub(crate) fn cut_after(&self, instruction: Instruction) {
        *self.cut_after.lock().unwrap() = Some(instruction);
    }

    pub(crate) fn power_on(&self) {
        self.element.lock().unwrap().power_on().unwrap();
    }
}

impl ElementTransport for Socket {
    fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, ElementUnreachable> {
        let mut element = self.element.lock().unwrap();
        let answer = element.transmit(apdu);
        let mut cut = self.cut_after.lock().unwrap();
        if cut.is_some_and(|instruction| apdu.get(1) == Some(&(instruction as u8))) {
            *cut = None;
            element.power_off();
            return Err(ElementUnreachable);
        }
        answer
    }
    fn restart(&mut self) -> Result<(), ElementUnreachable> {
        self.element.lock().unwrap().restart()
    }
}

struct Administrator(Arc<dyn PrivateKey>);

impl AdministratorCard for Administrator {
    fn certificate(&mut self) -> Result<Vec<u8>, AdministratorCardError> {
        Ok(b"administrator certificate".to_vec())
    }

    fn show_pin(&mut self, _pin: &StaffPin) -> Result<(), AdministratorCardError> {
        Ok(())
    }

    fn sign(&mut self, to_be_signed: &[u8]) -> Result<Vec<u8>, AdministratorCardError> {
        self.0
            .sign(Suite::RsaPkcs1Sha256, to_be_signed)
            .map_err(|error| AdministratorCardError::Failed(error.to_string()))
    }
}

pub(crate) struct Bench {
    pub(crate) folder: Folder,
    pub(crate) clock: SetClock,
    pub(crate) ticker: ManualTicker,
    pub(crate) cards: Drawer,
    pub(crate) platform: StandIn,
    pub(crate) socket: Socket,
    pub(crate) terminal: Terminal,
}

impl Bench {
    /// Switched on, never enrolled.
    pub(crate) fn new() -> Self {
        Self::in_folder(Folder::new(), [5; 32])
    }

    /// Switched on over the files of a folder, with an element that draws its numbers from `seed`.
    pub(crate) fn in_folder(folder: Folder, seed: [u8; 32]) -> Self {
        let platform = StandIn::new();
        let ticker = ManualTicker::new();
        let build = Build {
            platform_key: platform.binding_key(),
            card_cas: vec![KEYS.card_ca.key().spki().to_vec()],
            model: "simulated".into(),
            firmware: "1".into(),
            tick: TickSpec { kind: TickKind::Time, tau_us: 1_000, rho_ppm: 100 },
            institution_key: InstitutionKeyOrigin::Injected,
            keyed_card_id: false,
        };
        let memory = ElementMemory::open(&folder.path().join("element.sqlite")).unwrap();
        let random = Box::new(ChaCha20Rng::from_seed(seed));
        let element =
            Element::new(build, Box::new(memory), Box::new(ticker.clone()), random, Arc::new(AwsLc)).unwrap();
        let socket = Socket { element: Arc::new(Mutex::new(element)), cut_after: Arc::new(Mutex::new(None)) };
        let clock = SetClock(Arc::new(AtomicU64::new(MORNING.0)));
        let cards = Drawer::new();
        let terminal = open(&folder, &clock, &cards, &platform, &socket);
        Self { folder, clock, ticker, cards, platform, socket, terminal }
    }

    /// Enrolled and unlocked.
    pub(crate) async fn ready() -> Self {
        let bench = Self::new();
        bench.enrol().await;
        bench.terminal.power_on().await.unwrap();
        bench
    }

    pub(crate) async fn enrol(&self) {
        let mut administrator = Administrator(AwsLc.generate(KeyKind::Rsa2048).unwrap());
        self.terminal.enrol(&mut administrator).await.unwrap();
    }

    /// The program is killed and started anew on the same files.
    pub(crate) fn restart(&mut self) {
        self.terminal = open(&self.folder, &self.clock, &self.cards, &self.platform, &self.socket);
    }

    pub(crate) async fn tap(&self, card: &str, method: HolderCheck) -> TapResult {
        self.terminal.tap_now(&CardName(card.into()), method, None).await
    }

    pub(crate) fn state(&self) -> &'static str {
        self.terminal.desk().data_state().0
    }

    /// A page as a browser gets it.
    pub(crate) async fn page(&self, path: &str) -> String {
        let response =
            self.terminal.router().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }

    /// Posts a form and returns the status.
    pub(crate) async fn post(&self, path: &str, form: &str) -> StatusCode {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()));
        self.terminal.router().oneshot(request.unwrap()).await.unwrap().status()
    }
}

impl Bench {
    /// Listens for changes of the desk.
    pub(crate) fn changes(&self) -> tokio::sync::broadcast::Receiver<()> {
        self.terminal.changes()
    }

    /// Waits until the desk shows `state`.
    pub(crate) async fn until(&self, changes: &mut tokio::sync::broadcast::Receiver<()>, state: &str) {
        while self.state() != state {
            let _ = changes.recv().await;
        }
    }

    /// Opens a stream of events.
    pub(crate) async fn open(&self, path: &str) -> Body {
        let request = Request::get(path).body(Body::empty()).unwrap();
        self.terminal.router().oneshot(request).await.unwrap().into_body()
    }

    /// The next piece of a stream.
    pub(crate) async fn next_event(&self, events: &mut Body) -> String {
        let frame = events.frame().await.unwrap().unwrap();
        String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap()
    }
}

fn open(folder: &Folder, clock: &SetClock, cards: &Drawer, platform: &StandIn, socket: &Socket) -> Terminal {
    let configuration = Configuration {
        terminal: Id16([3; 16]),
        institution: InstitutionCode::new(INSTITUTION).unwrap(),
        institution_certificate: KEYS.institution_certificate.clone(),
        institution_name: "さくら内科".into(),
        desk_name: "受付 1".into(),
        operations_phone: "0120-000-000（見本）".into(),
        platform_keys: platform.keys(),
        methods: vec![HolderCheck::PhotoMachine, HolderCheck::Pin, HolderCheck::PhotoVisual],
        patience: Duration::from_secs(60),
        window_ms: 3_000,
        closing_minute: None,
        simulated: true,
    };
    let ports = Ports {
        reader: Arc::new(cards.clone()),
        staff: Arc::new(NoStaffReader),
        element: Box::new(socket.clone()),
        platform: platform.peer(),
        clock: Arc::new(clock.clone()),
        crypto: Arc::new(AwsLc),
        stopwatch: Stopwatch::stopped(),
    };
    Terminal::open(configuration, ports, &folder.path().join("terminal.sqlite")).unwrap()
}
