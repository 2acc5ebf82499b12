//! Embargo: nothing of the covered goods leaves for the destinations. Real case: the stop of shipments to Japan, autumn 2010.

use super::Scene;
use crate::domain::{exchange::Effects, ids::StateId};

/// Limits every covered lane to zero.
pub fn apply(
    scene: &Scene,
    state: StateId,
    of: &[String],
    to: &[String],
    index: usize,
    effects: &mut Effects,
) {
    for (l, _) in scene.lanes(of, Some(state), &[], to) {
        effects.limit[l] = 0.0;
        effects.limit_by[l] = index;
    }
}
