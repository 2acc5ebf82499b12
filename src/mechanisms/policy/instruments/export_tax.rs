//! Export tax: a share of the domestic price, paid when the goods leave. Real case: China, 10 to 25% from November 2006 to May 2015.

use super::Scene;
use crate::domain::{exchange::Effects, ids::StateId};

/// Adds the rate to every covered lane.
pub fn apply(
    scene: &Scene,
    state: StateId,
    of: &[String],
    rate: f64,
    to: &[String],
    effects: &mut Effects,
) {
    for (l, _) in scene.lanes(of, Some(state), &[], to) {
        effects.export_tax[l] += rate;
    }
}
