//! `/counter/today/print`: the outage list on paper (A4). It is printed without names; they are filled in
//! by hand, in the institution, where they stay.

use askama::Template;
use jushin_pages::{Frame, Lang, clock_time, day};

use crate::store::{QueueRow, StoreError};
use crate::terminal::Terminal;

/// Rows on one sheet: empty ones fill it up, for patients without a card.
const SHEET: usize = 14;

/// The outage list.
#[derive(Template)]
#[template(path = "print.html")]
pub(crate) struct PrintPage {
    frame: Frame,
    institution: String,
    day: String,
    printed: String,
    rows: Vec<Line>,
}

/// One line; an empty one has nothing printed in it.
#[derive(Default)]
struct Line {
    number: String,
    time: String,
    chart: String,
}

impl Terminal {
    pub(crate) fn print_page(&self, lang: Lang) -> Result<PrintPage, StoreError> {
        let now = self.0.now();
        let mut rows: Vec<Line> =
            self.today()?.into_iter().filter_map(|row| waiting_line(&row, lang)).collect();
        let empty = SHEET - rows.len() % SHEET;
        rows.extend(std::iter::repeat_with(Line::default).take(empty % SHEET));
        if rows.is_empty() {
            rows.extend(std::iter::repeat_with(Line::default).take(SHEET));
        }
        Ok(PrintPage {
            frame: self.frame(lang, "print", Some("/counter/events")),
            institution: self.0.configuration.institution_name.clone(),
            day: day(now, lang),
            printed: clock_time(now, lang),
            rows,
        })
    }
}

/// A visit that had no answer in time has a K-number, whatever became of it since.
fn waiting_line(row: &QueueRow, lang: Lang) -> Option<Line> {
    let number = row.waiting_number?;
    Some(Line {
        number: format!("K-{number:03}"),
        time: clock_time(row.at, lang),
        chart: row.chart.as_ref().map(|chart| chart.number.clone()).unwrap_or_default(),
    })
}
