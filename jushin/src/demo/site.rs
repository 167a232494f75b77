//! One institution of the story: its terminal, and the element ◇ in it that can lose power.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use jushin_pki::{Certificate, CvCertificate};
use jushin_platform::{Institution, KeyName};
use jushin_runtime::Clock;
use jushin_secure_element::client::{ElementTransport, ElementUnreachable};
use jushin_secure_element::{Build, Element, InstitutionKeyOrigin, Ticker};
use jushin_statement::{Hash, HolderCheck, Id16};
use jushin_terminal::{Configuration, ElementMemory, PlatformKeys, Ports, Reader, Stopwatch, Terminal};
use jushin_trust_services::Authority;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;

use super::cards::DeskReader;
use super::cast::Place;
use super::clock::{DayClock, instant};
use super::network::Wire;
use super::staff::{StaffCards, StaffDesk};
use super::switches::Cable;
use super::world::{DATE_MODEL, DATE_TICK, MODEL, TICK, World};

/// What the ticks of an element count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ticking {
    /// Milliseconds, within 100 ppm.
    Milliseconds,
    /// Records: the element has no timer (Date Stamp).
    Records,
}

/// What a site is built with.
pub struct Rig {
    /// Patients' cards.
    pub reader: Arc<dyn Reader>,
    /// The terminal's own clock.
    pub clock: Arc<dyn Clock>,
    /// The element's ticks.
    pub ticking: Ticking,
}

/// A terminal with its element.
pub struct Site {
    /// Where.
    pub place: &'static Place,
    /// The terminal.
    pub terminal: Terminal,
    /// The element's id.
    pub element: Id16,
    /// The terminal's own way to the platform.
    pub line: Wire,
    /// The reader's cable, where it has one that can be pulled.
    pub(super) cable: Option<Arc<Cable>>,
    power: SharedElement,
}

impl Site {
    pub(super) async fn enrol(world: &World, folder: &Path, place: &'static Place) -> anyhow::Result<Self> {
        let cable = Arc::new(Cable::to(DeskReader(world.cards.clone())));
        let reader = cable.clone();
        let site = Self::enrol_with(world, folder, place, reader, |element| Box::new(element)).await?;
        Ok(Self { cable: Some(cable), ..site })
    }

    /// Sets a terminal up with a reader and a way to its element that the caller chooses, and enrols it.
    ///
    /// # Errors
    ///
    /// When a step of the enrolment is refused.
    pub async fn enrol_with(
        world: &World,
        folder: &Path,
        place: &'static Place,
        reader: Arc<dyn Reader>,
        way: impl FnOnce(SharedElement) -> Box<dyn ElementTransport>,
    ) -> anyhow::Result<Self> {
        let rig = Rig { reader, clock: world.clock.clone(), ticking: Ticking::Milliseconds };
        Self::enrol_rigged(world, folder, place, rig, way).await
    }

    /// The same with a clock and an element that the caller chooses too.
    ///
    /// # Errors
    ///
    /// When a step of the enrolment is refused.
    pub async fn enrol_rigged(
        world: &World,
        folder: &Path,
        place: &'static Place,
        rig: Rig,
        way: impl FnOnce(SharedElement) -> Box<dyn ElementTransport>,
    ) -> anyhow::Result<Self> {
        let code = place.code()?;
        let administrator = world.staff.appoint(&world.trust, &world.clock, place)?;
        world.platform.register_institution(&Institution {
            code,
            name: place.ja.to_owned(),
            administrators: vec![administrator],
            jpki_acknowledged: None,
        })?;
        let medium = world.trust.institution_key(code)?;
        world.platform.import_institution_key(code, &medium.pkcs8, &medium.cv_certificate)?;

        let power = SharedElement::build_ticking(world, folder, place, rig.ticking)?;
        let line = world.platform_wire.branch();
        let ports = Ports {
            reader: rig.reader,
            staff: Arc::new(StaffDesk { staff: world.staff.clone(), patients: world.cards.clone() }),
            element: way(power.clone()),
            platform: line.peer(),
            clock: rig.clock,
            crypto: world.crypto.clone(),
            stopwatch: stopwatch(),
        };
        let journal = folder.join(format!("terminal-{}.sqlite", place.terminal));
        let terminal = Terminal::open(configuration(world, place, &medium.cv_certificate)?, ports, &journal)?;
        let mut card = world.staff.with_pin(&StaffCards::administrator_of(place))?;
        let enrolled = terminal.enrol(&mut *card).await?;
        Ok(Self { place, terminal, element: enrolled.element, line, cable: None, power })
    }

