//! Capital grant: the state pays a share of the capital cost of projects it hosts, until its budget is spent. Real case: US Defense
//! Production Act awards for separation and magnets, 2020 to 2024.

use super::Scene;
use crate::domain::{
    exchange::{Effects, Grant},
    graph::Stage,
    ids::StateId,
};

/// Offers the grant to every group of the stages.
pub fn apply(
    scene: &Scene,
    state: StateId,
    index: usize,
    stages: &[String],
    share: f64,
    left_usd: f64,
    effects: &mut Effects,
) {
    if left_usd <= 0.0 {
        return;
    }
    let wanted: Vec<Stage> = stages
        .iter()
        .filter_map(|name| Stage::named(name))
        .collect();
    for (g, group) in scene.layout.groups.iter().enumerate() {
        if group.host == state
            && wanted.contains(&scene.graph.processes[group.process.index()].stage)
            && share > effects.grant[g]
        {
            effects.grant[g] = share;
            effects.grants.retain(|grant| grant.group != g);
            effects.grants.push(Grant {
                group: g,
                measure: index,
                left_usd,
            });
        }
    }
}
