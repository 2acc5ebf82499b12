//! Price floor: a contract for difference on a capped volume of domestic output. Real case: 110 USD per kg NdPr for MP Materials, 2025.

use super::Scene;
use crate::domain::{
    exchange::{Effects, Floor},
    ids::StateId,
};

/// Gives every group of the state that makes the good its share of the covered volume.
#[expect(clippy::too_many_arguments, reason = "the terms of one floor")]
pub fn apply(
    scene: &Scene,
    state: StateId,
    index: usize,
    of: &[String],
    usd_per_kg: f64,
    tonnes_per_year: f64,
    quarters: f64,
    effects: &mut Effects,
) {
    let covered = scene.graph.covered(of);
    let makers: Vec<usize> = scene
        .layout
        .groups
        .iter()
        .enumerate()
        .filter(|(_, g)| {
            g.host == state
                && scene.graph.processes[g.process.index()]
                    .modes
                    .iter()
                    .any(|m| m.outputs.iter().any(|t| covered.contains(&t.commodity)))
        })
        .map(|(g, _)| g)
        .collect();
    let capacity = |g: usize| scene.groups.capacity[g].max(1e-9);
    let total: f64 = makers.iter().map(|&g| capacity(g)).sum();
    for &g in &makers {
        let commodity = scene.graph.processes[scene.layout.groups[g].process.index()]
            .modes
            .iter()
            .flat_map(|m| &m.outputs)
            .find(|t| covered.contains(&t.commodity))
            .map(|t| t.commodity);
        if let Some(commodity) = commodity {
            effects.floor[g] = Some(Floor {
                commodity,
                usd_per_kg,
                tonnes: tonnes_per_year / 4.0 * capacity(g) / total,
                measure: index,
                quarters,
            });
        }
    }
}
