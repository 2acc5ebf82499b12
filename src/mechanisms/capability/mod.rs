//! Capability: know-how per state and stage, gained by doing; and the environment, as damage done and compliance paid.

mod environment;
mod params;
mod training;
mod transfer;

use crate::domain::{
    actors::Capability,
    exchange::{Effects, KnowHow, PlantBooks},
    graph::{Graph, Stage},
    ids::StateId,
    layout::Layout,
    maths::ln,
};
use crate::engine::{phase::Phase, simulation::Simulation};
use bevy_ecs::prelude::*;
pub use params::CapabilityParams as Params;
pub use training::Students;

/// The parameters in use.
#[derive(Resource, Debug, Clone, PartialEq)]
pub struct Settings(pub Params);

/// Know-how of a state at the start, and its experience: cumulated output over the output of the start year.
#[derive(Component, Debug, Clone, Copy, PartialEq)]
pub struct Experience {
    /// Know-how at the start.
    pub start: Capability,
    /// Cumulated output per stage, t; starts at ten years of the first year's output, or at the least that counts as practice.
    pub cumulated: [f64; 5],
}

/// Adds the mechanism.
pub fn plugin(simulation: &mut Simulation) {
    simulation.world.init_resource::<Students>();
    simulation.add(
        Phase::Capability,
        (
            learn_by_doing,
            training::teach,
            transfer::bring_know_how,
            relate_to_start,
            environment::do_damage,
        )
            .chain(),
    );
}

/// Know-how of a state that makes `share` of world output of a stage at the start.
#[must_use]
pub fn initial(share: f64, p: &Params) -> f64 {
    p.least + (1.0 - p.least) * (share / p.full_at).min(1.0)
}

/// Know-how after output has raised experience from `before` to `after`: a share of the gap closes with each doubling (Wright's law).
#[must_use]
pub fn learned(k: f64, before: f64, after: f64, p: &Params) -> f64 {
    let doublings = ln(after / before) / std::f64::consts::LN_2;
    (k + p.learning * doublings * (1.0 - k)).clamp(k, 1.0)
}

/// What a state's know-how does at a stage: (factor on output, factor on cost) at know-how `k`.
#[must_use]
pub fn know_how_factors(k: f64, yield_floor: f64, cost_penalty: f64) -> (f64, f64) {
    (
        yield_floor + (1.0 - yield_floor) * k,
        1.0 + cost_penalty * (1.0 - k),
    )
}

/// Sets the know-how factors of a state relative to the start.
pub fn set_know_how(
    know_how: &mut KnowHow,
    state: StateId,
    now: &Capability,
    start: &Capability,
    yield_floor: f64,
    cost_penalty: f64,
) {
    for stage in Stage::ALL {
        let i = stage as usize;
        let (output, cost) = know_how_factors(now.0[i], yield_floor, cost_penalty);
        let (output_start, cost_start) = know_how_factors(start.0[i], yield_floor, cost_penalty);
        know_how.output[state.index() * Stage::ALL.len() + i] = output / output_start;
        know_how.cost[state.index() * Stage::ALL.len() + i] = cost / cost_start;
    }
}

/// How much of a stage's progress at know-how `k` hangs on others: nothing where the state has technology of its own.
#[must_use]
pub fn dependence(k: f64, p: &Params) -> f64 {
    ((p.own_technology - k) / (p.own_technology - p.least).max(1e-9)).clamp(0.0, 1.0)
}

fn learn_by_doing(
    settings: Res<Settings>,
    layout: Res<Layout>,
    graph: Res<Graph>,
    plants: Res<PlantBooks>,
    effects: Res<Effects>,
    mut states: Query<(&StateId, &mut Capability, &mut Experience)>,
) {
    let p = &settings.0;
    let mut output = vec![0.0; layout.states.len() * Stage::ALL.len()];
    for group in &layout.groups {
        let stage = graph.processes[group.process.index()].stage;
        output[group.host.index() * Stage::ALL.len() + stage as usize] +=
            plants.activity[group.plants()].iter().sum::<f64>();
    }
    for (state, mut capability, mut experience) in &mut states {
        let made =
            &output[state.index() * Stage::ALL.len()..(state.index() + 1) * Stage::ALL.len()];
        for (i, made) in made.iter().enumerate() {
            let before = experience.cumulated[i];
            let drag = effects.know_how_drag[state.index() * Stage::ALL.len() + i];
            let cut = drag * dependence(capability.0[i], p);
            // What is not taught has to be found out: less of each tonne turns into know-how.
            experience.cumulated[i] += made * (1.0 - cut);
            capability.0[i] = learned(capability.0[i], before, experience.cumulated[i], p);
        }
    }
}

/// What know-how does to yields and costs is counted from the start.
fn relate_to_start(
    settings: Res<Settings>,
    effects: Res<Effects>,
    mut know_how: ResMut<KnowHow>,
    states: Query<(&StateId, &Capability, &Experience)>,
) {
    let p = &settings.0;
    for (state, capability, experience) in &states {
        set_know_how(
            &mut know_how,
            *state,
            capability,
            &experience.start,
            p.yield_floor,
            p.cost_penalty,
        );
        for i in 0..Stage::ALL.len() {
            let at = state.index() * Stage::ALL.len() + i;
            let cut = effects.know_how_drag[at] * dependence(capability.0[i], p);
            know_how.cost[at] *= 1.0 + p.ban_cost * cut;
            know_how.drag[at] = cut;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_technology_does_not_depend_on_others() {
        let p = Params::default();
        assert_eq!(dependence(1.0, &p), 0.0);
        assert_eq!(dependence(p.least, &p), 1.0);
        assert!(dependence(0.6, &p) > 0.0 && dependence(0.6, &p) < 1.0);
    }

    #[test]
    fn full_know_how_costs_nothing_extra() {
        assert_eq!(know_how_factors(1.0, 0.85, 0.5), (1.0, 1.0));
    }

    #[test]
    fn doing_teaches_and_never_unteaches() {
        let p = Params::default();
        let once = learned(0.4, 100.0, 200.0, &p);
        assert!((once - (0.4 + p.learning * 0.6)).abs() < 1e-12);
        assert_eq!(learned(1.0, 1.0, 100.0, &p), 1.0);
        assert_eq!(learned(0.4, 100.0, 100.0, &p), 0.4);
    }

    #[test]
    fn who_makes_much_knows_how() {
        let p = Params::default();
        assert_eq!(initial(0.9, &p), 1.0);
        assert_eq!(initial(0.0, &p), p.least);
    }
}
