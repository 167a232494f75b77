//! Staff cards of the health-care PKI (HPKI): what is known of their application.

use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroizing;

/// What a member of staff typed: 4 to 16 bytes. Zeroised when it goes; `Debug` shows nothing of it.
pub struct StaffPin(Zeroizing<Vec<u8>>);

/// What was typed has not the form of a staff card's PIN. Whoever typed it is at fault; no card was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a staff card's PIN has 4 to 16 bytes, {0} were typed")]
pub struct StaffPinForm(pub usize);

impl StaffPin {
    /// Takes what was typed.
    ///
    /// # Errors
    ///
    /// [`StaffPinForm`].
    pub fn new(typed: &str) -> Result<Self, StaffPinForm> {
        if (4..=16).contains(&typed.len()) {
            Ok(Self(Zeroizing::new(typed.as_bytes().to_vec())))
        } else {
            Err(StaffPinForm(typed.len()))
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for StaffPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PIN of a staff card")
    }
}
