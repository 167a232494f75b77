//! What kind of time is proven, day by day.

use jushin_statement::Class;

use super::super::report::{Report, class_name};
use super::super::{DAY_US, FIRST_MIDNIGHT_US};
use super::svg::{Anchor, Svg};

const LEFT: f64 = 70.0;
const TOP: f64 = 60.0;
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 320.0;

/// Classes from the bottom of a bar to its top.
const CLASSES: [(Class, &str, &str); 5] = [
    (Class::Tight, "#0060a8", "幅が狭い"),
    (Class::Date, "#4f9fd8", "日付まで"),
    (Class::Interval, "#d9a400", "区間"),
    (Class::OrderOnly, "#a0a0a0", "順序のみ"),
    (Class::None, "#a8002a", "なし"),
];

/// The plot.
#[expect(clippy::cast_precision_loss, reason = "points of a picture")]
pub(in crate::simulate) fn classes(report: &Report) -> String {
    let title = "Classes of certainty by day / 日ごとの確かさ（模擬 ◇ simulated）";
    let ja = "その日の受付を、証明できた確かさで積み上げた。";
    let en = "The visits of each day, stacked by how certain their proven time is.";
    let mut svg = Svg::new(960.0, 480.0, title, ja, en);
    let days = usize::from(report.args.days);
    let mut counts = vec![[0_usize; CLASSES.len()]; days.max(1)];
    for judged in &report.judged {
        let day = usize::try_from(judged.visit.signed_at.saturating_sub(FIRST_MIDNIGHT_US) / DAY_US);
        let class = CLASSES.iter().position(|(class, ..)| *class == judged.class);
        if let (Ok(day), Some(class)) = (day, class)
            && let Some(count) = counts.get_mut(day).and_then(|day| day.get_mut(class))
        {
            *count += 1;
        }
    }
    let most = counts.iter().map(|day| day.iter().sum::<usize>()).max().unwrap_or_default().max(4);
    axes(&mut svg, most);
    let step = WIDTH / counts.len() as f64;
    for (day, of_day) in counts.iter().enumerate() {
        let x = LEFT + day as f64 * step;
        let mut y = TOP + HEIGHT;
        for (count, (class, colour, _)) in of_day.iter().zip(CLASSES) {
            let height = *count as f64 / most as f64 * HEIGHT;
            y -= height;
            let title = format!("day {}: {} {count}", day + 1, class_name(class));
            svg.rect((x + step * 0.1, y), (step * 0.8, height), colour, &title);
        }
        if counts.len() <= 31 || day % 7 == 0 {
            svg.text(x + step / 2.0, TOP + HEIGHT + 18.0, &(day + 1).to_string(), Anchor::Middle);
        }
    }
    for (row, (class, colour, ja)) in CLASSES.iter().enumerate() {
        let y = TOP + row as f64 * 24.0;
        svg.rect((LEFT + WIDTH + 20.0, y), (14.0, 14.0), colour, "");
        svg.text(LEFT + WIDTH + 42.0, y + 12.0, &format!("{} / {ja}", class_name(*class)), Anchor::Start);
    }
    svg.finish()
}

#[expect(clippy::cast_precision_loss, reason = "points of a picture")]
fn axes(svg: &mut Svg, most: usize) {
    let bottom = TOP + HEIGHT;
    for quarter in 0..=4_usize {
        let y = bottom - HEIGHT * quarter as f64 / 4.0;
        svg.line((LEFT, y), (LEFT + WIDTH, y), "#d8d8d8", 1.0);
        svg.text(LEFT - 8.0, y + 4.0, &(most * quarter / 4).to_string(), Anchor::End);
    }
    svg.line((LEFT, bottom), (LEFT + WIDTH, bottom), "#1a1a1a", 1.5);
    svg.text(LEFT + WIDTH / 2.0, bottom + 38.0, "day / 日目", Anchor::Middle);
    svg.upward(22.0, TOP + HEIGHT / 2.0, "visits / 受付（件）");
}
