//! Tariff: a duty on imports on top of the standing rates. Real case: United States, 25% on Chinese permanent magnets from 2026.

use super::Scene;
use crate::domain::{exchange::Effects, ids::StateId};

/// Adds the rate to every covered lane into the state.
pub fn apply(
    scene: &Scene,
    state: StateId,
    of: &[String],
    from: &[String],
    rate: f64,
    effects: &mut Effects,
) {
    let here = [scene.layout.states[state.index()].clone()];
    for (l, _) in scene.lanes(of, None, from, &here) {
        effects.tariff[l] += rate;
    }
}
