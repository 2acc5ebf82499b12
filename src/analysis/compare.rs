//! Two arms of an experiment under the same seeds: differences run by run, so that what the seeds have in common drops out.

use super::{
    interval::Estimate,
    metrics::{self, Better},
};
use crate::record::table::{Column, Table, TableError};
use std::collections::BTreeMap;

/// A metric of one arm against the reference arm.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The arm.
    pub arm: String,
    /// The metric, with brackets if it has a place.
    pub metric: String,
    /// Its unit.
    pub unit: &'static str,
    /// Mean over the seeds of the reference arm.
    pub reference_mean: f64,
    /// Arm less reference, seed by seed.
    pub difference: Estimate,
    /// Runs left out because one of the two failed or the metric is not defined there.
    pub unpaired: usize,
    /// Direction of better.
    pub better: Better,
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
    let arms = arms(runs)?;
    if arms.len() < 2 {
        return Err(CompareFault::OneArm(arms.len()));
    }
    let reference = reference.unwrap_or(&arms[0]);
    if !arms.iter().any(|arm| arm == reference) {
        return Err(CompareFault::NoArm {
            arm: reference.to_owned(),
            arms: arms.join(", "),
        });
    }
    let pairs = Pairs::of(runs)?;
    let mut differences = Vec::new();
    for arm in arms.iter().filter(|arm| *arm != reference) {
        for (name, column) in runs.columns() {
            if let (Some(metric), Column::F64(values)) = (metrics::find(name), column) {
                let pairs = pairs.values(values, arm, reference);
                differences.push(Difference {
                    arm: arm.clone(),
                    metric: name.to_owned(),
                    unit: metric.unit,
                    reference_mean: super::interval::mean(&pairs.reference),
                    difference: Estimate::of(&pairs.differences),
                    unpaired: pairs.unpaired,
                    better: metric.better,
                });
            }
        }
    }
    Ok(differences)
}

/// Rows of the table of runs by design point and seed, then by arm.
struct Pairs<'a> {
    rows: BTreeMap<(u32, u32), BTreeMap<&'a str, usize>>,
}

struct Paired {
    reference: Vec<f64>,
    differences: Vec<f64>,
    unpaired: usize,
}

impl<'a> Pairs<'a> {
    fn of(runs: &'a Table) -> Result<Self, TableError> {
        let (arm, point, seed, status) = (
            runs.text("arm")?,
            runs.u32("point")?,
            runs.u32("seed")?,
            runs.text("status")?,
        );
        let mut rows: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for row in (0..runs.len()).filter(|&row| status.get(row) == "done") {
            rows.entry((point[row], seed[row]))
                .or_default()
                .insert(arm.get(row), row);
        }
        Ok(Self { rows })
    }

    fn values(&self, values: &[f64], arm: &str, reference: &str) -> Paired {
        let mut paired = Paired {
            reference: Vec::new(),
            differences: Vec::new(),
            unpaired: 0,
        };
        for by_arm in self.rows.values() {
            let both = by_arm
                .get(arm)
                .zip(by_arm.get(reference))
                .map(|(&a, &r)| (values[a], values[r]));
            match both {
                Some((a, r)) if !(a - r).is_nan() => {
                    paired.reference.push(r);
                    paired.differences.push(a - r);
                }
                _ => paired.unpaired += 1,
            }
        }
        paired
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs() -> Table {
        let mut table = Table::new("runs");
        table.push(
            "arm",
            Column::words(["free", "free", "free", "quota", "quota", "quota"]),
        );
        table.push("point", Column::U32(vec![0; 6]));
        table.push("seed", Column::U32(vec![1, 2, 3, 1, 2, 3]));
        table.push(
            "status",
            Column::words(["done", "done", "failed", "done", "done", "done"]),
        );
        table.push(
            "price_mean[dy@EU]",
            Column::F64(vec![100.0, 200.0, f64::NAN, 111.0, 213.0, 99.0]),
        );
        table.push("drawn.rate", Column::F64(vec![0.0; 6]));
        table
    }

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
        assert_eq!(difference.reference_mean, 150.0);
        assert!((difference.difference.standard_error - 1.0).abs() < 1e-12);
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
}
