//! The environment: damage is what plants do not comply with.

use crate::domain::{
    actors::{Damage, Environment},
    exchange::{Effects, PlantBooks},
    graph::{Graph, Stage},
    ids::StateId,
    layout::Layout,
    units::KG_PER_T,
};
use bevy_ecs::prelude::*;

pub(super) fn do_damage(
    layout: Res<Layout>,
    graph: Res<Graph>,
    effects: Res<Effects>,
    plants: Res<PlantBooks>,
    mut states: Query<(&StateId, &Environment, &mut Damage)>,
) {
    let (mut mined, mut separated) = (
        vec![0.0; layout.states.len()],
        vec![0.0; layout.states.len()],
    );
    for group in &layout.groups {
        let column = match graph.processes[group.process.index()].stage {
            Stage::Mine => &mut mined,
            Stage::Separation => &mut separated,
            Stage::Metal | Stage::Magnet | Stage::Recycling => continue,
        };
        column[group.host.index()] += plants.activity[group.plants()].iter().sum::<f64>();
    }
    for (state, environment, mut damage) in &mut states {
        let worked = mined[state.index()] + separated[state.index()];
        damage.0 = environment.damage(effects.industry.standards[state.index()], worked * KG_PER_T);
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::{actors::Environment, industry::Standard};

    #[test]
    fn what_plants_pay_for_is_damage_not_done() {
        let environment = Environment {
            enforcement: 0.4,
            compliance_usd_per_kg: 2.0,
            damage_usd_per_kg: 6.0,
        };
        assert_eq!(environment.extra_cost(None), 0.0);
        assert!((environment.damage(None, 1.0) - 3.6).abs() < 1e-12);
        let strict = Some(Standard {
            measure: 0,
            kept: 0.9,
            enforcement: 0.9,
        });
        assert!((environment.extra_cost(strict) - 1.0).abs() < 1e-12);
        assert!((environment.damage(strict, 1.0) - 0.6).abs() < 1e-12);
    }
}
