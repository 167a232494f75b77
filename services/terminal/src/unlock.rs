//! Unlocking without network (P2, offline): an administrator's card signs what the element builds.
//!
//! ```text
//!  element ──ADM-BUILD──► adm ──shown at the desk──► card, PIN, RS256 ──ADM-PUT──► element: active
//!                                                        └──► journal: anchor {adm, certificate}
//! ```
//! What the card signs names institution, terminal's element, power cycle, counter and the number of
//! check-ins; the time in it is the clock's claim and proves nothing. Neither PIN nor signature nor
//! certificate is logged; the certificate is a staff certificate and goes into the anchor.

use jushin_card::hpki::StaffPin;
use jushin_pki::{Certificate, KeyUsage};
use jushin_secure_element::StatusWord;
use jushin_secure_element::client::{ElementError, payload_of, signed_admin_activation};
use jushin_secure_element::exchange::State;
use jushin_statement::cbor::Malformed;
use jushin_statement::{
    AdminActivation, Anchor, Binding, BindingState, Bytes, Hash, Id16, InstitutionCode, Object as _, Signed,
    TickKind, TickSpec, UnixMillis,
};

use crate::check_in::Event;
use crate::enrol::EnrolError;
use crate::ports::{AdministratorCard, AdministratorCardError, CardName, StaffChoice};
use crate::power_on::PowerOnError;
use crate::store::{Fact, OwnRecord, StoreError};
use crate::terminal::{DeviceError, Inner, Terminal, locked};

/// Refused cards and signatures in a row after which the element waits for the network.
const FAILURES: u8 = 5;

/// How long what was shown stays what is signed.
const OFFER_MS: u64 = 600_000;

/// What the administrator's card would sign now: shown before it is placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfflineOffer {
    /// The institution's name, as on the sign.
    pub institution_name: String,
    /// Its code, as it is signed.
    pub institution: InstitutionCode,
    /// The desk's name.
    pub desk_name: String,
    /// The terminal's id.
    pub terminal: Id16,
    /// The terminal's clock: a claim, never a bound.
    pub claimed: UnixMillis,
    /// Check-ins allowed since the last unlock over the network, as it is signed. Power cycles refill nothing.
    pub check_ins: u64,
    /// For how long, in milliseconds of the element's clock; `None` for an element without a timer.
    pub valid_ms: Option<u64>,
    /// Cards and signatures that may still be refused before only the network unlocks.
    pub failures_left: u8,
}

/// The element is unlocked without network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfflineUnlocked {
    /// anchor-h: SHA-256 of the signed `adm`.
    pub anchor: Hash,
    /// Counter of the `adm`.
    pub counter: u64,
    /// Check-ins allowed.
    pub check_ins: u64,
}

