//! Strategies against all others: ranks, regret, dominance.

use super::{
    bootstrap,
    interval::{mean, quantile},
    metrics::Better,
    outcomes::Outcomes,
};

/// How an arm stands among all arms on one metric, over the blocks in which every arm has a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// The arm.
    pub arm: String,
    /// The metric.
    pub metric: String,
    /// Blocks.
    pub n: usize,
    /// Mean of the metric.
    pub mean: f64,
    /// Mean rank; 1 is best, equals share the mean of their ranks.
    pub rank: f64,
    /// Share of blocks in which it is first; equals share.
    pub first: f64,
    /// Distance from the best arm of the block, in the metric's unit.
    pub regret: Regret,
}

/// How much worse than the best arm of each block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Regret {
    /// Mean.
    pub expected: f64,
    /// 95th percentile.
    pub q95: f64,
    /// Largest.
    pub worst: f64,
}

impl Regret {
    /// Of distances, one for each block.
    #[must_use]
    pub fn of(mut distances: Vec<f64>) -> Self {
        distances.sort_unstable_by(f64::total_cmp);
        Self {
            expected: mean(&distances),
            q95: quantile(&distances, 0.95),
            worst: distances.last().copied().unwrap_or(f64::NAN),
        }
    }
}

/// Values turned so that more is better; `None` if neither direction is.
fn turned(values: &[Vec<f64>], better: Better) -> Option<Vec<Vec<f64>>> {
    let sign = match better {
        Better::Higher => 1.0,
        Better::Lower => -1.0,
        Better::Neither => return None,
    };
    let turn = |values: &Vec<f64>| values.iter().map(|value| sign * value).collect();
    Some(values.iter().map(turn).collect())
}

/// The standing of each arm on a metric, in the order of the arms. Empty if the metric has no better direction, or no block has all arms.
#[must_use]
pub fn standings(outcomes: &Outcomes, metric: &str, better: Better) -> Vec<Standing> {
    let Some(values) = outcomes.common(metric) else {
        return Vec::new();
    };
    let Some(scores) = turned(&values, better) else {
        return Vec::new();
    };
    let n = scores.first().map_or(0, Vec::len);
    if n == 0 {
        return Vec::new();
    }
    let arms = outcomes.arms().iter().enumerate();
    arms.map(|(arm, name)| {
        let (mut ranks, mut firsts, mut regrets) = (0.0, 0.0, Vec::with_capacity(n));
        for block in 0..n {
            let own = scores[arm][block];
            let above = scores.iter().filter(|other| other[block] > own).count();
            let equal = scores.iter().filter(|other| other[block] == own).count();
            ranks += above as f64 + (equal as f64 + 1.0) / 2.0;
            if above == 0 {
                firsts += 1.0 / equal as f64;
            }
            let best = scores.iter().map(|other| other[block]).fold(own, f64::max);
            regrets.push(best - own);
        }
        Standing {
            arm: name.clone(),
            metric: metric.to_owned(),
            n,
            mean: mean(&values[arm]),
            rank: ranks / n as f64,
            first: firsts / n as f64,
            regret: Regret::of(regrets),
        }
    })
    .collect()
}

/// An arm that another beats or equals on every criterion, and beats on one.
#[derive(Debug, Clone, PartialEq)]
pub struct Dominated {
    /// The arm.
    pub arm: String,
    /// The arm that dominates it.
    pub by: String,
    /// Whether it does so in every single block, and not only in the means.
    pub in_every_block: bool,
    /// Share of samples drawn again from the blocks in which it does so in the means.
    pub share: f64,
}

/// Arms dominated in the means on all criteria, with the arm that dominates each most surely. Criteria without a better direction, or
/// that no block has for all arms, are left out.
#[must_use]
pub fn dominated(outcomes: &Outcomes, criteria: &[(&str, Better)]) -> Vec<Dominated> {
    let scores = scores(outcomes, criteria);
    let n = scores
        .first()
        .and_then(|arms| arms.first())
        .map_or(0, Vec::len);
    if n == 0 {
        return Vec::new();
    }
    let all: Vec<usize> = (0..n).collect();
    let samples: Vec<Vec<usize>> =
        bootstrap::resamples(n, bootstrap::DRAWS / 4, "dominance").collect();
    let mut found = Vec::new();
    for (arm, name) in outcomes.arms().iter().enumerate() {
        let candidates = (0..outcomes.arms().len())
            .filter(|&by| by != arm && beats(&scores, by, arm, &all))
            .map(|by| {
                let times = samples
                    .iter()
                    .filter(|sample| beats(&scores, by, arm, sample));
                (times.count() as f64 / samples.len() as f64, by)
            });
        // the first of the surest
        let surest = candidates.reduce(|best, next| if next.0 > best.0 { next } else { best });
        if let Some((share, by)) = surest {
            found.push(Dominated {
                arm: name.clone(),
                by: outcomes.arms()[by].clone(),
                in_every_block: (0..n).all(|block| beats_or_equals(&scores, by, arm, &[block])),
                share,
            });
        }
    }
    found
}

/// Scores by criterion, arm and block; more is better. Blocks that lack an arm on any criterion are left out of all.
fn scores(outcomes: &Outcomes, criteria: &[(&str, Better)]) -> Vec<Vec<Vec<f64>>> {
    let arms = 0..outcomes.arms().len();
    let of = |(metric, better): &(&str, Better)| {
        let values: Vec<Vec<f64>> = arms
            .clone()
            .map(|arm| outcomes.values(arm, metric))
            .collect::<Option<_>>()?;
        turned(&values, *better).filter(|values| values.iter().flatten().any(|v| v.is_finite()))
    };
    let mut scores: Vec<Vec<Vec<f64>>> = criteria.iter().filter_map(of).collect();
    let whole: Vec<usize> = (0..outcomes.blocks().len())
        .filter(|&block| {
            scores
                .iter()
                .flatten()
                .all(|values| values[block].is_finite())
        })
        .collect();
    for values in scores.iter_mut().flatten() {
        *values = whole.iter().map(|&block| values[block]).collect();
    }
    scores
}

