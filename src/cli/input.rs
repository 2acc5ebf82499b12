//! A configuration file as commands see it, whichever kind it is.

use super::Failure;
use crate::{
    config::{self, Loaded, Report, Set, scenario::Scenario},
    experiment::simulate::Simulator,
};
use std::path::{Path, PathBuf};

/// What can be run of a file.
pub struct Input {
    /// Name of the file without its ending.
    pub stem: String,
    /// The scenario from which the start is settled: it carries no arm's patch.
    pub base: Scenario,
    /// Names of the arms in order; a scenario has one, its title, so that its resolved form gives the same tables under any
    /// file name.
    pub names: Vec<String>,
    /// The arms of an experiment; none if the base itself is run.
    arms: Vec<Scenario>,
    /// Number of seeds asked for.
    pub seeds: u32,
    /// The arm that the others are held against.
    pub reference: Option<String>,
    /// The resolved configuration as text.
    pub resolved: String,
    /// Every file that was read.
    pub files: Vec<PathBuf>,
}

impl Input {
    /// Reads a scenario or experiment with its changes from the command line.
    pub fn load(path: &Path, sets: &[Set]) -> Result<Self, Failure> {
        let (loaded, files) =
            config::load_with_inputs(path, sets).map_err(|report| refusal(path, &report))?;
        let stem = path.file_stem().map_or_else(
            || "run".to_owned(),
            |stem| stem.to_string_lossy().into_owned(),
        );
        match loaded {
            Loaded::Scenario(scenario) => Ok(Self {
                stem,
                seeds: scenario.seeds,
                reference: None,
                resolved: config::resolved(&scenario),
                files,
                names: vec![scenario.title.clone()],
                arms: Vec::new(),
                base: *scenario,
            }),
            Loaded::Experiment(experiment) => Ok(Self {
                stem,
                seeds: experiment.seeds,
                reference: Some(experiment.reference.clone()),
                resolved: config::resolved_experiment(&experiment),
                files,
                names: experiment.arms.keys().cloned().collect(),
                arms: experiment.arms.into_values().collect(),
                base: experiment.scenario,
            }),
            Loaded::Strategy(_) => Err(Failure::Usage(format!(
                "{} is a strategy: it runs as part of a scenario that names it, strategies: {{\"CN\": \"{}\"}}",
                path.display(),
                path.display()
            ))),
        }
    }

    /// What computes the runs.
    pub fn simulator(&self) -> Simulator<'_> {
        if self.arms.is_empty() {
            Simulator::of_scenario(&self.base)
        } else {
            Simulator::of_arms(&self.base, &self.arms)
        }
    }

    /// Whether a table is to be kept: those that the scenario asks for, or all.
    pub fn keeps(&self, table: &str) -> bool {
        let asked = &self.base.record;
        asked.is_empty() || asked.iter().any(|name| name == table)
    }
}

/// Bad configuration, or a file that is not there.
pub fn refusal(path: &Path, report: &Report) -> Failure {
    if path.exists() {
        Failure::Usage(report.to_string())
    } else {
        Failure::Io(report.to_string())
    }
}
