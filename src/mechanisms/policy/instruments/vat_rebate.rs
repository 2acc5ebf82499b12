//! Rebate of value-added tax on export, by stage: what is not rebated stays in the price of the exported good. Real case: China rebates
//! nothing on oxides and metals since 2005 and everything on magnets, which favours finished goods.

use super::Scene;
use crate::domain::{exchange::Effects, ids::StateId};

/// Keeps `1 - rate` of the state's tax on every covered lane.
pub fn apply(scene: &Scene, state: StateId, of: &[String], rate: f64, effects: &mut Effects) {
    let kept = effects.vat_kept[state.index()] * (1.0 - rate);
    for (l, _) in scene.lanes(of, Some(state), &[], &[]) {
        effects.vat[l] = kept;
    }
}
