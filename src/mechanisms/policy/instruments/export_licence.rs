//! Export licence: a share of the usual flow is licensed, after a delay in which nothing leaves. Real case: China, April 2025.

use super::Scene;
use crate::domain::{exchange::Effects, ids::StateId};

/// Limits every covered lane to `share` of the flow that was usual when the licence came; the tightest limit on a lane holds.
#[expect(clippy::too_many_arguments, reason = "the terms of one licence")]
pub fn apply(
    scene: &Scene,
    state: StateId,
    of: &[String],
    to: &[String],
    share: f64,
    reference: &[f64],
    index: usize,
    effects: &mut Effects,
) {
    for (l, _) in scene.lanes(of, Some(state), &[], to) {
        let limit = share * reference.get(l).copied().unwrap_or(0.0);
        if limit < effects.limit[l] {
            effects.limit[l] = limit;
            effects.limit_by[l] = index;
        }
    }
}
