//! What an operator decides before the first start.

use std::path::PathBuf;

/// Where keys, certificates and the register are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In memory: gone with the process.
    Memory,
    /// `trust-services.sqlite` in this folder, readable by its owner alone. The folder is made if absent.
    Directory(PathBuf),
}

/// Which time-stamping authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tsa {
    /// `/tsa/1`
    First,
    /// `/tsa/2`
    Second,
}

impl Tsa {
    /// Its number, 1 or 2.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::First => 1,
            Self::Second => 2,
        }
    }
}

/// How one of the two time-stamping authorities behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TsaConfig {
    /// What it adds to the clock, in milliseconds. Other than 0 only to play an authority that lies.
    pub offset_ms: i64,
    /// The accuracy it states, in milliseconds; `None` leaves the field out.
    pub accuracy_ms: Option<u32>,
    /// Whether genTime has a fraction (three digits, trailing zeros left out as DER asks).
    pub fraction: bool,
}

impl Default for TsaConfig {
    fn default() -> Self {
        Self { offset_ms: 0, accuracy_ms: Some(500), fraction: true }
    }
}

/// How the stand-ins are set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where everything is kept.
    pub place: Place,
    /// Where the router is reachable, in ASCII; it goes into certificates (OCSP, CRL).
    pub base_url: String,
    /// The two time-stamping authorities.
    pub tsa: [TsaConfig; 2],
    /// How long an OCSP answer or a revocation list is good for, in milliseconds.
    pub revocation_lifetime_ms: u64,
}

impl Config {
    /// Everything in memory, both time-stamping authorities honest, answers good for an hour.
    #[must_use]
    pub fn in_memory(base_url: impl Into<String>) -> Self {
        Self {
            place: Place::Memory,
            base_url: base_url.into(),
            tsa: [TsaConfig::default(); 2],
            revocation_lifetime_ms: 3_600_000,
        }
    }

    /// The same, kept in `folder`.
    #[must_use]
    pub fn in_folder(folder: impl Into<PathBuf>, base_url: impl Into<String>) -> Self {
        Self { place: Place::Directory(folder.into()), ..Self::in_memory(base_url) }
    }
}
