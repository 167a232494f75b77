//! What a bench says: a table for people, or one JSON document a figure.

use std::io::Write as _;

use serde_json::{Map, Value, json};
use unicode_width::UnicodeWidthStr as _;

use super::Size;
use super::machine::Machine;

/// Cells of the first column.
const LABEL: usize = 38;

/// One figure beside its limit.
pub(super) struct Figure<'a> {
    /// The name for programs: `verify/rsa/steady`.
    pub(super) bench: String,
    /// The name for people.
    pub(super) label: &'a str,
    pub(super) value: f64,
    pub(super) unit: &'a str,
    /// In the same unit; nil if nothing bounds it.
    pub(super) limit: Option<f64>,
    /// How much of the limit is reached; of a duration, the limit's part in it.
    pub(super) ratio: Option<f64>,
    /// What else belongs to it.
    pub(super) more: Value,
}

/// Writes figures as they come.
pub(super) struct Report {
    json: bool,
    machine: Machine,
    size: Size,
    closed: bool,
}

impl Report {
    pub(super) fn new(json: bool, size: &Size) -> Self {
        Self { json, machine: Machine::here(), size: size.clone(), closed: false }
    }

    /// Title, machine, and how much is measured.
    pub(super) fn title(&mut self, title: &str, what: &str) {
        let machine = self.machine.to_string();
        self.line(&format!("{title}   ◇ simulated"));
        self.line(&machine);
        self.line(&format!("size     {what}"));
        self.line(&format!(
            "         seed {}; each piece the best of {} rounds",
            self.size.seed, self.size.rounds
        ));
    }

    /// Head of a table: label and columns of nine cells.
    pub(super) fn head(&mut self, label: &str, columns: &[&str]) {
        let columns: Vec<String> = columns.iter().map(|&column| column.to_owned()).collect();
        self.line("");
        self.row(label, &columns);
    }

    /// Row of a table.
    pub(super) fn row(&mut self, label: &str, columns: &[String]) {
        let mut text = padded(label, LABEL);
        for column in columns {
            let space = 9_usize.saturating_sub(column.width());
            text.push_str(&" ".repeat(space));
            text.push_str(column);
        }
        self.line(&text);
    }

    /// A line for people.
    pub(super) fn line(&mut self, text: &str) {
        if !self.json {
            self.print(text);
        }
    }

    /// A figure: a row for people with these columns, a document for programs.
    pub(super) fn figure(&mut self, figure: &Figure<'_>, columns: &[String]) {
        if !self.json {
            return self.row(&format!("  {}", figure.label), columns);
        }
        let mut document = Map::new();
        document.insert("bench".to_owned(), json!(figure.bench));
        document.insert("value".to_owned(), json!(figure.value));
        document.insert("unit".to_owned(), json!(figure.unit));
        document.insert("limit".to_owned(), json!(figure.limit));
        document.insert("ratio".to_owned(), json!(figure.ratio));
        if let Value::Object(more) = &figure.more {
            document.extend(more.clone());
        }
        let size = json!({
            "cards": self.size.cards, "terminals": self.size.terminals, "rounds": self.size.rounds,
            "seed": self.size.seed,
        });
        document.insert("size".to_owned(), size);
        document.insert("simulated".to_owned(), json!(true));
        document.insert("machine".to_owned(), self.machine.to_json());
        self.print(&Value::Object(document).to_string());
    }

    fn print(&mut self, text: &str) {
        // Whoever reads the figures may stop reading (`| head`).
        self.closed = self.closed || writeln!(std::io::stdout(), "{text}").is_err();
    }
}

fn padded(text: &str, cells: usize) -> String {
    format!("{text}{}", " ".repeat(cells.saturating_sub(text.width()).max(1)))
}

/// `12,345`
pub(super) fn whole(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `93.4 %`
pub(super) fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_parted() {
        assert_eq!(whole(12_345.4), "12,345");
        assert_eq!(whole(999.6), "1,000");
        assert_eq!(whole(7.0), "7");
        assert_eq!(percent(0.934), "93.4 %");
    }
}
