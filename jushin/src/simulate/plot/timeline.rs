//! A few terminals over a few days: power, outages, tokens, and the visits with their windows.

use super::super::judge::Judged;
use super::super::report::Report;
use super::super::{DAY_US, FIRST_MIDNIGHT_US};
use super::svg::{Anchor, Svg};

const LEFT: f64 = 190.0;
const TOP: f64 = 80.0;
const WIDTH: f64 = 980.0;
const LANE: f64 = 92.0;
const LANES: usize = 6;
const DAYS: u16 = 3;

/// The plot.
#[expect(clippy::cast_precision_loss, reason = "points of a picture")]
pub(in crate::simulate) fn timeline(report: &Report) -> String {
    let lanes = report.profiles.len().min(LANES);
    let days = report.args.days.min(DAYS);
    let title = "Terminals over time / 端末ごとの経過（模擬 ◇ simulated）";
    let ja = "各段の下半分：電源と通信の途絶、時刻の印。上半分：受付（点は本当の時刻）と、証明できた時間幅（棒）。";
    let en = "Lower half of each lane: power, outages of the network, tokens. Upper half: visits at their true time (dots) with the proven window (bars).";
    let mut svg = Svg::new(1200.0, TOP + lanes as f64 * LANE + 110.0, title, ja, en);
    legend(&mut svg);
    let scale = Scale { days: f64::from(days) };
    let bottom = TOP + lanes as f64 * LANE;
    for hour in (0..=u32::from(days) * 24).step_by(6) {
        let x = LEFT + f64::from(hour) / (scale.days * 24.0) * WIDTH;
        let midnight = hour % 24 == 0;
        svg.line((x, TOP), (x, bottom), if midnight { "#808080" } else { "#e0e0e0" }, 1.0);
        svg.text(x, bottom + 16.0, &format!("{}:00", hour % 24), Anchor::Middle);
        if midnight && hour < u32::from(days) * 24 {
            svg.text(x + 4.0, TOP - 6.0, &format!("day {}", hour / 24 + 1), Anchor::Start);
        }
    }
    svg.text(
        LEFT + WIDTH / 2.0,
        bottom + 36.0,
        "true time in Japan / 本当の時刻（日本時間, h）",
        Anchor::Middle,
    );
    for (lane, profile) in report.profiles.iter().enumerate().take(lanes) {
        let y = TOP + lane as f64 * LANE;
        svg.line((LEFT, y + LANE), (LEFT + WIDTH, y + LANE), "#808080", 1.0);
        svg.text(LEFT - 10.0, y + 36.0, &format!("terminal {lane}"), Anchor::End);
        svg.text(LEFT - 10.0, y + 54.0, profile.label, Anchor::End);
        below(&mut svg, report, scale, lane, y);
        let visits = report.judged.iter().filter(|judged| judged.visit.terminal == lane);
        for (number, judged) in visits.enumerate() {
            window(&mut svg, scale, judged, profile.colour, y + 6.0 + (number % 10) as f64 * 5.0);
        }
    }
    svg.finish()
}

/// Power, outages and tokens of one terminal.
fn below(svg: &mut Svg, report: &Report, scale: Scale, lane: usize, y: f64) {
    for (_, from, until) in report.played.powered.iter().filter(|(terminal, ..)| *terminal == lane) {
        scale.bar(svg, (*from, *until), y + 66.0, 8.0, "#9cc9a3");
    }
    for (from, until) in report.networks.get(lane).into_iter().flat_map(|outages| outages.list()) {
        scale.bar(svg, (*from, *until), y + 76.0, 6.0, "#d06a6a");
    }
    for (_, at) in report.tokens.iter().filter(|(terminal, _)| *terminal == lane) {
        if let Some(x) = scale.x(*at) {
            svg.line((x, y + 62.0), (x, y + 84.0), "#1a1a1a", 1.0);
        }
    }
}

fn window(svg: &mut Svg, scale: Scale, judged: &Judged, colour: &str, y: f64) {
    let Some(x) = scale.x(judged.visit.signed_at) else { return };
    let end = |end: Option<u64>, open| end.map_or(open, |ms| ms.saturating_mul(1_000));
    scale.bar(svg, (end(judged.lo, 0), end(judged.hi, u64::MAX)), y - 1.0, 2.0, colour);
    let dot = if judged.sound { colour } else { "#ff0000" };
    svg.rect((x - 2.0, y - 2.0), (4.0, 4.0), dot, &judged.visit.evid.to_string());
}

fn legend(svg: &mut Svg) {
    let entries = [
        ("#9cc9a3", "power on / 電源"),
        ("#d06a6a", "no network / 通信断"),
        ("#1a1a1a", "token / 時刻の印"),
        ("#0060a8", "visit with window / 受付と時間幅"),
    ];
    let mut x = LEFT;
    for (colour, label) in entries {
        svg.rect((x, 44.0), (14.0, 10.0), colour, "");
        svg.text(x + 20.0, 54.0, label, Anchor::Start);
        x += 230.0;
    }
}

/// From true time to the paper.
#[derive(Clone, Copy)]
struct Scale {
    days: f64,
}

impl Scale {
    #[expect(clippy::cast_precision_loss, reason = "points of a picture")]
    fn part(self, at: u64) -> f64 {
        at.saturating_sub(FIRST_MIDNIGHT_US) as f64 / (DAY_US as f64 * self.days)
    }

    fn x(self, at: u64) -> Option<f64> {
        let part = self.part(at);
        (at >= FIRST_MIDNIGHT_US && part <= 1.0).then_some(LEFT + part * WIDTH)
    }

    fn bar(self, svg: &mut Svg, (from, until): (u64, u64), y: f64, height: f64, colour: &str) {
        let (from, until) = (self.part(from).min(1.0), self.part(until).min(1.0));
        if until > 0.0 && from < 1.0 {
            svg.rect((LEFT + from * WIDTH, y), (((until - from) * WIDTH).max(1.0), height), colour, "");
        }
    }
}
