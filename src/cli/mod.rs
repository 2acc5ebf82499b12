//! The command line: one file per verb, what they share beside them. The only place that prints.

mod args;
mod calibrate;
mod check;
mod compare;
mod comparison;
mod completions;
mod contest;
mod diff;
mod draw;
mod explain;
mod export;
mod hindcast;
mod input;
mod interrupt;
mod join;
mod labels;
mod merge;
mod new;
mod plot;
mod progress;
mod report;
mod run;
mod schema;
mod sensitivity;
mod show;
mod summary;
mod terminal;
mod timeline;

use crate::record::write::Refused;
use args::{Cli, Verb};
use clap::Parser;
use std::process::ExitCode;

/// Why a command did not do all that was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Some runs failed; the others are kept.
    #[error("{failed} of {all} runs failed; the others are kept. runs.parquet says why")]
    Runs {
        /// Runs that failed.
        failed: usize,
        /// All runs.
        all: usize,
    },
    /// Bad usage or configuration.
    #[error("{0}")]
    Usage(String),
    /// Input or output failed.
    #[error("{0}")]
    Io(String),
    /// Interrupted by the user.
    #[error("{0}; the same command goes on from here")]
    Interrupted(String),
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Holds { .. } => Self::Usage(refused.to_string()),
            Refused::Io { .. } => Self::Io(refused.to_string()),
        }
    }
}

impl Failure {
    /// Input or output failed at a place.
    fn at(place: &std::path::Path, error: impl std::fmt::Display) -> Self {
        Self::Io(format!("{}: {error}", place.display()))
    }

    fn code(&self) -> u8 {
        match self {
            Self::Runs { .. } => 1,
            Self::Usage(_) => 2,
            Self::Io(_) => 3,
            Self::Interrupted(_) => 130,
        }
    }
}

/// Parses the command line, does what it says, and gives the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse_from(args::with_verb(std::env::args_os()));
    let done = match &cli.verb {
        Verb::Run(args) => run::run(args),
        Verb::Merge(args) => merge::merge(args),
        Verb::Check(args) => check::check(args),
        Verb::Show(args) => show::show(args),
        Verb::Diff(args) => diff::diff(args),
        Verb::Explain(args) => explain::explain(args),
        Verb::New(args) => new::new(args),
        Verb::Schema(args) => schema::schema(args),
        Verb::Timeline(args) => timeline::timeline(args),
        Verb::Plot(args) => plot::plot(args),
        Verb::Hindcast(args) => hindcast::hindcast(args),
        Verb::Compare(args) => compare::compare(args),
        Verb::Report(args) => report::report(args),
        Verb::Export(args) => export::export(args),
        Verb::Sensitivity(args) => sensitivity::sensitivity(args),
        Verb::Calibrate(args) => calibrate::calibrate(args),
        Verb::Completions(args) => completions::completions(args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal::remark(&format!("{failure}"));
            ExitCode::from(failure.code())
        }
    }
}
