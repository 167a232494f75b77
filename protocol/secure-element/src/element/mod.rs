//! The software element.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use jushin_pki::Crypto;
use jushin_statement::TickSpec;
use rand_core::RngCore;

use crate::nvm::{Nvm, Slot};
use crate::ticker::Ticker;

/// What is fixed when an element is built and never changes.
#[derive(Clone, Debug)]
pub struct Build {
    /// DER SPKI of the platform's key that signs bindings and injected secrets.
    pub platform_key: Vec<u8>,
    /// DER SPKI of the card CA keys that are trusted from the start.
    pub card_cas: Vec<Vec<u8>>,
    /// Model name, for the certificate request.
    pub model: String,
    /// Firmware version, for the certificate request.
    pub firmware: String,
    /// What the ticks are.
    pub tick: TickSpec,
    /// Where the institution key comes from.
    pub institution_key: InstitutionKeyOrigin,
    /// Whether card IDs over the card's public key (scheme 3) are given out. Off unless the institution
    /// has acknowledged that the law may bar it.
    pub keyed_card_id: bool,
}

/// Where the institution key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstitutionKeyOrigin {
    /// Made in the element at CSR; the platform sends only its CV certificate.
    Generated,
    /// Sent by the platform.
    Injected,
}

/// The storage holds something that this element did not write. The element stays dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the element's storage is damaged: {slot:?}")]
pub struct StorageDamaged {
    /// The slot that cannot be read.
    pub slot: Slot,
}

/// A software element. Everything from outside comes through [`handle`](Self::handle).
pub struct Element {
    build: Build,
    nvm: Box<dyn Nvm>,
    ticker: Box<dyn Ticker>,
    random: Box<dyn RngCore + Send>,
    crypto: Arc<dyn Crypto>,
}

impl Element {
    /// Builds an element around its storage and powers it on.
    ///
    /// # Errors
    ///
    /// [`StorageDamaged`] if the storage is not one of such an element.
    pub fn new(
        build: Build,
        nvm: Box<dyn Nvm>,
        ticker: Box<dyn Ticker>,
        random: Box<dyn RngCore + Send>,
        crypto: Arc<dyn Crypto>,
    ) -> Result<Self, StorageDamaged> {
        let mut element = Self { build, nvm, ticker, random, crypto };
        element.power_on()?;
        Ok(element)
    }

    /// Powers the element on: a new TickNonce, ticks at zero, nothing left of the cycle before.
    ///
    /// # Errors
    ///
    /// [`StorageDamaged`]; the element then stays off.
    pub fn power_on(&mut self) -> Result<(), StorageDamaged> {
        Ok(())
    }

    /// Takes the power away. Everything volatile is overwritten.
    pub fn power_off(&mut self) {}

    /// The door: one command APDU in, answer and status word out.
    ///
    /// Empty when the element is off, or when the power went while it wrote.
    pub fn handle(&mut self, apdu: &[u8]) -> Vec<u8> {
        let _ = apdu;
        Vec::new()
    }
}
