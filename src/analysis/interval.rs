//! Means, quantiles and confidence intervals of samples.

use super::outcomes::Block;
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};
use std::collections::BTreeMap;

/// Mean; NaN if there is nothing.
#[must_use]
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Standard deviation of the sample (divisor n - 1); NaN below two values.
#[must_use]
pub fn standard_deviation(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return f64::NAN;
    }
    let mean = mean(values);
    let squares: f64 = values
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .sum();
    (squares / (values.len() - 1) as f64).sqrt()
}

/// Root mean square; NaN if there is nothing.
#[must_use]
pub fn root_mean_square(values: &[f64]) -> f64 {
    let squares: f64 = values.iter().map(|value| value * value).sum();
    (squares / values.len() as f64).sqrt()
}

/// Quantile by linear interpolation between order statistics (type 7 of Hyndman and Fan 1996, the default of R and
/// numpy). `sorted` is ascending; NaN if it is empty.
#[must_use]
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let place = share.clamp(0.0, 1.0) * last as f64;
    let below = (place.floor() as usize).min(last);
    let above = (below + 1).min(last);
    sorted[below] + (sorted[above] - sorted[below]) * (place - below as f64)
}

/// A mean with what is known of its accuracy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Values.
    pub n: usize,
    /// Mean.
    pub mean: f64,
    /// Standard error of the mean; NaN below two values.
    pub standard_error: f64,
    /// Degrees of freedom of the interval; NaN below two values.
    pub freedom: f64,
    /// Ends of the 95% interval of Student's t; NaN below two values.
    pub interval: (f64, f64),
}

impl Estimate {
    /// The mean of a sample of independent values with its 95% interval.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let (n, mean) = (values.len(), mean(values));
        let standard_error = standard_deviation(values) / (n as f64).sqrt();
        let freedom = if n > 1 { (n - 1) as f64 } else { f64::NAN };
        Self::with(n, mean, standard_error, freedom)
    }

    /// The mean of values that share design points and seeds.
    ///
    /// With one point, or one seed, the values are independent and this is [`Estimate::of`]. Where points and seeds cross, values of one
    /// point resemble each other and so do values of one seed: the variance of the mean is that of a two-way layout with random rows and
    /// columns, (MS of points + MS of seeds - MS of the rest) / n, and at least the larger of the two alone less the rest; its degrees of
    /// freedom are Satterthwaite's (1946). With missing cells the mean squares are those of the cells there are, an approximation.
    ///
    /// # Panics
    /// If there are not as many blocks as values.
    #[must_use]
    pub fn crossed(blocks: &[Block], values: &[f64]) -> Self {
        assert_eq!(blocks.len(), values.len(), "a block for each value");
        let (points, seeds) = (
            groups(blocks, values, |block| block.point),
            groups(blocks, values, |block| block.seed),
        );
        if points.len() < 2 || seeds.len() < 2 {
            return Self::of(values);
        }
        let (n, mean) = (values.len() as f64, mean(values));
        let between = |groups: &BTreeMap<u32, (f64, f64)>| {
            let squares = groups
                .values()
                .map(|(sum, count)| count * (sum / count - mean) * (sum / count - mean));
            let freedom = (groups.len() - 1) as f64;
            (squares.sum::<f64>() / freedom, freedom)
        };
        let (of_points, of_seeds) = (between(&points), between(&seeds));
        let rest: f64 = blocks
            .iter()
            .zip(values)
            .map(|(block, value)| {
                let (point, seed) = (points[&block.point], seeds[&block.seed]);
                let left = value - point.0 / point.1 - seed.0 / seed.1 + mean;
                left * left
            })
            .sum();
        let freedom_of_rest = (n - of_points.1 - of_seeds.1 - 1.0).max(1.0);
        let of_rest = rest / freedom_of_rest;
        let sum = of_points.0 + of_seeds.0 - of_rest;
        let (square, freedom) = if sum > of_points.0.max(of_seeds.0) {
            let share = |(square, freedom): (f64, f64)| square * square / freedom;
            let parts = share(of_points) + share(of_seeds) + share((of_rest, freedom_of_rest));
            (sum, (sum * sum / parts).max(1.0))
        } else if of_points.0 >= of_seeds.0 {
            of_points
        } else {
            of_seeds
        };
        let freedom = if square > 0.0 {
            freedom
        } else {
            of_points.1.min(of_seeds.1)
        };
        Self::with(values.len(), mean, (square / n).sqrt(), freedom)
    }

    fn with(n: usize, mean: f64, standard_error: f64, freedom: f64) -> Self {
        let half = standard_error * student(0.975, freedom);
        Self {
            n,
            mean,
            standard_error,
            freedom,
            interval: (mean - half, mean + half),
        }
    }

    /// Whether the interval excludes zero.
    #[must_use]
    pub fn clear(&self) -> bool {
        self.interval.0 > 0.0 || self.interval.1 < 0.0
    }
}

