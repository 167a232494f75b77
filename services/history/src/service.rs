//! The service itself: what it is given, and what it does with it.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::http::HeaderMap;
use jushin_evidence::{Trust, TrustError, Verifier};
use jushin_pages::Lang;
use jushin_pki::{Certificate, Crypto, PublicKey};
use jushin_runtime::{Clock, Peer, Random};
use jushin_statement::cbor::Reader;
use jushin_statement::{Field as _, Hash, InstitutionCode, Pid, UnixMillis};
use tokio::sync::broadcast;

use crate::directory::Directory;
use crate::session::Sessions;
use crate::sign_in::{CardChoice, CardLogin, LoginRefused};
use crate::store::{Store, StoreError, StoredVisit};
use crate::{intake, me};

/// What the service is given.
pub struct Config {
    /// Trust folder: whose signatures count, and the policy.
    pub trust: Vec<(String, Vec<u8>)>,
    /// Names of institutions.
    pub directory: Directory,
    /// Where visits are kept.
    pub store: Box<dyn Store>,
    /// Crypto provider.
    pub crypto: Arc<dyn Crypto>,
    /// Clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<Random>,
    /// The platform, for redeeming sign-in tickets.
    pub platform: Peer,
    /// The patient's own reader.
    pub card_login: Arc<dyn CardLogin>,
}

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The trust folder is unusable.
    #[error("trust folder: {0}")]
    Trust(#[from] TrustError),
    /// Without the platform's receipt certificate nobody could register a visit.
    #[error("the trust folder holds no usable pf-rcpt.pem, the platform's receipt certificate")]
    NoPlatformKey,
}

/// The visit-history service.
pub struct History {
    pub(crate) trust: Arc<Trust>,
    pub(crate) platform_key: Arc<dyn PublicKey>,
    pub(crate) verifier: Verifier<'static>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<Random>,
    store: Mutex<Box<dyn Store>>,
    directory: Directory,
    platform: Peer,
    card_login: Arc<dyn CardLogin>,
    sessions: Sessions,
    changes: broadcast::Sender<Hash>,
}

impl History {
    /// Starts the service.
    ///
    /// # Errors
    ///
    /// [`HistoryError`].
    pub fn open(config: Config) -> Result<Arc<Self>, HistoryError> {
        let platform_key = receipt_key(&config.trust, config.crypto.as_ref())?;
        let trust = Arc::new(Trust::from_files(config.trust)?);
        Ok(Arc::new(Self {
            verifier: Verifier::new(trust.clone(), config.crypto.clone()),
            trust,
            platform_key,
            clock: config.clock,
            random: config.random,
            store: Mutex::new(config.store),
            directory: config.directory,
            platform: config.platform,
            card_login: config.card_login,
            sessions: Sessions::default(),
            changes: broadcast::channel(64).0,
        }))
    }

    /// Everything it serves: `/v1/visits` for the platform, `/me/` for the patient.
    pub fn router(self: &Arc<Self>) -> Router {
        intake::router(self.clone()).merge(me::router(self.clone()))
    }

    /// Says whose list changed.
    pub(crate) fn changes(&self) -> broadcast::Receiver<Hash> {
        self.changes.subscribe()
    }

    pub(crate) async fn register(self: &Arc<Self>, visit: StoredVisit) -> Result<StoredVisit, StoreError> {
        let kept = self.with_store(move |store| store.register(&visit)).await?;
        let _nobody_watches = self.changes.send(kept.subject);
        Ok(kept)
    }

    /// The newest visits of a person.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn timeline(
        self: &Arc<Self>,
        subject: Hash,
        before: Option<UnixMillis>,
        limit: u32,
    ) -> Result<Vec<StoredVisit>, StoreError> {
        self.with_store(move |store| store.timeline(subject, before, limit)).await
    }

    /// Whether a visit of a person is kept.
    pub(crate) async fn knows(self: &Arc<Self>, subject: Hash, evid: Hash) -> Result<bool, StoreError> {
        self.with_store(move |store| Ok(store.known(subject, evid)?.is_some())).await
    }

    pub(crate) async fn visit(
        self: &Arc<Self>,
        subject: Hash,
        path: &str,
    ) -> Result<Option<StoredVisit>, StoreError> {
        let path = path.to_owned();
        self.with_store(move |store| store.visit(subject, &path)).await
    }

    /// The stored bundle without what is for this service's eyes only.
    pub(crate) fn for_holder(&self, visit: &StoredVisit) -> Option<Vec<u8>> {
        intake::without_visit_objects(&visit.bundle)
    }

    /// Runs one piece of work on the store, off the threads that serve requests.
    async fn with_store<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut dyn Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let history = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            let mut store = history.store.lock().unwrap_or_else(PoisonError::into_inner);
            work(store.as_mut())
        });
        done.await.unwrap_or_else(|error| Err(StoreError(error.to_string())))
    }

    pub(crate) fn place(&self, code: InstitutionCode, lang: Lang) -> String {
        self.directory.name(code, lang)
    }

    pub(crate) fn cards(&self) -> Vec<CardChoice> {
        self.card_login.cards()
    }

    pub(crate) fn signed_in(&self, headers: &HeaderMap) -> Option<Hash> {
        self.sessions.subject(headers, self.clock.now())
    }

    pub(crate) fn sign_out(&self, headers: &HeaderMap) -> String {
        self.sessions.close(headers)
    }

    /// Authenticates the card, redeems the ticket, opens a session; returns the cookie.
    pub(crate) async fn sign_in(&self, card: &str, pin: &str) -> Result<String, LoginRefused> {
        let ticket = self.card_login.login(card, pin).await?;
        let mut body = jushin_statement::cbor::Writer::new();
        body.bytes(&ticket);
        let answer = self.platform.post_object("/v1/sign-in/redeem", body.into_bytes()).await;
        let answer = answer.map_err(|_| LoginRefused::NotConfirmed)?;
        let pid = Reader::new(&answer).and_then(|mut reader| Pid::read(&mut reader));
        let pid = pid.map_err(|_| LoginRefused::NotConfirmed)?;
        Ok(self.sessions.open(pid.value, self.clock.now(), &self.random))
    }
}

/// The key in `pf-rcpt.pem`.
fn receipt_key(trust: &[(String, Vec<u8>)], crypto: &dyn Crypto) -> Result<Arc<dyn PublicKey>, HistoryError> {
    let file = trust.iter().find(|(name, _)| name == "pf-rcpt.pem").ok_or(HistoryError::NoPlatformKey)?;
    let text = std::str::from_utf8(&file.1).map_err(|_| HistoryError::NoPlatformKey)?;
    let der = jushin_pki::pem::decode("CERTIFICATE", text).map_err(|_| HistoryError::NoPlatformKey)?;
    let certificate = Certificate::parse(&der).map_err(|_| HistoryError::NoPlatformKey)?;
    crypto.public_key(certificate.spki()).map_err(|_| HistoryError::NoPlatformKey)
}
