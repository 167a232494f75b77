//! Randomness is an argument.

use std::sync::{Mutex, PoisonError};

use rand_core::RngCore;

/// A source of random bytes that a service shares among its requests.
pub struct Random(Mutex<Box<dyn RngCore + Send>>);

impl Random {
    /// Wraps a generator. In production a cryptographic one, seeded by the operating system.
    #[must_use]
    pub fn new(generator: impl RngCore + Send + 'static) -> Self {
        Self(Mutex::new(Box::new(generator)))
    }

    /// Random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes);
        bytes
    }

    /// An id for paths: 26 characters of base32, 128 random bits. No date, code, name or counter.
    #[must_use]
    pub fn path_id(&self) -> String {
        const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        let value = u128::from_be_bytes(self.bytes());
        (0..26).map(|place| char::from(ALPHABET[(value >> (5 * place)) as usize & 31])).collect()
    }
}

impl std::fmt::Debug for Random {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Random")
    }
}
