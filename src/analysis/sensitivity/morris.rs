//! Elementary effects: Morris (1991), with the mean of absolute effects of Campolongo, Cariboni and Saltelli (2007).

use super::Measured;
use crate::analysis::{bootstrap, interval};

/// What is known of one factor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// Mean of the elementary effects, in units of the result per whole range of the factor.
    pub mean: f64,
    /// Mean of their sizes: how much the factor matters.
    pub size: Measured,
    /// Their standard deviation: how far its effect depends on the others, or is curved.
    pub deviation: Measured,
    /// Elementary effects.
    pub n: usize,
}

/// Effects of each factor.
///
/// `points` are trajectories one after the other, each of one point more than there are factors, every step moving one factor, on the unit
/// cube; `results` belong to them. A step with an undefined end is left out. Intervals are percentile intervals over trajectories drawn
/// again.
///
/// # Panics
/// If there are not as many results as points.
#[must_use]
pub fn effects(points: &[Vec<f64>], results: &[f64]) -> Vec<Effect> {
    assert_eq!(points.len(), results.len(), "a result for each point");
    let factors = points.first().map_or(0, Vec::len);
    let length = factors + 1;
    // by factor and trajectory
    let mut steps: Vec<Vec<f64>> = vec![Vec::new(); factors];
    for (trajectory, values) in points
        .chunks_exact(length)
        .zip(results.chunks_exact(length))
    {
        for (pair, ends) in trajectory.windows(2).zip(values.windows(2)) {
            let moved = (0..factors).filter(|&k| (pair[1][k] - pair[0][k]).abs() > 1e-12);
            let moved: Vec<usize> = moved.collect();
            if let [factor] = moved[..] {
                let effect = (ends[1] - ends[0]) / (pair[1][factor] - pair[0][factor]);
                if effect.is_finite() {
                    steps[factor].push(effect);
                }
            }
        }
    }
    steps
        .iter()
        .enumerate()
        .map(|(factor, effects)| effect(factor, effects))
        .collect()
}

fn effect(factor: usize, effects: &[f64]) -> Effect {
    let n = effects.len();
    let sample = |places: &[usize]| places.iter().map(|&k| effects[k]).collect::<Vec<f64>>();
    let size = |places: &[usize]| {
        interval::mean(&places.iter().map(|&k| effects[k].abs()).collect::<Vec<_>>())
    };
    let all: Vec<usize> = (0..n).collect();
    let what = format!("morris {factor}");
    let deviation = |places: &[usize]| interval::standard_deviation(&sample(places));
    Effect {
        mean: interval::mean(effects),
        size: Measured {
            value: size(&all),
            interval: bootstrap::percentile(n, &what, bootstrap::DRAWS, size),
        },
        deviation: Measured {
            value: deviation(&all),
            interval: bootstrap::percentile(n, &what, bootstrap::DRAWS, deviation),
        },
        n,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;
    use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

    /// Trajectories on four levels, as in the paper: each step moves one factor by two thirds.
    fn trajectories(count: usize, factors: usize) -> Vec<Vec<f64>> {
        let mut dice = ChaCha8Rng::seed_from_u64(4);
        let mut points = Vec::new();
        for _ in 0..count {
            let mut point: Vec<f64> = (0..factors)
                .map(|_| (dice.next_u32() % 4) as f64 / 3.0)
                .collect();
            let mut order: Vec<usize> = (0..factors).collect();
            for k in (1..factors).rev() {
                order.swap(k, dice.next_u32() as usize % (k + 1));
            }
            points.push(point.clone());
            for factor in order {
                point[factor] += if point[factor] < 0.5 {
                    2.0 / 3.0
                } else {
                    -2.0 / 3.0
                };
                points.push(point.clone());
            }
        }
        points
    }

    #[test]
    fn linear_interacting_and_idle_factors_are_told_apart() {
        let points = trajectories(40, 4);
        // 3 x + 10 y z, and one that does nothing
        let results: Vec<f64> = points
            .iter()
            .map(|p| 3.0 * p[0] + 10.0 * p[1] * p[2])
            .collect();
        let found = effects(&points, &results);
        assert!((found[0].size.value - 3.0).abs() < 1e-9 && found[0].deviation.value < 1e-9);
        assert_eq!(found[0].n, 40);
        // the effect of y is 10 z, whose mean is 5 and whose deviation 3.7 on four levels
        assert!((found[1].size.value - 5.0).abs() < 1.2, "{:?}", found[1]);
        assert!(
            (found[1].deviation.value - 3.73).abs() < 0.6,
            "{:?}",
            found[1]
        );
        let (low, high) = found[1].size.interval.unwrap();
        assert!(low < 5.0 && 5.0 < high && high - low < 3.0);
        assert_eq!((found[3].size.value, found[3].deviation.value), (0.0, 0.0));
    }

    #[test]
    fn steps_without_a_result_are_left_out() {
        let points = trajectories(5, 2);
        let mut results: Vec<f64> = points.iter().map(|p| p[0] - p[1]).collect();
        results[0] = f64::NAN;
        let found = effects(&points, &results);
        assert_eq!(found[0].n + found[1].n, 9);
        assert!((found[1].mean + 1.0).abs() < 1e-9 && (found[1].size.value - 1.0).abs() < 1e-9);
        assert!(effects(&[], &[]).is_empty());
    }
}
