//! When a new anchor is due. A pure function of what is known; the terminal's clock is only a trigger here.
//!
//! With `τ` the nominal tick and `ρ` the certified bound of its deviation, `N` ticks after an anchor the
//! proven window is `Nτ(1/(1−ρ) − 1/(1+ρ))` wide as long as no later anchor closes it. An anchor then halves
//! it and more: the widest window between two anchors that are `N` ticks apart is `Nτρ/(1+ρ)`.

use jushin_statement::{TickKind, TickSpec, UnixMillis};

const MILLION: u128 = 1_000_000;
const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;
/// Japan is nine hours ahead, all year.
const JAPAN_MS: u64 = 9 * HOUR_MS;
/// What a token's accuracy and a missing fraction of its second add to both ends together.
const TOKEN_WIDTH_MS: u64 = 4_000;
/// How long a terminal that is online goes without a token.
const LONGEST_PAUSE_MS: u64 = HOUR_MS;
/// After so long without a record the chain is tied by a heartbeat.
const HEARTBEAT_MS: u64 = HOUR_MS;
/// Time without a token after which a check-in is no longer shown as confirmed online.
const DEBT_LIMIT_MS: u64 = 4 * HOUR_MS;
/// An activation is renewed when less than this part of it is left.
const BUDGET_PART: u64 = 20;

/// What one terminal wants of its anchors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rules {
    /// Widest window between two anchors, in milliseconds.
    pub(crate) window_ms: u64,
    /// When the doors close, in minutes after midnight in Japan.
    pub(crate) closing_minute: Option<u16>,
}

/// What is known of the present anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Situation {
    /// The element's clock.
    pub(crate) tick: TickSpec,
    /// Ticks since the anchor's first stamp, in the same power cycle.
    pub(crate) elapsed: u64,
    /// The terminal's clock when the anchor was taken: a claim.
    pub(crate) anchored_at: UnixMillis,
    /// The terminal's clock now: a claim.
    pub(crate) now: UnixMillis,
    /// Check-ins that the activation allowed, and still allows.
    pub(crate) begins: Part,
    /// Ticks that the activation allowed, and still allows.
    pub(crate) ticks: Part,
}

/// A budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) allowed: u64,
    pub(crate) left: u64,
}

/// Why a new anchor is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// There is none in this power cycle: an administrator's card unlocked it.
    Unanchored,
    /// The day in Japan has turned since the last one.
    Midnight,
    /// The doors have closed since the last one.
    Closing,
    /// The window would grow wider than wanted.
    Width,
    /// The unlock is nearly used up.
    Budget,
    /// The last token is an hour old.
    Hourly,
}

impl Due {
    /// Whether it must come before the next patient, not only between patients.
    pub(crate) const fn before_a_visit(self) -> bool {
        matches!(self, Self::Midnight)
    }
}

/// Why an anchor is due now, if it is.
pub(crate) fn due(rules: Rules, situation: &Situation) -> Option<Due> {
    if day(situation.anchored_at) != day(situation.now) {
        return Some(Due::Midnight);
    }
    if let Some(minute) = rules.closing_minute
        && (minute_of_day(situation.anchored_at)..minute_of_day(situation.now)).contains(&minute)
    {
        return Some(Due::Closing);
    }
    if width_between_ms(situation.tick, situation.elapsed).is_some_and(|width| width >= rules.window_ms) {
        return Some(Due::Width);
    }
    if situation.begins.is_nearly_used_up() || situation.ticks.is_nearly_used_up() {
        return Some(Due::Budget);
    }
    (situation.now.0.abs_diff(situation.anchored_at.0) >= LONGEST_PAUSE_MS).then_some(Due::Hourly)
}

/// Whether the chain is to be tied by a heartbeat.
pub(crate) const fn heartbeat_due(last_record: UnixMillis, now: UnixMillis) -> bool {
    now.0.abs_diff(last_record.0) >= HEARTBEAT_MS
}

/// Time since the last token as a part of what is tolerated.
pub(crate) fn debt(last_token: UnixMillis, now: UnixMillis) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a fraction for a page")]
    let part = now.0.abs_diff(last_token.0) as f64 / DEBT_LIMIT_MS as f64;
    part
}

/// Width of the window of a visit `elapsed` ticks after the anchor, while no later anchor narrows it.
/// `None` in date mode: ticks bound nothing there.
pub(crate) fn width_open_ms(tick: TickSpec, elapsed: u64) -> Option<u64> {
    let (elapsed_us, rho) = elapsed_us(tick, elapsed)?;
    // 1/(1−ρ) − 1/(1+ρ) = 2ρ/(1−ρ²)
    let width = elapsed_us.checked_mul(2 * rho)?.checked_mul(MILLION)? / (MILLION * MILLION - rho * rho);
    u64::try_from(width.div_ceil(1_000)).ok()?.checked_add(TOKEN_WIDTH_MS)
}

/// Widest window between an anchor and another one `elapsed` ticks later, beside what the tokens add.
pub(crate) fn width_between_ms(tick: TickSpec, elapsed: u64) -> Option<u64> {
    let (elapsed_us, rho) = elapsed_us(tick, elapsed)?;
    u64::try_from((elapsed_us.checked_mul(rho)? / (MILLION + rho)) / 1_000).ok()
}

/// After how many ticks an anchor and the next one leave a window of `width_ms` between them. `None` if
/// they never do.
pub(crate) fn ticks_within(tick: TickSpec, width_ms: u64) -> Option<u64> {
    let (tick_us, rho) = elapsed_us(tick, 1)?;
    let drift = tick_us.checked_mul(rho).filter(|drift| *drift > 0)?;
    let ticks = (u128::from(width_ms) * 1_000).checked_mul(MILLION + rho)?.div_ceil(drift);
    Some(u64::try_from(ticks).unwrap_or(u64::MAX))
}

fn elapsed_us(tick: TickSpec, elapsed: u64) -> Option<(u128, u128)> {
    let rho = u128::from(tick.rho_ppm);
    let counts_time = tick.kind == TickKind::Time && rho < MILLION;
    counts_time.then(|| (u128::from(elapsed) * u128::from(tick.tau_us), rho))
}

impl Part {
    const fn is_nearly_used_up(self) -> bool {
        self.left <= self.allowed / BUDGET_PART
    }
}

const fn day(at: UnixMillis) -> u64 {
    at.0.saturating_add(JAPAN_MS) / DAY_MS
}

const fn minute_of_day(at: UnixMillis) -> u16 {
    (at.0.saturating_add(JAPAN_MS) % DAY_MS / 60_000) as u16
}

#[cfg(test)]
mod tests;
