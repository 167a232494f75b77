//! The policy as a table.

use jushin_statement::{TickKind, TickSpec, UnixMillis};

use super::{Due, Part, Rules, Situation, due, heartbeat_due, ticks_within, width_between_ms, width_open_ms};

const HOUR: u64 = 3_600_000;
/// 2026-04-07T09:00:00+09:00
const NINE: u64 = 1_775_520_000_000;
const RULES: Rules = Rules { window_ms: 300_000, closing_minute: Some(19 * 60) };
const FULL: Part = Part { allowed: 2_000, left: 2_000 };
const TPM: TickSpec = clock(150_000);

const fn clock(rho_ppm: u64) -> TickSpec {
    TickSpec { kind: TickKind::Time, tau_us: 1_000, rho_ppm }
}

const fn at_nine(tick: TickSpec) -> Situation {
    Situation {
        tick,
        elapsed: 0,
        anchored_at: UnixMillis(NINE),
        now: UnixMillis(NINE),
        begins: FULL,
        ticks: Part { allowed: 86_400_000, left: 86_400_000 },
    }
}

#[test]
fn the_width_is_that_of_the_published_table() {
    // ρ, hours, seconds without a later anchor, seconds between two
    for (rho, hours, open, between) in [
        (100, 8, 6, 3),
        (100, 24, 17, 9),
        (10_000, 1, 72, 36),
        (10_000, 8, 576, 285),
        (10_000, 24, 1_728, 855),
        (150_000, 1, 1_105, 470),
        (150_000, 8, 8_839, 3_757),
        (320_000, 1, 2_567, 873),
    ] {
        let ticks = hours * HOUR;
        let rounded = |ms: Option<u64>| (ms.unwrap() + 500) / 1_000;
        assert_eq!(rounded(width_open_ms(clock(rho), ticks).map(|ms| ms - 4_000)), open, "{rho} {hours} h");
        assert_eq!(rounded(width_between_ms(clock(rho), ticks)), between, "{rho} {hours} h");
    }
}

#[test]
fn sixty_seconds_with_a_tpm_is_an_anchor_every_eight_minutes() {
    assert_eq!(ticks_within(TPM, 60_000), Some(460_000));
    assert_eq!(width_between_ms(TPM, 460_000), Some(60_000));
    assert_eq!(width_between_ms(TPM, 459_999), Some(59_999));
}

#[test]
fn ticks_that_count_records_have_no_width() {
    let date = TickSpec { kind: TickKind::Date, tau_us: 0, rho_ppm: 0 };
    assert_eq!(width_open_ms(date, 5), None);
    assert_eq!(width_between_ms(date, 5), None);
    assert_eq!(ticks_within(date, 300_000), None);
    assert_eq!(due(RULES, &Situation { elapsed: u64::MAX, ..at_nine(date) }), None);
}

#[test]
fn an_anchor_is_due_when_the_policy_says_so_and_not_a_millisecond_before() {
    let later = |ms| UnixMillis(NINE + ms);
    let cases = [
        ("nothing has happened", at_nine(TPM), None),
        ("nearly too wide", Situation { elapsed: 2_299_990, ..at_nine(TPM) }, None),
        ("too wide", Situation { elapsed: 2_300_000, ..at_nine(TPM) }, Some(Due::Width)),
        ("a good clock", Situation { elapsed: 2_300_000, ..at_nine(clock(100)) }, None),
        ("nearly an hour", Situation { now: later(HOUR - 1), ..at_nine(TPM) }, None),
        ("an hour", Situation { now: later(HOUR), ..at_nine(TPM) }, Some(Due::Hourly)),
        ("the doors close", Situation { now: later(10 * HOUR), ..at_nine(TPM) }, Some(Due::Hourly)),
        ("a minute later", Situation { now: later(10 * HOUR + 60_000), ..at_nine(TPM) }, Some(Due::Closing)),
        ("the last of today", Situation { now: later(15 * HOUR - 1), ..at_nine(TPM) }, Some(Due::Closing)),
        ("midnight in Japan", Situation { now: later(15 * HOUR), ..at_nine(TPM) }, Some(Due::Midnight)),
        (
            "one check-in in twenty is left",
            Situation { begins: Part { allowed: 500, left: 25 }, ..at_nine(TPM) },
            Some(Due::Budget),
        ),
        ("one more than that", Situation { begins: Part { allowed: 500, left: 26 }, ..at_nine(TPM) }, None),
        (
            "the ticks run out",
            Situation { ticks: Part { allowed: 1_000, left: 50 }, ..at_nine(TPM) },
            Some(Due::Budget),
        ),
    ];
    for (name, situation, expected) in cases {
        assert_eq!(due(RULES, &situation), expected, "{name}");
    }
}

#[test]
fn a_clock_ten_years_off_or_set_back_only_triggers_an_anchor_more() {
    const TEN_YEARS: u64 = 10 * 365 * 24 * HOUR;
    for now in [NINE - TEN_YEARS, NINE + TEN_YEARS, NINE - 10 * HOUR, 0, u64::MAX] {
        let situation = Situation { now: UnixMillis(now), ..at_nine(clock(100)) };
        assert_eq!(due(RULES, &situation), Some(Due::Midnight), "{now}");
    }
    let back = Situation { now: UnixMillis(NINE - 60_000), ..at_nine(clock(100)) };
    assert_eq!(due(RULES, &back), None);
}

#[test]
fn without_closing_time_no_anchor_closes_the_doors() {
    let rules = Rules { closing_minute: None, ..RULES };
    let evening = Situation {
        anchored_at: UnixMillis(NINE + 10 * HOUR - 60_000),
        now: UnixMillis(NINE + 10 * HOUR + 60_000),
        ..at_nine(TPM)
    };
    assert_eq!(due(rules, &evening), None);
    assert_eq!(due(RULES, &evening), Some(Due::Closing));
}

#[test]
fn an_hour_without_a_record_asks_for_a_heartbeat() {
    for (now, expected) in [(NINE, false), (NINE + HOUR - 1, false), (NINE + HOUR, true)] {
        assert_eq!(heartbeat_due(UnixMillis(NINE), UnixMillis(now)), expected);
    }
}
