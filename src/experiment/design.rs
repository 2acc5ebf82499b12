//! Where the numbers of a design are tried: points of the unit cube, and the values that they stand for.
//!
//! Points depend on the design and the names of its factors alone, never on the scenario, the arms or the seeds.

use crate::{
    config::experiment::{Design, Experiment, Factor, PointsWritten},
    engine::rng::{Purpose, stream, uniform},
};
use rand_chacha::ChaCha8Rng;

/// The points of an experiment and the values of what is varied.
#[derive(Debug, Clone, PartialEq)]
pub struct Points {
    /// Names of the factors, in the order of [`Points::unit`]; empty where points are written out.
    pub factors: Vec<String>,
    /// Each point as a place in the unit cube: of each factor the share of its distribution that lies below.
    pub unit: Vec<Vec<f64>>,
    /// What is varied, by path: the columns of `runs.parquet`.
    pub paths: Vec<String>,
    /// The values of each path, point by point.
    pub values: Vec<Vec<f64>>,
}

impl Points {
    /// One point at which nothing is varied.
    #[must_use]
    pub fn one() -> Self {
        Self {
            factors: Vec::new(),
            unit: Vec::new(),
            paths: Vec::new(),
            values: vec![Vec::new()],
        }
    }

    /// The points of an experiment.
    #[must_use]
    pub fn of(experiment: &Experiment) -> Self {
        match &experiment.design {
            None => Self::one(),
            Some(Design::Points(PointsWritten::Table(table))) => {
                let length = table.values().next().map_or(0, Vec::len);
                let row = |point| table.values().map(move |values| values[point]).collect();
                Self {
                    factors: Vec::new(),
                    unit: Vec::new(),
                    paths: table.keys().cloned().collect(),
                    values: (0..length).map(row).collect(),
                }
            }
            Some(design) => Self::laid_out(design, &experiment.factors()),
        }
    }

    fn laid_out(design: &Design, factors: &[Factor]) -> Self {
        Self::at(factors, unit(design, factors))
    }

    /// Places in the unit cube of some factors; of none, one point at which nothing is varied.
    #[must_use]
    pub fn at(factors: &[Factor], unit: Vec<Vec<f64>>) -> Self {
        let value = |point: &Vec<f64>| {
            let values = factors.iter().zip(point);
            values.flat_map(|(factor, &u)| factor.values(u)).collect()
        };
        let targets = factors.iter().flat_map(|factor| &factor.targets);
        Self {
            factors: factors.iter().map(|factor| factor.key.clone()).collect(),
            paths: targets.map(|(path, _)| path.clone()).collect(),
            values: unit.iter().map(value).collect(),
            unit,
        }
    }

    /// How many points there are; one at least.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are no points.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// The points of a design in the unit cube, in the order in which they are run.
///
/// - `Grid`: all combinations, the last factor changing fastest, both ends among the levels; a `Choice` has a level for each value.
/// - `LatinHypercube`: a random point in each of `n` strata of every factor; the strata of a factor are shuffled by a stream of its name.
/// - `Sobol`: scrambled after Owen (1998), one dimension for each factor in turn.
/// - `Morris`: trajectories one behind the other, each of `k + 1` points that differ in one factor from the last.
/// - `Saltelli`: for each base point the rows `A`, then `A` with the i-th factor of `B` for each factor in turn, then `B`.
#[must_use]
pub fn unit(design: &Design, factors: &[Factor]) -> Vec<Vec<f64>> {
    match design {
        Design::Grid { levels } => grid(*levels, factors),
        Design::LatinHypercube(points) => latin_hypercube(*points as usize, factors),
        Design::Sobol(points) => (0..*points).map(|i| sobol(i, 0, factors.len())).collect(),
        Design::Morris {
            trajectories,
            levels,
        } => morris(*trajectories, *levels, factors.len()),
        Design::Saltelli(base) => (0..*base)
            .flat_map(|i| {
                saltelli(
                    &sobol(i, 0, factors.len()),
                    &sobol(i, factors.len(), factors.len()),
                )
            })
            .collect(),
        Design::Points(_) => Vec::new(),
    }
}

fn grid(levels: u32, factors: &[Factor]) -> Vec<Vec<f64>> {
    let level = |factor: &Factor| -> Vec<f64> {
        match factor.choices() {
            Some(count) => (0..count)
                .map(|i| (i as f64 + 0.5) / count as f64)
                .collect(),
            None => (0..levels)
                .map(|i| f64::from(i) / f64::from(levels - 1))
                .collect(),
        }
    };
    factors
        .iter()
        .map(level)
        .fold(vec![Vec::new()], |all, levels| {
            all.iter()
                .flat_map(|start| {
                    let last = levels.iter();
                    last.map(move |level| [start.as_slice(), &[*level]].concat())
                })
                .collect()
        })
}

fn latin_hypercube(points: usize, factors: &[Factor]) -> Vec<Vec<f64>> {
    let mut unit = vec![Vec::with_capacity(factors.len()); points];
    for factor in factors {
        let mut stream = stream(0, Purpose::Design, &factor.key);
        let mut strata: Vec<usize> = (0..points).collect();
        shuffle(&mut strata, &mut stream);
        for (point, stratum) in unit.iter_mut().zip(strata) {
            point.push((stratum as f64 + uniform(&mut stream)) / points as f64);
        }
    }
    unit
}

/// Puts a list into random order (Fisher and Yates).
fn shuffle(list: &mut [usize], stream: &mut ChaCha8Rng) {
    for last in (1..list.len()).rev() {
        list.swap(last, below(last + 1, stream));
    }
}

/// A whole number below a limit, all alike.
fn below(limit: usize, stream: &mut ChaCha8Rng) -> usize {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share below 1 of the limit"
    )]
    let number = (uniform(stream) * limit as f64) as usize;
    number.min(limit - 1)
}

