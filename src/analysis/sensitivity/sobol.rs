//! Shares of variance: first and total order indices of Sobol (1993).

use super::Measured;
use crate::analysis::{bootstrap, interval};

/// Samples drawn for the intervals of the indices.
const DRAWS: usize = 1_000;

/// The indices of one factor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Indices {
    /// Share of the variance that goes away if the factor is known: by itself.
    pub first: Measured,
    /// Share of the variance that is left if all others are known: by itself and together with others.
    pub total: Measured,
}

/// The indices of each factor, from results at Saltelli's points: for each of N base samples the point of A, the points AB(1) to AB(k), in
/// which one coordinate of A is that of B, and the point of B (`2 + factors` points, as SALib has them without second order).
///
/// First order after Saltelli et al. (2010), B (AB - A); total after Jansen (1999), (A - AB)^2 / 2; over the variance of A and B. Base
/// samples with an undefined result are left out. Intervals are percentile intervals over base samples drawn again. Empty if fewer than
/// three base samples are whole.
#[must_use]
pub fn indices(factors: usize, results: &[f64]) -> Vec<Indices> {
    let whole: Vec<&[f64]> = results
        .chunks_exact(factors + 2)
        .filter(|sample| sample.iter().all(|value| value.is_finite()))
        .collect();
    if whole.len() < 3 {
        return Vec::new();
    }
    // a constant taken away changes no index and steadies the estimate of the first order
    let ends: Vec<f64> = whole
        .iter()
        .flat_map(|sample| [sample[0], sample[factors + 1]])
        .collect();
    let centre = interval::mean(&ends);
    let samples: Vec<Vec<f64>> = whole
        .iter()
        .map(|sample| sample.iter().map(|value| value - centre).collect())
        .collect();
    (0..factors)
        .map(|factor| of_factor(factor, factors, &samples))
        .collect()
}

fn of_factor(factor: usize, factors: usize, samples: &[Vec<f64>]) -> Indices {
    let sums = |places: &[usize]| {
        let (mut first, mut total, mut sum, mut squares) = (0.0, 0.0, 0.0, 0.0);
        for &place in places {
            let sample = &samples[place];
            let (a, mixed, b) = (sample[0], sample[1 + factor], sample[factors + 1]);
            first += b * (mixed - a);
            total += (a - mixed) * (a - mixed) / 2.0;
            sum += a + b;
            squares += a * a + b * b;
        }
        let n = places.len() as f64;
        let mean = sum / (2.0 * n);
        let variance = squares / (2.0 * n) - mean * mean;
        (first / n / variance, total / n / variance)
    };
    let n = samples.len();
    let all: Vec<usize> = (0..n).collect();
    let (first, total) = sums(&all);
    let of = |what: &str, pick: fn((f64, f64)) -> f64, value: f64| Measured {
        value,
        interval: bootstrap::percentile(n, &format!("{what} {factor}"), DRAWS, |places| {
            pick(sums(places))
        }),
    };
    Indices {
        first: of("first order", |pair| pair.0, first),
        total: of("total order", |pair| pair.1, total),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::f64::consts::PI;

    /// The function of Ishigami and Homma (1990), a = 7, b = 0.1, of the unit cube.
    #[expect(
        clippy::disallowed_methods,
        reason = "a test of estimates to a few digits, on any platform"
    )]
    pub(crate) fn ishigami(x: &[f64]) -> f64 {
        let [x1, x2, x3] = [0, 1, 2].map(|k| -PI + 2.0 * PI * x[k]);
        x1.sin() + 7.0 * x2.sin().powi(2) + 0.1 * x3.powi(4) * x1.sin()
    }

    /// Sobol's g function with these coefficients.
    pub(crate) fn g(x: &[f64], a: &[f64]) -> f64 {
        x.iter()
            .zip(a)
            .map(|(x, a)| ((4.0 * x - 2.0).abs() + a) / (1.0 + a))
            .product()
    }

    /// Points of Kronecker's sequence of `2 k` dimensions, by roots of primes: evenly spread, good enough to hold indices against.
    fn saltelli(n: usize, factors: usize) -> Vec<Vec<f64>> {
        let primes = [
            2.0, 3.0, 5.0, 7.0, 11.0, 13.0, 17.0, 19.0, 23.0, 29.0, 31.0, 37.0f64,
        ];
        let mut points = Vec::new();
        for sample in 1..=n {
            let at = |d: usize| (sample as f64 * primes[d].sqrt()).fract();
            let a: Vec<f64> = (0..factors).map(at).collect();
            let b: Vec<f64> = (factors..2 * factors).map(at).collect();
            points.push(a.clone());
            for factor in 0..factors {
                let mut mixed = a.clone();
                mixed[factor] = b[factor];
                points.push(mixed);
            }
            points.push(b);
        }
        points
    }

    fn close(found: &Indices, first: f64, total: f64, tolerance: f64) {
        for (measured, truth) in [(found.first, first), (found.total, total)] {
            assert!(
                (measured.value - truth).abs() < tolerance,
                "{measured:?} {truth}"
            );
            let (low, high) = measured.interval.unwrap();
            assert!(
                low - 0.01 < truth && truth < high + 0.01,
                "{low} {truth} {high}"
            );
        }
    }

    #[test]
    fn ishigamis_indices_are_known() {
        let results: Vec<f64> = saltelli(2048, 3).iter().map(|x| ishigami(x)).collect();
        let found = indices(3, &results);
        // V = a^2/8 + b pi^4/5 + b^2 pi^8/18 + 1/2
        for (found, (first, total)) in
            found
                .iter()
                .zip([(0.3139, 0.5576), (0.4424, 0.4424), (0.0, 0.2437)])
        {
            close(found, first, total, 0.03);
        }
    }

    #[test]
    fn sobols_g_has_known_indices() {
        let a = [0.0, 1.0, 4.5, 9.0];
        let results: Vec<f64> = saltelli(4096, 4).iter().map(|x| g(x, &a)).collect();
        let found = indices(4, &results);
        let partial: Vec<f64> = a
            .iter()
            .map(|a| 1.0 / 3.0 / ((1.0 + a) * (1.0 + a)))
            .collect();
        let variance = partial.iter().map(|v| 1.0 + v).product::<f64>() - 1.0;
        for (factor, found) in found.iter().enumerate() {
            let others: f64 = (0..4)
                .filter(|k| *k != factor)
                .map(|k| 1.0 + partial[k])
                .product();
            close(
                found,
                partial[factor] / variance,
                partial[factor] * others / variance,
                0.04,
            );
        }
    }

    #[test]
    fn samples_without_a_result_are_left_out() {
        let points = saltelli(512, 2);
        let mut results: Vec<f64> = points.iter().map(|x| 2.0 * x[0] + x[1]).collect();
        results[5] = f64::NAN;
        let found = indices(2, &results);
        close(&found[0], 0.8, 0.8, 0.06);
        assert!(indices(2, &results[..8]).is_empty());
    }
}
