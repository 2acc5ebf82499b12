//! The command line: definitions only.

use crate::{config::Set, experiment::seeds::Seeds};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

/// An agent-based geopolitical market model of rare earths: who runs short, when, at what price, and which policy helps.
#[derive(Debug, Parser)]
#[command(name = "monazite", version, max_term_width = 100, after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    pub verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  monazite run configs/baseline.ron                  the baseline, its seeds, into output/baseline
  monazite configs/baseline.ron --seeds 1..8         the same with eight seeds; a bare path means run
  monazite check configs/scenarios/*.ron             problems of the files, without running them
  monazite new my_quota --from baseline              a commented scenario to edit
  monazite compare output/my_experiment              strategies side by side, seed by seed
Exit codes: 0 done; 1 some runs failed; 2 bad usage or configuration; 3 input or output failed; 130 interrupted.";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run a scenario or an experiment: data, figures and a manifest into a result directory
    Run(Run),
    /// Join the shards of an experiment to the bytes of the whole
    Merge(Merge),
    /// Check configuration files and print what they resolve to; write nothing
    Check(Check),
    /// Print the resolved configuration, with the file each value comes from
    Show(Show),
    /// Say what differs between two scenarios: assumptions, tables, strategies, rules, shocks
    Diff(Diff),
    /// Why a shortage or a price peak came: limits, shocks and lost output, largest first
    Explain(Explain),
    /// Write a commented starter scenario
    New(New),
    /// Print the JSON Schema of the configuration, or with --tables the codebook of the tables
    Schema(Schema),
    /// Print the acts of a quarter in order, from the built schedule
    Timeline(Timeline),
    /// Draw the figures of a result directory again
    Plot(Plot),
    /// Compare the arms of an experiment seed by seed
    Compare(Compare),
    /// Write a report of a result directory: one page, and its figures
    Report(Report),
    /// Write a result directory in other people's formats
    Export(Export),
    /// Say which assumption moves which metric: Morris, Sobol, or from low to high; runs the experiment first
    Sensitivity(Sensitivity),
    /// Run a scenario of the past and score it against what was reported
    Hindcast(Hindcast),
    /// Fit what an experiment varies to the training rows of what was reported
    Calibrate(Run),
    /// Print a completion script for a shell
    Completions(Completions),
}

/// One of several parts of the runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which, from 1.
    pub number: u32,
    /// Of how many.
    pub of: u32,
}

impl std::str::FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/');
        let parts = parts.and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match parts {
            Some((number, of)) if (1..=of).contains(&number) => Ok(Self { number, of }),
            _ => Err(format!(
                "`{text}`: write K/N with K from 1 to N, such as 2/4"
            )),
        }
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

/// `merge`
#[derive(Debug, Args)]
pub struct Merge {
    /// Directories of the shards
    #[arg(required = true)]
    pub dirs: Vec<PathBuf>,
    /// Result directory of the whole
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// Replace what the result directory holds
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub voice: Voice,
}

/// How a file is changed before it is used.
#[derive(Debug, Args)]
pub struct Changes {
    /// Set a value of the configuration; may be given several times
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub sets: Vec<Set>,
}

/// How much is said.
#[derive(Debug, Args)]
pub struct Voice {
    /// One JSON document on stdout instead of text
    #[arg(long)]
    pub json: bool,
    /// No progress, no remarks
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// More remarks
    #[arg(short, long)]
    pub verbose: bool,
}

/// `run`
#[derive(Debug, Args)]
pub struct Run {
    /// Scenario or experiment
    pub file: PathBuf,
    /// Result directory [default: output/<name of the file>]
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Seeds: a range such as 1..200, a list such as 3,7,12, or how many
    #[arg(long, value_name = "SEEDS", conflicts_with = "seed")]
    pub seeds: Option<Seeds>,
    /// A single seed
    #[arg(long, value_name = "N")]
    pub seed: Option<u32>,
    /// Runs at the same time [default: one per processor]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Only the K-th of N parts of the runs, to be joined by merge
    #[arg(long, value_name = "K/N", conflicts_with = "runs")]
    pub shard: Option<Shard>,
    /// Only these runs, as numbered in runs.parquet
    #[arg(long = "run", value_name = "N,..", value_delimiter = ',')]
    pub runs: Option<Vec<u32>>,
    /// Replace what the result directory holds
    #[arg(long)]
    pub force: bool,
    /// Say how many runs, how long and how large, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub changes: Changes,
    #[command(flatten)]
    pub voice: Voice,
}

/// `hindcast`
#[derive(Debug, Args)]
pub struct Hindcast {
    /// As of `run`
    #[command(flatten)]
    pub run: Run,
    /// Reported figures [default: reported.csv beside the scenario]
    #[arg(long, value_name = "CSV")]
    pub reported: Option<PathBuf>,
    /// Deflators and value-added tax by year [default: deflators.csv beside the scenario]
    #[arg(long, value_name = "CSV")]
    pub deflators: Option<PathBuf>,
}

impl Run {
    /// Where the results go: as asked for, or under `output` by the name of the file.
    #[must_use]
    pub fn directory(&self) -> PathBuf {
        self.output.clone().unwrap_or_else(|| {
            let stem = self.file.file_stem().unwrap_or(OsStr::new("run"));
            Path::new("output").join(stem)
        })
    }
}

/// `check`
#[derive(Debug, Args)]
pub struct Check {
    /// Scenarios, strategies or experiments
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub changes: Changes,
    #[command(flatten)]
    pub voice: Voice,
}

/// `show`
#[derive(Debug, Args)]
pub struct Show {
    /// Scenario or experiment
    pub file: PathBuf,
    /// Only the value at this path, such as firms.lynas
    pub path: Option<String>,
    #[command(flatten)]
    pub changes: Changes,
}

/// `diff`
#[derive(Debug, Args)]
pub struct Diff {
    /// The scenario or strategy to start from
    pub first: PathBuf,
    /// The one that is held against it
    pub second: PathBuf,
    #[command(flatten)]
    pub voice: Voice,
}

/// `new`
#[derive(Debug, Args)]
pub struct New {
    /// Name of the scenario, or path of its file
    pub name: String,
    /// The scenario to start from: a name in configs or a path
    #[arg(long, default_value = "baseline", value_name = "SCENARIO")]
    pub from: String,
    /// Replace the file if it is there
    #[arg(long)]
    pub force: bool,
}

/// `schema`
#[derive(Debug, Args)]
pub struct Schema {
    /// Kind of file
    #[arg(value_enum, default_value_t = KindOfFile::Scenario)]
    pub kind: KindOfFile,
    /// The codebook of the tables, as CSV
    #[arg(long)]
    pub tables: bool,
}

/// Kinds of configuration files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KindOfFile {
    /// A world, its policies, what is uncertain
    Scenario,
    /// What a state does, and when
    Strategy,
    /// Arms that are compared
    Experiment,
}

/// `timeline`
#[derive(Debug, Args)]
pub struct Timeline {
    /// The scenario whose world is built
    #[arg(default_value = "configs/baseline.ron")]
    pub file: PathBuf,
    #[command(flatten)]
    pub changes: Changes,
}

/// `plot`
#[derive(Debug, Args)]
pub struct Plot {
    /// Result directory
    pub dir: PathBuf,
    /// Only this figure; may be given several times
    #[arg(long = "figure", value_name = "NAME")]
    pub figures: Vec<String>,
    #[command(flatten)]
    pub voice: Voice,
}

/// `compare`
#[derive(Debug, Args)]
pub struct Compare {
    /// Result directory of an experiment
    pub dir: PathBuf,
    /// The arm that the others are held against [default: the experiment's reference, else its first arm]
    #[arg(long, value_name = "ARM")]
    pub reference: Option<String>,
    /// Only metrics whose name contains this; may be given several times [default: those of the world]
    #[arg(long = "metric", value_name = "TEXT")]
    pub metrics: Vec<String>,
    #[command(flatten)]
    pub voice: Voice,
}

/// `report`
#[derive(Debug, Args)]
pub struct Report {
    /// Result directory
    pub dir: PathBuf,
    /// The file [default: report.html in the result directory]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub voice: Voice,
}

/// `export`
#[derive(Debug, Args)]
pub struct Export {
    /// Result directory
    pub dir: PathBuf,
    /// Form
    #[arg(long, value_enum, value_name = "FORM")]
    pub format: ExportForm,
    /// The file (iamc) or folder [default: export/iamc.csv, export/csv or export/parquet in the result directory]
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub voice: Voice,
}

/// Forms of export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportForm {
    /// Long form of the IAMC, as pyam reads it
    Iamc,
    /// Every table as CSV, each row with the keys of its run
    Csv,
    /// Every table as Parquet, each row with the keys of its run
    Parquet,
}

/// `sensitivity`
#[derive(Debug, Args)]
pub struct Sensitivity {
    /// Experiment, or its result directory
    #[command(flatten)]
    pub run: Run,
    /// Metric, or a part of its name; may be given several times [default: the experiment's]
    #[arg(long = "metric", value_name = "TEXT")]
    pub metrics: Vec<String>,
    /// The arm that is looked at [default: the experiment's reference, else its first arm]
    #[arg(long, value_name = "ARM")]
    pub arm: Option<String>,
}

/// `explain`
#[derive(Debug, Args)]
pub struct Explain {
    /// Result directory
    pub dir: PathBuf,
    /// What to explain: `unmet@EU dy_oxide` or `price@JP ndpr_oxide`
    #[arg(long, value_name = "WHAT@STATE GOOD")]
    pub of: String,
    /// The run, as numbered in runs.parquet
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub run: u32,
    #[command(flatten)]
    pub voice: Voice,
}

/// `completions`
#[derive(Debug, Args)]
pub struct Completions {
    /// Shell
    pub shell: clap_complete::Shell,
}

/// The arguments with `run` put in where the first one is a file and no verb.
pub fn with_verb(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    let bare = arguments
        .get(1)
        .and_then(|first| first.to_str())
        .is_some_and(|first| {
            !first.starts_with('-')
                && std::path::Path::new(first)
                    .extension()
                    .is_some_and(|extension| extension == "ron")
        });
    if bare {
        arguments.insert(1, "run".into());
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(with_verb(line.split(' ').map(OsString::from)))
    }

    #[test]
    fn definitions_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_bare_path_means_run() {
        let Verb::Run(run) = parse("monazite a/b.ron --seeds 1..3 --set a.b=c=d -j 2")
            .unwrap()
            .verb
        else {
            panic!("not run")
        };
        assert_eq!((run.file, run.jobs), (PathBuf::from("a/b.ron"), Some(2)));
        assert_eq!(run.seeds, Some(Seeds::first(3)));
        assert_eq!(
            run.changes.sets,
            [Set {
                path: "a.b".to_owned(),
                value: "c=d".to_owned()
            }]
        );
    }

    #[test]
    fn wrong_flags_are_refused() {
        for line in [
            "monazite",
            "monazite fly",
            "monazite a.ron -j 0",
            "monazite a.ron --seeds x",
            "monazite a.ron --set x",
            "monazite a.ron --seed 1 --seeds 2",
            "monazite a.ron --shard 3/2",
            "monazite a.ron --shard 0/2",
            "monazite a.ron --shard 1/2 --run 3",
            "monazite merge a",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
