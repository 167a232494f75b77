//! An administrator's card on a reader: a staff card of the health-care PKI, or else a JPKI card, which
//! serves only where the institution has acknowledged it (the binding says so, not this program).

use jushin_card::client::{
    Addressing, CardCertificate, HolderVerified, Pin, ReadCertificate, SelectApplication, Selected, Sign,
    SignRequest, VerifyPin,
};
use jushin_card::hpki::{StaffCard, StaffCardError, StaffPin};
use jushin_card::jpki::{Credential, Scheme};
use jushin_card::{CardError, CardTransport, Session};
use jushin_pki::{Certificate, KeyKind, spki};

use crate::ports::{AdministratorCard, AdministratorCardError, ReaderError};

/// Finds on a card what an administrator authenticates with. `connect` opens a connection to the card; it is
/// asked once more if the card is no staff card.
///
/// # Errors
///
/// [`AdministratorCardError::SigningCard`] if the card has keys for signing only,
/// [`AdministratorCardError::Unsupported`] if it has nothing that signs RS256.
pub fn administrator_card(
    connect: impl Fn() -> Result<Box<dyn CardTransport>, ReaderError>,
) -> Result<Box<dyn AdministratorCard>, AdministratorCardError> {
    match StaffCard::find(Session::new(connect()?)) {
        Ok(card) => Ok(Box::new(card)),
        Err(StaffCardError::NotStaff { .. }) => Ok(Box::new(JpkiCard::open(Session::new(connect()?))?)),
        Err(error) => Err(error.into()),
    }
}

impl AdministratorCard for StaffCard<'static> {
    fn certificate(&mut self) -> Result<Vec<u8>, AdministratorCardError> {
        Ok(Self::certificate(self).to_vec())
    }

    fn show_pin(&mut self, pin: &StaffPin) -> Result<(), AdministratorCardError> {
        Ok(self.verify(pin)?)
    }

    fn sign(&mut self, to_be_signed: &[u8]) -> Result<Vec<u8>, AdministratorCardError> {
        Ok(Self::sign(self, to_be_signed)?)
    }
}

/// A JPKI card with its certificate for user authentication.
struct JpkiCard {
    session: Session<'static>,
    selected: Selected,
    certificate: CardCertificate,
    holder: Option<HolderVerified>,
}

impl JpkiCard {
    fn open(mut session: Session<'static>) -> Result<Self, AdministratorCardError> {
        let selected = session.run(SelectApplication)?;
        let certificate = session.run(ReadCertificate::authentication(&selected, Addressing::Select))?;
        let kind = Certificate::parse(certificate.as_bytes())
            .ok()
            .and_then(|one| spki::parse(one.spki()).ok().map(|key| key.kind()));
        if kind != Some(KeyKind::Rsa2048) {
            return Err(AdministratorCardError::Unsupported("its key is not RSA-2048".to_owned()));
        }
        Ok(Self { session, selected, certificate, holder: None })
    }
}

impl AdministratorCard for JpkiCard {
    fn certificate(&mut self) -> Result<Vec<u8>, AdministratorCardError> {
        Ok(self.certificate.as_bytes().to_vec())
    }

    fn show_pin(&mut self, pin: &StaffPin) -> Result<(), AdministratorCardError> {
        let pin = core::str::from_utf8(pin.as_bytes())
            .ok()
            .and_then(|typed| Pin::new(Credential::Authentication, typed).ok())
            .ok_or(AdministratorCardError::PinForm)?;
        self.holder = Some(self.session.run(VerifyPin::new(&self.selected, pin, Addressing::Select))?);
        Ok(())
    }

    fn sign(&mut self, to_be_signed: &[u8]) -> Result<Vec<u8>, AdministratorCardError> {
        let holder = self
            .holder
            .as_ref()
            .ok_or_else(|| AdministratorCardError::Failed("no PIN was shown".to_owned()))?;
        let request =
            SignRequest::statement(Scheme::Pkcs1DigestInfo, to_be_signed).map_err(CardError::from)?;
        Ok(self.session.run(Sign::with_pin(holder, request))?.signature().to_vec())
    }
}

impl From<StaffCardError> for AdministratorCardError {
    fn from(error: StaffCardError) -> Self {
        match error {
            StaffCardError::SigningOnly => Self::SigningCard,
            StaffCardError::NotStaff { .. } | StaffCardError::NoKey | StaffCardError::Directory(_) => {
                Self::Unsupported(error.to_string())
            }
            StaffCardError::WrongPin { tries_left } => Self::WrongPin { tries_left },
            StaffCardError::PinBlocked => Self::PinBlocked,
            StaffCardError::Card(error) => error.into(),
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl From<CardError> for AdministratorCardError {
    fn from(error: CardError) -> Self {
        match error {
            CardError::Transport(_) | CardError::Reset => Self::NoCard,
            CardError::NotJpki { .. } | CardError::NoCertificate => Self::Unsupported(error.to_string()),
            CardError::WrongPin { tries_left } => Self::WrongPin { tries_left },
            CardError::PinBlocked => Self::PinBlocked,
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl From<ReaderError> for AdministratorCardError {
    fn from(error: ReaderError) -> Self {
        match error {
            ReaderError::NoCard => Self::NoCard,
            ReaderError::NoReader | ReaderError::Silent => Self::Failed(error.to_string()),
        }
    }
}
