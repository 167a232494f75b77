//! Stages and how long they took.

use std::time::{Duration, Instant};

/// The stages that ran, in order.
#[derive(Default)]
pub(crate) struct Stages(Vec<(&'static str, Duration)>);

impl Stages {
    /// Runs a stage and remembers how long it took.
    #[expect(clippy::disallowed_methods, reason = "a stopwatch for the reader of the log")]
    pub(crate) fn run<T>(
        &mut self,
        name: &'static str,
        stage: impl FnOnce() -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        println!("stage {name}");
        let start = Instant::now();
        let outcome = stage();
        self.0.push((name, start.elapsed()));
        if outcome.is_err() {
            self.print();
        }
        outcome
    }

    /// Prints minutes per stage.
    pub(crate) fn print(&self) {
        for (name, took) in &self.0 {
            println!("stage {name:<10} {:>5.1} min", took.as_secs_f64() / 60.0);
        }
    }
}
