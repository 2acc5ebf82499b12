//! One run from configuration to record.

use super::design::Points;
use crate::{
    config::{experiment::PointSetter, scenario::Scenario, uncertainty::Draws},
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
    /// The points of the design; those of no design have no values.
    points: Points,
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
            points: Points::one(),
            market: Mutex::new(None),
        }
    }

    /// A simulator of arms that start from a common base.
    #[must_use]
    pub fn of_arms(base: &'a Scenario, arms: impl IntoIterator<Item = &'a Scenario>) -> Self {
        Self {
            base: Drawing::new(base),
            arms: arms.into_iter().map(Drawing::new).collect(),
            points: Points::one(),
            market: Mutex::new(None),
        }
    }

    /// The simulator with the points of a design: what a point sets takes the place of what is written or drawn, in the base and
    /// in every arm that has it.
    #[must_use]
    pub fn at_points(mut self, points: Points) -> Self {
        for drawing in std::iter::once(&mut self.base).chain(&mut self.arms) {
            drawing.setter = PointSetter::new(drawing.scenario, &points.paths);
        }
        self.points = points;
        self
    }

    /// A run at the first point; see [`Simulator::run_at`].
    ///
    /// # Errors
    /// Why the world could not be built, or what stopped it.
    pub fn run(&self, arm: usize, seed: u32) -> Result<RunRecord, String> {
        self.run_at(arm, 0, seed)
    }

    /// Settles the start at a point under a seed, lays the arm over it, lives through it, and gives back what was recorded.
    ///
    /// # Errors
    /// Why the world could not be built, or what stopped it.
    pub fn run_at(&self, arm: usize, point: u32, seed: u32) -> Result<RunRecord, String> {
        let seed = u64::from(seed);
        let values = self.points.values.get(point as usize);
        let values = values.ok_or_else(|| format!("the design has no point {point}"))?;
        let market = self
            .market
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let (mut simulation, mut drawn) = self.base.with(seed, values, |base| {
            let start = world::invert(base, seed).map_err(|error| error.to_string())?;
            let build = |scenario: &Scenario| {
                world::on_base(scenario, &start, seed, market.as_ref())
                    .map_err(|error| error.to_string())
            };
            match self.arms.get(arm) {
                Some(arm) => {
                    Ok::<_, String>((arm.with(seed, values, build)?, arm.draws.values(seed)))
                }
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
        drawn.retain(|(path, _)| !self.points.paths.contains(path));
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
    setter: PointSetter,
    copies: Mutex<Vec<Scenario>>,
}

impl<'a> Drawing<'a> {
    fn new(scenario: &'a Scenario) -> Self {
        Self {
            scenario,
            draws: Draws::new(scenario),
            setter: PointSetter::default(),
            copies: Mutex::new(Vec::new()),
        }
    }

    /// Does something with the scenario as drawn under a seed, at the values of a point.
    fn with<T>(&self, seed: u64, values: &[f64], work: impl FnOnce(&Scenario) -> T) -> T {
        if self.draws.is_empty() && self.setter.is_empty() {
            return work(self.scenario);
        }
        let copies = || self.copies.lock().unwrap_or_else(PoisonError::into_inner);
        let mut copy = copies().pop().unwrap_or_else(|| self.scenario.clone());
        self.draws.apply(&mut copy, seed);
        self.setter.set(&mut copy, values);
        let done = work(&copy);
        copies().push(copy);
        done
    }
}
