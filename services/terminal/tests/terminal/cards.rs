//! Card CAs and virtual cards ◇ of the tests. Keys are made once per run.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

use jushin_card::apdu::{CommandBytes, Response, StatusWord};
use jushin_card::virtual_card::{CardKind, PersonalKey, Reselecting, TerminalCa};
use jushin_card::{CardProfile, CardTransport, Personalisation, TransportError, VirtualCard, VirtualReader};
use jushin_crypto::AwsLc;
use jushin_pki::issue::{Issuer, Template};
use jushin_pki::name::Name;
use jushin_pki::{Crypto as _, CvCertificate, CvKeyId, KeyKind, Moment, PrivateKey, Suite};
use jushin_secure_element::ManualTicker;
use jushin_statement::AuthenticationForm;
use jushin_terminal::{CardName, Reader, ReaderError};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use zeroize::Zeroizing;

pub(crate) const INSTITUTION: &str = "2613200017";
pub(crate) const PIN: &str = "4739";
/// A serial number that a scan finds wherever it leaks.
pub(crate) const SERIAL: [u8; 16] = *b"\x5Aserial-of-card1";

/// Everything that is made once.
pub(crate) struct Keys {
    pub(crate) card_ca: Issuer,
    pub(crate) unknown_ca: Issuer,
    pub institution_pkcs8: Zeroizing<Vec<u8>>,
    pub(crate) institution_certificate: CvCertificate,
    terminal_ca: Arc<dyn PrivateKey>,
    holder: Zeroizing<Vec<u8>>,
    other_holder: Zeroizing<Vec<u8>>,
}

pub(crate) static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let stored = |name| kept_key(name, KeyKind::Rsa2048);
    let rsa = |name| AwsLc.private_key(&stored(name)).unwrap();
    let ca = |name| {
        Issuer::self_signed(template(name, &[], &[1], 2036), rsa(name), Suite::RsaPkcs1Sha256).unwrap()
    };
    let terminal_ca = rsa("institution CA");
    let institution_pkcs8 = stored("institution");
    let institution = AwsLc.private_key(&institution_pkcs8).unwrap();
    let subject = CvKeyId::for_institution(INSTITUTION, [0, 0, 0, 0, 1]).unwrap();
    let institution_certificate =
        CvCertificate::issue(&*terminal_ca, terminal_ca_id(), subject, institution.spki()).unwrap();
    Keys {
        card_ca: ca("simulated card CA"),
        unknown_ca: ca("unknown card CA"),
        institution_pkcs8,
        institution_certificate,
        terminal_ca,
        holder: stored("holder"),
        other_holder: stored("other holder"),
    }
});

/// Where a program that is killed and started again finds its keys: the name of the variable.
pub(crate) const KEPT_KEYS: &str = "JUSHIN_TEST_KEYS";

/// A new key, or the one of this name that an earlier program kept.
pub(crate) fn kept_key(name: &str, kind: KeyKind) -> Zeroizing<Vec<u8>> {
    let Some(folder) = std::env::var_os(KEPT_KEYS) else {
        return AwsLc.generate_stored(kind).unwrap();
    };
    let file = std::path::Path::new(&folder).join(name);
    if let Ok(pkcs8) = std::fs::read(&file) {
        return Zeroizing::new(pkcs8);
    }
    let pkcs8 = AwsLc.generate_stored(kind).unwrap();
    std::fs::write(&file, &*pkcs8).unwrap();
    pkcs8
}

fn terminal_ca_id() -> CvKeyId {
    CvKeyId::new(*b"9simulated-CA-I1")
}

fn template(name: &str, spki: &[u8], serial: &[u8], until: i64) -> Template {
    Template {
        subject: Name::new().country("JP").common_name(name),
        serial: serial.to_vec(),
        not_before: Moment::from_utc(2021, 1, 1, 0, 0, 0).unwrap(),
        not_after: Moment::from_utc(until, 1, 1, 0, 0, 0).unwrap(),
        spki: spki.to_vec(),
        extensions: Vec::new(),
    }
}

/// The certificate that the first card holds.
pub(crate) static CERTIFICATE: LazyLock<Vec<u8>> =
    LazyLock::new(|| certificate(&KEYS.card_ca, &KEYS.holder, &SERIAL, 2031));

fn certificate(ca: &Issuer, pkcs8: &[u8], serial: &[u8], until: i64) -> Vec<u8> {
    let spki = AwsLc.private_key(pkcs8).unwrap().spki().to_vec();
    ca.issue(&template("simulated card", &spki, serial, until)).unwrap().der().to_vec()
}

