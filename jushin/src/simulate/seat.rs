//! One terminal at its institution, with its element, its administrator's card and its wrong clock.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use jushin_card::apdu::{CommandBytes, Response};
use jushin_card::hpki::{StaffKey, StaffLayout, StaffPersonalisation, VirtualStaffCard};
use jushin_card::{CardTransport, TransportError};
use jushin_pki::{Certificate, CvCertificate};
use jushin_platform::{Institution, KeyName};
use jushin_secure_element::{Build, Element, InstitutionKeyOrigin};
use jushin_statement::{
    Administrator, AdministratorKind, Hash, HolderCheck, Id16, InstitutionCode, UnixMillis,
};
use jushin_terminal::{
    AdministratorCard, Configuration, ElementMemory, NoStaffReader, PlatformKeys, Ports, StaffPin, Stopwatch,
    Terminal, administrator_card,
};
use jushin_trust_services::{Authority, StaffCard, StaffPurpose};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;

use super::cards::{Cards, Desk};
use super::chance::Chance;
use super::line;
use super::oscillator::Oscillator;
use super::profile::{PROFILES, Profile};
use super::socket::Socket;
use super::stage::Stage;
use super::town::Town;
use super::true_time::WrongClock;

const PIN: &str = "24680";
const FIVE_YEARS_MS: u64 = 5 * 365 * 86_400_000;

/// A terminal.
pub(super) struct Seat {
    pub(super) number: usize,
    pub(super) profile: &'static Profile,
    pub(super) terminal: Terminal,
    pub(super) element: Id16,
    pub(super) socket: Socket,
    pub(super) clock: Arc<WrongClock>,
    administrator: Arc<Mutex<VirtualStaffCard>>,
    configuration: Configuration,
    journal: PathBuf,
    desk: Arc<Desk>,
    stage: Arc<Stage>,
}

impl Seat {
    /// Sets a terminal up and enrols it.
    pub(super) async fn enrol(
        town: &Town,
        stage: &Arc<Stage>,
        cards: &Cards,
        folder: &Path,
        number: usize,
        seed: u64,
    ) -> anyhow::Result<Self> {
        let profile = PROFILES.get(number % PROFILES.len()).context("no profile")?;
        let code = institution_code(number)?;
        let (administrator, entry) = appoint(town)?;
        town.platform.register_institution(&Institution {
            code,
            name: format!("模擬診療所 {number}"),
            administrators: vec![entry],
            jpki_acknowledged: None,
        })?;
        let medium = town.trust.institution_key(code)?;
        town.platform.import_institution_key(code, &medium.pkcs8, &medium.cv_certificate)?;

        let name = 0x1_0000 + number as u64;
        let oscillator = Oscillator::new(stage.time.clone(), Chance::new(seed, name), profile.tick);
        let element =
            element(town, profile, oscillator.clone(), &folder.join(format!("element-{number}.sqlite")))?;
        let socket = Socket::new(element, oscillator, stage.clone());
        let configuration = configuration(town, number, code, &medium.cv_certificate)?;
        let clock = Arc::new(WrongClock::new(stage.time.clone(), 0));
        let desk = Arc::new(Desk { cards: cards.clone(), stage: stage.clone() });
        let journal = folder.join(format!("terminal-{number}.sqlite"));
        let ports = ports(town, number, stage, &desk, &socket, &clock);
        let terminal = Terminal::open(configuration.clone(), ports, &journal)?;
        let mut card = with_pin(&administrator)?;
        let enrolled = terminal.enrol(&mut *card).await.context("enrolment")?;
        Ok(Self {
            number,
            profile,
            terminal,
            element: enrolled.element,
            socket,
            clock,
            administrator,
            configuration,
            journal,
            desk,
            stage: stage.clone(),
        })
    }

    /// The terminal's program starts anew over the same journal.
    pub(super) fn restart(&mut self, town: &Town) -> anyhow::Result<()> {
        let ports = ports(town, self.number, &self.stage, &self.desk, &self.socket, &self.clock);
        self.terminal = Terminal::open(self.configuration.clone(), ports, &self.journal)?;
        Ok(())
    }

    /// The administrator's card unlocks, without network.
    pub(super) async fn unlock_offline(&self) -> anyhow::Result<()> {
        let connect = || Ok(Box::new(OnReader(self.administrator.clone())) as Box<dyn CardTransport>);
        let mut card = administrator_card(connect)?;
        self.terminal.unlock_offline(&mut *card, StaffPin::new(PIN)?).await?;
        Ok(())
    }
}

/// Ten digits with their check digit.
fn institution_code(number: usize) -> anyhow::Result<InstitutionCode> {
    for check in 0..10 {
        let code = InstitutionCode::new(&format!("26132{number:04}{check}"))?;
        if code.check_digit_fits() {
            return Ok(code);
        }
    }
    anyhow::bail!("too many institutions")
}

