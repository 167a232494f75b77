//! The staff's cards ◇ of the demo: one administrator's for each terminal, one for signing only, and patients'
//! cards, which are no staff cards but lie around at a desk all the same.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jushin_card::apdu::{CommandBytes, Response};
use jushin_card::hpki::{StaffKey, StaffPersonalisation, VirtualStaffCard};
use jushin_card::{CardTransport, TransportError};
use jushin_pki::Certificate;
use jushin_runtime::Clock as _;
use jushin_statement::{Administrator, AdministratorKind, Hash, UnixMillis};
use jushin_terminal::{
    AdministratorCard, AdministratorCardError, CardName, Reader as _, ReaderError, StaffChoice, StaffPin,
    StaffReader, administrator_card,
};
use jushin_trust_services::{CertificateId, StaffCard, StaffPurpose, TrustServices};

use super::cards::{Cards, DeskReader};
use super::cast::{BUS_PASS, PATIENTS, Place};
use super::clock::DayClock;

/// PIN of every staff card ◇.
pub const STAFF_PIN: &str = "24680";
/// The card that is for signing documents only.
pub const SIGNING_CARD: &str = "HS";

const FIVE_YEARS_MS: u64 = 5 * 365 * 86_400_000;

/// The staff cards of all places by name. Clones hold the same cards.
#[derive(Clone, Default)]
pub struct StaffCards(Arc<Mutex<BTreeMap<CardName, Held>>>);

/// A card in somebody's pocket.
struct Held {
    label: String,
    chip: Arc<Mutex<VirtualStaffCard>>,
    certificate: CertificateId,
}

impl StaffCards {
    /// Issues the card that is for signing only.
    pub(super) fn new(trust: &TrustServices, clock: &DayClock) -> anyhow::Result<Self> {
        let cards = Self::default();
        let label = format!("◇ {SIGNING_CARD} 署名用 signing only");
        cards.issue(
            trust,
            clock,
            StaffPurpose::Signature,
            SIGNING_CARD,
            "Yama Hiroshi (simulated)",
            label,
        )?;
        Ok(cards)
    }

    /// The name of the card of a place's administrator.
    #[must_use]
    pub fn administrator_of(place: &Place) -> CardName {
        CardName(format!("HA-{}", place.terminal))
    }

    /// Issues the card of a place's administrator. Gives what a binding lists of it.
    pub(super) fn appoint(
        &self,
        trust: &TrustServices,
        clock: &DayClock,
        place: &Place,
    ) -> anyhow::Result<Administrator> {
        let CardName(name) = Self::administrator_of(place);
        let label = format!("◇ {name} {} 管理者 administrator", place.ja);
        self.issue(trust, clock, StaffPurpose::Authentication, &name, place.administrator, label)
    }

    fn issue(
        &self,
        trust: &TrustServices,
        clock: &DayClock,
        purpose: StaffPurpose,
        name: &str,
        holder: &str,
        label: String,
    ) -> anyhow::Result<Administrator> {
        let now = clock.now();
        let files = trust.staff_card(&StaffCard {
            purpose,
            name: holder.to_owned(),
            role: None,
            not_before: now,
            not_after: UnixMillis(now.0 + FIVE_YEARS_MS),
        })?;
        let spki = Hash::of(Certificate::parse(&files.key.certificate)?.spki());
        let key = StaffKey {
            private_key: files.key.pkcs8,
            certificate: files.key.certificate,
            ca_certificate: files.key.authority,
            pin: STAFF_PIN.as_bytes().to_vec().into(),
        };
        let (authentication, signature) = match purpose {
            StaffPurpose::Authentication => (Some(key), None),
            StaffPurpose::Signature => (None, Some(key)),
        };
        let chip = VirtualStaffCard::new(&StaffPersonalisation {
            authentication,
            signature,
            layout: jushin_card::hpki::StaffLayout::default(),
            serial: *b"0000000000000000",
        })?;
        let held = Held { label, chip: Arc::new(Mutex::new(chip)), certificate: files.key.id };
        locked(&self.0).insert(CardName(name.to_owned()), held);
        Ok(Administrator { kind: AdministratorKind::Hpki, key: spki })
    }

    /// How the certificate on a card is named at its CA, for instance to revoke it.
    #[must_use]
    pub fn certificate(&self, card: &CardName) -> Option<CertificateId> {
        locked(&self.0).get(card).map(|held| held.certificate.clone())
    }

    /// A card after its PIN, as whoever sets a terminal up holds it.
    pub(super) fn with_pin(&self, card: &CardName) -> anyhow::Result<Box<dyn AdministratorCard>> {
        let mut card = administrator_card(|| self.connect(card).ok_or(ReaderError::NoCard))?;
        card.show_pin(&StaffPin::new(STAFF_PIN)?)?;
        Ok(card)
    }

    fn connect(&self, name: &CardName) -> Option<Box<dyn CardTransport>> {
        let chip = locked(&self.0).get(name)?.chip.clone();
        Some(Box::new(Connected(chip)))
    }

    fn choices(&self) -> Vec<StaffChoice> {
        let choice =
            |(name, held): (&CardName, &Held)| StaffChoice { name: name.clone(), label: held.label.clone() };
        locked(&self.0).iter().map(choice).collect()
    }
}

/// The reader for staff cards at a desk. One of the patients' cards can be placed there too.
pub struct StaffDesk {
    /// The staff's cards.
    pub staff: StaffCards,
    /// The patients'.
    pub patients: Cards,
}

impl StaffReader for StaffDesk {
    fn placeable(&self) -> Vec<StaffChoice> {
        let mut choices = self.staff.choices();
        choices.extend(PATIENTS.first().map(|patient| StaffChoice {
            name: CardName(patient.card.to_owned()),
            label: format!("◇ {} マイナンバーカード My Number Card", patient.card),
        }));
        choices.push(StaffChoice { name: CardName(BUS_PASS.to_owned()), label: format!("◇ {BUS_PASS}") });
        choices
    }

    fn open(&self, card: &CardName) -> Result<Box<dyn AdministratorCard>, AdministratorCardError> {
        administrator_card(|| match self.staff.connect(card) {
            Some(connected) => Ok(connected),
            None => DeskReader(self.patients.clone()).connect(card),
        })
    }
}

/// A connection to a staff card; the card itself stays where it is.
struct Connected(Arc<Mutex<VirtualStaffCard>>);

impl CardTransport for Connected {
    fn transmit(&mut self, command: &CommandBytes) -> Result<Response, TransportError> {
        locked(&self.0).transmit(command)
    }
    fn was_reset(&mut self) -> bool {
        locked(&self.0).was_reset()
    }
    fn reset_hint(&mut self) {
        locked(&self.0).reset_hint();
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