fn card(pkcs8: &[u8], certificate: Vec<u8>) -> VirtualCard {
    let key = PersonalKey {
        private_key: Zeroizing::new(pkcs8.to_vec()),
        certificate,
        ca_certificate: KEYS.card_ca.certificate().der().to_vec(),
        pin: Zeroizing::new(PIN.as_bytes().to_vec()),
    };
    let signature = PersonalKey { pin: Zeroizing::new(b"ABC123".to_vec()), ..key.clone() };
    let personalisation = Personalisation {
        kind: CardKind::Jpki,
        profile: CardProfile::A,
        authentication: key,
        signature,
        terminal_ca: TerminalCa { key_id: terminal_ca_id(), spki: KEYS.terminal_ca.spki().to_vec() },
        denied: Vec::new(),
        reselecting: Reselecting::Forgets,
        serial: *b"0000000000000001",
    };
    let random = ChaCha20Rng::from_seed([9; 32]);
    VirtualCard::new(personalisation, Arc::new(AwsLc), Box::new(random)).unwrap()
}

/// A drawer of virtual cards ◇ and one reader.
#[derive(Clone)]
pub(crate) struct Drawer(Arc<Mutex<Inner>>);

struct Inner {
    cards: BTreeMap<&'static str, VirtualReader>,
    plugged_in: bool,
    /// The card takes this many ticks to sign.
    slow: Option<(ManualTicker, u64)>,
}

impl Drawer {
    pub(crate) fn new() -> Self {
        let holder = &KEYS.holder;
        let other = &KEYS.other_holder;
        let cards = [
            ("P1", card(holder, CERTIFICATE.clone())),
            ("P2", card(other, certificate(&KEYS.card_ca, other, &[2; 16], 2031))),
            ("old", card(other, certificate(&KEYS.card_ca, other, &[3; 16], 2026))),
            ("foreign", card(other, certificate(&KEYS.unknown_ca, other, &[4; 16], 2031))),
        ];
        let cards = cards.map(|(name, card)| (name, VirtualReader::with(card)));
        Self(Arc::new(Mutex::new(Inner { cards: cards.into(), plugged_in: true, slow: None })))
    }

    /// The holder takes the card away after this many commands.
    pub(crate) fn pull_after(&self, card: &str, commands: u32) {
        self.0.lock().unwrap().cards.get_mut(card).unwrap().pull_after(commands);
    }

    /// The holder puts it back.
    pub(crate) fn put_back(&self, card: &str) {
        let mut inner = self.0.lock().unwrap();
        let reader = inner.cards.get_mut(card).unwrap();
        let card = reader.pull().unwrap();
        reader.insert(card);
    }

    pub(crate) fn plug(&self, plugged_in: bool) {
        self.0.lock().unwrap().plugged_in = plugged_in;
    }

    pub(crate) fn slow_down(&self, ticker: ManualTicker, ticks: u64) {
        self.0.lock().unwrap().slow = Some((ticker, ticks));
    }
}

impl Reader for Drawer {
    fn placeable(&self) -> Vec<CardName> {
        let names = self.0.lock().unwrap().cards.keys().copied().map(String::from).collect::<Vec<_>>();
        names.into_iter().chain(["bus pass".to_owned()]).map(CardName).collect()
    }

    fn connect(&self, card: &CardName) -> Result<Box<dyn CardTransport>, ReaderError> {
        let inner = self.0.lock().unwrap();
        if !inner.plugged_in {
            return Err(ReaderError::NoReader);
        }
        match (card.0.as_str(), inner.cards.get_key_value(card.0.as_str())) {
            ("bus pass", _) => Ok(Box::new(BusPass)),
            (_, Some((name, _))) => Ok(Box::new(Placed { drawer: self.clone(), name })),
            _ => Err(ReaderError::NoCard),
        }
    }

    fn form(&self, _card: &CardName) -> AuthenticationForm {
        AuthenticationForm::OpensState
    }
}

struct Placed {
    drawer: Drawer,
    name: &'static str,
}

impl CardTransport for Placed {
    fn transmit(&mut self, command: &CommandBytes) -> Result<Response, TransportError> {
        let mut inner = self.drawer.0.lock().unwrap();
        let signs = command.as_bytes().starts_with(&[0x80, 0x2A]);
        if let Some((ticker, ticks)) = inner.slow.as_ref().filter(|_| signs) {
            ticker.advance(*ticks);
        }
        inner.cards.get_mut(self.name).ok_or(TransportError::Removed)?.transmit(command)
    }

    fn was_reset(&mut self) -> bool {
        let mut inner = self.drawer.0.lock().unwrap();
        inner.cards.get_mut(self.name).is_some_and(CardTransport::was_reset)
    }
}

/// Answers every command with "no such application".
struct BusPass;

impl CardTransport for BusPass {
    fn transmit(&mut self, _command: &CommandBytes) -> Result<Response, TransportError> {
        Ok(Response::status_only(StatusWord::NOT_FOUND))
    }

    fn was_reset(&mut self) -> bool {
        false
    }
}
