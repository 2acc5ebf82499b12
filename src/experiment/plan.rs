//! Which runs an experiment consists of.

use super::{design::Points, seeds::Seeds};
use crate::config::Experiment;

/// One run: an arm at a point under a seed. Its number is its key in every table.
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

/// All runs: arms in order, within each all points, and at each all seeds, so that the same points and seeds meet every arm.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Names of the arms.
    pub arms: Vec<String>,
    /// Points shared by the arms.
    pub points: Points,
    /// Seeds shared by arms and points.
    pub seeds: Seeds,
    /// In a game, each player with its strategy in each arm.
    pub players: Vec<(String, Vec<String>)>,
    /// The runs that are meant, in order; all if absent.
    only: Option<Vec<u32>>,
    /// Whether these runs were picked one by one, not as a share of all.
    picked: bool,
}

/// A run that a plan does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no run {run}; the runs are 0 to {last}")]
pub struct NoRun {
    /// The number asked for.
    pub run: u32,
    /// The last that there is.
    pub last: usize,
}

impl Plan {
    /// The runs of some arms under the same seeds.
    #[must_use]
    pub fn new(arms: Vec<String>, seeds: Seeds) -> Self {
        Self {
            arms,
            points: Points::one(),
            seeds,
            players: Vec::new(),
            only: None,
            picked: false,
        }
    }

    /// The runs of an experiment.
    #[must_use]
    pub fn of(experiment: &Experiment, seeds: Seeds) -> Self {
        let mut plan = Self::new(experiment.arms.keys().cloned().collect(), seeds);
        plan.points = Points::of(experiment);
        if let Some(game) = &experiment.game {
            let profiles = game.profiles();
            for (position, player) in game.players.keys().enumerate() {
                let own = |profile: &Vec<usize>| {
                    let name = game.strategies(profile).nth(position);
                    name.unwrap_or_default().to_owned()
                };
                plan.players
                    .push((player.clone(), profiles.iter().map(own).collect()));
            }
        }
        plan
    }

    /// Only some of the runs, under the numbers that they have in the whole.
    ///
    /// # Errors
    /// If there is no such run.
    pub fn only(mut self, runs: impl IntoIterator<Item = u32>) -> Result<Self, NoRun> {
        let mut only: Vec<u32> = runs.into_iter().collect();
        only.sort_unstable();
        only.dedup();
        let whole = self.whole();
        match only.iter().find(|&&run| run as usize >= whole) {
            Some(&run) => Err(NoRun {
                run,
                last: whole.saturating_sub(1),
            }),
            None => {
                self.only = Some(only);
                self.picked = true;
                Ok(self)
            }
        }
    }

    /// The `number`-th of `of` shards (from 1): every `of`-th run, so that all shards take about as long.
    #[must_use]
    pub fn shard(mut self, number: u32, of: u32) -> Self {
        let runs = (0..self.whole() as u32).skip(number.saturating_sub(1) as usize);
        self.only = Some(runs.step_by(of.max(1) as usize).collect());
        self
    }

    /// Whether the runs were picked one by one, to be looked at closely.
    #[must_use]
    pub fn is_picked(&self) -> bool {
        self.picked
    }

    /// Runs of the whole.
    fn whole(&self) -> usize {
        self.arms.len() * self.points.len() * self.seeds.len()
    }

    /// How many runs are meant.
    #[must_use]
    pub fn len(&self) -> usize {
        self.only.as_ref().map_or_else(|| self.whole(), Vec::len)
    }

    /// Whether no run is meant.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The run at a position.
    #[must_use]
    pub fn get(&self, position: usize) -> Option<Planned> {
        let run = match &self.only {
            Some(only) => *only.get(position)? as usize,
            None => position,
        };
        let (points, seeds) = (self.points.len(), self.seeds.len());
        let replicate = run % seeds.max(1);
        let point = run / seeds.max(1) % points.max(1);
        (run < self.whole()).then(|| Planned {
            run: run as u32,
            arm: run / (points * seeds),
            point: point as u32,
            replicate: replicate as u32,
            seed: self.seeds.get(replicate).unwrap_or_default(),
        })
    }

    /// The runs in order.
    pub fn runs(&self) -> impl ExactSizeIterator<Item = Planned> + '_ {
        let planned = |position| {
            self.get(position).unwrap_or(Planned {
                run: 0,
                arm: 0,
                point: 0,
                replicate: 0,
                seed: 0,
            })
        };
        (0..self.len()).map(planned)
    }

    /// The values of a run's point.
    #[must_use]
    pub fn values(&self, planned: &Planned) -> &[f64] {
        self.points
            .values
            .get(planned.point as usize)
            .map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        let mut plan = Plan::new(
            vec!["free".into(), "quota".into()],
            Seeds::list([5, 9]).unwrap(),
        );
        plan.points.values = vec![vec![0.1], vec![0.2], vec![0.3]];
        plan
    }

    #[test]
    fn every_arm_meets_every_point_and_seed() {
        let plan = plan();
        let runs: Vec<_> = plan
            .runs()
            .map(|run| (run.run, run.arm, run.point, run.replicate, run.seed))
            .collect();
        assert_eq!(runs.len(), 12);
        assert_eq!(
            runs[..4],
            [
                (0, 0, 0, 0, 5),
                (1, 0, 0, 1, 9),
                (2, 0, 1, 0, 5),
                (3, 0, 1, 1, 9)
            ]
        );
        assert_eq!(runs[6..8], [(6, 1, 0, 0, 5), (7, 1, 0, 1, 9)]);
        assert_eq!(plan.values(&plan.get(11).unwrap()), [0.3]);
        assert_eq!(plan.get(12), None);
    }

    #[test]
    fn shards_are_disjoint_and_make_the_whole() {
        let whole: Vec<u32> = plan().runs().map(|run| run.run).collect();
        for of in [1, 2, 5, 20] {
            let mut runs = Vec::new();
            for number in 1..=of {
                runs.extend(plan().shard(number, of).runs());
            }
            runs.sort_by_key(|run| run.run);
            assert_eq!(runs, plan().runs().collect::<Vec<_>>(), "{of} shards");
            assert_eq!(runs.len(), whole.len());
        }
    }

    #[test]
    fn some_runs_keep_their_numbers() {
        let some = plan().only([7, 3, 3]).unwrap();
        let runs: Vec<_> = some
            .runs()
            .map(|run| (run.run, run.arm, run.seed))
            .collect();
        assert_eq!(runs, [(3, 0, 9), (7, 1, 9)]);
        assert_eq!(plan().only([12]), Err(NoRun { run: 12, last: 11 }));
    }
}
