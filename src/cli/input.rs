//! A configuration file as commands see it, whichever kind it is.

use super::Failure;
use crate::{
    config::{self, Experiment, Loaded, Report, Set, scenario::Scenario},
    experiment::{plan::Plan, seeds::Seeds, simulate::Simulator},
};
use std::path::{Path, PathBuf};

/// What can be run of a file.
pub struct Input {
    /// The scenario from which the start is settled: it carries no arm's patch.
    pub base: Scenario,
    /// Names of the arms in order; a scenario has one, its title, so that its resolved form gives the same tables under any
    /// file name.
    pub names: Vec<String>,
    /// The experiment, if it is one.
    experiment: Option<Experiment>,
    /// Tables that are kept of every run; empty: the program's choice.
    pub record: Vec<String>,
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
        match loaded {
            Loaded::Scenario(scenario) => Ok(Self {
                seeds: scenario.seeds,
                reference: None,
                resolved: config::resolved(&scenario),
                files,
                names: vec![scenario.title.clone()],
                record: scenario.record.clone(),
                experiment: None,
                base: *scenario,
            }),
            Loaded::Experiment(experiment) => Ok(Self {
                seeds: experiment.seeds,
                reference: Some(experiment.reference.clone()),
                resolved: config::resolved_experiment(&experiment),
                files,
                names: experiment.arms.keys().cloned().collect(),
                record: experiment.record.clone(),
                base: experiment.scenario.clone(),
                experiment: Some(*experiment),
            }),
            Loaded::Strategy(_) => Err(Failure::Usage(format!(
                "{} is a strategy: it runs as part of a scenario that names it, strategies: {{\"CN\": \"{}\"}}",
                path.display(),
                path.display()
            ))),
        }
    }

    /// What computes the runs.
    pub fn simulator(&self, plan: &Plan) -> Simulator<'_> {
        match &self.experiment {
            None => Simulator::of_scenario(&self.base),
            Some(experiment) => Simulator::of_arms(&self.base, experiment.arms.values())
                .at_points(plan.points.clone()),
        }
    }

    /// The runs under some seeds.
    pub fn plan(&self, seeds: Seeds) -> Plan {
        match &self.experiment {
            None => Plan::new(self.names.clone(), seeds),
            Some(experiment) => Plan::of(experiment, seeds),
        }
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