/// The `i`-th point of the scrambled Sobol sequence in some of its dimensions.
fn sobol(i: u32, first: usize, dimensions: usize) -> Vec<f64> {
    let most = sobol_burley::NUM_DIMENSIONS;
    (0u32..)
        .skip(first)
        .take(dimensions)
        .map(|dimension| f64::from(sobol_burley::sample(i, dimension % most, 0)))
        .collect()
}

fn morris(trajectories: u32, levels: u32, factors: usize) -> Vec<Vec<f64>> {
    let step = f64::from(levels) / (2.0 * f64::from(levels - 1));
    let mut points = Vec::new();
    for trajectory in 0..trajectories {
        let mut stream = stream(0, Purpose::Design, &format!("trajectory {trajectory}"));
        let mut order: Vec<usize> = (0..factors).collect();
        shuffle(&mut order, &mut stream);
        let mut rises = Vec::with_capacity(factors);
        let mut point = Vec::with_capacity(factors);
        for _ in 0..factors {
            let low = below(levels as usize / 2, &mut stream) as f64 / f64::from(levels - 1);
            let up = uniform(&mut stream) < 0.5;
            rises.push(up);
            point.push(if up { low } else { (low + step).min(1.0) });
        }
        points.push(point.clone());
        for factor in order {
            let moved = point[factor] + if rises[factor] { step } else { -step };
            point[factor] = moved.clamp(0.0, 1.0);
            points.push(point.clone());
        }
    }
    points
}

