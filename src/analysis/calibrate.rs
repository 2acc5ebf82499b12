//! Fitting numbers to what was reported: approximate Bayesian computation in waves.
//!
//! A wave tries points of the unit cube (shares of each number's prior), keeps those whose runs come nearest to the training rows, and the
//! next wave looks around them: each new point is a kept one, moved by a normal kernel of twice their variance and weighted so that
//! the prior is not counted twice (Beaumont, Cornuet, Marin and Robert 2009, Biometrika 96). What is kept of the last wave
//! are the posterior ranges. A number whose range hardly narrows is one that these data do not tell.

use super::{
    hindcast::{Held, Reported, ReportedFault, reported},
    interval::root_mean_square,
};
use crate::domain::maths::{exp, normal_cdf};
use crate::engine::rng::{Purpose, normal, stream, uniform};

/// Standardised error beyond which nothing is worse, so that a single row does not rule a fit; that of a figure for which no run has an answer,
/// such as a mine that never opened.
const FAR_OFF: f64 = 3.0;
/// Standard deviation of a number under its prior, as a share of that prior.
const PRIOR_SD: f64 = 0.288_675_134_594_812_9;
/// Least standard deviation of the kernel that moves points.
const LEAST_SD: f64 = 0.01;
/// Draws of the kernel before a point is set to the edge of the cube.
const TRIES: usize = 100;

/// Reported figures that may be fitted: test rows are taken out before a figure is read, so that nothing here can see one.
#[derive(Debug, Clone, PartialEq)]
pub struct Training(Vec<Reported>);

impl Training {
    /// The training rows of a table of reported figures, of the series that are fitted.
    ///
    /// # Errors
    /// If the table has no column `set` or a training row cannot be read.
    pub fn read(text: &str, series: impl Fn(&str) -> bool) -> Result<Self, ReportedFault> {
        let mut reader = csv::ReaderBuilder::new()
            .comment(Some(b'#'))
            .from_reader(text.as_bytes());
        let header = reader.headers()?.clone();
        let column = header
            .iter()
            .position(|name| name == "set")
            .ok_or(ReportedFault::NoColumn("set"))?;
        let mut kept = csv::Writer::from_writer(Vec::new());
        kept.write_record(&header)?;
        for record in reader.records() {
            let record = record?;
            if record.get(column) == Some("train") {
                kept.write_record(&record)?;
            }
        }
        let kept = kept.into_inner().unwrap_or_default();
        let mut rows = reported(&String::from_utf8_lossy(&kept))?;
        rows.retain(|row| series(&row.series));
        Ok(Self(rows))
    }

    /// The rows.
    #[must_use]
    pub fn rows(&self) -> &[Reported] {
        &self.0
    }
}

/// How far runs are from what was reported.
#[derive(Debug, Clone, PartialEq)]
pub struct Distance {
    /// Root mean square over the series.
    pub total: f64,
    /// Root mean square of the standardised errors of each target, in the order of the targets; NaN without rows.
    pub by_series: Vec<f64>,
}

impl Distance {
    /// The distance of runs that failed.
    #[must_use]
    pub fn failed(series: usize) -> Self {
        Self {
            total: f64::INFINITY,
            by_series: vec![f64::NAN; series],
        }
    }

    /// The distance of the runs' medians from the rows; every series counts alike, whatever its number of rows.
    #[must_use]
    pub fn of<'a>(held: &[Held], targets: impl Iterator<Item = (&'a str, f64)>) -> Self {
        let by_series: Vec<f64> = targets
            .map(|(series, spread)| {
                let errors: Vec<f64> = held
                    .iter()
                    .filter(|held| held.reported.series == series)
                    .map(|held| held.error() / spread)
                    .map(|error| {
                        if error.is_nan() {
                            FAR_OFF
                        } else {
                            error.clamp(-FAR_OFF, FAR_OFF)
                        }
                    })
                    .collect();
                root_mean_square(&errors)
            })
            .collect();
        let told: Vec<f64> = by_series
            .iter()
            .copied()
            .filter(|error| !error.is_nan())
            .collect();
        let total = root_mean_square(&told);
        Self { total, by_series }
    }
}

/// The nearest share of a wave that came to an end, at least two: positions in ascending order of distance, then of position.
#[must_use]
pub fn nearest(distances: &[f64], share: f64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..distances.len())
        .filter(|&i| distances[i].is_finite())
        .collect();
    order.sort_by(|&a, &b| distances[a].total_cmp(&distances[b]).then(a.cmp(&b)));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a list is a length"
    )]
    let kept = (share * distances.len() as f64).ceil() as usize;
    order.truncate(kept.max(2));
    order
}

