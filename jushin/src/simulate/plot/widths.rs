//! How wide the proven windows are: cumulative, by clock and mode.

use super::super::judge::Judged;
use super::super::profile::PROFILES;
use super::super::report::{MODES, Report};
use super::svg::{Anchor, Svg};

const LEFT: f64 = 70.0;
const TOP: f64 = 60.0;
const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 360.0;
/// Powers of ten of a millisecond at both ends of the axis.
const FROM: f64 = 2.0;
const TO: f64 = 9.0;
/// A dash for each mode.
const DASHES: [&str; 3] = ["", "7 4", "2 3"];

/// The plot.
pub(in crate::simulate) fn widths(report: &Report) -> String {
    let title = "Width of the proven windows / 証明できた時間幅（模擬 ◇ simulated）";
    let ja = "どの受付が、どれだけ狭い時間幅で証明できたか。右上がりが左にあるほど狭い。片側が開いた窓は右端に届かない。";
    let en = "Share of visits whose window is at most so wide. A window with an open end never counts, so its curve ends below 100 %.";
    let mut svg = Svg::new(960.0, 520.0, title, ja, en);
    axes(&mut svg);
    let mut row = 0.0;
    for profile in &PROFILES {
        for ((mode, name), dashes) in MODES.iter().zip(DASHES) {
            let of_kind: Vec<_> = report.of(profile, *mode).map(Judged::width).collect();
            if of_kind.is_empty() {
                continue;
            }
            svg.path(&curve(&of_kind), profile.colour, dashes);
            let y = TOP + 8.0 + row * 20.0;
            svg.path(&[(LEFT + WIDTH + 20.0, y), (LEFT + WIDTH + 52.0, y)], profile.colour, dashes);
            let label = format!("{}, {name} ({})", profile.label, of_kind.len());
            svg.text(LEFT + WIDTH + 58.0, y + 4.0, &label, Anchor::Start);
            row += 1.0;
        }
    }
    svg.finish()
}

fn axes(svg: &mut Svg) {
    let bottom = TOP + HEIGHT;
    for (ms, label) in [
        (100.0, "≤ 0.1 s"),
        (1e3, "1 s"),
        (1e4, "10 s"),
        (6e4, "1 min"),
        (3e5, "5 min"),
        (3.6e6, "1 h"),
        (8.64e7, "1 day"),
        (6.048e8, "1 week"),
    ] {
        let x = x_of(ms);
        svg.line((x, TOP), (x, bottom), "#d8d8d8", 1.0);
        svg.text(x, bottom + 18.0, label, Anchor::Middle);
    }
    for part in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let y = bottom - part * HEIGHT;
        svg.line((LEFT, y), (LEFT + WIDTH, y), "#d8d8d8", 1.0);
        svg.text(LEFT - 8.0, y + 4.0, &format!("{:.0} %", part * 100.0), Anchor::End);
    }
    svg.line((LEFT, TOP), (LEFT, bottom), "#1a1a1a", 1.5);
    svg.line((LEFT, bottom), (LEFT + WIDTH, bottom), "#1a1a1a", 1.5);
    svg.text(LEFT + WIDTH / 2.0, bottom + 38.0, "width of the window / 時間幅 (log)", Anchor::Middle);
    svg.upward(22.0, TOP + HEIGHT / 2.0, "share of visits / 受付の割合 (%)");
}

/// Steps of the cumulative distribution.
#[expect(clippy::cast_precision_loss, reason = "points of a picture")]
fn curve(widths: &[Option<u64>]) -> Vec<(f64, f64)> {
    let mut known: Vec<_> = widths.iter().flatten().copied().collect();
    known.sort_unstable();
    let all = widths.len() as f64;
    let mut points = vec![(LEFT, TOP + HEIGHT)];
    for (place, width) in known.iter().enumerate() {
        let x = x_of(*width as f64);
        let y = |count: usize| TOP + HEIGHT * (1.0 - count as f64 / all);
        points.extend([(x, y(place)), (x, y(place + 1))]);
    }
    let last = points.last().map_or(TOP + HEIGHT, |point| point.1);
    points.push((LEFT + WIDTH, last));
    points
}

fn x_of(ms: f64) -> f64 {
    let part = (ms.max(1.0).log10() - FROM) / (TO - FROM);
    LEFT + part.clamp(0.0, 1.0) * WIDTH
}
