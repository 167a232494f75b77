//! The virtual cards ◇ of the demo, and who may reach them: a reader at a desk, a reader at home.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jushin_card::apdu::{CommandBytes, Response, StatusWord};
use jushin_card::client::{Addressing, CardError, Pin, SelectApplication, Sign, SignRequest, VerifyPin};
use jushin_card::jpki::{Credential, Scheme};
use jushin_card::{CardTransport, Session, TransportError, VirtualCard, VirtualReader};
use jushin_history::{CardChoice, CardLogin, LoginFuture, LoginRefused};
use jushin_runtime::Peer;
use jushin_statement::Field as _;
use jushin_statement::cbor::{Reader as CborReader, Writer};
use jushin_terminal::{CardName, Reader, ReaderError};

use super::cast::BUS_PASS;

/// The cards by name.
#[derive(Clone, Default)]
pub struct Cards(Arc<BTreeMap<CardName, Card>>);

/// A card and how it reads on a button.
struct Card {
    label: String,
    scheme: Scheme,
    reader: Arc<Mutex<VirtualReader>>,
}

/// What a card is made known by.
pub(super) struct NewCard {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) scheme: Scheme,
    pub(super) card: VirtualCard,
}

impl Cards {
    pub(super) fn new(cards: impl IntoIterator<Item = NewCard>) -> Self {
        let entry = |new: NewCard| {
            let reader = Arc::new(Mutex::new(VirtualReader::with(new.card)));
            (CardName(new.name), Card { label: new.label, scheme: new.scheme, reader })
        };
        Self(Arc::new(cards.into_iter().map(entry).collect()))
    }

    fn connect(&self, name: &CardName) -> Option<Connected> {
        Some(Connected(self.0.get(name)?.reader.clone()))
    }
}

/// A connection to a card; the card itself stays where it is.
struct Connected(Arc<Mutex<VirtualReader>>);

impl Connected {
    fn reader(&self) -> MutexGuard<'_, VirtualReader> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CardTransport for Connected {
    fn transmit(&mut self, command: &CommandBytes) -> Result<Response, TransportError> {
        self.reader().transmit(command)
    }
    fn was_reset(&mut self) -> bool {
        self.reader().was_reset()
    }
    fn reset_hint(&mut self) {
        self.reader().reset_hint();
    }
}

/// The reader at a desk.
pub struct DeskReader(pub Cards);

impl Reader for DeskReader {
    fn placeable(&self) -> Vec<CardName> {
        self.0.0.keys().cloned().chain([CardName(BUS_PASS.to_owned())]).collect()
    }

    fn connect(&self, card: &CardName) -> Result<Box<dyn CardTransport>, ReaderError> {
        match self.0.connect(card) {
            Some(connected) => Ok(Box::new(connected)),
            None if card.0 == BUS_PASS => Ok(Box::new(BusPass)),
            None => Err(ReaderError::NoCard),
        }
    }
}

/// A chip card of another kind: whatever is asked for, it does not have.
struct BusPass;

impl CardTransport for BusPass {
    fn transmit(&mut self, _command: &CommandBytes) -> Result<Response, TransportError> {
        Ok(Response::status_only(StatusWord::NOT_FOUND))
    }
    fn was_reset(&mut self) -> bool {
        false
    }
}

/// The patient's own reader at home, and the platform's authentication behind it.
pub struct HomeReader {
    pub(super) cards: Cards,
    pub(super) platform: Peer,
}

impl CardLogin for HomeReader {
    fn cards(&self) -> Vec<CardChoice> {
        let choice =
            |(name, card): (&CardName, &Card)| CardChoice { id: name.0.clone(), label: card.label.clone() };
        self.cards.0.iter().map(choice).collect()
    }

    fn login<'a>(&'a self, card: &'a str, pin: &'a str) -> LoginFuture<'a> {
        Box::pin(self.authenticate(card, pin))
    }
}

impl HomeReader {
    /// The platform's nonce, signed by the card after its PIN, for a ticket.
    async fn authenticate(&self, card: &str, pin: &str) -> Result<[u8; 32], LoginRefused> {
        let name = CardName(card.to_owned());
        let scheme = self.cards.0.get(&name).ok_or(LoginRefused::NoCard)?.scheme;
        let connected = self.cards.connect(&name).ok_or(LoginRefused::NoCard)?;
        let pin = Pin::new(Credential::Authentication, pin).map_err(|_| LoginRefused::NotConfirmed)?;
        let nonce = bytes32(&self.post("/v1/sign-in/challenge", Vec::new()).await?)?;
        let (certificate, signature) = signed(connected, pin, scheme, &nonce)?;
        let mut body = Writer::new();
        body.array(3).bytes(&nonce).bytes(&certificate).bytes(&signature);
        bytes32(&self.post("/v1/sign-in", body.into_bytes()).await?)
    }

    async fn post(&self, path: &str, body: Vec<u8>) -> Result<Vec<u8>, LoginRefused> {
        self.platform.post_object(path, body).await.map_err(|_| LoginRefused::NotConfirmed)
    }
}

fn bytes32(body: &[u8]) -> Result<[u8; 32], LoginRefused> {
    let value = CborReader::new(body).and_then(|mut reader| <[u8; 32]>::read(&mut reader));
    value.map_err(|_| LoginRefused::NotConfirmed)
}

/// Certificate and signature over the nonce.
fn signed(
    card: Connected,
    pin: Pin,
    scheme: Scheme,
    nonce: &[u8; 32],
) -> Result<(Vec<u8>, Vec<u8>), LoginRefused> {
    let mut session = Session::new(card);
    let selected = session.run(SelectApplication).map_err(refused)?;
    let holder = session.run(VerifyPin::new(&selected, pin, Addressing::Select)).map_err(refused)?;
    let certificate = session
        .run(jushin_card::client::ReadCertificate::authentication(&selected, Addressing::Select))
        .map_err(refused)?;
    let request = SignRequest::sign_in(scheme, nonce);
    let signed = session.run(Sign::with_pin(&holder, request)).map_err(refused)?;
    Ok((certificate.as_bytes().to_vec(), signed.signature().to_vec()))
}

fn refused(error: CardError) -> LoginRefused {
    match error {
        CardError::WrongPin { tries_left: 0 } | CardError::PinBlocked => LoginRefused::PinBlocked,
        CardError::WrongPin { tries_left } => LoginRefused::WrongPin(tries_left),
        CardError::Transport(_) | CardError::Reset => LoginRefused::NoCard,
        _ => LoginRefused::NotConfirmed,
    }
}
