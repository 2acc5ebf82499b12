//! The waves of a calibration: points run in parallel, each kept on disk as soon as it is done, so that an interrupted fit goes on.

use super::{design, design::Points, simulate::Simulator};
use crate::{
    analysis::{
        calibrate::{Distance, Kept, Training, nearest},
        hindcast::{Deflators, Held, simulated},
    },
    config::experiment::{Calibration, Design, Experiment, Factor},
    record::{RunRecord, table::Table, write},
};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

/// Tables from which reported series are read.
const READ: [&str; 3] = ["market", "trade", "project"];

/// What a fit needs.
pub struct Fit<'a> {
    /// The experiment whose varied numbers are fitted.
    pub experiment: &'a Experiment,
    /// How they are fitted.
    pub calibration: &'a Calibration,
    /// What they are fitted to.
    pub training: &'a Training,
    /// What turns nominal prices into those of the model.
    pub deflators: &'a Deflators,
    /// Seeds of every point.
    pub seeds: &'a [u32],
    /// Where finished points are kept.
    pub parts: &'a Path,
    /// Threads; 0: one per processor.
    pub jobs: usize,
    /// Set from outside to stop between points.
    pub stop: &'a AtomicBool,
    /// Told after each point, from any thread.
    pub progress: &'a (dyn Fn() + Sync),
}

/// Why a fit ended early.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The user asked for it.
    #[error("interrupted in wave {0}")]
    Interrupted(u32),
    /// A point could not be kept.
    #[error("{}: {error}", path.display())]
    Keep {
        /// Where.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// Too few points ran to the end to go on.
    #[error(
        "only {ended} of {all} points of wave {wave} ran to the end; the first that failed: {reason}"
    )]
    Failed {
        /// Wave.
        wave: u32,
        /// Points that ran to the end.
        ended: usize,
        /// All points.
        all: usize,
        /// Why one failed.
        reason: String,
    },
    /// No threads.
    #[error("cannot start threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// A point that was tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    /// Share of each number's prior that lies below.
    pub unit: Vec<f64>,
    /// How far its runs are from what was reported.
    pub distance: Distance,
    /// Why a run failed, if one did.
    pub failure: Option<String>,
    /// Weight among what is kept of its wave; 0 if it is not.
    pub weight: f64,
}

/// What came of a fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// What is fitted.
    pub factors: Vec<Factor>,
    /// Distance of the scenario as it stands.
    pub as_is: Distance,
    /// All points, wave by wave.
    pub waves: Vec<Vec<Tried>>,
    /// What is kept of the last wave.
    pub kept: Kept,
    /// The nearest point of all: wave and position.
    pub best: (usize, usize),
}

impl Fitted {
    /// The nearest point.
    #[must_use]
    pub fn nearest(&self) -> &Tried {
        &self.waves[self.best.0][self.best.1]
    }
}

/// Fits.
///
/// # Errors
/// If it was interrupted, a point cannot be kept, or hardly any point runs to the end.
pub fn fit(fit: &Fit<'_>) -> Result<Fitted, Stopped> {
    let factors = fit.experiment.factors();
    let design = fit.experiment.design.clone().unwrap_or(Design::Sobol(64));
    let mut points = design::unit(&design, &factors);
    let count = points.len();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(fit.jobs)
        .build()?;
    let as_is = pool.install(|| fit.wave(0, &[], vec![Vec::new()], "as_is"))?;
    let mut waves: Vec<Vec<Tried>> = Vec::new();
    let mut kept: Option<Kept> = None;
    for wave in 1..=fit.calibration.waves {
        let name = format!("wave_{wave:02}");
        let mut tried = pool.install(|| fit.wave(wave, &factors, points, &name))?;
        let distances: Vec<f64> = tried.iter().map(|one| one.distance.total).collect();
        let near = nearest(&distances, fit.calibration.keep);
        if near.len() < 2 {
            let reason = tried.iter().find_map(|one| one.failure.clone());
            return Err(Stopped::Failed {
                wave,
                ended: near.len(),
                all: count,
                reason: reason.unwrap_or_default(),
            });
        }
        let of = |&i: &usize| tried[i].unit.clone();
        let next = Kept::new(near.iter().map(of).collect(), kept.as_ref());
        for (&i, weight) in near.iter().zip(&next.weights) {
            tried[i].weight = *weight;
        }
        waves.push(tried);
        points = next.propose(wave + 1, count);
        kept = Some(next);
    }
    let best = waves
        .iter()
        .enumerate()
        .flat_map(|(w, wave)| wave.iter().enumerate().map(move |(i, one)| (w, i, one)))
        .min_by(|a, b| a.2.distance.total.total_cmp(&b.2.distance.total))
        .map_or((0, 0), |(w, i, _)| (w, i));
    Ok(Fitted {
        factors,
        as_is: as_is.into_iter().next().map_or_else(
            || Distance::failed(fit.calibration.targets.0.len()),
            |one| one.distance,
        ),
        waves,
        kept: kept.unwrap_or_default(),
        best,
    })
}

