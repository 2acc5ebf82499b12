//! Emergency allocation: while goods are short at home, exports are held back. Real case: the export authorisation of the European Union
//! for vaccines, 2021 (Implementing Regulation (EU) 2021/111); the same power over critical goods is in Regulation (EU) 2024/2747.

use super::{Scene, export_licence};
use crate::domain::{exchange::Effects, ids::StateId};

/// Limits exports of each covered good to a share of the usual flow, if more than `above` of its use at home was refused last quarter.
#[expect(clippy::too_many_arguments, reason = "the terms of one power")]
pub fn apply(
    scene: &Scene,
    state: StateId,
    of: &[String],
    above: f64,
    share: f64,
    reference: &[f64],
    index: usize,
    effects: &mut Effects,
) {
    for commodity in scene.graph.covered(of) {
        let short = scene
            .layout
            .venue(state, commodity)
            .is_some_and(|v| scene.books.refused_share[v.index()] > above);
        if short {
            let one = [scene.graph.commodities[commodity.index()].name.clone()];
            export_licence::apply(scene, state, &one, &[], share, reference, index, effects);
        }
    }
}
