//! The platform as its operator and the composition use it.

use std::sync::Arc;

use axum::Router;
use jushin_statement::{Binding, BindingState, Bundle, Hash, Id16, InstitutionCode, Pid, UnixMillis};

use crate::config::{Config, Institution, Ports, RegisterRow};
use crate::refusal::Refusal;

/// The platform. Clones share everything.
#[derive(Clone)]
pub struct Platform(Arc<Inner>);

struct Inner {
    config: Config,
    ports: Ports,
}

/// The platform's own keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyName {
    /// Certifies all the others.
    Root,
    /// Certifies elements.
    ElementCa,
    /// Signs bindings and injections. Elements pin it.
    Bind,
    /// Signs receipts, verdicts, visits, eligibility answers, references and links.
    Receipt,
    /// Signs revocation lists.
    Revocation,
    /// Signs beacons.
    Beacon,
    /// Signs activations.
    Provider,
    /// Opens sealed evidence.
    Evidence,
}

/// A terminal as the operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TerminalStatus {
    /// Its element.
    pub element: Id16,
    /// The terminal; nil before it was appointed.
    pub terminal: Option<Id16>,
    /// The institution.
    pub institution: InstitutionCode,
    /// Where it stands.
    pub state: TerminalState,
    /// Seq of its newest binding; 0 before the first.
    pub binding_seq: u64,
    /// Highest counter value that was seen.
    pub counter: u64,
    /// Whether two different records of one counter value were seen.
    pub forked: bool,
    /// Whether the element is made up ◇.
    pub simulated: bool,
}

/// Where a terminal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TerminalState {
    /// Has a certificate, but no confirmed binding yet.
    Enrolling,
    /// May be unlocked.
    Able,
    /// Suspended: counter values from this one on are void.
    Suspended {
        /// First void one.
        from: u64,
    },
    /// Retired: counter values from this one on are void.
    Retired {
        /// First void one.
        from: u64,
    },
}

/// Something that an operator, or the platform by itself, did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// When.
    pub at: UnixMillis,
    /// About which element, if about one.
    pub element: Option<Id16>,
    /// What, in words.
    pub what: String,
}

/// What one round of deliveries did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Visits that the history service has taken.
    pub delivered: usize,
    /// Visits that still wait.
    pub waiting: usize,
}

impl Platform {
    /// Opens the platform; its keys and certificates are made at the first start and kept in the store.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`], or [`Refusal::CertificateRefused`] if a file of [`Config::trust`] is unusable.
    pub fn open(config: Config, ports: Ports) -> Result<Self, Refusal> {
        Ok(Self(Arc::new(Inner { config, ports })))
    }

    /// Everything it serves.
    pub fn router(&self) -> Router {
        Router::new()
    }

    /// DER certificate of one of the platform's keys.
    #[must_use]
    pub fn certificate(&self, name: KeyName) -> Vec<u8> {
        let _ = name;
        Vec::new()
    }

    /// DER SubjectPublicKeyInfo of one of the platform's keys; elements pin that of [`KeyName::Bind`].
    #[must_use]
    pub fn public_key(&self, name: KeyName) -> Vec<u8> {
        let _ = name;
        Vec::new()
    }

    /// Registers an institution, or replaces what was registered.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`].
    pub fn register_institution(&self, institution: &Institution) -> Result<(), Refusal> {
        let _ = (institution, &self.0.config, &self.0.ports);
        Ok(())
    }

    /// Takes an institution key with its CV certificate from the issuer's medium. One element gets it.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownInstitution`]; [`Refusal::CertificateRefused`] if key, certificate and code do not
    /// belong together.
    pub fn import_institution_key(
        &self,
        code: InstitutionCode,
        pkcs8: &[u8],
        certificate: &[u8],
    ) -> Result<(), Refusal> {
        let _ = (code, pkcs8, certificate);
        Ok(())
    }

    /// Takes rows of the eligibility register.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`].
    pub fn import_register_rows(&self, rows: &[RegisterRow]) -> Result<(), Refusal> {
        let _ = rows;
        Ok(())
    }

