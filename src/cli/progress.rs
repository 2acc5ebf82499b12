//! The progress bar on stderr: only for people, never in logs.

use crate::experiment::runner::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;

/// A bar over the runs; hidden where nobody looks or nobody wants it.
pub struct Bar(ProgressBar);

impl Bar {
    /// A bar for so many runs.
    pub fn new(runs: usize, quiet: bool) -> Self {
        let shown =
            !quiet && std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let bar = ProgressBar::with_draw_target(
            Some(runs as u64),
            if shown {
                ProgressDrawTarget::stderr_with_hz(10)
            } else {
                ProgressDrawTarget::hidden()
            },
        );
        let style = ProgressStyle::with_template(
            "{msg:12} {bar:30} {pos}/{len} runs, {per_sec}, {eta} left{prefix}",
        );
        bar.set_style(
            style
                .unwrap_or_else(|_| ProgressStyle::default_bar())
                .progress_chars("=> "),
        );
        bar.set_message("simulating");
        Self(bar)
    }

    /// Shows how far it has come.
    pub fn show(&self, progress: Progress) {
        if progress.failed > 0 {
            self.0.set_prefix(format!(", {} failed", progress.failed));
        }
        self.0.set_position(progress.ended as u64);
    }

    /// Says what is being done after the last run.
    pub fn phase(&self, what: &'static str) {
        self.0.set_message(what);
        self.0.tick();
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        self.0.finish_and_clear();
    }
}
