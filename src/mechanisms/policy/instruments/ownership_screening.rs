//! Ownership screening: projects and purchases by owners from listed states are refused or kept waiting; what such owners have stays
//! (grandfathered) unless they must sell by a date. Real case: Australia's conditions on China Nonferrous's bid for Lynas, 2009
//! (withdrawn), and its order to Yuxiao to sell its shares in Northern Minerals, 2024; US rules on foreign entities of concern.

use super::Scene;
use crate::domain::{
    exchange::Effects, graph::Stage, ids::StateId, industry::Screen, time::Quarter,
};

/// Adds the rule.
#[expect(clippy::too_many_arguments, reason = "the terms of one rule")]
pub fn apply(
    scene: &Scene,
    state: StateId,
    index: usize,
    owners: &[String],
    stages: &[String],
    delay: Option<u32>,
    divest_by: Option<Quarter>,
    effects: &mut Effects,
) {
    effects.industry.screens.push(Screen {
        measure: index,
        host: state,
        owners: scene
            .layout
            .states
            .iter()
            .map(|s| owners.contains(s))
            .collect(),
        stages: Stage::ALL
            .map(|stage| stages.is_empty() || stages.iter().any(|s| s == stage.name())),
        delay,
        case_usd: scene.params.screening_usd_per_case,
        divest: divest_by.is_some_and(|by| scene.now >= by),
    });
}
