//! Local content: a share of the output of goods must be processed at home, so that no more than the rest may leave. Real case:
//! Indonesia's rule that ore is processed at home; Malaysia's ban on raw exports, 2024.

use super::Scene;
use crate::domain::{actors::BookedMeasure, exchange::Effects, ids::StateId};

/// What may leave in a quarter, t, when a state turns out `output` and `share` of it must stay.
#[must_use]
pub fn released(output: f64, share: f64) -> f64 {
    output.max(0.0) * (1.0 - share)
}

/// Releases the rest of the slow average of output of each covered good to its own pool of lanes.
pub fn apply(
    scene: &Scene,
    state: StateId,
    measure: &BookedMeasure,
    of: &[String],
    share: f64,
    effects: &mut Effects,
) {
    for (&pool, commodity) in measure.pools.iter().zip(scene.graph.covered(of)) {
        let output = scene
            .layout
            .venue(state, commodity)
            .map_or(0.0, |v| scene.books.throughput[v.index()]);
        let reo = scene.graph.commodities[commodity.index()].reo_per_t();
        effects.quota[pool] = effects.quota[pool].min(reo * released(output, share));
    }
}

/// How far it cuts exports of the goods, 0 to 1, when last quarter's are compared with what may leave.
#[must_use]
pub fn cut(scene: &Scene, state: StateId, of: &[String], share: f64) -> f64 {
    let (mut exports, mut allowed) = (0.0, 0.0);
    for commodity in scene.graph.covered(of) {
        if let Some(v) = scene.layout.venue(state, commodity) {
            let left = scene.books.exports[v.index()];
            exports += left;
            allowed += left.min(released(scene.books.throughput[v.index()], share));
        }
    }
    if exports > 0.0 {
        1.0 - allowed / exports
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_stay_does_not_leave() {
        assert_eq!(released(100.0, 0.3), 70.0);
        assert_eq!(released(100.0, 1.0), 0.0);
    }
}