/// The element stayed locked.
#[derive(Debug, thiserror::Error)]
pub enum UnlockError {
    /// The network is there: unlocking over it is the way.
    #[error("the network is there; the platform unlocks this terminal")]
    NetworkUp,
    /// There is nothing to unlock.
    #[error("the element is unlocked already")]
    AlreadyUnlocked,
    /// Not enrolled yet.
    #[error("this terminal is not enrolled yet")]
    NotEnrolled,
    /// The terminal's binding is out of use.
    #[error("this terminal is out of use")]
    Suspended,
    /// No card lies there, or it was taken away.
    #[error("the administrator's card is not on the reader")]
    NoCard,
    /// 署名用のカードです: the certificate is for signing documents.
    #[error("the card is for signing; the one for authentication is needed")]
    SigningCard,
    /// It is no staff card, or has no key that can sign RS256.
    #[error("the card has nothing to authenticate with: {0}")]
    CardUnsupported(String),
    /// The PIN was wrong. The element was not asked.
    #[error("wrong PIN, {tries_left} tries left")]
    WrongPin {
        /// Tries left; 0 means that this one has blocked it.
        tries_left: u8,
    },
    /// The card's PIN is blocked.
    #[error("the card's PIN is blocked")]
    PinBlocked,
    /// What was typed cannot be this card's PIN; the card was not asked.
    #[error("what was typed has not the form of the card's PIN")]
    PinForm,
    /// この端末の管理者ではありません: the binding does not list this card.
    #[error("the card is no administrator's of this terminal, {failures_left} tries left")]
    NotAdministrator {
        /// Tries left before only the network unlocks.
        failures_left: u8,
    },
    /// The element did not accept the card's signature.
    #[error("the element did not accept the card's signature, {failures_left} tries left")]
    NotAccepted {
        /// Tries left before only the network unlocks.
        failures_left: u8,
    },
    /// Five refused cards or signatures in a row: only the network unlocks now.
    #[error("{FAILURES} cards or signatures were refused in a row: only the network unlocks now")]
    LockedOut,
    /// The offline check-ins since the last unlock over the network are used up.
    #[error("the check-ins that may be made without network are used up")]
    QuotaOut,
    /// The card failed in another way.
    #[error("the administrator's card failed: {0}")]
    Card(String),
    /// Element or journal.
    #[error(transparent)]
    Device(#[from] DeviceError),
}

impl From<AdministratorCardError> for UnlockError {
    fn from(error: AdministratorCardError) -> Self {
        match error {
            AdministratorCardError::NoCard => Self::NoCard,
            AdministratorCardError::SigningCard => Self::SigningCard,
            AdministratorCardError::Unsupported(why) => Self::CardUnsupported(why),
            AdministratorCardError::WrongPin { tries_left } => Self::WrongPin { tries_left },
            AdministratorCardError::PinBlocked => Self::PinBlocked,
            AdministratorCardError::PinForm => Self::PinForm,
            AdministratorCardError::Failed(why) => Self::Card(why),
        }
    }
}

impl From<ElementError> for UnlockError {
    fn from(error: ElementError) -> Self {
        Self::Device(error.into())
    }
}

impl From<StoreError> for UnlockError {
    fn from(error: StoreError) -> Self {
        Self::Device(error.into())
    }
}

impl From<Malformed> for UnlockError {
    fn from(error: Malformed) -> Self {
        Self::Device(error.into())
    }
}

impl From<PowerOnError> for UnlockError {
    fn from(error: PowerOnError) -> Self {
        match error {
            PowerOnError::Device(error) => Self::Device(error),
            PowerOnError::Answer(malformed) => malformed.into(),
            PowerOnError::NotEnrolled => Self::NotEnrolled,
            PowerOnError::Enrolment(EnrolError::Device(error)) => Self::Device(error),
            PowerOnError::Enrolment(_) | PowerOnError::Platform(_) | PowerOnError::BracketTooWide => {
                Self::NotEnrolled
            }
        }
    }
}

/// An `adm` that the element has built and the card is to sign.
struct Built {
    to_be_signed: Vec<u8>,
    activation: AdminActivation,
}

impl Terminal {
    /// Staff cards ◇ that can be placed by a button.
    #[must_use]
    pub fn staff_cards(&self) -> Vec<StaffChoice> {
        self.0.staff.placeable()
    }

    /// What an administrator's card would sign now. Nothing is written anywhere.
    ///
    /// # Errors
    ///
    /// [`UnlockError`].
    pub async fn offline_offer(&self) -> Result<OfflineOffer, UnlockError> {
        let _line = self.0.line.lock().await;
        self.require_no_network()?;
        self.0.with_device(Inner::offer).await
    }

    /// As [`unlock_offline`](Self::unlock_offline), with a card that lies on the staff reader.
    ///
    /// # Errors
    ///
    /// [`UnlockError`].
    pub async fn unlock_with(&self, card: &CardName, pin: StaffPin) -> Result<OfflineUnlocked, UnlockError> {
        let mut card = self.0.staff.open(card)?;
        self.unlock_offline(&mut *card, pin).await
    }

    /// Unlocks the element by an administrator's card after its PIN.
    ///
    /// A wrong PIN costs a try at the card; a card that the binding does not list, or a signature that does
    /// not fit, costs one of five at the element.
    ///
    /// # Errors
    ///
    /// [`UnlockError`].
    pub async fn unlock_offline(
        &self,
        card: &mut dyn AdministratorCard,
        pin: StaffPin,
    ) -> Result<OfflineUnlocked, UnlockError> {
        let unlocked = {
            let _line = self.0.line.lock().await;
            self.require_no_network()?;
            let built = self.0.with_device(Inner::build_unlock).await?;
            let certificate = card.certificate()?;
            refuse_signing_certificate(&certificate)?;
            card.show_pin(&pin)?;
            drop(pin);
            let signature = card.sign(&built.to_be_signed)?;
            self.0.with_device(move |inner| inner.put_unlock(&built, &signature, &certificate)).await?
        };
        self.tell(Event::StartedOffline { check_ins: unlocked.check_ins });
        Ok(unlocked)
    }

