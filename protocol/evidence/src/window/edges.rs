//! Bounds to the tick and to the millisecond: with ticks of a millisecond on a perfect clock every rule gives
//! a whole number, and one tick more or less is another one.

use jushin_statement::{Id16, TickKind, TickSpec, UnixMillis};

use super::{Bounds, Bracket, Reading, Stamp, TimeWindow, TokenTime};

const TICK: TickSpec = TickSpec { kind: TickKind::Time, tau_us: 1_000, rho_ppm: 0 };
const CYCLE: Id16 = Id16([1; 16]);

/// The token says 1,000,000 ms, give or take 500, between counts 100 and 150.
const BRACKET: Bracket = Bracket {
    cycle: CYCLE,
    first: Stamp { counter: 10, count: 100 },
    second: Some(Stamp { counter: 11, count: 150 }),
    token: TokenTime { time_us: 1_000_000_000, accuracy_us: 500_000 },
};

fn window(lo: u64, hi: u64) -> TimeWindow {
    TimeWindow::new(Some(UnixMillis(lo)), Some(UnixMillis(hi)))
}

fn at(counter: u64, count: u64, brackets: &[Bracket]) -> TimeWindow {
    Bounds::of(Reading { cycle: CYCLE, stamp: Stamp { counter, count } }, brackets, TICK).window()
}

#[test]
fn every_end_is_exact_to_the_tick() {
    // After the bracket: 1,000 ticks after its end, of which 999 passed whole; 1,050 after its beginning.
    assert_eq!(at(20, 1_150, &[BRACKET]), window(999_500 + 999, 1_000_500 + 1_051));
    // Before it: 110 ticks before its end, and one that had begun; 60 before its beginning, 59 of them whole.
    assert_eq!(at(5, 40, &[BRACKET]), window(999_500 - 111, 1_000_500 - 59));
    // At its own end and beginning the token's time itself counts.
    assert_eq!(at(11, 150, &[BRACKET]), window(999_500, 1_000_500 + 51));
    assert_eq!(at(10, 100, &[BRACKET]), window(999_500 - 51, 1_000_500));
    // In its last tick, but after it.
    assert_eq!(at(12, 150, &[BRACKET]), window(999_500, 1_000_500 + 51));
}

#[test]
fn of_several_brackets_the_tightest_ends_count_in_either_order() {
    let later = Bracket {
        first: Stamp { counter: 30, count: 2_000 },
        second: Some(Stamp { counter: 31, count: 3_000 }),
        token: TokenTime { time_us: 1_001_900_000, accuracy_us: 0 },
        ..BRACKET
    };
    // The later one is 850 ticks after the event, of which 849 passed whole.
    let tight = window(999_500 + 999, 1_001_900 - 849);
    assert_eq!(at(20, 1_150, &[BRACKET, later]), tight);
    assert_eq!(at(20, 1_150, &[later, BRACKET]), tight);
}

#[test]
fn ends_at_one_moment_are_a_window_and_ends_a_microsecond_apart_are_none() {
    let token = |time_us| TokenTime { time_us, accuracy_us: 0 };
    let mut bounds = Bounds::default();
    bounds.after_token(token(7_000));
    bounds.before_token(token(7_000));
    assert!(!bounds.contradict());
    assert_eq!(bounds.window(), window(7, 7));
    bounds.before_token(token(6_999));
    assert!(bounds.contradict());
}

#[test]
fn a_window_lies_after_or_before_a_moment_only_as_a_whole() {
    let window = window(5, 9);
    assert!(window.is_after(UnixMillis(4)) && !window.is_after(UnixMillis(5)));
    assert!(window.is_before(UnixMillis(10)) && !window.is_before(UnixMillis(9)));
}

#[test]
fn windows_that_meet_in_one_moment_intersect_there() {
    assert_eq!(window(5, 9).intersect(window(9, 12)), Some(window(9, 9)));
    assert_eq!(window(9, 12).intersect(window(5, 9)), Some(window(9, 9)));
    assert_eq!(window(5, 9).intersect(window(10, 12)), None);
    assert_eq!(window(5, 9).intersect(window(6, 8)), Some(window(6, 8)));
}

#[test]
fn only_a_window_whose_ends_are_in_order_has_a_width() {
    assert_eq!(window(5, 9).width_ms(), Some(4));
    assert_eq!(window(9, 5).width_ms(), None);
    assert_eq!(TimeWindow::UNKNOWN.width_ms(), None);
}

#[test]
fn a_day_is_one_day_only_if_both_ends_lie_in_it() {
    let day = 86_400_000;
    assert!(window(day, day + 1).is_one_japanese_day());
    assert!(!window(day, 2 * day).is_one_japanese_day());
    assert!(!window(2 * day, day).is_one_japanese_day());
}
