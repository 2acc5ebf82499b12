//! Which runs an experiment consists of.

use super::seeds::Seeds;

/// One run: an arm under a seed. Its number is its key in every table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// Number of the run.
    pub run: u32,
    /// Position of the arm.
    pub arm: usize,
    /// Design point.
    pub point: u32,
    /// Position of the seed in the list of seeds.
    pub replicate: u32,
    /// Seed.
    pub seed: u32,
}

/// All runs: arms in order, and within each all seeds, so that the same seed meets every arm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Names of the arms.
    pub arms: Vec<String>,
    /// Seeds shared by the arms.
    pub seeds: Seeds,
    runs: Vec<Planned>,
}

impl Plan {
    /// The runs of some arms under the same seeds.
    #[must_use]
    pub fn new(arms: Vec<String>, seeds: Seeds) -> Self {
        let pairs = (0..arms.len()).flat_map(|arm| {
            (0..)
                .zip(seeds.iter())
                .map(move |(replicate, seed)| (arm, replicate, seed))
        });
        let runs = (0..)
            .zip(pairs)
            .map(|(run, (arm, replicate, seed))| Planned {
                run,
                arm,
                point: 0,
                replicate,
                seed,
            });
        let runs = runs.collect();
        Self { arms, seeds, runs }
    }

    /// The runs in order.
    #[must_use]
    pub fn runs(&self) -> &[Planned] {
        &self.runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_arm_meets_every_seed() {
        let plan = Plan::new(
            vec!["free".into(), "quota".into()],
            Seeds::list([5, 9]).unwrap(),
        );
        let runs: Vec<_> = plan
            .runs()
            .iter()
            .map(|run| (run.run, run.arm, run.replicate, run.seed))
            .collect();
        assert_eq!(
            runs,
            [(0, 0, 0, 5), (1, 0, 1, 9), (2, 1, 0, 5), (3, 1, 1, 9)]
        );
    }
}