    /// The platform answered last time: it unlocks, and no card is needed.
    fn require_no_network(&self) -> Result<(), UnlockError> {
        if self.desk().online() { Err(UnlockError::NetworkUp) } else { Ok(()) }
    }
}

impl Inner {
    fn offer(&self) -> Result<OfflineOffer, UnlockError> {
        let now = self.now();
        *locked(&self.offered) = Some(now);
        let built = self.build_unlock()?;
        let binding = self.binding()?;
        let clock = self.store.fact(Fact::Clock)?.map(|clock| TickSpec::decode(&clock)).transpose()?;
        let valid_ms = clock
            .filter(|clock| clock.kind == TickKind::Time)
            .map(|clock| binding.policy.ticks_offline.saturating_mul(clock.tau_us) / 1_000);
        Ok(OfflineOffer {
            institution_name: self.configuration.institution_name.clone(),
            institution: built.activation.institution,
            desk_name: self.configuration.desk_name.clone(),
            terminal: self.configuration.terminal,
            claimed: built.activation.claimed,
            check_ins: built.activation.begins,
            valid_ms,
            failures_left: FAILURES.saturating_sub(self.unlock_failures()?),
        })
    }

    /// ADM-BUILD: reserves a counter value and writes nothing, so it may be done as often as it is looked at.
    fn build_unlock(&self) -> Result<Built, UnlockError> {
        self.boot_and_pair()?;
        let mut element = locked(&self.element);
        let status = element.status()?;
        match status.state {
            State::Bound => {}
            // What the present unlock allowed is used up. The next one takes a new power cycle.
            State::Active if status.budget.is_some_and(|budget| budget.begins == 0 || budget.ticks == 0) => {
                return Err(UnlockError::QuotaOut);
            }
            State::Active | State::Pending => return Err(UnlockError::AlreadyUnlocked),
            State::Retired => return Err(UnlockError::Suspended),
            State::Factory | State::Keyed => return Err(UnlockError::NotEnrolled),
        }
        let built = element.build_admin_activation(self.claimed());
        drop(element);
        let request = built.or_else(|error| match error.status() {
            Some(StatusWord::Exhausted) if self.unlock_failures()? >= FAILURES => Err(UnlockError::LockedOut),
            Some(StatusWord::Exhausted) => Err(UnlockError::QuotaOut),
            Some(StatusWord::NotAuthorised) => Err(UnlockError::Suspended),
            _ => Err(error.into()),
        })?;
        let activation = AdminActivation::decode(payload_of(&request.to_be_signed)?)?;
        Ok(Built { to_be_signed: request.to_be_signed.0, activation })
    }

    /// What the page showed a moment ago, else what the clock shows.
    fn claimed(&self) -> UnixMillis {
        let now = self.now();
        locked(&self.offered).filter(|shown| now.0.saturating_sub(shown.0) < OFFER_MS).unwrap_or(now)
    }

    /// ADM-PUT. The certificate stands in the journal before the element can take the signature: after a
    /// power cut BOOT brings back the signed `adm`, but nothing else would bring back the certificate.
    fn put_unlock(
        &self,
        built: &Built,
        signature: &[u8],
        certificate: &[u8],
    ) -> Result<OfflineUnlocked, UnlockError> {
        let admin = signed_admin_activation(&built.to_be_signed, signature)?;
        let anchor = Anchor::Offline { admin: admin.clone(), certificate: certificate.into() };
        self.store.keep_fact(Fact::OfflineUnlock, &anchor.encode())?;
        let put = locked(&self.element).put_admin_activation(signature, certificate, None);
        let hash = put.or_else(|error| match error.status() {
            Some(StatusWord::UnknownKey) => {
                Err(UnlockError::NotAdministrator { failures_left: self.count_failure()? })
            }
            Some(StatusWord::WrongSignature) => {
                Err(UnlockError::NotAccepted { failures_left: self.count_failure()? })
            }
            Some(StatusWord::Exhausted) => Err(UnlockError::LockedOut),
            _ => Err(error.into()),
        })?;
        self.journal_unlock(&admin)?;
        locked(&self.standing).unlocked_by_administrator();
        self.note_remaining();
        let AdminActivation { counter, begins, .. } = built.activation;
        Ok(OfflineUnlocked { anchor: hash, counter, check_ins: begins })
    }

