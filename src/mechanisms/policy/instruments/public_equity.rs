//! Public equity: the state buys shares in projects. What it puts in need not be found elsewhere; it gets its part of what the firm pays
//! out, and loses it if the firm fails. Real case: the Pentagon's USD 400m in MP Materials, July 2025; JOGMEC and Sojitz in Lynas, A$200m,
//! March 2023.

use super::Scene;
use crate::domain::{exchange::Effects, ids::StateId, industry::EquityOffer};

/// Offers to take shares in the projects of every group of the stages; of several the largest holds.
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
    for g in scene.groups_of(state, stages, &[]) {
        let slot = &mut effects.industry.equity[g];
        if slot.is_none_or(|other| share > other.share) {
            *slot = Some(EquityOffer {
                measure: index,
                share,
                left_usd,
            });
        }
    }
}
