//! What was found once about bytes that come again: anchors, records, bindings, certificates.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many results are kept, and how many bytes of what they depend on; a full cache starts anew.
const ENTRIES: usize = 1 << 16;
const BYTES: usize = 1 << 27;

/// How much of each part goes into the digest. Signed things end in their signatures, which differ.
const TAIL: usize = 32;

/// Results by all bytes that they depend on, besides the verifier's trust.
///
/// A digest of the ends of these bytes finds the entry, and every byte is compared before it counts: that
/// costs less than a strong hash of them. Of two keys with one digest the newer is kept, so whoever makes
/// such keys gets what he would get without a cache.
pub(crate) struct Cache<V> {
    digests: RandomState,
    kept: Mutex<Kept<V>>,
}

struct Kept<V> {
    entries: HashMap<u64, Entry<V>>,
    bytes: usize,
}

struct Entry<V> {
    key: Box<[Box<[u8]>]>,
    value: V,
}

impl<V> Default for Cache<V> {
    fn default() -> Self {
        Self { digests: RandomState::new(), kept: Mutex::new(Kept { entries: HashMap::new(), bytes: 0 }) }
    }
}

impl<V: Clone> Cache<V> {
    /// The result for the parts of `key`, computed if it is not there. The lock is not held meanwhile.
    pub(crate) fn get_or(&self, key: &[&[u8]], compute: impl FnOnce() -> V) -> V {
        let digest = self.digest(key);
        if let Some(entry) = self.lock().entries.get(&digest)
            && entry.is_for(key)
        {
            return entry.value.clone();
        }
        let value = compute();
        self.lock().put(
            digest,
            Entry { key: key.iter().map(|part| (*part).into()).collect(), value: value.clone() },
        );
        value
    }

    fn digest(&self, key: &[&[u8]]) -> u64 {
        let mut hasher = self.digests.build_hasher();
        for part in key {
            hasher.write_usize(part.len());
            hasher.write(part.last_chunk::<TAIL>().map_or(part, |tail| tail));
        }
        hasher.finish()
    }

    fn lock(&self) -> MutexGuard<'_, Kept<V>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V> Kept<V> {
    fn put(&mut self, digest: u64, entry: Entry<V>) {
        let more = entry.bytes();
        if self.entries.len() >= ENTRIES || self.bytes.saturating_add(more) > BYTES {
            self.entries.clear();
            self.bytes = 0;
        }
        if more <= BYTES {
            let before = self.entries.insert(digest, entry);
            self.bytes = self.bytes + more - before.map_or(0, |before| before.bytes());
        }
    }
}

impl<V> Entry<V> {
    fn is_for(&self, key: &[&[u8]]) -> bool {
        self.key.len() == key.len() && self.key.iter().zip(key).all(|(own, part)| **own == **part)
    }

    fn bytes(&self) -> usize {
        self.key.iter().map(|part| part.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(cache: &Cache<u8>, key: &[&[u8]], value: u8) -> u8 {
        cache.get_or(key, || value)
    }

    #[test]
    fn a_result_is_kept_for_its_very_bytes() {
        let cache = Cache::default();
        assert_eq!(ask(&cache, &[b"one", b"two"], 1), 1);
        assert_eq!(ask(&cache, &[b"one", b"two"], 2), 1);
        assert_eq!(ask(&cache, &[b"onet", b"wo"], 3), 3, "where a part ends counts");
        assert_eq!(ask(&cache, &[b"one", b"two", b""], 4), 4);
    }

    #[test]
    fn keys_that_end_alike_do_not_answer_for_each_other() {
        let cache = Cache::default();
        let (mut one, mut two) = ([0; 2 * TAIL], [0; 2 * TAIL]);
        (one[0], two[0]) = (1, 2);
        assert_eq!(cache.digest(&[&one]), cache.digest(&[&two]));
        assert_eq!(ask(&cache, &[&one], 1), 1);
        assert_eq!(ask(&cache, &[&two], 2), 2);
        assert_eq!(ask(&cache, &[&two], 3), 2);
        assert_eq!(ask(&cache, &[&one], 4), 4, "the newer took its place");
        assert_eq!(cache.lock().bytes, 2 * TAIL);
    }

    #[test]
    fn a_full_cache_starts_anew_and_never_holds_more_than_it_may() {
        let cache = Cache::default();
        for number in 0..=ENTRIES {
            ask(&cache, &[&number.to_be_bytes()], 0);
        }
        assert_eq!(cache.lock().entries.len(), 1);
        let large = vec![0; BYTES / 2 + 1];
        for value in 0..4 {
            ask(&cache, &[&[value], &large], value);
            assert!(cache.lock().bytes <= BYTES);
        }
        let too_large = vec![0; BYTES + 1];
        assert_eq!(ask(&cache, &[&too_large], 1), 1);
        assert_eq!(ask(&cache, &[&too_large], 2), 2);
        assert_eq!(cache.lock().bytes, 0);
    }
}