fn mean_over(values: &[f64], sample: &[usize]) -> f64 {
    sample.iter().map(|&block| values[block]).sum::<f64>() / sample.len() as f64
}

fn beats_or_equals(scores: &[Vec<Vec<f64>>], by: usize, arm: usize, sample: &[usize]) -> bool {
    scores
        .iter()
        .all(|arms| mean_over(&arms[by], sample) >= mean_over(&arms[arm], sample))
}

fn beats(scores: &[Vec<Vec<f64>>], by: usize, arm: usize, sample: &[usize]) -> bool {
    beats_or_equals(scores, by, arm, sample)
        && scores
            .iter()
            .any(|arms| mean_over(&arms[by], sample) > mean_over(&arms[arm], sample))
}

/// How one distribution of outcomes stands over another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Order {
    /// Nobody who prefers better to worse would choose the other.
    First,
    /// Nobody who also dislikes risk would choose the other.
    Second,
}

/// Whether the outcomes `a` stochastically dominate as many outcomes `b`, and in which order (Hadar and Russell 1969). More is better.
#[must_use]
pub fn stochastic(a: &[f64], b: &[f64]) -> Option<Order> {
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_unstable_by(f64::total_cmp);
        values
    };
    let (a, b) = (sorted(a), sorted(b));
    if a.len() != b.len() || a == b {
        return None;
    }
    if a.iter().zip(&b).all(|(a, b)| a >= b) {
        return Some(Order::First);
    }
    let mut lead = 0.0;
    let ahead = a.iter().zip(&b).all(|(a, b)| {
        lead += a - b;
        lead >= 0.0
    });
    ahead.then_some(Order::Second)
}

/// Pairs of arms of which the first stochastically dominates the second on a metric.
#[must_use]
pub fn stochastic_pairs(
    outcomes: &Outcomes,
    metric: &str,
    better: Better,
) -> Vec<(String, String, Order)> {
    let Some(scores) = outcomes.common(metric).and_then(|v| turned(&v, better)) else {
        return Vec::new();
    };
    let arms = outcomes.arms();
    let mut pairs = Vec::new();
    for (a, name) in arms.iter().enumerate() {
        for (b, other) in arms.iter().enumerate().filter(|(b, _)| *b != a) {
            if let Some(order) = stochastic(&scores[a], &scores[b]) {
                pairs.push((name.clone(), other.clone(), order));
            }
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::table::{Column, Table};

    /// Three arms, two seeds, a loss and a cost.
    fn runs() -> Table {
        let mut table = Table::new("runs");
        table.push("arm", Column::words(["a", "a", "b", "b", "c", "c"]));
        table.push("point", Column::U32(vec![0; 6]));
        table.push("seed", Column::U32(vec![1, 2, 1, 2, 1, 2]));
        table.push("status", Column::words(["done"; 6]));
        table.push(
            "shortage_peak_pct",
            Column::F64(vec![10.0, 20.0, 5.0, 20.0, 11.0, 21.0]),
        );
        table.push(
            "public_cost_usd",
            Column::F64(vec![0.0, 0.0, 7.0, 7.0, 8.0, 8.0]),
        );
        table
    }

    #[test]
    fn ranks_and_regret_by_hand() {
        let runs = runs();
        let outcomes = Outcomes::of(&runs).unwrap();
        let found = standings(&outcomes, "shortage_peak_pct", Better::Lower);
        let a = &found[0];
        assert_eq!(
            (a.arm.as_str(), a.n, a.mean, a.rank, a.first),
            ("a", 2, 15.0, 1.75, 0.25)
        );
        assert_eq!(
            a.regret,
            Regret {
                expected: 2.5,
                q95: 4.75,
                worst: 5.0
            }
        );
        assert_eq!((found[1].rank, found[1].first), (1.25, 0.75));
        assert_eq!(found[2].rank, 3.0);
        assert!(standings(&outcomes, "shortage_peak_pct", Better::Neither).is_empty());
        assert!(standings(&outcomes, "absent", Better::Lower).is_empty());
    }

    #[test]
    fn what_is_worse_on_every_count_is_dominated() {
        let runs = runs();
        let outcomes = Outcomes::of(&runs).unwrap();
        let criteria = [
            ("shortage_peak_pct", Better::Lower),
            ("public_cost_usd", Better::Lower),
        ];
        let found = dominated(&outcomes, &criteria);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].arm.as_str(), found[0].by.as_str()), ("c", "a"));
        assert!(found[0].in_every_block && found[0].share == 1.0);
        assert!(dominated(&outcomes, &[]).is_empty());
    }

    #[test]
    fn stochastic_dominance_of_both_orders() {
        assert_eq!(stochastic(&[2.0, 3.0], &[3.0, 1.0]), Some(Order::First));
        // a certain 2 against 1 or 3: preferred by whoever dislikes risk
        assert_eq!(stochastic(&[2.0, 2.0], &[1.0, 3.0]), Some(Order::Second));
        assert_eq!(stochastic(&[1.0, 3.0], &[2.0, 2.0]), None);
        assert_eq!(stochastic(&[1.0], &[1.0]), None);
        let runs = runs();
        let outcomes = Outcomes::of(&runs).unwrap();
        let pairs = stochastic_pairs(&outcomes, "public_cost_usd", Better::Lower);
        assert_eq!(pairs.len(), 3);
    }
}