    /// Journals an offline unlock that the element has taken: record and anchor, with the certificate that
    /// was kept before.
    pub(crate) fn journal_unlock(&self, admin: &Signed) -> Result<(), DeviceError> {
        let activation: AdminActivation = admin.parse()?.object()?;
        if self.store.record_hash(activation.counter)? == Some(activation.hash()) {
            return Ok(());
        }
        let kept = self.store.fact(Fact::OfflineUnlock)?.unwrap_or_default();
        let anchor = Anchor::decode(&kept)?;
        if !matches!(&anchor, Anchor::Offline { admin: kept, .. } if kept == admin) {
            return Err(StoreError::Malformed("offline unlock").into());
        }
        let (counter, payload_hash) = (activation.counter, activation.hash());
        self.store.keep_unlock(&OwnRecord { counter, payload_hash, signed: admin.clone() }, &anchor)?;
        self.store.keep_fact(Fact::UnlockFailures, &[0])?;
        *locked(&self.ticks) = Some(activation.ticks);
        Ok(())
    }

    /// Whether this power cycle was unlocked by a card, and no anchor over the network followed yet.
    pub(crate) fn waits_for_anchor(&self) -> Result<bool, DeviceError> {
        let Some(kept) = self.store.fact(Fact::OfflineUnlock)?.filter(|kept| !kept.is_empty()) else {
            return Ok(false);
        };
        let Anchor::Offline { admin, .. } = Anchor::decode(&kept)? else { return Ok(false) };
        let activation: AdminActivation = admin.parse()?.object()?;
        Ok(self.store.record_hash(activation.counter)? == Some(activation.hash()))
    }

    /// An anchor over the network was taken: it closes what cards unlocked before, and forgives failures.
    pub(crate) fn unlocked_online(&self) -> Result<(), StoreError> {
        self.store.keep_fact(Fact::OfflineUnlock, &[])?;
        self.store.keep_fact(Fact::UnlockFailures, &[0])
    }

    /// Whether the binding lets anybody unlock without network.
    pub(crate) fn cards_may_unlock(&self) -> bool {
        self.binding().is_ok_and(|binding| {
            binding.state == BindingState::InUse
                && !binding.administrators.is_empty()
                && binding.policy.begins_offline > 0
        })
    }

    fn binding(&self) -> Result<Binding, UnlockError> {
        let binding = self.store.fact(Fact::Binding)?.ok_or(UnlockError::NotEnrolled)?;
        Ok(Signed(Bytes(binding)).parse()?.object()?)
    }

    fn unlock_failures(&self) -> Result<u8, StoreError> {
        Ok(self.store.fact(Fact::UnlockFailures)?.and_then(|kept| kept.first().copied()).unwrap_or(0))
    }

    /// Counts beside the element, which does not say how many it has counted. Gives what is left.
    fn count_failure(&self) -> Result<u8, StoreError> {
        let failures = self.unlock_failures()?.saturating_add(1);
        self.store.keep_fact(Fact::UnlockFailures, &[failures])?;
        Ok(FAILURES.saturating_sub(failures))
    }
}

/// A certificate for signing documents may not be used to log in (HPKI's policy): 認証用を.
fn refuse_signing_certificate(der: &[u8]) -> Result<(), UnlockError> {
    let certificate =
        Certificate::parse(der).map_err(|error| UnlockError::CardUnsupported(error.to_string()))?;
    match certificate.key_usage() {
        Some(usage) if usage.contains(KeyUsage::NON_REPUDIATION) => Err(UnlockError::SigningCard),
        _ => Ok(()),
    }
}
