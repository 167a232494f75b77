//! The kinds of clock that the simulated elements are certified with.

use jushin_statement::{TickKind, TickSpec};

/// A certificate profile.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Profile {
    /// Model name in the certificate request.
    pub(super) model: &'static str,
    /// What a plot calls it.
    pub(super) label: &'static str,
    /// Colour in plots.
    pub(super) colour: &'static str,
    /// The clock.
    pub(super) tick: TickSpec,
}

const fn time(tau_us: u64, rho_ppm: u64) -> TickSpec {
    TickSpec { kind: TickKind::Time, tau_us, rho_ppm }
}

/// All profiles; terminals take them in turn.
pub(super) const PROFILES: [Profile; 6] = [
    Profile {
        model: "simulated quartz",
        label: "quartz 100 ppm, 1 ms",
        colour: "#0060a8",
        tick: time(1_000, 100),
    },
    Profile {
        model: "simulated tpm",
        label: "TPM-like 15 %, 1 ms",
        colour: "#b04a00",
        tick: time(1_000, 150_000),
    },
    Profile {
        model: "simulated date stamp",
        label: "date (no timer)",
        colour: "#5a5a5a",
        tick: TickSpec { kind: TickKind::Date, tau_us: 0, rho_ppm: 0 },
    },
    Profile {
        model: "simulated rtc",
        label: "clock chip 100 ppm, 1 s",
        colour: "#007a53",
        tick: time(1_000_000, 100),
    },
    Profile { model: "simulated rc", label: "RC 1 %, 10 ms", colour: "#7a3fa0", tick: time(10_000, 10_000) },
    Profile {
        model: "simulated tpm, rate adjusted",
        label: "TPM-like 32 %, 1 ms",
        colour: "#a8002a",
        tick: time(1_000, 320_000),
    },
];
