//! Means, quantiles and confidence intervals of samples.

use statrs::distribution::{ContinuousCDF, StudentsT};

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
    /// Ends of the 95% interval of Student's t; NaN below two values.
    pub interval: (f64, f64),
}

impl Estimate {
    /// The mean of a sample with its 95% interval.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let (n, mean) = (values.len(), mean(values));
        let standard_error = standard_deviation(values) / (n as f64).sqrt();
        let half = standard_error * t_975(n);
        Self {
            n,
            mean,
            standard_error,
            interval: (mean - half, mean + half),
        }
    }

    /// Whether the interval excludes zero.
    #[must_use]
    pub fn clear(&self) -> bool {
        self.interval.0 > 0.0 || self.interval.1 < 0.0
    }
}

/// The 97.5% point of Student's t for a sample of `n`; NaN below two.
fn t_975(n: usize) -> f64 {
    n.checked_sub(1)
        .filter(|&freedom| freedom > 0)
        .and_then(|freedom| StudentsT::new(0.0, 1.0, freedom as f64).ok())
        .map_or(f64::NAN, |t| t.inverse_cdf(0.975))
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
}
