//! A few shapes and words.

use std::fmt::Write as _;

/// A picture that grows.
pub(super) struct Svg {
    body: String,
    width: f64,
    height: f64,
}

/// Where a text hangs on its point.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Svg {
    /// A white sheet with a title, and a caption below in both languages.
    pub(super) fn new(width: f64, height: f64, title: &str, ja: &str, en: &str) -> Self {
        let mut svg = Self { body: String::new(), width, height };
        svg.rect((0.0, 0.0), (width, height), "#ffffff", "");
        svg.sized(20.0, 30.0, title, Anchor::Start, 18);
        svg.sized(20.0, height - 32.0, ja, Anchor::Start, 13);
        svg.sized(20.0, height - 12.0, en, Anchor::Start, 13);
        svg
    }

    pub(super) fn rect(&mut self, at: (f64, f64), size: (f64, f64), fill: &str, title: &str) {
        let title =
            if title.is_empty() { String::new() } else { format!("<title>{}</title>", escaped(title)) };
        let _ = writeln!(
            self.body,
            r#"<rect x="{:.1}" y="{:.1}" width="{:.1}" height="{:.1}" fill="{fill}">{title}</rect>"#,
            at.0, at.1, size.0, size.1
        );
    }

    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), colour: &str, width: f64) {
        let _ = writeln!(
            self.body,
            r#"<line x1="{:.1}" y1="{:.1}" x2="{:.1}" y2="{:.1}" stroke="{colour}" stroke-width="{width}"/>"#,
            from.0, from.1, to.0, to.1
        );
    }

    pub(super) fn path(&mut self, points: &[(f64, f64)], colour: &str, dashes: &str) {
        let points: Vec<_> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = writeln!(
            self.body,
            r#"<polyline points="{}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/>"#,
            points.join(" ")
        );
    }

    pub(super) fn text(&mut self, x: f64, y: f64, text: &str, anchor: Anchor) {
        self.sized(x, y, text, anchor, 12);
    }

    /// A text that reads upward.
    pub(super) fn upward(&mut self, x: f64, y: f64, text: &str) {
        let _ = writeln!(
            self.body,
            r#"<text x="{x:.1}" y="{y:.1}" font-size="12" text-anchor="middle" transform="rotate(-90 {x:.1} {y:.1})">{}</text>"#,
            escaped(text)
        );
    }

    fn sized(&mut self, x: f64, y: f64, text: &str, anchor: Anchor, size: u32) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let _ = writeln!(
            self.body,
            r#"<text x="{x:.1}" y="{y:.1}" font-size="{size}" text-anchor="{anchor}">{}</text>"#,
            escaped(text)
        );
    }

    pub(super) fn finish(self) -> String {
        let Self { body, width, height } = self;
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" font-family="'Noto Sans CJK JP','Noto Sans JP',sans-serif" fill="#1a1a1a">
{body}</svg>
"##
        )
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
