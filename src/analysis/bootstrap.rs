//! Bootstrap intervals: statistics of a sample drawn again from itself, with a generator of fixed key, so that the same data
//! give the same interval.

use super::interval::quantile;
use rand::Rng;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use statrs::distribution::{ContinuousCDF, Normal};

/// Samples drawn for an interval.
pub const DRAWS: usize = 2_000;

/// Samples of `n` positions drawn with replacement from `n`; `what` names the question, so that two questions do not share draws.
pub fn resamples(n: usize, draws: usize, what: &str) -> impl Iterator<Item = Vec<usize>> {
    let mut stream = ChaCha8Rng::from_seed(*blake3::hash(what.as_bytes()).as_bytes());
    (0..draws).map(move |_| (0..n).map(|_| below(&mut stream, n)).collect())
}

/// A whole number below `n`, by multiplication (Lemire 2019); its bias is below n / 2^64.
fn below(stream: &mut ChaCha8Rng, n: usize) -> usize {
    ((u128::from(stream.next_u64()) * n as u128) >> 64) as usize
}

/// Ends of the bias-corrected and accelerated 95% interval (Efron 1987) of a statistic of positions 0..n.
///
/// `None` below three values, or where the statistic is not defined in one draw in twenty or more. A statistic that never changes has
/// an interval of no width.
#[must_use]
pub fn accelerated(
    n: usize,
    what: &str,
    statistic: impl Fn(&[usize]) -> f64,
) -> Option<(f64, f64)> {
    if n < 3 {
        return None;
    }
    let all: Vec<usize> = (0..n).collect();
    let seen = statistic(&all);
    let mut drawn: Vec<f64> = resamples(n, DRAWS, what)
        .map(|sample| statistic(&sample))
        .filter(|value| value.is_finite())
        .collect();
    if !seen.is_finite() || drawn.len() * 20 < DRAWS * 19 {
        return None;
    }
    drawn.sort_unstable_by(f64::total_cmp);
    let below = drawn.iter().filter(|value| **value < seen).count() as f64;
    let equal = drawn.iter().filter(|value| **value == seen).count() as f64;
    let normal = Normal::standard();
    let share = (below + equal / 2.0) / drawn.len() as f64;
    let edge = 0.5 / drawn.len() as f64;
    let bias = normal.inverse_cdf(share.clamp(edge, 1.0 - edge));
    let without: Vec<f64> = (0..n)
        .map(|left_out| {
            let rest: Vec<usize> = all.iter().copied().filter(|&k| k != left_out).collect();
            statistic(&rest)
        })
        .filter(|value| value.is_finite())
        .collect();
    let mean = without.iter().sum::<f64>() / without.len().max(1) as f64;
    let power = |exponent: i32| {
        without
            .iter()
            .map(|value| (mean - value).powi(exponent))
            .sum::<f64>()
    };
    let spread = power(2);
    let acceleration = if spread > 0.0 {
        power(3) / (6.0 * spread.powf(1.5))
    } else {
        0.0
    };
    let end = |share: f64| {
        let z = bias + normal.inverse_cdf(share);
        let moved = normal.cdf(bias + z / (1.0 - acceleration * z));
        quantile(&drawn, moved)
    };
    Some((end(0.025), end(0.975)))
}

/// Ends of the percentile interval: the middle 95% of a statistic over samples drawn again. `None` as for [`accelerated`].
#[must_use]
pub fn percentile(
    n: usize,
    what: &str,
    draws: usize,
    statistic: impl Fn(&[usize]) -> f64,
) -> Option<(f64, f64)> {
    if n < 3 {
        return None;
    }
    let mut drawn: Vec<f64> = resamples(n, draws, what)
        .map(|sample| statistic(&sample))
        .filter(|value| value.is_finite())
        .collect();
    if drawn.len() * 20 < draws * 19 {
        return None;
    }
    drawn.sort_unstable_by(f64::total_cmp);
    Some((quantile(&drawn, 0.025), quantile(&drawn, 0.975)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::interval::{Estimate, mean};

    fn of(values: &[f64]) -> impl Fn(&[usize]) -> f64 + '_ {
        |sample| mean(&sample.iter().map(|&k| values[k]).collect::<Vec<_>>())
    }

    #[test]
    fn the_same_data_give_the_same_interval_and_another_question_other_draws() {
        let values: Vec<f64> = (0..40).map(|k| f64::from(k * k % 17)).collect();
        let interval = |what| accelerated(values.len(), what, of(&values)).unwrap();
        assert_eq!(interval("a"), interval("a"));
        assert_ne!(interval("a"), interval("b"));
        let normal = Estimate::of(&values).interval;
        let (low, high) = interval("a");
        assert!(
            (low - normal.0).abs() < 0.3 && (high - normal.1).abs() < 0.3,
            "{low} {high} {normal:?}"
        );
        let plain = percentile(values.len(), "a", DRAWS, of(&values)).unwrap();
        assert!((plain.0 - normal.0).abs() < 0.3 && (plain.1 - normal.1).abs() < 0.3);
    }

    #[test]
    fn a_skewed_sample_has_a_skewed_interval() {
        let values: Vec<f64> = (0..60)
            .map(|k| if k % 10 == 0 { 30.0 } else { 1.0 })
            .collect();
        let (low, high) = accelerated(values.len(), "skewed", of(&values)).unwrap();
        let middle = mean(&values);
        assert!(
            high - middle > 1.2 * (middle - low),
            "{low} {middle} {high}"
        );
    }

    #[test]
    fn what_is_not_defined_has_no_interval() {
        assert_eq!(accelerated(2, "few", |_| 1.0), None);
        assert_eq!(accelerated(9, "undefined", |_| f64::NAN), None);
        assert_eq!(accelerated(9, "constant", |_| 4.0), Some((4.0, 4.0)));
    }
}
