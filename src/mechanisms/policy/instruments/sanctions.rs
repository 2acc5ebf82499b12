//! Sanctions: no trade with the named states in the covered goods, either way, and no investment from them. Real case: the sanctions of
//! the United States and the European Union on Myanmar's mining companies since 2021.

use super::Scene;
use crate::domain::{exchange::Effects, ids::StateId};

/// Closes the lanes both ways and the host to owners from these states.
pub fn apply(
    scene: &Scene,
    state: StateId,
    of: &[String],
    on: &[String],
    index: usize,
    effects: &mut Effects,
) {
    if on.is_empty() {
        return;
    }
    let here = [scene.layout.states[state.index()].clone()];
    let out: Vec<usize> = scene
        .lanes(of, Some(state), &[], on)
        .map(|(l, _)| l)
        .collect();
    let into: Vec<usize> = scene.lanes(of, None, on, &here).map(|(l, _)| l).collect();
    for l in out.into_iter().chain(into) {
        effects.limit[l] = 0.0;
        effects.limit_by[l] = index;
    }
    for owner in on.iter().filter_map(|code| scene.layout.state_named(code)) {
        effects.barred_owners.push((state.index(), owner.index()));
    }
}