/// What is kept of a wave.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Kept {
    /// Points of the unit cube.
    pub points: Vec<Vec<f64>>,
    /// Their weights, which sum to one.
    pub weights: Vec<f64>,
}

impl Kept {
    /// Points of a wave, weighted: alike in the first, else by the prior over the density from which they were drawn.
    #[must_use]
    pub fn new(points: Vec<Vec<f64>>, parents: Option<&Self>) -> Self {
        let mut weights: Vec<f64> = match parents {
            None => vec![1.0; points.len()],
            Some(parents) => points
                .iter()
                .map(|point| 1.0 / parents.density(point).max(f64::MIN_POSITIVE))
                .collect(),
        };
        let sum: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= sum);
        Self { points, weights }
    }

    fn dimensions(&self) -> usize {
        self.points.first().map_or(0, Vec::len)
    }

    /// Weighted mean and standard deviation of a number, as shares of its prior.
    #[must_use]
    pub fn moments(&self, number: usize) -> (f64, f64) {
        let of = |value: &dyn Fn(f64) -> f64| -> f64 {
            let pairs = self.points.iter().zip(&self.weights);
            pairs.map(|(point, w)| w * value(point[number])).sum()
        };
        let mean = of(&|x| x);
        (mean, libm::sqrt(of(&|x| (x - mean) * (x - mean))))
    }

    /// Standard deviations of the kernel: the points' own by the square root of two.
    fn kernel(&self) -> Vec<f64> {
        (0..self.dimensions())
            .map(|i| (std::f64::consts::SQRT_2 * self.moments(i).1).max(LEAST_SD))
            .collect()
    }

    /// Density with which the next wave would draw a point, up to a constant.
    fn density(&self, point: &[f64]) -> f64 {
        let kernel = self.kernel();
        let one = |parent: &[f64]| -> f64 {
            (0..point.len())
                .map(|i| {
                    let z = (point[i] - parent[i]) / kernel[i];
                    // What falls outside the cube is drawn again.
                    let inside = normal_cdf((1.0 - parent[i]) / kernel[i])
                        - normal_cdf(-parent[i] / kernel[i]);
                    exp(-0.5 * z * z) / (kernel[i] * inside)
                })
                .product()
        };
        let pairs = self.points.iter().zip(&self.weights);
        pairs.map(|(parent, w)| w * one(parent)).sum()
    }

    /// Points of the next wave. Each is a function of the wave and its position alone, besides what is kept.
    #[must_use]
    pub fn propose(&self, wave: u32, count: usize) -> Vec<Vec<f64>> {
        let kernel = self.kernel();
        let draw = |position: usize| {
            let mut draws = stream(
                0,
                Purpose::Design,
                &format!("calibration:{wave}:{position}"),
            );
            let parent = &self.points[self.pick(uniform(&mut draws))];
            let moved = parent.iter().zip(&kernel).map(|(&from, sd)| {
                (0..TRIES)
                    .map(|_| from + sd * normal(&mut draws))
                    .find(|x| (0.0..=1.0).contains(x))
                    .unwrap_or(from)
            });
            moved.collect()
        };
        (0..count).map(draw).collect()
    }

    fn pick(&self, u: f64) -> usize {
        let mut sum = 0.0;
        let found = self.weights.iter().position(|weight| {
            sum += weight;
            u < sum
        });
        found.unwrap_or(self.weights.len() - 1)
    }

    /// Value of a number below which a share `q` of the weight lies, as a share of its prior.
    #[must_use]
    pub fn quantile(&self, number: usize, q: f64) -> f64 {
        let mut order: Vec<usize> = (0..self.points.len()).collect();
        order.sort_by(|&a, &b| self.points[a][number].total_cmp(&self.points[b][number]));
        let mut sum = 0.0;
        for &i in &order {
            sum += self.weights[i];
            if sum >= q - 1e-12 {
                return self.points[i][number];
            }
        }
        order.last().map_or(f64::NAN, |&i| self.points[i][number])
    }

    /// Correlation of two numbers.
    #[must_use]
    pub fn correlation(&self, a: usize, b: usize) -> f64 {
        let ((mean_a, sd_a), (mean_b, sd_b)) = (self.moments(a), self.moments(b));
        let pairs = self.points.iter().zip(&self.weights);
        let together: f64 = pairs
            .map(|(point, w)| w * (point[a] - mean_a) * (point[b] - mean_b))
            .sum();
        together / (sd_a * sd_b).max(f64::MIN_POSITIVE)
    }

    /// By how much a number's range has narrowed: 0 not at all, 1 to a point.
    #[must_use]
    pub fn contraction(&self, number: usize) -> f64 {
        1.0 - self.moments(number).1 / PRIOR_SD
    }
}