    /// Asks the eligibility register for its rows after the last one that is known; returns how many came.
    ///
    /// # Errors
    ///
    /// [`Refusal::PeerUnreachable`], [`Refusal::Store`].
    pub async fn fetch_register_rows(&self) -> Result<usize, Refusal> {
        Ok(0)
    }

    /// Takes a terminal out of use: stolen, lost, under review. `from` is the first counter value that is
    /// void; nil: the one after the last that the platform has acknowledged. Known to the unlock at once.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownElement`], [`Refusal::NotBound`], [`Refusal::Store`].
    pub fn suspend(&self, element: Id16, from: Option<u64>, why: &str) -> Result<Binding, Refusal> {
        self.change(element, BindingState::Suspended, from, why)
    }

    /// Puts a suspended terminal back into use. `from` must be above every counter value that the element
    /// has written; nil: above all that the platform has seen.
    ///
    /// # Errors
    ///
    /// As [`Platform::suspend`], and [`Refusal::OutOfUse`] for a retired one.
    pub fn resume(&self, element: Id16, from: Option<u64>, why: &str) -> Result<Binding, Refusal> {
        self.change(element, BindingState::InUse, from, why)
    }

    /// Retires a terminal for ever.
    ///
    /// # Errors
    ///
    /// As [`Platform::suspend`].
    pub fn retire(&self, element: Id16, from: Option<u64>, why: &str) -> Result<Binding, Refusal> {
        self.change(element, BindingState::Retired, from, why)
    }

    fn change(
        &self,
        element: Id16,
        state: BindingState,
        from: Option<u64>,
        why: &str,
    ) -> Result<Binding, Refusal> {
        let _ = (state, from, why);
        Err(Refusal::UnknownElement(element))
    }

    /// All terminals.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`].
    pub fn terminals(&self) -> Result<Vec<TerminalStatus>, Refusal> {
        Ok(Vec::new())
    }

    /// The newest operations, newest first.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`].
    pub fn operations(&self, limit: usize) -> Result<Vec<Operation>, Refusal> {
        let _ = limit;
        Ok(Vec::new())
    }

    /// The full bundle of a visit: for its holder after a fresh card login, or for an authority.
    ///
    /// # Errors
    ///
    /// [`Refusal::Unknown`], [`Refusal::Store`].
    pub fn bundle(&self, evid: Hash) -> Result<Bundle, Refusal> {
        let _ = evid;
        Err(Refusal::Unknown("visit"))
    }

    /// The redacted bundle of a visit, with the platform's newest verdict: what an institution may hold.
    ///
    /// # Errors
    ///
    /// [`Refusal::Unknown`], [`Refusal::Store`].
    pub fn redacted_bundle(&self, evid: Hash) -> Result<Bundle, Refusal> {
        let _ = evid;
        Err(Refusal::Unknown("visit"))
    }

    /// Every visit's evid, in the order of their elements and counters.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`].
    pub fn visits(&self) -> Result<Vec<Hash>, Refusal> {
        Ok(Vec::new())
    }

    /// The trust folder: names and bytes, sorted by name.
    #[must_use]
    pub fn trust_files(&self) -> Vec<(String, Vec<u8>)> {
        Vec::new()
    }

    /// The pseudonym at the history service that a sign-in ticket stands for; redeems it.
    ///
    /// # Errors
    ///
    /// [`Refusal::StaleNonce`], [`Refusal::Store`].
    pub fn redeem(&self, ticket: &[u8; 32]) -> Result<Pid, Refusal> {
        let _ = ticket;
        Err(Refusal::StaleNonce { lifetime_ms: 60_000 })
    }

    /// Tries to deliver every waiting visit to the history service once.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`]. A history service that cannot be reached is no error: the visits wait.
    pub async fn deliver_once(&self) -> Result<Delivery, Refusal> {
        Ok(Delivery::default())
    }

    /// Delivers visits to the history service for ever: soon after each check-in, and again with growing
    /// pauses (1 s up to 5 min) while it does not answer. Started by the composition.
    pub async fn run_outbox(self) {}
}
