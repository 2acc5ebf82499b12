//! Arms of an experiment against one of them under the same seeds: differences run by run, so that what the seeds have in common drops
//! out.

use super::{
    cost::{self, COST, PerBillion},
    interval::{self, Estimate},
    metrics::{Better, Metric},
    outcomes::{Block, Outcomes},
    power::{self, Seeds},
};
use crate::record::table::{Table, TableError};

/// A metric of one arm against the reference arm.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The arm.
    pub arm: String,
    /// The metric, with brackets if it has a place.
    pub metric: String,
    /// Its unit.
    pub unit: &'static str,
    /// Direction of better.
    pub better: Better,
    /// Mean of the arm over the runs in common.
    pub arm_mean: f64,
    /// Mean of the reference over the runs in common.
    pub reference_mean: f64,
    /// Arm less reference, block by block.
    pub difference: Estimate,
    /// Standard deviation of the differences; NaN below two.
    pub deviation: f64,
    /// Variance of the paired difference over that of the difference of independent runs; NaN if neither arm varies. Below one, common
    /// random numbers help.
    pub variance_ratio: f64,
    /// Runs left out because one of the two failed or the metric is not defined there.
    pub unpaired: usize,
    /// How often the arm is better, equals counted as half, with Wilson's 95% interval; absent if neither direction is better.
    pub probability: Option<Probability>,
    /// Effect per billion USD of public cost.
    pub per_billion: PerBillion,
    /// Whether the seeds are enough to tell the two apart, and how many would be.
    pub seeds: Seeds,
}

/// A share of runs with its 95% interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Probability {
    /// Share.
    pub share: f64,
    /// Wilson's interval.
    pub interval: (f64, f64),
}

/// What is to be said of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The interval spans zero.
    Unclear,
    /// Clearly better.
    Better,
    /// Clearly worse.
    Worse,
    /// Clearly more, of something that is neither good nor bad.
    More,
    /// Clearly less, of something that is neither good nor bad.
    Less,
}

impl Verdict {
    /// As a word; empty where the interval spans zero.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unclear => "",
            Self::Better => "better",
            Self::Worse => "worse",
            Self::More => "more",
            Self::Less => "less",
        }
    }
}

impl Difference {
    /// What the interval lets one say.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let up = self.difference.mean > 0.0;
        match self.better {
            _ if !self.difference.clear() => Verdict::Unclear,
            Better::Neither if up => Verdict::More,
            Better::Neither => Verdict::Less,
            Better::Lower if !up => Verdict::Better,
            Better::Higher if up => Verdict::Better,
            Better::Lower | Better::Higher => Verdict::Worse,
        }
    }
}

/// Why arms could not be compared.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CompareFault {
    /// The table of runs lacks a column.
    #[error(transparent)]
    Table(#[from] TableError),
    /// No such arm.
    #[error("there is no arm `{arm}`; the arms are {arms}")]
    NoArm {
        /// Arm asked for.
        arm: String,
        /// Arms there are.
        arms: String,
    },
    /// Nothing to compare.
    #[error("a comparison needs two arms; these results have {0}")]
    OneArm(usize),
}

/// The arms of a table of runs, in the order of their first run.
///
/// # Errors
/// If the table has no arms.
pub fn arms(runs: &Table) -> Result<Vec<String>, TableError> {
    let mut arms: Vec<String> = Vec::new();
    for arm in runs.text("arm")?.iter() {
        if !arms.iter().any(|known| known == arm) {
            arms.push(arm.to_owned());
        }
    }
    Ok(arms)
}

/// Each arm against the reference (the first arm if none is named), metric by metric, arms and metrics in table order.
///
/// # Errors
/// If there is no such arm, only one arm, or the table is not one of runs.
pub fn compare(runs: &Table, reference: Option<&str>) -> Result<Vec<Difference>, CompareFault> {
    let outcomes = Outcomes::of(runs)?;
    let reference = reference_of(&outcomes, reference)?;
    Ok(differences(&outcomes, reference))
}

