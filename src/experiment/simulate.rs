//! One run from configuration to record.

use crate::{
    config::{scenario::Scenario, uncertainty::Draws},
    engine::phase::Phase,
    record::RunRecord,
    world,
};
use std::sync::{Mutex, PoisonError};

/// What all runs of a command share: the scenario from which the start is settled, and the arms laid over that start.
pub struct Simulator<'a> {
    base: Drawing<'a>,
    /// The arms; none if the base itself is what is run.
    arms: Vec<Drawing<'a>>,
    /// The market compiled last: most runs have the same structure.
    market: Mutex<Option<world::Shared>>,
}

impl<'a> Simulator<'a> {
    /// A simulator of a scenario by itself: the only arm is the base.
    #[must_use]
    pub fn of_scenario(scenario: &'a Scenario) -> Self {
        Self {
            base: Drawing::new(scenario),
            arms: Vec::new(),
            market: Mutex::new(None),
        }
    }

    /// A simulator of arms that start from a common base.
    #[must_use]
    pub fn of_arms(base: &'a Scenario, arms: impl IntoIterator<Item = &'a Scenario>) -> Self {
        Self {
            base: Drawing::new(base),
            arms: arms.into_iter().map(Drawing::new).collect(),
            market: Mutex::new(None),
        }
    }

    /// Settles the start under a seed, lays the arm over it, lives through it, and gives back what was recorded.
    ///
    /// # Errors
    /// Why the world could not be built, or what stopped it.
    pub fn run(&self, arm: usize, seed: u32) -> Result<RunRecord, String> {
        let seed = u64::from(seed);
        let market = self
            .market
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let (mut simulation, drawn) = self.base.with(seed, |base| {
            let start = world::invert(base, seed).map_err(|error| error.to_string())?;
            let build = |scenario: &Scenario| {
                world::on_base(scenario, &start, seed, market.as_ref())
                    .map_err(|error| error.to_string())
            };
            match self.arms.get(arm) {
                Some(arm) => Ok::<_, String>((arm.with(seed, build)?, arm.draws.values(seed))),
                None => Ok((build(base)?, self.base.draws.values(seed))),
            }
        })?;
        *self.market.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(world::shared_of(&simulation));
        simulation.run().map_err(|fault| fault.to_string())?;
        let mut record = simulation
            .world
            .remove_resource::<RunRecord>()
            .ok_or("the world has no recorder")?;
        record.drawn = drawn;
        Ok(record)
    }
}

/// What the builder moved so that the start closes, under one seed.
///
/// # Errors
/// Why the start cannot be settled.
pub fn reconciliation(scenario: &Scenario, seed: u32) -> Result<Vec<world::Adjustment>, String> {
    let seed = u64::from(seed);
    world::invert(&scenario.draw(seed), seed)
        .map(|base| base.settled.moved)
        .map_err(|error| error.to_string())
}

/// The systems of a quarter in the order in which the schedule of a scenario's world runs them.
///
/// # Errors
/// Why the world could not be built.
pub fn timeline(scenario: &Scenario) -> Result<Vec<(Phase, String)>, String> {
    world::build(scenario, 1)
        .map(|mut simulation| simulation.timeline())
        .map_err(|error| error.to_string())
}

/// A scenario whose uncertain numbers are set anew for each run, in copies that are used again.
struct Drawing<'a> {
    scenario: &'a Scenario,
    draws: Draws,
    copies: Mutex<Vec<Scenario>>,
}

impl<'a> Drawing<'a> {
    fn new(scenario: &'a Scenario) -> Self {
        Self {
            scenario,
            draws: Draws::new(scenario),
            copies: Mutex::new(Vec::new()),
        }
    }

    /// Does something with the scenario as drawn under a seed.
    fn with<T>(&self, seed: u64, work: impl FnOnce(&Scenario) -> T) -> T {
        if self.draws.is_empty() {
            return work(self.scenario);
        }
        let copies = || self.copies.lock().unwrap_or_else(PoisonError::into_inner);
        let mut copy = copies().pop().unwrap_or_else(|| self.scenario.clone());
        self.draws.apply(&mut copy, seed);
        let done = work(&copy);
        copies().push(copy);
        done
    }
}
