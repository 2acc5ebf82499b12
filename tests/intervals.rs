//! The intervals that are reported, held against worlds whose truth is known: of a hundred 95% intervals about 95 must hold it.

use monazite::analysis::{
    bootstrap,
    cost::{PerBillion, per_billion},
    interval::{Estimate, mean},
    outcomes::Block,
    power,
};
use rand::Rng;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

/// Experiments per case: the standard error of a coverage of 95% is then 0.5 points.
const TRIALS: usize = 2_000;

struct Dice(ChaCha8Rng);

impl Dice {
    fn new(key: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(key))
    }

    fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        libm::sqrt(-2.0 * libm::log(1.0 - self.uniform()))
            * libm::cos(std::f64::consts::TAU * self.uniform())
    }

    fn normals<const N: usize>(&mut self) -> [f64; N] {
        std::array::from_fn(|_| self.normal())
    }
}

fn one_point(seeds: u32) -> Vec<Block> {
    (1..=seeds).map(|seed| Block { point: 0, seed }).collect()
}

/// Share of trials in which the interval holds the truth.
fn coverage(key: u64, truth: f64, mut interval: impl FnMut(&mut Dice) -> (f64, f64)) -> f64 {
    let mut dice = Dice::new(key);
    let held = (0..TRIALS).filter(|_| {
        let (low, high) = interval(&mut dice);
        low <= truth && truth <= high
    });
    held.count() as f64 / TRIALS as f64
}

fn honest(what: &str, covered: f64) {
    println!("{what}: {:.1}%", 100.0 * covered);
    assert!((0.92..=0.98).contains(&covered), "{what}: {covered}");
}

/// Runs of two arms under one seed: a common part, larger than what sets them apart, and a lasting difference of 3.
fn pair(dice: &mut Dice) -> (f64, f64) {
    let [common, own, other] = dice.normals();
    (20.0 + 5.0 * common + own, 17.0 + 5.0 * common + other)
}

#[test]
fn paired_differences_hold_the_truth_with_few_seeds_and_with_many() {
    for seeds in [3u32, 5, 10, 50] {
        let covered = coverage(u64::from(seeds), 3.0, |dice| {
            let differences: Vec<f64> =
                (0..seeds).map(|_| pair(dice)).map(|(a, b)| a - b).collect();
            Estimate::crossed(&one_point(seeds), &differences).interval
        });
        honest(&format!("t, {seeds} seeds"), covered);
    }
}

#[test]
fn a_skewed_outcome_does_not_break_the_interval() {
    // differences of skewness 1.4 (chi-square with four degrees of freedom): rare seeds in which a strategy saves a lot
    let covered = coverage(7, 4.0, |dice| {
        let values: Vec<f64> = (0..30)
            .map(|_| dice.normals::<4>().iter().map(|z| z * z).sum())
            .collect();
        Estimate::of(&values).interval
    });
    honest("t, skewed, 30 seeds", covered);
}

#[test]
fn points_and_seeds_that_cross_are_not_counted_as_independent() {
    let (points, seeds) = (8u32, 6u32);
    let blocks: Vec<Block> = (0..points)
        .flat_map(|point| (0..seeds).map(move |seed| Block { point, seed }))
        .collect();
    for (of_point, of_seed) in [(1.0, 0.3), (0.2, 1.0), (0.0, 0.0), (0.7, 0.7)] {
        let draw = |dice: &mut Dice| -> Vec<f64> {
            let by_point: Vec<f64> = (0..points).map(|_| of_point * dice.normal()).collect();
            let by_seed: Vec<f64> = (0..seeds).map(|_| of_seed * dice.normal()).collect();
            let value =
                |block: &Block| 2.0 + by_point[block.point as usize] + by_seed[block.seed as usize];
            blocks
                .iter()
                .map(|block| value(block) + 0.8 * dice.normal())
                .collect()
        };
        let covered = coverage(11, 2.0, |dice| {
            Estimate::crossed(&blocks, &draw(dice)).interval
        });
        let naive = coverage(11, 2.0, |dice| Estimate::of(&draw(dice)).interval);
        println!("naive: {:.1}%", 100.0 * naive);
        if of_point + of_seed == 0.0 {
            // the larger of two mean squares of pure noise is taken: too wide, never too narrow
            assert!(covered >= 0.95, "{covered}");
        } else {
            honest(&format!("crossed, {of_point} and {of_seed}"), covered);
        }
        if of_point + of_seed >= 1.0 {
            assert!(
                naive < 0.85,
                "counting every run as independent would mislead: {naive}"
            );
        }
    }
}

#[test]
fn effects_per_billion_hold_the_truth() {
    for seeds in [5u32, 10, 40] {
        let blocks = one_point(seeds);
        let mut without = 0;
        let covered = coverage(u64::from(100 + seeds), -2.0, |dice| {
            // an effect of -6 for three billion, both uncertain and correlated
            let (mut effect, mut cost) = (Vec::new(), Vec::new());
            for _ in 0..seeds {
                let [common, own, other] = dice.normals();
                effect.push(-6.0 - 1.5 * common + 2.0 * own);
                cost.push(1e9 * (3.0 + 0.8 * common + 0.4 * other));
            }
            match per_billion(&blocks, &effect, &cost) {
                PerBillion::Ratio { interval, .. } => interval,
                _ => {
                    without += 1;
                    (f64::NEG_INFINITY, f64::INFINITY)
                }
            }
        });
        assert!(without < TRIALS / 20, "{without} without a ratio");
        honest(&format!("Fieller, {seeds} seeds"), covered);
    }
}

#[test]
fn the_bootstrap_holds_the_truth_with_fifty_values() {
    let mut dice = Dice::new(5);
    let trials = 1_000; // each draws hundreds of samples: the standard error is 0.7 points
    let held = (0..trials).filter(|trial| {
        let values: Vec<f64> = (0..50).map(|_| dice.normal() + 4.0).collect();
        let statistic =
            |sample: &[usize]| mean(&sample.iter().map(|&k| values[k]).collect::<Vec<_>>());
        let (low, high) = bootstrap::percentile(50, &format!("trial {trial}"), 600, statistic)
            .expect("fifty values are enough");
        low <= 4.0 && 4.0 <= high
    });
    honest(
        "bootstrap, 50 values",
        held.count() as f64 / f64::from(trials),
    );
}

#[test]
fn the_number_of_seeds_that_would_do_does() {
    let (mean, deviation) = (0.6, 1.3);
    let n = power::needed(mean, deviation).expect("a number");
    let mut dice = Dice::new(3);
    let found = (0..TRIALS).filter(|_| {
        let values: Vec<f64> = (0..n).map(|_| mean + deviation * dice.normal()).collect();
        Estimate::of(&values).clear()
    });
    let share = found.count() as f64 / TRIALS as f64;
    assert!((share - power::POWER).abs() < 0.03, "{n} seeds: {share}");
}

#[test]
fn pairing_takes_out_what_the_arms_have_in_common() {
    let mut dice = Dice::new(9);
    let pairs: Vec<(f64, f64)> = (0..200).map(|_| pair(&mut dice)).collect();
    let variance = |values: Vec<f64>| {
        let error = Estimate::of(&values).standard_error;
        error * error * 200.0
    };
    let paired = variance(pairs.iter().map(|(a, b)| a - b).collect());
    let apart = variance(pairs.iter().map(|p| p.0).collect())
        + variance(pairs.iter().map(|p| p.1).collect());
    // 2 of 52, give or take
    assert!(paired / apart < 0.06, "{}", paired / apart);
}