/// Position of the reference: the arm of that name, else the first.
///
/// # Errors
/// If there is no such arm, or only one.
pub fn reference_of(outcomes: &Outcomes, name: Option<&str>) -> Result<usize, CompareFault> {
    let arms = outcomes.arms();
    if arms.len() < 2 {
        return Err(CompareFault::OneArm(arms.len()));
    }
    let Some(name) = name else { return Ok(0) };
    outcomes.arm(name).ok_or_else(|| CompareFault::NoArm {
        arm: name.to_owned(),
        arms: arms.join(", "),
    })
}

/// Each arm against the arm at `reference`, metric by metric, arms and metrics in table order.
#[must_use]
pub fn differences(outcomes: &Outcomes, reference: usize) -> Vec<Difference> {
    let metrics: Vec<(&str, &Metric)> = outcomes.metrics().collect();
    let of_reference: Vec<Vec<f64>> = metrics
        .iter()
        .map(|(name, _)| outcomes.values(reference, name).unwrap_or_default())
        .collect();
    let cost_of_reference = outcomes.values(reference, COST);
    let mut all = Vec::new();
    for (arm, name) in outcomes.arms().iter().enumerate() {
        if arm == reference {
            continue;
        }
        let cost = outcomes
            .values(arm, COST)
            .zip(cost_of_reference.as_ref())
            .map(|(arm, reference)| less(&arm, reference));
        for ((metric, about), base) in metrics.iter().zip(&of_reference) {
            let values = outcomes.values(arm, metric).unwrap_or_default();
            let paired = Paired::of(outcomes.blocks(), &values, base);
            let cost = cost.as_deref().filter(|_| *metric != COST);
            all.push(paired.difference(name, metric, about, cost));
        }
    }
    all
}

fn less(arm: &[f64], reference: &[f64]) -> Vec<f64> {
    arm.iter().zip(reference).map(|(a, r)| a - r).collect()
}

/// The blocks in which both arms have a value.
struct Paired {
    places: Vec<usize>,
    blocks: Vec<Block>,
    arm: Vec<f64>,
    reference: Vec<f64>,
    unpaired: usize,
}

impl Paired {
    fn of(blocks: &[Block], arm: &[f64], reference: &[f64]) -> Self {
        let places: Vec<usize> = (0..blocks.len())
            .filter(|&block| !(arm[block] - reference[block]).is_nan())
            .collect();
        let take = |values: &[f64]| places.iter().map(|&block| values[block]).collect();
        Self {
            blocks: places.iter().map(|&block| blocks[block]).collect(),
            arm: take(arm),
            reference: take(reference),
            unpaired: blocks.len() - places.len(),
            places,
        }
    }

    fn difference(
        &self,
        arm: &str,
        metric: &str,
        about: &Metric,
        cost: Option<&[f64]>,
    ) -> Difference {
        let values = less(&self.arm, &self.reference);
        let estimate = Estimate::crossed(&self.blocks, &values);
        let deviation = interval::standard_deviation(&values);
        let variance = |values: &[f64]| {
            let deviation = interval::standard_deviation(values);
            deviation * deviation
        };
        let independent = variance(&self.arm) + variance(&self.reference);
        Difference {
            arm: arm.to_owned(),
            metric: metric.to_owned(),
            unit: about.unit,
            better: about.better,
            arm_mean: interval::mean(&self.arm),
            reference_mean: interval::mean(&self.reference),
            difference: estimate,
            deviation,
            variance_ratio: if independent > 0.0 {
                deviation * deviation / independent
            } else {
                f64::NAN
            },
            unpaired: self.unpaired,
            probability: probability(&values, about.better),
            per_billion: self.per_billion(&values, cost),
            seeds: seeds(&values, &estimate),
        }
    }

    fn per_billion(&self, effect: &[f64], cost: Option<&[f64]>) -> PerBillion {
        let Some(cost) = cost else {
            return PerBillion::OfCost;
        };
        let cost: Vec<f64> = self.places.iter().map(|&block| cost[block]).collect();
        if cost.iter().all(|value| value.is_finite()) {
            cost::per_billion(&self.blocks, effect, &cost)
        } else {
            PerBillion::OfCost
        }
    }
}

