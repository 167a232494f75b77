//! The platform: what it was given, and what it made of it at its start.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jushin_evidence::{Trust, Verifier};
use tokio::sync::Notify;

use crate::anchors::Anchors;
use crate::authority::Authority;
use crate::config::{Config, Ports};
use crate::export::trust_files;
use crate::keys::{KeyName, StoredKeys};
use crate::log::Log;
use crate::refusal::Refusal;
use crate::turn::Turns;

/// The platform. Clones share everything.
///
/// Calls that are not asynchronous block for a transaction; from asynchronous code use a blocking thread.
#[derive(Clone)]
pub struct Platform(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) config: Config,
    pub(crate) ports: Ports,
    pub(crate) authority: Authority,
    pub(crate) anchors: Anchors,
    pub(crate) log: Log,
    pub(crate) trust_files: Vec<(String, Vec<u8>)>,
    pub(crate) verifier: Verifier<'static>,
    /// Highest row of the eligibility register that was fetched since the start.
    pub(crate) register_seen: AtomicU64,
    /// Something may have been put into the outbox.
    pub(crate) wake: Notify,
    /// Who may send a batch now.
    pub(crate) turns: Turns,
    operations: AtomicU64,
}

impl Inner {
    /// Rises with every operation of this process.
    pub(crate) fn next_operation(&self) -> u64 {
        self.operations.fetch_add(1, Ordering::Relaxed)
    }
}

impl Platform {
    /// Opens the platform; its keys and certificates are made at the first start and kept in the store.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`], or [`Refusal::TrustFile`] if a file of [`Config::trust`] or the policy is unusable.
    pub fn open(config: Config, ports: Ports) -> Result<Self, Refusal> {
        let anchors = Anchors::read(&config, &*ports.crypto)?;
        let keys = StoredKeys { store: ports.store.clone(), crypto: ports.crypto.clone() };
        let now = ports.clock.now();
        let authority = Authority::open(&keys, &*ports.store, &ports.random, now, config.simulated)?;
        let log = Log::open(&config, &ports)?;
        let trust_files = trust_files(&config, &authority, &log)?;
        let trust =
            Trust::from_files(trust_files.iter().map(|(name, bytes)| (name, bytes))).map_err(|error| {
                Refusal::TrustFile { name: "trust folder".to_owned(), why: error.to_string() }
            })?;
        let verifier = Verifier::new(Arc::new(trust), ports.crypto.clone());
        Ok(Self(Arc::new(Inner {
            config,
            ports,
            authority,
            anchors,
            log,
            trust_files,
            verifier,
            register_seen: AtomicU64::new(0),
            wake: Notify::new(),
            turns: Turns::default(),
            operations: AtomicU64::new(0),
        })))
    }

    /// DER certificate of one of the platform's keys.
    #[must_use]
    pub fn certificate(&self, name: KeyName) -> Vec<u8> {
        self.0.authority.certificate(name).to_vec()
    }

    /// DER SubjectPublicKeyInfo of one of the platform's keys; elements pin that of [`KeyName::Bind`].
    #[must_use]
    pub fn public_key(&self, name: KeyName) -> Vec<u8> {
        self.0.authority.spki(name)
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }
}

/// Runs work that waits for the store on a thread that may wait.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Refusal::Internal(error.to_string())))
}
