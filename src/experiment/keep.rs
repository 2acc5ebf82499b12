//! Which runs keep their tables: all of a small ensemble, a sample of a large one, or what the file asks for.

use super::plan::{Plan, Planned};

/// Runs up to which every table of every run is kept if the file does not say.
pub const ALL: usize = 1_000;

/// Runs whose tables figures read, and large ensembles keep: of one arm, and of all together.
const OF_AN_ARM: usize = 100;
const OF_ALL: usize = 600;

/// Of how many runs of each arm the tables are read or kept, where there are so many arms.
#[must_use]
pub fn sample_size(arms: usize) -> usize {
    (OF_ALL / arms.max(1)).clamp(1, OF_AN_ARM)
}

/// Whether the run at a position among `of` is one of `some` that lie evenly apart; the first always is.
#[must_use]
pub fn is_sampled(position: usize, of: usize, some: usize) -> bool {
    // One of floor(j * of / some) for j from 0: the least such j is tried.
    let next = (position * some).div_ceil(of.max(1));
    some >= of || next * of < (position + 1) * some
}

/// The tables that a command keeps, beside the quantiles over all runs of each arm, which are always kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Keep {
    tables: Vec<String>,
    /// Runs of an arm, and of how many of them the tables are kept.
    of_arm: usize,
    some: usize,
    seeds: usize,
}

impl Keep {
    /// What a plan keeps. `record` are the tables that the file asks for, of every run; if it asks for none, all tables are kept,
    /// of every run up to [`ALL`] and of a sample above. Runs that were picked one by one are all kept.
    #[must_use]
    pub fn new(record: &[String], plan: &Plan) -> Self {
        let seeds = plan.seeds.len();
        let of_arm = plan.points.len() * seeds;
        let all = of_arm * plan.arms.len() <= ALL || !record.is_empty() || plan.is_picked();
        Self {
            tables: record.to_vec(),
            of_arm,
            some: if all {
                of_arm
            } else {
                sample_size(plan.arms.len())
            },
            seeds,
        }
    }

    /// Whether some runs keep a table.
    #[must_use]
    pub fn has(&self, table: &str) -> bool {
        self.tables.is_empty() || self.tables.iter().any(|name| name == table)
    }

    /// Whether a run keeps a table.
    #[must_use]
    pub fn keeps(&self, planned: &Planned, table: &str) -> bool {
        let position = planned.point as usize * self.seeds + planned.replicate as usize;
        self.has(table) && is_sampled(position, self.of_arm, self.some)
    }

    /// What is not kept, in words; nothing if all is.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        (self.some < self.of_arm).then(|| {
            format!(
                "tables are kept of {} of the {} runs of each arm, evenly apart, and quantiles over all of them; `record: [..]` keeps tables of every run",
                self.some, self.of_arm
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::seeds::Seeds;

    #[test]
    fn a_sample_has_its_size_and_lies_evenly() {
        for (of, some) in [(10, 3), (1_001, 100), (7, 7), (5, 9), (100, 1), (640, 100)] {
            let sample: Vec<usize> = (0..of).filter(|&i| is_sampled(i, of, some)).collect();
            assert_eq!(sample.len(), some.min(of), "{some} of {of}: {sample:?}");
            assert_eq!(sample[0], 0);
            let gaps = sample.windows(2).map(|pair| pair[1] - pair[0]);
            let widest = gaps.max().unwrap_or(of);
            assert!(widest <= of.div_ceil(some), "{some} of {of}: {sample:?}");
        }
    }

    #[test]
    fn a_small_ensemble_keeps_all_and_a_large_one_what_is_asked_or_a_sample() {
        let kept = |seeds: u32, record: &[&str]| {
            let plan = Plan::new(vec!["a".into(), "b".into()], Seeds::first(seeds));
            let record: Vec<String> = record.iter().map(|&name| name.to_owned()).collect();
            let keep = Keep::new(&record, &plan);
            let count = |table: &str| plan.runs().filter(|run| keep.keeps(run, table)).count();
            (count("market"), count("trade"), keep.words().is_some())
        };
        assert_eq!(kept(500, &[]), (1_000, 1_000, false));
        assert_eq!(kept(501, &[]), (200, 200, true));
        assert_eq!(kept(501, &["market"]), (1_002, 0, false));
    }

    #[test]
    fn a_run_that_was_picked_keeps_its_tables_and_a_shard_keeps_what_the_whole_does() {
        let plan = || Plan::new(vec!["a".into()], Seeds::first(5_000));
        let unsampled = plan()
            .runs()
            .find(|run| !Keep::new(&[], &plan()).keeps(run, "market"))
            .unwrap();
        let picked = plan().only([unsampled.run]).unwrap();
        assert!(Keep::new(&[], &picked).keeps(&unsampled, "market"));
        let shard = plan().shard(1, 2);
        assert!(!Keep::new(&[], &shard).keeps(&unsampled, "market"));
    }
}
