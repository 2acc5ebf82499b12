//! Defence priority: rated orders come first. Real case: the Defense Priorities and Allocations System of the United States (15 CFR 700).
//!
//! In a market that clears smoothly this needs no rationing rule. Rated users become less sensitive to the price, so that others give way
//! first; state stocks of the covered goods are released for them, sized to their use, from a lower price on; and a cap on single
//! suppliers leaves room for their orders.

use super::Scene;
use crate::domain::{exchange::Effects, ids::StateId};

/// Shields the rated users of the covered goods.
pub fn apply(scene: &Scene, state: StateId, of: &[String], strength: f64, effects: &mut Effects) {
    for commodity in scene.graph.covered(of) {
        if let Some(venue) = scene.layout.venue(state, commodity) {
            let shielded = &mut effects.priority[venue.index()];
            *shielded = shielded.max(strength);
        }
    }
}
