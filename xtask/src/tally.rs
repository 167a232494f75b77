//! Counts the lines `test result:` that cargo's test binaries print, and the `# pass` of node's.

/// What the test binaries reported together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) ignored: u64,
    /// Whether the whole run ended with exit code 0.
    pub(crate) succeeded: bool,
}

impl Tally {
    /// Takes the results of another stage into account.
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
        self.succeeded &= other.succeeded;
    }

    /// Takes a line of output into account.
    pub(crate) fn read(&mut self, line: &str) {
        if let Some((what, number)) = line.strip_prefix("# ").and_then(|count| count.split_once(' ')) {
            let Ok(number) = number.parse::<u64>() else { return };
            match what {
                "pass" => self.passed += number,
                "fail" | "cancelled" => self.failed += number,
                "skipped" | "todo" => self.ignored += number,
                _ => {}
            }
            return;
        }
        let Some((_, counts)) = line.strip_prefix("test result: ").and_then(|result| result.split_once(". "))
        else {
            return;
        };
        for count in counts.split("; ") {
            let Some((number, what)) = count.split_once(' ') else { continue };
            let Ok(number) = number.parse::<u64>() else { continue };
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_was_skipped_or_cut_short_is_not_passed() {
        let mut tally = Tally::default();
        for line in [
            "TAP version 13",
            "# tests 34",
            "# pass 30",
            "# fail 1",
            "# cancelled 2",
            "# skipped 1",
            "# todo 0",
        ] {
            tally.read(line);
        }
        assert_eq!(tally, Tally { passed: 30, failed: 3, ignored: 1, succeeded: false });
    }

    #[test]
    fn results_of_several_binaries_add_up() {
        let mut tally = Tally::default();
        for line in [
            "running 3 tests",
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 1 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s",
        ] {
            tally.read(line);
        }
        assert_eq!(tally, Tally { passed: 4, failed: 2, ignored: 1, succeeded: false });
    }
}