fn appoint(town: &Town) -> anyhow::Result<(Arc<Mutex<VirtualStaffCard>>, Administrator)> {
    let files = town.trust.staff_card(&StaffCard {
        purpose: StaffPurpose::Authentication,
        name: "Mogi Kanri (simulated)".to_owned(),
        role: None,
        not_before: UnixMillis(super::START_MS),
        not_after: UnixMillis(super::START_MS + FIVE_YEARS_MS),
    })?;
    let key = Hash::of(Certificate::parse(&files.key.certificate)?.spki());
    let card = VirtualStaffCard::new(&StaffPersonalisation {
        authentication: Some(StaffKey {
            private_key: files.key.pkcs8,
            certificate: files.key.certificate,
            ca_certificate: files.key.authority,
            pin: PIN.as_bytes().to_vec().into(),
        }),
        signature: None,
        layout: StaffLayout::default(),
        serial: *b"0000000000000000",
    })?;
    Ok((Arc::new(Mutex::new(card)), Administrator { kind: AdministratorKind::Hpki, key }))
}

fn with_pin(card: &Arc<Mutex<VirtualStaffCard>>) -> anyhow::Result<Box<dyn AdministratorCard>> {
    let connect = || Ok(Box::new(OnReader(card.clone())) as Box<dyn CardTransport>);
    let mut card = administrator_card(connect)?;
    card.show_pin(&StaffPin::new(PIN)?)?;
    Ok(card)
}

fn element(town: &Town, profile: &Profile, oscillator: Oscillator, memory: &Path) -> anyhow::Result<Element> {
    let cas = [Authority::UserAuthentication1, Authority::UserAuthentication2];
    let spki = |authority| {
        Ok::<_, anyhow::Error>(Certificate::parse(town.trust.certificate(authority))?.spki().to_vec())
    };
    let build = Build {
        platform_key: town.platform.public_key(KeyName::Bind),
        card_cas: cas.into_iter().map(spki).collect::<Result<_, _>>()?,
        model: profile.model.to_owned(),
        firmware: env!("CARGO_PKG_VERSION").to_owned(),
        tick: profile.tick,
        institution_key: InstitutionKeyOrigin::Injected,
        keyed_card_id: false,
    };
    let random = ChaCha20Rng::from_seed(town.random.bytes());
    let memory = ElementMemory::open(memory)?;
    Ok(Element::new(build, Box::new(memory), Box::new(oscillator), Box::new(random), town.crypto.clone())?)
}

fn ports(
    town: &Town,
    number: usize,
    stage: &Arc<Stage>,
    desk: &Arc<Desk>,
    socket: &Socket,
    clock: &Arc<WrongClock>,
) -> Ports {
    Ports {
        reader: desk.clone(),
        staff: Arc::new(NoStaffReader),
        element: Box::new(socket.clone()),
        platform: line::to_platform(stage.clone(), number, town.router.clone()),
        clock: clock.clone(),
        crypto: town.crypto.clone(),
        stopwatch: Stopwatch::stopped(),
    }
}

fn configuration(
    town: &Town,
    number: usize,
    code: InstitutionCode,
    cv_certificate: &[u8],
) -> anyhow::Result<Configuration> {
    Ok(Configuration {
        terminal: Hash::of(format!("simulated terminal {number}").as_bytes()).first16(),
        institution: code,
        institution_certificate: CvCertificate::parse(cv_certificate)?,
        institution_name: format!("模擬診療所 {number}"),
        desk_name: "受付 1".to_owned(),
        operations_phone: "0120-000-000（見本）".to_owned(),
        platform_keys: PlatformKeys {
            provider: town.platform.public_key(KeyName::Provider),
            receipt: town.platform.public_key(KeyName::Receipt),
            evidence: town.platform.public_key(KeyName::Evidence),
        },
        methods: vec![HolderCheck::PhotoMachine, HolderCheck::Pin, HolderCheck::PhotoVisual],
        // Answers come in simulated time: nobody waits for the machine that simulates.
        patience: std::time::Duration::from_secs(3_600),
        window_ms: 300_000,
        closing_minute: Some(18 * 60 + 30),
        simulated: true,
    })
}

/// A connection to the administrator's card; the card itself stays where it is.
struct OnReader(Arc<Mutex<VirtualStaffCard>>);

impl CardTransport for OnReader {
    fn transmit(&mut self, command: &CommandBytes) -> Result<Response, TransportError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).transmit(command)
    }
    fn was_reset(&mut self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).was_reset()
    }
    fn reset_hint(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).reset_hint();
    }
}
