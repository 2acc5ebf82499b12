//! The runs of an experiment side by side: arms in rows, blocks of runs that share design point and seed in columns.

use super::metrics::{self, Metric};
use crate::record::table::{Column, Table, TableError};
use std::collections::BTreeMap;

/// What the runs of all arms have in common: design point and seed. Runs of one block meet the same draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Block {
    /// Design point.
    pub point: u32,
    /// Seed.
    pub seed: u32,
}

/// A table of runs by arm and block.
#[derive(Debug)]
pub struct Outcomes<'a> {
    table: &'a Table,
    arms: Vec<String>,
    blocks: Vec<Block>,
    /// Row of the completed run of each arm in each block.
    rows: Vec<Vec<Option<usize>>>,
}

impl<'a> Outcomes<'a> {
    /// Orders a table of runs: arms in the order of their first run, blocks by point and seed.
    ///
    /// # Errors
    /// If it is no table of runs.
    pub fn of(runs: &'a Table) -> Result<Self, TableError> {
        let (arm, status) = (runs.text("arm")?, runs.text("status")?);
        let (point, seed) = (runs.u32("point")?, runs.u32("seed")?);
        let mut arms: Vec<String> = Vec::new();
        let mut place = vec![usize::MAX; arm.words().len()];
        for &code in arm.codes() {
            if place[code as usize] == usize::MAX {
                place[code as usize] = arms.len();
                arms.push(arm.words()[code as usize].clone());
            }
        }
        let mut found: BTreeMap<Block, Vec<Option<usize>>> = BTreeMap::new();
        for row in 0..runs.len() {
            let block = Block {
                point: point[row],
                seed: seed[row],
            };
            let by_arm = found.entry(block).or_insert_with(|| vec![None; arms.len()]);
            if status.get(row) == "done" {
                by_arm[place[arm.codes()[row] as usize]] = Some(row);
            }
        }
        let blocks = found.keys().copied().collect();
        let rows = (0..arms.len())
            .map(|arm| found.values().map(|by_arm| by_arm[arm]).collect())
            .collect();
        Ok(Self {
            table: runs,
            arms,
            blocks,
            rows,
        })
    }

    /// The arms in the order of their first run.
    #[must_use]
    pub fn arms(&self) -> &[String] {
        &self.arms
    }

    /// Position of an arm.
    #[must_use]
    pub fn arm(&self, name: &str) -> Option<usize> {
        self.arms.iter().position(|arm| arm == name)
    }

    /// The blocks by point and seed.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Columns that are metrics, in table order.
    pub fn metrics(&self) -> impl Iterator<Item = (&'a str, &'static Metric)> {
        self.table.columns().filter_map(|(name, column)| {
            metrics::find(name)
                .filter(|_| matches!(column, Column::F64(_)))
                .map(|metric| (name, metric))
        })
    }

    /// A column of numbers for an arm, block by block; NaN where the run failed or the number is not defined. `None` without such a
    /// column.
    #[must_use]
    pub fn values(&self, arm: usize, column: &str) -> Option<Vec<f64>> {
        let Column::F64(values) = self.table.get(column)? else {
            return None;
        };
        let of = |row: &Option<usize>| row.map_or(f64::NAN, |row| values[row]);
        Some(self.rows[arm].iter().map(of).collect())
    }

    /// A column of numbers for all arms, restricted to the blocks where it is defined in every one.
    #[must_use]
    pub fn common(&self, column: &str) -> Option<Vec<Vec<f64>>> {
        let all: Vec<Vec<f64>> = (0..self.arms.len())
            .map(|arm| self.values(arm, column))
            .collect::<Option<_>>()?;
        let whole: Vec<usize> = (0..self.blocks.len())
            .filter(|&block| all.iter().all(|values| values[block].is_finite()))
            .collect();
        let keep = |values: &Vec<f64>| whole.iter().map(|&block| values[block]).collect();
        Some(all.iter().map(keep).collect())
    }

    /// Design points that occur.
    #[must_use]
    pub fn points(&self) -> usize {
        let mut points: Vec<u32> = self.blocks.iter().map(|block| block.point).collect();
        points.dedup();
        points.len()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Two arms, three seeds; the last run of the first arm failed.
    pub(crate) fn runs() -> Table {
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
    fn runs_meet_in_blocks() {
        let runs = runs();
        let outcomes = Outcomes::of(&runs).unwrap();
        assert_eq!(outcomes.arms(), ["free", "quota"]);
        assert_eq!((outcomes.blocks().len(), outcomes.points()), (3, 1));
        let metrics: Vec<_> = outcomes.metrics().map(|(name, _)| name).collect();
        assert_eq!(
            metrics,
            ["price_mean[dy@EU]"],
            "drawn parameters are no metrics"
        );
        let free = outcomes.values(0, "price_mean[dy@EU]").unwrap();
        assert_eq!(&free[..2], [100.0, 200.0]);
        assert!(free[2].is_nan());
        assert_eq!(
            outcomes.common("price_mean[dy@EU]").unwrap(),
            [[100.0, 200.0], [111.0, 213.0]]
        );
        assert!(outcomes.values(0, "arm").is_none() && outcomes.common("absent").is_none());
    }
}