impl Fit<'_> {
    /// Tries all points of a wave that are not there yet.
    fn wave(
        &self,
        wave: u32,
        factors: &[Factor],
        unit: Vec<Vec<f64>>,
        name: &str,
    ) -> Result<Vec<Tried>, Stopped> {
        let folder = self.parts.join(name);
        let keep = |error, path: &Path| Stopped::Keep {
            path: path.to_owned(),
            error,
        };
        fs::create_dir_all(&folder).map_err(|error| keep(error, &folder))?;
        let points = Points::at(factors, unit.clone());
        let simulator = Simulator::of_scenario(&self.experiment.scenario).at_points(points);
        unit.into_par_iter()
            .enumerate()
            .map(|(position, unit)| {
                let path = folder.join(format!("{position:05}.json"));
                let part = match Part::read(&path) {
                    Some(part) => part,
                    None => {
                        if self.stop.load(Ordering::Relaxed) {
                            return Err(Stopped::Interrupted(wave));
                        }
                        let part = self.part(&simulator, position);
                        part.write(&path).map_err(|error| keep(error, &path))?;
                        part
                    }
                };
                (self.progress)();
                Ok(part.tried(unit))
            })
            .collect()
    }

    fn part(&self, simulator: &Simulator<'_>, position: usize) -> Part {
        let point = u32::try_from(position).unwrap_or(u32::MAX);
        let mut held: Vec<Held> = Vec::new();
        for &seed in self.seeds {
            let found = simulator
                .run_at(0, point, seed)
                .and_then(|record| self.held(&record));
            match found {
                Ok(own) if held.is_empty() => held = own,
                Ok(own) => {
                    for (all, own) in held.iter_mut().zip(own) {
                        all.runs.extend(own.runs);
                    }
                }
                Err(reason) => {
                    let distance = Distance::failed(self.calibration.targets.0.len());
                    return Part::of(&distance, Some(format!("seed {seed}: {reason}")));
                }
            }
        }
        let targets = self.calibration.targets.0.iter();
        let targets = targets.map(|(series, spread)| (series.as_str(), *spread));
        Part::of(&Distance::of(&held, targets), None)
    }

    /// What one run says about the training rows.
    fn held(&self, record: &RunRecord) -> Result<Vec<Held>, String> {
        let mut tables: Vec<Table> = record.tables(|name| READ.contains(&name));
        tables.iter_mut().for_each(|table| table.key_by_run(0));
        let table = |name: &str| {
            tables
                .iter()
                .find(|table| table.name() == name)
                .ok_or_else(|| format!("there is no table {name}"))
        };
        simulated(
            self.training.rows(),
            self.deflators,
            table("market")?,
            table("trade")?,
            table("project")?,
        )
        .map_err(|error| error.to_string())
    }
}

/// A finished point on disk; numbers as bits, since text might change them.
#[derive(Debug, Serialize, Deserialize)]
struct Part {
    total: u64,
    by_series: Vec<u64>,
    failure: Option<String>,
}

impl Part {
    fn of(distance: &Distance, failure: Option<String>) -> Self {
        Self {
            total: distance.total.to_bits(),
            by_series: distance.by_series.iter().map(|x| x.to_bits()).collect(),
            failure,
        }
    }

    fn read(path: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }

    fn write(&self, path: &Path) -> io::Result<()> {
        write::bytes(path, &serde_json::to_vec(self)?)
    }

    fn tried(self, unit: Vec<f64>) -> Tried {
        Tried {
            unit,
            distance: Distance {
                total: f64::from_bits(self.total),
                by_series: self.by_series.into_iter().map(f64::from_bits).collect(),
            },
            failure: self.failure,
            weight: 0.0,
        }
    }
}
