//! Staff cards of the health-care PKI (HPKI): an ISO/IEC 7816-15 application, found by walking its directory.
//!
//! ```text
//!  SELECT E828BD080F (part of the name) ─► EF.OD ─┬─► private keys ── usage: sign, not non-repudiation
//!                 └─ next application ◄── none ───┤        └─ same id ─► certificate
//!                                                 └─► PINs ── same authId ─► reference for VERIFY
//! ```
//! Known from public sources: the beginning of the name, that there is no EF.DIR, that authentication and
//! signing are applications of their own, that directory and certificates are free to read, the short names
//! of EF.OD and EF.CIAInfo, and that the card is given a block that is padded already. File numbers, key and
//! PIN references differ between issuers, so nothing of them is fixed here: the directory says them. What a
//! virtual card ◇ puts there is a layout of our own ([`StaffLayout`]).

mod client;
mod directory;
mod virtual_card;

use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroizing;

pub use client::{StaffCard, StaffCardError};
pub use directory::DirectoryError;
pub use virtual_card::{
    StaffKey, StaffLayout, StaffPersonalisation, StaffPersonalisationError, VirtualStaffCard,
};

/// How the names of all ISO/IEC 7816-15 applications begin.
pub const APPLICATION_PREFIX: [u8; 5] = [0xE8, 0x28, 0xBD, 0x08, 0x0F];

/// Short identifier of EF.OD (5031), the list of the other directory files.
const OBJECT_DIRECTORY: u8 = 0x11;

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
        if Self::has_form(typed.as_bytes()) {
            Ok(Self(Zeroizing::new(typed.as_bytes().to_vec())))
        } else {
            Err(StaffPinForm(typed.len()))
        }
    }

    /// What was typed, for the card: a JPKI card takes it as four digits.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn has_form(typed: &[u8]) -> bool {
        (4..=16).contains(&typed.len())
    }
}

impl fmt::Debug for StaffPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PIN of a staff card")
    }
}
