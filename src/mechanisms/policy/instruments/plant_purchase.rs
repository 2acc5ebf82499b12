//! Purchase of plants: a firm takes plants over, abroad or at home, with its state behind it. The seller's host may screen the case. Real
//! case: Shenghe's purchase of Peak and its Ngualla project, 2025; Chinese owners in Myanmar, Vietnam and Malaysia.

use super::Scene;
use crate::domain::{
    exchange::Effects,
    graph::Stage,
    ids::{FirmId, StateId},
    industry::PurchaseOrder,
};

/// Orders the purchase; investment carries it out, once.
#[expect(clippy::too_many_arguments, reason = "the terms of one purchase")]
pub fn apply(
    scene: &Scene,
    state: StateId,
    index: usize,
    names: &[String],
    hosts: &[String],
    stages: &[String],
    buyer: &str,
    premium: f64,
    public_share: f64,
    effects: &mut Effects,
) {
    let Ok(firm) = scene
        .layout
        .firms
        .binary_search_by(|f| f.as_str().cmp(buyer))
    else {
        return;
    };
    let wanted = |p: usize, g: usize| {
        let group = scene.layout.groups[g];
        if names.is_empty() {
            let stage: Stage = scene.graph.processes[group.process.index()].stage;
            hosts.contains(&scene.layout.states[group.host.index()])
                && (stages.is_empty() || stages.iter().any(|s| s == stage.name()))
        } else {
            let full = &scene.layout.plants[p];
            names
                .iter()
                .any(|name| full == name || full.ends_with(&format!(".{name}")))
        }
    };
    let plants = scene
        .layout
        .groups
        .iter()
        .enumerate()
        .flat_map(|(g, group)| group.plants().map(move |p| (p, g)))
        .filter(|&(p, g)| wanted(p, g))
        .map(|(p, _)| p)
        .collect();
    effects.industry.purchases.push(PurchaseOrder {
        measure: index,
        state,
        buyer: FirmId::from_index(firm),
        plants,
        premium,
        public_share,
    });
}
