//! A world and the schedule that turns it: one [`Simulation::step`] is one quarter.

use super::phase::Phase;
use crate::domain::time::Quarter;
use bevy_ecs::{
    prelude::*,
    schedule::{
        IntoScheduleConfigs, LogLevel, Schedule, ScheduleBuildSettings, ScheduleLabel,
        SingleThreadedExecutor,
    },
    system::ScheduleSystem,
};

#[derive(ScheduleLabel, Debug, Clone, PartialEq, Eq, Hash)]
struct PhaseSchedule(Phase);

/// The quarter that is being lived through.
#[derive(Resource, Debug, Clone, Copy)]
pub struct Clock {
    /// First quarter of the run.
    pub start: Quarter,
    /// Last quarter of the run.
    pub end: Quarter,
    /// Current quarter.
    pub now: Quarter,
}

impl Clock {
    /// Quarters since the start, 0 in the first.
    #[must_use]
    pub fn index(&self) -> usize {
        usize::try_from(self.now.since(self.start)).unwrap_or(0)
    }

    /// Number of quarters in the run.
    #[must_use]
    pub fn quarters(&self) -> usize {
        usize::try_from(self.end.since(self.start) + 1).unwrap_or(0)
    }
}

/// Why a run stopped before its end. Named precisely enough to find the mechanism at fault.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RunFault {
    /// The market could not be cleared to its tolerance.
    #[error(
        "{quarter}: the market did not clear at {venue}: residual {residual:.3e} of throughput"
    )]
    NotCleared {
        /// Quarter.
        quarter: Quarter,
        /// Venue with the largest residual, `commodity@state`.
        venue: String,
        /// Its residual relative to throughput.
        residual: f64,
    },
    /// A book does not close.
    #[error("{quarter}: {book} does not close at {place}: off by {size:.3e} of {scale:.3e}")]
    Imbalance {
        /// Quarter.
        quarter: Quarter,
        /// Which book: mass of an element, goods, money.
        book: String,
        /// Venue, commodity or element.
        place: String,
        /// Size of the breach.
        size: f64,
        /// What it is measured against.
        scale: f64,
    },
    /// A number is negative or not finite where it must not be.
    #[error("{quarter}: {what} at {place} is {value}")]
    OutOfBounds {
        /// Quarter.
        quarter: Quarter,
        /// Which quantity.
        what: String,
        /// Where.
        place: String,
        /// The value found.
        value: f64,
    },
    /// Plants made more than they can, or more than a ceiling lets them.
    #[error("{quarter}: {place} made {quantity:.6} t where only {limit:.6} t can be")]
    CapacityExceeded {
        /// Quarter.
        quarter: Quarter,
        /// Plant group, `process@state`.
        place: String,
        /// Activity, t.
        quantity: f64,
        /// Capacity under the ceiling in force, t.
        limit: f64,
    },
    /// A trade limit in force was exceeded.
    #[error("{quarter}: {quantity:.6} t crossed {lane} where only {limit:.6} t may")]
    LimitExceeded {
        /// Quarter.
        quarter: Quarter,
        /// Lane, `commodity exporter>importer`.
        lane: String,
        /// Cleared quantity, t.
        quantity: f64,
        /// Limit, t.
        limit: f64,
    },
}

/// The fault of this run, if one occurred: the runner reads it after each step.
#[derive(Resource, Debug, Default)]
pub struct Fault(pub Option<RunFault>);

/// One world with its schedule: one list of systems per phase, run in the order of the phases. Cheap to move to another thread.
pub struct Simulation {
    /// The entities and shared state.
    pub world: World,
    phases: Vec<(Phase, Schedule)>,
}

impl Simulation {
    /// An empty world at `start`, with the phases in order and no mechanism yet.
    #[must_use]
    pub fn new(start: Quarter, end: Quarter) -> Self {
        let mut world = World::new();
        world.insert_resource(Clock {
            start,
            end,
            now: start,
        });
        world.init_resource::<Fault>();
        let schedule = |phase| {
            let mut schedule = Schedule::new(PhaseSchedule(phase));
            schedule
                .set_executor(SingleThreadedExecutor::new())
                .set_build_settings(ScheduleBuildSettings {
                    ambiguity_detection: LogLevel::Error,
                    ..Default::default()
                });
            (phase, schedule)
        };
        Self {
            world,
            phases: Phase::ALL.into_iter().map(schedule).collect(),
        }
    }

    /// Adds a system to a phase. Mechanisms register here and nowhere else.
    pub fn add<M>(
        &mut self,
        phase: Phase,
        systems: impl IntoScheduleConfigs<ScheduleSystem, M>,
    ) -> &mut Self {
        self.phases[phase as usize].1.add_systems(systems);
        self
    }

    /// The current quarter.
    #[must_use]
    pub fn quarter(&self) -> Quarter {
        self.world.resource::<Clock>().now
    }

    /// Lives through one quarter.
    ///
    /// # Errors
    /// The fault that stopped the run, if the market did not clear or a book did not close.
    pub fn step(&mut self) -> Result<(), RunFault> {
        for phase in Phase::ALL {
            self.step_phase(phase)?;
        }
        self.next_quarter();
        Ok(())
    }

    /// Runs one phase of the current quarter; [`Simulation::step`] runs them all and moves the clock. For benchmarks and teaching.
    ///
    /// # Errors
    /// As [`Simulation::step`]: no later phase sees a market that did not clear.
    pub fn step_phase(&mut self, phase: Phase) -> Result<(), RunFault> {
        self.phases[phase as usize].1.run(&mut self.world);
        self.world
            .resource_mut::<Fault>()
            .0
            .take()
            .map_or(Ok(()), Err)
    }

    /// Moves the clock to the next quarter after all phases have been run one by one.
    pub fn next_quarter(&mut self) {
        let mut clock = self.world.resource_mut::<Clock>();
        clock.now = clock.now.plus(1);
    }

    /// Steps to the end of the run.
    ///
    /// # Errors
    /// As [`Simulation::step`].
    pub fn run(&mut self) -> Result<(), RunFault> {
        let quarters = self.world.resource::<Clock>().quarters();
        for _ in 0..quarters {
            self.step()?;
        }
        Ok(())
    }

    /// The systems of a quarter in the order in which the built schedule runs them, each with its phase.
    ///
    /// # Panics
    /// If two systems of one phase conflict without an order between them: an error of the program that any test of a run shows.
    pub fn timeline(&mut self) -> Vec<(Phase, String)> {
        let mut acts = Vec::new();
        for (phase, schedule) in &mut self.phases {
            schedule
                .initialize(&mut self.world)
                .expect("the schedule has no ambiguities");
            let systems = schedule.systems().expect("the schedule was just built");
            acts.extend(
                systems
                    .map(|(_, system)| system.name().to_string())
                    .filter(|name| !name.contains("apply_deferred"))
                    .map(|name| (*phase, name)),
            );
        }
        acts
    }
}
