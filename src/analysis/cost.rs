//! What a billion of public money buys: paired effects over paired costs, with an interval that is honest near a cost of nothing.

use super::{
    interval::{Estimate, student},
    outcomes::Block,
};

/// The metric that counts as cost.
pub const COST: &str = "public_cost_usd";
/// A mean difference in cost below this counts as none, USD 2024: an assumption; ratios to less are noise.
pub const LEAST_COST: f64 = 1e6;
const BILLION: f64 = 1e9;

/// Effect per billion USD of public cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PerBillion {
    /// So much of the metric's unit per billion USD, with its 95% interval.
    Ratio {
        /// Mean effect over mean cost.
        value: f64,
        /// Fieller's interval.
        interval: (f64, f64),
    },
    /// The metric is the cost itself, or the cost is not in the table.
    OfCost,
    /// The arm costs the public less than [`LEAST_COST`] more or less than the reference.
    NoCost,
    /// The arm clearly costs less than the reference: a ratio would turn the sign of the effect.
    Saves,
    /// The 95% interval of the cost spans zero.
    Unclear,
    /// Fewer than two runs in common.
    TooFew,
}

impl PerBillion {
    /// Why there is no ratio, in words; empty if there is one.
    #[must_use]
    pub const fn why_not(&self) -> &'static str {
        match self {
            Self::Ratio { .. } => "",
            Self::OfCost => "the cost",
            Self::NoCost => "no cost",
            Self::Saves => "saves",
            Self::Unclear => "unclear",
            Self::TooFew => "too few",
        }
    }
}

/// Effect over cost, both paired differences in the same blocks.
///
/// The interval is Fieller's (1954): the ratios r for which the mean of effect - r x cost does not differ from zero by Student's t. Unlike
/// a bootstrap of the ratio it keeps its level with few seeds, and it tells by itself when the cost is too close to nothing.
#[must_use]
pub fn per_billion(blocks: &[Block], effect: &[f64], cost: &[f64]) -> PerBillion {
    if effect.len() < 2 {
        return PerBillion::TooFew;
    }
    let spent = Estimate::crossed(blocks, cost);
    if spent.mean.abs() < LEAST_COST {
        return PerBillion::NoCost;
    }
    if !spent.clear() {
        return PerBillion::Unclear;
    }
    if spent.mean < 0.0 {
        return PerBillion::Saves;
    }
    let gained = Estimate::crossed(blocks, effect);
    let value = gained.mean / spent.mean;
    // variances of sums give the covariance, in units in which both are of size one
    let (of_effect, of_cost) = (scale(gained), scale(spent));
    let combined = |sign: f64| {
        let values: Vec<f64> = effect
            .iter()
            .zip(cost)
            .map(|(e, c)| e / of_effect + sign * c / of_cost)
            .collect();
        Estimate::crossed(blocks, &values)
    };
    let (sum, difference) = (combined(1.0), combined(-1.0));
    let freedom = [gained, spent, sum, difference]
        .iter()
        .map(|estimate| estimate.freedom)
        .fold(f64::INFINITY, f64::min);
    let t = student(0.975, freedom);
    let (e, c) = (gained.mean / of_effect, spent.mean / of_cost);
    let variance = |estimate: Estimate, scale: f64| {
        let error = estimate.standard_error / scale;
        error * error
    };
    let covariance = (variance(sum, 1.0) - variance(difference, 1.0)) / 4.0;
    let a = c * c - t * t * variance(spent, of_cost);
    let b = e * c - t * t * covariance;
    let d = e * e - t * t * variance(gained, of_effect);
    if a <= 0.0 {
        return PerBillion::Unclear;
    }
    let root = (b * b - a * d).max(0.0).sqrt();
    let unit = of_effect / of_cost;
    let end = |sign: f64| (b + sign * root) / a * unit * BILLION;
    PerBillion::Ratio {
        value: value * BILLION,
        interval: (end(-1.0), end(1.0)),
    }
}

fn scale(estimate: Estimate) -> f64 {
    let size = estimate.mean.abs().max(estimate.standard_error);
    if size > 0.0 { size } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(n: u32) -> Vec<Block> {
        (1..=n).map(|seed| Block { point: 0, seed }).collect()
    }

    #[test]
    fn fiellers_interval_is_that_of_the_book() {
        // of independent effect and cost by hand: means 10 and 2e9, standard errors 1 and 1e8, t(3) = 3.18245
        let effect = [9.0, 11.0, 10.0 - 5f64.sqrt(), 10.0 + 5f64.sqrt()];
        let cost = [2e9; 4];
        let PerBillion::Ratio { value, interval } = per_billion(&blocks(4), &effect, &cost) else {
            panic!("no ratio")
        };
        // a certain cost: the interval of the effect divided by the cost
        let gained = Estimate::of(&effect);
        assert!((value - 5.0).abs() < 1e-12);
        assert!(
            (interval.0 - gained.interval.0 / 2.0).abs() < 1e-9,
            "{interval:?}"
        );
        assert!((interval.1 - gained.interval.1 / 2.0).abs() < 1e-9);
    }

    #[test]
    fn an_effect_in_proportion_to_cost_has_a_certain_ratio() {
        let cost = [1e9, 2e9, 3e9, 2.5e9];
        let effect = cost.map(|c| -4.0 * c / 1e9);
        let PerBillion::Ratio { value, interval } = per_billion(&blocks(4), &effect, &cost) else {
            panic!("no ratio")
        };
        assert!(
            (value + 4.0).abs() < 1e-9
                && (interval.0 + 4.0).abs() < 1e-6
                && (interval.1 + 4.0).abs() < 1e-6
        );
    }

    #[test]
    fn without_a_clear_cost_there_is_no_ratio_but_a_reason() {
        let effect = [1.0, 2.0, 3.0];
        let of = |cost: [f64; 3]| per_billion(&blocks(3), &effect, &cost);
        assert_eq!(of([0.0; 3]), PerBillion::NoCost);
        assert_eq!(of([4e9, -3e9, 1e9]), PerBillion::Unclear);
        assert_eq!(of([-1e9, -1.1e9, -0.9e9]), PerBillion::Saves);
        assert_eq!(per_billion(&blocks(1), &[1.0], &[1e9]), PerBillion::TooFew);
        assert!(!PerBillion::Unclear.why_not().is_empty());
    }
}