/// Sum and count of the values by a key of their blocks.
fn groups(
    blocks: &[Block],
    values: &[f64],
    key: impl Fn(&Block) -> u32,
) -> BTreeMap<u32, (f64, f64)> {
    let mut groups = BTreeMap::new();
    for (block, value) in blocks.iter().zip(values) {
        let group: &mut (f64, f64) = groups.entry(key(block)).or_default();
        *group = (group.0 + value, group.1 + 1.0);
    }
    groups
}

/// Quantile of Student's t; NaN unless the degrees of freedom are positive. Beyond a hundred thousand of them it is the normal one.
#[must_use]
pub fn student(share: f64, freedom: f64) -> f64 {
    if freedom > 1e5 {
        Normal::standard().inverse_cdf(share)
    } else if freedom > 0.0 {
        StudentsT::new(0.0, 1.0, freedom).map_or(f64::NAN, |t| t.inverse_cdf(share))
    } else {
        f64::NAN
    }
}

/// Wilson's 95% interval of a share seen as `hits` of `n`; the whole of 0 to 1 if there is nothing.
#[must_use]
pub fn wilson(hits: f64, n: usize) -> (f64, f64) {
    if n == 0 {
        return (0.0, 1.0);
    }
    const Z: f64 = 1.959_963_984_540_054;
    let n = n as f64;
    let (share, weight) = (hits / n, Z * Z / n);
    let centre = (share + weight / 2.0) / (1.0 + weight);
    let half = (Z / (1.0 + weight)) * (share * (1.0 - share) / n + weight / (4.0 * n)).sqrt();
    ((centre - half).max(0.0), (centre + half).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_numpy() {
        let values = [1.0, 2.0, 3.0, 4.0];
        for (share, expected) in [(0.0, 1.0), (0.25, 1.75), (0.5, 2.5), (1.0, 4.0)] {
            assert_eq!(quantile(&values, share), expected);
        }
        assert!(quantile(&[], 0.5).is_nan());
        assert_eq!(quantile(&[7.0], 0.05), 7.0);
    }

    #[test]
    fn the_interval_is_students() {
        // R: t.test(c(1, 2, 3, 4, 5))$conf.int is 1.036757 to 4.963243
        let estimate = Estimate::of(&[1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(estimate.mean, 3.0);
        assert!(
            (estimate.interval.0 - 1.036_757).abs() < 1e-6,
            "{estimate:?}"
        );
        assert!(estimate.clear());
        assert!(Estimate::of(&[1.0]).interval.0.is_nan() && !Estimate::of(&[1.0]).clear());
        assert!(!Estimate::of(&[-1.0, 1.0]).clear());
    }

    #[test]
    fn shares_have_wilsons_interval() {
        // R: prop.test(8, 10, correct = FALSE)$conf.int is 0.4901625 to 0.9433178
        let (low, high) = wilson(8.0, 10);
        assert!((low - 0.490_162_5).abs() < 1e-6 && (high - 0.943_317_8).abs() < 1e-6);
        assert_eq!(wilson(0.0, 0), (0.0, 1.0));
        assert_eq!(wilson(5.0, 5).1, 1.0);
    }

    fn layout(points: u32, seeds: u32, value: impl Fn(u32, u32) -> f64) -> Estimate {
        let cells = (0..points).flat_map(|point| (0..seeds).map(move |seed| Block { point, seed }));
        let blocks: Vec<Block> = cells.collect();
        let values: Vec<f64> = blocks.iter().map(|b| value(b.point, b.seed)).collect();
        Estimate::crossed(&blocks, &values)
    }

    #[test]
    fn one_point_is_an_ordinary_sample_and_crossed_designs_are_no_larger_than_their_points() {
        let square = |k: u32| f64::from(k * k);
        assert_eq!(
            layout(1, 4, |_, seed| square(seed)),
            Estimate::of(&[0.0, 1.0, 4.0, 9.0])
        );
        assert_eq!(
            layout(4, 1, |point, _| square(point)),
            Estimate::of(&[0.0, 1.0, 4.0, 9.0])
        );
        // all that varies is the point: fifty seeds tell no more than one
        let crossed = layout(4, 50, |point, _| square(point));
        let alone = Estimate::of(&[0.0, 1.0, 4.0, 9.0]);
        assert!(
            (crossed.standard_error - alone.standard_error).abs() < 1e-9,
            "{crossed:?}"
        );
        assert!(
            crossed.freedom >= 3.0 && crossed.freedom < 3.1,
            "{crossed:?}"
        );
        let none = layout(3, 3, |_, _| 2.0);
        assert_eq!(
            (none.mean, none.standard_error, none.interval),
            (2.0, 0.0, (2.0, 2.0))
        );
    }
}
