//! Bilateral agreement: more trust, lower duties both ways, less proof asked for. Real case: the critical minerals agreement between the
//! United States and Japan, March 2023.

use super::Scene;
use crate::domain::{exchange::Effects, ids::StateId};

/// Adds to the trust that two states return to, and takes away part of the premium between them. The strongest bond holds for the ease.
pub fn befriend(
    scene: &Scene,
    one: usize,
    other: usize,
    trust: f64,
    ease: f64,
    effects: &mut Effects,
) {
    let n = scene.layout.states.len();
    for pair in [one * n + other, other * n + one] {
        effects.trust_shift[pair] += trust;
        effects.ease[pair] = effects.ease[pair].max(ease);
    }
}

/// Befriends the partners.
pub fn apply(scene: &Scene, state: StateId, with: &[String], trust: f64, effects: &mut Effects) {
    for partner in with
        .iter()
        .filter_map(|code| scene.layout.state_named(code))
    {
        if partner != state {
            befriend(
                scene,
                state.index(),
                partner.index(),
                trust,
                scene.params.agreement_ease,
                effects,
            );
        }
    }
}

/// Waives a share of all duties between the partners, whichever measure laid them; comes after all tariffs.
pub fn waive(scene: &Scene, state: StateId, with: &[String], cut: f64, effects: &mut Effects) {
    let partners: Vec<StateId> = with
        .iter()
        .filter_map(|code| scene.layout.state_named(code))
        .collect();
    for (l, lane) in scene.layout.lanes.iter().enumerate() {
        if (lane.exporter == state && partners.contains(&lane.importer))
            || (lane.importer == state && partners.contains(&lane.exporter))
        {
            effects.tariff[l] *= 1.0 - cut;
        }
    }
}
