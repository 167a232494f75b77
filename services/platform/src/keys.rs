//! The platform's own keys: made at the first start, kept in the store or behind a token's door.

use std::sync::Arc;

use crate::refusal::Refusal;
use crate::store::Store;
use crate::store::rows::{KeyRow, Secret, transact};
use jushin_pki::{Crypto, KeyKind, PrivateKey, SealingKey};

/// The platform's own keys. All are P-256.
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

impl KeyName {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Root,
        Self::ElementCa,
        Self::Bind,
        Self::Receipt,
        Self::Revocation,
        Self::Beacon,
        Self::Provider,
        Self::Evidence,
    ];

    /// Its name in the store.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::ElementCa => "element-ca",
            Self::Bind => "bind",
            Self::Receipt => "rcpt",
            Self::Revocation => "rev",
            Self::Beacon => "beacon",
            Self::Provider => "sp",
            Self::Evidence => "evid",
        }
    }

    /// The key with this name in a route.
    pub(crate) fn served(text: &str) -> Option<Self> {
        Self::ALL.into_iter().skip(2).find(|name| name.text() == text)
    }
}

/// Where the platform's keys are: the store, or a token that only signs.
pub(crate) trait KeyStore: Send + Sync {
    /// A key that signs.
    fn signing(&self, name: KeyName) -> Result<Arc<dyn PrivateKey>, Refusal>;

    /// The key that opens sealed evidence.
    fn sealing(&self) -> Result<Arc<dyn SealingKey>, Refusal>;
}

/// Keys as PKCS#8 in the platform's store: whoever reads the store has them.
pub(crate) struct StoredKeys {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) crypto: Arc<dyn Crypto>,
}

impl StoredKeys {
    fn pkcs8(&self, name: KeyName) -> Result<Secret, Refusal> {
        transact(&*self.store, |tx| {
            if let Some(row) = tx.find::<KeyRow>(name.text().as_bytes())? {
                return Ok(row.pkcs8);
            }
            let pkcs8 = self.crypto.generate_stored(KeyKind::P256).map_err(|_| failed(name))?;
            let row = KeyRow { pkcs8: Secret::new(&pkcs8) };
            tx.put(name.text().as_bytes(), &row)?;
            Ok(row.pkcs8)
        })
    }
}

impl KeyStore for StoredKeys {
    fn signing(&self, name: KeyName) -> Result<Arc<dyn PrivateKey>, Refusal> {
        self.crypto.private_key(&self.pkcs8(name)?).map_err(|_| failed(name))
    }

    fn sealing(&self) -> Result<Arc<dyn SealingKey>, Refusal> {
        self.crypto.sealing_key(&self.pkcs8(KeyName::Evidence)?).map_err(|_| failed(KeyName::Evidence))
    }
}

fn failed(name: KeyName) -> Refusal {
    Refusal::Internal(format!("the key {} cannot be made or read", name.text()))
}
