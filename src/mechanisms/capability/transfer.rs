//! Transfer: owners from abroad bring their know-how, and part of it stays with those whom they employ. A ban on the export of
//! technology holds it up.

use super::{Settings, dependence};
use crate::domain::{
    actors::{Capability, GroupId, OwnerState, Roll},
    exchange::{Effects, PlantBooks},
    graph::{Graph, Stage},
    ids::{PlantId, StateId},
    layout::Layout,
};
use bevy_ecs::prelude::*;

/// Know-how after a quarter in which owners who know `theirs` run a share of the stage in a state that knows `k`.
#[must_use]
pub fn transferred(k: f64, theirs: f64, share: f64, speed: f64) -> f64 {
    k + speed * share * (theirs - k).max(0.0)
}

#[expect(clippy::too_many_arguments, reason = "a system asks for what it reads")]
pub(super) fn bring_know_how(
    settings: Res<Settings>,
    layout: Res<Layout>,
    graph: Res<Graph>,
    books: Res<PlantBooks>,
    effects: Res<Effects>,
    roll: Res<Roll>,
    plants: Query<(&PlantId, &OwnerState, &GroupId)>,
    mut states: Query<(&StateId, &mut Capability)>,
) {
    let p = &settings.0;
    let (n, stages) = (layout.states.len(), Stage::ALL.len());
    let mut know_how = vec![[0.0; 5]; n];
    for (state, capability) in &states {
        know_how[state.index()] = capability.0;
    }
    // Activity by host and stage, and what its owners know, weighted by it.
    let (mut activity, mut known) = (vec![0.0; n * stages], vec![0.0; n * stages]);
    for (id, owner, group) in plants.iter_many(&roll.plants).flatten() {
        let at = layout.groups[usize::from(group.0)];
        let stage = graph.processes[at.process.index()].stage as usize;
        let own = know_how[at.host.index()][stage];
        let made = books.activity[id.index()];
        activity[at.host.index() * stages + stage] += made;
        known[at.host.index() * stages + stage] +=
            made * (know_how[owner.0.index()][stage] - own).max(0.0);
    }
    for (state, mut capability) in &mut states {
        for stage in 0..stages {
            let at = state.index() * stages + stage;
            if activity[at] > 0.0 && known[at] > 0.0 {
                let k = capability.0[stage];
                let cut = effects.know_how_drag[at] * dependence(k, p);
                let theirs = k + known[at] / activity[at];
                capability.0[stage] = transferred(k, theirs, 1.0 - cut, p.transfer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_works_for_those_who_know_learns() {
        assert!((transferred(0.3, 0.9, 0.5, 0.02) - 0.306).abs() < 1e-12);
        assert_eq!(transferred(0.9, 0.3, 1.0, 0.02), 0.9);
        assert_eq!(transferred(0.3, 0.9, 0.0, 0.02), 0.3);
    }
}