    /// Takes the power from the element.
    pub fn power_off(&self) {
        self.power.unplugged.store(true, Ordering::Relaxed);
        self.power.element().power_off();
    }

    /// Switches the terminal off and on again: a new power cycle of the element.
    ///
    /// # Errors
    ///
    /// When the element does not start.
    pub fn power_cycle(&self) -> anyhow::Result<()> {
        self.power.unplugged.store(false, Ordering::Relaxed);
        let mut element = self.power.element();
        element.power_off();
        element.power_on().context("the element does not start")
    }
}

fn configuration(world: &World, place: &Place, cv_certificate: &[u8]) -> anyhow::Result<Configuration> {
    Ok(Configuration {
        terminal: Hash::of(place.terminal.as_bytes()).first16(),
        institution: place.code()?,
        institution_certificate: CvCertificate::parse(cv_certificate)?,
        institution_name: place.ja.to_owned(),
        desk_name: "受付 1".to_owned(),
        operations_phone: "0120-000-000（見本）".to_owned(),
        platform_keys: PlatformKeys {
            provider: world.platform.public_key(KeyName::Provider),
            receipt: world.platform.public_key(KeyName::Receipt),
            evidence: world.platform.public_key(KeyName::Evidence),
        },
        methods: vec![HolderCheck::PhotoMachine, HolderCheck::Pin, HolderCheck::PhotoVisual],
        patience: std::time::Duration::from_secs(5),
        window_ms: 300_000,
        closing_minute: Some(19 * 60),
        simulated: true,
    })
}

fn stopwatch() -> Stopwatch {
    let start = instant();
    Stopwatch::new(move || start.elapsed())
}

/// An element that terminal and power switch share.
#[derive(Clone)]
pub struct SharedElement {
    element: Arc<Mutex<Element>>,
    /// Somebody pulled the plug: the terminal cannot switch it on again.
    unplugged: Arc<AtomicBool>,
}

impl SharedElement {
    fn element(&self) -> MutexGuard<'_, Element> {
        self.element.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The element whose memory is the file `element-E1.sqlite` (or E2) of `folder`; a new one if there is none.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened or the element does not start.
    pub fn build(world: &World, folder: &Path, place: &Place) -> anyhow::Result<Self> {
        Self::build_ticking(world, folder, place, Ticking::Milliseconds)
    }

    fn build_ticking(world: &World, folder: &Path, place: &Place, ticking: Ticking) -> anyhow::Result<Self> {
        let (model, tick) = match ticking {
            Ticking::Milliseconds => (MODEL, TICK),
            Ticking::Records => (DATE_MODEL, DATE_TICK),
        };
        let cas = [Authority::UserAuthentication1, Authority::UserAuthentication2];
        let spki = |authority| {
            Ok::<_, anyhow::Error>(Certificate::parse(world.trust.certificate(authority))?.spki().to_vec())
        };
        let build = Build {
            platform_key: world.platform.public_key(KeyName::Bind),
            card_cas: cas.into_iter().map(spki).collect::<Result<_, _>>()?,
            model: model.to_owned(),
            firmware: env!("CARGO_PKG_VERSION").to_owned(),
            tick,
            institution_key: InstitutionKeyOrigin::Injected,
            keyed_card_id: false,
        };
        let memory = ElementMemory::open(&folder.join(format!("element-{}.sqlite", place.element)))?;
        let ticker = DayTicker { clock: world.clock.clone(), zero: 0 };
        let random = ChaCha20Rng::from_seed(world.random.bytes());
        let element =
            Element::new(build, Box::new(memory), Box::new(ticker), Box::new(random), world.crypto.clone())?;
        Ok(Self { element: Arc::new(Mutex::new(element)), unplugged: Arc::default() })
    }
}

impl ElementTransport for SharedElement {
    fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, ElementUnreachable> {
        self.element().transmit(apdu)
    }
    fn restart(&mut self) -> Result<(), ElementUnreachable> {
        match self.unplugged.load(Ordering::Relaxed) {
            true => Err(ElementUnreachable),
            false => self.element().restart(),
        }
    }
}

/// Milliseconds of the simulated day since power-on.
struct DayTicker {
    clock: Arc<DayClock>,
    zero: u64,
}

impl Ticker for DayTicker {
    fn restart(&mut self) {
        self.zero = self.clock.now().0;
    }
    fn ticks(&mut self) -> u64 {
        self.clock.now().0.saturating_sub(self.zero)
    }
}
