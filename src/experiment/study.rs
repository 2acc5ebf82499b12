//! An experiment and its runs together: the game that was played, and which assumption moved what.

use crate::{
    analysis::{
        game::{self, GameFault, Player},
        interval,
        outcomes::Outcomes,
        sensitivity::{self, Driver, morris, sobol},
    },
    config::experiment::{Design, Experiment, Game},
    record::table::{Column, Table},
};

use super::design;

/// Metrics that sensitivity shows where the experiment names none.
const DEFAULT_METRICS: [&str; 4] = [
    "shortage_peak_pct",
    "resilience_loss",
    "consumer_loss_usd",
    "china_share_separation",
];

/// The players of a game as the analysis knows them.
#[must_use]
pub fn players(game: &Game) -> Vec<Player> {
    let wants = |name: &str| {
        let weights = game.payoffs.get(name).into_iter().flatten();
        weights
            .map(|(metric, weight)| (metric.clone(), *weight))
            .collect()
    };
    let player = |(name, strategies): (&String, &indexmap::IndexMap<String, _>)| Player {
        name: name.clone(),
        strategies: strategies.keys().cloned().collect(),
        payoff: wants(name),
    };
    game.players.iter().map(player).collect()
}

/// The game of an experiment, with the payoffs of its runs; `None` if it is none.
///
/// # Errors
/// If a profile or a metric is missing, or no seed has all profiles.
pub fn play(experiment: &Experiment, outcomes: &Outcomes) -> Option<Result<game::Game, GameFault>> {
    let game = experiment.game.as_ref()?;
    Some(game::play(outcomes, players(game)))
}

/// The metrics that sensitivity shows: those of the experiment that the runs have, else a short list.
#[must_use]
pub fn metrics(experiment: &Experiment, runs: &Table) -> Vec<String> {
    let named = experiment.metrics.iter().cloned();
    let default = DEFAULT_METRICS.iter().map(|name| (*name).to_owned());
    let wanted: Vec<String> = if experiment.metrics.is_empty() {
        default.collect()
    } else {
        named.collect()
    };
    let has = |name: &String| matches!(runs.get(name), Some(Column::F64(_)));
    wanted.into_iter().filter(has).collect()
}

/// What each varied number does to each metric in one arm. Nothing if nothing is varied.
#[must_use]
pub fn drivers(
    experiment: &Experiment,
    outcomes: &Outcomes,
    arm: usize,
    metrics: &[String],
) -> Vec<Driver> {
    let points = design::Points::of(experiment);
    let mut all = Vec::new();
    for metric in metrics {
        let Some(values) = outcomes.values(arm, metric) else {
            continue;
        };
        let defined: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
        let by_point = mean_by_point(outcomes, &values, points.len());
        let measured = measure(experiment, &points, &by_point);
        for (k, path) in points.paths.iter().enumerate() {
            let assumption: Vec<f64> = outcomes
                .blocks()
                .iter()
                .map(|block| {
                    points
                        .values
                        .get(block.point as usize)
                        .map_or(f64::NAN, |row| row[k])
                })
                .collect();
            // paths that move together are one factor, whose name is the first path's key
            let factor = factor_of(experiment, path);
            let of_factor = factor.and_then(|factor| measured.get(factor)).copied();
            all.push(Driver {
                metric: metric.clone(),
                path: path.clone(),
                swing: sensitivity::swing::swing(outcomes.blocks(), &assumption, &values),
                mean: interval::mean(&defined),
                measured: of_factor,
                runs: defined.len(),
            });
        }
    }
    all
}

/// Position of the factor that sets a path.
fn factor_of(experiment: &Experiment, path: &str) -> Option<usize> {
    let factors = experiment.factors();
    factors
        .iter()
        .position(|factor| factor.targets.iter().any(|(target, _)| target == path))
}

/// Mean over seeds at each point; NaN where no run was completed.
fn mean_by_point(outcomes: &Outcomes, values: &[f64], points: usize) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0); points];
    for (block, value) in outcomes.blocks().iter().zip(values) {
        if let Some(sum) = sums
            .get_mut(block.point as usize)
            .filter(|_| value.is_finite())
        {
            *sum = (sum.0 + value, sum.1 + 1.0);
        }
    }
    sums.iter().map(|(sum, count)| sum / count).collect()
}

/// Indices or elementary effects of each factor, if the design was laid out for them.
fn measure(
    experiment: &Experiment,
    points: &design::Points,
    results: &[f64],
) -> Vec<sensitivity::Of> {
    match &experiment.design {
        Some(Design::Morris { .. }) => {
            let effects = morris::effects(&points.unit, results);
            let of = |effect: morris::Effect| sensitivity::Of {
                method: sensitivity::Method::Morris,
                first: effect.size,
                total: effect.deviation,
                mean: Some(effect.mean),
                n: effect.n,
            };
            effects.into_iter().map(of).collect()
        }
        Some(Design::Saltelli(_)) => {
            let factors = points.factors.len();
            let n = results
                .chunks_exact(factors + 2)
                .filter(|sample| sample.iter().all(|value| value.is_finite()))
                .count();
            let indices = sobol::indices(factors, results);
            let of = |index: sobol::Indices| sensitivity::Of {
                method: sensitivity::Method::Sobol,
                first: index.first,
                total: index.total,
                mean: None,
                n,
            };
            indices.into_iter().map(of).collect()
        }
        _ => Vec::new(),
    }
}
