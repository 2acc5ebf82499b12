//! Technology export ban: know-how and equipment for the covered stages stay at home. Real case: China's catalogue of December 2023
//! bars the export of magnet-making technology, as it had barred that of extraction and separation.
//!
//! The ban itself only says which transfers stop. What that does depends on what the target knows already: capability slows its
//! learning and raises its cost, and investment finds fewer projects to finance.

use super::Scene;
use crate::domain::{exchange::Effects, graph::Stage, ids::StateId};

/// Cuts `share` of the transfer to each target; the strongest ban on a state and stage holds.
pub fn apply(
    scene: &Scene,
    state: StateId,
    stages: &[String],
    to: &[String],
    share: f64,
    effects: &mut Effects,
) {
    for (target, code) in scene.layout.states.iter().enumerate() {
        if target == state.index() || !(to.is_empty() || to.contains(code)) {
            continue;
        }
        for stage in stages.iter().filter_map(|name| Stage::named(name)) {
            let drag = &mut effects.know_how_drag[target * Stage::ALL.len() + stage as usize];
            *drag = drag.max(share);
        }
    }
}
