//! What was found once about bytes that come again: anchors, records, bindings, certificates.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jushin_statement::Hash;

/// How many results are kept; a full cache starts anew.
const CAPACITY: usize = 1 << 16;

/// Results by the SHA-256 of everything that they depend on, besides the verifier's trust.
pub(crate) struct Cache<V>(Mutex<HashMap<Hash, V>>);

impl<V> Default for Cache<V> {
    fn default() -> Self {
        Self(Mutex::new(HashMap::new()))
    }
}

impl<V: Clone> Cache<V> {
    /// The result for `key`, computed if it is not there. The lock is not held meanwhile.
    pub(crate) fn get_or(&self, key: Hash, compute: impl FnOnce() -> V) -> V {
        if let Some(found) = self.lock().get(&key) {
            return found.clone();
        }
        let value = compute();
        let mut entries = self.lock();
        if entries.len() >= CAPACITY {
            entries.clear();
        }
        entries.insert(key, value.clone());
        value
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Hash, V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