/// Share of differences to the better side; equals count as half.
fn probability(differences: &[f64], better: Better) -> Option<Probability> {
    let sign = match better {
        Better::Higher => 1.0,
        Better::Lower => -1.0,
        Better::Neither => return None,
    };
    if differences.is_empty() {
        return None;
    }
    let wins: f64 = differences
        .iter()
        .map(|difference| match (sign * difference).total_cmp(&0.0) {
            _ if *difference == 0.0 => 0.5,
            std::cmp::Ordering::Greater => 1.0,
            _ => 0.0,
        })
        .sum();
    Some(Probability {
        share: wins / differences.len() as f64,
        interval: interval::wilson(wins, differences.len()),
    })
}

/// Whether these differences tell the arms apart. In a design with several points the number needed is one of runs, if points and seeds
/// grow alike.
fn seeds(differences: &[f64], estimate: &Estimate) -> Seeds {
    if differences.len() < 2 {
        return Seeds::Unknown;
    }
    if differences.iter().all(|difference| *difference == 0.0) {
        return Seeds::Equal;
    }
    if estimate.clear() {
        return Seeds::Enough;
    }
    let deviation = estimate.standard_error * (estimate.n as f64).sqrt();
    power::needed(estimate.mean, deviation).map_or(Seeds::Hopeless, Seeds::Need)
}

#[cfg(test)]
mod tests {
    use super::super::outcomes::tests::runs;
    use super::*;

    #[test]
    fn differences_are_taken_seed_by_seed() {
        let found = compare(&runs(), None).unwrap();
        assert_eq!(found.len(), 1, "drawn parameters are no metrics");
        let difference = &found[0];
        assert_eq!(
            (
                difference.arm.as_str(),
                difference.difference.n,
                difference.unpaired
            ),
            ("quota", 2, 1)
        );
        assert_eq!(difference.difference.mean, 12.0);
        assert_eq!(
            (difference.reference_mean, difference.arm_mean),
            (150.0, 162.0)
        );
        assert!((difference.difference.standard_error - 1.0).abs() < 1e-12);
        // independent runs: variances 5,000 and 5,202; paired: 2
        assert!((difference.variance_ratio - 2.0 / 10_202.0).abs() < 1e-12);
        assert_eq!(
            difference.probability.unwrap().share,
            0.0,
            "a higher price is worse"
        );
        assert_eq!(
            difference.per_billion,
            PerBillion::OfCost,
            "no cost in the table"
        );
    }

    #[test]
    fn the_reference_can_be_chosen_and_must_exist() {
        assert_eq!(
            compare(&runs(), Some("quota")).unwrap()[0].difference.mean,
            -12.0
        );
        assert!(matches!(
            compare(&runs(), Some("tax")),
            Err(CompareFault::NoArm { .. })
        ));
        let one = runs().filter(|row| row < 3);
        assert_eq!(compare(&one, None), Err(CompareFault::OneArm(1)));
    }

    #[test]
    fn equals_count_as_half_and_verdicts_follow_the_direction() {
        let half = probability(&[-1.0, 0.0, 1.0], Better::Lower).unwrap();
        assert_eq!(half.share, 0.5);
        assert!(probability(&[1.0], Better::Neither).is_none());
        let mut difference = compare(&runs(), None).unwrap().remove(0);
        assert_eq!(
            difference.verdict(),
            Verdict::Unclear,
            "two seeds say little"
        );
        difference.difference.interval = (5.0, 19.0);
        assert_eq!(difference.verdict(), Verdict::Worse);
        difference.better = Better::Neither;
        assert_eq!(difference.verdict(), Verdict::More);
    }

    #[test]
    fn the_number_of_seeds_that_would_do() {
        let say = |values: &[f64]| seeds(values, &Estimate::of(values));
        assert_eq!(say(&[1.0]), Seeds::Unknown);
        assert_eq!(say(&[0.0, 0.0]), Seeds::Equal);
        assert_eq!(say(&[1.0, 1.1, 0.9]), Seeds::Enough);
        let Seeds::Need(n) = say(&[1.0, -0.4, 0.9, -0.5]) else {
            panic!("not clear")
        };
        // mean 0.25, deviation 0.81
        assert!((80..90).contains(&n), "{n}");
        assert_eq!(say(&[1.0, -1.0]), Seeds::Hopeless);
    }
}
