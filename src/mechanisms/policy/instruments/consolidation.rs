//! Consolidation: the state's own plants at some stages come under one firm, which has one hurdle, one policy of stopping and reopening,
//! and may hold capacity back. Foreign-owned plants stay out. Real case: China Rare Earth Group, December 2021.

use super::Scene;
use crate::domain::{
    exchange::Effects,
    ids::{FirmId, StateId},
    industry::Merger,
};

/// Orders the merger of the plants of all covered groups.
pub fn apply(
    scene: &Scene,
    state: StateId,
    stages: &[String],
    of: &[String],
    owner: &str,
    discipline: f64,
    effects: &mut Effects,
) {
    let Ok(firm) = scene
        .layout
        .firms
        .binary_search_by(|f| f.as_str().cmp(owner))
    else {
        return;
    };
    let mut groups = vec![false; scene.layout.groups.len()];
    for g in scene.groups_of(state, stages, of) {
        groups[g] = true;
    }
    effects.industry.mergers.push(Merger {
        state,
        firm: FirmId::from_index(firm),
        groups,
        discipline,
    });
}
