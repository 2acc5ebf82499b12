//! Export quota: tonnage that may leave in a year. One rent per kg clears it across all covered goods. Real case: China, 1999 to 2014.

use super::Scene;
use crate::domain::{actors::BookedMeasure, exchange::Effects, ids::StateId};

/// Releases a quarter of the yearly tonnage to the measure's pools. A quota over a sum has one pool, a quota per commodity one for each.
pub fn apply(measure: &BookedMeasure, tonnes_per_year: f64, effects: &mut Effects) {
    for &pool in &measure.pools {
        effects.quota[pool] = tonnes_per_year / 4.0;
    }
}

/// Share of the last quarter's covered exports that a quota would take away.
#[must_use]
pub fn cut(scene: &Scene, state: StateId, of: &[String], tonnes_per_year: f64) -> f64 {
    let exports: f64 = scene
        .lanes(of, Some(state), &[], &[])
        .map(|(l, lane)| {
            scene.books.lane_flow[l] * scene.graph.commodities[lane.commodity.index()].reo_per_t()
        })
        .sum();
    if exports > 0.0 {
        (1.0 - tonnes_per_year / 4.0 / exports).max(0.0)
    } else {
        0.0
    }
}