fn saltelli(a: &[f64], b: &[f64]) -> Vec<Vec<f64>> {
    let mut rows = vec![a.to_vec()];
    for (factor, other) in b.iter().enumerate() {
        let mut mixed = a.to_vec();
        mixed[factor] = *other;
        rows.push(mixed);
    }
    rows.push(b.to_vec());
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Distribution;

    fn factors(names: &[&str]) -> Vec<Factor> {
        let factor = |name: &&str| Factor {
            key: (*name).to_owned(),
            targets: vec![((*name).to_owned(), Distribution::Uniform(10.0, 20.0))],
        };
        names.iter().map(factor).collect()
    }

    #[test]
    fn a_grid_has_every_combination_of_levels_and_choices() {
        let mut two = factors(&["a", "b"]);
        two[1].targets[0].1 = Distribution::Choice(vec![1.0, 5.0, 7.0]);
        let points = Points::laid_out(&Design::Grid { levels: 2 }, &two);
        assert_eq!(points.paths, ["a", "b"]);
        let expected = [
            [10.0, 1.0],
            [10.0, 5.0],
            [10.0, 7.0],
            [20.0, 1.0],
            [20.0, 5.0],
            [20.0, 7.0],
        ];
        assert_eq!(points.values, expected.map(|row| row.to_vec()));
        assert_eq!(Design::Grid { levels: 2 }.points(&two), 6);
    }

    #[test]
    fn a_latin_hypercube_has_one_point_in_each_stratum_and_columns_of_their_own() {
        let both = unit(&Design::LatinHypercube(16), &factors(&["a", "b"]));
        for factor in 0..2 {
            let mut strata: Vec<i64> = both
                .iter()
                .map(|p| (p[factor] * 16.0).floor() as i64)
                .collect();
            strata.sort_unstable();
            assert_eq!(strata, (0..16).collect::<Vec<_>>());
        }
        assert!(
            both.iter()
                .any(|p| (p[0] * 16.0).floor() != (p[1] * 16.0).floor())
        );
        let alone = unit(&Design::LatinHypercube(16), &factors(&["b"]));
        let column: Vec<f64> = both.iter().map(|p| p[1]).collect();
        assert_eq!(alone.concat(), column, "another factor moves nothing");
    }

    #[test]
    fn a_sobol_sequence_fills_the_square_more_evenly_than_chance() {
        let points = unit(&Design::Sobol(256), &factors(&["a", "b"]));
        // Every one of 16 x 16 boxes of a (0, m, 2)-net in base 2 holds exactly one of its 256 points.
        let mut boxes = vec![0; 256];
        for p in &points {
            boxes[(p[0] * 16.0) as usize * 16 + (p[1] * 16.0) as usize] += 1;
        }
        assert!(boxes.iter().all(|&count| count == 1), "{boxes:?}");
    }

    #[test]
    fn a_morris_trajectory_changes_each_factor_once_by_the_step() {
        let design = Design::Morris {
            trajectories: 12,
            levels: 4,
        };
        let three = factors(&["a", "b", "c"]);
        let points = unit(&design, &three);
        assert_eq!(points.len(), design.points(&three));
        let mut rose = 0;
        for trajectory in points.chunks(4) {
            let mut changed = Vec::new();
            for pair in trajectory.windows(2) {
                let moved: Vec<usize> = (0..3).filter(|&i| pair[0][i] != pair[1][i]).collect();
                let &[factor] = moved.as_slice() else {
                    panic!("{moved:?} moved")
                };
                let step = pair[1][factor] - pair[0][factor];
                assert!((step.abs() - 2.0 / 3.0).abs() < 1e-12, "{step}");
                rose += usize::from(step > 0.0);
                changed.push(factor);
            }
            changed.sort_unstable();
            assert_eq!(changed, [0, 1, 2]);
            let levels = trajectory.iter().flatten().map(|u| u * 3.0);
            assert!(
                levels
                    .into_iter()
                    .all(|level| (level - level.round()).abs() < 1e-9)
            );
        }
        assert!((6..30).contains(&rose), "{rose} of 36 steps rise");
    }

    #[test]
    fn saltelli_mixes_one_column_at_a_time() {
        let design = Design::Saltelli(8);
        let two = factors(&["a", "b"]);
        let points = unit(&design, &two);
        assert_eq!(points.len(), design.points(&two));
        for rows in points.chunks(4) {
            let [a, with_first, with_second, b] = rows else {
                panic!("four rows")
            };
            assert_eq!(with_first, &vec![b[0], a[1]]);
            assert_eq!(with_second, &vec![a[0], b[1]]);
            assert!(a[0] != b[0] && a[1] != b[1]);
        }
    }

    #[test]
    fn the_ends_of_every_distribution_are_within_it() {
        for (distribution, low, high) in [
            (Distribution::Uniform(1.0, 3.0), 1.0, 3.0),
            (Distribution::LogUniform(1.0, 3.0), 1.0, 3.0),
            (Distribution::Triangular(1.0, 2.0, 3.0), 1.0, 3.0),
            (Distribution::Normal(2.0, 1.0, 1.0, 3.0), 1.0, 3.0),
            (Distribution::Choice(vec![1.0, 3.0]), 1.0, 3.0),
        ] {
            let ends = [distribution.quantile(0.0), distribution.quantile(1.0)];
            assert!(
                (ends[0] - low).abs() < 1e-9 && (ends[1] - high).abs() < 1e-9,
                "{ends:?}"
            );
        }
    }
}
