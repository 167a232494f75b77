//! The account of the day on the terminal: fixed columns, at most 80 cells, no colour.

use std::io::Write;

use unicode_width::UnicodeWidthStr as _;

/// Cells of a line.
pub(super) const WIDTH: usize = 80;
/// Cells before the text of a step.
const LABEL: usize = 18;
/// Cells of the name of an attack.
const ATTACK: usize = 24;

/// Writes the account, or stays silent until the last block.
pub(super) struct Account<'a> {
    out: &'a mut (dyn Write + Send),
    quiet: bool,
    closed: bool,
}

impl<'a> Account<'a> {
    /// An account on `out`.
    pub(super) fn new(out: &'a mut (dyn Write + Send), quiet: bool) -> Self {
        Self { out, quiet, closed: false }
    }

    /// Lines that are printed even when quiet come after this.
    pub(super) fn last_block(&mut self) {
        self.quiet = false;
    }

    /// A line as it is.
    pub(super) fn line(&mut self, text: &str) {
        if self.quiet || self.closed {
            return;
        }
        // Whoever reads the account may stop reading (`| head`); the story goes on and is still judged.
        self.closed = writeln!(self.out, "{text}").and_then(|()| self.out.flush()).is_err();
    }

    /// A chapter's heading: title left, place right.
    pub(super) fn chapter(&mut self, number: u8, title: &str, place: &str) {
        self.line(&heading(&format!("{number} {title}"), place));
    }

    /// A step with its time.
    pub(super) fn step(&mut self, at: &str, label: &str, text: &str) {
        self.line(&format!("  {at} {}{text}", padded(label, LABEL)));
    }

    /// A detail of the step above.
    pub(super) fn detail(&mut self, label: &str, text: &str) {
        self.line(&format!("        {}{text}", padded(label, LABEL)));
    }

    /// An attack and how it ended.
    pub(super) fn attack(&mut self, name: &str, outcome: &str) {
        self.line(&format!("  {}{outcome}", padded(name, ATTACK)));
    }
}

fn heading(title: &str, place: &str) -> String {
    let space = WIDTH.saturating_sub(title.width() + place.width() + 1).max(1);
    format!("{title}{}{place}", " ".repeat(space))
}

/// `text` and spaces up to `cells`, at least one.
fn padded(text: &str, cells: usize) -> String {
    let space = cells.saturating_sub(text.width()).max(1);
    format!("{text}{}", " ".repeat(space))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_hold_behind_japanese_words() {
        assert_eq!(padded("unlock 起動認証", LABEL).width(), LABEL);
        assert_eq!(padded("who", LABEL).width(), LABEL);
        assert_eq!(heading("1 At home, online", "さくら内科 Sakura Clinic").width(), WIDTH - 1);
    }

    #[test]
    fn a_reader_that_leaves_stops_nothing() {
        struct Gone;
        impl Write for Gone {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(std::io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let mut gone = Gone;
        let mut account = Account::new(&mut gone, false);
        account.line("one");
        account.line("two");
        assert!(account.closed);
    }
}
