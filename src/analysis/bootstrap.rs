//! Bootstrap intervals: statistics of a sample drawn again from itself, with a generator of fixed key, so that the same data
//! give the same interval.

use super::interval::quantile;
use rand::Rng;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

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

/// Ends of the percentile interval: the middle 95% of a statistic over samples drawn again.
///
/// `None` below three values, or where the statistic is not defined in one draw in twenty or more. A statistic that never changes has an
/// interval of no width.
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
        let interval = |what| percentile(values.len(), what, DRAWS, of(&values)).unwrap();
        assert_eq!(interval("a"), interval("a"));
        assert_ne!(interval("a"), interval("b"));
        let normal = Estimate::of(&values).interval;
        let (low, high) = interval("a");
        assert!(
            (low - normal.0).abs() < 0.3 && (high - normal.1).abs() < 0.3,
            "{low} {high} {normal:?}"
        );
    }

    #[test]
    fn what_is_not_defined_has_no_interval() {
        assert_eq!(percentile(2, "few", 99, |_| 1.0), None);
        assert_eq!(percentile(9, "undefined", 99, |_| f64::NAN), None);
        assert_eq!(percentile(9, "constant", 99, |_| 4.0), Some((4.0, 4.0)));
    }
}
