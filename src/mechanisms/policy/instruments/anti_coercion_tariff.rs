//! Anti-coercion tariff: a duty on goods of whichever states restrict the enactor at the time. Real case: Regulation (EU) 2023/2675 on
//! economic coercion, in force since December 2023.
//!
//! It is resolved each quarter after all restrictions have been laid out, and falls away when the coercion does.

use super::Scene;
use crate::domain::{exchange::Effects, ids::StateId};

/// Adds the rate to the covered lanes from each state that coerces this one by more than `above`.
pub fn apply(
    scene: &Scene,
    state: StateId,
    of: &[String],
    rate: f64,
    above: f64,
    effects: &mut Effects,
) {
    let mut coercers: Vec<usize> = effects
        .coercion
        .iter()
        .filter(|&&(_, target, severity)| target == state.index() && severity > above)
        .map(|&(coercer, _, _)| coercer)
        .collect();
    coercers.sort_unstable();
    coercers.dedup();
    let here = [scene.layout.states[state.index()].clone()];
    for coercer in coercers {
        for (l, _) in scene.lanes(of, Some(StateId::from_index(coercer)), &[], &here) {
            effects.tariff[l] += rate;
        }
    }
}