/// What the data say of a number, in words.
#[must_use]
pub fn told(contraction: f64) -> &'static str {
    if contraction >= 0.5 {
        "told by the data"
    } else if contraction >= 0.2 {
        "weakly told"
    } else {
        "not told by the data"
    }
}

/// Correlation from which two numbers cannot be told apart.
pub const TRADED: f64 = 0.6;

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "series,date,region,commodity,reported,unit,basis,set,source,confidence\n\
        price_fob,2010,JP,la_oxide,20,USD/kg,nominal,train,x,high\n\
        price_fob,2021,JP,la_oxide,SECRET,USD/kg,nominal,test,x,high\n\
        exports,2011,CN,,1000,t,,train,x,high\n";

    #[test]
    fn test_rows_are_never_read() {
        // A test row that is no number would be an error if anybody read it.
        let all = Training::read(TABLE, |_| true).unwrap();
        assert_eq!(all.rows().len(), 2);
        let other = TABLE.replace("SECRET", "7").replace("2021", "2023");
        assert_eq!(Training::read(&other, |_| true).unwrap(), all);
        let fitted = Training::read(TABLE, |series| series == "exports").unwrap();
        assert_eq!(fitted.rows().len(), 1);
        assert!(Training::read("series,date\n", |_| true).is_err());
    }

    fn held(series: &str, reported: f64, runs: Vec<f64>) -> Held {
        Held {
            reported: Reported {
                series: series.into(),
                value: reported,
                ..Reported::default()
            },
            runs,
        }
    }

    #[test]
    fn series_count_alike_and_no_answer_is_far_off() {
        let rows = [
            held("price", 1.0, vec![exp(0.4)]),
            held("price", 2.0, vec![2.0 * exp(-0.4)]),
            held("opening", 2012.0, vec![2014.0]),
        ];
        let targets = [("price", 0.4), ("opening", 1.0)];
        let found = Distance::of(&rows, targets.into_iter());
        assert!((found.by_series[0] - 1.0).abs() < 1e-9 && (found.by_series[1] - 2.0).abs() < 1e-9);
        assert!((found.total - libm::sqrt(2.5)).abs() < 1e-9);
        let never = [held("opening", 2012.0, vec![])];
        assert_eq!(Distance::of(&never, targets.into_iter()).total, FAR_OFF);
        let nothing = [held("price", 5.0, vec![0.0])];
        assert_eq!(Distance::of(&nothing, targets.into_iter()).total, FAR_OFF);
    }

    #[test]
    fn waves_find_a_number_and_say_which_one_the_data_do_not_tell() {
        // The distance sees the first number and the sum of the next two, not the fourth.
        let distance =
            |p: &[f64]| root_mean_square(&[(p[0] - 0.3) / 0.1, (p[1] + p[2] - 1.0) / 0.1]);
        let mut points: Vec<Vec<f64>> = (0..200)
            .map(|i| {
                let mut draws = stream(1, Purpose::Design, &i.to_string());
                (0..4).map(|_| uniform(&mut draws)).collect()
            })
            .collect();
        let mut kept: Option<Kept> = None;
        for wave in 0..5 {
            let distances: Vec<f64> = points.iter().map(|p| distance(p)).collect();
            let near = nearest(&distances, 0.25);
            let next = Kept::new(
                near.iter().map(|&i| points[i].clone()).collect(),
                kept.as_ref(),
            );
            points = next.propose(wave + 1, 200);
            assert!(points.iter().flatten().all(|x| (0.0..=1.0).contains(x)));
            kept = Some(next);
        }
        let kept = kept.unwrap();
        assert!((kept.quantile(0, 0.5) - 0.3).abs() < 0.05);
        assert_eq!(told(kept.contraction(0)), "told by the data");
        assert!(kept.correlation(1, 2) < -TRADED);
        assert_eq!(told(kept.contraction(3)), "not told by the data");
    }

    #[test]
    fn runs_that_failed_are_not_kept() {
        assert_eq!(
            nearest(&[3.0, f64::INFINITY, 1.0, 2.0, f64::NAN], 0.4),
            [2, 3]
        );
    }
}
